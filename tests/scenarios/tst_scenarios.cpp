// clang-format off
// Stories as text: every *.scn below this folder is one test. A story is played through riskdeskctl and a real
// directory file, as a person would; what it expects is read from the file.
//
//   user     anna [social google.com]
//   habit    anna COUNT sign-ins every HOURS h until TIME  CITY IP AGENT     (successes)
//   sign-in  anna TIME CITY IP AGENT
//   fail     anna TIME CITY IP AGENT [CODE]                                  (50126 unless said)
//   list     KIND [of CLASS] NETWORK…                                        (anonymizer, malware, threat, trusted)
//   import                                                                   (what was told so far; also before an expect)
//   admin    dismiss|confirm-compromised|confirm-safe|block|… anna [reason R] [note T]   or   admin undo
//   setting  KEY=VALUE
//   expect   detection TYPE anna [level L] [because FACT <|> NUMBER]…
//   expect   no detection [TYPE] anna
//   expect   user anna STATE LEVEL
//   expect   campaign NUMBER
//
// Words with blanks stand in quotes. Times are UTC.
// clang-format on
#include "core/domain/evidence.h"
#include "core/domain/risk.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <QUuid>

using namespace riskdesk;

namespace {

struct City
{
    const char *name, *country;
    double latitude, longitude;
};
constexpr City cities[] = {
    {"Berlin", "DE", 52.5200, 13.4050},
    {"Hamburg", "DE", 53.5511, 9.9937},
    {"New York", "US", 40.7143, -74.0060},
    {"Lisbon", "PT", 38.7167, -9.1333},
    {"Ho Chi Minh City", "VN", 10.8231, 106.6297},
    {"Porto", "PT", 41.1496, -8.6110},
    {"Jakarta", "ID", -6.2146, 106.8451},
    {"Auckland", "NZ", -36.8485, 174.7635},
    {"Madrid", "ES", 40.4165, -3.7026},
};

QStringList wordsOf(const QString &line)
{
    QStringList words;
    QString word;
    bool quoted = false, any = false;
    for (const QChar c : line) {
        if (c == u'"') {
            quoted = !quoted;
            any = true;
        } else if (c.isSpace() && !quoted) {
            if (any || !word.isEmpty())
                words << word;
            word.clear();
            any = false;
        } else {
            word += c;
        }
    }
    if (any || !word.isEmpty())
        words << word;
    return words;
}

class Story
{
public:
    explicit Story(const QString &file)
        : m_file(file)
    {}

    // Empty when the story holds; else the line and what was different.
    QString play()
    {
        if (const auto error = ctl({"init", "--name", "Story"}); !error.isEmpty())
            return error;
        QFile file(m_file);
        if (!file.open(QIODevice::ReadOnly | QIODevice::Text))
            return "cannot open " + m_file;
        int number = 0, expectations = 0;
        while (!file.atEnd()) {
            ++number;
            const auto line = QString::fromUtf8(file.readLine()).trimmed();
            if (line.isEmpty() || line.startsWith(u'#'))
                continue;
            const auto words = wordsOf(line);
            expectations += words[0] == "expect" ? 1 : 0;
            if (const auto error = step(words); !error.isEmpty())
                return QString("%1:%2: %3\n    %4")
                    .arg(QFileInfo(m_file).fileName())
                    .arg(number)
                    .arg(line, error);
        }
        return expectations == 0 ? "the story expects nothing" : QString();
    }

private:
    QString ctl(QStringList arguments, int allowed = 0)
    {
        QProcess program;
        program.start(RISKDESK_CTL, QStringList{"--directory", path()} + arguments);
        if (!program.waitForFinished(60000))
            return "riskdeskctl did not end";
        if (program.exitCode() != 0 && program.exitCode() != allowed)
            return QString("riskdeskctl %1 gave %2: %3%4")
                .arg(arguments.join(' '))
                .arg(program.exitCode())
                .arg(QString::fromUtf8(program.readAllStandardError()),
                     QString::fromUtf8(program.readAllStandardOutput()));
        return {};
    }
    QString path() const { return m_folder.filePath("story.riskdesk"); }

