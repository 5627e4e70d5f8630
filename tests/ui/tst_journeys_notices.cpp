// What the console tells by itself: a notification on the desktop when users reach a level. The bus is a real one, of
// the test's own; what shows notifications there is played.
#include "core/action/action_service.h"
#include "core/action/operators.h"
#include "core/directory/directory.h"

#include "app/console_notifications.h"
#include "tests/support/risk_fixture.h"
#include "tests/ui/journeys.h"
#include "ui/pages/digest_sheet.h"
#include "ui/widgets/controls/command_bar.h"
#include "ui/widgets/controls/messages.h"

#include <QAbstractButton>
#include <QDBusConnection>
#include <QDBusError>
#include <QProcess>
#include <QPushButton>
#include <QStandardPaths>
#include <QTest>
#include <QTextBlock>
#include <QTextBrowser>
#include <QUrl>

using namespace riskdesk;
using namespace riskdesk::test;

// What a desktop's own service is to a program.
class NotificationService : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.Notifications")
public:
    struct Told
    {
        uint id = 0, replaces = 0;
        QString title, body;
        QStringList actions;
    };
    QList<Told> told;
    QStringList capabilities{QStringLiteral("body"), QStringLiteral("body-markup"),
                             QStringLiteral("actions")};

public Q_SLOTS:
    QStringList GetCapabilities() { return capabilities; }
    uint Notify(const QString &program, uint replaces, const QString &icon, const QString &title,
                const QString &body, const QStringList &actions, const QVariantMap &hints, int timeout)
    {
        Q_UNUSED(program)
        Q_UNUSED(icon)
        Q_UNUSED(hints)
        Q_UNUSED(timeout)
        const uint id = replaces != 0 ? replaces : ++m_last;
        told << Told{id, replaces, title, body, actions};
        return id;
    }

Q_SIGNALS:
    void ActionInvoked(uint id, const QString &action);
    void NotificationClosed(uint id, uint reason);

private:
    uint m_last = 40;
};

class NoticeJourneys : public QObject, Journeys
{
    Q_OBJECT

    static constexpr std::chrono::milliseconds soon{50};

    QTemporaryDir m_folder;
    QProcess m_daemon;
    QString m_address;
    std::unique_ptr<NotificationService> m_service;
    int m_buses = 0;
    bool m_hasBus = false;

