// From a finding of the engine to the rows it leaves: the detection with its evidence, and the campaigns.
//
// Inside the caller's transaction; one thread.
#pragma once

#include "core/base/result.h"
#include "core/detect/engine.h"
#include "core/examine/enrichment.h"
#include "core/examine/user_book.h"
#include "core/ledger/risk_writer.h"

#include <vector>

namespace riskdesk::run {

// `now` is the time it was found, not the time it happened.
[[nodiscard]] ledger::RaisedDetection raisedDetection(const detect::Finding &finding,
                                                      const Enrichment &enrichment, const UserBook &users,
                                                      Timestamp now);
[[nodiscard]] Status writeCampaigns(store::Connection &connection, const std::vector<Campaign> &campaigns);
// The same for a stretch that was examined again: those recognised after that time are these and no others, but
// for those a kept detection speaks of.
[[nodiscard]] Status replaceCampaigns(store::Connection &connection, const std::vector<Campaign> &campaigns,
                                      std::int64_t after);
// Sign-ins that taught nothing because of what was found; a decision may let them teach later.
[[nodiscard]] Status writeWithheld(store::Connection &connection, const std::vector<SignInRow> &withheld);

} // namespace riskdesk::run
