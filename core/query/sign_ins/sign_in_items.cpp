// Single sign-ins: reading a page of them and counting their values.
#include "core/base/text.h"
#include "core/domain/detection.h"
#include "core/query/filter/fields.h"
#include "core/query/sign_ins/sign_in_kernels.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/store/statement.h"

#include <algorithm>
#include <array>

namespace riskdesk::query {
namespace {

void readTexts(const Texts &texts, SignInItem &item)
{
    const auto &row = item.row;
    const std::pair<std::string *, std::pair<Dictionary, std::uint32_t>> wanted[] = {
        {&item.userAgent, {Dictionary::UserAgent, row.userAgent}},
        {&item.browser, {Dictionary::Browser, row.browser}},
        {&item.operatingSystem, {Dictionary::OperatingSystem, row.operatingSystem}},
        {&item.device, {Dictionary::Device, row.device}},
        {&item.clientApp, {Dictionary::ClientApp, row.clientApp}},
        {&item.application, {Dictionary::Application, row.application}},
        {&item.resource, {Dictionary::Resource, row.resource}},
        {&item.failureReason, {Dictionary::FailureReason, row.failureReason}},
        {&item.session, {Dictionary::Session, row.session}},
        {&item.authenticationMethod, {Dictionary::AuthenticationMethod, row.authenticationMethod}},
        {&item.source, {Dictionary::Source, row.source}},
    };
    for (const auto &[text, id] : wanted)
        *text = texts.text(id.first, id.second);
    item.requestId =
        requestId(row.eventIdKind, row.eventKey, texts.text(Dictionary::EventId, row.eventIdText));
    if (row.correlation != EventKey{})
        item.correlationId = requestId(EventIdKind::Guid, row.correlation, {});
    item.ip = texts.address(row.ip);
    item.ownPlace = row.place != 0;
    item.place = Place::decode(texts.text(Dictionary::Place, row.place));
    item.asn = row.asn;
    const auto provider = texts.text(Dictionary::ProviderRisk, row.providerRisk);
    if (const auto slash = provider.find('/'); slash != std::string_view::npos) {
        item.providerLevel = provider.substr(0, slash);
        item.providerState = provider.substr(slash + 1);
    } else {
        item.providerLevel = provider;
    }
}

} // namespace

Result<std::vector<SignInItem>> SignIns::read(store::Connection &connection, std::uint64_t generation,
                                              std::span<const std::uint32_t> rows, std::stop_token stop)
{
    const std::lock_guard lock(m_mutex);
    auto reading = Reading::begin(connection, stop);
    if (!reading)
        return tl::unexpected(reading.error());
    if (auto ok = refresh(connection, *reading, stop); !ok)
        return tl::unexpected(ok.error());
    if (generation != m_generation)
        return fail(Code::Conflict, "sign-ins", "they were renumbered");
    store::Statement user(connection,
                          "SELECT key, display_name, upn, mail, account_enabled FROM user WHERE id = ?1");
    store::Statement fact(connection, "SELECT place, asn, organisation FROM address_fact WHERE address = ?1");
    store::Statement risk(connection,
                          "SELECT level_during, level_aggregated, state, detail, score FROM sign_in_risk"
                          " WHERE event_key = ?1");
    store::Statement types(connection,
                           "SELECT DISTINCT type_text FROM detection WHERE event_key = ?1 ORDER BY 1");
    std::vector<SignInItem> items;
    items.reserve(rows.size());
    for (const auto number : rows) {
        const auto stored = m_columns.row(connection, number);
        if (!stored)
            return tl::unexpected(stored.error());
        auto &item = items.emplace_back();
        item.number = number;
        item.row = *stored;
        readTexts(reading->texts(), item);
        if (user.bind(item.row.user).step()) {
            item.userKey = user.string(0);
            item.userName = user.string(1);
            item.userPrincipalName = user.string(2);
            item.mail = user.string(3);
            item.accountEnabled = user.int64(4) != 0;
        }
        if (item.row.ip != 0 && fact.bind(item.row.ip).step()) {
            if (!item.ownPlace)
                item.place = Place::decode(reading->texts().text(Dictionary::Place, fact.uint32(0)));
            if (item.asn == 0)
                item.asn = fact.uint32(1);
            item.organisation = fact.string(2);
        }
        const std::span<const std::uint8_t> key(item.row.eventKey);
        if (risk.bind(key).step()) {
            item.risk = {risk.as<RiskLevel>(0), risk.as<RiskLevel>(1), risk.as<RiskState>(2),
                         risk.as<RiskDetail>(3), static_cast<std::uint8_t>(risk.int64(4))};
            for (types.bind(key); types.step();)
                item.types.push_back(types.string(0));
        }
        for (const auto *statement : {&user, &fact, &risk, &types})
            if (!statement->ok())
                return tl::unexpected(statement->error());
    }
    return items;
}

Result<std::vector<std::pair<std::string, std::int64_t>>> SignIns::facet(store::Connection &connection,
                                                                         const Question &question,
                                                                         std::string_view name,
                                                                         std::stop_token stop)
{
    const auto *field = findField(Report::SignIns, name);
    if (field == nullptr)
        return fail(Code::WrongUsage, std::string(name), "no such field");
    auto asked = question;
    asked.filter = without(question.filter, field->name);
    std::vector<std::pair<std::string, std::int64_t>> counts;
    if (field->kind == FieldKind::Enum) {
        // A handful of values: the kernels' own answer for each, so that pill and list cannot differ.
        const std::lock_guard lock(m_mutex);
        auto reading = Reading::begin(connection, stop);
        if (!reading)
            return tl::unexpected(reading.error());
        const auto base = matching(connection, *reading, asked, stop);
        if (!base)
            return tl::unexpected(base.error());
        SignInKernels kernels(*this, connection, reading->texts(), question.now, stop);
        for (const auto &word : field->words) {
            auto rows = kernels.evaluate(Filter::match(field->name, Test::Is, {Value(word.value)}));
            if (!rows)
                return tl::unexpected(rows.error());
            *rows &= *base;
            counts.emplace_back(word.key, static_cast<std::int64_t>(rows->count()));
        }
        return counts;
    }
    const std::lock_guard lock(m_mutex);
    auto reading = Reading::begin(connection, stop);
    if (!reading)
        return tl::unexpected(reading.error());
    const auto rows = matching(connection, *reading, asked, stop);
    if (!rows)
        return tl::unexpected(rows.error());
    struct Known
    {
        std::string_view field;
        store::Column column;
        Dictionary dictionary;
    };
    static constexpr std::array texts = {
        Known{"appDisplayName", store::Column::Application, Dictionary::Application},
        Known{"resourceDisplayName", store::Column::Resource, Dictionary::Resource},
        Known{"clientAppUsed", store::Column::ClientApp, Dictionary::ClientApp},
        Known{"operatingSystem", store::Column::OperatingSystem, Dictionary::OperatingSystem},
        Known{"browser", store::Column::Browser, Dictionary::Browser},
        Known{"failureReason", store::Column::FailureReason, Dictionary::FailureReason},
    };
    std::map<std::string, std::int64_t> byText;
    const auto count = [&](store::Column column,
                           const std::function<std::string(std::uint32_t, std::uint32_t)> &text) -> Status {
        const auto ids = m_columns.ids(connection, column, stop);
        if (!ids)
            return tl::unexpected(ids.error());
        const auto addresses = m_columns.ids(connection, store::Column::Ip, stop);
        if (!addresses)
            return tl::unexpected(addresses.error());
        std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> byId;
        const bool own = column == store::Column::Place;
        for (const auto row : rows->list())
            ++byId[{(*ids)[row], own && (*ids)[row] == 0 ? (*addresses)[row] : 0}];
        for (const auto &[id, n] : byId)
            byText[text(id.first, id.second)] += n;
        return {};
    };
    Status ok = fail(Code::WrongUsage, std::string(name), "this field is not counted");
    for (const auto &known : texts)
        if (known.field == field->name)
            ok = count(known.column, [&](std::uint32_t id, std::uint32_t) {
                return std::string(reading->texts().text(known.dictionary, id));
            });
    if (field->name == "countryOrRegion" || field->name == "city") {
        if (auto loaded = loadFacts(connection); !loaded)
            return tl::unexpected(loaded.error());
        ok = count(store::Column::Place, [&](std::uint32_t id, std::uint32_t address) {
            const auto place = id != 0 ? id : address < m_facts.size() ? m_facts[address].place : 0;
            const auto decoded = Place::decode(reading->texts().text(Dictionary::Place, place));
            return field->name == "city" ? decoded.city : decoded.country;
        });
    }
    if (!ok)
        return tl::unexpected(ok.error());
    counts.assign(byText.begin(), byText.end());
    std::stable_sort(counts.begin(), counts.end(),
                     [](const auto &a, const auto &b) { return a.second > b.second; });
    return counts;
}

} // namespace riskdesk::query
