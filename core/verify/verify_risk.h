// VerifyRisk: folds the whole ledger again and compares with what is stored beside it.
#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/store/connection.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::run {

struct RiskDifference
{
    std::uint32_t user = 0;
    std::string what; // "user", "detection <id>", "sign-in <id>", "event <number>"; empty: unreadable
    std::string stored, folded; // for people: "medium atRisk none 55"
};
// One English sentence.
[[nodiscard]] std::string sentence(const RiskDifference &difference);

// Empty when every stored state follows from the ledger. Reads only; phase "verify", users done.
// Code::Cancelled.
[[nodiscard]] Result<std::vector<RiskDifference>>
verifyRisk(store::Connection &connection, std::stop_token stop = {}, const ProgressSink &progress = {});

} // namespace riskdesk::run
