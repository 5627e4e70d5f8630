#include "core/enrich/list_indicators.h"

#include "core/base/text.h"
#include "core/enrich/list_misp.h"

#include <simdjson.h>

#include <algorithm>
#include <map>
#include <vector>

namespace riskdesk::enrich {
namespace {

namespace dom = simdjson::dom;

// A STIX pattern, word by word. The grammar needed here is small: [ path = 'text' (AND path = 'text')* ],
// where an address may also be ISSUBSET of a network.
class PatternReader
{
public:
    explicit PatternReader(std::string_view text)
        : m_rest(text)
    {}

    bool symbol(char c)
    {
        blanks();
        if (m_rest.empty() || m_rest.front() != c)
            return false;
        m_rest.remove_prefix(1);
        return true;
    }
    bool word(std::string_view expected)
    {
        blanks();
        if (!equalsIgnoringCase(m_rest.substr(0, expected.size()), expected))
            return false;
        m_rest.remove_prefix(expected.size());
        return true;
    }
    // Up to the next blank or '=', quotes included:
    // network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'
    std::string path()
    {
        blanks();
        bool quoted = false;
        std::size_t end = 0;
        for (; end < m_rest.size(); ++end) {
            const char c = m_rest[end];
            if (c == '\'')
                quoted = !quoted;
            else if (!quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '=' || c == '!' ||
                                 c == '<' || c == '>'))
                break;
        }
        std::string out(m_rest.substr(0, end));
        m_rest.remove_prefix(end);
        return out;
    }
    bool literal(std::string &out)
    {
        if (!symbol('\''))
            return false;
        out.clear();
        for (std::size_t i = 0; i < m_rest.size(); ++i) {
            if (m_rest[i] == '\'') {
                m_rest.remove_prefix(i + 1);
                return true;
            }
            if (m_rest[i] == '\\' && i + 1 < m_rest.size())
                ++i;
            out += m_rest[i];
        }
        return false;
    }
    // A number without quotes, as a text.
    bool number(std::string &out)
    {
        blanks();
        const auto end = std::min(m_rest.find_first_not_of("0123456789"), m_rest.size());
        out = m_rest.substr(0, end);
        m_rest.remove_prefix(end);
        return !out.empty();
    }
    bool atEnd()
    {
        blanks();
        return m_rest.empty();
    }

private:
    void blanks() { m_rest = trim(m_rest); }
    std::string_view m_rest;
};

bool isUserAgentPath(const std::string &path)
{
    const auto small = lowered(path); // dashes become underscores
    return small == "network_traffic:extensions.'http_request_ext'.request_header.'user_agent'" ||
           small == "network_traffic:extensions.'http_request_ext'.request_header.user_agent" ||
           small == "x_user_agent:value" || small == "user_agent:value";
}

bool isAccountPath(std::string_view path)
{
    for (const auto known : {"email-addr:value", "user-account:user_id", "user-account:account_login",
                             "email-message:from_ref.value"})
        if (path == known)
            return true;
    return false;
}

// The markings of TLP 1.0 and 2.0 by their fixed ids (OASIS STIX 2.1, 7.2.1.4; FIRST TLP 2.0 as OASIS
// publishes it), so that a bundle need not contain them.
std::string_view tlpById(std::string_view id)
{
    constexpr std::pair<std::string_view, std::string_view> known[] = {
        {"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", "white"},
        {"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", "green"},
        {"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", "amber"},
        {"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "red"},
        {"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", "clear"},
        {"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green"},
        {"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber"},
        {"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", "amber+strict"},
        {"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "red"}};
    for (const auto &[marking, tlp] : known)
        if (id == marking)
            return tlp;
    return {};
}

// What the other objects of a bundle say of its indicators; they may stand before or after them.
class Bundle
{
public:
    explicit Bundle(const std::vector<dom::element> &objects)
    {
        for (const auto object : objects)
            take(object);
    }
    [[nodiscard]] std::string_view tlp(std::string_view marking) const
    {
        const auto found = m_tlp.find(marking);
        return found != m_tlp.end() ? found->second : tlpById(marking);
    }
    [[nodiscard]] std::string_view statement(std::string_view marking) const
    {
        const auto found = m_statements.find(marking);
        return found == m_statements.end() ? std::string_view() : found->second;
    }
    [[nodiscard]] std::string_view identity(std::string_view id) const
    {
        const auto found = m_identities.find(id);
        return found == m_identities.end() ? std::string_view() : found->second;
    }
    // Whom the indicator indicates: at once, or through a campaign or malware that is attributed to him.
    [[nodiscard]] std::string_view actor(std::string_view indicator) const
    {
        for (auto [at, end] = m_relations.equal_range(indicator); at != end; ++at) {
            if (const auto found = m_actors.find(at->second); found != m_actors.end())
                return found->second;
            for (auto [next, last] = m_relations.equal_range(at->second); next != last; ++next)
                if (const auto found = m_actors.find(next->second); found != m_actors.end())
                    return found->second;
        }
        return {};
    }

private:
    void take(dom::element object)
    {
        const auto type = textOf(object, "type"), id = textOf(object, "id");
        if (type == "identity")
            m_identities.emplace(id, textOf(object, "name"));
        if (type == "threat-actor" || type == "intrusion-set")
            m_actors.emplace(id, textOf(object, "name"));
        if (const auto how = textOf(object, "relationship_type");
            type == "relationship" && (how == "indicates" || how == "attributed-to"))
            m_relations.emplace(textOf(object, "source_ref"), textOf(object, "target_ref"));
        dom::element definition;
        if (type != "marking-definition" || object["definition"].get(definition) != simdjson::SUCCESS ||
            !definition.is_object())
            return;
        if (const auto tlp = textOf(definition, "tlp"); !tlp.empty())
            m_tlp.emplace(id, tlp);
        if (const auto statement = textOf(definition, "statement"); !statement.empty())
            m_statements.emplace(id, statement);
    }
    std::map<std::string_view, std::string_view> m_tlp, m_statements, m_identities, m_actors;
    std::multimap<std::string_view, std::string_view> m_relations;
};

// The objects as they stand now: of each id the version modified last, wherever it is (STIX 2.1, 3.6), the
// first of equal ones; and none that is revoked.
std::vector<dom::element> standingObjects(dom::array objects)
{
    struct Version
    {
        Timestamp modified;
        std::size_t at;
    };
    std::vector<dom::element> all;
    std::map<std::string_view, Version> newest;
    for (const auto object : objects) {
        const auto id = object.is_object() ? textOf(object, "id") : std::string_view();
        all.push_back(object);
        if (id.empty())
            continue;
        const Version version{readTime(textOf(object, "modified"), false).value_or(Timestamp()),
                              all.size() - 1};
        const auto [known, fresh] = newest.emplace(id, version);
        if (!fresh && version.modified > known->second.modified)
            known->second = version;
    }
    std::vector<dom::element> standing;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].is_object())
            continue;
        const auto found = newest.find(textOf(all[i], "id"));
        bool revoked = false;
        if ((found == newest.end() || found->second.at == i) &&
            (all[i]["revoked"].get(revoked) != simdjson::SUCCESS || !revoked))
            standing.push_back(all[i]);
    }
    return standing;
}

void readMarkings(dom::element object, const Bundle &bundle, ListEntry &entry, Collector &out)
{
    dom::array markings;
    if (object["object_marking_refs"].get(markings) != simdjson::SUCCESS)
        return;
    for (const auto marking : markings) {
        std::string_view id;
        if (marking.get(id) != simdjson::SUCCESS)
            continue;
        if (const auto tlp = bundle.tlp(id); entry.tlp.empty() && !tlp.empty())
            entry.tlp = lowered(tlp.substr(0, 20));
        out.licensed(bundle.statement(id));
    }
}

void readStixIndicator(dom::element object, const Bundle &bundle, Collector &out)
{
    const auto id = textOf(object, "id");
    const auto patternType = textOf(object, "pattern_type");
    const auto pattern = textOf(object, "pattern");
    if (!patternType.empty() && patternType != "stix")
        return out.unsupported("pattern of type " + std::string(patternType));
    ListEntry entry;
    if (std::string what; !readPattern(pattern, entry, &what))
        return out.unsupported(what);
    entry.name = textOf(object, "name");
    for (const std::string_view key : {"labels", "indicator_types"}) {
        dom::array words;
        if (object[key].get(words) != simdjson::SUCCESS)
            continue;
        for (const auto word : words)
            if (std::string_view text; word.get(text) == simdjson::SUCCESS)
                addLabel(entry.labels, text);
    }
    if (entry.name.empty())
        entry.name = entry.labels.substr(0, entry.labels.find("; "));
    entry.actor = toUtf8(bundle.actor(id));
    readMarkings(object, bundle, entry, out);
    out.publishedBy(bundle.identity(textOf(object, "created_by_ref")));
    if (const auto changed = readTime(textOf(object, "modified"), false))
        out.dated(*changed);
    if (dom::element value; object["confidence"].get(value) == simdjson::SUCCESS && !value.is_null()) {
        std::int64_t number = -1;
        if (value.get(number) != simdjson::SUCCESS || number < 0 || number > 100)
            return out.refuse(0, reason::badConfidence, std::string(id) + ": expected 0 to 100", pattern);
        entry.confidence = static_cast<int>(number);
    }
    std::string wrong;
    if (!readPeriod(textOf(object, "valid_from"), textOf(object, "valid_until"), entry, wrong))
        return out.refuse(0, reason::badTime, std::string(id) + ": " + wrong, pattern);
    out.add(std::move(entry));
}

} // namespace

