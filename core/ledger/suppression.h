// Suppression rules: kept, matched against what the detectors found, and counted.
//
// They stand between the detectors and the ledger: a silenced finding is recorded as such, becomes no
// detection and counts for nobody's risk; what the detectors learn is the same with and without rules, so a
// silenced sign-in teaches nothing either. A finding once silenced stays so when it is found again, until its
// rule is removed. One thread, but matching is const.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/detect/engine.h"
#include "core/domain/permissions.h"
#include "core/domain/suppression.h"
#include "core/store/connection.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ledger {

struct RaisedDetection;
struct RaiseCounts;

// As somebody writes a rule; empty: any.
struct SuppressionTerms
{
    std::string user, network, asn, agent, agentPart, application, type;
};
// "user=anna@shop.example network=192.0.2.0/24 asn=64500 agent=… agent~=… application=… type=unlikelyTravel";
// values with blanks in double quotes. Code::WrongUsage.
[[nodiscard]] Result<SuppressionTerms> suppressionTerms(std::string_view text);
// Code::WrongUsage for a term that cannot be understood, or without any; NotFound for the user.
[[nodiscard]] Result<SuppressionMatch> suppressionMatch(store::Connection &connection,
                                                        const SuppressionTerms &terms);
[[nodiscard]] std::string describe(const SuppressionMatch &match); // the same form, shortest

// The text behind an id; asked only where a rule wants it.
using TextOf = std::function<std::string(Dictionary, std::uint32_t)>;

class Suppressions
{
public:
    // Those in force at `now`, the oldest first.
    [[nodiscard]] static Result<Suppressions> inForce(store::Connection &connection, Timestamp now);
    void add(SuppressionRule rule) { m_rules.push_back(std::move(rule)); }
    [[nodiscard]] bool empty() const { return m_rules.empty(); }
    // The first rule that silences it, or null.
    [[nodiscard]] const SuppressionRule *match(DetectionType type, const SignInRow &row, const IpAddress &ip,
                                               std::uint32_t asn, const TextOf &textOf) const;
    [[nodiscard]] const SuppressionRule *match(const detect::Finding &finding,
                                               const detect::Names &names) const;

private:
    std::vector<SuppressionRule> m_rules;
};

// Inside the caller's transaction: records what is silenced and takes it out; the rest stays to be raised.
// How many were silenced that had not been before.
[[nodiscard]] Result<std::uint64_t> silence(store::Connection &connection, const Clock &clock,
                                            std::vector<RaisedDetection> &raised);

// What a rule would have silenced of the detections stored since then. What is stored is left as it is.
struct SuppressionPreview
{
    std::uint64_t detections = 0, users = 0;
    std::array<std::uint64_t, 4> levels{}; // by RiskLevel
    std::uint64_t confirmedCompromised = 0;
};
[[nodiscard]] Result<SuppressionPreview> previewSuppression(store::Connection &connection,
                                                            const SuppressionMatch &match, Timestamp since);

// Audited, needs Permission::Settings. Fills id, actor and addedAt. NotAllowed; Code::WrongUsage without a reason or with an
// end that is over.
[[nodiscard]] Result<SuppressionRule> addSuppression(store::Connection &connection, const Clock &clock,
                                                     const Operator &who, SuppressionRule rule);
// With what each has silenced; those that are over too.
[[nodiscard]] Result<std::vector<SuppressionRule>> suppressions(store::Connection &connection);
// Audited, needs Permission::Settings. Forgets what it silenced, so that the next reread() raises it. NotAllowed,
// NotFound.
[[nodiscard]] Result<SuppressionRule> removeSuppression(store::Connection &connection, const Clock &clock,
                                                        const Operator &who, std::int64_t id);

} // namespace riskdesk::ledger
