#include "core/enrich/list_indicators.h"

#include "core/base/text.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>

namespace riskdesk::enrich {
namespace {

namespace dom = simdjson::dom;

std::string_view textOf(dom::element object, std::string_view key)
{
    std::string_view text;
    return object[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

// A STIX pattern, word by word. The grammar needed here is small: [ path = 'text' (AND path = 'text')* ].
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

bool fillPeriod(std::string_view from, std::string_view until, ListEntry &entry, std::string &wrong)
{
    if (!from.empty()) {
        const auto time = readTime(from, false);
        if (!time)
            wrong = from;
        else
            entry.from = time->us;
    }
    if (!until.empty()) {
        const auto time = readTime(until, true);
        if (!time)
            wrong = until;
        else
            entry.until = time->us;
    }
    if (wrong.empty() && entry.until < entry.from)
        wrong = until;
    return wrong.empty();
}

void readStixIndicator(dom::element object, Collector &out)
{
    bool revoked = false;
    if (object["revoked"].get(revoked) == simdjson::SUCCESS && revoked)
        return;
    const auto id = textOf(object, "id");
    const auto patternType = textOf(object, "pattern_type");
    const auto pattern = textOf(object, "pattern");
    ListEntry entry;
    if ((!patternType.empty() && patternType != "stix") || !readPattern(pattern, entry))
        return out.unsupported();
    entry.name = textOf(object, "name");
    for (const std::string_view key : {"labels", "indicator_types"}) {
        dom::array words;
        if (!entry.name.empty() || object[key].get(words) != simdjson::SUCCESS)
            continue;
        for (const auto word : words)
            if (std::string_view text; entry.name.empty() && word.get(text) == simdjson::SUCCESS)
                entry.name = text;
    }
    if (std::int64_t value = 0; object["confidence"].get(value) == simdjson::SUCCESS) {
        if (value < 0 || value > 100)
            return out.refuse(0, reason::badConfidence, std::string(id) + ": expected 0 to 100", pattern);
        entry.confidence = static_cast<int>(value);
    }
    std::string wrong;
    if (!fillPeriod(textOf(object, "valid_from"), textOf(object, "valid_until"), entry, wrong))
        return out.refuse(0, reason::badTime, std::string(id) + ": " + wrong, pattern);
    out.add(std::move(entry));
}

void readMispAttribute(dom::element attribute, std::string_view event, Collector &out)
{
    bool deleted = false, detects = true;
    if (attribute["deleted"].get(deleted) == simdjson::SUCCESS && deleted)
        return;
    // An attribute that is not meant for detection is background reading.
    if (attribute["to_ids"].get(detects) == simdjson::SUCCESS && !detects)
        return;
    const auto type = textOf(attribute, "type");
    auto value = trim(textOf(attribute, "value"));
    ListEntry entry;
    entry.indicator = value;
    entry.name = textOf(attribute, "comment");
    if (entry.name.empty())
        entry.name = event;
    Refusal refusal;
    if (type == "user-agent" && !value.empty()) {
        entry.userAgent = value;
    } else if (type == "AS") {
        const auto number = readSystemNumber(value);
        if (!number)
            return out.refuse(0, reason::badNetwork, "expected an autonomous system: AS64500", value);
        entry.asn = *number;
    } else if (type == "ip-src" || type == "ip-dst" || type == "ip-src|port" || type == "ip-dst|port") {
        value = value.substr(0, value.find('|'));
        entry.indicator = value;
        const auto network = readNetwork(value, refusal);
        if (!network)
            return out.refuse(0, refusal.reason, std::move(refusal.detail), value);
        entry.first = network->first;
        entry.last = network->last;
    } else {
        return out.unsupported();
    }
    std::string wrong;
    if (!fillPeriod(textOf(attribute, "first_seen"), textOf(attribute, "last_seen"), entry, wrong))
        return out.refuse(0, reason::badTime, wrong, value);
    out.add(std::move(entry));
}

void readMispAttributes(dom::element parent, std::string_view event, Collector &out)
{
    dom::array attributes;
    if (parent["Attribute"].get(attributes) == simdjson::SUCCESS)
        for (const auto attribute : attributes)
            if (attribute.is_object())
                readMispAttribute(attribute, event, out);
}

void readMispEvent(dom::element event, Collector &out)
{
    const auto info = textOf(event, "info");
    readMispAttributes(event, info, out);
    dom::array objects;
    if (event["Object"].get(objects) == simdjson::SUCCESS)
        for (const auto object : objects)
            if (object.is_object())
                readMispAttributes(object, info, out);
}

} // namespace

bool readPattern(std::string_view pattern, ListEntry &entry)
{
    PatternReader reader(pattern);
    if (!reader.symbol('['))
        return false;
    std::string value;
    do {
        const auto path = reader.path();
        if (!reader.symbol('=') || !reader.literal(value) || value.empty())
            return false;
        if (!entry.indicator.empty())
            entry.indicator += " AND ";
        entry.indicator += value;
        if (path == "ipv4-addr:value" || path == "ipv6-addr:value") {
            Refusal refusal;
            const auto network = readNetwork(value, refusal);
            if (!network || entry.last.isKnown() || network->first.isV4() != (path == "ipv4-addr:value"))
                return false;
            entry.first = network->first;
            entry.last = network->last;
        } else if (isUserAgentPath(path)) {
            if (!entry.userAgent.empty())
                return false;
            entry.userAgent = value;
        } else {
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
    if (textOf(root, "type") == "bundle" && root["objects"].get(objects) == simdjson::SUCCESS) {
        for (const auto object : objects)
            if (object.is_object() && textOf(object, "type") == "indicator")
                readStixIndicator(object, out);
        return {};
    }
    dom::element event;
    if (root["Event"].get(event) == simdjson::SUCCESS && event.is_object()) {
        readMispEvent(event, out);
        return {};
    }
    if (root["response"].get(objects) == simdjson::SUCCESS) {
        for (const auto item : objects)
            if (item.is_object() && item["Event"].get(event) == simdjson::SUCCESS && event.is_object())
                readMispEvent(event, out);
        return {};
    }
    return fail(Code::Unrecognised, {}, "JSON, but neither a STIX 2.1 bundle nor a MISP event");
}

} // namespace riskdesk::enrich
