// Distances and speeds against numbers that others published.
#include "core/detect/geodesic.h"

#include <QTest>

#include <cmath>

using namespace riskdesk;
using namespace riskdesk::detect;

class TestGeodesic : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void agreesWithPublishedGeodesics_data();
    void agreesWithPublishedGeodesics();
    void givesTheSpeedsOfAPeer_data();
    void givesTheSpeedsOfAPeer();
    void positionsOutsideTheEarthAreRefused();
    void distanceIsSymmetricAndZeroAtHome();
};

void TestGeodesic::agreesWithPublishedGeodesics_data()
{
    QTest::addColumn<double>("lat1");
    QTest::addColumn<double>("lon1");
    QTest::addColumn<double>("lat2");
    QTest::addColumn<double>("lon2");
    QTest::addColumn<double>("metres");
    // Numbers of geopy's test_miscellaneous_high_accuracy_cases (WGS-84), test/test_distance.py.
    constexpr double rows[][5] = {
        {35.60777, -139.44815, -11.17491, -69.95921, 8935244.56048183},
        {55.52454, 106.05087, 77.03196, 197.18234, 4105086.171392441},
        {-21.97856, 142.59065, 41.84138, 98.56635, 8394328.894657671},
        {-66.99028, 112.2363, -12.70631, 285.90344, 11150344.231208025},
        {-17.42761, 173.34268, -15.84784, 5.93557, 16076603.163118068},
        {32.84994, 48.28919, -56.28556, 202.29132, 16727068.943816446},
        {6.96833, 52.74123, -7.39675, 206.17291, 17102477.249695837},
        {-50.56724, -16.30485, -33.56571, -94.97412, 6455670.511866869},
        {-58.93002, -8.90775, -8.91104, 133.13503, 11756066.021986462},
        {-68.82867, -74.28391, -50.63005, -8.36685, 3956936.926063544},
        {-10.62672, -32.0898, 5.883, -134.31681, 11470869.386456301},
        {-21.76221, 166.90563, 48.72884, 213.97627, 9098627.398655491},
        {-19.79938, -174.47484, -11.99349, -154.35109, 2319004.860116939},
        {-11.95887, -116.94513, 4.57352, 7.16501, 13834722.580140138},
        {-87.85331, 85.66836, 66.48646, 16.09921, 17286615.314714465},
        {1.74708, 128.32011, -11.16617, 11.87109, 12942901.124134742},
        {-25.72959, -144.90758, -57.70581, -269.17879, 9413446.745245311},
        {-41.22777, 122.32875, -7.57291, 130.37946, 3812686.035106021},
        {11.01307, 138.25278, 6.62726, 247.05981, 11911190.819018409},
        {-29.47124, 95.14681, -27.46601, -69.15955, 13487015.838114548},
    };
    int n = 0;
    for (const auto &r : rows)
        QTest::addRow("geodesic %d", ++n) << r[0] << r[1] << r[2] << r[3] << r[4];
}

void TestGeodesic::agreesWithPublishedGeodesics()
{
    QFETCH(double, lat1);
    QFETCH(double, lon1);
    QFETCH(double, lat2);
    QFETCH(double, lon2);
    QFETCH(double, metres);
    const double km = geodesicKm(lat1, lon1, lat2, lon2);
    QVERIFY2(std::abs(km * 1000 - metres) < 1, qPrintable(QString::number(km * 1000 - metres)));
    // The bound that unlikelyTravel screens with.
    QVERIFY(std::abs(greatCircleKm(lat1, lon1, lat2, lon2) / km - 1) < 0.0056);
}

void TestGeodesic::givesTheSpeedsOfAPeer_data()
{
    QTest::addColumn<double>("lat1");
    QTest::addColumn<double>("lon1");
    QTest::addColumn<double>("lat2");
    QTest::addColumn<double>("lon2");
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<int>("kmh");
    // Three exact speeds asserted by BuffaLogs, tests/detection/test_detection.py (Certego, Apache-2.0).
    QTest::addRow("Jaipur to Virginia in five minutes")
        << 26.9411 << 75.8773 << 38.8217 << -77.1814 << "2023-05-03T06:50:03.768Z"
        << "2023-05-03T06:55:31.768Z" << 133973;
    QTest::addRow("Virginia to Nagoya in two minutes")
        << 38.8217 << -77.1814 << 35.2196 << 137.062 << "2023-05-03T06:55:31.768Z"
        << "2023-05-03T06:57:27.768Z" << 344009;
    QTest::addRow("Nagoya to Mississippi in thirteen minutes")
        << 35.2196 << 137.062 << 30.3657 << -88.5561 << "2023-05-03T06:57:27.768Z"
        << "2023-05-03T07:10:23.154Z" << 52564;
}

void TestGeodesic::givesTheSpeedsOfAPeer()
{
    QFETCH(double, lat1);
    QFETCH(double, lon1);
    QFETCH(double, lat2);
    QFETCH(double, lon2);
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(int, kmh);
    const Timestamp t1 = *Timestamp::fromIso(from.toStdString()), t2 = *Timestamp::fromIso(to.toStdString());
    const double km = geodesicKm(lat1, lon1, lat2, lon2);
    QCOMPARE(static_cast<int>(speedKmh(km, t2 - t1)), kmh); // the peer cuts the fraction off
    QCOMPARE(speedKmh(km, t1 - t2), speedKmh(km, t2 - t1)); // going back in time is no slower
    QCOMPARE(speedKmh(km, Microseconds(0)), km / 0.001);    // the peer's rule for no time at all
}

void TestGeodesic::positionsOutsideTheEarthAreRefused()
{
    const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
    QVERIFY(std::isnan(geodesicKm(100, 0, 0, 0)));
    QVERIFY(std::isnan(geodesicKm(nan, 0, 0, 0)));
    QVERIFY(std::isnan(geodesicKm(0, inf, 0, 0)));
    QVERIFY(isPosition(-90, 180));
    for (const auto &[latitude, longitude] :
         {std::pair{100.0, 0.0}, {0.0, 181.0}, {nan, 0.0}, {0.0, nan}, {inf, inf}})
        QVERIFY(!isPosition(latitude, longitude));
    QVERIFY(!isPosition(0, 0)); // what a source writes when it does not know
}

void TestGeodesic::distanceIsSymmetricAndZeroAtHome()
{
    QCOMPARE(geodesicKm(38.72, -9.14, 38.72, -9.14), 0.0);
    QCOMPARE(geodesicKm(38.72, -9.14, 10.82, 106.63), geodesicKm(10.82, 106.63, 38.72, -9.14));
}

QTEST_APPLESS_MAIN(TestGeodesic)
#include "tst_geodesic.moc"