bool readPattern(std::string_view pattern, ListEntry &entry, std::string *unsupported)
{
    std::string ignored;
    std::string &what = unsupported != nullptr ? *unsupported : ignored;
    what = "pattern of another form than [a = 'b' AND c = 'd']";
    PatternReader reader(pattern);
    if (!reader.symbol('['))
        return false;
    std::string value;
    do {
        const auto path = reader.path();
        const bool number = path == "autonomous-system:number";
        const bool address = path == "ipv4-addr:value" || path == "ipv6-addr:value";
        // An address equals a network written as its value, so both words ask the same of one.
        if (!reader.symbol('=') && !(address && reader.word("ISSUBSET")))
            return false;
        if (!(number ? reader.number(value) : reader.literal(value)) || value.empty())
            return false;
        if (!entry.indicator.empty())
            entry.indicator += " AND ";
        entry.indicator += number ? "AS" + value : value;
        if (address) {
            Refusal refusal;
            const auto network = readNetwork(value, refusal);
            if (!network || entry.last.isKnown() || network->first.isV4() != (path == "ipv4-addr:value")) {
                what = "address that is none, or two of them";
                return false;
            }
            entry.first = network->first;
            entry.last = network->last;
        } else if (number) {
            const auto system = readSystemNumber(value);
            if (!system || entry.asn != 0)
                return false;
            entry.asn = *system;
        } else if (isUserAgentPath(path)) {
            if (!entry.userAgent.empty())
                return false;
            entry.userAgent = value;
        } else if (isAccountPath(path)) {
            Refusal refusal;
            if (!entry.account.empty() || !readAccount(value, entry.account, refusal)) {
                what = "name of a user that cannot be compared";
                return false;
            }
        } else {
            what = path;
            return false;
        }
    } while (reader.word("AND"));
    return reader.symbol(']') && reader.atEnd();
}

