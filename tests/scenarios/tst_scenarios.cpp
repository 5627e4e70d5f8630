// clang-format off
// Stories as text: every *.scn below this folder is one test. A story is played through riskdeskctl and a real
// directory file, as a person would; at its end the file must pass `verify`. Its first line is a comment that
// says in one sentence what happens and why it matters.
//
//   user     anna social google.com                                  (who keeps the password, if not we)
//   habit    anna COUNT sign-ins every HOURS h until TIME  PLACE IP AGENT [OPTION…]     (successes)
//   sign-in  anna TIME  PLACE IP AGENT [OPTION…]
//   fail     anna TIME  PLACE IP AGENT [CODE] [OPTION…]              (50126, a wrong password, unless said)
//   password anna changed|reset|reset-by-admin TIME [unified] [failed]     (seen in an audit log)
//   list     KIND [of CLASS] [OPTION…] NETWORK…                      (anonymizer, malware, threat, trusted, mobile, warning)
//   import                                 (what was told so far; done by itself before `admin` and `expect`)
//   import   again                         (every file imported so far, once more)
//   admin    dismiss|confirm-compromised|confirm-safe|resolve|reset-password|block anna [sign-in] [reason R] [note T]
//   admin    refused ACTION anna …         or        admin undo
//   setting  KEY=VALUE
//   intel    WORD…                                                   (riskdeskctl intel: release, reread, …)
//   expect   detection TYPE anna [level L] [state S] [seen N] [because FACT]      (seen: folded into one)
//   expect   no detection [TYPE] anna
//   expect   NUMBER detection TYPE anna
//   expect   user anna STATE LEVEL [detail D]
//   expect   sign-in anna STATE LEVEL                                (of the sign-in of anna told last)
//   expect   explain TYPE anna REASON [because FACT]                 (likewise; what riskdeskctl explain says)
//   expect   campaign NUMBER               or        expect campaign because FACT
//   expect   set-aside KIND INDICATOR [released]                     or        expect nothing set-aside
//   expect   import WORDS                                            (the last import said so)
//
// Lists and settings count from where they are told; a list told after an `import` makes riskdeskctl look again.
// TIME is a day and a time, UTC. PLACE is a city of the table in tests/support/story.cpp, or nowhere, or
// LATITUDE,LONGITUDE,COUNTRY[,CITY]. AGENT is "browser/system". Words with blanks stand in quotes. u1..u8 in
// the place of a user is eight of them, one a minute; a * in their IP is the number of the user.
// OPTION: asn=64500 device=NAME ua=TEXT app=NAME interactive=no mfa=fresh|earlier every=MINUTES times=N; of a
// list: provider= name= confidence= from= until= type= actor= tlp=. FACT: KEY < NUMBER, KEY > NUMBER or KEY is TEXT, of the evidence; more
// of them follow after `and`.
// clang-format on
#include "tests/support/places.h"
#include "tests/support/story.h"

#include <QDirIterator>
#include <QTest>

#include <atomic>
#include <thread>
#include <vector>

using namespace riskdesk;

class ScenariosTest : public QObject
{
    Q_OBJECT

    QStringList m_files;
    std::vector<QString> m_answers;

private Q_SLOTS:
    // Side by side, as most of a story is waiting for processes and the disk. Those alone that are asked for:
    // `tst_scenarios_scenarios story:spray/one_forgotten_password.scn`.
    void initTestCase()
    {
        const auto asked = QCoreApplication::arguments().filter(QStringLiteral("story:"));
        const QDir folder(QString::fromStdString(test::testData("../scenarios").string()));
        for (QDirIterator it(folder.path(), {"*.scn"}, QDir::Files, QDirIterator::Subdirectories);
             it.hasNext();)
            m_files << it.next();
        m_files.sort();
        QVERIFY(!m_files.isEmpty());
        const auto isAsked = [&](const QString &file) {
            return asked.isEmpty() ||
                   asked.contains(QStringLiteral("story:") + folder.relativeFilePath(file));
        };
        m_answers.resize(static_cast<std::size_t>(m_files.size()));
        std::atomic<std::size_t> next = 0;
        std::vector<std::jthread> players;
        for (int i = 0; i < 4; ++i)
            players.emplace_back([&] {
                for (std::size_t story = next++; story < m_answers.size(); story = next++)
                    if (const auto &file = m_files[static_cast<qsizetype>(story)]; isAsked(file))
                        m_answers[story] =
                            test::Story(QString::fromStdString(test::riskdeskctl()), file).play();
            });
    }
    void story_data()
    {
        QTest::addColumn<int>("number");
        const QDir folder(QString::fromStdString(test::testData("../scenarios").string()));
        for (int i = 0; i < m_files.size(); ++i)
            QTest::newRow(qPrintable(folder.relativeFilePath(m_files[i]))) << i;
    }
    void story()
    {
        QFETCH(int, number);
        const auto &answer = m_answers[static_cast<std::size_t>(number)];
        QVERIFY2(answer.isEmpty(), qPrintable(answer));
    }
};

QTEST_GUILESS_MAIN(ScenariosTest)
#include "tst_scenarios.moc"
