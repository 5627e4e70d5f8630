#include "core/query/sign_ins/sign_in_sort.h"

#include "core/base/text.h"
#include "core/query/filter/fields.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace riskdesk::query {
namespace {

// Not Column: that is a column of a report.
using SignInColumn = store::Column;

constexpr std::uint32_t emptyKey = 0xffffffff;

// Stable, least significant digit first, eleven bits at a time; digits that all keys share are skipped.
void radixSort(std::vector<std::uint32_t> &rows, std::vector<std::uint32_t> keys)
{
    constexpr unsigned bits = 11;
    constexpr std::size_t buckets = std::size_t{1} << bits;
    std::vector<std::uint32_t> otherRows(rows.size()), otherKeys(rows.size());
    for (unsigned shift = 0; shift < 32; shift += bits) {
        std::array<std::size_t, buckets + 1> begin{};
        for (const auto key : keys)
            ++begin[(key >> shift & (buckets - 1)) + 1];
        if (std::find(begin.begin(), begin.end(), keys.size()) != begin.end())
            continue;
        std::partial_sum(begin.begin(), begin.end(), begin.begin());
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const auto to = begin[keys[i] >> shift & (buckets - 1)]++;
            otherRows[to] = rows[i];
            otherKeys[to] = keys[i];
        }
        rows.swap(otherRows);
        keys.swap(otherKeys);
    }
}

// Ranks by text; equal texts share a rank, the empty text has none.
std::vector<std::uint32_t> rank(std::span<const std::string> texts)
{
    std::vector<std::uint32_t> order(texts.size()), ranks(texts.size(), emptyKey);
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return texts[a] < texts[b]; });
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (texts[order[i]].empty())
            continue;
        if (i > 0 && !texts[order[i - 1]].empty() && texts[order[i]] != texts[order[i - 1]])
            ++next;
        ranks[order[i]] = next;
    }
    return ranks;
}

} // namespace

SignInSorter::SignInSorter(SignIns &owner, store::Connection &connection, const Texts &texts,
                           std::stop_token stop)
    : m_owner(owner)
    , m_connection(connection)
    , m_texts(texts)
    , m_stop(std::move(stop))
{}

Status SignInSorter::sort(std::vector<std::uint32_t> &rows, const std::vector<SortKey> &order)
{
    const bool byTimeOnly = order.size() == 1 && findSortable(Report::SignIns, order[0].column) != nullptr &&
                            findSortable(Report::SignIns, order[0].column)->name == "createdDateTime";
    const bool rising = byTimeOnly && !order[0].descending;
    if (auto ok = m_owner.m_columns.sortByTime(m_connection, rows, !rising); !ok)
        return ok;
    if (!rising) {
        // Reversing put equal times in reverse; the number decides upwards.
        const auto times = m_owner.m_columns.times(m_connection, m_stop);
        if (!times)
            return tl::unexpected(times.error());
        for (std::size_t i = 0; i + 1 < rows.size();) {
            std::size_t end = i + 1;
            while (end < rows.size() && (*times)[rows[end]] == (*times)[rows[i]])
                ++end;
            if (end - i > 1)
                std::sort(rows.begin() + static_cast<std::ptrdiff_t>(i),
                          rows.begin() + static_cast<std::ptrdiff_t>(end));
            i = end;
        }
    }
    if (byTimeOnly)
        return {};
    for (auto key = order.rbegin(); key != order.rend(); ++key) {
        if (m_stop.stop_requested())
            return fail(Code::Cancelled, "sign-ins");
        const auto *column = findSortable(Report::SignIns, key->column);
        if (column == nullptr)
            return fail(Code::WrongUsage, key->column, "no column to sort by");
        if (column->name == "createdDateTime") {
            const auto times = m_owner.m_columns.times(m_connection, m_stop);
            if (!times)
                return tl::unexpected(times.error());
            std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
                return key->descending ? (*times)[a] > (*times)[b] : (*times)[a] < (*times)[b];
            });
            continue;
        }
        if (column->name == "location") { // city, then country
            auto countries = byPlace(rows, false);
            if (!countries)
                return tl::unexpected(countries.error());
            if (key->descending)
                for (auto &value : *countries)
                    value = emptyKey - 1 - value;
            radixSort(rows, std::move(*countries));
        }
        auto values = keys(rows, column->name);
        if (!values)
            return tl::unexpected(values.error());
        if (key->descending)
            for (auto &value : *values)
                value = value == emptyKey ? emptyKey : emptyKey - 1 - value;
        radixSort(rows, std::move(*values));
    }
    return {};
}

