// RiskWriter: what findings do to risk. Stores detections once, folds repeats, counts pairs, appends the
// ledger and keeps detection, sign_in_risk and user_risk beside it.
//
// Works inside the caller's open transaction; on an error the caller rolls back. One thread. Each touched
// user is read and written once per call, so a call should hold many findings.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/account.h"
#include "core/domain/detection.h"
#include "core/store/connection.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ledger {

// The ledger's reason of a detection that was raised after the user's risk was closed, on a sign-in from
// before that.
inline constexpr std::string_view beforeDecision = "beforeDecision";

struct RaisedDetection
{
    Detection detection;
    SignInRow row; // of the sign-in, when detection.hasSignIn
    std::string city, country;
    std::string ipText;
    // Of the sign-in, for the rules that silence; none for what a provider says.
    struct Client
    {
        std::string application, userAgent;
    };
    std::shared_ptr<const Client> client;
};

struct RaiseCounts
{
    std::uint64_t detections = 0; // new rows
    std::uint64_t folded = 0;     // repeats that went into an earlier one
    std::uint64_t duplicates = 0; // found before; nothing changed
    std::uint64_t users = 0;      // whose risk was touched
};

class RiskWriter
{
public:
    RiskWriter(store::Connection &connection, const Clock &clock)
        : m_connection(connection)
        , m_clock(clock)
    {}

    // In time order. Detections of another source are stored and do nothing else, unless risk.countImported
    // is on.
    [[nodiscard]] Result<RaiseCounts> raise(std::vector<RaisedDetection> &&inTimeOrder);

    // A new password that the log shows: closes everything that happened until then, also what was confirmed.
    // Does nothing when that is nothing. `note` goes into the history.
    [[nodiscard]] Status passwordChanged(std::uint32_t user, PasswordChange what, Timestamp at,
                                         const std::string &note = {});
    // Multifactor authentication was passed on a risky sign-in; closes what is at risk on it. Does nothing
    // unless the setting risk.mfaRemediates is on.
    [[nodiscard]] Status passedMfa(std::uint32_t user, const std::string &requestId, Timestamp at);

private:
    store::Connection &m_connection;
    const Clock &m_clock;
};

// A switch or number among the settings; `standard` when it was never set.
[[nodiscard]] Result<double> storedSetting(store::Connection &connection, std::string_view key,
                                           double standard);

} // namespace riskdesk::ledger
