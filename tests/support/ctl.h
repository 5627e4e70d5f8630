// Runs riskdeskctl as a person would: a real process, its exit code and what it printed.
#pragma once

#include "tests/support/places.h"

#include <QByteArray>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

namespace riskdesk::test {

struct Ran
{
    int code = -1;
    QString out, err;
    [[nodiscard]] QJsonObject object() const { return QJsonDocument::fromJson(out.toUtf8()).object(); }
    [[nodiscard]] QJsonArray array() const { return QJsonDocument::fromJson(out.toUtf8()).array(); }
};

class Ctl
{
public:
    [[nodiscard]] QString directory() const { return m_folder.filePath("test.riskdesk"); }
    [[nodiscard]] QString path(const QString &name) const { return m_folder.filePath(name); }
    QString write(const QString &name, const QByteArray &content) const
    {
        QFile file(path(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
            qFatal("cannot write %s", qPrintable(file.fileName()));
        return file.fileName();
    }
    Ran run(const QStringList &arguments, const QByteArray &input = {}, int timeout = 120000) const
    {
        return runOn(directory(), arguments, input, timeout);
    }
    static Ran runOn(const QString &directory, const QStringList &arguments, const QByteArray &input = {},
                     int timeout = 120000)
    {
        QProcess process;
        process.start(QString::fromStdString(riskdeskctl()),
                      QStringList{"--directory", directory} + arguments);
        process.write(input);
        process.closeWriteChannel();
        Ran ran;
        if (!process.waitForFinished(timeout)) {
            process.kill();
            ran.err = "it did not end";
            return ran;
        }
        ran.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2;
        ran.out = QString::fromUtf8(process.readAllStandardOutput());
        ran.err = QString::fromUtf8(process.readAllStandardError());
        return ran;
    }

private:
    QTemporaryDir m_folder;
};

// One Graph sign-in as a line.
inline QByteArray signInLine(int number, const QString &user = "anna", const QString &time = {},
                             const QString &ip = "91.10.20.30", int code = 0)
{
    const auto id = QString("00000000-0000-4000-8000-%1").arg(number, 12, 16, QChar('0'));
    const auto at = time.isEmpty() ? QString("2026-03-01T%1:%2:00Z")
                                         .arg(number / 60 % 24, 2, 10, QChar('0'))
                                         .arg(number % 60, 2, 10, QChar('0'))
                                   : time;
    return QJsonDocument(QJsonObject{{"id", id},
                                     {"createdDateTime", at},
                                     {"userPrincipalName", user + "@shop.example"},
                                     {"userId", QString("11111111-0000-4000-8000-%1")
                                                    .arg(qHash(user) & 0xffffff, 12, 16, QChar('0'))},
                                     {"userDisplayName", user},
                                     {"appDisplayName", "Storefront"},
                                     {"ipAddress", ip},
                                     {"isInteractive", true},
                                     {"status", QJsonObject{{"errorCode", code}}}})
               .toJson(QJsonDocument::Compact) +
           '\n';
}

} // namespace riskdesk::test