SignInSorter::Keys SignInSorter::keys(const std::vector<std::uint32_t> &rows, std::string_view column)
{
    struct Known
    {
        std::string_view id;
        SignInColumn column;
        Dictionary dictionary;
    };
    static constexpr std::array texts = {
        Known{"appDisplayName", SignInColumn::Application, Dictionary::Application},
        Known{"resourceDisplayName", SignInColumn::Resource, Dictionary::Resource},
        Known{"deviceId", SignInColumn::Device, Dictionary::Device},
        Known{"operatingSystem", SignInColumn::OperatingSystem, Dictionary::OperatingSystem},
        Known{"browser", SignInColumn::Browser, Dictionary::Browser},
        Known{"clientAppUsed", SignInColumn::ClientApp, Dictionary::ClientApp},
        Known{"failureReason", SignInColumn::FailureReason, Dictionary::FailureReason},
        Known{"sessionId", SignInColumn::Session, Dictionary::Session},
    };
    for (const auto &known : texts)
        if (known.id == column)
            return byDictionary(rows, known.column, known.dictionary);
    if (column == "result")
        return byCode(rows, SignInColumn::Outcome);
    if (column == "mfa")
        return byCode(rows, SignInColumn::Mfa);
    if (column == "isInteractive")
        return byCode(rows, SignInColumn::Interactive);
    if (column == "errorCode") {
        auto codes = byCode(rows, SignInColumn::ErrorCode);
        if (codes) // signed: the sign bit turned, so that negative ones come first
            for (auto &code : *codes)
                code = std::min(code ^ 0x80000000U, emptyKey - 1);
        return codes;
    }
    if (column == "user" || column == "userId" || column == "userDisplayName" ||
        column == "userPrincipalName") {
        using UserText = SignIns::UserText;
        const auto ofUsers = m_owner.userTexts(m_connection, column == "user"              ? UserText::Search
                                                             : column == "userId"          ? UserText::Key
                                                             : column == "userDisplayName" ? UserText::Name
                                                                                           : UserText::Upn);
        return ofUsers ? byUser(rows, *ofUsers) : Keys(tl::unexpected(ofUsers.error()));
    }
    if (column == "ipAddress")
        return byAddress(rows);
    if (column == "location")
        return byPlace(rows, true);
    if (column == "city")
        return byPlace(rows, true);
    if (column == "countryOrRegion") {
        auto countries = byPlace(rows, false);
        if (countries) // there, no country comes first
            for (auto &country : *countries)
                country = country == 0 ? emptyKey : country - 1;
        return countries;
    }
    if (column == "asn")
        return byNetwork(rows);
    if (column == "riskLevelDuringSignIn")
        return byRisk(rows, [](const SignInRisk &r) { return static_cast<std::uint32_t>(r.during); });
    if (column == "riskDetail")
        return byRisk(rows, [](const SignInRisk &r) { return static_cast<std::uint32_t>(r.detail); });
    if (column == "riskState")
        return byRisk(rows, [](const SignInRisk &r) { return static_cast<std::uint32_t>(r.state); });
    return byRisk(rows, [](const SignInRisk &r) { return static_cast<std::uint32_t>(r.aggregated); });
}

const std::vector<std::uint32_t> &
SignInSorter::ranks(Dictionary dictionary, int variant,
                    const std::function<std::string(std::string_view)> &sortText)
{
    auto &kept = m_owner.m_ranks[{dictionary, variant}];
    const auto texts = m_texts.all(dictionary);
    if (kept.size != texts.size() || kept.ranks.empty()) {
        std::vector<std::string> sortTexts(texts.size());
        std::transform(texts.begin(), texts.end(), sortTexts.begin(), sortText);
        kept = {texts.size(), rank(sortTexts)};
    }
    return kept.ranks;
}

SignInSorter::Keys SignInSorter::byDictionary(const std::vector<std::uint32_t> &rows, SignInColumn column,
                                              Dictionary dictionary)
{
    const auto ids = m_owner.m_columns.ids(m_connection, column, m_stop);
    if (!ids)
        return tl::unexpected(ids.error());
    const auto &order = ranks(dictionary, 0, foldForSearch);
    std::vector<std::uint32_t> keys(rows.size());
    std::transform(rows.begin(), rows.end(), keys.begin(), [&](std::uint32_t row) {
        const auto id = (*ids)[row];
        return id < order.size() ? order[id] : emptyKey;
    });
    return keys;
}

