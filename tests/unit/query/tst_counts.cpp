// Every number beside a list is the number of rows that list has.
#include "core/query/counts.h"
#include "core/query/filter/fields.h"
#include "core/query/filter/filter_sql.h"
#include "core/query/filter/filter_text.h"
#include "core/query/read_session.h"
#include "core/query/spine.h"
#include "core/query/tables/risky_users.h"
#include "core/query/user_story.h"

#include "tests/support/small_directory.h"
#include "tests/support/small_sign_ins.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::query;
using namespace riskdesk::test;

class CountsTest : public QObject
{
    Q_OBJECT

    SmallDirectory m_directory;

    std::int64_t rows(Report report, const Filter &filter, Period period = {})
    {
        return static_cast<std::int64_t>(
            readSpine(m_directory.connection(), {report, filter, period, {}, smallNow})
                .value_or(std::vector<std::int64_t>(9999))
                .size());
    }

private Q_SLOTS:
    void initTestCase() { m_directory.populate(300); }

    void facetsCountWhatThePillWouldShow_data()
    {
        QTest::addColumn<int>("report");
        QTest::addColumn<QByteArray>("field");
        for (const auto report : {Report::RiskyUsers, Report::Detections})
            for (const auto &field : fields(report))
                if (field.kind == FieldKind::Enum || field.name == "countryOrRegion" ||
                    field.name == "identityProvider" || field.name == "city" || field.name == "asn")
                    QTest::addRow("%s of %s", field.name.data(),
                                  report == Report::RiskyUsers ? "users" : "detections")
                        << static_cast<int>(report) << QByteArray(field.name.data());
    }
    void facetsCountWhatThePillWouldShow()
    {
        QFETCH(int, report);
        QFETCH(QByteArray, field);
        const auto asked = static_cast<Report>(report);
        // A condition on the field itself is left out, one on another field counts.
        const auto other =
            *parseFilter(asked, field == "riskState" ? "status:active" : "state:atRisk,dismissed");
        const auto own = Filter::match(field.toStdString(), Test::Is,
                                       {findField(asked, field.toStdString())->kind == FieldKind::Text
                                            ? Value(std::string("PT"))
                                            : Value(std::int64_t{1})});
        const auto values =
            facet(m_directory.connection(), {asked, with(other, own), lastDays(smallNow, 90), {}, smallNow},
                  field.toStdString());
        QVERIFY2(values, values ? "" : values.error().detail.c_str());
        QVERIFY(!values->empty());
        for (const auto &value : *values) {
            const auto list = with(other, Filter::match(field.toStdString(), Test::Is, {value.value}));
            // Nothing known is "empty", which for a user's countries means none at all.
            QCOMPARE(std::pair(value.text, value.count),
                     std::pair(value.text, rows(asked, list, lastDays(smallNow, 90))));
        }
    }

    void bucketsAddUpToTheList()
    {
        const auto filter = *parseFilter(Report::Detections, "level>=medium");
        std::vector<Timestamp> days;
        for (int i = 60; i >= 0; --i)
            days.push_back({smallNow.us - i * dayUs});
        const auto counts =
            buckets(m_directory.connection(), {Report::Detections, filter, {}, {}, smallNow}, days);
        QVERIFY(counts);
        QCOMPARE(counts->size(), std::size_t{60});
        std::int64_t sum = 0, low = 0;
        for (const auto &day : *counts) {
            sum += day[0] + day[1] + day[2] + day[3];
            low += day[0] + day[1];
        }
        QCOMPARE(low, 0);
        QCOMPARE(sum, rows(Report::Detections, filter, {days.front(), days.back()}));
        QVERIFY(sum > 0);
        QVERIFY(buckets(m_directory.connection(), {}, {})->empty());
    }