Status readIndicators(std::string_view json, Collector &out)
{
    dom::parser parser;
    dom::element root;
    if (const auto error = parser.parse(json.data(), json.size()).get(root); error != simdjson::SUCCESS)
        return fail(Code::Malformed, {}, simdjson::error_message(error));
    dom::array objects;
    if (root.is_object() && textOf(root, "type") == "bundle" &&
        root["objects"].get(objects) == simdjson::SUCCESS) {
        const auto standing = standingObjects(objects);
        const Bundle bundle(standing);
        for (const auto object : standing)
            if (textOf(object, "type") == "indicator")
                readStixIndicator(object, bundle, out);
        return {};
    }
    if (readMisp(root, out))
        return {};
    return fail(Code::Unrecognised, {}, "JSON, but neither a STIX 2.1 bundle nor MISP events or attributes");
}

Status readWarningList(std::string_view json, Collector &out)
{
    dom::parser parser;
    dom::element root;
    if (const auto error = parser.parse(json.data(), json.size()).get(root); error != simdjson::SUCCESS)
        return fail(Code::Malformed, {}, simdjson::error_message(error));
    dom::array list;
    if (!root.is_object() || root["list"].get(list) != simdjson::SUCCESS)
        return fail(Code::Unrecognised, {}, "JSON, but no MISP warning list");
    const auto name = toUtf8(textOf(root, "name"));
    const std::string type(textOf(root, "type"));
    // Its version is the day it was made: 20260318.
    if (std::int64_t version = 0;
        root["version"].get(version) == simdjson::SUCCESS && version >= 19'700'101 && version <= 99'991'231) {
        const auto day = std::to_string(version);
        if (const auto date =
                readTime(day.substr(0, 4) + '-' + day.substr(4, 2) + '-' + day.substr(6), false))
            out.dated(*date);
    }
    for (const auto item : list) {
        std::string_view text;
        Refusal refusal;
        if (item.get(text) != simdjson::SUCCESS) {
            out.unsupported("entry that is no text");
            continue;
        }
        const auto network = readNetwork(trim(text), refusal);
        if (!network) {
            out.unsupported("entry of type " + (type.empty() ? "(none)" : type));
            continue;
        }
        ListEntry entry;
        entry.first = network->first;
        entry.last = network->last;
        entry.indicator = toUtf8(trim(text));
        entry.name = name;
        out.add(std::move(entry));
    }
    return {};
}

} // namespace riskdesk::enrich
