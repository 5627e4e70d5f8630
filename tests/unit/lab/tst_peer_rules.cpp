// Every rule fires on its textbook case and keeps silent on the case just below its limits.
#include "tests/lab/peer_rules.h"
#include "tests/support/places.h"
#include "tests/support/small_sign_ins.h"

#include <QTest>

#include <fstream>
#include <functional>
#include <optional>

using namespace riskdesk;
using lab::PeerAlert;
using test::secondUs;

namespace {

constexpr std::int64_t minuteUs = 60 * secondUs;
// The start of a window of every rule: 2026-03-18T12:00:00Z, a multiple of an hour.
constexpr std::int64_t noon = 1'773'835'200 * secondUs;
constexpr const char *attacker = "192.0.2.1";

struct Event
{
    int user = 1;           // "u1"
    std::int64_t after = 0; // noon, microseconds
    std::string ip = attacker;
    bool success = false;
    std::string app = "Shop", agent = "Mozilla/5.0", reason = "Invalid password", system = "Windows 10";
    double latitude = noCoordinate, longitude = noCoordinate;
    std::string country{}, state{};
    int errorCode = 50126;
    FailureKind failure = FailureKind::BadPassword;
};
using Events = std::vector<Event>;

Event success(int user, std::int64_t after, const std::string &ip = attacker)
{
    Event event;
    event.user = user, event.after = after, event.ip = ip, event.success = true;
    return event;
}

Event failure(int user, std::int64_t after, const std::string &ip = attacker)
{
    Event event;
    event.user = user, event.after = after, event.ip = ip;
    return event;
}

// `users` fail `times` each, evenly over `length`; user 1 first. `addresses` are taken in turn.
Events failures(int users, int times, std::int64_t length, int addresses = 1, int firstUser = 1)
{
    Events events;
    const int all = users * times;
    for (int i = 0; i < all; ++i)
        events.push_back(failure(firstUser + i % users, all > 1 ? i * length / (all - 1) : 0,
                                 "192.0.2." + std::to_string(1 + i % addresses)));
    return events;
}

Events operator+(Events left, const Events &right)
{
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

// Two sign-ins of user 1 on one meridian; a degree is 111.195 km on the mean sphere.
Events journey(double degrees, std::int64_t length, const std::function<void(Event &)> &change = {})
{
    auto from = success(1, 0, "192.0.2.1"), to = success(1, length, "198.51.100.1");
    from.latitude = 0, from.longitude = 10, from.country = "GA";
    to.latitude = degrees, to.longitude = 10, to.country = "NG";
    if (change)
        change(to);
    return {from, to};
}

std::int64_t hours(double h)
{
    return static_cast<std::int64_t>(h * 3600e6);
}

class Written
{
public:
    explicit Written(const Events &events)
    {
        auto &db = m_directory.connection();
        m_directory.need(db.execute("BEGIN"));
        m_directory.need(db.execute("INSERT INTO import_run (started_at) VALUES (0)"));
        int users = 0, number = 0;
        for (const auto &event : events)
            users = std::max(users, event.user);
        for (int user = 1; user <= users; ++user)
            m_directory.addUser({.key = 'u' + std::to_string(user)});
        std::vector<SignInRow> rows;
        for (const auto &event : events)
            rows.push_back(rowOf(event, ++number));
        std::sort(rows.begin(), rows.end(), before);
        if (!rows.empty() && !store::writeSegment(db, 1, rows))
            throw std::runtime_error("no segment");
        m_directory.need(m_directory.dictionaries().flush(db));
        m_directory.need(db.execute("COMMIT"));
        auto opened = store::openForReading(m_directory.file());
        if (!opened)
            throw std::runtime_error(opened.error().detail);
        m_reader.emplace(std::move(*opened));
    }
    [[nodiscard]] store::Connection &reader() { return *m_reader; }
    [[nodiscard]] std::filesystem::path folder() const { return m_directory.file().parent_path(); }

    [[nodiscard]] std::vector<PeerAlert> alertsOf(const std::string &rule)
    {
        auto alerts = lab::runPeerRule(*m_reader, test::peerRules() / (rule + ".sql"));
        if (!alerts)
            throw std::runtime_error(alerts.error().subject + ": " + alerts.error().detail);
        return *alerts;
    }

private:
    std::uint32_t intern(Dictionary kind, std::string_view text)
    {
        return m_directory.dictionaries().intern(kind, text);
    }
    SignInRow rowOf(const Event &event, int number)
    {
        SignInRow row;
        const auto name = "event-" + std::to_string(number);
        row.at = noon + event.after;
        row.user = static_cast<std::uint32_t>(event.user);
        row.eventKey = blake2b128(name);
        row.eventIdKind = EventIdKind::Text;
        row.eventIdText = intern(Dictionary::EventId, name);
        const auto ip = *IpAddress::parse(event.ip);
        row.ip =
            intern(Dictionary::Address, {reinterpret_cast<const char *>(ip.bytes.data()), ip.bytes.size()});
        row.application = intern(Dictionary::Application, event.app);
        row.userAgent = intern(Dictionary::UserAgent, event.agent);
        row.operatingSystem = intern(Dictionary::OperatingSystem, event.system);
        row.place = intern(Dictionary::Place,
                           Place{"", event.state, event.country, event.latitude, event.longitude}.encode());
        row.outcome = event.success ? Outcome::Success : Outcome::Failure;
        if (!event.success) {
            row.errorCode = event.errorCode;
            row.failure = event.failure;
            row.failureReason = intern(Dictionary::FailureReason, event.reason);
        }
        return row;
    }

    test::SmallDirectory m_directory;
    std::optional<store::Connection> m_reader;
};

QStringList usersOf(const std::vector<PeerAlert> &alerts)
{
    QStringList users;
    for (const auto &alert : alerts)
        if (!alert.user.empty())
            users << QString::fromStdString(alert.user);
    users.sort();
    return users;
}

QStringList scopesOf(const std::vector<PeerAlert> &alerts)
{
    QStringList scopes;
    for (const auto &alert : alerts)
        if (alert.user.empty())
            scopes << QString::fromStdString(alert.scope);
    return scopes;
}

} // namespace

Q_DECLARE_METATYPE(Events)

class TestPeerRules : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sprayRules_data();
    void sprayRules();
    void travelRules_data();
    void travelRules();
    void anEmptyDirectoryRaisesNobody();
    void tellsTheSignInAndTheMoment();
    void windowsThatOverlapAreOneAlert();
    void refusesWhatIsNoRule_data();
    void refusesWhatIsNoRule();
};

