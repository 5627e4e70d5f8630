// Map marks: the ends of a trip on the map.
#pragma once

#include "core/domain/evidence.h"

#include "ui/models/format.h"
#include "ui/widgets/charts/world_map.h"

namespace riskdesk::pages {

[[nodiscard]] inline widgets::MapMark markOf(const TravelEnd &end, bool suspicious, double radiusKm = 0)
{
    return {end.latitude, end.longitude, models::shown(end.city), suspicious, 0, radiusKm, {}};
}

} // namespace riskdesk::pages
