// A log that nobody knows, read by a map (core/ingest/field_map.h). A provider of its own for each map, so that
// the readers do not tell it from the others.

#include "core/ingest/provider.h"

#include "core/base/text.h"
#include "core/ingest/build_rules.h"
#include "core/ingest/field_census.h"
#include "core/ingest/field_map.h"
#include "core/ingest/field_rules.h"
#include "core/ingest/name_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

namespace riskdesk::ingest::mapped {
namespace {

constexpr auto formatRows =
    std::to_array<FormatInfo>({{.key = "map", .name = "A log read by a map", .openZone = true}});

constexpr std::size_t fieldsShown = 20; // of a file that lacks what the map asks for

// Seconds or milliseconds since 1970, which the size tells apart: as seconds the numbers of the second kind lie
// beyond the year 5000. Before 2000 there are no logs, but numbers that mean something else.
std::optional<Timestamp> sinceEpoch(std::string_view text)
{
    constexpr double from = 946'684'800, below = 1e11; // 2000-01-01, in seconds
    const bool number = !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || c == '.' || c == '+' || c == 'e' || c == 'E';
    });
    const auto value = number ? toDouble(text) : std::nullopt;
    if (!value)
        return std::nullopt;
    const double seconds = *value < below ? *value : *value / 1000;
    if (seconds < from || seconds >= below)
        return std::nullopt;
    // Whole seconds and milliseconds are exact; a double tells microseconds until the year 2255.
    return Timestamp{std::llround(*value * (*value < below ? 1e6 : 1e3))};
}

struct KindWord
{
    std::string_view word;
    FailureKind kind;
};
// What a reason says of the password, for the detectors that count tries. Nothing here claims that the password
// was right, which would accuse somebody.
constexpr auto kindWords = std::to_array<KindWord>({
    {"locked", FailureKind::Locked},
    {"lockout", FailureKind::Locked},
    {"expired", FailureKind::Other},
    {"disabled", FailureKind::Disabled},
    {"unknown user", FailureKind::UnknownUser},
    {"user not found", FailureKind::UnknownUser},
    {"no such user", FailureKind::UnknownUser},
    {"password", FailureKind::BadPassword},
    {"credential", FailureKind::BadPassword},
});

FailureKind kindOf(std::string_view reason)
{
    const auto folded = foldCase(reason.substr(0, 400));
    const auto at =
        std::ranges::find_if(kindWords, [&](const KindWord &row) { return contains(folded, row.word); });
    return at == kindWords.end() ? FailureKind::Other : at->kind;
}

template <typename Words>
bool isOneOf(const Words &words, std::string_view text)
{
    return std::ranges::any_of(words, [&](const auto &word) { return equalsIgnoringCase(word, text); });
}

class MappedLog final : public Provider
{
public:
    explicit MappedLog(FieldMap map)
        : m_map(std::move(map))
    {
        giveSlots();
        std::vector<Name> names;
        for (std::size_t slot = 1; slot < m_fields.size(); ++slot)
            lead(m_fields[slot], static_cast<Slot>(slot), names);
        // Beside the way that the dots tell, where that leaves the name free.
        for (std::size_t slot = 1; slot < m_fields.size(); ++slot)
            if (nameAt(names, 0, m_fields[slot]) == nullptr)
                names.push_back({0, m_fields[slot], textIn(static_cast<Slot>(slot))});
        m_names = std::make_unique<NameTable>(std::initializer_list<std::span<const Name>>{names});
    }

    std::span<const FormatInfo> formats() const override { return formatRows; }
    std::string notOfRecords(std::span<const std::string> records) const override;
    std::string notOfHeader(const Header &header) const override;
    Meaning meaningOf(Place place, std::string_view name) const override
    {
        return m_names->find(place, name);
    }
    Columns columnsOf(FormatRow, const Header &header, Layout) const override;
    std::optional<Refusal> build(FormatRow, const Fields &fields, const Building &with) const override;

private:
    static Meaning textIn(Slot slot) { return {.kind = Meaning::Kind::Text, .slot = slot}; }
    static Name *nameAt(std::vector<Name> &names, Place place, std::string_view text)
    {
        const auto at = std::ranges::find_if(names, [&](const Name &name) {
            return name.place == place && equalsIgnoringCase(name.text, text);
        });
        return at == names.end() ? nullptr : &*at;
    }

    // Two parts may be taken from the same field.
    void giveSlots()
    {
        for (const auto part : mapParts()) {
            const auto &field = m_map[part];
            if (field.empty())
                continue;
            auto at = std::find_if(m_fields.begin() + 1, m_fields.end(),
                                   [&](std::string_view known) { return equalsIgnoringCase(known, field); });
            if (at == m_fields.end())
                at = m_fields.insert(at, field);
            m_slots[static_cast<std::size_t>(part)] = static_cast<Slot>(at - m_fields.begin());
        }
    }

    // The names on the way to a field, each object on it with a place of its own.
    void lead(std::string_view field, Slot slot, std::vector<Name> &names)
    {
        const auto steps = stepsOf(field);
        Place place = 0;
        for (std::size_t i = 0; i < steps.size(); ++i) {
            auto *name = nameAt(names, place, steps[i]);
            if (i + 1 == steps.size()) {
                if (name == nullptr)
                    names.push_back({place, steps[i], textIn(slot)});
                else
                    name->meaning.plain = slot; // the object of another field
                return;
            }
            if (name == nullptr)
                name = &names.emplace_back(Name{place, steps[i], textIn(nowhere)});
            auto &meaning = name->meaning;
            if (meaning.kind == Meaning::Kind::Text)
                meaning = {.kind = Meaning::Kind::Object, .plain = meaning.slot, .place = ++m_places};
            place = meaning.place;
        }
    }

