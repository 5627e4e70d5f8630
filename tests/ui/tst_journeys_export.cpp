// A list leaves the console as a file: all rows of its filter, in its order, as CSV, JSON or JSON lines. And with
// audit.logReading on, who looked at whom and who took a list along is written down.
#include "core/base/desk.h"
#include "core/directory/directory.h"

#include "tests/ui/journeys.h"
#include "ui/widgets/controls/command_bar.h"
#include "ui/widgets/controls/file_dialog.h"
#include "ui/widgets/controls/messages.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace riskdesk;
using namespace riskdesk::test;

class ExportJourneys : public QObject, Journeys
{
    Q_OBJECT

    [[nodiscard]] QString pathOf(const char *name) const
    {
        return QString::fromStdString(m_home->path(name).string());
    }
    // Presses Ctrl+E, answers with the file, and gives what the page says.
    QString exportTo(const QString &path, const QString &awaited = s("written to"))
    {
        widgets::FileDialog::setAnswer([&](const widgets::FileQuestion &) { return QStringList{path}; });
        QTest::keyClick(&m->window, Qt::Key_E, Qt::ControlModifier);
        auto &said = ConsoleFixture::part<widgets::MessageBar>(m->current());
        if (!QTest::qWaitFor([&] { return said.text().contains(awaited); }, patience))
            return s("not written: ") + said.text();
        return said.text();
    }
    static QByteArray contentOf(const QString &path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    QStringList read()
    {
        QStringList all;
        auto db = store::openForReading(m_home->path("copy.riskdesk"));
        store::Statement row(
            *db, "SELECT actor || ' ' || via || ': ' || target FROM audit WHERE action = 'read' ORDER BY id");
        while (row.step())
            all << QString::fromStdString(row.string(0));
        return all;
    }

private Q_SLOTS:
    void initTestCase() { begin(); }
    void init() { m_home->clear(); }
    void cleanup()
    {
        widgets::FileDialog::setAnswer({});
        m.reset();
    }
    void cleanupTestCase() { end(); }

    void everyRowOfTheFilterInTheOrderShown()
    {
        open();
        const auto shown = m->shownIds();
        const auto path = pathOf("users.csv");
        const auto said = exportTo(path);
        picture("exported");
        QVERIFY2(said.contains(s("%1").arg(shown.size())), qPrintable(said));
        const auto lines = contentOf(path).split('\n');
        QVERIFY2(lines.front().startsWith("\xEF\xBB\xBFid,"), lines.front().constData());
        QCOMPARE(lines.size(), qsizetype(shown.size()) + 2); // header, nothing behind the last line end
        for (std::size_t i = 0; i < shown.size(); ++i) {
            const auto key = m->text("SELECT key FROM user WHERE id = " + std::to_string(shown[i]));
            QVERIFY2(lines[qsizetype(i) + 1].startsWith(key.toUtf8() + ','),
                     lines[qsizetype(i) + 1].constData());
        }
    }

    void detectionsAsJsonAreGraphsObjects()
    {
        open();
        QTest::keyClick(&m->window, Qt::Key_3, Qt::ControlModifier);
        QCOMPARE(m->current().id(), s("detections"));
        settled();
        const auto rows = m->model().rowCount();
        QVERIFY(rows > 5);
        const auto path = pathOf("detections.json");
        QVERIFY(exportTo(path).contains(s("written to")));
        const auto all = QJsonDocument::fromJson(contentOf(path)).array();
        QCOMPARE(all.size(), rows);
        for (const auto &one : all)
            QVERIFY(one.toObject().contains(s("riskEventType")) &&
                    one.toObject().contains(s("userPrincipalName")));
    }

    void signInsAsLines()
    {
        open();
        QTest::keyClick(&m->window, Qt::Key_4, Qt::ControlModifier);
        QCOMPARE(m->current().id(), s("signIns"));
        settled();
        const auto rows = m->model().rowCount();
        QVERIFY(rows > 1000);
        const auto path = pathOf("signins.ndjson");
        QVERIFY(exportTo(path).contains(s("written to")));
        const auto lines = contentOf(path).split('\n');
        QCOMPARE(lines.size(), qsizetype(rows) + 1);
        QVERIFY(QJsonDocument::fromJson(lines[rows - 1]).object().contains(s("createdDateTime")));
    }

    void aNameIsSuggested()
    {
        open();
        QString name;
        widgets::FileDialog::setAnswer([&](const widgets::FileQuestion &question) {
            name = question.name;
            return QStringList();
        });
        QTest::keyClick(&m->window, Qt::Key_E, Qt::ControlModifier);
        QCOMPARE(name, s("risky-users-2026-03-18.csv"));
    }

    // With rows ticked it is asked which are meant; without, all of them are.
    void tickedRowsAreOfferedAlone()
    {
        open();
        m->tick(0);
        m->tick(2);
        QCOMPARE(m->model().selectedCount(), 2);
        const auto path = pathOf("ticked.csv");
        widgets::FileDialog::setAnswer([&](const widgets::FileQuestion &) { return QStringList{path}; });
        const auto choose = [&](const QString &begin) {
            QTRY_VERIFY(!m->current().isBusy());
            ConsoleFixture::click(*ConsoleFixture::withText<QAbstractButton>(m->commands(), s("Export")));
            QTRY_VERIFY(ConsoleFixture::popup<QMenu>() != nullptr);
            auto &menu = *ConsoleFixture::popup<QMenu>();
            auto *entry = ConsoleFixture::entry(menu, begin);
            QVERIFY(entry != nullptr);
            picture("export-ticked");
            menu.setActiveAction(entry);
            QTest::keyClick(&menu, Qt::Key_Return);
            QTRY_VERIFY_WITH_TIMEOUT(
                ConsoleFixture::part<widgets::MessageBar>(m->current()).text().contains(s("written to")),
                patience);
        };
        choose(s("2 ticked"));
        QCOMPARE(contentOf(path).count('\n'), 3);
        QVERIFY(contentOf(path).contains(
            m->text("SELECT key FROM user WHERE id = " + std::to_string(m->model().idAt(2))).toUtf8()));
        QFile::remove(path);
        ConsoleFixture::part<widgets::MessageBar>(m->current()).hide();
        choose(s("All "));
        QTRY_COMPARE(contentOf(path).count('\n'), m->model().rowCount() + 1);
    }

    void stoppedThereIsNoFile()
    {
        open();
        QTest::keyClick(&m->window, Qt::Key_4, Qt::ControlModifier);
        settled();
        const auto path = pathOf("stopped.csv");
        {
            QFile before(path);
            QVERIFY(before.open(QIODevice::WriteOnly) && before.write("before") == 6);
        }
        widgets::FileDialog::setAnswer([&](const widgets::FileQuestion &) { return QStringList{path}; });
        QTest::keyClick(&m->window, Qt::Key_E, Qt::ControlModifier);
        auto &said = ConsoleFixture::part<widgets::MessageBar>(m->current());
        QVERIFY2(said.text().startsWith(s("Writing")), qPrintable(said.text()));
        ConsoleFixture::click(*ConsoleFixture::withText<QAbstractButton>(said, s("Stop")));
        QVERIFY2(said.text().startsWith(s("Stopped")), qPrintable(said.text()));
        m.reset(); // waits for the readers
        QCOMPARE(contentOf(path), QByteArray("before"));
    }

    // Chosen by mistake, it would be lost with all that was decided.
    void aDirectoryIsNotWrittenOver()
    {
        open();
        const auto rows = m->number("SELECT count(*) FROM ledger");
        const auto directory = pathOf("copy.riskdesk");
        const auto said = exportTo(directory, s("choose a file of its own"));
        QVERIFY2(said.contains(s("of its own")), qPrintable(said));
        QVERIFY(rows > 0);
        QCOMPARE(m->number("SELECT count(*) FROM ledger"), rows);
        QCOMPARE(contentOf(directory).left(15), QByteArray("SQLite format 3"));
    }

    void whoLooksIsWrittenDown()
    {
        open();
        m->clickRow(0);
        QTRY_VERIFY(m->pane().isVisible());
        QCOMPARE(read(), QStringList());
        {
            auto db = store::openForWriting(m_home->path("copy.riskdesk"));
            QVERIFY(db && run::setSetting(*db, {}, "audit.logReading", 1));
        }
        const auto account = QString::fromStdString(desktopAccount());
        const auto upn = m->text("SELECT upn FROM user WHERE id = " + std::to_string(m->model().idAt(1)));
        m->clickRow(1);
        QTRY_COMPARE_WITH_TIMEOUT(read(), QStringList{account + s(" console: user ") + upn}, patience);
        m->clickRow(0);
        QTRY_COMPARE_WITH_TIMEOUT(read().size(), qsizetype(2), patience);
        m->clickRow(1); // within the hour
        settled();
        QVERIFY(exportTo(pathOf("users.csv")).contains(s("written to")));
        QCOMPARE(read().size(), qsizetype(3));
        QVERIFY2(read().back().startsWith(account + s(" console: export microsoft.graph.riskyUser")),
                 qPrintable(read().back()));
    }
};

QTEST_MAIN(ExportJourneys)
#include "tst_journeys_export.moc"
