#include "core/enrich/list_csv.h"

#include "core/base/text.h"

#include <csv.h>

#include <cmath>

namespace riskdesk::enrich {
namespace {

struct ColumnName
{
    std::string_view name;
    Column column;
};
// The product's own names first, then those of feeds in use (abuse.ch and kin).
constexpr ColumnName columnNames[] = {{"network", Column::Network},
                                      {"value", Column::Network},
                                      {"ip", Column::Network},
                                      {"ip_address", Column::Network},
                                      {"dst_ip", Column::Network},
                                      {"src_ip", Column::Network},
                                      {"cidr", Column::Network},
                                      {"address", Column::Network},
                                      {"indicator", Column::Network},
                                      {"type", Column::Type},
                                      {"kind", Column::Kind},
                                      {"category", Column::Kind},
                                      {"provider", Column::Name},
                                      {"malware", Column::Name},
                                      {"label", Column::Name},
                                      {"name", Column::Name},
                                      {"malware_family", Column::Name},
                                      {"family", Column::Name},
                                      {"service", Column::Name},
                                      {"confidence", Column::Confidence},
                                      {"confidence_level", Column::Confidence},
                                      {"first_seen", Column::First},
                                      {"valid_from", Column::First},
                                      {"first_seen_utc", Column::First},
                                      {"from", Column::First},
                                      {"last_seen", Column::Last},
                                      {"valid_until", Column::Last},
                                      {"last_seen_utc", Column::Last},
                                      {"last_online", Column::Last},
                                      {"until", Column::Last},
                                      {"trusted", Column::Trusted},
                                      {"tlp", Column::Tlp},
                                      {"labels", Column::Labels},
                                      {"tags", Column::Labels},
                                      {"actor", Column::Actor},
                                      {"threat_actor", Column::Actor},
                                      {"start_ip", Column::Network},
                                      {"end_ip", Column::RangeEnd},
                                      {"asn", Column::System},
                                      {"as_number", Column::System},
                                      {"autonomous_system_number", Column::System},
                                      {"as_type", Column::Access},
                                      {"asn_type", Column::Access},
                                      {"usage_type", Column::Access},
                                      {"connection_type", Column::Access},
                                      {"user_type", Column::Access},
                                      {"is_mobile", Column::Access}};

// The words of lists that tell what kind of access a network gives: "mobile" (MISP, IPinfo), "cellular"
// (MaxMind), "MOB" (IP2Location), and the yes of a column that asks.
bool saysMobile(std::string_view word)
{
    for (const auto yes : {"mobile", "cellular", "mob", "wireless", "true", "yes", "1"})
        if (equalsIgnoringCase(word, yes))
            return true;
    return false;
}

bool readAddress(std::string_view value, ListEntry &entry, Refusal &refusal)
{
    const auto network = readNetwork(value, refusal);
    if (!network)
        return false;
    entry.first = network->first;
    entry.last = network->last;
    return true;
}

bool isCountry(std::string_view text)
{
    const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    return text.size() == 2 && letter(text[0]) && letter(text[1]);
}

} // namespace

std::optional<std::vector<std::string>> splitCsv(std::string_view line)
{
    csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return std::nullopt;
    std::vector<std::string> cells;
    const auto cell = [](void *text, std::size_t size, void *data) {
        // An empty cell comes without a text.
        static_cast<std::vector<std::string> *>(data)->emplace_back(static_cast<const char *>(text),
                                                                    text ? size : 0);
    };
    const auto row = [](int, void *) {};
    const bool good = csv_parse(&parser, line.data(), line.size(), cell, row, &cells) == line.size() &&
                      csv_fini(&parser, cell, row, &cells) == 0;
    csv_free(&parser);
    if (!good)
        return std::nullopt;
    return cells;
}

bool CsvList::takeHeader(std::string_view line)
{
    const auto cells = splitCsv(line);
    if (!cells || cells->size() < 2)
        return false;
    Places places;
    places.fill(-1);
    const auto found = [&](Column column) { return places[static_cast<std::size_t>(column)] >= 0; };
    for (std::size_t i = 0; i < cells->size(); ++i) {
        const auto name = lowered((*cells)[i]);
        for (const auto &known : columnNames) {
            auto &place = places[static_cast<std::size_t>(known.column)];
            if (name == known.name && place < 0)
                place = static_cast<int>(i);
        }
    }
    if ((!found(Column::Network) && !(m_kind == ListKind::Mobile && found(Column::System))) ||
        (m_kind == ListKind::Threat && !found(Column::Type)))
        return false;
    m_places = places;
    return true;
}

std::string_view CsvList::cell(const std::vector<std::string> &cells, Column column) const
{
    const int place = m_places[static_cast<std::size_t>(column)];
    if (place < 0 || static_cast<std::size_t>(place) >= cells.size())
        return {};
    return trim(cells[static_cast<std::size_t>(place)]);
}

bool CsvList::fillSubject(const std::vector<std::string> &cells, ListEntry &entry, Refusal &refusal) const
{
    const auto value = cell(cells, Column::Network);
    entry.indicator = toUtf8(value);
    if (m_kind == ListKind::Threat) {
        const auto type = lowered(cell(cells, Column::Type));
        if (type == "user_agent" && !value.empty()) {
            entry.userAgent = entry.indicator;
            return true;
        }
        if (type == "asn") {
            const auto number = readSystemNumber(value);
            if (!number)
                refusal = {reason::badNetwork, "expected an autonomous system: AS64500"};
            entry.asn = number.value_or(0);
            return number.has_value();
        }
        if (type == "email" || type == "email_address" || type == "user" || type == "user_name" ||
            type == "upn" || type == "email_sha256" || type == "user_sha256")
            return readAccount(value, entry.account, refusal);
        if (type != "ip" && type != "cidr") {
            refusal = {reason::badKind, "expected the type ip, cidr, asn, user_agent, email or user"};
            return false;
        }
        return readAddress(value, entry, refusal);
    }
    if (const auto system = cell(cells, Column::System);
        value.empty() && m_kind == ListKind::Mobile && !system.empty()) {
        const auto number = readSystemNumber(system);
        if (!number)
            refusal = {reason::badNetwork, "expected an autonomous system: AS64500"};
        entry.asn = number.value_or(0);
        entry.indicator = "AS" + std::to_string(entry.asn);
        return number.has_value();
    }
    if (const auto last = cell(cells, Column::RangeEnd); !last.empty()) {
        entry.indicator = toUtf8(std::string(value) + '-' + std::string(last));
        return readAddress(entry.indicator, entry, refusal);
    }
    if (const auto number = readSystem(value)) {
        entry.asn = *number;
        return true;
    }
    if (m_kind == ListKind::Trusted && isCountry(value)) {
        entry.country = value;
        for (char &c : entry.country)
            c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
        return true;
    }
    return readAddress(value, entry, refusal);
}

bool CsvList::fillRest(const std::vector<std::string> &cells, ListEntry &entry, Refusal &refusal) const
{
    entry.name = toUtf8(cell(cells, Column::Name));
    if (entry.name.empty())
        entry.name = m_defaults.provider;
    if (m_kind == ListKind::Anonymizer) {
        const auto text = cell(cells, has(Column::Kind) ? Column::Kind : Column::Type);
        const auto kind = text.empty() ? std::optional(m_defaults.kind) : readKind(text);
        if (!kind) {
            refusal = {reason::badKind,
                       "expected tor, vpn, public_proxy, residential_proxy, relay or hosting"};
            return false;
        }
        entry.kind = *kind;
    }
    if (m_kind == ListKind::Threat) {
        const auto tlp = foldCase(cell(cells, Column::Tlp));
        entry.tlp = toUtf8(std::string_view(tlp).substr(tlp.starts_with("tlp:") ? 4 : 0).substr(0, 20));
        addLabel(entry.labels, cell(cells, Column::Labels));
        entry.actor = toUtf8(cell(cells, Column::Actor));
    }
    if (const auto text = cell(cells, Column::Confidence); !text.empty()) {
        const auto value = toDouble(text);
        if (!value || *value < 0 || *value > 100) {
            refusal = {reason::badConfidence, "expected a number from 0 to 100"};
            return false;
        }
        entry.confidence = static_cast<int>(std::lround(*value));
    }
    if (const auto text = lowered(cell(cells, Column::Trusted));
        m_kind == ListKind::Trusted && !text.empty()) {
        entry.trusted = text == "true" || text == "yes" || text == "1";
        if (!entry.trusted && text != "false" && text != "no" && text != "0") {
            refusal = {reason::badFlag, "expected true or false"};
            return false;
        }
    }
    const auto moment = [&](Column column, bool ends, const std::optional<Timestamp> &usual,
                            std::int64_t &out) {
        const auto text = cell(cells, column);
        const auto time = text.empty() ? usual : readTime(text, ends);
        if (time)
            out = time->us;
        else if (!text.empty())
            refusal = {reason::badTime, "expected a day (2026-03-18) or a day and time"};
        return time || text.empty();
    };
    if (!moment(Column::First, false, m_defaults.from, entry.from) ||
        !moment(Column::Last, true, m_defaults.until, entry.until))
        return false;
    if (entry.until < entry.from) {
        refusal = {reason::badTime, "it ends before it begins"};
        return false;
    }
    return true;
}

bool CsvList::isMobile(const std::vector<std::string> &cells) const
{
    bool asked = false;
    for (const auto column : {Column::Type, Column::Kind, Column::Access}) {
        asked = asked || has(column);
        if (saysMobile(cell(cells, column)))
            return true;
    }
    return !asked;
}

void CsvList::readRow(std::string_view line, std::uint64_t number, Collector &out) const
{
    const auto cells = splitCsv(line);
    if (!cells)
        return out.refuse(number, reason::badColumns, "the quotes do not match", line);
    if (m_kind == ListKind::Mobile && !isMobile(*cells))
        return;
    if (cell(*cells, Column::Network).empty() &&
        (m_kind != ListKind::Mobile || cell(*cells, Column::System).empty()))
        return out.refuse(number, reason::badColumns, "the column that names the network is empty", line);
    ListEntry entry;
    Refusal refusal;
    if (fillSubject(*cells, entry, refusal) && fillRest(*cells, entry, refusal))
        out.add(std::move(entry));
    else
        out.refuse(number, refusal.reason, std::move(refusal.detail), line);
}

} // namespace riskdesk::enrich
