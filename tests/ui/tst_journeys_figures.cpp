// What stands above a list, beside a name and in the list says the same; what somebody else did is seen; what
// could not be read, and what only the provider says, is shown for what it is.
#include "core/action/action_service.h"
#include "core/directory/directory.h"
#include "core/import/import_run.h"

#include "tests/support/places.h"
#include "tests/ui/journeys.h"
#include "ui/widgets/charts/kpi_strip.h"
#include "ui/widgets/controls/command_bar.h"
#include "ui/widgets/controls/file_dialog.h"
#include "ui/widgets/controls/filter_pill.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/pill_bar.h"
#include "ui/widgets/controls/segmented.h"
#include "ui/widgets/frame/page_header.h"
#include "ui/widgets/frame/status_bar.h"

#include <QComboBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QTimer>

using namespace riskdesk;
using namespace riskdesk::test;

class FigureJourneys : public QObject, Journeys
{
    Q_OBJECT

    [[nodiscard]] QString tile(const QString &title) const
    {
        for (auto *one : m->current().findChildren<widgets::KpiButton *>())
            if (one->accessibleName().startsWith(title))
                return one->accessibleName();
        return {};
    }
    // One user dismissed by another connection, as another program would.
    void dismissElsewhere(std::int64_t user)
    {
        auto other = store::openForWriting(m_home->path("copy.riskdesk"));
        QVERIFY(other.has_value());
        action::ActionService service(*other, fixtureClock, {});
        action::Request request;
        request.action = action::Action::Dismiss;
        request.users = {static_cast<std::uint32_t>(user)};
        const auto done = service.carryOut(request);
        QVERIFY(done && done->users == 1);
    }
    QString write(const char *name, const QByteArray &text) const
    {
        QFile file(QString::fromStdString(m_home->path(name).string()));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("cannot write %s", name);
        return file.fileName();
    }

private Q_SLOTS:
    void initTestCase() { begin(1200); }
    void init() { m_home->clear(); }
    void cleanup()
    {
        widgets::FileDialog::setAnswer({});
        m.reset();
    }
    void cleanupTestCase() { end(); }

    void figuresAreThoseOfTheList()
    {
        open();
        const auto all = m->model().rowCount();
        for (int period = 0; period < 5; ++period) {
            Q_EMIT ConsoleFixture::part<widgets::SegmentedControl>(m->current()).chosen(period);
            settled();
            QTRY_VERIFY2(tile(s("Users at risk")).contains(s(" %1").arg(m->model().rowCount())),
                         qPrintable(tile(s("Users at risk")) + s(" / %1").arg(m->model().rowCount())));
        }
        QVERIFY(m->model().rowCount() >= all);
        Q_EMIT ConsoleFixture::part<widgets::SegmentedControl>(m->current()).chosen(1);
        settled();
        QVERIFY(m->model().rowCount() < all); // else nothing was tried
    }

