#include "core/run/encoder.h"

#include "core/base/digest.h"
#include "core/domain/place.h"
#include "core/run/user_book.h"
#include "core/store/dictionary.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

namespace riskdesk::run {
namespace {

constexpr auto hexValues = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(0xff);
    for (unsigned i = 0; i < 10; ++i)
        table['0' + i] = static_cast<std::uint8_t>(i);
    for (unsigned i = 0; i < 6; ++i)
        table['a' + i] = table['A' + i] = static_cast<std::uint8_t>(10 + i);
    return table;
}();

// A record without an id of its own is known by what it says.
EventKey madeKey(const SignIn &s, std::uint32_t user)
{
    return blake2b128(fmt::format("{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}", s.at.us,
                                  user == 0 ? "" : s.userId, s.userPrincipalName, s.ip.toString(),
                                  static_cast<int>(s.outcome), s.errorCode, s.application, s.userAgent));
}

} // namespace

bool parseGuid(std::string_view text, EventKey &key)
{
    if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
        return false;
    std::size_t out = 0;
    for (std::size_t i = 0; i < 36;) {
        if (text[i] == '-') {
            ++i;
            continue;
        }
        const auto high = hexValues[static_cast<std::uint8_t>(text[i])];
        const auto low = hexValues[static_cast<std::uint8_t>(text[i + 1])];
        if ((high | low) == 0xff || out == 16)
            return false;
        key[out++] = static_cast<std::uint8_t>(high << 4 | low);
        i += 2;
    }
    return out == 16;
}

void Encoder::setSource(std::string_view name)
{
    m_source = m_dictionaries.intern(Dictionary::Source, name);
}

std::uint32_t Encoder::placeOf(const SignIn &s)
{
    if (s.country.empty() && s.city.empty() && !s.hasCoordinates())
        return 0;
    // Same text as Place::encode, without making the Place.
    m_buffer.clear();
    auto out = std::back_inserter(m_buffer);
    fmt::format_to(out, "{}\x1f{}\x1f{}", s.city, s.state, s.country);
    if (s.hasCoordinates())
        fmt::format_to(out, "\x1f{:.4f}\x1f{:.4f}\x1f{:.0f}", s.latitude, s.longitude, 0.0);
    return m_dictionaries.intern(Dictionary::Place, m_buffer);
}

SignInRow Encoder::encode(const SignIn &s)
{
    const auto id = [&](Dictionary kind, std::string_view text) {
        return text.empty() ? 0 : m_dictionaries.intern(kind, text);
    };
    SignInRow row;
    row.at = s.at.us;
    row.user = m_users.meet(s);
    if (s.eventId.empty()) {
        row.eventIdKind = EventIdKind::Made;
        row.eventKey = madeKey(s, row.user);
    } else if (parseGuid(s.eventId, row.eventKey)) {
        row.eventIdKind = EventIdKind::Guid;
    } else {
        row.eventIdKind = EventIdKind::Text;
        row.eventKey = blake2b128(s.eventId);
        row.eventIdText = m_dictionaries.intern(Dictionary::EventId, s.eventId);
    }
    if (!parseGuid(s.correlationId, row.correlation))
        row.correlation = {};
    row.offset = s.offset;
    row.length = s.length;
    row.source = m_source;
    if (s.ip.isKnown())
        row.ip = m_dictionaries.intern(
            Dictionary::Address, {reinterpret_cast<const char *>(s.ip.bytes.data()), s.ip.bytes.size()});
    row.userAgent = id(Dictionary::UserAgent, s.userAgent);
    row.browser = id(Dictionary::Browser, s.browser);
    row.operatingSystem = id(Dictionary::OperatingSystem, s.operatingSystem);
    row.device = id(Dictionary::Device, s.deviceId);
    row.clientApp = id(Dictionary::ClientApp, s.clientApp);
    row.application = id(Dictionary::Application, s.application);
    row.resource = id(Dictionary::Resource, s.resource);
    row.failureReason = id(Dictionary::FailureReason, s.failureReason);
    row.session = id(Dictionary::Session, s.sessionId);
    row.authenticationMethod = id(Dictionary::AuthenticationMethod, s.authenticationMethod);
    row.place = placeOf(s);
    row.asn = s.asn;
    if (!s.providerRiskLevel.empty() && s.providerRiskLevel != "none") {
        m_buffer.assign(s.providerRiskLevel);
        m_buffer += '/';
        m_buffer += s.providerRiskState;
        row.providerRisk = m_dictionaries.intern(Dictionary::ProviderRisk, m_buffer);
    }
    row.errorCode = s.errorCode;
    row.outcome = s.outcome;
    row.failure = s.failure;
    row.mfa = s.mfa;
    row.identity = s.identity;
    row.interactive = s.interactive ? 1 : 0;
    return row;
}

} // namespace riskdesk::run