    // What stands above a list says the same as the list, whatever its period.
    void figuresAndBarsAreThoseOfTheList()
    {
        for (const int span : {0, 7, 30}) {
            const Question asked{Report::RiskyUsers,
                                 *parseFilter(Report::RiskyUsers, "country:pt"),
                                 lastDays(smallNow, span),
                                 {},
                                 smallNow};
            const auto figures = userFigures(m_directory.connection(), asked, asked.period);
            QVERIFY(figures);
            const auto open =
                with(asked.filter, *parseFilter(Report::RiskyUsers, "state:atRisk,compromised"));
            QCOMPARE(figures->now.atRisk, rows(Report::RiskyUsers, open, asked.period));
            if (figures->before)
                QVERIFY(figures->before->atRisk <= rows(Report::RiskyUsers, asked.filter, asked.period));
            std::vector<Timestamp> days;
            for (int i = 60; i >= 0; --i)
                days.push_back({smallNow.us - i * dayUs});
            const auto bars = buckets(m_directory.connection(), asked, days);
            QVERIFY(bars);
            std::int64_t sum = 0, expected = 0;
            for (const auto &day : *bars)
                sum += day[0] + day[1] + day[2] + day[3];
            auto sql = fromWhere(asked);
            QVERIFY(sql);
            store::Statement count(m_directory.connection(),
                                   "SELECT count(*) FROM detection d WHERE d.user IN (SELECT r.user " +
                                       sql->text + ") AND d.at >= " + std::to_string(days.front().us) +
                                       " AND d.at < " + std::to_string(days.back().us) + " AND " +
                                       std::string(countedDetection));
            sql->bindTo(count);
            QVERIFY(count.step());
            expected = count.int64(0);
            QCOMPARE(sum, expected);
        }
    }

    // Whom only the provider holds at risk is in the report, by its own filter, and in no figure of ours.
    void theProvidersWordIsListedAndCountsNowhere()
    {
        SmallDirectory small;
        SmallUser ours{"ours", "Ours", "ours@shop.example"};
        ours.level = RiskLevel::High;
        ours.state = RiskState::AtRisk;
        const auto a = small.addUser(ours);
        small.addLedger(a, LedgerKind::DetectionRaised, {smallNow.us - dayUs}, {},
                        {RiskLevel::High, RiskState::AtRisk, RiskDetail::None, 80});
        store::Statement add(small.connection(),
                             "INSERT INTO user (id, key, upn, display_name, identity, search) VALUES (900, "
                             "'theirs', 'theirs@shop.example', 'Theirs', 1, 'theirs')");
        QVERIFY(add.run());
        QVERIFY(small.connection().execute(
            "INSERT INTO provider_risk VALUES (900, 'high', 'atRisk', 'none', NULL)"));
        const auto count = [&](std::string_view filter, const Period &period) {
            return *countRows(
                small.connection(),
                {Report::RiskyUsers, *parseFilter(Report::RiskyUsers, filter), period, {}, smallNow});
        };
        QCOMPARE(count("", {}), 2);
        QCOMPARE(count("providerRiskState:atRisk", {}), 1);
        QCOMPARE(count("level:high", {}), 1);
        QCOMPARE(count("", lastDays(smallNow, 90)), 1); // no date, no period
        QCOMPARE(userFigures(small.connection(), {Report::RiskyUsers, {}, {}, {}, smallNow}, {})->now.atRisk,
                 1);
        const std::int64_t ids[] = {900};
        const auto row = readRiskyUsers(small.connection(), ids);
        QVERIFY(row && row->front().found && row->front().isProvidersOnly());
        QCOMPARE(QString::fromStdString(providersWord(row->front())), QString("at risk, high"));
        QVERIFY(json(riskyUserColumns(), row->front()).find("\"riskLastUpdatedDateTime\":null") !=
                std::string::npos);
    }

    void theGuardLineCountsOpenUsersBeforeThePeriod()
    {
        const auto filter = *parseFilter(Report::RiskyUsers, "country:pt");
        const auto older = olderOpenUsers(m_directory.connection(),
                                          {Report::RiskyUsers, filter, lastDays(smallNow, 30), {}, smallNow});
        QCOMPARE(*older, rows(Report::RiskyUsers,
                              *parseFilter(Report::RiskyUsers, "country:pt state:atRisk,compromised"),
                              {std::nullopt, lastDays(smallNow, 30).from}));
        QVERIFY(*older > 0);
        QCOMPARE(*olderOpenUsers(m_directory.connection(), {Report::RiskyUsers, filter, {}, {}, smallNow}),
                 0);
    }

    void viewsCountTheirLists()
    {
        const auto counts = countViews(m_directory.connection(), smallNow);
        QVERIFY(counts);
        for (std::size_t i = 0; i < counts->size(); ++i) {
            const auto &view = builtInViews()[i];
            if (view.report == Report::SignIns)
                QCOMPARE((*counts)[i], -1); // not read into memory for it
            else
                QCOMPARE((*counts)[i], rows(view.report, *parseFilter(view.report, view.filter),
                                            lastDays(smallNow, view.days)));
        }
        QCOMPARE((*countViews(m_directory.connection(), smallNow, 5))[2], 5);
    }

