// The continuous export posted to a receiver: signed, bounded, at least once and under the same id, whoever is killed
// and when. A receiver that leaves out ids it has seen has every row.
#include "tests/support/listed_sign_ins.h"
#include "tests/support/tls_server.h"
#include "tests/support/webhook_signature.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QTest>

#include <atomic>
#include <condition_variable>
#include <csignal>

using riskdesk::test::Ctl;
using riskdesk::test::listedSignIns;
using riskdesk::test::makeListed;
using riskdesk::test::signInLine;
using riskdesk::test::TlsServer;

namespace {

constexpr int patience = 60000; // milliseconds
constexpr const char *secret = "correct horse battery";

QString content(const QString &name)
{
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QStringList toWebhook(const Ctl &ctl, const TlsServer &server, const QStringList &more = {})
{
    return QStringList{"export",        "detections",
                       "--webhook",     QString::fromStdString(server.url()),
                       "--secret-file", ctl.write("secret", QByteArray(secret) + '\n'),
                       "--ca-file",     QString::fromStdString(server.certificate()),
                       "--state",       ctl.path("place")} +
           more;
}

struct Message
{
    QString id;
    bool sound = false; // signature and form are as they should be
    QList<QJsonObject> rows;
    qsizetype bytes = 0;
};

Message read(const httplib::Request &request, const char *type = "riskdesk.detections")
{
    const auto id = request.get_header_value("webhook-id"),
               at = request.get_header_value("webhook-timestamp");
    const auto text = id + "." + at + "." + request.body;
    const auto body = QJsonDocument::fromJson(QByteArray::fromStdString(request.body)).object();
    Message message;
    message.id = QString::fromStdString(id);
    message.sound =
        riskdesk::test::webhookSignature(secret, text) == request.get_header_value("webhook-signature") &&
        body["type"].toString() == type && body["timestamp"].toString().endsWith('Z') &&
        body["data"].isArray() && request.get_header_value("Content-Type") == "application/json";
    for (const auto &row : body["data"].toArray())
        message.rows << row.toObject();
    message.bytes = static_cast<qsizetype>(request.body.size());
    return message;
}

QList<Message> received(const TlsServer &server)
{
    QList<Message> all;
    for (const auto &request : server.requests())
        all << read(request);
    return all;
}

// What a receiver has that leaves out ids it has seen, and how many rows it was told in all.
struct Had
{
    QMap<QString, QJsonObject> rows;
    qsizetype told = 0;
};

Had had(const QList<Message> &messages)
{
    Had out;
    QSet<QString> seen;
    for (const auto &message : messages) {
        if (seen.contains(message.id))
            continue;
        seen << message.id;
        out.told += message.rows.size();
        for (const auto &row : message.rows)
            out.rows[row["id"].toString()] = row;
    }
    return out;
}

QMap<QString, QJsonObject> listed(const Ctl &ctl, const char *report = "detections")
{
    QMap<QString, QJsonObject> out;
    for (const auto &one : ctl.run({"list", report, "--all", "--format", "json"}).array())
        out[one.toObject()["id"].toString()] = one.toObject();
    return out;
}

// A command under way, with what it says on standard error.
class Running
{
public:
    Running(const Ctl &ctl, const QStringList &arguments)
    {
        m_process.start(QString::fromStdString(riskdesk::test::riskdeskctl()),
                        QStringList{"--directory", ctl.directory()} + arguments);
        m_started = m_process.waitForStarted(patience);
    }
    ~Running()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    Running(const Running &) = delete;
    Running &operator=(const Running &) = delete;
    [[nodiscard]] bool started() const { return m_started; }
    [[nodiscard]] pid_t pid() const { return static_cast<pid_t>(m_process.processId()); }
    bool waitForError(const QString &words)
    {
        m_process.setReadChannel(QProcess::StandardError);
        QElapsedTimer timer;
        timer.start();
        while (!m_err.contains(words)) {
            if (!m_process.waitForReadyRead(patience) || timer.elapsed() > patience)
                return false;
            m_err += QString::fromUtf8(m_process.readAllStandardError());
        }
        return true;
    }
    int end(int signal)
    {
        if (signal != 0)
            ::kill(pid(), signal);
        if (!m_process.waitForFinished(patience))
            return -3;
        m_err += QString::fromUtf8(m_process.readAllStandardError());
        return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -2;
    }
    [[nodiscard]] QString err() const { return m_err; }

private:
    QProcess m_process;
    QString m_err;
    bool m_started = false;
};

// Holds the test until the receiver was asked so many times.
class Counter
{
public:
    void one()
    {
        const std::lock_guard lock(m_mutex);
        ++m_count;
        m_changed.notify_all();
    }
    bool waitFor(int count)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, std::chrono::milliseconds(patience),
                                  [&] { return m_count >= count; });
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    int m_count = 0;
};

} // namespace

class ExportWebhookTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void postsEverythingAndThenWhatChanged()
    {
        const Ctl ctl;
        makeListed(ctl, 1100);
        TlsServer server([](const auto &, auto &response) { response.status = 204; });
        const auto first = ctl.run(toWebhook(ctl, server));
        QVERIFY2(first.code == 0, qPrintable(first.err));
        QCOMPARE(first.out, QString()); // instead of standard output
        auto messages = received(server);
        QCOMPARE(messages.size(), 3);
        for (const auto &message : messages) {
            QVERIFY(message.sound);
            QVERIFY(message.rows.size() <= 512);
        }
        QCOMPARE(had(messages).rows, listed(ctl));
        QCOMPARE(had(messages).told, 1100);
        QCOMPARE("--since " + content(ctl.path("place")), first.err);
        // Nothing new is nothing to post.
        QCOMPARE(ctl.run(toWebhook(ctl, server)).code, 0);
        QCOMPARE(received(server).size(), 3);
        QCOMPARE(ctl.run({"dismiss", "user7@shop.example", "--note", "n"}).code, 0);
        QCOMPARE(ctl.run(toWebhook(ctl, server)).code, 0);
        messages = received(server);
        QCOMPARE(messages.size(), 4);
        QCOMPARE(had(messages).rows, listed(ctl));
        QCOMPARE(had(messages).told, 1101);
    }

    void followsWhatAnotherProcessDoes()
    {
        const Ctl ctl;
        makeListed(ctl, 3);
        Counter counter;
        TlsServer server([&](const auto &, auto &) { counter.one(); });
        Running following(ctl, toWebhook(ctl, server, {"--follow", "--every", "0.1"}));
        QVERIFY(counter.waitFor(1));
        QCOMPARE(ctl.run({"import", ctl.write("more.json", listedSignIns(4, 2))}).code, 0);
        QVERIFY(counter.waitFor(2));
        QCOMPARE(following.end(SIGINT), 0);
        QCOMPARE(had(received(server)).rows, listed(ctl));
    }

    void triesAgainAndTellsIt()
    {
        const Ctl ctl;
        makeListed(ctl, 3);
        std::atomic<int> asked = 0;
        TlsServer server([&](const auto &, auto &response) {
            const int n = ++asked;
            response.status = n == 1 ? 503 : n == 2 ? 429 : 200;
            response.set_header("Retry-After", "0");
        });
        const auto ran = ctl.run(toWebhook(ctl, server));
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QCOMPARE(ran.out, QString());
        QVERIFY2(ran.err.contains("status 503. Waiting 0.0 s."), qPrintable(ran.err));
        QVERIFY(!ran.err.contains(secret));
        const auto messages = received(server);
        QCOMPARE(messages.size(), 3);
        for (const auto &message : messages) {
            QVERIFY(message.sound);
            QCOMPARE(message.id, messages[0].id);
            QCOMPARE(message.rows, messages[0].rows);
        }
    }

    void stopsWhereItIsRefused()
    {
        const Ctl ctl;
        makeListed(ctl, 600); // two batches
        std::atomic<int> asked = 0;
        std::atomic<bool> gone = true;
        TlsServer server(
            [&](const auto &, auto &response) { response.status = ++asked == 2 && gone ? 410 : 200; });
        const auto ran = ctl.run(toWebhook(ctl, server, {"--follow"}));
        QCOMPARE(ran.code, 1);
        QVERIFY2(ran.err.contains("status 410"), qPrintable(ran.err));
        const auto kept = content(ctl.path("place")).split('\n')[0];
        QVERIFY2(ran.err.contains("behind the place " + kept), qPrintable(ran.err));
        gone = false;
        QCOMPARE(ctl.run(toWebhook(ctl, server)).code, 0);
        const auto messages = received(server);
        QCOMPARE(messages.size(), 3);
        QCOMPARE(messages[2].id, messages[1].id);
        QVERIFY(messages[1].id != messages[0].id);
        QCOMPARE(had(messages).rows, listed(ctl));
        QCOMPARE(had(messages).told, 600);
    }

    // The receiver has it, and the sender is killed before it can write that down. Also when more has come since: the
    // message is the same once more, and what came is another one.
    void killedBehindAPostItRepeatsTheSameId()
    {
        for (const int killedAt : {1, 2}) {
            const Ctl ctl;
            makeListed(ctl, 700); // 512 and 188
            std::atomic<int> asked = 0;
            std::atomic<pid_t> victim = 0;
            std::mutex startedMutex;
            TlsServer server([&](const auto &, auto &) {
                const std::lock_guard lock(startedMutex);
                if (++asked == killedAt && victim != 0)
                    ::kill(victim, SIGKILL);
            });
            {
                std::unique_lock lock(startedMutex);
                Running running(ctl, toWebhook(ctl, server, {"--follow"}));
                QVERIFY(running.started());
                victim = running.pid();
                lock.unlock();
                QCOMPARE(running.end(0), -2);
            }
            victim = 0;
            QCOMPARE(ctl.run({"import", ctl.write("more.json", listedSignIns(701, 5))}).code, 0);
            const auto rest = ctl.run(toWebhook(ctl, server));
            QVERIFY2(rest.code == 0, qPrintable(rest.err));
            const auto messages = received(server);
            QVERIFY(messages.size() > killedAt);
            QCOMPARE(messages[killedAt].id, messages[killedAt - 1].id);
            QCOMPARE(messages[killedAt].rows, messages[killedAt - 1].rows);
            QCOMPARE(had(messages).rows, listed(ctl));
            QCOMPARE(had(messages).told, 705); // and nothing else twice
        }
    }

    // Of what was in the first message and has gone since, the receiver hears too.
    void killedBehindTheFirstPostItTellsWhatWasRemovedSince()
    {
        const Ctl ctl;
        makeListed(ctl, 2);
        QCOMPARE(ctl.run({"confirm-compromised", "user1@shop.example", "--note", "n"}).code, 0);
        std::atomic<pid_t> victim = 0;
        std::mutex startedMutex;
        TlsServer server([&](const auto &, auto &) {
            const std::lock_guard lock(startedMutex);
            if (victim != 0)
                ::kill(victim, SIGKILL);
        });
        {
            std::unique_lock lock(startedMutex);
            Running running(ctl, toWebhook(ctl, server));
            QVERIFY(running.started());
            victim = running.pid();
            lock.unlock();
            QCOMPARE(running.end(0), -2);
        }
        victim = 0;
        QCOMPARE(ctl.run({"undo"}).code, 0);
        QCOMPARE(ctl.run(toWebhook(ctl, server)).code, 0);
        QMap<QString, QJsonObject> rows;
        for (const auto &message : received(server))
            for (const auto &row : message.rows)
                if (row.contains("@removed"))
                    rows.remove(row["id"].toString());
                else
                    rows[row["id"].toString()] = row;
        QCOMPARE(rows, listed(ctl));
    }

    void stoppedWhileItWaitsItLosesNothing()
    {
        const Ctl ctl;
        makeListed(ctl, 4);
        std::atomic<bool> busy = true;
        TlsServer server([&](const auto &, auto &response) {
            response.status = busy ? 503 : 200;
            response.set_header("Retry-After", "3600");
        });
        Running running(ctl, toWebhook(ctl, server, {"--follow"}));
        QVERIFY(running.waitForError("Waiting 3600 s."));
        QCOMPARE(running.end(SIGINT), 0);
        busy = false;
        QCOMPARE(ctl.run(toWebhook(ctl, server)).code, 0);
        const auto messages = received(server);
        QCOMPARE(messages.size(), 2);
        QCOMPARE(messages[0].id, messages[1].id);
        QCOMPARE(had(messages).rows, listed(ctl));
    }

    // It is on its way, and nobody can tell whether it was taken: so it comes once more, and is known by its id.
    void stoppedWhileTheReceiverThinksItEndsAtOnce()
    {
        const Ctl ctl;
        makeListed(ctl, 4);
        Counter asked, released;
        std::atomic<bool> thinks = true;
        TlsServer server([&](const auto &, auto &) {
            asked.one();
            if (thinks)
                released.waitFor(1);
        });
        {
            Running running(ctl, toWebhook(ctl, server, {"--follow"}));
            QVERIFY(asked.waitFor(1));
            const int code = running.end(SIGINT); // the receiver still thinks
            thinks = false;
            released.one();
            QCOMPARE(code, 0);
        }
        QCOMPARE(ctl.run(toWebhook(ctl, server)).code, 0);
        const auto messages = received(server);
        QCOMPARE(messages.size(), 2);
        QCOMPARE(messages[0].id, messages[1].id);
        QCOMPARE(had(messages).rows, listed(ctl));
    }

    void boundsTheBytesOfAMessage()
    {
        const Ctl ctl;
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QByteArray log;
        for (int n = 1; n <= 300; ++n)
            log += signInLine(n).replace("Storefront", QByteArray(20'000, 'x'));
        QCOMPARE(ctl.run({"import", ctl.write("log.json", log)}).code, 0);
        TlsServer server([](const auto &, auto &) {});
        auto arguments = toWebhook(ctl, server);
        arguments[1] = "signins";
        const auto ran = ctl.run(arguments);
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QSet<QString> seen, ids;
        qsizetype told = 0;
        for (const auto &request : server.requests()) {
            const auto message = read(request, "riskdesk.signins");
            QVERIFY(message.sound);
            QVERIFY2(message.bytes <= (1 << 20) + 4096, qPrintable(QString::number(message.bytes)));
            ids << message.id;
            told += message.rows.size();
            for (const auto &row : message.rows)
                seen << row["id"].toString();
        }
        QVERIFY(ids.size() > 5);
        QCOMPARE(told, 300);
        QCOMPARE(seen.size(), 300);
    }

    // A message for the rows of one filter is none for those of another.
    void theFilterIsPartOfTheId()
    {
        const Ctl ctl;
        makeListed(ctl, 3);
        TlsServer server([](const auto &, auto &) {});
        QCOMPARE(ctl.run(toWebhook(ctl, server, {"--filter", "user:user1@"})).code, 0);
        QVERIFY(QFile::remove(ctl.path("place")));
        QCOMPARE(ctl.run(toWebhook(ctl, server)).code, 0);
        // What the filter leaves out altogether is not posted, and passed all the same.
        QVERIFY(QFile::remove(ctl.path("place")));
        QCOMPARE(ctl.run(toWebhook(ctl, server, {"--filter", "user:nobody@"})).code, 0);
        const auto messages = received(server);
        QCOMPARE(messages.size(), 2);
        QVERIFY(messages[0].id != messages[1].id);
        QVERIFY(!content(ctl.path("place")).isEmpty());
    }

    void refusesWhatItCannotUse()
    {
        const Ctl ctl;
        makeListed(ctl, 1);
        TlsServer server([](const auto &, auto &) {});
        const auto url = QString::fromStdString(server.url());
        const auto good = ctl.write("good", "secret\n");
        const QList<QStringList> wrong{{"--webhook", "http://127.0.0.1/hook", "--secret-file", good},
                                       {"--webhook", "", "--secret-file", good},
                                       {"--webhook", url},
                                       {"--secret-file", good},
                                       {"--ca-file", good},
                                       {"--webhook", url, "--secret-file", ctl.write("none", "")},
                                       {"--webhook", url, "--secret-file", ctl.write("blank", "\n")},
                                       {"--webhook", url, "--secret-file", ctl.directory()}};
        for (const auto &arguments : wrong) {
            const auto ran = ctl.run(QStringList{"export", "detections"} + arguments);
            QVERIFY2(ran.code == 2, qPrintable(arguments.join(' ') + ran.err));
            QCOMPARE(ran.out, QString());
        }
        for (const auto &arguments : {QStringList{"--secret-file", ctl.path("nowhere")},
                                      {"--secret-file", good, "--ca-file", ctl.path("nowhere")}}) {
            const auto ran = ctl.run(QStringList{"export", "detections", "--webhook", url} + arguments);
            QVERIFY2(ran.code == 1, qPrintable(ran.err));
        }
        // A certificate that nobody named is not trusted, and that is not waited for.
        const auto ran = ctl.run({"export", "detections", "--webhook", url, "--secret-file", good});
        QCOMPARE(ran.code, 1);
        QVERIFY2(ran.err.contains("not trusted"), qPrintable(ran.err));
        QVERIFY(server.requests().empty());
    }
};

QTEST_GUILESS_MAIN(ExportWebhookTest)
#include "tst_export_webhook.moc"
