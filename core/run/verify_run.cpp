#include "core/run/verify_run.h"

#include "core/action/verify_risk.h"
#include "core/store/integrity.h"

namespace riskdesk::run {

Result<std::vector<std::string>> verifyDirectory(Directory &directory, std::stop_token stop,
                                                 const ProgressSink &progress)
{
    auto findings = store::verifyStore(directory.connection(), stop, progress);
    if (!findings)
        return findings;
    auto differences = action::verifyRisk(directory.connection(), stop, progress);
    if (!differences)
        return tl::unexpected(differences.error());
    for (const auto &difference : *differences)
        findings->push_back(action::sentence(difference));
    return findings;
}

} // namespace riskdesk::run
