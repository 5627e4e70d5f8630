#include "ui/widgets/charts/world.h"

#include <QFile>
#include <QVector3D>
#include <QtEndian>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace riskdesk::widgets {

namespace {

constexpr double radians = std::numbers::pi / 180.0;

struct Reader
{
    const QByteArray &bytes;
    qsizetype at = 0;
    bool good = true;

    template <typename T>
    T take()
    {
        if (bytes.size() - at < static_cast<qsizetype>(sizeof(T))) {
            good = false;
            return 0;
        }
        const T value = qFromLittleEndian<T>(bytes.constData() + at);
        at += static_cast<qsizetype>(sizeof(T));
        return value;
    }
};

std::vector<CountryShape> load()
{
    std::vector<CountryShape> shapes;
    QFile file(QStringLiteral(":/riskdesk/map/world.bin"));
    if (!file.open(QIODevice::ReadOnly))
        return shapes;
    const QByteArray bytes = file.readAll();
    if (!bytes.startsWith("RDW1"))
        return shapes;
    Reader reader{bytes, 4};
    const int rings = reader.take<quint16>();
    for (int ring = 0; ring < rings && reader.good; ++ring) {
        CountryShape shape;
        shape.country = reader.take<quint16>();
        const int points = reader.take<quint16>();
        for (int i = 0; i < points && reader.good; ++i) {
            const double longitude = reader.take<qint16>() / 100.0;
            const double latitude = reader.take<qint16>() / 100.0;
            shape.outline << equalEarth(latitude, longitude);
        }
        if (reader.good)
            shapes.push_back(std::move(shape));
    }
    return reader.good ? shapes : std::vector<CountryShape>{};
}

struct Vector
{
    double x, y, z;
};

Vector onSphere(double latitude, double longitude)
{
    const double phi = latitude * radians;
    const double lambda = longitude * radians;
    return {std::cos(phi) * std::cos(lambda), std::cos(phi) * std::sin(lambda), std::sin(phi)};
}

bool onGlobe(double latitude, double longitude)
{
    return std::isfinite(latitude) && std::isfinite(longitude) && std::abs(latitude) <= 90 &&
           std::abs(longitude) <= 180;
}

} // namespace

QPointF equalEarth(double latitude, double longitude)
{
    constexpr double a1 = 1.340264;
    constexpr double a2 = -0.081106;
    constexpr double a3 = 0.000893;
    constexpr double a4 = 0.003796;
    const double m = std::sqrt(3.0) / 2.0;
    const double theta = std::asin(m * std::sin(latitude * radians));
    const double t2 = theta * theta;
    const double t6 = t2 * t2 * t2;
    const double x =
        longitude * radians * std::cos(theta) / (m * (a1 + 3 * a2 * t2 + t6 * (7 * a3 + 9 * a4 * t2)));
    const double y = theta * (a1 + a2 * t2 + t6 * (a3 + a4 * t2));
    return {x, y};
}

QList<QPolygonF> greatCircle(double fromLatitude, double fromLongitude, double toLatitude, double toLongitude)
{
    if (!onGlobe(fromLatitude, fromLongitude) || !onGlobe(toLatitude, toLongitude))
        return {};
    const Vector a = onSphere(fromLatitude, fromLongitude);
    const Vector b = onSphere(toLatitude, toLongitude);
    const double dot = std::clamp(a.x * b.x + a.y * b.y + a.z * b.z, -1.0, 1.0);
    const double angle = std::acos(dot);
    if (angle < 1e-6) // about six metres
        return {};
    constexpr int pieces = 96;
    QList<QPolygonF> lines{QPolygonF()};
    double last = fromLongitude;
    double lastLatitude = fromLatitude;
    for (int i = 0; i <= pieces; ++i) {
        const double t = static_cast<double>(i) / pieces;
        // Opposite ends have no shortest way; a hair of bias picks one.
        const double sine = std::max(std::sin(angle), 1e-6);
        const double p = std::sin((1 - t) * angle) / sine;
        const double q = std::sin(t * angle) / sine;
        const Vector v{p * a.x + q * b.x, p * a.y + q * b.y, p * a.z + q * b.z};
        const double latitude = std::atan2(v.z, std::hypot(v.x, v.y)) / radians;
        const double longitude = i == 0        ? fromLongitude
                                 : i == pieces ? toLongitude
                                               : std::atan2(v.y, v.x) / radians;
        if (i > 0 && std::abs(longitude - last) > 180) {
            const double edge = last > 0 ? 180 : -180;
            const double middle = (latitude + lastLatitude) / 2;
            lines.back() << equalEarth(middle, edge);
            lines.append(QPolygonF());
            lines.back() << equalEarth(middle, -edge);
        }
        lines.back() << equalEarth(latitude, longitude);
        last = longitude;
        lastLatitude = latitude;
    }
    return lines;
}

const std::vector<CountryShape> &worldShapes()
{
    static const std::vector<CountryShape> shapes = load();
    return shapes;
}

} // namespace riskdesk::widgets
