// The stored image of one sign-in, where a row is kept by itself: beside its finding, in `withheld`, in what
// the spray detector remembers. Members in the order below, one after the other, numbers little-endian;
// written and read by one visitor, whatever the compiler makes of the struct. Any thread.
#pragma once

#include "core/domain/sign_in.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace riskdesk {

// Calls f(name, member) for each of them; the order is the layout and never changes.
template <typename Row, typename Function>
constexpr void visitSignIn(Row &row, Function f)
{
    f("at", row.at);
    f("eventKey", row.eventKey);
    f("correlation", row.correlation);
    f("offset", row.offset);
    f("user", row.user);
    f("ip", row.ip);
    f("userAgent", row.userAgent);
    f("browser", row.browser);
    f("operatingSystem", row.operatingSystem);
    f("device", row.device);
    f("clientApp", row.clientApp);
    f("application", row.application);
    f("resource", row.resource);
    f("failureReason", row.failureReason);
    f("eventIdText", row.eventIdText);
    f("session", row.session);
    f("place", row.place);
    f("asn", row.asn);
    f("source", row.source);
    f("authenticationMethod", row.authenticationMethod);
    f("providerRisk", row.providerRisk);
    f("length", row.length);
    f("errorCode", row.errorCode);
    f("outcome", row.outcome);
    f("failure", row.failure);
    f("eventIdKind", row.eventIdKind);
    f("mfa", row.mfa);
    f("identity", row.identity);
    f("interactive", row.interactive);
    f("reserved", row.reserved);
}

inline constexpr std::size_t storedSignInBytes = 136;
using StoredSignIn = std::array<std::uint8_t, storedSignInBytes>;

[[nodiscard]] StoredSignIn encode(const SignInRow &row);
// Nothing for bytes of another length, or an outcome, failure, kind of id, factor or identity that is none.
[[nodiscard]] std::optional<SignInRow> decodeSignIn(std::span<const std::uint8_t> bytes);

} // namespace riskdesk