SignInSorter::Keys SignInSorter::byCode(const std::vector<std::uint32_t> &rows, SignInColumn column)
{
    const auto ids = m_owner.m_columns.ids(m_connection, column, m_stop);
    if (!ids)
        return tl::unexpected(ids.error());
    std::vector<std::uint32_t> keys(rows.size());
    std::transform(rows.begin(), rows.end(), keys.begin(), [&](std::uint32_t row) { return (*ids)[row]; });
    return keys;
}

SignInSorter::Keys SignInSorter::byUser(const std::vector<std::uint32_t> &rows,
                                        std::span<const std::string> texts)
{
    const auto ids = m_owner.m_columns.ids(m_connection, SignInColumn::User, m_stop);
    if (!ids)
        return tl::unexpected(ids.error());
    const auto order = rank(texts);
    std::vector<std::uint32_t> keys(rows.size());
    std::transform(rows.begin(), rows.end(), keys.begin(), [&](std::uint32_t row) {
        const auto id = (*ids)[row];
        return id < order.size() ? order[id] : emptyKey;
    });
    return keys;
}

SignInSorter::Keys SignInSorter::byAddress(const std::vector<std::uint32_t> &rows)
{
    const auto ids = m_owner.m_columns.ids(m_connection, SignInColumn::Ip, m_stop);
    if (!ids)
        return tl::unexpected(ids.error());
    // Sixteen bytes in network order compare as text does.
    const auto &order =
        ranks(Dictionary::Address, 0, [](std::string_view bytes) { return std::string(bytes); });
    std::vector<std::uint32_t> keys(rows.size());
    std::transform(rows.begin(), rows.end(), keys.begin(), [&](std::uint32_t row) {
        const auto id = (*ids)[row];
        return id < order.size() ? order[id] : emptyKey;
    });
    return keys;
}

SignInSorter::Keys SignInSorter::byPlace(const std::vector<std::uint32_t> &rows, bool city)
{
    if (auto ok = m_owner.loadFacts(m_connection); !ok)
        return tl::unexpected(ok.error());
    const auto places = m_owner.m_columns.ids(m_connection, SignInColumn::Place, m_stop);
    if (!places)
        return tl::unexpected(places.error());
    const auto addresses = m_owner.m_columns.ids(m_connection, SignInColumn::Ip, m_stop);
    if (!addresses)
        return tl::unexpected(addresses.error());
    const auto &order = ranks(Dictionary::Place, city ? 0 : 1, [city](std::string_view text) {
        const auto place = Place::decode(text);
        return city ? foldForSearch(place.city) : place.country;
    });
    std::vector<std::uint32_t> keys(rows.size());
    std::transform(rows.begin(), rows.end(), keys.begin(), [&](std::uint32_t row) {
        const auto ip = (*addresses)[row];
        const auto own = (*places)[row];
        const auto place = own != 0 ? own : ip < m_owner.m_facts.size() ? m_owner.m_facts[ip].place : 0;
        const auto key = place < order.size() ? order[place] : emptyKey;
        // Only places without a city go last; without a country they come before the first one.
        return city ? key : key == emptyKey ? 0 : key + 1;
    });
    return keys;
}

SignInSorter::Keys SignInSorter::byNetwork(const std::vector<std::uint32_t> &rows)
{
    if (auto ok = m_owner.loadFacts(m_connection); !ok)
        return tl::unexpected(ok.error());
    auto keys = byCode(rows, SignInColumn::Asn);
    const auto addresses = m_owner.m_columns.ids(m_connection, SignInColumn::Ip, m_stop);
    if (!addresses)
        return tl::unexpected(addresses.error());
    if (keys)
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto ip = (*addresses)[rows[i]];
            if ((*keys)[i] == 0)
                (*keys)[i] = ip < m_owner.m_facts.size() ? m_owner.m_facts[ip].asn : 0;
            if ((*keys)[i] == 0)
                (*keys)[i] = emptyKey;
        }
    return keys;
}

SignInSorter::Keys SignInSorter::byRisk(const std::vector<std::uint32_t> &rows,
                                        const std::function<std::uint32_t(const SignInRisk &)> &key)
{
    if (auto ok = m_owner.loadRisk(m_connection, m_stop); !ok)
        return tl::unexpected(ok.error());
    std::vector<std::uint32_t> keys(rows.size());
    std::transform(rows.begin(), rows.end(), keys.begin(), [&](std::uint32_t row) {
        const auto risk = m_owner.m_risk.find(row);
        return risk == m_owner.m_risk.end() ? 0 : key(risk->second);
    });
    return keys;
}

} // namespace riskdesk::query
