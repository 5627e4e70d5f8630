// Story: a scenario told as text, played through a real riskdeskctl on a directory file of its own.
//
// The language is told at the head of tests/scenarios/tst_scenarios.cpp. One thread a story; stories do not
// know of each other, so several may be played at a time. Nothing is thrown: what differs is the answer.
#pragma once

#include "core/store/connection.h"

#include <QByteArray>
#include <QHash>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

namespace riskdesk::test {

class Story
{
public:
    Story(QString program, QString file)
        : m_program(std::move(program))
        , m_file(std::move(file))
    {}

    // Empty when the story holds; else the line and what was different.
    QString play();

private:
    struct Ran
    {
        int code = -1;
        QByteArray out;
        QString error; // empty: it went well
    };

    Ran ctl(const QStringList &arguments);
    [[nodiscard]] QString path() const { return m_folder.filePath("story.riskdesk"); }
    [[nodiscard]] static QString id(const QString &user);
    [[nodiscard]] static QString mail(const QString &user) { return user + "@story.example"; }

    QString step(const QStringList &words);
    QString tellSignIns(const QStringList &words, qsizetype at, const QString &verb, int code);
    QString tell(const QString &user, const QString &time, const QString &place, const QString &ip,
                 const QString &agent, int code, const QHash<QString, QString> &more);
    QString password(const QStringList &words);
    QString habit(const QStringList &words);
    QString list(const QStringList &words);
    QString import();
    QString admin(const QStringList &words);

    QString expect(const QStringList &words);
    QString expectSetAside(store::Connection &db, const QStringList &words, bool nothing);
    QString expectDetection(store::Connection &db, const QStringList &words, bool none);
    QString expectCount(store::Connection &db, const QStringList &words);
    QString expectCampaign(store::Connection &db, const QStringList &words);
    QString expectUser(store::Connection &db, const QStringList &words);
    QString expectSignIn(store::Connection &db, const QStringList &words);
    QString expectExplain(const QStringList &words);

    QString m_program, m_file;
    QTemporaryDir m_folder;
    QByteArray m_log, m_audits, m_unified; // told and not yet imported
    QStringList m_logs;                    // files imported so far
    QHash<QString, QString> m_social;      // user -> issuer
    QHash<QString, QString> m_newest;      // user -> request id of the sign-in told last
    QByteArray m_said;                     // by the last import
    int m_events = 0, m_files = 0;
};

} // namespace riskdesk::test
