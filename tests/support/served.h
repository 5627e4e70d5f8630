// Served: `riskdeskctl serve` as a process of its own, which listens when the constructor returns.
#pragma once

#include "tests/support/ctl.h"

#include <QElapsedTimer>

#include <sys/types.h>

#include <csignal>

namespace riskdesk::test {

class Served
{
public:
    static constexpr int patience = 60000; // milliseconds

    explicit Served(const Ctl &ctl, const QStringList &more = {}, const QString &listen = "127.0.0.1:0")
        : Served(ctl.directory(), more, listen)
    {}
    explicit Served(const QString &directory, const QStringList &more = {},
                    const QString &listen = "127.0.0.1:0")
        : m_certificate(directory + ".crt")
    {
        m_process.start(QString::fromStdString(riskdeskctl()),
                        QStringList{"--directory", directory, "serve", "--listen", listen} + more);
        QElapsedTimer timer;
        timer.start();
        while (!m_line.contains('\n') && timer.elapsed() < patience && m_process.waitForReadyRead(patience))
            m_line += m_process.readAllStandardOutput();
    }
    ~Served()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    Served(const Served &) = delete;
    Served &operator=(const Served &) = delete;

    // "https://127.0.0.1:40123"; empty: it did not start.
    [[nodiscard]] QString url() const { return QString::fromUtf8(m_line).trimmed(); }
    [[nodiscard]] int port() const { return url().section(':', -1).toInt(); }
    [[nodiscard]] QString certificate() const { return m_certificate; } // the one it makes itself
    [[nodiscard]] QString err()
    {
        m_err += m_process.readAllStandardError();
        return QString::fromUtf8(m_err);
    }
    void signal(int number) const { ::kill(static_cast<pid_t>(m_process.processId()), number); }
    // Its exit code; -2 when it died, -3 when it goes on.
    int waitForEnd()
    {
        if (m_process.state() != QProcess::NotRunning && !m_process.waitForFinished(patience))
            return -3;
        return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -2;
    }
    int end(int number = SIGTERM)
    {
        signal(number);
        return waitForEnd();
    }

private:
    QString m_certificate;
    QProcess m_process;
    QByteArray m_line, m_err;
};

// Sign-ins of user1, user2, … from a listed address: one finding for each.
inline void prepareFindings(const Ctl &ctl, int count)
{
    QByteArray log;
    for (int n = 1; n <= count; ++n)
        log += signInLine(n, QString("user%1").arg(n), {}, "203.0.113.20");
    for (const auto &step : {QStringList{"init", "--name", "Test"},
                             QStringList{"intel", "add", "anonymizer",
                                         ctl.write("tor.txt", "203.0.113.0/24\n"), "--kind", "tor"},
                             QStringList{"import", ctl.write("log.json", log)}})
        if (const auto ran = ctl.run(step); ran.code != 0)
            qFatal("%s: %s", qPrintable(step.join(' ')), qPrintable(ran.err));
}

// A token for everything.
inline QString makeToken(const Ctl &ctl, const QString &name)
{
    return ctl
        .run({"token", "create", name, "--scopes",
              "IdentityRiskyUser.ReadWrite.All,IdentityRiskEvent.ReadWrite.All,AuditLog.Read.All,"
              "User.ReadWrite.All"})
        .out.trimmed();
}

} // namespace riskdesk::test