void TestPeerRules::sprayRules_data()
{
    QTest::addColumn<QString>("rule");
    QTest::addColumn<Events>("events");
    QTest::addColumn<QStringList>("scopes");
    QTest::addColumn<QStringList>("users");
    const QStringList address = {attacker}, tenant = {"tenant"}, nothing;
    const auto add = [&](const char *name, const char *rule, const Events &events, const QStringList &scopes,
                         const QStringList &users = {}) {
        QTest::newRow(name) << QString(rule) << events << scopes << users;
    };
    // In every case user 90 signs in from an address of the attack, and user 91 from elsewhere.
    const auto hit = [](std::int64_t after, const std::string &ip = attacker) {
        return Events{success(90, after, ip), success(91, after, "203.0.113.9")};
    };
    const QStringList hitUser = {"u90"};

    constexpr auto sentinel = "sentinel_signin_password_spray";
    add("Sentinel: five users in one application", sentinel, failures(5, 1, 10 * minuteUs) + hit(minuteUs),
        address, hitUser);
    add("Sentinel: four users", sentinel, failures(4, 3, 10 * minuteUs) + hit(minuteUs), nothing);
    add("Sentinel: five users over two bins", sentinel,
        failures(4, 1, 0) + Events{failure(5, 20 * minuteUs)} + hit(minuteUs), nothing);
    auto twoApps = failures(5, 1, minuteUs);
    twoApps[0].app = "Back office";
    add("Sentinel: five users in two applications", sentinel, twoApps + hit(minuteUs), nothing);
    Events right;
    for (int user = 20; user < 25; ++user)
        right.push_back(success(user, minuteUs));
    add("Sentinel: as many users with a right password", sentinel, failures(5, 1, minuteUs) + right, nothing);
    auto disabled = failures(5, 1, minuteUs);
    disabled[4].failure = FailureKind::Disabled;
    add("Sentinel: the fifth account is disabled", sentinel, disabled, nothing);

    constexpr auto single = "elastic_okta_single_source";
    add("single source: five users, three times each", single,
        failures(5, 3, 10 * minuteUs) + hit(20 * minuteUs), address, hitUser);
    add("single source: four users", single, failures(4, 4, 10 * minuteUs), nothing);
    add("single source: fourteen attempts", single,
        failures(4, 3, 10 * minuteUs) + failures(1, 2, minuteUs, 1, 5), nothing);
    add("single source: one user nine times", single,
        failures(5, 3, 10 * minuteUs) + failures(1, 6, minuteUs), nothing);
    add("single source: one user eight times", single,
        failures(5, 3, 10 * minuteUs) + failures(1, 5, minuteUs), address);
    add("single source: half of the users only once", single,
        failures(5, 3, 10 * minuteUs) + failures(5, 1, minuteUs, 1, 6), nothing);
    add("single source: 60 % of the users twice, the others once", single,
        failures(6, 2, 10 * minuteUs) + failures(4, 1, minuteUs, 1, 7), address);
    add("single source: half of the users seven times", single,
        failures(10, 6, 10 * minuteUs) + failures(5, 1, minuteUs), nothing);
    add("single source: 40 % of the users seven times", single,
        failures(10, 6, 10 * minuteUs) + failures(4, 1, minuteUs), address);
    add("single source: over in less than five minutes", single, failures(5, 3, 5 * minuteUs - 1), nothing);
    add("single source: five minutes", single, failures(5, 3, 5 * minuteUs), address);

    constexpr auto stuffing = "elastic_okta_stuffing";
    add("stuffing: 25 attempts on 15 users", stuffing,
        failures(15, 1, 5 * minuteUs) + failures(10, 1, 9 * minuteUs) + hit(10 * minuteUs), address, hitUser);
    add("stuffing: 24 attempts", stuffing, failures(15, 1, 5 * minuteUs) + failures(9, 1, 9 * minuteUs),
        nothing);
    add("stuffing: 14 users", stuffing, failures(14, 2, 5 * minuteUs), nothing);
    add("stuffing: one user three times", stuffing,
        failures(15, 2, 5 * minuteUs) + Events{failure(1, minuteUs)}, nothing);

    constexpr auto distributed = "elastic_okta_distributed";
    add("distributed: eight users, five addresses, 25 attempts", distributed,
        failures(8, 3, 10 * minuteUs, 5) + Events{failure(1, 0)} + hit(11 * minuteUs, "192.0.2.4"), tenant,
        hitUser);
    add("distributed: 24 attempts", distributed, failures(8, 3, 10 * minuteUs, 5), nothing);
    add("distributed: four addresses", distributed, failures(8, 4, 10 * minuteUs, 4), nothing);
    add("distributed: seven users", distributed, failures(7, 4, 10 * minuteUs, 5), nothing);
    add("distributed: five attempts a user", distributed, failures(8, 5, 10 * minuteUs, 5), tenant);
    add("distributed: more than five attempts a user", distributed,
        failures(8, 5, 10 * minuteUs, 5) + Events{failure(1, 0)}, nothing);
    add("distributed: more addresses than users", distributed, failures(8, 4, 10 * minuteUs, 9), nothing);

    constexpr auto spraying = "elastic_entra_spraying";
    add("Entra spraying: fifteen users, one text", spraying,
        failures(15, 1, 10 * minuteUs) + hit(12 * minuteUs), tenant, hitUser);
    add("Entra spraying: fourteen users", spraying, failures(14, 2, 10 * minuteUs), nothing);
    auto twoTexts = failures(15, 1, 10 * minuteUs);
    twoTexts[7].reason = "Account locked";
    add("Entra spraying: two texts", spraying, twoTexts, nothing);

    constexpr auto entraStuffing = "elastic_entra_stuffing";
    add("Entra stuffing: ten users, five addresses, 30 events", entraStuffing,
        failures(10, 3, 10 * minuteUs, 5) + hit(12 * minuteUs), tenant, hitUser);
    add("Entra stuffing: longer than ten minutes", entraStuffing, failures(10, 3, 10 * minuteUs + 1, 5),
        nothing);
    add("Entra stuffing: nine users", entraStuffing, failures(9, 4, 5 * minuteUs, 5), nothing);
    add("Entra stuffing: four addresses", entraStuffing, failures(10, 3, 5 * minuteUs, 4), nothing);
    add("Entra stuffing: 29 events", entraStuffing,
        failures(10, 2, 5 * minuteUs, 5) + failures(9, 1, 5 * minuteUs), nothing);
    add("Entra stuffing: as many addresses as users", entraStuffing, failures(10, 3, 5 * minuteUs, 10),
        nothing);

    constexpr auto splunk = "splunk_per_address";
    add("Splunk: 31 users in five minutes", splunk, failures(31, 1, 4 * minuteUs) + hit(minuteUs), address,
        hitUser);
    add("Splunk: 30 users", splunk, failures(30, 2, 4 * minuteUs) + hit(minuteUs), nothing);
    add("Splunk: 31 users over two windows", splunk, failures(31, 1, 5 * minuteUs), nothing);

    constexpr auto unusual = "splunk_unusual_per_address";
    add("Splunk unusual: eleven users, never seen before", unusual,
        failures(11, 1, 4 * minuteUs) + hit(minuteUs), address, hitUser);
    add("Splunk unusual: ten users", unusual, failures(10, 1, 4 * minuteUs), nothing);
    Events quietDays, busyDays;
    for (int day = 1; day <= 10; ++day) {
        auto quiet = failures(1, 1, 0), busy = failures(11, 1, 0);
        for (auto *events : {&quiet, &busy})
            for (auto &event : *events)
                event.after -= day * test::dayUs;
        quietDays = quietDays + quiet, busyDays = busyDays + busy;
    }
    add("Splunk unusual: eleven users where it was one", unusual, failures(11, 1, 0) + quietDays, address);
    add("Splunk unusual: twelve users where it was nearly as many", unusual,
        failures(12, 1, 0) + failures(11, 1, 0, 1, 20) + busyDays, address);
    add("Splunk unusual: eleven users and one window before", unusual,
        failures(11, 1, 0) + Events{failure(1, -test::dayUs)}, nothing);

    constexpr auto many = "splunk_distributed";
    add("Splunk distributed: 21 users from 21 addresses", many,
        failures(21, 1, 4 * minuteUs, 21) + hit(minuteUs, "192.0.2.7"), {"directory"}, hitUser);
    add("Splunk distributed: 20 addresses", many, failures(21, 1, 4 * minuteUs, 20), nothing);
    add("Splunk distributed: 20 users", many, failures(20, 2, 4 * minuteUs, 21), nothing);
    auto twoAgents = failures(21, 1, 4 * minuteUs, 21);
    twoAgents[3].agent = "curl/8.0";
    add("Splunk distributed: two agents", many, twoAgents, nothing);

    constexpr auto panther = "panther_users_per_address";
    add("Panther: five users within the hour", panther, failures(5, 1, 59 * minuteUs) + hit(30 * minuteUs),
        address, hitUser);
    add("Panther: four users", panther, failures(4, 4, 30 * minuteUs), nothing);
    add("Panther: five users in more than an hour", panther, failures(5, 1, 60 * minuteUs), nothing);
}

