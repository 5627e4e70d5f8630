// The table `signin` says what is stored, row for row, however it is asked; and it survives whatever a file
// holds.
#include "core/store/schema.h"
#include "core/store/sign_in_scan.h"

#include "tests/support/number.h"
#include "tests/support/small_directory.h"
#include "tests/support/small_sign_ins.h"

#include <QTest>

using namespace riskdesk;
using test::SmallDirectory;
using test::SmallSignIns;

namespace {

std::int64_t number(store::Connection &db, const QString &sql)
{
    return test::number(db, sql.toStdString());
}

QStringList column(store::Connection &db, const QString &sql)
{
    QStringList found;
    store::Statement row(db, sql.toStdString());
    while (row.step())
        found << QString::fromStdString(row.string(0));
    return row.ok() ? found : QStringList{QString::fromStdString(row.error().detail)};
}

std::int64_t addSegment(store::Connection &db, std::vector<SignInRow> rows)
{
    if (number(db, "SELECT count(*) FROM import_run") == 0)
        SmallDirectory::need(db.execute("INSERT INTO import_run (started_at) VALUES (0)"));
    return store::writeSegment(db, 1, rows).value_or(-1);
}

} // namespace

class SignInVtabTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_directory = std::make_unique<SmallDirectory>();
        m_directory->populate(20);
        SmallSignIns(*m_directory, rows, 11);
    }

    void saysWhatIsStored_data()
    {
        QTest::addColumn<QString>("expected"); // of t, a row of plain text
        for (const auto &[name, expected] : std::initializer_list<std::pair<const char *, const char *>>{
                 {"id", "t.id"},
                 {"userId", "t.user_key"},
                 {"userPrincipalName", "nullif(t.upn, '')"},
                 {"userDisplayName", "nullif(t.display_name, '')"},
                 {"appDisplayName", "nullif(t.app, '')"},
                 {"resourceDisplayName", "nullif(t.resource, '')"},
                 {"ipAddress", "nullif(t.ip_text, '')"},
                 {"autonomousSystemNumber", "nullif(t.asn, 0)"},
                 {"city", "nullif(t.city, '')"},
                 {"countryOrRegion", "nullif(t.country, '')"},
                 {"latitude", "CASE t.city WHEN 'Lisbon' THEN 38.72 WHEN 'São Paulo' THEN -23.55 END"},
                 {"longitude", "CASE t.city WHEN 'Lisbon' THEN -9.14 WHEN 'São Paulo' THEN -46.63 END"},
                 {"state", "CASE t.city WHEN 'São Paulo' THEN 'SP' END"},
                 {"clientAppUsed", "nullif(t.client, '')"},
                 {"userAgent", "nullif(t.agent, '')"},
                 {"browser", "nullif(t.browser, '')"},
                 {"operatingSystem", "nullif(t.os, '')"},
                 {"deviceId", "nullif(t.device, '')"},
                 {"errorCode", "t.error_code"},
                 {"failureReason", "nullif(t.failure_reason, '')"},
                 {"outcome",
                  "CASE t.outcome WHEN 0 THEN 'success' WHEN 1 THEN 'failure' ELSE 'interrupted' END"},
                 {"failureKind",
                  "CASE t.failure WHEN 0 THEN 'none' WHEN 1 THEN 'badPassword' WHEN 2 THEN 'unknownUser' "
                  "WHEN 3 THEN 'locked' WHEN 4 THEN 'expired' WHEN 5 THEN 'disabled' ELSE 'other' END"},
                 {"isInteractive", "t.interactive"},
                 {"mfa",
                  "CASE t.mfa WHEN 0 THEN 'unknown' WHEN 1 THEN 'singleFactor' WHEN 2 THEN 'required' ELSE "
                  "'passed' END"},
                 {"identity", "CASE t.identity WHEN 0 THEN 'unknown' WHEN 1 THEN 'local' ELSE 'social' END"},
                 {"correlationId", "nullif(t.correlation, '')"},
                 {"sessionId", "nullif(t.session, '')"},
                 {"riskLevelDuringSignIn",
                  "CASE t.level_during WHEN 0 THEN 'none' WHEN 1 THEN 'low' WHEN 2 THEN "
                  "'medium' ELSE 'high' END"},
                 {"riskLevelAggregated",
                  "CASE t.level_aggregated WHEN 0 THEN 'none' WHEN 1 THEN 'low' WHEN 2 THEN "
                  "'medium' ELSE 'high' END"},
                 {"riskState",
                  "CASE t.state WHEN 0 THEN 'none' WHEN 1 THEN 'confirmedSafe' WHEN 2 THEN 'remediated' "
                  "WHEN 3 THEN 'dismissed' WHEN 4 THEN 'atRisk' ELSE 'confirmedCompromised' END"},
                 {"sourceFile", "nullif(t.source, '')"},
             })
            QTest::newRow(name) << QString(expected);
    }
    void saysWhatIsStored()
    {
        QFETCH(QString, expected);
        auto &db = m_directory->connection();
        const QString name = QTest::currentDataTag();
        const auto joined =
            QString("FROM (SELECT row_number() OVER (ORDER BY rowid) - 1 AS number, * FROM signin) s "
                    "JOIN sign_in_text t ON t.row = s.number");
        QCOMPARE(number(db, "SELECT count(*) " + joined), rows);
        QCOMPARE(number(db, QString("SELECT count(*) %1 WHERE s.%2 IS NOT %3").arg(joined, name, expected)),
                 0);
        QVERIFY(number(db, QString("SELECT count(DISTINCT %1) FROM signin").arg(name)) >
                (name == "state" ? 0 : 1));
    }

    void everyColumnCanBeRead()
    {
        auto &db = m_directory->connection();
        QCOMPARE(number(db, "SELECT count(*) FROM pragma_table_info('signin')"),
                 static_cast<std::int64_t>(store::signInFields().size()));
        for (const auto &field : store::signInFields())
            QVERIFY2(number(db, QString("SELECT count(\"%1\") FROM signin")
                                    .arg(QString::fromUtf8(field.name.data()))) >= 0,
                     field.name.data());
        // Detections by the types they have, the provider's own word apart.
        test::SmallDetection detection;
        detection.requestId = "Event-3";
        m_directory->addDetection(detection);
        SignInRow row;
        row.at = test::smallNow.us + test::dayUs;
        row.user = 1;
        row.eventKey = blake2b128("Event-3");
        row.providerRisk = m_directory->dictionaries().intern(Dictionary::ProviderRisk, "high/atRisk");
        row.authenticationMethod =
            m_directory->dictionaries().intern(Dictionary::AuthenticationMethod, "password");
        m_directory->addSignInRisk("Event-3", 1, row, RiskLevel::Low, RiskState::AtRisk);
        auto fresh = SmallDirectory();
        fresh.populate(1);
        auto &other = fresh.connection();
        row.providerRisk = fresh.dictionaries().intern(Dictionary::ProviderRisk, "high/atRisk");
        row.authenticationMethod = fresh.dictionaries().intern(Dictionary::AuthenticationMethod, "password");
        SmallDirectory::need(fresh.dictionaries().flush(other));
        QVERIFY(addSegment(other, {row}) > 0);
        fresh.addSignInRisk("Event-3", 1, row, RiskLevel::Low, RiskState::AtRisk);
        fresh.addDetection(detection);
        QCOMPARE(
            column(other,
                   "SELECT riskEventTypes_v2 || ' ' || providerRiskLevel || ' ' || providerRiskState || ' ' "
                   "|| authenticationMethod || ' ' || riskDetail FROM signin"),
            QStringList{"unlikelyTravel high atRisk password none"});
    }

    void comparesTimesAsMoments_data()
    {
        QTest::addColumn<QString>("condition");
        QTest::addColumn<QString>("expected"); // of the number `at`, microseconds
        const auto at = [](const char *iso) { return QString::number(Timestamp::fromIso(iso)->us); };
        const auto noon =
            at("2026-03-14T14:26:00Z"); // four days before the newest, and the time of some rows
        QTest::newRow("from a moment on") << "createdDateTime >= '2026-03-14T14:26:00Z'"
                                          << "at >= " + noon;
        QTest::newRow("after a moment") << "createdDateTime > '2026-03-14T14:26:00Z'"
                                        << "at > " + noon;
        QTest::newRow("until a moment") << "createdDateTime <= '2026-03-14T14:26:00Z'"
                                        << "at <= " + noon;
        QTest::newRow("before a moment") << "createdDateTime < '2026-03-14T14:26:00Z'"
                                         << "at < " + noon;
        QTest::newRow("at a moment") << "createdDateTime = '2026-03-14T14:26:00Z'"
                                     << "at = " + noon;
        QTest::newRow("not at a moment") << "createdDateTime <> '2026-03-14T14:26:00Z'"
                                         << "at <> " + noon;
        QTest::newRow("in another zone") << "createdDateTime = '2026-03-14 16:26+02:00'"
                                         << "at = " + noon;
        QTest::newRow("turned round") << "'2026-03-14T14:26:00.000Z' < createdDateTime"
                                      << "at > " + noon;
        QTest::newRow("between two days") << "createdDateTime BETWEEN '2026-03-12' AND '2026-03-15'"
                                          << "at BETWEEN " + at("2026-03-12") + " AND " + at("2026-03-15");
        QTest::newRow("within nothing") << "createdDateTime > '2026-03-15' AND createdDateTime < '2026-03-12'"
                                        << "0";
        QTest::newRow("one or the other")
            << "createdDateTime < '2026-03-11' OR createdDateTime >= '2026-03-17T14:26:00Z'"
            << "at < " + at("2026-03-11") + " OR at >= " + at("2026-03-17T14:26:00Z");
        QTest::newRow("one of a list")
            << "createdDateTime IN ('2026-03-14T14:26:00Z', '2026-03-15T14:26:00.0Z', 'x')"
            << "at IN (" + noon + ", " + at("2026-03-15T14:26:00Z") + ")";
        QTest::newRow("since a month") << "createdDateTime >= '2026-03'"
                                       << "at >= " + at("2026-03-01");
        QTest::newRow("since a year") << "createdDateTime >= '2027'"
                                      << "0";
        QTest::newRow("a time that is none, above") << "createdDateTime > 'yesterday'"
                                                    << "0";
        QTest::newRow("a time that is none, below") << "createdDateTime < 'yesterday'"
                                                    << "1";
        QTest::newRow("a number") << "createdDateTime < 5"
                                  << "1";
        QTest::newRow("a blob") << "createdDateTime >= x'32'"
                                << "0";
        QTest::newRow("unknown") << "createdDateTime > NULL"
                                 << "0";
        QTest::newRow("compared as text") << "createdDateTime COLLATE BINARY >= '2026-03-14T14:26:00Z'"
                                          << "at >= " + noon;
        QTest::newRow("together with a user") << "createdDateTime >= '2026-03-14' AND userId = 'c100003'"
                                              << "at >= " + at("2026-03-14") + " AND user_key = 'c100003'";
    }
    void comparesTimesAsMoments()
    {
        QFETCH(QString, condition);
        QFETCH(QString, expected);
        auto &db = m_directory->connection();
        const auto count = number(db, "SELECT count(*) FROM sign_in_text WHERE " + expected);
        if (expected != "0" && expected != "1")
            QVERIFY(count > 0);
        QCOMPARE(number(db, "SELECT count(*) FROM signin WHERE " + condition), count);
        // The same where SQLite has to compare by itself.
        QCOMPARE(number(db, "SELECT sum(" + condition + ") FROM signin"), count);
    }

    void ordersPartsOfASecond()
    {
        SmallDirectory directory;
        directory.populate(1);
        auto &db = directory.connection();
        std::vector<SignInRow> signIns(4);
        const auto second = Timestamp::fromIso("2026-03-01T10:00:00Z")->us;
        const std::int64_t parts[] = {0, 500'000, 1'000'000, 1'000'001};
        for (std::size_t i = 0; i < signIns.size(); ++i) {
            signIns[i].at = second + parts[i];
            signIns[i].eventKey[0] = static_cast<std::uint8_t>(4 - i);
        }
        QVERIFY(addSegment(db, signIns) > 0);
        const QStringList expected{"2026-03-01T10:00:00Z", "2026-03-01T10:00:00.5Z", "2026-03-01T10:00:01Z",
                                   "2026-03-01T10:00:01.000001Z"};
        QCOMPARE(column(db, "SELECT createdDateTime FROM signin ORDER BY createdDateTime"), expected);
        QCOMPARE(column(db, "SELECT max(createdDateTime) FROM signin"), expected.mid(3));
        QCOMPARE(number(db, "SELECT count(*) FROM signin WHERE createdDateTime > '2026-03-01T10:00:00Z'"), 3);
    }

    void findsUsers_data()
    {
        QTest::addColumn<QString>("condition");
        QTest::addColumn<QString>("expected");
        QTest::newRow("by id") << "userId = 'c100004'"
                               << "user_key = 'c100004'";
        QTest::newRow("by one of several ids") << "userId IN ('c100004', 'c100009', 'nobody')"
                                               << "user_key IN ('c100004', 'c100009')";
        QTest::newRow("by an id that is not there") << "userId = 'nobody'"
                                                    << "0";
        QTest::newRow("by id, whatever the case") << "userId = 'C100004' COLLATE NOCASE"
                                                  << "user_key = 'c100004'";
        QTest::newRow("by two ids at once") << "userId = 'c100004' AND userId = 'c100005'"
                                            << "0";
        QTest::newRow("by sign-in name, which two may share")
            << "userPrincipalName = (SELECT upn FROM user GROUP BY upn ORDER BY count(*) DESC LIMIT 1)"
            << "upn = (SELECT upn FROM user GROUP BY upn ORDER BY count(*) DESC LIMIT 1)";
        QTest::newRow("by both")
            << "userId = 'c100004' AND userPrincipalName = (SELECT upn FROM user WHERE key = "
               "'c100004')"
            << "user_key = 'c100004'";
        QTest::newRow("by a blob") << "userId = CAST('c100004' AS BLOB)"
                                   << "0";
        QTest::newRow("by nothing") << "userId = NULL"
                                    << "0";
        QTest::newRow("by a join") << "userId IN (SELECT key FROM user WHERE id < 4)"
                                   << "user_key < 'c100003'";
    }
    void findsUsers()
    {
        QFETCH(QString, condition);
        QFETCH(QString, expected);
        auto &db = m_directory->connection();
        const auto count = number(db, "SELECT count(*) FROM sign_in_text WHERE " + expected);
        QVERIFY(expected == "0" || count > 0);
        QCOMPARE(number(db, "SELECT count(*) FROM signin WHERE " + condition), count);
    }

    void joinsFromEitherSide()
    {
        auto &db = m_directory->connection();
        QCOMPARE(number(db, "SELECT count(*) FROM signin s JOIN user u ON u.key = s.userId"), rows);
        QCOMPARE(number(db, "SELECT count(*) FROM user u CROSS JOIN signin s ON s.userId = u.key"), rows);
        QCOMPARE(number(db, "SELECT count(*) FROM signin a JOIN signin b ON a.rowid = b.rowid"), rows);
        // Nobody walks over all sign-ins once a user unless told to.
        store::Statement explain(
            db, "EXPLAIN QUERY PLAN SELECT count(*) FROM user u JOIN signin s ON s.userId = u.key");
        QVERIFY(explain.step());
        QVERIFY2(explain.text(3).starts_with("SCAN s VIRTUAL"), explain.string(3).c_str());
    }

    void onlyWhatIsAskedForIsRead()
    {
        SmallDirectory directory;
        directory.populate(2);
        auto &db = directory.connection();
        std::vector<std::int64_t> ids;
        for (int day = 1; day <= 3; ++day) {
            std::vector<SignInRow> signIns(10);
            for (std::size_t i = 0; i < signIns.size(); ++i) {
                signIns[i].at = Timestamp::fromCivil(2026, 3, static_cast<unsigned>(day)).us +
                                static_cast<std::int64_t>(i);
                signIns[i].eventKey[0] = static_cast<std::uint8_t>(i);
                signIns[i].user = 1 + static_cast<std::uint32_t>(i % 2);
            }
            ids.push_back(addSegment(db, signIns));
        }
        // One column of one day is damaged.
        store::Statement damage(db, "UPDATE segment_column SET data = zeroblob(20) WHERE id = ?1");
        damage.bind(ids[1] * 64 + static_cast<int>(store::Column::ErrorCode));
        QVERIFY(damage.run());
        QCOMPARE(number(db, "SELECT count(*) FROM signin"), 30);
        QCOMPARE(number(db, "SELECT count(*) FROM signin WHERE userId = 'c100001' AND outcome = 'success'"),
                 15);
        QCOMPARE(number(db, "SELECT sum(errorCode) FROM signin WHERE createdDateTime < '2026-03-02'"), 0);
        QCOMPARE(number(db, "SELECT sum(errorCode) FROM signin WHERE createdDateTime >= '2026-03-03'"), 0);
        store::Statement all(db, "SELECT sum(errorCode) FROM signin");
        QVERIFY(!all.step());
        QVERIFY(!all.ok());
        QVERIFY2(all.error().detail.find("segment 2") != std::string::npos, all.error().detail.c_str());
        QCOMPARE(all.error().code, Code::StoreCorrupt);
    }

    void nothingCanBeWritten()
    {
        auto &db = m_directory->connection();
        QVERIFY(!db.execute("INSERT INTO signin (id) VALUES ('x')"));
        QVERIFY(!db.execute("DELETE FROM signin"));
        QVERIFY(!db.execute("UPDATE signin SET city = 'Lisbon'"));
        QVERIFY(!db.execute("DROP TABLE signin"));
        // Nor hidden in the schema of a file that somebody else made.
        QVERIFY(db.execute("CREATE VIEW inside AS SELECT id FROM signin"));
        QVERIFY(!store::Statement(db, "SELECT count(*) FROM inside").step());
        QVERIFY(db.execute("DROP VIEW inside"));
    }

    void seesWhatWasJustWritten()
    {
        SmallDirectory directory;
        directory.populate(1);
        auto &writer = directory.connection();
        auto reader = store::openForReading(directory.file());
        QVERIFY(reader.has_value());
        QCOMPARE(number(*reader, "SELECT count(*) FROM signin"), 0);
        const auto add = [&](store::Dictionaries &texts, const char *app) {
            SignInRow row;
            row.at = test::smallNow.us;
            row.application = texts.intern(Dictionary::Application, app);
            SmallDirectory::need(texts.flush(writer));
            QVERIFY(addSegment(writer, {row}) > 0);
        };
        add(directory.dictionaries(), "First");
        QCOMPARE(column(*reader, "SELECT appDisplayName FROM signin"), QStringList{"First"});
        // Its own, before it is committed; and another text under the same number after a rollback.
        SmallDirectory::need(writer.execute("BEGIN"));
        store::Dictionaries undone;
        SmallDirectory::need(undone.load(writer));
        add(undone, "Undone");
        QCOMPARE(column(writer, "SELECT appDisplayName FROM signin ORDER BY rowid"),
                 (QStringList{"First", "Undone"}));
        QCOMPARE(column(*reader, "SELECT appDisplayName FROM signin"), QStringList{"First"});
        SmallDirectory::need(writer.execute("ROLLBACK"));
        add(directory.dictionaries(), "Second");
        QCOMPARE(column(writer, "SELECT appDisplayName FROM signin ORDER BY rowid"),
                 (QStringList{"First", "Second"}));
        QCOMPARE(column(*reader, "SELECT appDisplayName FROM signin ORDER BY rowid"),
                 (QStringList{"First", "Second"}));
    }

    void survivesWhateverAFileHolds()
    {
        SmallDirectory directory;
        directory.populate(1);
        auto &db = directory.connection();
        std::mt19937_64 random(3);
        std::vector<SignInRow> signIns(500);
        for (auto &row : signIns) {
            std::array<std::uint8_t, sizeof row> bytes{};
            for (auto &byte : bytes)
                byte = static_cast<std::uint8_t>(random());
            std::memcpy(static_cast<void *>(&row), bytes.data(), bytes.size());
            // Numbers of these that mean nothing are refused when a segment is read (tst_segment).
            row.outcome = static_cast<Outcome>(random() % 3);
            row.failure = static_cast<FailureKind>(random() % 8);
            row.eventIdKind = static_cast<EventIdKind>(random() % 3);
            row.mfa = static_cast<Mfa>(random() % 5);
            row.identity = static_cast<Identity>(random() % 3);
        }
        signIns[0].at = std::numeric_limits<std::int64_t>::min();
        signIns[1].at = std::numeric_limits<std::int64_t>::max();
        QVERIFY(addSegment(db, signIns) > 0);
        store::Statement risk(
            db, "INSERT INTO sign_in_risk (event_key, request_id, user, at, level_during, "
                "level_aggregated, state, detail, row) VALUES (?1, '', 1, 0, 250, -7, 99, 88, x'00')");
        QVERIFY(risk.bind(std::span<const std::uint8_t>(signIns[5].eventKey)).run());
        store::Statement all(db, "SELECT * FROM signin");
        int count = 0;
        for (; all.step(); ++count)
            for (int i = 0; i < static_cast<int>(store::SignInField::Count); ++i)
                (void)all.text(i);
        QVERIFY2(all.ok(), all.error().detail.c_str());
        QCOMPARE(count, 500);
        QCOMPARE(number(db, "SELECT count(*) FROM signin WHERE createdDateTime > '2026'") +
                     number(db, "SELECT count(*) FROM signin WHERE createdDateTime <= '2026'"),
                 500);
        // Rows that a segment only claims to have.
        QVERIFY(db.execute("UPDATE segment SET rows = 16384"));
        QVERIFY(!store::Statement(db, "SELECT max(errorCode) FROM signin").step());
        QVERIFY(db.execute("DELETE FROM segment_column"));
        QVERIFY(!store::Statement(db, "SELECT max(errorCode) FROM signin").step());
    }

    void aDatabaseWithoutSignInsSaysSo()
    {
        SmallDirectory directory;
        auto &db = directory.connection();
        QVERIFY(db.execute("ALTER TABLE segment RENAME TO elsewhere"));
        store::Statement row(db, "SELECT count(*) FROM signin");
        QVERIFY(!row.step());
        QVERIFY2(row.error().detail.find("no such table: segment") != std::string::npos,
                 row.error().detail.c_str());
    }

    void stopsWhenAsked()
    {
        auto &db = m_directory->connection();
        std::stop_source stop;
        db.setStop(stop.get_token());
        stop.request_stop();
        store::Statement row(db, "SELECT count(*) FROM signin a, signin b, signin c");
        QVERIFY(!row.step());
        QCOMPARE(row.error().code, Code::Cancelled);
        db.setStop({});
    }

private:
    static constexpr int rows = 400;
    std::unique_ptr<SmallDirectory> m_directory;
};

QTEST_APPLESS_MAIN(SignInVtabTest)
#include "tst_sign_in_vtab.moc"