    bool startBus()
    {
        QFile config(m_folder.filePath(s("bus.conf")));
        if (!config.open(QIODevice::WriteOnly))
            return false;
        // Starts nothing by itself: what shows notifications on this machine stays out of it.
        config.write("<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>"
                     "<policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow "
                     "eavesdrop=\"true\"/><allow own=\"*\"/>"
                     "</policy></busconfig>");
        config.close();
        m_daemon.start(s("dbus-daemon"), {s("--config-file=%1").arg(config.fileName()), s("--nofork"),
                                          s("--nopidfile"), s("--print-address=1")});
        while (!m_daemon.canReadLine())
            if (!m_daemon.waitForReadyRead(patience))
                return false;
        m_address = QString::fromUtf8(m_daemon.readLine().trimmed());
        return true;
    }
    QDBusConnection bus(const char *of) const
    {
        return QDBusConnection::connectToBus(m_address, s("%1-%2").arg(s(of)).arg(m_buses));
    }
    void serve()
    {
        m_service = std::make_unique<NotificationService>();
        auto own = bus("service");
        QVERIFY2(own.isConnected(), qPrintable(own.lastError().message()));
        QVERIFY(own.registerObject(s("/org/freedesktop/Notifications"), m_service.get(),
                                   QDBusConnection::ExportAllSlots | QDBusConnection::ExportAllSignals));
        QVERIFY(own.registerService(s("org.freedesktop.Notifications")));
    }
    // The console open on the sample, with a desktop around it.
    void openTold(std::chrono::milliseconds folded = soon)
    {
        m.reset();
        m = std::make_unique<ConsoleFixture>(*m_theme, m_home->copy());
        m->console.tellDesktop([this] { return bus("console"); }, folded);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0, patience);
        settled();
    }
    std::filesystem::path file() const { return m_home->path("copy.riskdesk"); }
    std::vector<std::int64_t> quietUsers(int count) const
    {
        return m->stored(
            "SELECT id FROM user WHERE id NOT IN (SELECT user FROM user_risk) AND is_deleted = 0 "
            "AND account_enabled = 1 AND display_name <> '' ORDER BY id LIMIT " +
            std::to_string(count));
    }
    // As another process does it.
    void confirm(std::int64_t user, const char *via = "command line") const
    {
        confirm(std::vector{user}, via);
    }
    void confirm(const std::vector<std::int64_t> &users, const char *via = "command line") const
    {
        auto directory = run::Directory::open(file());
        QVERIFY(directory);
        action::Request request;
        request.action = action::Action::ConfirmCompromised;
        for (const auto user : users)
            request.users.push_back(static_cast<std::uint32_t>(user));
        action::Operator who;
        who.via = via;
        QVERIFY(action::ActionService(directory->connection(), fixtureClock, who).carryOut(request));
    }
    void find(const std::vector<std::int64_t> &users, RiskLevel level, Timestamp at) const
    {
        auto directory = run::Directory::open(file());
        QVERIFY(directory);
        std::vector<ledger::RaisedDetection> found;
        for (const auto user : users)
            found.push_back(finding(static_cast<std::uint32_t>(user),
                                    static_cast<std::uint32_t>(90000 + user),
                                    DetectionType::MalwareInfectedIPAddress, level, at));
        auto transaction = store::Transaction::begin(directory->connection());
        QVERIFY(transaction);
        QVERIFY(ledger::RiskWriter(directory->connection(), fixtureClock).raise(std::move(found)));
        QVERIFY(transaction->commit());
    }
    void set(const char *key, double value) const
    {
        auto directory = run::Directory::open(file());
        QVERIFY(directory && run::setSetting(directory->connection(), {}, key, value));
    }
    widgets::MessageBar &message() const { return m->window.message(); }

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("DBUS_SESSION_BUS_ADDRESS", "disabled:");
        begin();
        m_hasBus = !QStandardPaths::findExecutable(s("dbus-daemon")).isEmpty();
        if (m_hasBus)
            QVERIFY(startBus());
    }
    void init()
    {
        ++m_buses;
        m_home->clear();
        if (QByteArray(QTest::currentTestFunction()).startsWith("audit"))
            return;
        if (!m_hasBus)
            QSKIP("dbus-daemon is not installed");
        serve();
    }
    void cleanup()
    {
        m.reset();
        for (const char *of : {"console", "service"})
            QDBusConnection::disconnectFromBus(s("%1-%2").arg(s(of)).arg(m_buses));
        m_service.reset();
    }
    void cleanupTestCase()
    {
        end();
        m_daemon.kill();
        m_daemon.waitForFinished();
    }

    void severalAreOne()
    {
        openTold();
        const auto users = quietUsers(3);
        confirm(users);
        QTRY_COMPARE_WITH_TIMEOUT(m_service->told.size(), 1, patience);
        const auto &told = m_service->told.first();
        QCOMPARE(told.title, s("3 user(s) are at high risk now"));
        QCOMPARE(told.body, s("%1, %2, %3").arg(nameOf(users[0]), nameOf(users[1]), nameOf(users[2])));
        QCOMPARE(told.actions, (QStringList{s("default"), s("Show")}));
    }
    void pressingOneOpensTheUser()
    {
        openTold();
        m->window.setCurrent(s("detections"));
        const auto users = quietUsers(2);
        const auto user = users[0];
        confirm(user);
        QTRY_COMPARE_WITH_TIMEOUT(m_service->told.size(), 1, patience);
        confirm(users[1]);
        QTRY_COMPARE_WITH_TIMEOUT(m_service->told.size(), 2, patience);
        m->window.showMinimized();
        // Of somebody else, another button, and then ours.
        Q_EMIT m_service->ActionInvoked(7, s("default"));
        Q_EMIT m_service->ActionInvoked(m_service->told[0].id, s("default"));
        QTRY_COMPARE_WITH_TIMEOUT(m->window.currentPage()->id(), s("users"), patience);
        QTRY_COMPARE_WITH_TIMEOUT(m->currentId(), user, patience);
        QVERIFY(!m->window.isMinimized());
        Q_EMIT m_service->ActionInvoked(m_service->told[1].id, s("default"));
        QTRY_COMPARE_WITH_TIMEOUT(m->currentId(), users[1], patience);
    }
    void pressingSeveralOpensTheirList()
    {
        openTold();
        const auto high = m->number("SELECT count(*) FROM user_risk WHERE level = 3 AND state >= 4");
        m->users().showFiltered(s("level:low"), {});
        m->window.setCurrent(s("detections"));
        find(quietUsers(5), RiskLevel::High, fixtureClock.now());
        QTRY_COMPARE_WITH_TIMEOUT(m_service->told.size(), 1, patience);
        QCOMPARE(m_service->told[0].title, s("5 user(s) are at high risk now"));
        QVERIFY2(m_service->told[0].body.endsWith(s(" and 2 more")), qPrintable(m_service->told[0].body));
        Q_EMIT m_service->ActionInvoked(m_service->told[0].id, s("default"));
        QTRY_COMPARE_WITH_TIMEOUT(m->window.currentPage()->id(), s("users"), patience);
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), static_cast<int>(high + 5), patience);
    }
    // Nothing of what was there, of what was decided here, of what is below the level or over already.
    void whatIsKnownIsNotTold()
    {
        openTold();
        const auto users = quietUsers(4);
        find({users[0]}, RiskLevel::Medium, fixtureClock.now());
        confirm(users[1], "console");
        confirm(users[2]);
        {
            auto directory = run::Directory::open(file());
            QVERIFY(directory);
            QVERIFY(action::ActionService(directory->connection(), fixtureClock, {}).undo());
        }
        confirm(users[3]);
        QTRY_VERIFY_WITH_TIMEOUT(
            !m_service->told.isEmpty() && m_service->told.last().body.contains(nameOf(users[3])), patience);
        for (const auto &told : m_service->told)
            QVERIFY2(!told.body.contains(nameOf(users[0])) && !told.body.contains(nameOf(users[1])),
                     qPrintable(told.body));
    }
    void oldLogsAreACount()
    {
        openTold();
        const auto users = quietUsers(6);
        const auto longAgo = Timestamp{fixtureClock.now().us - 10 * 86'400'000'000};
        find({users[0], users[1], users[2], users[3]}, RiskLevel::High, longAgo);
        QTRY_COMPARE_WITH_TIMEOUT(m_service->told.size(), 1, patience);
        QCOMPARE(m_service->told[0].title, s("4 user(s) at risk by older sign-ins"));
        QVERIFY(!m_service->told[0].body.contains(nameOf(users[0])));
        // More of them take its place while it is shown, and begin anew once it was closed.
        find({users[4]}, RiskLevel::High, longAgo);
        QTRY_COMPARE_WITH_TIMEOUT(m_service->told.size(), 2, patience);
        QCOMPARE(m_service->told[1].title, s("5 user(s) at risk by older sign-ins"));
        QCOMPARE(m_service->told[1].replaces, m_service->told[0].id);
        Q_EMIT m_service->NotificationClosed(m_service->told[0].id, 2);
        find({users[5]}, RiskLevel::High, longAgo);
        QTRY_COMPARE_WITH_TIMEOUT(m_service->told.size(), 3, patience);
        QCOMPARE(m_service->told[2].title, s("1 user(s) at risk by older sign-ins"));
        QCOMPARE(m_service->told[2].replaces, 0u);
    }
    void namesLevelAndSwitchAreSettings()
    {
        openTold();
        const auto users = quietUsers(4);
        set("notifications.desktop", 0);
        qint64 looked = 0;
        connect(m->console.findChild<ConsoleNotifications *>(), &ConsoleNotifications::looked, this,
                [&looked](qint64 until) { looked = until; });
        find({users[0]}, RiskLevel::High, fixtureClock.now());
        // Passed over, not kept for later.
        QTRY_COMPARE_WITH_TIMEOUT(looked, m->number("SELECT max(id) FROM ledger"), patience);
        set("notifications.desktop", 1);
        set("notifications.names", 0);
        set("notifications.level", 2);
        find({users[1]}, RiskLevel::Medium, fixtureClock.now());
        QTRY_COMPARE_WITH_TIMEOUT(m_service->told.size(), 1, patience);
        QCOMPARE(m_service->told[0].title, s("1 user(s) are at medium or high risk now"));
        QCOMPARE(m_service->told[0].body, QString());
    }
    void aNameIsNoMarkup()
    {
        openTold();
        const auto user = quietUsers(1).front();
        {
            auto directory = run::Directory::open(file());
            QVERIFY(directory);
            QVERIFY(directory->connection().execute("UPDATE user SET display_name = '<a href=\"x\">Eve</a>' "
                                                    "WHERE id = " +
                                                    std::to_string(user)));
        }
        confirm(user);
        QTRY_COMPARE_WITH_TIMEOUT(m_service->told.size(), 1, patience);
        QCOMPARE(m_service->told[0].body, s("&lt;a href=&quot;x&quot;&gt;Eve&lt;/a&gt;"));
    }
    void withoutAServiceTheWindowSaysIt_data()
    {
        QTest::addColumn<bool>("bus");
        QTest::newRow("nobody shows notifications") << true;
        QTest::newRow("no bus") << false;
    }
    void withoutAServiceTheWindowSaysIt()
    {
        QFETCH(bool, bus);
        QVERIFY(this->bus("service").unregisterService(s("org.freedesktop.Notifications")));
        m = std::make_unique<ConsoleFixture>(*m_theme, m_home->copy());
        m->console.tellDesktop(
            [this, bus] { return bus ? this->bus("console") : QDBusConnection(s("there is none")); }, soon);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0, patience);
        settled();
        m->window.setCurrent(s("detections"));
        const auto user = quietUsers(1).front();
        confirm(user);
        QTRY_VERIFY_WITH_TIMEOUT(message().isVisible(), patience);
        QVERIFY2(message().text().contains(nameOf(user)), qPrintable(message().text()));
        picture("notice-in-window");
        Q_EMIT message().actionPressed();
        QTRY_COMPARE_WITH_TIMEOUT(m->currentId(), user, patience);
    }

    void auditedDecisionsAreTakenBack()
    {
        open();
        const auto user = quietUsers(1).front();
        confirm(user);
        m->window.setCurrent(s("audit"));
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 1, patience);
        settled();
        const auto record = m->number("SELECT max(id) FROM audit WHERE action = 'confirmCompromised'");
        const auto other = m->number("SELECT max(id) FROM audit WHERE action NOT IN ('confirmCompromised')");
        auto *button = ConsoleFixture::withText<QAbstractButton>(m->commands(), s("Take back"));
        QVERIFY(button != nullptr);
        // What is no decision cannot be taken back, and says why.
        QVERIFY(other > 0);
        m->current().openRow(other);
        QTRY_VERIFY_WITH_TIMEOUT(
            m->currentId() == other && button->toolTip().contains(s("nothing to take back")), patience);
        ConsoleFixture::click(*button);
        QVERIFY(sheet() == nullptr);
        picture("audit-refused");
        m->current().openRow(record);
        QTRY_VERIFY_WITH_TIMEOUT(m->currentId() == record && !button->toolTip().contains(s("take")),
                                 patience);
        QCOMPARE(m->stateOf(user), 5);
        picture("audit-take-back");
        ConsoleFixture::click(*button);
        QTRY_VERIFY_WITH_TIMEOUT(sheet() != nullptr, patience);
        QCOMPARE(sheet()->accessibleName(), s("Reverse: Confirm %1 compromised").arg(nameOf(user)));
        picture("audit-asked");
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(m->stateOf(user) != 5, patience);
        QTRY_VERIFY_WITH_TIMEOUT(m->feedback().startsWith(s("Taken back: Confirm ")), patience);
        // Its record stands in the list, and neither can be taken back again.
        const auto undone = m->number("SELECT id FROM audit WHERE action = 'undo' AND undo_of <> 0");
        QVERIFY(undone > record);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowOf(undone) >= 0 && !m->current().isBusy(), patience);
        m->current().openRow(record);
        QTRY_VERIFY_WITH_TIMEOUT(button->toolTip().contains(s("taken back already")), patience);
        m->current().openRow(undone);
        QTRY_VERIFY_WITH_TIMEOUT(button->toolTip().contains(s("This took a decision back")), patience);
        picture("audit-taken-back");
    }
    void auditedDecisionsAreTakenBackForOneOfThem()
    {
        open();
        const auto users = quietUsers(3);
        confirm(users);
        m->window.setCurrent(s("audit"));
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 1, patience);
        settled();
        const auto record =
            m->number("SELECT a.id FROM audit a JOIN user u ON a.target = iif(u.upn <> '', u.upn, u.key) "
                      "WHERE a.action = 'confirmCompromised' AND u.id = " +
                      std::to_string(users[1]));
        QVERIFY(record > 0);
        auto *button = ConsoleFixture::withText<QAbstractButton>(m->commands(), s("Take back for this user"));
        QVERIFY(button != nullptr);
        m->current().openRow(record);
        QTRY_VERIFY_WITH_TIMEOUT(m->currentId() == record && !m->current().isBusy() &&
                                     !button->toolTip().contains(s("Nobody else")),
                                 patience);
        ConsoleFixture::click(*button);
        QTRY_VERIFY_WITH_TIMEOUT(sheet() != nullptr, patience);
        QCOMPARE(sheet()->accessibleName(), s("Reverse: Confirm %1 compromised").arg(nameOf(users[1])));
        picture("audit-one-asked");
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(m->stateOf(users[1]) != 5, patience);
        QCOMPARE(m->stateOf(users[0]), 5);
        QCOMPARE(m->stateOf(users[2]), 5);
    }
    void auditDigestNumbersOpenTheirRows()
    {
        open();
        const auto user = quietUsers(1).front();
        confirm(user); // in the week that runs
        ConsoleFixture::key(Qt::Key_K, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(QApplication::activePopupWidget() != nullptr, patience);
        ConsoleFixture::type(s("Weekly digest"));
        ConsoleFixture::key(Qt::Key_Return);
        const auto digestSheet = [this] { return m->window.findChild<pages::DigestSheet *>(); };
        QTRY_VERIFY_WITH_TIMEOUT(digestSheet() != nullptr && !digestSheet()->isBusy(), patience);
        ConsoleFixture::part<QPushButton>(*digestSheet(), "newerWeek").click();
        QTRY_VERIFY_WITH_TIMEOUT(!digestSheet()->isBusy(), patience);
        auto &page = ConsoleFixture::part<QTextBrowser>(*digestSheet(), "digestPage");
        QTRY_VERIFY_WITH_TIMEOUT(page.toPlainText().contains(s("Week 2026-W12")), patience);
        picture("digest", digestSheet());
        const auto links = [&page] {
            QList<std::pair<QUrl, int>> all;
            for (auto block = page.document()->begin(); block.isValid(); block = block.next())
                for (auto piece = block.begin(); !piece.atEnd(); ++piece)
                    if (piece.fragment().charFormat().isAnchor())
                        all << std::pair(QUrl(piece.fragment().charFormat().anchorHref()),
                                         piece.fragment().text().toInt());
            return all;
        }();
        QVERIFY(links.size() > 4);
        for (const auto &[link, count] : links) {
            Q_EMIT page.anchorClicked(link);
            QCOMPARE(m->current().id(), link.path());
            QTRY_VERIFY_WITH_TIMEOUT(!m->current().isBusy() && m->model().rowCount() == count, patience);
        }
    }
    // Head, text and the rest of the console say the times of one zone.
    void theDigestSpeaksInTheZoneThatIsShown()
    {
        qputenv("TZ", "Asia/Tokyo");
        ::tzset();
        open();
        ConsoleFixture::key(Qt::Key_K, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(QApplication::activePopupWidget() != nullptr, patience);
        ConsoleFixture::type(s("Weekly digest"));
        ConsoleFixture::key(Qt::Key_Return);
        const auto sheet = [this] { return m->window.findChild<pages::DigestSheet *>(); };
        QTRY_VERIFY_WITH_TIMEOUT(sheet() != nullptr && !sheet()->isBusy(), patience);
        auto &page = ConsoleFixture::part<QTextBrowser>(*sheet(), "digestPage");
        QTRY_VERIFY_WITH_TIMEOUT(!page.toPlainText().isEmpty(), patience);
        const auto local = page.toPlainText();
        picture("digest-tokyo", sheet());
        ConsoleFixture::click(*m->window.facts().fact(s("zone")));
        const bool universal = QTest::qWaitFor(
            [&] { return !sheet()->isBusy() && page.toPlainText().contains(s("00:00 UTC")); }, patience);
        ConsoleFixture::click(*m->window.facts().fact(s("zone")));
        qputenv("TZ", "UTC");
        ::tzset();
        QVERIFY2(local.contains(s(", 00:00 Tokyo (UTC+9)")) && !local.contains(s(" UTC")), qPrintable(local));
        QVERIFY2(universal, qPrintable(page.toPlainText()));
    }
    void auditedDecisionsOfOthersNeedTheRole()
    {
        open();
        const auto user = quietUsers(1).front();
        {
            auto directory = run::Directory::open(file());
            QVERIFY(directory);
            action::Request request;
            request.action = action::Action::Block;
            request.users = {static_cast<std::uint32_t>(user)};
            QVERIFY(action::ActionService(directory->connection(), fixtureClock, {}).carryOut(request));
            const action::Operator ana;
            QVERIFY(action::addOperator(directory->connection(), fixtureClock, ana, "Bea",
                                        action::Role::Administrator, {.account = "bea", .passphrase = {}}));
            QVERIFY(action::changeRole(directory->connection(), fixtureClock, ana, desktopAccount(),
                                       action::Role::Operator));
        }
        m->window.setCurrent(s("audit"));
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 1, patience);
        settled();
        const auto record = m->number("SELECT max(id) FROM audit WHERE action = 'block'");
        auto *button = ConsoleFixture::withText<QAbstractButton>(m->commands(), s("Take back"));
        QVERIFY(button != nullptr);
        m->current().openRow(record);
        QTRY_VERIFY_WITH_TIMEOUT(m->currentId() == record && button->toolTip().contains(s("Administrator")),
                                 patience);
        ConsoleFixture::click(*button);
        QVERIFY(sheet() == nullptr);
    }
};

QTEST_MAIN(NoticeJourneys)
#include "tst_journeys_notices.moc"
