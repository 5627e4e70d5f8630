// Export: everything that is there, then what changes, whoever stops it and when. A reader of its lines loses nothing.
#include "tests/support/listed_sign_ins.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QSet>
#include <QTest>

#include <unistd.h>

#include <csignal>

using riskdesk::test::Ctl;
using riskdesk::test::listedSignIns;
using riskdesk::test::makeListed;
using riskdesk::test::Ran;
using riskdesk::test::signInLine;

namespace {

constexpr int patience = 60000; // milliseconds

QList<QJsonObject> objects(const QByteArray &out)
{
    QList<QJsonObject> all;
    const auto lines = out.split('\n');
    for (const auto &line : lines)
        if (!line.isEmpty())
            all << QJsonDocument::fromJson(line).object();
    return all;
}

QList<QJsonObject> objects(const Ran &ran)
{
    return objects(ran.out.toUtf8());
}

QStringList ids(const QList<QJsonObject> &all)
{
    QStringList out;
    for (const auto &one : all)
        out << one["id"].toString();
    return out;
}

// What somebody who reads the lines in their order has in the end.
QMap<QString, QJsonObject> picture(const QList<QJsonObject> &all)
{
    QMap<QString, QJsonObject> out;
    for (const auto &one : all)
        if (one.contains("@removed"))
            out.remove(one["id"].toString());
        else
            out[one["id"].toString()] = one;
    return out;
}

QMap<QString, QJsonObject> listed(const Ctl &ctl, const char *report)
{
    QMap<QString, QJsonObject> out;
    for (const auto &one : ctl.run({"list", report, "--all", "--format", "json"}).array())
        out[one.toObject()["id"].toString()] = one.toObject();
    return out;
}

QString tokenOf(const QString &err)
{
    const auto words = err.trimmed().split(' ');
    return words.size() == 2 && words[0] == "--since" ? words[1] : QString();
}

// An export that goes on.
class Following
{
public:
    Following(const Ctl &ctl, const QStringList &more)
    {
        m_process.start(QString::fromStdString(riskdesk::test::riskdeskctl()),
                        QStringList{"--directory", ctl.directory(), "export"} + more +
                            QStringList{"--follow", "--every", "0.1"});
    }
    ~Following()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    Following(const Following &) = delete;
    Following &operator=(const Following &) = delete;

    // Until so many lines have come; false when they do not come in time.
    bool waitForLines(qsizetype count)
    {
        QElapsedTimer timer;
        timer.start();
        while (m_out.count('\n') < count) {
            if (!m_process.waitForReadyRead(patience) || timer.elapsed() > patience)
                return false;
            m_out += m_process.readAllStandardOutput();
        }
        return true;
    }
    int end(int signal)
    {
        ::kill(static_cast<pid_t>(m_process.processId()), signal);
        if (!m_process.waitForFinished(patience))
            return -3;
        m_out += m_process.readAllStandardOutput();
        m_err += m_process.readAllStandardError();
        return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -2;
    }
    int waitForEnd()
    {
        if (!m_process.waitForFinished(patience))
            return -3;
        m_out += m_process.readAllStandardOutput();
        m_err += m_process.readAllStandardError();
        return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -2;
    }
    [[nodiscard]] QByteArray out() const { return m_out.first(m_out.lastIndexOf('\n') + 1); } // whole lines
    [[nodiscard]] QString err() const { return QString::fromUtf8(m_err); }

private:
    QProcess m_process;
    QByteArray m_out, m_err;
};

} // namespace

class ExportTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tellsEverythingAndThenWhatChanged()
    {
        const Ctl ctl;
        makeListed(ctl, 20);
        for (const char *report : {"detections", "users"}) {
            const auto first = ctl.run({"export", report});
            QVERIFY2(first.code == 0, qPrintable(first.err));
            QCOMPARE(objects(first).size(), 20);
            QCOMPARE(picture(objects(first)), listed(ctl, report)); // Graph's objects, as list tells them
            auto all = objects(first);
            auto token = tokenOf(first.err);
            QVERIFY2(!token.isEmpty(), qPrintable(first.err));
            QCOMPARE(ctl.run({"export", report, "--since", token}).out, QString());
            for (const auto &deed : {QStringList{"dismiss", "user3@shop.example", "--note", "n"},
                                     QStringList{"confirm-compromised", "user5@shop.example", "--note", "n"},
                                     QStringList{"undo"}}) {
                QCOMPARE(ctl.run(deed).code, 0);
                const auto next = ctl.run({"export", report, "--since", token});
                QVERIFY2(next.code == 0, qPrintable(next.err));
                QVERIFY(objects(next).size() >= 1 && objects(next).size() <= 2);
                all += objects(next);
                token = tokenOf(next.err);
                QCOMPARE(picture(all), listed(ctl, report));
            }
            QCOMPARE(ctl.run({"undo"}).code, 0);
        }
    }

    void aRemovedDetectionIsALineOfItsOwn()
    {
        const Ctl ctl;
        makeListed(ctl, 2);
        const auto before = ctl.run({"export", "detections"});
        QCOMPARE(ctl.run({"confirm-compromised", "user1@shop.example", "--note", "n"}).code, 0);
        const auto made = ctl.run({"export", "detections", "--since", tokenOf(before.err)});
        QCOMPARE(ctl.run({"undo"}).code, 0);
        const auto undone =
            ctl.run({"export", "detections", "--since", tokenOf(made.err), "--filter", "level:low"});
        const auto known = ids(objects(before));
        QString removed;
        for (const auto &id : ids(objects(made)))
            if (!known.contains(id))
                removed = id;
        QVERIFY(!removed.isEmpty());
        QCOMPARE(undone.out.trimmed(),
                 QString(R"({"id":"%1","@removed":{"reason":"deleted"}})").arg(removed));
    }

    void tellsSignInsAndHistory()
    {
        const Ctl ctl;
        makeListed(ctl, 1500); // three batches
        const auto signIns = ctl.run({"export", "signins"});
        QVERIFY2(signIns.code == 0, qPrintable(signIns.err));
        QCOMPARE(objects(signIns).size(), 1500);
        QCOMPARE(picture(objects(signIns)), listed(ctl, "signins"));
        QByteArray more = listedSignIns(1501, 3);
        QCOMPARE(ctl.run({"import", ctl.write("more.json", more)}).code, 0);
        const auto next = ctl.run({"export", "signins", "--since", tokenOf(signIns.err)});
        QCOMPARE(objects(next).size(), 3);
        const auto some = ctl.run({"export", "signins", "--filter", "user:user77@"});
        QCOMPARE(objects(some).size(), 1);
        QCOMPARE(objects(some)[0]["userPrincipalName"].toString(), QString("user77@shop.example"));

        const auto history = ctl.run({"export", "history"});
        QCOMPARE(objects(history).size(), 1503);
        QCOMPARE(objects(history)[0]["activity"].toObject()["riskEventTypes"].toArray().size(), 1);
        QCOMPARE(ctl.run({"dismiss", "user3@shop.example", "--note", "n"}).code, 0);
        const auto dismissed = objects(ctl.run({"export", "history", "--since", tokenOf(history.err)}));
        QCOMPARE(dismissed.size(), 1);
        QCOMPARE(dismissed[0]["riskState"].toString(), QString("dismissed"));
    }

    void filtersWhatItTells()
    {
        const Ctl ctl;
        makeListed(ctl, 5);
        QCOMPARE(ctl.run({"dismiss", "user3@shop.example", "--note", "n"}).code, 0);
        for (const char *report : {"detections", "users"}) {
            QCOMPARE(objects(ctl.run({"export", report, "--filter", "state:atRisk"})).size(), 4);
            QCOMPARE(objects(ctl.run({"export", report, "--filter", "state:dismissed"})).size(), 1);
        }
    }

    void keepsItsPlaceInAFile()
    {
        const Ctl ctl;
        makeListed(ctl, 4);
        const auto state = ctl.path("place");
        const QStringList arguments{"export", "detections", "--state", state};
        const auto first = ctl.run(arguments);
        QCOMPARE(objects(first).size(), 4);
        const auto kept = [&] {
            QFile file(state);
            return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
        };
        QCOMPARE(kept(), tokenOf(first.err) + '\n');
        QVERIFY(!QFileInfo::exists(state + ".new"));
        QCOMPARE(ctl.run(arguments).out, QString());
        QCOMPARE(ctl.run({"dismiss", "user2@shop.example", "--note", "n"}).code, 0);
        QCOMPARE(objects(ctl.run(arguments)).size(), 1);
        QCOMPARE(ctl.run(arguments).out, QString());
        // A place that cannot be kept is told, not lost: the token is on standard error.
        QCOMPARE(ctl.run({"undo"}).code, 0);
        // Opened and closed here, the directory file would lose SQLite's locks.
        const auto directory = ctl.run({"export", "detections", "--state", ctl.directory()});
        QCOMPARE(directory.code, 2);
        QVERIFY2(directory.err.contains("a file of its own for the place"), qPrintable(directory.err));
        const auto nowhere = ctl.run({"export", "detections", "--state", ctl.path("no/such/folder/place")});
        QCOMPARE(nowhere.code, 1);
        QVERIFY(nowhere.err.contains("--since "));
        // What it holds is not what it should.
        for (const char *content : {"", "\n", "AAAA\n"}) {
            const auto wrong = ctl.run({"export", "detections", "--state", ctl.write("wrong", content)});
            QCOMPARE(wrong.code, 2);
            QCOMPARE(wrong.out, QString());
        }
    }

    void refusesWhatItCannotUse()
    {
        const Ctl ctl;
        makeListed(ctl, 2);
        const auto token = tokenOf(ctl.run({"export", "users"}).err);
        const QList<QStringList> wrong{{"detections", "--since", "nonsense"},
                                       {"detections", "--since", ""},
                                       {"detections", "--since", token}, // of users
                                       {"users", "--since", token, "--state", ctl.path("place")},
                                       {"users", "--filter", "nosuchfield:1"},
                                       {"history", "--filter", "level:high"},
                                       {"campaigns"},
                                       {},
                                       {"users", "--every", "0.01"}};
        for (const auto &arguments : wrong) {
            const auto ran = ctl.run(QStringList{"export"} + arguments);
            QVERIFY2(ran.code == 2, qPrintable(arguments.join(' ') + ran.err));
            QCOMPARE(ran.out, QString());
        }
        const Ctl other;
        QCOMPARE(other.run({"init", "--name", "Other"}).code, 0);
        QCOMPARE(other.run({"export", "users", "--since", token}).code, 2);
        const Ctl none;
        QCOMPARE(none.run({"export", "users"}).code, 1);
    }

    void followsWhatAnotherProcessDoes()
    {
        const Ctl ctl;
        makeListed(ctl, 3);
        const auto state = ctl.path("place");
        Following detections(ctl, {"detections", "--state", state}), signIns(ctl, {"signins"}),
            history(ctl, {"history"});
        QVERIFY(detections.waitForLines(3));
        QVERIFY(signIns.waitForLines(3));
        QVERIFY(history.waitForLines(3));
        QCOMPARE(ctl.run({"dismiss", "user2@shop.example", "--note", "n"}).code, 0);
        QVERIFY(detections.waitForLines(4));
        QVERIFY(history.waitForLines(4));
        QCOMPARE(ctl.run({"import", ctl.write("more.json", listedSignIns(4, 2))}).code, 0);
        QVERIFY(detections.waitForLines(6));
        QVERIFY(signIns.waitForLines(5));
        QVERIFY(history.waitForLines(6));
        // Ctrl+C ends it in order, with the place kept.
        QCOMPARE(detections.end(SIGINT), 0);
        QCOMPARE(signIns.end(SIGINT), 0);
        QCOMPARE(history.end(SIGTERM), 0);
        QCOMPARE(picture(objects(detections.out())), listed(ctl, "detections"));
        // Each once, although the risk of one has changed since.
        QCOMPARE(ids(objects(signIns.out())).size(), 5);
        QCOMPARE(picture(objects(signIns.out())).keys(), listed(ctl, "signins").keys());
        const auto token = tokenOf(detections.err());
        QVERIFY2(!token.isEmpty(), qPrintable(detections.err()));
        QCOMPARE(ctl.run({"export", "detections", "--since", token}).out, QString());
        QCOMPARE(ctl.run({"export", "detections", "--state", state}).out, QString());
    }

    void killedItRepeatsABatchAtMost()
    {
        const Ctl ctl;
        constexpr int many = 2500, batch = 512;
        makeListed(ctl, many);
        const auto state = ctl.path("place");
        QByteArray all;
        // Killed somewhere in the middle: it writes more than a pipe holds, and we read only so much.
        for (const int lines : {1, 700, 1}) {
            Following killed(ctl, {"detections", "--state", state});
            QVERIFY(killed.waitForLines(lines));
            (void)killed.end(SIGKILL);
            all += killed.out();
        }
        const auto rest = ctl.run({"export", "detections", "--state", state});
        QVERIFY2(rest.code == 0, qPrintable(rest.err));
        all += rest.out.toUtf8();
        const auto told = objects(all);
        QCOMPARE(picture(told), listed(ctl, "detections"));
        QVERIFY2(told.size() <= many + 3 * batch, qPrintable(QString::number(told.size())));
    }

    void aReaderThatLeavesEndsItQuietly()
    {
        const Ctl ctl;
        makeListed(ctl, 3);
        const auto state = ctl.path("place"), code = ctl.path("code"), err = ctl.path("err");
        QProcess shell;
        shell.start(
            "/bin/sh",
            {"-c",
             R"({ "$0" --directory "$1" export detections --state "$2" --follow --every 0.1 2> "$4"; echo $? > "$3"; } | head -n 3)",
             QString::fromStdString(riskdesk::test::riskdeskctl()), ctl.directory(), state, code, err});
        QVERIFY(shell.waitForReadyRead(patience));
        // It hears that nobody reads any more when it has something to say.
        for (int i = 0; i < 40 && shell.state() != QProcess::NotRunning; ++i) {
            QCOMPARE(ctl.run(i % 2 == 0 ? QStringList{"dismiss", "user2@shop.example", "--note", "n"}
                                        : QStringList{"undo"})
                         .code,
                     0);
            (void)shell.waitForFinished(500);
        }
        QCOMPARE(shell.state(), QProcess::NotRunning);
        const auto content = [](const QString &name) {
            QFile file(name);
            return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
        };
        QCOMPARE(content(code), QString("0\n"));
        QVERIFY2(!tokenOf(content(err)).isEmpty(), qPrintable(content(err))); // and nothing else
        // What could not be written is told the next time.
        QCOMPARE(objects(ctl.run({"export", "detections", "--state", state})).size(), 1);
    }

    void endsWithTheDirectory()
    {
        const Ctl ctl;
        makeListed(ctl, 3);
        Following following(ctl, {"detections"});
        QVERIFY(following.waitForLines(3));
        QVERIFY(QFile::rename(ctl.directory(), ctl.path("elsewhere")));
        QCOMPARE(following.waitForEnd(), 1);
    }
};

QTEST_GUILESS_MAIN(ExportTest)
#include "tst_export.moc"
