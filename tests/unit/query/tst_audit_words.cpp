// The audit log reads like sentences, old records too: its keys and figures are put into words where they are
// shown, and what nobody has words for stays as it is.
#include "core/query/words/audit_words.h"

#include <QTest>

using namespace riskdesk;

class AuditWordsTest : public QObject
{
    Q_OBJECT

    static QByteArray said(const query::AuditRow &record)
    {
        const auto said = query::auditSaid(record);
        return QByteArray::fromStdString(said.action + '|' + said.target + '|' + said.change);
    }
    static query::AuditRow record(std::string action, std::string target, std::string before,
                                  std::string after)
    {
        query::AuditRow row;
        row.action = std::move(action);
        row.target = std::move(target);
        row.before = std::move(before);
        row.after = std::move(after);
        return row;
    }

private Q_SLOTS:
    void reads_data()
    {
        QTest::addColumn<QByteArrayList>("stored"); // action, target, before, after
        QTest::addColumn<QByteArray>("shown");
        const auto row = [](const QByteArrayList &stored, const char *shown) {
            QTest::newRow(stored.join(' ')) << stored << QByteArray(shown);
        };
        row({"dismiss", "ana@mail.example", "low atRisk 27", "none dismissed 0"},
            "Dismissed risk|ana@mail.example|Risk: Low, At risk → None, Dismissed");
        row({"block", "ana@mail.example", "low atRisk 27; enabled",
             "low atRisk 27; blocked mustChangePassword"},
            "Blocked sign-in|ana@mail.example|Account: sign-in allowed → sign-in blocked, has to change the "
            "password");
        row({"revokeSessions", "ana@mail.example", "high atRisk 80; enabled",
             "high atRisk 80; enabled sessionsSince 2026-03-18T14:26:00Z"},
            "Ended sessions|ana@mail.example|Account: sign-in allowed → sign-in allowed, sessions ended on "
            "2026-03-18 14:26 UTC");
        row({"dismiss", "ana@mail.example 0f8fad5b-d9cb-469f-a165-70867728950e", "medium atRisk 55",
             "low atRisk 27"},
            "Dismissed risk|1 detection or sign-in of ana@mail.example|Risk: Medium, At risk → Low, At risk");
        row({"intelAdd", "threat:Sample indicators", "", "version 1, 1 entries"},
            "Added threat list|Sample indicators|Version 1, entries: 1");
        row({"intelRollback", "anonymizer:Tor: exits", "version 2, 24000 entries", "version 1, 24 entries"},
            "Went back to an earlier anonymizer list|Tor: exits|Version 2, entries: 24,000 → Version 1, "
            "entries: "
            "24");
        row({"import", "a.ndjson b.ndjson", "", "done: 236116 read, 236115 stored, 1 detections"},
            "Imported|a.ndjson b.ndjson|Done: 236,116 read, 236,115 stored, 1 detection");
        row({"settle", "", "", "1200 sign-ins, 3 detections, 0 withdrawn"},
            "Judged the past again||1,200 sign-ins, 3 detections, 0 withdrawn");
        row({"retain", "sign-ins before 2026-01-01T00:00:00Z", "", "1 deleted"},
            "Deleted old sign-ins|Sign-ins before 2026-01-01 00:00 UTC|1 sign-in deleted");
        row({"operatorRole", "Ana", "reader", "administrator"},
            "Changed role of operator|Ana|Reader → Administrator");
        row({"operatorAdd", "Ana", "", "operator, account ana"},
            "Added operator|Ana|Operator, by the account ana");
        row({"switchConnection", "Entra", "on", "off"}, "Switched connection|Entra|On → Off");
        row({"resetPassword", "ana@mail.example", "held", "waits for the provider"},
            "Reset password|ana@mail.example|Held → Waits for the provider");
        row({"setting", "unlikelyTravel.speedLimitKmh", "1000", "900"},
            "Changed setting|unlikelyTravel.speedLimitKmh|1000 → 900");
        // Nobody has words for these.
        row({"somethingNew", "low atRisk", "low atRisk", "low atRisk many"},
            "something new|low atRisk|low atRisk → low atRisk many");
    }
    void reads()
    {
        QFETCH(QByteArrayList, stored);
        QFETCH(QByteArray, shown);
        QCOMPARE(said(record(stored[0].toStdString(), stored[1].toStdString(), stored[2].toStdString(),
                             stored[3].toStdString())),
                 shown);
    }

    void theScoreIsToldInFull()
    {
        QCOMPARE(query::auditSaid(record("dismiss", "a", "low atRisk 27", "none dismissed 0")).before,
                 "Low, At risk, score 27");
    }

    void whatWasTakenBackIsNamed()
    {
        auto row = record("undo", "ana@mail.example", "none dismissed 0", "low atRisk 27");
        row.undoOf = 3;
        QCOMPARE(query::auditSaid(row).action, "Took back a decision");
        row.undone = "dismiss";
        QCOMPARE(query::auditSaid(row).action, "Took back: Dismissed risk");
    }

    void aColumnAloneReadsTheSame()
    {
        QCOMPARE(query::auditAction("intelAdd"), "Added list");
        QCOMPARE(query::auditRole("engine"), "Riskdesk itself");
        QCOMPARE(query::auditVia("command line"), "Command line");
        QCOMPARE(query::auditReason("expectedActivity"), "Expected activity");
        QCOMPARE(query::auditReason("it is absurdly wide"), "It is absurdly wide");
        QCOMPARE(query::auditReason("what somebody wrote"), "what somebody wrote");
    }
};

QTEST_MAIN(AuditWordsTest)
#include "tst_audit_words.moc"
