// Digest: each number is the count of its own filter, and of what the ledger, the findings and the audit log hold.
#include "core/action/action_service.h"
#include "core/demo/sample.h"
#include "core/import/sample_run.h"
#include "core/query/digest.h"
#include "core/query/filter/filter_text.h"
#include "core/query/read_session.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/query/spine.h"
#include "core/query/tables/campaigns.h"
#include "core/store/schema.h"

#include "tests/support/risk_fixture.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::query;
using namespace riskdesk::test;
using std::chrono::days;
using std::chrono::hours;

namespace {

// noon is Wednesday of week 12.
const auto week = isoWeek(noon);

template <typename T>
void need(const T &result)
{
    if (!result)
        throw std::runtime_error(result.error().subject + ": " + result.error().detail);
}

Digest read(store::Connection &connection, Timestamp now = noon)
{
    auto digest = readDigest(connection, week.first, week.second, now);
    need(digest);
    return *digest;
}

std::int64_t of(const Digest &digest, DigestPart part, std::string_view piece = {})
{
    for (const auto &figure : digest.figures)
        if (figure.part == part && figure.of == piece)
            return figure.count;
    return -1;
}

void act(Fixture &w, const std::string &who, action::Action what, std::uint32_t user)
{
    action::Request request;
    request.action = what;
    request.users = {user};
    action::Operator actor;
    actor.name = who;
    need(action::ActionService(w.connection(), w.clock, actor).carryOut(request));
}

} // namespace

class DigestTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void weeksBeginOnMonday_data()
    {
        QTest::addColumn<QByteArray>("at");
        QTest::addColumn<QByteArray>("week");
        QTest::addColumn<QByteArray>("from");
        QTest::newRow("Sunday's last moment") << QByteArray("2026-03-15T23:59:59.999999Z")
                                              << QByteArray("2026-W11") << QByteArray("2026-03-09T00:00:00Z");
        QTest::newRow("Monday's first") << QByteArray("2026-03-16T00:00:00Z") << QByteArray("2026-W12")
                                        << QByteArray("2026-03-16T00:00:00Z");
        QTest::newRow("a year with 53") << QByteArray("2021-01-03T12:00:00Z") << QByteArray("2020-W53")
                                        << QByteArray("2020-12-28T00:00:00Z");
        QTest::newRow("of the next year") << QByteArray("2024-12-31T12:00:00Z") << QByteArray("2025-W01")
                                          << QByteArray("2024-12-30T00:00:00Z");
        QTest::newRow("before 1970") << QByteArray("1969-12-31T12:00:00Z") << QByteArray("1970-W01")
                                     << QByteArray("1969-12-29T00:00:00Z");
    }
    void weeksBeginOnMonday()
    {
        QFETCH(QByteArray, at);
        QFETCH(QByteArray, week);
        QFETCH(QByteArray, from);
        const auto time = *Timestamp::fromIso(at.toStdString());
        QCOMPARE(QByteArray::fromStdString(isoWeekText(time)), week);
        QCOMPARE(QByteArray::fromStdString(isoWeek(time).first.toIso()), from);
        QVERIFY(isoWeekFromText(week.toStdString()) == isoWeek(time));
    }
    void whatIsNoWeekIsRefused()
    {
        for (const char *wrong :
             {"2026-W00", "2026-W54", "2025-W53", "2026-11", "2026-W1", "W12-2026", "2026-W-1"})
            QVERIFY2(!isoWeekFromText(wrong), wrong);
    }

    void countsWhatHappenedInTheWeek()
    {
        Fixture w;
        const auto monday = week.first;
        w.raise(finding(1, 1, DetectionType::UnlikelyTravel, RiskLevel::Medium, monday - Microseconds(1)));
        w.raise(finding(2, 2, DetectionType::MalwareInfectedIPAddress, RiskLevel::High, monday));
        w.raise(finding(3, 3, DetectionType::UnlikelyTravel, RiskLevel::Medium, noon - hours(1)));
        w.raise(finding(4, 4, DetectionType::UnlikelyTravel, RiskLevel::Low, noon - hours(2)));
        act(w, "Ana", action::Action::Dismiss, 3);
        act(w, "Bea, \"B\"", action::Action::ConfirmCompromised, 4);
        act(w, "Bea, \"B\"", action::Action::Dismiss, 1);
        const auto digest = read(w.connection());
        QCOMPARE(of(digest, DigestPart::NewUsers), 3); // the first came a moment before
        QCOMPARE(of(digest, DigestPart::NewUsers, "high"), 2);
        QCOMPARE(of(digest, DigestPart::NewUsers, "none"), 1);
        QCOMPARE(of(digest, DigestPart::NewUsers, "medium"), -1);
        QCOMPARE(of(digest, DigestPart::Detections), 4); // one of them the administrator's own
        QCOMPARE(of(digest, DigestPart::Detections, "unlikelyTravel"), 2);
        QCOMPARE(of(digest, DigestPart::StillAtRisk), 2);
        QCOMPARE(of(digest, DigestPart::Decisions), 3);
        QCOMPARE(of(digest, DigestPart::Decisions, "Ana"), 1);
        QCOMPARE(of(digest, DigestPart::Decisions, "Bea, \"B\""), 2);
        QVERIFY(digest.oldestOpen == monday);
        for (const auto &figure : digest.figures)
            if (figure.of == "Ana")
                QVERIFY(figure.medianOpen == Microseconds(hours(1)));
        // What was taken back did not come to risk anew.
        need(action::ActionService(w.connection(), w.clock, {}).undo());
        QCOMPARE(of(read(w.connection()), DigestPart::NewUsers), 3);
    }

    void eachNumberIsTheCountOfItsFilter()
    {
        QTemporaryDir folder;
        const auto file = std::filesystem::path(folder.path().toStdString()) / "sample.riskdesk";
        const FixedClock clock(noon);
        run::SampleRequest request;
        request.users = 300;
        request.days = 40;
        request.end = noon;
        QVERIFY(run::makeSample(file, request, clock));
        auto connection = store::openForReading(file);
        QVERIFY(connection);
        const auto digest = readDigest(*connection, noon - days(28), noon, noon);
        QVERIFY(digest);
        int withRows = 0;
        std::int64_t ofTypes = 0, ofLevels = 0;
        for (const auto &figure : digest->figures) {
            const auto filter = parseFilter(figure.report, figure.filter);
            QVERIFY2(filter, figure.filter.c_str());
            const Question question{figure.report, *filter, {}, {}, noon};
            std::size_t rows = 0;
            if (figure.report == Report::SignIns)
                rows = ReadSession::of(*connection)->signIns()->ask(*connection, question)->rows.size();
            else if (figure.report == Report::Campaigns)
                rows = readCampaigns(*connection, question)->size();
            else
                rows = readSpine(*connection, question)->size();
            QCOMPARE(static_cast<std::size_t>(figure.count), rows);
            withRows += rows > 0 ? 1 : 0;
            if (figure.part == DigestPart::Detections && !figure.of.empty())
                ofTypes += figure.count;
            if (figure.part == DigestPart::NewUsers && !figure.of.empty())
                ofLevels += figure.count;
        }
        QVERIFY(withRows > 6);
        QCOMPARE(ofTypes, of(*digest, DigestPart::Detections));
        QCOMPARE(ofLevels, of(*digest, DigestPart::NewUsers));
        QVERIFY(of(*digest, DigestPart::Campaigns) > 0);
        QVERIFY(of(*digest, DigestPart::RealtimeSignIns) > 0);
        // Counted apart from any filter.
        store::Statement seen(*connection, "SELECT count(*) FROM detection WHERE at >= ?1 AND at < ?2");
        QVERIFY(seen.bind(noon - days(28), noon).step());
        QCOMPARE(of(*digest, DigestPart::Detections), seen.int64(0));
    }

    void isWrittenForPeopleAndScripts()
    {
        Fixture w;
        w.raise(finding(2, 2, DetectionType::MalwareInfectedIPAddress, RiskLevel::High, noon - hours(30)));
        act(w, "<b>O'Neil</b>", action::Action::Dismiss, 2);
        const auto digest = read(w.connection());
        const auto text = QString::fromStdString(digestText(digest));
        // What is counted is named: which levels, and which of two times.
        QVERIFY2(text.contains("Sign-ins found risky as they happened, Low or higher"), qPrintable(text));
        QVERIFY2(text.contains("Detections first seen"), qPrintable(text));
        QVERIFY2(text.startsWith("Week 2026-W12: 2026-03-16 00:00 to 2026-03-23 00:00 UTC\n"),
                 qPrintable(text));
        QVERIFY2(text.contains("closed after 30 h (median)"), qPrintable(text));
        QVERIFY2(text.contains("O'\\''Neil"), qPrintable(text)); // as a shell reads it
        const auto json = QJsonDocument::fromJson(QByteArray::fromStdString(digestJson(digest))).object();
        QCOMPARE(json["from"].toString(), "2026-03-16T00:00:00Z");
        QCOMPARE(json["figures"].toArray().size(), static_cast<qsizetype>(digest.figures.size()));
        QCOMPARE(json["figures"].toArray()[0].toObject()["count"].toInt(), 1);
        const auto html = QString::fromStdString(digestHtml(digest, "A & <B>"));
        QVERIFY(html.contains("A &amp; &lt;B&gt;") && !html.contains("<b>") &&
                html.contains("&lt;b&gt;O&#39;Neil"));
        QVERIFY(
            digestHtml(digest, "A", {[](const DigestFigure &) { return std::string("list:\"x\""); }, {}, {}})
                .find("<a href=\"list:&quot;x&quot;\">") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(DigestTest)
#include "tst_digest.moc"