void TestPeerRules::sprayRules()
{
    QFETCH(QString, rule);
    QFETCH(Events, events);
    Written written(events);
    const auto alerts = written.alertsOf(rule.toStdString());
    QTEST(scopesOf(alerts), "scopes");
    QTEST(usersOf(alerts), "users");
}

void TestPeerRules::travelRules_data()
{
    QTest::addColumn<QString>("rule");
    QTest::addColumn<Events>("events");
    QTest::addColumn<bool>("fires");
    const auto add = [&](const char *name, const char *rule, const Events &events, bool fires) {
        QTest::newRow(name) << QString(rule) << events << fires;
    };
    constexpr auto buffalogs = "buffalogs_impossible_travel";
    add("BuffaLogs: 1112 km at 300.5 km/h", buffalogs, journey(10, hours(3.7)), true);
    add("BuffaLogs: 1112 km at 299.7 km/h", buffalogs, journey(10, hours(3.71)), false);
    add("BuffaLogs: 100.1 km at once", buffalogs, journey(0.9, 0), true);
    add("BuffaLogs: 99.96 km at once", buffalogs, journey(0.899, 0), false);
    add("BuffaLogs: within a country", buffalogs, journey(10, 0, [](Event &e) { e.country = "GA"; }), false);
    add("BuffaLogs: a telephone", buffalogs, journey(10, 0, [](Event &e) { e.system = "Android 14"; }),
        false);
    auto known = journey(10, hours(1));
    known.push_back(known[1]);
    known.back().after = -hours(1000);
    add("BuffaLogs: an address the user had before", buffalogs, known, false);
    add("BuffaLogs: a failure travels nowhere", buffalogs,
        journey(10, 0, [](Event &e) { e.success = false; }), false);

    constexpr auto panther = "panther_impossible_travel";
    add("Panther: 1112 km at 900.6 km/h", panther, journey(10, hours(1.235)), true);
    add("Panther: 1112 km at 899.2 km/h", panther, journey(10, hours(1.237)), false);
    add("Panther: from the same address", panther, journey(10, 0, [](Event &e) { e.ip = attacker; }), false);
    add("Panther: without a place", panther, journey(10, 0, [](Event &e) { e.latitude = noCoordinate; }),
        false);

    constexpr auto okta = "okta_velocity";
    add("Okta: 1112 km at 805.8 km/h", okta, journey(10, hours(1.38)), true);
    add("Okta: 1112 km at 804.6 km/h", okta, journey(10, hours(1.382)), false);
    add("Okta: one kilometre at once", okta, journey(0.01, 0), true);
    add("Okta: nowhere at once", okta, journey(0, 0), false);

    constexpr auto box = "elastic_travel_box";
    add("box: 1112 km at 800.4 km/h", box, journey(10, hours(83.35 / 60)), true);
    add("box: 1112 km at 799.7 km/h", box, journey(10, hours(83.43 / 60)), false);
    add("box: 500.2 km at once", box, journey(4.498, minuteUs), true);
    add("box: 499.8 km at once", box, journey(4.495, minuteUs), false);
    add("box: within a region", box, journey(10, minuteUs, [](Event &e) { e.country = "GA"; }), false);
    add("box: after more than 90 minutes", box, journey(20, 90 * minuteUs), false);
    Events five = journey(10, minuteUs), six;
    for (int i = 0; i < 4; ++i) {
        auto event = five[1];
        event.state = std::to_string(i);
        (i < 3 ? five : six).push_back(event);
    }
    add("box: five regions", box, five, true);
    add("box: six regions", box, five + six, false);
}