    std::string_view text(const Fields &fields, MapPart part) const
    {
        return trim(fields[m_slots[static_cast<std::size_t>(part)]]);
    }
    std::optional<bool> succeeded(std::string_view outcome) const
    {
        if (outcome.empty())
            return std::nullopt;
        if (m_map.success.empty() ? isOneOf(usualSuccess(), outcome) : isOneOf(m_map.success, outcome))
            return true;
        if (m_map.failure.empty() || isOneOf(m_map.failure, outcome))
            return false;
        return std::nullopt;
    }
    // The first part that no record of the file can say, where `has` tells whether a field is there.
    template <typename Has>
    std::optional<MapPart> missing(Has &&has) const
    {
        const auto lacks = [&](MapPart part) { return m_map[part].empty() || !has(m_map[part]); };
        if (!m_map[MapPart::Time].empty() && lacks(MapPart::Time))
            return MapPart::Time;
        const bool named = !m_map[MapPart::User].empty() || !m_map[MapPart::UserId].empty();
        if (named && lacks(MapPart::User) && lacks(MapPart::UserId))
            return m_map[MapPart::User].empty() ? MapPart::UserId : MapPart::User;
        if (!m_map[MapPart::Outcome].empty() && lacks(MapPart::Outcome))
            return MapPart::Outcome;
        return std::nullopt;
    }
    std::string lacking(MapPart part, std::span<const std::string> names) const
    {
        return fmt::format("the map \"{}\" takes the {} from \"{}\", which it does not have; it has {}",
                           m_map.name, infoOf(part).name, m_map[part],
                           names.empty() ? "no fields" : namesOf(names, fieldsShown));
    }
    std::string userFields() const
    {
        const auto &user = m_map[MapPart::User], &id = m_map[MapPart::UserId];
        return user.empty() || id.empty() ? "no " + user + id : "neither " + user + " nor " + id;
    }

    FieldMap m_map;
    std::vector<std::string_view> m_fields{{}}; // by slot; 0 is nowhere
    std::array<Slot, mapPartCount> m_slots{};
    Place m_places = 0;
    std::unique_ptr<const NameTable> m_names;
};

std::string MappedLog::notOfRecords(std::span<const std::string> records) const
{
    FieldCensus census;
    for (const auto &record : records)
        census.addJson(record);
    if (census.records() == 0)
        return {};
    for (const auto part : mapParts())
        if (const auto *list = m_map[part].empty() ? nullptr : census.listOn(m_map[part]))
            return fmt::format(
                "the map \"{}\" takes the {} from \"{}\", but \"{}\" is a list there, and a map "
                "cannot look into a list",
                m_map.name, infoOf(part).name, m_map[part], excerptOf(list->name, 60));
    const auto part = missing([&](std::string_view field) { return census.find(field) != nullptr; });
    if (!part)
        return {};
    std::vector<std::string> names;
    for (const auto &field : census.fields())
        names.push_back(field.name);
    return lacking(*part, names);
}

std::string MappedLog::notOfHeader(const Header &header) const
{
    const auto part = missing([&](std::string_view field) {
        return isOneOf(header, field) || isOneOf(header, stepsOf(field).front());
    });
    return part ? lacking(*part, header) : std::string();
}

Columns MappedLog::columnsOf(FormatRow row, const Header &header, Layout layout) const
{
    auto columns = Provider::columnsOf(row, header, layout);
    columns.timeIsUtc = false;
    // Of columns with the same name the first counts.
    for (std::size_t i = 0; i < header.size(); ++i)
        if (isOneOf(std::span(header).first(i), header[i]))
            columns.meanings[i] = {};
    return columns;
}

std::optional<Refusal> MappedLog::build(FormatRow, const Fields &f, const Building &with) const
{
    const auto timeText = text(f, MapPart::Time);
    SignIn s;
    if (const auto time = sinceEpoch(timeText)) {
        s.at = *time;
    } else {
        const auto read = readTime(timeText, with.times, &with.batch.dates);
        if (!read)
            return noTime(timeText, m_map[MapPart::Time], read.error());
        s.at = *read;
    }
    s.userPrincipalName = known(text(f, MapPart::User));
    s.userId = known(text(f, MapPart::UserId));
    if (s.userId.empty() && s.userPrincipalName.empty())
        return Refusal{"noUser", userFields()};
    const auto outcome = text(f, MapPart::Outcome);
    const auto success = succeeded(outcome);
    if (!success)
        return Refusal{"noOutcome", outcome.empty()
                                        ? "no " + m_map[MapPart::Outcome]
                                        : fmt::format("{} is \"{}\", which the map does not name",
                                                      m_map[MapPart::Outcome], excerptOf(outcome, 100))};

    Warnings warnings(f.unreadable);
    const auto reason = text(f, MapPart::Reason);
    if (!*success) {
        s.outcome = Outcome::Failure;
        s.failureReason = reason;
        s.failure = kindOf(reason.empty() ? outcome : reason);
    }
    s.eventId = known(text(f, MapPart::Id));
    s.userDisplayName = text(f, MapPart::DisplayName);
    s.ip = addressIn(known(text(f, MapPart::Ip)), {}, warnings);
    s.application = text(f, MapPart::Application);
    s.userAgent = text(f, MapPart::UserAgent);
    s.country = countryCode(placeName(known(text(f, MapPart::Country))), with.arena, warnings);
    s.city = placeName(known(text(f, MapPart::City)));
    keep(s, warnings, with);
    return std::nullopt;
}

} // namespace

std::shared_ptr<const Provider> provider(const FieldMap &map)
{
    return std::make_shared<MappedLog>(map);
}

} // namespace riskdesk::ingest::mapped