    QString signIn(const QString &user, const QString &time, const QString &city, const QString &ip,
                   const QString &agent, int code)
    {
        const City *where = nullptr;
        for (const auto &c : cities)
            if (city == c.name)
                where = &c;
        if (where == nullptr && city != "nowhere")
            return "unknown city " + city;
        const auto parts = agent.split('/');
        QJsonObject record{
            {"id", QUuid::createUuidV5(QUuid(), QString::number(++m_events)).toString(QUuid::WithoutBraces)},
            {"createdDateTime", QString(time).replace(' ', 'T') + (time.count(':') == 1 ? ":00Z" : "Z")},
            {"userId", id(user)},
            {"userPrincipalName", user + "@story.example"},
            {"userDisplayName", user},
            {"appDisplayName", "Storefront"},
            {"clientAppUsed", "Browser"},
            {"ipAddress", ip},
            {"isInteractive", true},
            {"status", QJsonObject{{"errorCode", code}}},
            {"deviceDetail", QJsonObject{{"browser", parts.value(0)}, {"operatingSystem", parts.value(1)}}}};
        if (where != nullptr)
            record["location"] =
                QJsonObject{{"city", where->name},
                            {"countryOrRegion", where->country},
                            {"geoCoordinates",
                             QJsonObject{{"latitude", where->latitude}, {"longitude", where->longitude}}}};
        if (m_social.contains(user))
            record["federatedTokenIssuer"] = m_social[user];
        m_log += QJsonDocument(record).toJson(QJsonDocument::Compact) + '\n';
        return {};
    }
    static QString id(const QString &user)
    {
        return QUuid::createUuidV5(QUuid(), user).toString(QUuid::WithoutBraces);
    }

    QString import()
    {
        if (m_log.isEmpty())
            return {};
        const auto file = m_folder.filePath(QString("log%1.ndjson").arg(++m_files));
        QFile out(file);
        if (!out.open(QIODevice::WriteOnly) || out.write(m_log) != m_log.size())
            return "cannot write " + file;
        out.close();
        m_log.clear();
        return ctl({"import", file});
    }

    QString step(const QStringList &w)
    {
        const auto &verb = w[0];
        if (verb == "user") {
            if (w.value(2) == "social")
                m_social[w[1]] = w.value(3);
            return {};
        }
        if (verb == "sign-in")
            return signIn(w[1], w[2] + ' ' + w[3], w[4], w[5], w[6], 0);
        if (verb == "fail")
            return signIn(w[1], w[2] + ' ' + w[3], w[4], w[5], w[6], w.size() > 7 ? w[7].toInt() : 50126);
        if (verb == "habit") {
            const auto until = Timestamp::fromIso((w[8] + 'T' + w[9] + ":00Z").toStdString());
            if (!until)
                return "a habit needs a time";
            for (int i = w[2].toInt() - 1; i >= 0; --i) {
                const auto at =
                    QString::fromStdString((*until - std::chrono::hours(w[5].toInt() * i)).toIso());
                if (const auto error = signIn(w[1], at.left(19).replace('T', ' '), w[10], w[11], w[12], 0);
                    !error.isEmpty())
                    return error;
            }
            return {};
        }
        if (verb == "list")
            return list(w);
        if (verb == "import")
            return import();
        if (verb == "setting")
            return ctl({"settings", w[1]});
        if (const auto error = import(); !error.isEmpty())
            return error;
        if (verb == "admin") {
            if (w[1] == "undo")
                return ctl({"undo"});
            QStringList arguments{w[1], w[2] + "@story.example"};
            for (int i = 3; i + 1 < w.size(); i += 2)
                arguments << "--" + w[i] << w[i + 1];
            return ctl(arguments);
        }
        return verb == "expect" ? expect(w) : "unknown word " + verb;
    }

