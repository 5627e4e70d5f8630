#include "core/detect/tuning.h"

#include <fmt/format.h>

namespace riskdesk::detect {
namespace {

// clang-format off
constexpr TuningEntry table[] = {
    {Tune::TravelEnabled, "unlikelyTravel.enabled", "", 1, 0, 1, "Raise atypical travel."},
    {Tune::TravelSpeedLimitKmh, "unlikelyTravel.speedLimitKmh", "km/h", 900, 300, 5000, "Travel faster than this is impossible."},
    {Tune::TravelFastKmh, "unlikelyTravel.fastKmh", "km/h", 3000, 900, 100000, "Above this, a new country is high even with a known device."},
    {Tune::TravelMinDistanceKm, "unlikelyTravel.minDistanceKm", "km", 500, 50, 20000, "Shorter trips are never judged."},
    {Tune::TravelSlackMinutes, "unlikelyTravel.slackMinutes", "minutes", 10, 0, 120, "Added to the time between two sign-ins, for clocks that differ."},
    {Tune::TravelGroundMinutes, "unlikelyTravel.groundMinutes", "minutes", 90, 0, 600, "Time a traveller spends at airports; asked only of a device and a country that are both new to the user."},
    {Tune::TravelWindowHours, "unlikelyTravel.windowHours", "hours", 72, 1, 720, "Earlier sign-ins older than this are not compared."},
    {Tune::TravelEarlierSignIns, "unlikelyTravel.earlierSignIns", "", 5, 1, 5, "How many earlier sign-ins are compared."},
    {Tune::TravelCityRadiusKm, "unlikelyTravel.cityRadiusKm", "km", 50, 0, 500, "Uncertainty of a city where the source gives none."},
    {Tune::TravelRegionRadiusKm, "unlikelyTravel.regionRadiusKm", "km", 200, 0, 1000, "Uncertainty of a region where the source gives none."},
    {Tune::TravelCountryRadiusKm, "unlikelyTravel.countryRadiusKm", "km", 500, 0, 3000, "Uncertainty of a country where the source gives none."},
    {Tune::TravelMobileRadiusKm, "unlikelyTravel.mobileRadiusKm", "km", 200, 0, 1000, "Least uncertainty of a mobile network."},
    {Tune::TravelFamiliarCount, "unlikelyTravel.familiarCount", "sign-ins", 2, 1, 50, "A place with this decayed count is familiar to the user."},
    {Tune::TravelFamiliarDays, "unlikelyTravel.familiarDays", "days", 90, 7, 365, "Half-life of that count, and how long a place is remembered."},
    {Tune::TravelCommonPercent, "unlikelyTravel.commonPercent", "%", 5, 0.1, 100, "A place used by this share of users is common here."},
    {Tune::TravelLearningDays, "unlikelyTravel.learningDays", "days", 14, 0, 90, "Silent until this many days since the first success, or …"},
    {Tune::TravelLearningSignIns, "unlikelyTravel.learningSignIns", "sign-ins", 10, 0, 100, "… this many successes, whichever comes first."},
    {Tune::AnonymizerEnabled, "anonymizedIPAddress.enabled", "", 1, 0, 1, "Raise anonymous IP address."},
    {Tune::AnonymizerTorGraceHours, "anonymizedIPAddress.torGraceHours", "hours", 24, 0, 720, "A Tor exit counts this long after it was last listed."},
    {Tune::AnonymizerGraceDays, "anonymizedIPAddress.graceDays", "days", 7, 0, 90, "Other anonymizers count this long after they were last listed."},
    {Tune::AnonymizerHabitSuccesses, "anonymizedIPAddress.habitSuccesses", "sign-ins", 3, 1, 100, "Unflagged successes through one provider that make it a habit, …"},
    {Tune::AnonymizerHabitDays, "anonymizedIPAddress.habitDays", "days", 7, 0, 90, "… spread over at least this many days."},
    {Tune::MalwareEnabled, "malwareInfectedIPAddress.enabled", "", 1, 0, 1, "Raise malware linked IP address."},
    {Tune::MalwareTtlDays, "malwareInfectedIPAddress.ttlDays", "days", 7, 0, 365, "An address counts this long after it was last seen with malware."},
    {Tune::MalwareHostingTtlDays, "malwareInfectedIPAddress.hostingTtlDays", "days", 30, 0, 365, "The same for hosting networks, whose addresses move less."},
    {Tune::MalwareHighConfidence, "malwareInfectedIPAddress.highConfidence", "", 80, 0, 100, "Confidence from which a match may be high."},
    {Tune::MalwareHighUsers, "malwareInfectedIPAddress.highUsers", "users", 2, 0, 1000, "High only when at most this many users share the address."},
    {Tune::MalwareMediumUsers, "malwareInfectedIPAddress.mediumUsers", "users", 10, 0, 10000, "Medium up to this many users; low above."},
    {Tune::MalwareSharingDays, "malwareInfectedIPAddress.sharingDays", "days", 30, 1, 90, "Users who signed in from the address within this time share it."},
    {Tune::MalwareOwnOdds, "malwareInfectedIPAddress.ownOdds", "", 0.99, 0.5, 1, "Failure odds above which an address gets a bad reputation of its own."},
    {Tune::MalwareOwnAttempts, "malwareInfectedIPAddress.ownAttempts", "", 20, 5, 1000, "Attempts needed for that."},
    {Tune::MalwareOwnUsers, "malwareInfectedIPAddress.ownUsers", "users", 5, 2, 1000, "Users tried needed for that."},
    {Tune::MalwareOwnDays, "malwareInfectedIPAddress.ownDays", "days", 7, 1, 90, "How long that reputation lasts."},
    {Tune::UnfamiliarEnabled, "unfamiliarFeatures.enabled", "", 1, 0, 1, "Raise unfamiliar sign-in properties."},
    {Tune::UnfamiliarLowBits, "unfamiliarFeatures.lowBits", "bits", 5, 0, 60, "Low from here."},
    {Tune::UnfamiliarMediumBits, "unfamiliarFeatures.mediumBits", "bits", 8, 0, 60, "Medium from here."},
    {Tune::UnfamiliarHighBits, "unfamiliarFeatures.highBits", "bits", 10, 0, 60, "High from here, with something new in both place and device."},
    {Tune::UnfamiliarKappa, "unfamiliarFeatures.kappa", "", 0.25, 0.01, 4, "Weight of the back-off to what is usual in the directory."},
    {Tune::UnfamiliarHalfLifeDays, "unfamiliarFeatures.halfLifeDays", "days", 90, 7, 365, "Half-life of a count."},
    {Tune::UnfamiliarKeepDays, "unfamiliarFeatures.keepDays", "days", 180, 30, 730, "Values not seen for this long are forgotten."},
    {Tune::UnfamiliarLearningSignIns, "unfamiliarFeatures.learningSignIns", "sign-ins", 5, 0, 100, "Silent until this many successes …"},
    {Tune::UnfamiliarLearningDays, "unfamiliarFeatures.learningDays", "days", 5, 0, 90, "… and this many days since the first."},
    {Tune::UnfamiliarSilenceDays, "unfamiliarFeatures.silenceDays", "days", 90, 7, 365, "Back to learning after this long without a sign-in."},
    {Tune::UnfamiliarIpOddsBits, "unfamiliarFeatures.ipOddsBits", "bits", 4, 0, 10, "Most that the failure odds of the address can add."},
    {Tune::UnfamiliarAnonymizerBits, "unfamiliarFeatures.anonymizerBits", "bits", 2, 0, 10, "Added for an anonymizer."},
    {Tune::UnfamiliarAutomatedBits, "unfamiliarFeatures.automatedBits", "bits", 3, 0, 10, "Added for an automated client."},
    {Tune::UnfamiliarUnknownDeviceBits, "unfamiliarFeatures.unknownDeviceBits", "bits", 1, 0, 10, "Added when the device id is new."},
    {Tune::UnfamiliarKnownDeviceBits, "unfamiliarFeatures.knownDeviceBits", "bits", 6, 0, 20, "Taken off when the device id is known."},
    {Tune::UnfamiliarHourBits, "unfamiliarFeatures.hourBits", "bits", 2, 0, 10, "Most that an unusual hour can add."},
    {Tune::UnfamiliarHourAlpha, "unfamiliarFeatures.hourAlpha", "", 0.1, 0.01, 1, "Weight of the newest sign-in in the hour habit."},
    {Tune::UnfamiliarHourConcentration, "unfamiliarFeatures.hourConcentration", "", 0.3, 0, 1, "Below this concentration there is no hour habit."},
    {Tune::UnfamiliarValuesPerLevel, "unfamiliarFeatures.valuesPerLevel", "", 32, 4, 128, "Values remembered per user and level."},
    {Tune::UnfamiliarUpdateDays, "unfamiliarFeatures.updateDays", "days", 28, 0, 365, "Browsers are updated about so often; a newer release of the user's own is expected accordingly. 0: no release is."},
    {Tune::UnfamiliarDoubtHours, "unfamiliarFeatures.doubtHours", "hours", 24, 0, 168, "After a finding of medium or more, the same network teaches nothing about this user for so long."},
    {Tune::SprayEnabled, "passwordSpray.enabled", "", 1, 0, 1, "Raise password spray."},
    {Tune::SpraySourceUsers, "passwordSpray.sourceUsers", "users", 5, 2, 1000, "Single source: failing users within the short window."},
    {Tune::SpraySourceMinutes, "passwordSpray.sourceMinutes", "minutes", 20, 5, 60, "Single source: the short window."},
    {Tune::SpraySourcePerUser, "passwordSpray.sourcePerUser", "", 8, 1, 100, "Single source: failures per user at most; more is a forgotten password."},
    {Tune::SpraySourceDayUsers, "passwordSpray.sourceDayUsers", "users", 10, 2, 1000, "Single source: failing users within a day."},
    {Tune::SprayWideUsers, "passwordSpray.wideUsers", "users", 8, 2, 1000, "Many sources: failing users within an hour."},
    {Tune::SprayWideAddresses, "passwordSpray.wideAddresses", "", 5, 2, 1000, "Many sources: addresses within an hour."},
    {Tune::SprayWideAttempts, "passwordSpray.wideAttempts", "", 25, 5, 10000, "Many sources: attempts within an hour."},
    {Tune::SprayWidePerUser, "passwordSpray.widePerUser", "", 5, 1, 100, "Many sources: attempts per user at most."},
    {Tune::SprayWideTraitPercent, "passwordSpray.wideTraitPercent", "%", 60, 10, 100, "Many sources: share of attempts with the common trait."},
    {Tune::SpraySlowUsers, "passwordSpray.slowUsers", "users", 20, 5, 1000, "Low and slow: failing users of one agent within a day."},
    {Tune::SpraySlowPerUser, "passwordSpray.slowPerUser", "", 3, 1, 100, "Low and slow: attempts per user at most."},
    {Tune::SprayBadToGood, "passwordSpray.badToGood", "", 3, 0.5, 100, "Bad-to-good ratio of the scope from which it is an attack."},
    {Tune::SpraySurpriseBits, "passwordSpray.surpriseBits", "bits", 12, 0, 60, "Surprise against the scope's own history, where there is one."},
    {Tune::SprayHistoryDays, "passwordSpray.historyDays", "days", 14, 1, 90, "History a scope needs before surprise is asked for."},
    {Tune::SprayUsualFailurePercent, "passwordSpray.usualFailurePercent", "%", 15, 1, 90, "Share of legitimate failures until the directory's own is known."},
    {Tune::SprayUsualFailureMinPercent, "passwordSpray.usualFailureMinPercent", "%", 5, 0, 90, "Least share believed."},
    {Tune::SprayUsualFailureMaxPercent, "passwordSpray.usualFailureMaxPercent", "%", 40, 1, 95, "Greatest share believed."},
    {Tune::SprayNatSuccesses, "passwordSpray.natSuccesses", "sign-ins", 3, 1, 100, "Users with this many earlier successes from the address are not counted: an office."},
    {Tune::SprayReachHours, "passwordSpray.reachHours", "hours", 24, 1, 168, "A success this long before or after a campaign is judged."},
    {Tune::SprayRateAlpha, "passwordSpray.rateAlpha", "", 0.2, 0.01, 1, "Weight of the newest week in a scope's usual rate."},
    {Tune::ThreatEnabled, "investigationsThreatIntelligence.enabled", "", 1, 0, 1, "Raise threat intelligence."},
    {Tune::ThreatHighConfidence, "investigationsThreatIntelligence.highConfidence", "", 80, 0, 100, "Confidence from which a match is high."},
    {Tune::ThreatMediumConfidence, "investigationsThreatIntelligence.mediumConfidence", "", 50, 0, 100, "Confidence from which a match is medium."},
    {Tune::ThreatQuarantinePercent, "investigationsThreatIntelligence.quarantinePercent", "%", 2, 0.1, 100, "An indicator or malware entry that matches more of the directory's own successes is set aside; 100 switches that off."},
    {Tune::ThreatQuarantineDays, "investigationsThreatIntelligence.quarantineDays", "days", 30, 1, 90, "Successes of this long are looked at for that."},
};
// clang-format on

static_assert(std::size(table) == static_cast<std::size_t>(Tune::Count));
static_assert([] {
    for (std::size_t i = 0; i < std::size(table); ++i)
        if (static_cast<std::size_t>(table[i].id) != i || table[i].standard < table[i].least ||
            table[i].standard > table[i].greatest)
            return false;
    return true;
}());

} // namespace

std::span<const TuningEntry> tuningTable()
{
    return table;
}

const TuningEntry *findTuning(std::string_view key)
{
    for (const auto &entry : table)
        if (entry.key == key)
            return &entry;
    return nullptr;
}

Tuning::Tuning()
{
    for (const auto &entry : table)
        set(entry.id, entry.standard);
}

Status Tuning::set(std::string_view key, double value)
{
    const auto *entry = findTuning(key);
    if (entry == nullptr)
        return fail(Code::NotFound, std::string(key), "no such setting");
    if (!(value >= entry->least && value <= entry->greatest))
        return fail(Code::WrongUsage, std::string(key),
                    fmt::format("the value must lie between {} and {}", entry->least, entry->greatest));
    set(entry->id, value);
    return {};
}

} // namespace riskdesk::detect
