// Outline of the world and its projection. The outline is resources/map/world.bin, made by
// packaging/make_world.py from Natural Earth's public domain data; borders are as drawn there. Projection:
// Equal Earth (Savric, Patterson, Jenny 2018, "The Equal Earth map projection", equations 1 to 4). Degrees
// in, unitless plane out, y upwards.
#pragma once

#include <QPainterPath>
#include <QPointF>
#include <QPolygonF>

#include <vector>

namespace riskdesk::widgets {

[[nodiscard]] QPointF equalEarth(double latitude, double longitude);
// Points along the shorter great circle, cut where it crosses 180 degrees: one or two lines in the plane.
// Empty for places that are not on the globe.
[[nodiscard]] QList<QPolygonF> greatCircle(double fromLatitude, double fromLongitude, double toLatitude,
                                           double toLongitude);

struct CountryShape
{
    int country = 0; // ISO 3166-1 numeric, 0 unknown
    QPolygonF outline;
};
// Projected once per process; empty when the resource is missing or damaged.
[[nodiscard]] const std::vector<CountryShape> &worldShapes();

} // namespace riskdesk::widgets