    QString list(const QStringList &w)
    {
        const auto file = m_folder.filePath(QString("list%1.txt").arg(++m_files));
        QFile out(file);
        if (!out.open(QIODevice::WriteOnly))
            return "cannot write " + file;
        int at = 2;
        QStringList arguments{"intel", "add", w[1], file};
        if (w.value(2) == "of") {
            arguments << "--kind" << w[3];
            at = 4;
        }
        if (w[1] == "malware")
            out.write("network,malware,confidence,first_seen,last_seen\n");
        if (w[1] == "threat")
            out.write("type,value,confidence,valid_from,valid_until,label\n");
        if (w[1] == "trusted")
            out.write("name,network,trusted\n");
        for (; at < w.size(); ++at) {
            const auto network = w[at].toUtf8();
            out.write(w[1] == "malware"  ? network + ",Emotet,90,,\n"
                      : w[1] == "threat" ? QByteArray(network.contains('/') ? "cidr" : "ip") + ',' + network +
                                               ",90,,,Storm\n"
                      : w[1] == "trusted" ? "Office," + network + ",true\n"
                                          : network + '\n');
        }
        out.close();
        return ctl(arguments);
    }

    QString expect(const QStringList &w)
    {
        auto db = store::openForReading(path().toStdString());
        if (!db)
            return QString::fromStdString(sentence(db.error()));
        if (w[1] == "campaign") {
            store::Statement count(*db, "SELECT count(*) FROM campaign");
            count.step();
            return count.int64(0) == w[2].toInt() ? QString()
                                                  : QString("there are %1 campaigns").arg(count.int64(0));
        }
        if (w[1] == "user") {
            store::Statement row(
                *db,
                "SELECT state, level FROM user_risk JOIN user ON user.id = user_risk.user WHERE key = ?1");
            row.bind(id(w[2]).toStdString());
            std::string state = "none", level = "none";
            if (row.step()) {
                state = toText(row.as<RiskState>(0));
                level = toText(row.as<RiskLevel>(1));
            }
            const bool same = w[3] == QString::fromStdString(state) && w[4] == QString::fromStdString(level);
            return same ? QString()
                        : QString("the user is %1, %2")
                              .arg(QString::fromStdString(state), QString::fromStdString(level));
        }
        const bool none = w[1] == "no";
        const auto type = none ? w.value(w.size() - 2) : w[2];
        const auto user = none ? w.last() : w[3];
        store::Statement rows(*db, "SELECT type_text, level, evidence FROM detection JOIN user ON user.id = "
                                   "detection.user WHERE key = ?1");
        rows.bind(id(user).toStdString());
        QStringList seen;
        while (rows.step()) {
            const auto text = QString::fromStdString(rows.string(0));
            const auto level = QString::fromStdString(std::string(toText(rows.as<RiskLevel>(1))));
            const auto evidence = Evidence::fromJson(rows.text(2));
            bool matches = none ? type == "detection" || text == type : text == type;
            QString about = text + ' ' + level;
            for (int i = none ? int(w.size()) : 4; i < w.size() && evidence; ++i) {
                if (w[i] == "level")
                    matches = matches && level == w[i + 1];
                if (w[i] == "because" || w[i] == "and") {
                    const double value = evidence->number(w[i + 1].toStdString(), std::nan(""));
                    about += QString(" %1=%2").arg(w[i + 1]).arg(value);
                    matches = matches &&
                              (w[i + 2] == ">" ? value > w[i + 3].toDouble() : value < w[i + 3].toDouble());
                }
            }
            seen << about;
            if (matches)
                return none ? "there is " + about : QString();
        }
        return none ? QString() : "there is " + (seen.isEmpty() ? "none" : seen.join(", "));
    }

    QString m_file;
    QTemporaryDir m_folder;
    QByteArray m_log;
    QHash<QString, QString> m_social;
    int m_events = 0, m_files = 0;
};

} // namespace

class ScenariosTest : public QObject
{
    Q_OBJECT
private slots:
    void story_data()
    {
        QTest::addColumn<QString>("file");
        const QDir folder(QStringLiteral(RISKDESK_TEST_DATA "/../scenarios"));
        QStringList files;
        for (QDirIterator it(folder.path(), {"*.scn"}, QDir::Files, QDirIterator::Subdirectories);
             it.hasNext();)
            files << it.next();
        files.sort();
        for (const auto &file : files)
            QTest::newRow(qPrintable(folder.relativeFilePath(file))) << file;
        QVERIFY(!files.isEmpty());
    }
    void story()
    {
        QFETCH(QString, file);
        const auto error = Story(file).play();
        QVERIFY2(error.isEmpty(), qPrintable(error));
    }
};

QTEST_GUILESS_MAIN(ScenariosTest)
#include "tst_scenarios.moc"
