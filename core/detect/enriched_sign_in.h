// EnrichedSignIn: one sign-in as a detector sees it, with everything known about where and what it came from.
//
// Built by core/examine from a stored row and the facts of its address; pointers live for the length of the
// run.
#pragma once

#include "core/domain/address_facts.h"
#include "core/domain/sign_in.h"

#include <cstdint>
#include <string_view>

namespace riskdesk::detect {

enum class DeviceClass : std::uint8_t {
    Unknown = 0,
    Desktop = 1,
    Mobile = 2,
    Tablet = 3,
    Bot = 4,
    Other = 5
};

// Two letters packed: 'P' << 8 | 'T'; 0 when there is no country.
using CountryCode = std::uint16_t;
[[nodiscard]] constexpr CountryCode packCountry(std::string_view two)
{
    return two.size() == 2 ? static_cast<CountryCode>(static_cast<unsigned char>(two[0]) << 8 |
                                                      static_cast<unsigned char>(two[1]))
                           : CountryCode{0};
}
[[nodiscard]] inline std::string unpackCountry(CountryCode c)
{
    return c == 0 ? std::string() : std::string{static_cast<char>(c >> 8), static_cast<char>(c & 0xff)};
}

struct EnrichedSignIn
{
    SignInRow row;
    IpAddress ip;
    const Place *place = nullptr; // never null; the event's own, else the file's, else an unknown place
    std::uint32_t placeId = 0;    // Dictionary::Place of it
    CountryCode country = 0;
    std::uint32_t asn = 0;               // the event's own, else the file's; 0 unknown
    const AddressFacts *facts = nullptr; // never null
    DeviceClass deviceClass = DeviceClass::Unknown;
    std::uint32_t agentSystem = 0;  // Dictionary::AgentSystem, "Windows 10"; 0 unknown
    std::uint32_t agentBrowser = 0; // Dictionary::AgentBrowser, "Chrome 122"; 0 unknown
    std::uint32_t release = 0;      // browserRelease() of it
    bool automated = false;         // the agent names a script or library (python-requests, curl, headless)
    bool social = false;            // another party keeps this user's password
    const ListMatch *threatAgent = nullptr;   // an indicator that names this very user agent, or null
    const ListMatch *threatAccount = nullptr; // likewise the user's name or e-mail address

    [[nodiscard]] Timestamp at() const { return {row.at}; }
    [[nodiscard]] bool succeeded() const { return row.succeeded(); }
    // Counts as a wrong password for spray.
    [[nodiscard]] bool badPassword() const
    {
        return row.outcome == Outcome::Failure &&
               (row.failure == FailureKind::BadPassword || row.failure == FailureKind::Locked ||
                row.failure == FailureKind::UnknownUser);
    }
    // The password was right, whether or not somebody got in.
    [[nodiscard]] bool validated() const
    {
        return succeeded() || row.failure == FailureKind::Stopped || row.failure == FailureKind::Expired;
    }
    [[nodiscard]] bool trusted() const { return !facts->trusted.empty(); }
    // The identity of the device: its id, else its full user agent; 0 unknown. Tagged so that the two never
    // meet.
    [[nodiscard]] std::uint64_t deviceKey() const
    {
        return row.device != 0      ? std::uint64_t{1} << 40 | row.device
               : row.userAgent != 0 ? std::uint64_t{2} << 40 | row.userAgent
               : agentBrowser != 0 || agentSystem != 0
                   ? std::uint64_t{3} << 60 | std::uint64_t{agentSystem} << 28 | agentBrowser
                   : 0;
    }
};

// Texts behind ids, for evidence. Called only when a finding is made or explained.
class Names
{
public:
    virtual ~Names() = default;
    [[nodiscard]] virtual std::string text(Dictionary dictionary, std::uint32_t id) const = 0; // "" for id 0
    [[nodiscard]] virtual IpAddress address(std::uint32_t id) const = 0;
    [[nodiscard]] virtual std::string userName(std::uint32_t user) const = 0; // display name, else upn
    [[nodiscard]] virtual std::string userKey(std::uint32_t user) const = 0;
    // Whether this is the user's name or e-mail address, case-folded, or the SHA-256 of one of them.
    [[nodiscard]] virtual bool isCalled(std::uint32_t, std::string_view) const { return false; }
};

} // namespace riskdesk::detect
