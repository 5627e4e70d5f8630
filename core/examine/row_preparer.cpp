#include "core/examine/row_preparer.h"

#include "core/base/digest.h"
#include "core/examine/encoder.h"
#include "core/examine/seen_set.h"

#include <fmt/format.h>

#include <cstring>
#include <iterator>

namespace riskdesk::run {
namespace {

// Enough for any honest log; a log that brings more only gains less.
constexpr std::size_t mostNumbers = 4096;

constexpr std::size_t columnOf(Dictionary kind)
{
    std::size_t column = 0;
    while (textColumns[column].kind != kind)
        ++column;
    return column;
}
constexpr std::size_t placeColumn = columnOf(Dictionary::Place);

// A record without an id of its own is known by what it says.
EventKey madeKey(const SignIn &s)
{
    return blake2b128(fmt::format("{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}", s.at.us, s.userId,
                                  s.userPrincipalName, s.ip.toString(), static_cast<int>(s.outcome),
                                  s.errorCode, s.application, s.userAgent));
}

// Same text as Place::encode, without making the Place.
void encodePlace(const SignIn &s, std::string &out)
{
    auto end = std::back_inserter(out);
    fmt::format_to(end, "{}\x1f{}\x1f{}", s.city, s.state, s.country);
    if (s.hasCoordinates())
        fmt::format_to(end, "\x1f{:.4f}\x1f{:.4f}\x1f{:.0f}", s.latitude, s.longitude, 0.0);
}

// What places are told apart by before their text is made: making it costs more than all the rest of a row.
void placeKey(const SignIn &s, std::string &out)
{
    out.assign(s.city);
    out += '\x1f';
    out += s.state;
    out += '\x1f';
    out += s.country;
    if (s.hasCoordinates()) {
        const double coordinates[] = {s.latitude, s.longitude};
        out += '\x1f';
        out.append(reinterpret_cast<const char *>(coordinates), sizeof coordinates);
    }
}

} // namespace

struct RowPreparer::Numbers
{
    std::vector<TextNumbers> columns = std::vector<TextNumbers>(textColumns.size(), TextNumbers(mostNumbers));
    std::deque<std::string> places; // texts of the numbered places
};

RowPreparer::RowPreparer()
    : m_numbers(std::make_shared<Numbers>())
    , m_given(std::make_shared<GivenIds>())
{
    m_given->byNumber.fill({0}); // number 0 is the empty text
}

void RowPreparer::prepare(ingest::ParsedBatch &batch)
{
    auto out = std::make_shared<PreparedRows>();
    out->signIns = std::move(batch.signIns);
    batch.signIns.clear();
    out->given = m_given;
    out->numbers = m_numbers;
    out->rows.reserve(out->signIns.size());
    out->names.reserve(out->signIns.size());
    out->fingerprints.reserve(out->signIns.size());
    for (const auto &signIn : out->signIns)
        prepare(signIn, *out);
    batch.prepared = std::move(out);
}

void RowPreparer::putText(std::size_t column, std::string_view text, PreparedRows &out)
{
    if (text.empty())
        return;
    const auto asHashed = hashed(text);
    auto &to = out.columns[column];
    if (textColumns[column].repeats) {
        auto &numbers = m_numbers->columns[column];
        auto number = numbers.find(asHashed);
        if (number == 0 && !numbers.isFull()) {
            number = numbers.add(asHashed);
            to.numbered.push_back({numbers.text(number), asHashed.hash});
        }
        if (number != 0) {
            out.rows.back().*textColumns[column].id = number;
            return;
        }
    }
    to.unnumbered.push_back(asHashed);
    to.rows.push_back(static_cast<std::uint32_t>(out.rows.size() - 1));
}

void RowPreparer::putPlace(const SignIn &s, PreparedRows &out)
{
    if (s.country.empty() && s.city.empty() && !s.hasCoordinates())
        return;
    placeKey(s, m_buffer);
    const auto key = hashed(m_buffer);
    auto &numbers = m_numbers->columns[placeColumn];
    auto number = numbers.find(key);
    if (number == 0 && !numbers.isFull()) {
        number = numbers.add(key);
        encodePlace(s, m_numbers->places.emplace_back());
        out.columns[placeColumn].numbered.push_back(hashed(m_numbers->places.back()));
    }
    if (number != 0) {
        out.rows.back().place = number;
        return;
    }
    encodePlace(s, out.composed.emplace_back());
    out.columns[placeColumn].unnumbered.push_back(hashed(out.composed.back()));
    out.columns[placeColumn].rows.push_back(static_cast<std::uint32_t>(out.rows.size() - 1));
}

void RowPreparer::putProviderRisk(const SignIn &s, PreparedRows &out)
{
    if (s.providerRiskLevel.empty() || s.providerRiskLevel == "none")
        return;
    auto &text = out.composed.emplace_back(s.providerRiskLevel);
    text += '/';
    text += s.providerRiskState;
    putText(columnOf(Dictionary::ProviderRisk), text, out);
}

void RowPreparer::prepare(const SignIn &s, PreparedRows &out)
{
    const auto put = [&]<Dictionary kind>(std::string_view text) {
        constexpr auto column = columnOf(kind);
        putText(column, text, out);
    };
    auto &row = out.rows.emplace_back();
    row.at = s.at.us;
    if (s.eventId.empty()) {
        row.eventIdKind = EventIdKind::Made;
        row.eventKey = madeKey(s);
    } else if (parseGuid(s.eventId, row.eventKey)) {
        row.eventIdKind = EventIdKind::Guid;
    } else {
        row.eventIdKind = EventIdKind::Text;
        row.eventKey = blake2b128(s.eventId);
        put.operator()<Dictionary::EventId>(s.eventId);
    }
    if (!parseGuid(s.correlationId, row.correlation))
        row.correlation = {};
    row.offset = s.offset;
    row.length = s.length;
    row.asn = s.asn;
    row.errorCode = s.errorCode;
    row.outcome = s.outcome;
    row.failure = s.failure;
    row.mfa = s.mfa;
    row.identity = s.identity;
    row.interactive = s.interactive ? 1 : 0;
    if (s.ip.isKnown())
        put.operator()<Dictionary::Address>(
            {reinterpret_cast<const char *>(s.ip.bytes.data()), s.ip.bytes.size()});
    put.operator()<Dictionary::UserAgent>(s.userAgent);
    put.operator()<Dictionary::Browser>(s.browser);
    put.operator()<Dictionary::OperatingSystem>(s.operatingSystem);
    put.operator()<Dictionary::Device>(s.deviceId);
    put.operator()<Dictionary::ClientApp>(s.clientApp);
    put.operator()<Dictionary::Application>(s.application);
    put.operator()<Dictionary::Resource>(s.resource);
    put.operator()<Dictionary::FailureReason>(s.failureReason);
    put.operator()<Dictionary::Session>(s.sessionId);
    put.operator()<Dictionary::AuthenticationMethod>(s.authenticationMethod);
    putPlace(s, out);
    putProviderRisk(s, out);
    out.names.push_back({hashed(s.userId), hashed(s.userPrincipalName), hashed(s.userDisplayName), s.issuer,
                         s.identity, s.at});
    out.fingerprints.push_back(SeenSet::fingerprint(row.eventKey));
}

} // namespace riskdesk::run