void TestPeerRules::travelRules()
{
    QFETCH(QString, rule);
    QFETCH(Events, events);
    QFETCH(bool, fires);
    Written written(events);
    const auto alerts = written.alertsOf(rule.toStdString());
    QCOMPARE(usersOf(alerts), fires ? QStringList{"u1"} : QStringList{});
    QVERIFY(scopesOf(alerts).isEmpty());
    for (const auto &alert : alerts)
        QCOMPARE(alert.scope, alert.user);
}

void TestPeerRules::anEmptyDirectoryRaisesNobody()
{
    const auto rules = lab::peerRules(test::peerRules());
    QVERIFY(rules.has_value());
    QCOMPARE(rules->size(), std::size_t{14});
    Written empty({});
    for (const auto &rule : *rules)
        QVERIFY(empty.alertsOf(rule.stem().string()).empty());
    QCOMPARE(lab::peerRules(test::peerRules() / "none").error().code, Code::NotFound);
}

void TestPeerRules::tellsTheSignInAndTheMoment()
{
    // Fractions of a second, and none.
    Written written(journey(0.3, minuteUs) + Events{success(2, 0), success(2, 1, "198.51.100.1")});
    const auto alerts = written.alertsOf("panther_impossible_travel");
    QCOMPARE(alerts.size(), std::size_t{1});
    QCOMPARE(alerts[0].requestId, std::string("event-2"));
    QCOMPARE(alerts[0].at.us, noon + minuteUs);
    QVERIFY(alerts[0].detail.starts_with("low: 33 km in 0.02 h"));

    for (const auto &[degrees, level] : {std::pair(0.449, "low: 50 km"), std::pair(0.450, "high: 50 km")})
        QVERIFY(Written(journey(degrees, minuteUs))
                    .alertsOf("panther_impossible_travel")
                    .at(0)
                    .detail.starts_with(level));

    auto attack = failures(5, 1, 10 * minuteUs + 123'456) + Events{success(9, 7 * minuteUs + 1)};
    Written sprayed(attack);
    const auto raised = sprayed.alertsOf("sentinel_signin_password_spray");
    QCOMPARE(raised.size(), std::size_t{2});
    const PeerAlert user{attacker,
                         "u9",
                         {noon + 7 * minuteUs + 1},
                         "event-6",
                         "signed in from the address in the same 20 minutes"};
    const PeerAlert scope{
        attacker, "", {noon + 10 * minuteUs + 123'456}, "", "5 users failing in one application, 1 right"};
    QVERIFY(raised[0] == user);
    QVERIFY(raised[1] == scope);
}

void TestPeerRules::windowsThatOverlapAreOneAlert()
{
    auto morning = failures(6, 3, 50 * minuteUs), evening = failures(6, 3, 50 * minuteUs);
    for (auto &event : evening)
        event.after += hours(6);
    Written written(morning + evening);
    for (const auto *rule : {"elastic_okta_single_source", "panther_users_per_address"})
        QCOMPARE(scopesOf(written.alertsOf(rule)).size(), 2);
    // Two alerts where the first window of the second is more than an hour after the last of the first.
    auto again = failures(6, 3, 10 * minuteUs);
    for (auto &event : again)
        event.after += 125 * minuteUs;
    Written twice(failures(6, 3, 10 * minuteUs) + again);
    QCOMPARE(scopesOf(twice.alertsOf("panther_users_per_address")).size(), 2);
    Written travelled(journey(10, minuteUs));
    QCOMPARE(travelled.alertsOf("elastic_travel_box").size(), std::size_t{1});
}

void TestPeerRules::refusesWhatIsNoRule_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("a comment only") << QByteArray("-- nothing\n");
    QTest::newRow("no SQL") << QByteArray("every user is a suspect");
    QTest::newRow("other columns") << QByteArray("SELECT 1 AS scope");
    QTest::newRow("it would change something") << QByteArray("DELETE FROM user");
    QTest::newRow("two questions") << QByteArray(
        "SELECT 1 AS scope, 2 AS user, 3 AS at, 4 AS requestId, 5 AS detail; SELECT 1");
}

void TestPeerRules::refusesWhatIsNoRule()
{
    QFETCH(QByteArray, sql);
    Written written({success(1, 0)});
    const auto file = written.folder() / "rule.sql";
    std::ofstream(file) << sql.toStdString();
    const auto alerts = lab::runPeerRule(written.reader(), file);
    QVERIFY(!alerts);
    QCOMPARE(alerts.error().code, Code::WrongUsage);
    QCOMPARE(lab::runPeerRule(written.reader(), written.folder() / "missing.sql").error().code,
             Code::NotFound);
}

QTEST_APPLESS_MAIN(TestPeerRules)
#include "tst_peer_rules.moc"