    // Pressed, a number above the list leaves as many rows in it.
    void everyFigureAboveTheListOpensAsManyRows()
    {
        for (const int period : {4, 1, 2}) {
            for (int number = 0; number < 3; ++number) {
                open();
                Q_EMIT ConsoleFixture::part<widgets::SegmentedControl>(m->current()).chosen(period);
                settled();
                auto *button = m->current().findChildren<widgets::KpiButton *>().value(number);
                const auto said = button->accessibleName();
                const auto count = said.section(s(": "), 1).section(u',', 0, 0).toInt();
                ConsoleFixture::click(*button);
                settled();
                QTRY_VERIFY2_WITH_TIMEOUT(m->model().rowCount() == count,
                                          qPrintable(said + s(" / %1").arg(m->model().rowCount())), 5000);
            }
        }
    }
    // The list begins without a period; what its figures were before is told all the same.
    void theOpeningFiguresSayWhatIsNew()
    {
        open();
        QTRY_VERIFY2(tile(s("Users at risk")).contains(s(" in 7 day")) ||
                         tile(s("Users at risk")).endsWith(s("no change")),
                     qPrintable(tile(s("Users at risk"))));
        const auto recent =
            m->number("SELECT count(*) FROM user_risk r JOIN user u ON u.id = r.user WHERE "
                      "r.state IN (4, 5) AND u.is_deleted = 0 AND (SELECT coalesce((SELECT "
                      "to_state FROM ledger l WHERE l.user = r.user AND l.at < " +
                      std::to_string(m->number("SELECT max(at) FROM ledger") - 7 * 86400ll * 1000000) +
                      " ORDER BY l.id DESC LIMIT 1), 0)) NOT IN (4, 5)");
        QVERIFY(recent > 0);
        QVERIFY2(tile(s("Users at risk")).contains(s("new in 7 day")), qPrintable(tile(s("Users at risk"))));
    }
    void theOpeningFiltersStandInOneLine()
    {
        open();
        auto &bar = ConsoleFixture::part<widgets::PillBar>(m->current());
        auto *add = ConsoleFixture::withText<QPushButton>(bar, s("Add filter"));
        QVERIFY(add != nullptr);
        for (const auto *pill : bar.findChildren<widgets::FilterPill *>())
            QVERIFY2(std::abs(pill->mapTo(&bar, pill->rect().center()).y() -
                              add->mapTo(&bar, add->rect().center()).y()) < 4,
                     qPrintable(pill->accessibleName()));
        QVERIFY(m->pill("riskState").toolTip().contains(s("Confirmed compromised")));
    }

    void theTitleOfTheBarsIsWholeInASmallWindow()
    {
        open();
        m->window.resize(1024, 700);
        settled();
        QTRY_COMPARE(m->window.width(), 1024);
        QCoreApplication::processEvents();
        const auto labels = m->current().findChildren<widgets::Label *>();
        const auto title = std::find_if(labels.begin(), labels.end(), [](const widgets::Label *label) {
            return label->text() == s("New detections per day");
        });
        QVERIFY(title != labels.end() && (*title)->isVisible());
        QVERIFY2((*title)->width() >= (*title)->sizeHint().width(),
                 qPrintable(s("%1 of %2").arg((*title)->width()).arg((*title)->sizeHint().width())));
    }