    // Whoever is still at risk is in the views of open risk, however long ago it last changed.
    void openRiskIsCountedHoweverOld()
    {
        const auto later = Timestamp{smallNow.us + 400LL * 86'400 * 1'000'000};
        const auto now = countViews(m_directory.connection(), smallNow);
        const auto then = countViews(m_directory.connection(), later);
        QVERIFY(now && then);
        int seen = 0;
        for (std::size_t i = 0; i < then->size(); ++i)
            if (const auto id = builtInViews()[i].id;
                id == "needsAction" || id == "highRisk" || id == "allAtRisk" || id == "unreviewed") {
                ++seen;
                QVERIFY2((*then)[i] >= (*now)[i], std::string(id).c_str());
            }
        QCOMPARE(seen, 4);
        QVERIFY((*then)[2] > 0);
    }

    void figuresFollowTheLedger()
    {
        SmallDirectory small;
        const auto add = [&](const char *key, RiskLevel level, RiskState state) {
            SmallUser user{key, key, std::string(key) + "@shop.example"};
            user.level = level;
            user.state = state;
            return small.addUser(user);
        };
        const RiskStanding none{}, risk{RiskLevel::High, RiskState::AtRisk, RiskDetail::None, 80},
            compromised{RiskLevel::High, RiskState::ConfirmedCompromised, RiskDetail::None, 100},
            dismissed{RiskLevel::None, RiskState::Dismissed, RiskDetail::AdminDismissedAllRiskForUser, 0},
            reset{RiskLevel::None, RiskState::Remediated, RiskDetail::UserPerformedSecuredPasswordReset, 0},
            safe{RiskLevel::None, RiskState::ConfirmedSafe, RiskDetail::AdminConfirmedAccountSafe, 0};
        const auto day = [](int ago, int hours = 0) {
            return Timestamp{smallNow.us - ago * dayUs + hours * 3600 * secondUs};
        };
        const auto a = add("a", RiskLevel::High, RiskState::ConfirmedCompromised);
        small.addLedger(a, LedgerKind::DetectionRaised, day(40), none, risk);
        small.addLedger(a, LedgerKind::UserConfirmedCompromised, day(39), risk, compromised, "Rui");
        const auto b = add("b", RiskLevel::None, RiskState::Dismissed);
        small.addLedger(b, LedgerKind::DetectionRaised, day(35), none, risk);
        small.addLedger(b, LedgerKind::UserDismissed, day(10), risk, dismissed, "Rui");
        const auto c = add("c", RiskLevel::None, RiskState::Remediated);
        small.addLedger(c, LedgerKind::DetectionRaised, day(5), none, risk);
        small.addLedger(c, LedgerKind::PasswordResetByUser, day(5, 1), risk, reset);
        const auto d = add("d", RiskLevel::Low, RiskState::AtRisk);
        small.addLedger(d, LedgerKind::DetectionRaised, day(50), none, risk);
        small.addLedger(d, LedgerKind::UserConfirmedSafe, day(45), risk, safe, "Rui");
        small.addLedger(d, LedgerKind::DetectionRaised, day(2), safe, risk);
        const auto e = add("e", RiskLevel::High, RiskState::AtRisk); // dismissed, and taken back
        small.addLedger(e, LedgerKind::DetectionRaised, day(9), none, risk);
        small.addLedger(e, LedgerKind::UserDismissed, day(8), risk, dismissed, "Rui");
        small.addLedger(e, LedgerKind::Undone, day(7), dismissed, risk, "Rui");
        const auto figures = userFigures(small.connection(), {Report::RiskyUsers, {}, {}, {}, smallNow},
                                         lastDays(smallNow, 30));
        QVERIFY(figures && figures->before);
        QCOMPARE(figures->now.atRisk, 3);
        QCOMPARE(figures->now.high, 2);
        QCOMPARE(figures->now.compromised, 1);
        QCOMPARE(figures->now.resolved, 2);
        QCOMPARE(figures->now.selfResolved, 1);
        QCOMPARE(figures->now.medianResolve->count(), (25 * dayUs + 3600 * secondUs) / 2);
        QCOMPARE(figures->before->atRisk, 2);
        QCOMPARE(figures->before->high, 2);
        QCOMPARE(figures->before->resolved, 1);
        QCOMPARE(figures->before->dismissedFalse, 1);
        QCOMPARE(figures->before->medianResolve->count(), 5 * dayUs);
        const auto history = userHistory(small.connection(), d);
        QCOMPARE(history->size(), std::size_t{3});
        QCOMPARE(history->front().event.kind, LedgerKind::DetectionRaised);
        const auto overview = userOverview(small.connection(), d);
        QVERIFY(overview);
        QCOMPARE(overview->scores.size(), std::size_t{3});
        QVERIFY(overview->scores.front().at < overview->scores.back().at);
        QCOMPARE(userOverview(small.connection(), 12345).error().code, Code::NotFound);
    }

    void nowIsTheNewestSignInWhenThatIsOld()
    {
        SmallDirectory small;
        QVERIFY(!referenceNow(small.connection(), smallNow)->fromData);
        small.populate(20);
        SmallSignIns make(small, 1, 3);
        const auto week = referenceNow(small.connection(), smallNow);
        QVERIFY(!week->fromData || week->now < smallNow);
        const auto later = referenceNow(small.connection(), {smallNow.us + 30 * dayUs});
        QVERIFY(later->fromData);
        QVERIFY(later->now <= smallNow);
    }

    void signInCountsAgree()
    {
        SmallDirectory small;
        small.populate(20);
        SmallSignIns make(small, 300, 5);
        const auto signIns = ReadSession::of(small.connection())->signIns();
        const Question all{Report::SignIns, {}, {}, {}, smallNow};
        const auto spine = *signIns->ask(small.connection(), all);
        QCOMPARE(spine.rows.size(), std::size_t{300});
        for (const char *field : {"result", "countryOrRegion", "appDisplayName", "riskLevelAggregated"}) {
            const auto counts = signIns->facet(small.connection(), all, field);
            QVERIFY(counts);
            std::int64_t sum = 0;
            for (const auto &[text, count] : *counts)
                sum += count;
            QCOMPARE(sum, 300);
        }
        const std::vector<Timestamp> bounds = {
            {smallNow.us - 20 * dayUs}, {smallNow.us - 3 * dayUs}, {smallNow.us + 1}};
        const auto density = signIns->density(small.connection(), all, bounds);
        QVERIFY(density);
        std::uint32_t sum = 0;
        for (const auto &stretch : *density)
            sum += stretch.success + stretch.failure + stretch.interrupted;
        QCOMPARE(sum, 300U);
        const auto items = signIns->read(small.connection(), spine.generation, spine.rows);
        QVERIFY(items);
        const auto found = signIns->find(small.connection(), items->front().requestId);
        QVERIFY(found);
        QCOMPARE(found->rows, std::vector{spine.rows.front()});
        const auto around = signIns->around(small.connection(), spine.generation, spine.rows[100], 2);
        QVERIFY(around && around->rows.size() <= 5 && !around->rows.empty());
        const auto places = signIns->places(small.connection(), items->front().row.user, {});
        std::int64_t ofUser = 0, inPlaces = 0;
        for (const auto &item : *items)
            ofUser += item.row.user == items->front().row.user ? 1 : 0;
        for (const auto &place : *places)
            inPlaces += place.signIns;
        QCOMPARE(inPlaces, ofUser);

        // Segments that go away renumber the rows; what was asked before is refused, not misread.
        SmallDirectory::need(small.connection().execute("DELETE FROM segment WHERE id = 1"));
        auto reader = store::openForReading(small.file());
        QVERIFY(reader);
        ReadSession::attach(*reader, ReadSession::of(small.connection()));
        QCOMPARE(signIns->read(*reader, spine.generation, spine.rows).error().code, Code::Conflict);
        QCOMPARE(signIns->ask(*reader, all)->rows.size(), std::size_t{150});
    }

    void healthSumsUp()
    {
        const auto health = dataHealth(m_directory.connection());
        QVERIFY(health);
        QCOMPARE(health->users, 300);
        QVERIFY(!health->lastImport);
    }
};

QTEST_APPLESS_MAIN(CountsTest)
#include "tst_counts.moc"
