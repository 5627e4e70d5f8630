// Tunings: what the detectors were set to at each place in the order of sign-ins.
//
// A changed setting holds from the newest sign-in on that had been examined. Whoever examines earlier ones, since a log
// came late or somebody asks why, judges them by what held there, so that findings stay what they were. Setting it
// for the past too is a step of its own (settleByToday() in core/replay/settle.h).
//
//     auto tunings = Tunings::load(connection);
//     Engine engine(tunings->behind(begin), …);
//     TuningWalk walk(*tunings, begin);
//     for (const SignInRow &row : behindBegin)
//         if (const auto *changed = walk.before(row))
//             engine.retune(*changed);
//
// Values; any thread once loaded.
#pragma once

#include "core/base/result.h"
#include "core/detect/tuning.h"
#include "core/domain/sign_in.h"
#include "core/store/connection.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::run {

class Tunings
{
public:
    [[nodiscard]] static Result<Tunings> load(store::Connection &connection);
    // One for all places.
    explicit Tunings(const detect::Tuning &tuning);

    struct Stretch
    {
        detect::Tuning tuning;
        std::optional<Position> until; // the last has none
    };
    [[nodiscard]] const std::vector<Stretch> &stretches() const
    {
        return m_stretches;
    } // ascending, never empty
    [[nodiscard]] const detect::Tuning &present() const { return m_stretches.back().tuning; }
    // For the first sign-in behind that place; nothing: for the first of all.
    [[nodiscard]] const detect::Tuning &behind(const std::optional<Position> &place) const;

    // At every place. As Tuning::set().
    [[nodiscard]] Status set(std::string_view key, double value);
    // Those of today, at every place.
    [[nodiscard]] Tunings ofPresent() const { return Tunings(present()); }

    // Whoever examined up to `to` did so by these: what somebody set since load() holds behind `to` only. In the
    // transaction that writes the detectors' memory.
    [[nodiscard]] Status holdUntil(store::Connection &connection, const Position &to) const;

private:
    using Values = std::map<Position, double>; // until there
    std::vector<Stretch> m_stretches;
    std::map<std::string, Values, std::less<>> m_until;
};

// Along the sign-ins, in their order.
class TuningWalk
{
public:
    TuningWalk(const Tunings &tunings, const std::optional<Position> &begin); // `tunings` outlives it
    // What holds from this one on, where that is not what held for the one before.
    [[nodiscard]] const detect::Tuning *before(const SignInRow &row)
    {
        return m_stretch->until && !m_stretch->until->covers(row) ? next(row) : nullptr;
    }

private:
    const detect::Tuning *next(const SignInRow &row);
    const Tunings::Stretch *m_stretch; // of the sign-in before
};

// Until the newest sign-in that was examined, a setting of the detectors was what it is now: it is about to be changed to
// `value`. Inside the caller's transaction.
[[nodiscard]] Status keepUntilNow(store::Connection &connection, std::string_view key, double before,
                                  double value);

} // namespace riskdesk::run
