// Provider: words shared by those who ask the identity provider to do something (core/action) and those who
// carry it there (core/connect, core/dispatch).
//
// Numbers are stored (table outbox, connector.capabilities) and never change their meaning.
#pragma once

#include <cstdint>
#include <string_view>

namespace riskdesk {

enum class ProviderOperation : std::uint8_t {
    ResetPassword = 1,
    Block = 2,
    Unblock = 3,
    RevokeSessions = 4,
    DismissRisk = 5, // this and the next two tell the provider what was decided here
    ConfirmCompromised = 6,
    ConfirmSafe = 7,
    Notify = 8, // a webhook; never changes an account
    ListUsers = 9,
    PullSignIns = 10,
    PullRisk = 11
};
[[nodiscard]] constexpr std::string_view toText(ProviderOperation operation)
{
    constexpr std::string_view words[] = {"",
                                          "resetPassword",
                                          "block",
                                          "unblock",
                                          "revokeSessions",
                                          "dismissRisk",
                                          "confirmCompromised",
                                          "confirmSafe",
                                          "notify",
                                          "listUsers",
                                          "pullSignIns",
                                          "pullRisk"};
    const auto at = static_cast<std::size_t>(operation);
    return at < std::size(words) ? words[at] : words[0];
}

// A set of operations.
using ProviderCapabilities = std::uint32_t;
[[nodiscard]] constexpr ProviderCapabilities bit(ProviderOperation operation)
{
    return ProviderCapabilities{1} << static_cast<unsigned>(operation);
}
[[nodiscard]] constexpr bool has(ProviderCapabilities set, ProviderOperation operation)
{
    return (set & bit(operation)) != 0;
}

enum class OutboxState : std::uint8_t {
    Held = 0,    // waits for its time; can be taken back
    Waiting = 1, // was tried, and will be again
    Sending = 2, // on its way; left so by a process that died
    Done = 3,
    Failed = 4,    // refused for good, or tried often enough
    TakenBack = 5, // by undo, before it was sent
    Discarded = 6  // given up by an operator
};
[[nodiscard]] constexpr std::string_view toText(OutboxState state)
{
    constexpr std::string_view words[] = {"held",   "waiting",   "sending",  "done",
                                          "failed", "takenBack", "discarded"};
    const auto at = static_cast<std::size_t>(state);
    return at < std::size(words) ? words[at] : words[0];
}
[[nodiscard]] constexpr bool isOnItsWay(OutboxState state)
{
    return state <= OutboxState::Sending;
}

} // namespace riskdesk
