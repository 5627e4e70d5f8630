// Words: times, spans, errors and reasons as the console says them, and what a watcher notices.
#ifndef Q_MOC_RUN // moc 6.4 stumbles over <concepts>
#include "core/query/words/why.h"

#include "tests/support/small_directory.h"
#include "ui/jobs/store_watcher.h"
#include "ui/jobs/writer.h"
#include "ui/models/cells.h"
#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/models/roles.h"
#include "ui/models/why_text.h"
#endif

#include <QSignalSpy>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::models;
using namespace riskdesk::test;

class WordsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Its code stands beside it in a mark of its own.
    void aPlaceWithoutACityIsItsCountryByName()
    {
        CellPage page(3);
        page.add({}, {placeCell("", "GB"), placeCell("Leeds", "GB"), placeCell("", "xy")});
        QCOMPARE(page.data(0, 0, Qt::DisplayRole).toString(), QStringLiteral("United Kingdom"));
        QCOMPARE(page.data(0, 0, CountryRole).toString(), QStringLiteral("GB"));
        QCOMPARE(page.data(0, 1, Qt::DisplayRole).toString(), QStringLiteral("Leeds"));
        QCOMPARE(page.data(0, 2, Qt::DisplayRole).toString(), QStringLiteral("xy"));
    }
    void aPlaceIsToldByWhatIsKnownOfIt()
    {
        QCOMPARE(placeText("Leeds", "England", "GB"), QStringLiteral("Leeds, England, United Kingdom"));
        QCOMPARE(placeText("", "", "VN"), QStringLiteral("Vietnam"));
        QCOMPARE(placeText("Koper", "Koper", "SI"), QStringLiteral("Koper, Slovenia"));
        QCOMPARE(placeText("Leeds", "", "xy"), QStringLiteral("Leeds, xy"));
        QCOMPARE(placeText("", "", ""), QString());
    }
    void init() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
    void cleanup() { setUtc(false); }

    void spans_data()
    {
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<QString>("words");
        QTest::newRow("seconds") << qint64{40} << QStringLiteral("40 s");
        QTest::newRow("an hour and more") << qint64{6720} << QStringLiteral("1 h 52 min");
        QTest::newRow("whole hours") << qint64{7200} << QStringLiteral("2 h");
        QTest::newRow("nothing backwards") << qint64{-7} << QStringLiteral("0 s");
    }
    void spans()
    {
        QFETCH(qint64, seconds);
        QFETCH(QString, words);
        QCOMPARE(duration(std::chrono::seconds(seconds)), words);
    }

    void numbersFollowTheLocale()
    {
        QCOMPARE(distance(11393.2), QStringLiteral("11,393 km"));
        QLocale::setDefault(QLocale(QLocale::German));
        QCOMPARE(distance(11393.2), QStringLiteral("11.393 km"));
        QCOMPARE(count(48210), QStringLiteral("48.210"));
        Detection d;
        d.type = DetectionType::PasswordSpray;
        d.source = std::string(ourSource);
        PasswordSprayEvidence spray;
        spray.campaign.users = 48210;
        d.evidence.facts = spray;
        QVERIFY2(explanation(d).contains(QStringLiteral("48.210 account")), qPrintable(explanation(d)));
    }

    void timesSayTheYearOnlyWhenItIsAnother()
    {
        setUtc(true);
        static const FixedClock clock{Timestamp::fromCivil(2026, 12, 31, 23, 59, 59)};
        setClock(clock);
        const auto t = Timestamp::fromCivil(2026, 3, 18, 14, 26, 5);
        QCOMPARE(shortTime(t), QStringLiteral("18 Mar, 14:26"));
        QCOMPARE(shortTime(t, true), QStringLiteral("18 Mar, 14:26:05"));
        QCOMPARE(shortTime(Timestamp::fromCivil(2019, 3, 18, 14, 26)), QStringLiteral("18 Mar 2019"));
        QVERIFY(longTime(t).contains(QStringLiteral("14:26:05 UTC")));
        static const FixedClock later{Timestamp::fromCivil(2027, 1, 1)};
        setClock(later);
        QCOMPARE(shortTime(t), QStringLiteral("18 Mar 2026"));
    }

    void aFindingByAListTellsWhatTheListIs()
    {
        Detection d;
        d.source = std::string(ourSource);
        d.type = DetectionType::InvestigationsThreatIntelligence;
        ThreatIntelligenceEvidence e;
        e.list.name = "Example CERT";
        e.list.version = 3;
        e.list.ageDays = 12;
        e.list.licence = "CC-BY-4.0";
        e.list.entry = "192.0.2.0/24";
        e.list.tlp = "amber";
        e.label = "Heron gate";
        e.threatActor = "Grey Egret";
        d.evidence.facts = e;
        const auto words = explanation(d);
        for (const char *part : {"List Example CERT: version 3, 12 day", " old, licence CC-BY-4.0.",
                                 "Attributed to Grey Egret.", "TLP:AMBER."})
            QVERIFY2(words.contains(QLatin1String(part)), qPrintable(words));
        e.setAside.entry = "10.0.0.0/8";
        e.setAside.percent = 12.34;
        d.evidence.facts = e;
        QVERIFY2(explanation(d).contains(QStringLiteral("10.0.0.0/8 is set aside: it matches 12.3 %")),
                 qPrintable(explanation(d)));
    }

    void doubtfulClocksAreSeen()
    {
        QVERIFY(isDoubtful(Timestamp::fromCivil(1999, 12, 31), smallNow));
        QVERIFY(isDoubtful(smallNow + std::chrono::hours(25), smallNow));
        QVERIFY(!isDoubtful(smallNow, smallNow));
        QCOMPARE(ago({smallNow.us - 360 * secondUs}, smallNow), QStringLiteral("6 min ago"));
        QCOMPARE(ago({smallNow.us + 300 * secondUs}, smallNow), QStringLiteral("in 5 min"));
    }

    void travelSaysWhatWasCompared()
    {
        Detection d;
        d.type = DetectionType::UnlikelyTravel;
        UnlikelyTravelEvidence trip;
        trip.from.city = "Lisbon";
        trip.to.city = "Ho Chi Minh City";
        trip.distanceKm = 11393.2;
        trip.minutesBetween = 112;
        trip.speedKmh = 6103.4;
        trip.effectiveSpeedKmh = 6080.2;
        trip.limitKmh = 900;
        d.evidence.facts = trip;
        QCOMPARE(reasonLine(d), QStringLiteral("Lisbon to Ho Chi Minh City, 11,393 km in 1 h 52 min"));
        QCOMPARE(explanation(d),
                 QStringLiteral(
                     "Signed in from Ho Chi Minh City 1 h 52 min after Lisbon. The trip is 11,393 km and "
                     "would need 6,103 km/h; the limit is 900 km/h. Allowing for how sure both "
                     "places are, "
                     "it is 6,080 km/h."));
    }

    // Made safe once: a second time would show the marks that keep a name from reordering the sentence.
    void aNameWrittenFromTheRightOrdersOnlyItself()
    {
        Detection d;
        d.type = DetectionType::UnlikelyTravel;
        UnlikelyTravelEvidence trip;
        trip.from.city = "\u05d7\u05d9\u05e4\u05d4";
        trip.to.city = "Lisbon\u202e";
        d.evidence.facts = trip;
        const auto haifa = QString::fromUtf8("\u2068\u05d7\u05d9\u05e4\u05d4\u2069");
        QCOMPARE(reasonLine(d), haifa + QStringLiteral(" to Lisbon[U+202E]"));
        // What is exported stays as it was read.
        QCOMPARE(QString::fromStdString(query::reasonLine(d)),
                 QString::fromUtf8("\u05d7\u05d9\u05e4\u05d4 to Lisbon\u202e"));
    }

    void aReasonNeverFails_data()
    {
        QTest::addColumn<int>("type");
        for (int type = 0; type < 20; ++type)
            QTest::addRow("type %d", type) << type;
    }
    void aReasonNeverFails()
    {
        QFETCH(int, type);
        Detection d;
        d.type = static_cast<DetectionType>(type);
        if (type == int(DetectionType::UnlikelyTravel)) {
            UnlikelyTravelEvidence trip;
            trip.distanceKm = trip.minutesBetween = trip.speedKmh = 1e300;
            trip.limitKmh = std::nan("");
            trip.from.city = std::string(300, 'x');
            trip.to.city = "\xff\xfe";
            d.evidence.facts = trip;
        } else if (type == int(DetectionType::PasswordSpray)) {
            PasswordSprayEvidence spray;
            spray.campaign.users = spray.attemptsOnUser = spray.otherVictims = UINT32_MAX;
            spray.campaign.scopeText = "%1 %2 %n %Ln";
            d.evidence.facts = spray;
        } else if (type == int(DetectionType::AnonymizedIPAddress)) {
            AnonymizedIpEvidence listed;
            listed.habitSuccesses = UINT64_MAX;
            listed.list.name = "%1";
            listed.list.ageDays = INT64_MAX;
            d.evidence.facts = listed;
        }
        for (const char *source : {"Riskdesk", "", "Somebody"}) {
            d.source = source;
            QVERIFY(!reasonLine(d).isEmpty());
            QVERIFY(reasonLine(d).size() <= 62);
            QVERIFY(!explanation(d).isEmpty());
        }
    }

    void whatWasSeenAgainIsOneSentence()
    {
        setUtc(true);
        static const FixedClock clock{Timestamp::fromCivil(2026, 3, 18)};
        setClock(clock);
        Detection d;
        d.type = DetectionType::PasswordSpray;
        PasswordSprayEvidence e;
        e.campaign.scopeText = "curl/8\n  (x)";
        d.evidence.facts = e;
        d.count = 5;
        d.lastAt = Timestamp::fromCivil(2026, 3, 17, 9, 5);
        const auto words = explanation(d);
        QVERIFY2(words.contains(QStringLiteral("last on 17 Mar, 09:05.")), qPrintable(words));
        QVERIFY2(!words.contains(QLatin1Char('\n')) && !words.contains(QStringLiteral("  ")),
                 qPrintable(words));
        QVERIFY(reasonLine(d).contains(QStringLiteral("curl/8 (x)")));
    }

    void everySignalHasWords()
    {
        QSet<QString> names;
        for (const auto *key : {"speed", "country", "asn", "network", "address", "deviceKind", "system",
                                "browser", "device", "deviceId", "localTime", "addressFailureOdds",
                                "anonymizer", "hosting", "automated", "list", "campaign", "place"}) {
            const auto words = signalWords({}, {key, "", "a\n b", SignalResult::OnList, 0});
            QVERIFY2(words.name != QStringLiteral("Property") && words.name != QLatin1String(key), key);
            QVERIFY2(!names.contains(words.name), key);
            names << words.name;
            QCOMPARE(words.usual, QStringLiteral("–"));
            QVERIFY2(!words.seen.contains(QLatin1Char('\n')), key);
        }
        QVERIFY(!names.contains(QStringLiteral("Local time")));
        QCOMPARE(signalWords({}, {"campaign", "", "AS1", SignalResult::OnList, 0}).result,
                 QStringLiteral("Part of it"));
        QCOMPARE(signalWords({}, {"anonymizer", "", "public_proxy", SignalResult::OnList, 0}).seen,
                 QStringLiteral("Public proxy"));
        QCOMPARE(
            signalWords({}, {"deviceKind", "desktop (39), mobile (2)", "bot", SignalResult::New, 0}).usual,
            QStringLiteral("Computer (39), Phone (2)"));
        Evidence travel;
        UnlikelyTravelEvidence trip;
        trip.limitKmh = 900;
        trip.effectiveSpeedKmh = 6080.2;
        travel.facts = trip;
        const auto speed =
            signalWords(travel, {"speed", "900 km/h", "6080 km/h", SignalResult::NotPlausible, 0});
        QCOMPARE(speed.usual, QStringLiteral("–"));
        QCOMPARE(speed.seen, QStringLiteral("6,080 km/h, limit 900"));
    }

    void aHistorySaysWhatWasTakenBack()
    {
        setUtc(true);
        static const FixedClock clock{Timestamp::fromCivil(2026, 3, 18)};
        setClock(clock);
        query::HistoryRow row;
        row.event.kind = LedgerKind::Undone;
        row.takenBack = {LedgerKind::UserDismissed, "Rui", Timestamp::fromCivil(2026, 3, 17, 9, 5), false};
        QCOMPARE(whatHappened(row), QStringLiteral("Taken back: Risk dismissed by Rui on 17 Mar, 09:05"));
        row.takenBack->again = true;
        QCOMPARE(whatHappened(row), QStringLiteral("Done again: Risk dismissed by Rui on 17 Mar, 09:05"));
        query::HistoryRow raised;
        raised.detectionType = "leakedCredentials";
        QCOMPARE(whatHappened(raised), QStringLiteral("Detection raised: leaked credentials"));
        raised.detectionType = "unlikelyTravel";
        raised.times = 5;
        raised.lastAt = Timestamp::fromCivil(2026, 3, 17, 9, 5);
        const auto words = whatHappened(raised);
        QVERIFY2(words.startsWith(QStringLiteral("Detection raised: Atypical travel, seen 5 time")) &&
                     words.endsWith(QStringLiteral(", last 17 Mar, 09:05")),
                 qPrintable(words));
        QCOMPARE(reasonName("falsePositive"), QStringLiteral("False positive"));
    }

    void everyAnswerIsASentence()
    {
        using R = Reason;
        for (const auto &type : detectionTypes())
            for (int reason = int(R::NotASuccess); reason <= int(R::SameProvider); ++reason) {
                Verdict answer;
                answer.reason = static_cast<R>(reason);
                for (const double value : {0.0, 3.5, 1000.0}) {
                    answer.value = value;
                    answer.limit = 8;
                    const auto words = whyNot(type.value, answer);
                    QVERIFY2(words.endsWith(QLatin1Char('.')) && words.size() < 90, qPrintable(words));
                    QVERIFY2(!words.contains(QLatin1Char('%') + QStringLiteral("1")) &&
                                 !words.contains(QStringLiteral("  ")),
                             qPrintable(words));
                }
            }
        Verdict answer;
        answer.reason = R::BelowThreshold;
        answer.value = 844;
        answer.limit = 900;
        QCOMPARE(whyNot(DetectionType::UnlikelyTravel, answer),
                 QStringLiteral("The trip would need 844 km/h; more than 900 km/h is raised."));
        answer.reason = R::Learning;
        answer.value = 6;
        answer.limit = 10;
        QCOMPARE(whyNot(DetectionType::UnlikelyTravel, answer),
                 QStringLiteral("Still learning this user: 6 of 10 sign-ins."));
        answer.reason = R::NotEvaluable;
        answer.evidence.facts = NoTravelEvidence{PlaceUnknown::Hidden, NetworkClass::Vpn};
        QCOMPARE(whyNot(DetectionType::UnlikelyTravel, answer),
                 QStringLiteral("The place behind it is not known: VPN."));
    }

    void everyCodeHasASentence()
    {
        QSet<QString> said;
        for (int code = static_cast<int>(Code::Cancelled); code <= static_cast<int>(Code::Bug); ++code) {
            const Error error{static_cast<Code>(code), "file.log", ""};
            const auto sentence = errorText(error);
            QVERIFY2(sentence.endsWith(QLatin1Char('.')), qPrintable(sentence));
            QVERIFY(!said.contains(sentence));
            said << sentence;
            QVERIFY(errorDetails(error).contains(QStringLiteral("file.log")));
        }
    }

    void everyWordOfTheDomainIsThere()
    {
        for (int detail = 0; detail <= 12; ++detail)
            QVERIFY(!detailName(static_cast<RiskDetail>(detail)).isEmpty());
        for (int kind = 1; kind <= 21; ++kind)
            QVERIFY(!ledgerName(static_cast<LedgerKind>(kind)).isEmpty());
        for (const auto &type : detectionTypes()) {
            QCOMPARE(typeName(type.value), text(type.displayName));
            QCOMPARE(shortTypeName(type.value), text(type.shortName));
        }
        for (const auto level : {RiskLevel::None, RiskLevel::Low, RiskLevel::Medium, RiskLevel::High})
            QCOMPARE(levelName(level), text(displayName(level)));
    }

    void aWatcherNoticesOtherProcesses()
    {
        SmallDirectory directory;
        auto readers = std::make_shared<jobs::Readers>(directory.file(), 1);
        jobs::StoreWatcher watcher(readers, std::chrono::milliseconds(5));
        QSignalSpy changed(&watcher, &jobs::StoreWatcher::changed);
        QVERIFY(!changed.wait(60)); // nothing happened
        SmallDirectory::need(directory.connection().execute("INSERT INTO setting VALUES ('a', 'b')"));
        QVERIFY(changed.wait(5000));
        QTest::qWait(30);
        QCOMPARE(changed.size(), 1); // one commit, one word
    }

    void aWriterWorksOneThingAtATime()
    {
        jobs::Writer writer;
        QSignalSpy finished(&writer, &jobs::Writer::finished);
        QSignalSpy progressed(&writer, &jobs::Writer::progressed);
        int answer = 0;
        const auto work = [](std::stop_token stop, const ProgressSink &sink) -> Result<int> {
            sink({"act", 1, 2});
            while (!stop.stop_requested())
                std::this_thread::yield();
            return 7;
        };
        QVERIFY(writer.run(QStringLiteral("Dismissing"), this, work,
                           [&](Result<int> r) { answer = r.value_or(-1); }));
        QVERIFY(writer.isBusy());
        QVERIFY(!writer.run(QStringLiteral("Again"), this, work, [](Result<int>) {}));
        QVERIFY(progressed.wait(5000));
        QCOMPARE(progressed.first().at(1).toDouble(), 0.5);
        writer.cancel();
        QVERIFY(finished.wait(5000));
        QCOMPARE(answer, 7);
        QVERIFY(!writer.isBusy());
        QVERIFY(writer.run(
            QStringLiteral("Once more"), this,
            [](std::stop_token, const ProgressSink &) -> Result<int> { return 1; },
            [&](Result<int> r) { answer = r.value_or(-1); }));
        QVERIFY(finished.wait(5000));
        QCOMPARE(answer, 1);
    }
};

QTEST_GUILESS_MAIN(WordsTest)
#include "tst_words.moc"
