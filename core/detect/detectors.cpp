#include "core/detect/detectors.h"

#include "core/detect/anonymized_ip_address/anonymized_ip_address.h"
#include "core/detect/anonymized_ip_address/thresholds.h"
#include "core/detect/malware_infected_ip_address/malware_infected_ip_address.h"
#include "core/detect/malware_infected_ip_address/thresholds.h"
#include "core/detect/password_spray/password_spray.h"
#include "core/detect/password_spray/thresholds.h"
#include "core/detect/threat_intelligence/threat_intelligence.h"
#include "core/detect/threat_intelligence/thresholds.h"
#include "core/detect/unfamiliar_features/thresholds.h"
#include "core/detect/unfamiliar_features/unfamiliar_features.h"
#include "core/detect/unlikely_travel/thresholds.h"
#include "core/detect/unlikely_travel/unlikely_travel.h"

#include <algorithm>
#include <array>

namespace riskdesk::detect {
namespace {

constexpr auto specs = std::to_array<DetectorSpec>({
    {DetectionType::UnlikelyTravel, travelThresholds, makeUnlikelyTravel},
    {DetectionType::AnonymizedIPAddress, anonymizerThresholds, makeAnonymizedIpAddress},
    {DetectionType::MalwareInfectedIPAddress, malwareThresholds, makeMalwareInfectedIpAddress},
    {DetectionType::UnfamiliarFeatures, unfamiliarThresholds, makeUnfamiliarFeatures},
    {DetectionType::PasswordSpray, sprayThresholds, makePasswordSpray},
    {DetectionType::InvestigationsThreatIntelligence, threatThresholds, makeThreatIntelligence},
});

// Every type that is not somebody's word has its line.
static_assert([] {
    for (auto type = 1U; type <= static_cast<unsigned>(newestDetectionType); ++type)
        if (static_cast<DetectionType>(type) != DetectionType::AdminConfirmedUserCompromised &&
            std::ranges::count(specs, static_cast<DetectionType>(type), &DetectorSpec::type) != 1)
            return false;
    return true;
}());

// One after the other they are the table of all thresholds, by the numbers of Tune.
constexpr auto allThresholds = [] {
    std::array<TuningEntry, static_cast<std::size_t>(Tune::Count)> all{};
    std::size_t n = 0;
    for (const auto &spec : specs)
        for (const auto &entry : spec.thresholds)
            all.at(n++) = entry;
    return all;
}();
static_assert([] {
    for (std::size_t i = 0; i < allThresholds.size(); ++i) {
        const auto &entry = allThresholds[i];
        if (static_cast<std::size_t>(entry.id) != i || entry.key.empty() || entry.standard < entry.least ||
            entry.standard > entry.greatest)
            return false;
    }
    return true;
}());

} // namespace

std::span<const DetectorSpec> detectors()
{
    return specs;
}

std::span<const TuningEntry> tuningTable()
{
    return allThresholds;
}

} // namespace riskdesk::detect
