// Chart stretches: into which parts a chart cuts the time it shows, and what is written under them. Hours and
// days are those of the zone that the console shows (ui/models/format.h). GUI thread.
#pragma once

#include "core/base/timestamp.h"

#include <QStringList>

#include <vector>

namespace riskdesk::widgets {

// Ends of the stretches, oldest first: from `from` to `until` exactly, in between at whole hours or
// midnights, so that only the first and the last can be shorter than the others.

// Hours where it is a day at most, else days, several to a stretch where there would be more than `most`.
[[nodiscard]] std::vector<Timestamp> dayStretches(Timestamp from, Timestamp until, int most = 92);
// As fine as `most` allows, from quarters of an hour on.
[[nodiscard]] std::vector<Timestamp> fineStretches(Timestamp from, Timestamp until, int most = 170);

// How each begins: "14:00", "17 Feb", "17 Feb 14:00"; with the year where they lie in several.
[[nodiscard]] QStringList stretchLabels(const std::vector<Timestamp> &bounds);

} // namespace riskdesk::widgets