    void whatSomebodyElseDidIsSeenAndTheRowStays()
    {
        open();
        auto &table = m->table();
        const auto ids = m->shownIds();
        QVERIFY(ids.size() > 12);
        m->clickRow(4);
        for (int i = 0; i < 4; ++i)
            ConsoleFixture::key(Qt::Key_Down);
        const auto stays = m->currentId();
        QCOMPARE(stays, ids[8]);
        const auto top = table.rowAt(1);
        const auto topId = m->model().idAt(top);
        dismissElsewhere(ids.back());
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowOf(ids.back()), -1, patience);
        settled();
        QCOMPARE(m->currentId(), stays);
        QCOMPARE(m->model().idAt(table.rowAt(1)), topId);
        // And the row above: what is read moves up, the current one stays current.
        dismissElsewhere(ids[0]);
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowOf(ids[0]), -1, patience);
        settled();
        QCOMPARE(m->currentId(), stays);
        QTRY_VERIFY(tile(s("Users at risk")).contains(s(" %1").arg(ids.size() - 2)));
    }

    void datesThatTellNoOrderAreAskedFor()
    {
        open();
        m->console.take({QString::fromStdString(testData("cases/dates_unclear.csv").string())});
        auto &message = m->window.message();
        QTRY_VERIFY_WITH_TIMEOUT(message.text().contains(s("2 times could not be read")), patience);
        auto *action = ConsoleFixture::withText<QAbstractButton>(message, s("Say which"));
        QVERIFY(action != nullptr);
        ConsoleFixture::click(*action);
        QTRY_VERIFY(ConsoleFixture::popup<QMenu>() != nullptr);
        picture("date-order");
        QTest::keyClick(ConsoleFixture::popup<QMenu>(), Qt::Key_Return); // the first: the day
        QTRY_VERIFY_WITH_TIMEOUT(message.text().contains(s("2 new, 1 known already, 0 rejected")), patience);
        QCOMPARE(m->number("SELECT count(*) FROM user WHERE upn LIKE '%@lake.example'"), 2);
    }
    // What a log does not say itself can be said where it is chosen, without reading it twice.
    void theOrderOfDatesAndTheZoneAreSaidWithTheFiles()
    {
        open();
        const auto file = write(
            "local.csv", "Date;Request ID;User ID;User;Username;Application;IP address;Status\n"
                         "03/04/2026 06:30:00;7a;u-1;Nora Falk;nora@pond.example;Ferry;192.0.2.14;Success\n"
                         "04/04/2026 06:41:00;7b;u-1;Nora Falk;nora@pond.example;Ferry;192.0.2.14;Success\n");
        QString trouble;
        QTimer look;
        connect(&look, &QTimer::timeout, this, [&] {
            auto *dialog = qobject_cast<QFileDialog *>(QApplication::activeModalWidget());
            if (dialog == nullptr)
                return;
            look.stop();
            auto *fold = dialog->findChild<QPushButton *>(s("readingFold"));
            auto *dates = dialog->findChild<QComboBox *>(s("readDates"));
            auto *zone = dialog->findChild<QComboBox *>(s("readZone"));
            if (fold == nullptr || dates == nullptr || zone == nullptr) {
                trouble = s("nothing beneath the files");
                dialog->reject();
                return;
            }
            if (dates->isVisible() || zone->isVisible())
                trouble = s("not folded away");
            picture("import-folded");
            QTest::keyClick(fold, Qt::Key_Space);
            if (!dates->isVisible() || !zone->isVisible())
                trouble = s("not unfolded");
            picture("import-options");
            QTest::keyClick(dates, Qt::Key_Down);
            zone->setCurrentIndex(zone->findText(s("UTC+02:00")));
            dialog->findChild<QLineEdit *>(s("fileNameEdit"))->setText(file);
            QMetaObject::invokeMethod(dialog, "accept");
        });
        look.start(50);
        ConsoleFixture::key(Qt::Key_I, Qt::ControlModifier);
        QCOMPARE(trouble, QString());
        auto &message = m->window.message();
        QTRY_VERIFY2_WITH_TIMEOUT(message.text().contains(s("2 new, 0 known already, 0 rejected")),
                                  qPrintable(message.text()), patience);
        // 03/04/2026 06:30 two hours east of UTC.
        const auto at = Timestamp::fromIso("2026-04-03T04:30:00Z");
        QCOMPARE(m->number("SELECT first_sign_in FROM user WHERE upn = 'nora@pond.example'"), at->us);
    }
    // The advice of a rejected row can be followed where it stands.
    void datesInAnotherOrderAreReadAgainFromTheList()
    {
        open();
        m->console.take({QString::fromStdString(testData("cases/dates_unclear.csv").string())});
        auto &message = m->window.message();
        QTRY_VERIFY_WITH_TIMEOUT(message.text().contains(s("2 times could not be read")), patience);
        m->window.setCurrent(s("rejects"));
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0 && !m->current().isBusy(), patience);
        for (int column = 0; column < m->model().columnCount(); ++column) {
            const auto told = m->model().index(0, column).data().toString();
            QVERIFY2(!told.contains(s("--dates")), qPrintable(told));
        }
        m->clickRow(0);
        settled();
        for (const auto *label : m->pane().findChildren<widgets::Label *>())
            QVERIFY2(!label->text().contains(s("--dates")), qPrintable(label->text()));
        auto *again = ConsoleFixture::withText<QAbstractButton>(m->commands(), s("Read dates anew"));
        QVERIFY(again != nullptr);
        ConsoleFixture::click(*again);
        QTRY_VERIFY(ConsoleFixture::popup<QMenu>() != nullptr);
        auto &menu = *ConsoleFixture::popup<QMenu>();
        auto *first = ConsoleFixture::entry(menu, s("Day first"));
        QVERIFY(first != nullptr && ConsoleFixture::entry(menu, s("Month first")) != nullptr);
        picture("dates-anew");
        menu.setActiveAction(first);
        QTest::keyClick(&menu, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(message.text().contains(s("2 new, 1 known already, 0 rejected")), patience);
    }
    // Of a log that was read by a name of another folder, or from a pipe, nobody guesses where it lies.
    void aLogThatLiesNowhereIsNotLookedFor()
    {
        const auto file = m_home->copy();
        {
            auto directory = run::Directory::open(file);
            QVERIFY(directory);
            const auto log = testData("cases/dates_unclear.csv").string();
            QVERIFY(run::importFiles(*directory, {log}, {}, fixtureClock));
            QVERIFY(directory->connection().execute("UPDATE reject SET file = 'dates_unclear.csv'"));
        }
        m = std::make_unique<ConsoleFixture>(*m_theme, file, fixtureClock);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0, patience);
        m->window.setCurrent(s("rejects"));
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0 && !m->current().isBusy(), patience);
        m->clickRow(0);
        settled();
        ConsoleFixture::click(
            *ConsoleFixture::withText<QAbstractButton>(m->commands(), s("Read dates anew")));
        auto &bar = ConsoleFixture::part<widgets::MessageBar>(m->current());
        QTRY_VERIFY_WITH_TIMEOUT(bar.isVisible() && bar.text().contains(s("dates_unclear.csv")), patience);
        QVERIFY(ConsoleFixture::popup<QMenu>() == nullptr);
    }
    // What was decided stands in the audit log with who and how, is checked, and is exported.
    // Sign-ins may end long ago; what people do here does not.
    void theAuditLogCountsBackFromNow()
    {
        const auto file = m_home->copy();
        const FixedClock later{fixtureClock.now() + std::chrono::hours(24 * 20)};
        std::int64_t user = 0;
        {
            auto directory = run::Directory::open(file);
            QVERIFY(directory);
            store::Statement first(directory->connection(),
                                   "SELECT min(user) FROM user_risk WHERE state = 4");
            QVERIFY(first.step());
            user = first.int64(0);
            action::Request request;
            request.action = action::Action::Block;
            request.users = {static_cast<std::uint32_t>(user)};
            const FixedClock before{later.now() - std::chrono::hours(2)};
            QVERIFY(action::ActionService(directory->connection(), before, {}).carryOut(request));
        }
        m = std::make_unique<ConsoleFixture>(*m_theme, file, later);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0, patience);
        settled();
        const auto recent = m->number("SELECT count(*) FROM audit WHERE at >= " +
                                      std::to_string(later.now().us - 86400LL * 1'000'000));
        QVERIFY(recent > 0 && recent < m->number("SELECT count(*) FROM audit"));
        QTest::keyClick(&m->window, Qt::Key_6, Qt::ControlModifier);
        QCOMPARE(m->current().id(), s("audit"));
        settled();
        auto &header = ConsoleFixture::part<widgets::PageHeader>(m->current());
        ConsoleFixture::click(*ConsoleFixture::withText<QAbstractButton>(header, s("24 h")));
        settled();
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), static_cast<int>(recent), patience);
        const auto range =
            s("%1 to %2")
                .arg(models::shortDate(later.now() - std::chrono::hours(24)), models::shortDate(later.now()));
        QTRY_VERIFY(ConsoleFixture::withText<widgets::Label>(header, range) != nullptr);
        QVERIFY(!ConsoleFixture::part<widgets::MessageBar>(m->current()).isVisible());
    }

    void theAuditLogSaysWhoDidWhat()
    {
        open();
        const auto user = m->model().idAt(0);
        {
            auto directory = run::Directory::open(m_home->path("copy.riskdesk"));
            QVERIFY(directory);
            action::Request request;
            request.action = action::Action::Block;
            request.users = {static_cast<std::uint32_t>(user)};
            action::Operator who;
            who.name = "Ana";
            QVERIFY(action::ActionService(directory->connection(), fixtureClock, who).carryOut(request));
        }
        QTest::keyClick(&m->window, Qt::Key_6, Qt::ControlModifier);
        QCOMPARE(m->current().id(), s("audit"));
        const auto records = static_cast<int>(m->number("SELECT count(*) FROM audit"));
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), records, patience);
        settled();
        const auto cell = [&](int row, const char *column) {
            return m->model().index(row, m->column(column)).data().toString();
        };
        int row = -1; // the fixture's clock stands, so all have one time
        QTRY_VERIFY_WITH_TIMEOUT((row =
                                      [&] {
                                          for (int at = 0; at < records; ++at)
                                              if (cell(at, "actor") == s("Ana"))
                                                  return at;
                                          return -1;
                                      }()) >= 0,
                                 patience);
        QCOMPARE(cell(row, "action"), s("Blocked sign-in"));
        const auto told = [&](int at, int column) { return m->model().index(at, column).data().toString(); };
        QStringList all;
        for (int column = 0; column < m->model().columnCount(); ++column)
            all << told(row, column);
        QVERIFY2(all.contains(s("Account: sign-in allowed → sign-in blocked")), qPrintable(all.join(u'|')));
        // Not one record speaks like a program, and what is filtered by stays as it is stored.
        const QRegularExpression key(s("\\b[a-z]+[A-Z][a-z]|\\b(none|low|medium|high) [a-z]+ [0-9]"));
        for (int at = 0; at < records; ++at)
            for (int column = 0; column < m->model().columnCount(); ++column)
                QVERIFY2(!told(at, column).contains(key), qPrintable(told(at, column)));
        QCOMPARE(m->model().index(row, m->column("action")).data(models::RawRole).toString(), s("block"));
        // Several are no more than counted: they are taken back one by one.
        m->tick(0);
        m->tick(1);
        const auto several = ConsoleFixture::withText<widgets::Paragraph>(
            m->pane(), s("Decisions are taken back one at a time. To see one, select it alone."));
        QVERIFY(several != nullptr);
        m->clickRow(row);
        QTRY_VERIFY(m->pane().isVisible());
        picture("audit-log");
        auto &said = ConsoleFixture::part<widgets::MessageBar>(m->current());
        ConsoleFixture::click(*ConsoleFixture::withText<QAbstractButton>(m->commands(), s("Check the log")));
        QTRY_VERIFY_WITH_TIMEOUT(said.text().startsWith(s("Every record follows")), patience);
        {
            auto db = store::openForWriting(m_home->path("copy.riskdesk"));
            QVERIFY(db && db->execute("UPDATE audit SET actor = 'Bea' WHERE actor = 'Ana'"));
        }
        ConsoleFixture::click(*ConsoleFixture::withText<QAbstractButton>(m->commands(), s("Check the log")));
        QTRY_VERIFY_WITH_TIMEOUT(said.text().startsWith(s("The audit log was changed")), patience);
        const auto csv = QString::fromStdString(m_home->path("audit.csv").string());
        widgets::FileDialog::setAnswer([&](const widgets::FileQuestion &) { return QStringList{csv}; });
        ConsoleFixture::click(*ConsoleFixture::withText<QAbstractButton>(m->commands(), s("Export")));
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(csv), patience);
        QFile file(csv);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll().count('\n'), records + 1);
    }
    void rejectedRowsOpenAreExportedAndMended()
    {
        open();
        const QByteArray good =
            R"({"id":"a1","createdDateTime":"2026-03-18T09:00:00Z","userPrincipalName":"mo@shop.example","ipAddress":"192.0.2.7","status":{"errorCode":0}})"
            "\n";
        const QByteArray bad =
            R"({"id":"a2","createdDateTime":"yesterday","userPrincipalName":"mo@shop.example","ipAddress":"192.0.2.7","status":{"errorCode":0}})"
            "\n"
            R"({"id":"a3","createdDateTime":"2026-03-18T09:02:00Z","ipAddress":"192.0.2.7","status":{"errorCode":0}})"
            "\n";
        m->console.take({write("night.json", good + bad)});
        auto &message = m->window.message();
        QTRY_VERIFY_WITH_TIMEOUT(message.text().contains(s("2 rejected")), patience);
        auto *action = ConsoleFixture::withText<QAbstractButton>(message, s("Rejected rows"));
        QVERIFY(action != nullptr);
        ConsoleFixture::click(*action);
        QCOMPARE(m->current().id(), s("rejects"));
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), 2, patience);
        settled();
        const auto cells = [&] {
            QStringList seen;
            for (int row = 0; row < 2; ++row)
                for (const char *column : {"file", "line", "reason"})
                    seen << m->model().index(row, m->column(column)).data().toString();
            return seen;
        };
        QTRY_VERIFY(!cells().contains(s("…")));
        const auto seen = cells();
        QVERIFY2(seen.contains(s("night.json")) && seen.contains(s("No time")) &&
                     seen.contains(s("No user")) && seen.contains(s("2")) && seen.contains(s("3")),
                 qPrintable(seen.join(s(", "))));
        m->clickRow(0);
        QTRY_VERIFY(m->pane().isVisible());
        picture("rejected-rows");

        const auto csv = QString::fromStdString(m_home->path("rejects.csv").string());
        widgets::FileDialog::setAnswer([&](const widgets::FileQuestion &) { return QStringList{csv}; });
        auto *out = ConsoleFixture::withText<QAbstractButton>(m->commands(), s("Export"));
        QVERIFY(out != nullptr);
        ConsoleFixture::click(*out);
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(csv), patience);
        QFile file(csv);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto lines = file.readAll().split('\n');
        QCOMPARE(lines.size(), 4); // header, two rows, nothing behind the last line end
        QVERIFY2(lines[1].contains("noTime") || lines[2].contains("noTime"), lines[1].constData());

        // Mended and imported again: only what was missing is new.
        auto mended = bad;
        mended.replace("yesterday", "2026-03-18T09:01:00Z")
            .replace(R"("ipAddress":"192.0.2.7","status":{"errorCode":0}})"
                     "\n{",
                     R"("ipAddress":"192.0.2.7","status":{"errorCode":0}})"
                     "\n{\"userPrincipalName\":\"mo@shop.example\",");
        const auto path = write("mended.json", good + mended);
        widgets::FileDialog::setAnswer([&](const widgets::FileQuestion &) { return QStringList{path}; });
        ConsoleFixture::click(
            *ConsoleFixture::withText<QAbstractButton>(m->commands(), s("Import the mended file")));
        QTRY_VERIFY2_WITH_TIMEOUT(message.text().contains(s("2 new, 1 known already, 0 rejected")),
                                  qPrintable(message.text()), patience);
    }

    void theProvidersWordIsShownAndCountsNowhere()
    {
        open();
        const auto before = m->model().rowCount();
        m->console.take({write(
            "riskyUsers.json",
            R"({"value":[{"id":"11111111-0000-4000-8000-0000000000aa","riskLastUpdatedDateTime":"2026-03-17T09:00:00Z","riskLevel":"high","riskState":"atRisk","riskDetail":"none","userDisplayName":"Nora Falk","userPrincipalName":"nora.falk@lake.example"}]})")});
        QTRY_VERIFY_WITH_TIMEOUT(m->window.message().text().contains(s("1 new")), patience);
        settled();
        QCOMPARE(m->model().rowCount(), before);
        m->window.setCurrent(s("users"), s("atRiskAtProvider"));
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), 1, patience);
        settled();
        const auto state = m->model().index(0, m->column("riskState"));
        QTRY_COMPARE(state.data().toString(), s("At the provider"));
        QCOMPARE(state.data(Qt::ToolTipRole).toString(),
                 s("The identity provider says: At risk, High. It does not count here."));
        QCOMPARE(m->model().index(0, m->column("riskLevel")).data().toString(), s("None"));
        QVERIFY(!m->pill("providerRiskState").values().isEmpty());
        QVERIFY(m->search().text().isEmpty());
        m->clickRow(0);
        QTRY_VERIFY(ConsoleFixture::withText<widgets::Label>(
                        m->pane(), s("At the provider: At risk, High. Not counted here.")) != nullptr);
        picture("at-the-provider");
    }
};

QTEST_MAIN(FigureJourneys)
#include "tst_journeys_figures.moc"
