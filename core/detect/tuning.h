// Tuning: every threshold of every detector in one table, with unit, default and bounds.
//
// A key is `<riskEventType>.<name>` with the unit as suffix. Settings, `whatif`, the console and the handbook
// all read this table; a detector reads its numbers by the enumerator.
#pragma once

#include "core/base/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace riskdesk::detect {

// clang-format off
enum class Tune : std::size_t {
    TravelEnabled, TravelSpeedLimitKmh, TravelFastKmh, TravelMinDistanceKm, TravelSlackMinutes,
    TravelGroundMinutes, TravelWindowHours,
    TravelEarlierSignIns, TravelCityRadiusKm, TravelRegionRadiusKm, TravelCountryRadiusKm, TravelMobileRadiusKm,
    TravelFamiliarCount, TravelFamiliarDays, TravelCommonPercent, TravelLearningDays, TravelLearningSignIns,
    AnonymizerEnabled, AnonymizerTorGraceHours, AnonymizerGraceDays, AnonymizerHabitSuccesses, AnonymizerHabitDays,
    MalwareEnabled, MalwareTtlDays, MalwareHostingTtlDays, MalwareHighConfidence, MalwareHighUsers, MalwareMediumUsers,
    MalwareSharingDays, MalwareOwnOdds, MalwareOwnAttempts, MalwareOwnUsers, MalwareOwnDays,
    UnfamiliarEnabled, UnfamiliarLowBits, UnfamiliarMediumBits, UnfamiliarHighBits, UnfamiliarKappa,
    UnfamiliarHalfLifeDays, UnfamiliarKeepDays, UnfamiliarLearningSignIns, UnfamiliarLearningDays,
    UnfamiliarSilenceDays, UnfamiliarIpOddsBits, UnfamiliarAnonymizerBits, UnfamiliarHostingBits, UnfamiliarAutomatedBits,
    UnfamiliarUnknownDeviceBits, UnfamiliarKnownDeviceBits, UnfamiliarHourBits, UnfamiliarHourAlpha,
    UnfamiliarHourConcentration, UnfamiliarValuesPerLevel, UnfamiliarUpdateDays,
    UnfamiliarDoubtHours, UnfamiliarLearnNovelty,
    SprayEnabled, SpraySourceUsers, SpraySourceMinutes, SpraySourcePerUser, SpraySourceDayUsers, SprayWideUsers,
    SprayWideAddresses, SprayWideAttempts, SprayWidePerUser, SprayWideTraitPercent, SpraySlowUsers, SpraySlowPerUser,
    SprayBadToGood, SpraySurpriseBits, SprayHistoryDays, SprayUsualFailurePercent, SprayUsualFailureMinPercent,
    SprayUsualFailureMaxPercent, SprayNatSuccesses, SprayReachHours, SprayRateAlpha,
    ThreatEnabled, ThreatHighConfidence, ThreatMediumConfidence, ThreatQuarantinePercent, ThreatQuarantineDays,
    Count
};
// clang-format on

struct TuningEntry
{
    Tune id;
    std::string_view key;
    std::string_view unit; // "km/h", "days", "bits", "%", "" for a count or a switch
    double standard;       // the default
    double least, greatest;
    std::string_view meaning; // one sentence
};

[[nodiscard]] std::span<const TuningEntry> tuningTable();
[[nodiscard]] const TuningEntry *findTuning(std::string_view key);

// What the laboratory takes out of the engine to see what it is worth. No settings: nobody is better off without.
enum class Part : std::uint8_t {
    BackOff, // what a user was never seen with is held against what is usual in the directory, an address against
             // its network; without, every value there is counts alike
    Hygiene // only what nobody has reason to doubt teaches; without, every success does
};

class Tuning
{
public:
    Tuning(); // every default
    [[nodiscard]] double operator[](Tune id) const { return m_values[static_cast<std::size_t>(id)]; }
    [[nodiscard]] bool on(Tune id) const { return (*this)[id] != 0; }
    // Code::NotFound for an unknown key, Code::WrongUsage for a value out of bounds (detail names the
    // bounds).
    [[nodiscard]] Status set(std::string_view key, double value);
    void set(Tune id, double value) { m_values[static_cast<std::size_t>(id)] = value; }
    void leaveOut(Part part) { m_leftOut |= 1U << static_cast<unsigned>(part); }
    [[nodiscard]] bool has(Part part) const { return (m_leftOut >> static_cast<unsigned>(part) & 1) == 0; }

private:
    std::array<double, static_cast<std::size_t>(Tune::Count)> m_values;
    unsigned m_leftOut = 0;
};

} // namespace riskdesk::detect
