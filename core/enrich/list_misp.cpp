#include "core/enrich/list_misp.h"

#include "core/base/text.h"

#include <algorithm>

namespace riskdesk::enrich {
namespace {

namespace dom = simdjson::dom;

// What tags, of the event or of one attribute, say besides the value.
struct Said
{
    std::string name, tlp, labels, actor;
    int confidence = -1;
};

// The word in quotes of `misp-galaxy:threat-actor="Heron"`.
std::string_view inQuotes(std::string_view tag)
{
    const auto open = tag.find("=\"");
    if (open == std::string_view::npos || !tag.ends_with('"') || tag.size() < open + 3)
        return {};
    return tag.substr(open + 2, tag.size() - open - 3);
}

// The numerical values of MISP's own taxonomy (misp-taxonomies, "misp", confidence-level).
int confidenceOf(std::string_view word)
{
    constexpr std::pair<std::string_view, int> levels[] = {{"completely-confident", 100},
                                                           {"usually-confident", 75},
                                                           {"fairly-confident", 50},
                                                           {"rarely-confident", 25},
                                                           {"unconfident", 0}};
    for (const auto &[name, value] : levels)
        if (word == name)
            return value;
    return -1;
}

void readTag(std::string_view tag, Said &said)
{
    const auto small = foldCase(tag);
    if (small.starts_with("tlp:")) {
        said.tlp = small.substr(4, 20);
        return;
    }
    if (small.starts_with("misp:confidence-level=")) {
        said.confidence = confidenceOf(inQuotes(small));
        return;
    }
    for (const std::string_view galaxy : {"misp-galaxy:threat-actor=", "misp-galaxy:mitre-intrusion-set=",
                                          "misp-galaxy:microsoft-activity-group="})
        if (small.starts_with(galaxy)) {
            if (said.actor.empty())
                said.actor = toUtf8(inQuotes(tag));
            return;
        }
    addLabel(said.labels, tag);
}

void readTags(dom::element of, Said &said)
{
    dom::array tags, galaxies, clusters;
    if (of["Tag"].get(tags) == simdjson::SUCCESS)
        for (const auto tag : tags)
            if (tag.is_object())
                readTag(textOf(tag, "name"), said);
    if (of["Galaxy"].get(galaxies) != simdjson::SUCCESS)
        return;
    for (const auto galaxy : galaxies) {
        if (!galaxy.is_object())
            continue;
        const auto type = textOf(galaxy, "type");
        const bool names =
            type == "threat-actor" || type == "mitre-intrusion-set" || type == "microsoft-activity-group";
        if (names && said.actor.empty() && galaxy["GalaxyCluster"].get(clusters) == simdjson::SUCCESS)
            for (const auto cluster : clusters)
                if (cluster.is_object() && said.actor.empty())
                    said.actor = toUtf8(textOf(cluster, "value"));
    }
}

// The day of "date", or the moment of "timestamp": seconds as a text.
void readDate(dom::element of, Collector &out)
{
    const auto seconds = toInteger(textOf(of, "timestamp"));
    if (seconds && *seconds > 0 && *seconds < 253'402'300'800)
        out.dated(Timestamp{*seconds * 1'000'000});
    else if (const auto day = readTime(textOf(of, "date"), false))
        out.dated(*day);
}

bool isWarned(dom::element attribute, std::string &by)
{
    dom::array warnings;
    if (attribute["warnings"].get(warnings) != simdjson::SUCCESS)
        return false;
    for (const auto warning : warnings) {
        if (warning.is_object())
            by = toUtf8(textOf(warning, "name"));
        return true;
    }
    return false;
}

// Fills what the value names; false when it is refused or not supported, which is counted.
bool readValue(std::string_view type, std::string_view value, ListEntry &entry, Collector &out)
{
    Refusal refusal;
    if (type == "user-agent" && !value.empty()) {
        entry.userAgent = value;
        return true;
    }
    if (type == "AS") {
        const auto number = readSystemNumber(value);
        entry.asn = number.value_or(0);
        if (!number)
            out.refuse(0, reason::badNetwork, "expected an autonomous system: AS64500", value);
        return number.has_value();
    }
    if (type == "email" || type == "email-src" || type == "target-email" || type == "target-user") {
        if (readAccount(value, entry.account, refusal))
            return true;
        out.refuse(0, refusal.reason, std::move(refusal.detail), value);
        return false;
    }
    if (type != "ip-src" && type != "ip-dst" && type != "ip-src|port" && type != "ip-dst|port") {
        out.unsupported("type " + std::string(type.empty() ? "(none)" : type));
        return false;
    }
    value = value.substr(0, value.find('|'));
    entry.indicator = value;
    const auto network = readNetwork(value, refusal);
    if (!network) {
        out.refuse(0, refusal.reason, std::move(refusal.detail), value);
        return false;
    }
    entry.first = network->first;
    entry.last = network->last;
    return true;
}

void readAttribute(dom::element attribute, const Said &event, Collector &out)
{
    bool deleted = false, detects = true;
    if (attribute["deleted"].get(deleted) == simdjson::SUCCESS && deleted)
        return;
    // An attribute that is not meant for detection is background reading.
    if (attribute["to_ids"].get(detects) == simdjson::SUCCESS && !detects)
        return;
    const auto value = trim(textOf(attribute, "value"));
    Said said = event;
    said.tlp.clear();
    readTags(attribute, said);
    ListEntry entry;
    entry.indicator = value;
    entry.name = textOf(attribute, "comment");
    if (entry.name.empty())
        entry.name = said.name;
    if (dom::element own;
        entry.name.empty() && attribute["Event"].get(own) == simdjson::SUCCESS && own.is_object())
        entry.name = textOf(own, "info");
    entry.tlp = said.tlp.empty() ? event.tlp : said.tlp;
    entry.labels = said.labels;
    entry.actor = said.actor;
    entry.confidence = said.confidence;
    if (std::string by; isWarned(attribute, by))
        return out.refuse(0, reason::onWarningList, "it stands on the warning list \"" + by + "\"", value);
    if (!readValue(textOf(attribute, "type"), value, entry, out))
        return;
    if (std::string wrong;
        !readPeriod(textOf(attribute, "first_seen"), textOf(attribute, "last_seen"), entry, wrong))
        return out.refuse(0, reason::badTime, wrong, value);
    readDate(attribute, out);
    out.add(std::move(entry));
}

void readAttributes(dom::element parent, const Said &event, Collector &out)
{
    dom::array attributes;
    if (parent["Attribute"].get(attributes) == simdjson::SUCCESS)
        for (const auto attribute : attributes)
            if (attribute.is_object())
                readAttribute(attribute, event, out);
}

void readEvent(dom::element event, Collector &out)
{
    Said said;
    said.name = toUtf8(textOf(event, "info"));
    readTags(event, said);
    readDate(event, out);
    if (dom::element by; event["Orgc"].get(by) == simdjson::SUCCESS && by.is_object())
        out.publishedBy(textOf(by, "name"));
    readAttributes(event, said, out);
    dom::array objects;
    if (event["Object"].get(objects) == simdjson::SUCCESS)
        for (const auto object : objects)
            if (object.is_object())
                readAttributes(object, said, out);
}

// {"Event": …} or {"Attribute": […]}; false for anything else.
bool readHolder(dom::element holder, Collector &out)
{
    if (!holder.is_object())
        return false;
    dom::element event;
    dom::array attributes;
    if (holder["Event"].get(event) == simdjson::SUCCESS && event.is_object()) {
        readEvent(event, out);
        return true;
    }
    if (holder["Attribute"].get(attributes) != simdjson::SUCCESS)
        return false;
    readAttributes(holder, {}, out);
    return true;
}

bool readHolders(dom::element root, Collector &out)
{
    dom::array several;
    if (root.get(several) != simdjson::SUCCESS)
        return readHolder(root, out);
    bool any = false;
    for (const auto one : several)
        any = readHolder(one, out) || any;
    return any;
}

} // namespace

bool readMisp(dom::element root, Collector &out)
{
    dom::element response;
    if (root.is_object() && root["response"].get(response) == simdjson::SUCCESS)
        return readHolders(response, out);
    return readHolders(root, out);
}

} // namespace riskdesk::enrich
