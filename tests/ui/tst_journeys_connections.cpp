// Where the accounts live, in the console: a connection set up in its sheet, tried, switched on; what is decided is
// carried there, what the provider knows is read, and what went wrong is said. The provider speaks HTTPS on loopback
// (tests/support/graph_server.h); no keyring runs, so the secrets lie in a sealed file.
#include "core/action/action_service.h"
#include "core/connect/oauth/device_set_up.h"
#include "core/connect/sealed_file.h"
#include "core/connections/connections.h"
#include "core/directory/directory.h"

#include "app/console_device_code.h"
#include "tests/support/ctl.h"
#include "tests/support/graph_server.h"
#include "tests/ui/journeys.h"
#include "ui/pages/connections_sheet.h"
#include "ui/pages/passwords_sheet.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/segmented.h"
#include "ui/widgets/frame/top_bar.h"

#include <QClipboard>
#include <QComboBox>
#include <QDesktopServices>
#include <QLineEdit>
#include <QTest>

#include <atomic>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

// Moved by the test while the thread reads it.
class MovedClock final : public Clock
{
public:
    [[nodiscard]] Timestamp now() const override { return {m_now.load()}; }
    void advance(int seconds) { m_now += std::int64_t{seconds} * 1'000'000; }

private:
    std::atomic<std::int64_t> m_now = Timestamp::fromCivil(2026, 3, 18, 14, 26).us;
};

} // namespace

class ConnectionJourneys : public QObject, Journeys
{
    Q_OBJECT

    std::unique_ptr<GraphServer> m_server;
    pages::ConnectionsSheet *m_sheet = nullptr;
    std::int64_t m_anna = 0; // whom the server knows
    // Of a sign-in with a code: its own sheet, and the thread that asks.
    MovedClock m_clock;
    std::unique_ptr<connect::SealedFile> m_store;
    std::unique_ptr<pages::ConnectionsSheet> m_own;
    std::unique_ptr<ConsoleDeviceCode> m_device;
    std::string m_clientId;
    std::filesystem::path m_file, m_keyFile;
    QList<QUrl> m_opened; // in the browser
    int m_kept = 0;
    bool m_failsToKeep = false;

    template <typename T>
    [[nodiscard]] T &in(const char *name) const
    {
        return ConsoleFixture::part<T>(*m_sheet, name);
    }
    [[nodiscard]] QPushButton &button(const char *name) const { return in<QPushButton>(name); }
    [[nodiscard]] QString said() const { return in<widgets::Label>("said").text(); }
    [[nodiscard]] QString cell(const char *table, int row, int column) const
    {
        return in<widgets::TableView>(table).model()->index(row, column).data().toString();
    }
    [[nodiscard]] int rows(const char *table) const
    {
        return in<widgets::TableView>(table).model()->rowCount();
    }
    [[nodiscard]] QWidget *mark() const { return m->window.facts().fact(s("connections")); }
    void put(const char *field, const QString &text)
    {
        auto &edit = in<QLineEdit>(field);
        edit.setFocus();
        edit.selectAll();
        edit.insert(text);
        QCOMPARE(edit.text(), text);
    }

    void openWithServer()
    {
        m_server = std::make_unique<GraphServer>();
        open();
        m_anna = m->model().idAt(0);
        const auto of = [&](const char *column) {
            return m
                ->text("SELECT " + std::string(column) + " FROM user WHERE id = " + std::to_string(m_anna))
                .toStdString();
        };
        m_server->with([&](auto &state) {
            state.users.resize(1);
            state.users[0].id = of("provider_id");
            state.users[0].userPrincipalName = of("upn");
        });
        auto directory = run::Directory::open(m_home->path("copy.riskdesk"));
        QVERIFY(directory && run::setSetting(directory->connection(), "outbox.holdSeconds", 0));
    }
    void openSheet()
    {
        ConsoleFixture::click(*m->window.topBar().directoryButton());
        auto *menu = m->window.findChild<QMenu *>(s("directoryMenu"));
        QVERIFY(menu != nullptr);
        QTRY_VERIFY(menu->isVisible());
        ConsoleFixture::choose(*menu, ConsoleFixture::entry(*menu, s("Connections")));
        QTRY_VERIFY(m->window.findChild<pages::ConnectionsSheet *>() != nullptr);
        m_sheet = m->window.findChild<pages::ConnectionsSheet *>();
        QVERIFY(QTest::qWaitForWindowActive(m_sheet));
    }
    void fillForm(const char *secret)
    {
        ConsoleFixture::click(button("newConnection"));
        auto &kind = in<QComboBox>("connectionKind");
        kind.setCurrentIndex(kind.findData(s("graph")));
        put("connectionName", s("Shop"));
        put("setting.tenant", s("shop.example"));
        put("setting.clientId", s("app-1"));
        put("setting.clientSecret", s(secret));
        const auto origin = QString::fromStdString(m_server->origin());
        put("setting.loginUrl", origin);
        put("setting.graphUrl", origin);
        put("setting.caFile", QString::fromStdString(m_server->certificate()));
    }
    void givePassphrase(const char *text)
    {
        QTRY_VERIFY_WITH_TIMEOUT(in<QLineEdit>("passphrase").isVisible(), patience);
        put("passphrase", s(text));
        if (in<QLineEdit>("passphraseAgain").isVisible())
            put("passphraseAgain", s(text));
        ConsoleFixture::click(button("givePassphrase"));
    }
    // Set up, with a new passphrase, and switched on.
    void connectDirectory()
    {
        openWithServer();
        openSheet();
        fillForm("app secret/+&");
        ConsoleFixture::click(button("saveConnection"));
        givePassphrase("a long passphrase");
        QTRY_VERIFY_WITH_TIMEOUT(said().startsWith(s("\"Shop\" is set up.")), patience);
        QTRY_COMPARE_WITH_TIMEOUT(rows("connectionTable"), 1, patience);
        ConsoleFixture::click(button("switchConnection"));
        QTRY_COMPARE_WITH_TIMEOUT(cell("connectionTable", 0, 2), s("On"), patience);
        QTRY_VERIFY_WITH_TIMEOUT(mark() != nullptr, patience);
    }
    // As another program would.
    void decide(action::Action what)
    {
        auto directory = run::Directory::open(m_home->path("copy.riskdesk"));
        QVERIFY(directory);
        action::Request request;
        request.action = what;
        request.users = {static_cast<std::uint32_t>(m_anna)};
        const auto outcome =
            action::ActionService(directory->connection(), fixtureClock, {}).carryOut(request);
        QVERIFY(outcome && outcome->waits);
    }
    void sheetPicture(const char *name)
    {
        const auto folder = qEnvironmentVariable("RISKDESK_SHOTS");
        if (folder.isEmpty())
            return;
        for (const bool dark : {false, true}) {
            m_theme->setMode(dark ? theme::Theme::Mode::Dark : theme::Theme::Mode::Light);
            m_theme->applyTo(*qApp);
            QCoreApplication::processEvents();
            m_sheet->grab().save(
                s("%1/connections-%2-%3.png").arg(folder, s(name), dark ? s("dark") : s("light")));
        }
        m_theme->setMode(theme::Theme::Mode::Light);
        m_theme->applyTo(*qApp);
    }

    [[nodiscard]] QWidget &page() const { return in<QWidget>("deviceCodePage"); }
    [[nodiscard]] QString pageSaid() const { return in<widgets::Label>("signInSaid").text(); }
    [[nodiscard]] QString code() const { return in<QLineEdit>("deviceCode").text(); }
    [[nodiscard]] QString left() const { return in<widgets::Label>("deviceCodeLeft").text(); }
    // Whatever a person or a screen reader could read anywhere in the window.
    [[nodiscard]] QString everyText() const
    {
        QString all;
        for (const auto *widget : m_sheet->findChildren<QWidget *>())
            for (const char *of : {"text", "accessibleName", "accessibleDescription", "toolTip"})
                all += widget->property(of).toString() + QLatin1Char('\n');
        for (const auto *label : m_sheet->findChildren<widgets::Label *>())
            all += label->text() + QLatin1Char('\n');
        return all;
    }
    [[nodiscard]] std::size_t polls() const
    {
        std::size_t count = 0;
        for (const auto &request : m_server->requests())
            count += request.path.ends_with("/token") ? 1U : 0U;
        return count;
    }
    [[nodiscard]] std::optional<std::string> stored() const
    {
        const auto key = connect::readKeyFile(m_keyFile);
        auto store = connect::SealedFile::open(m_file, *key);
        if (!store)
            return "cannot be opened: " + store.error().detail;
        const auto secret = store->get("connector/1/refreshToken");
        return secret && *secret ? std::optional(std::string((*secret)->reveal())) : std::nullopt;
    }
    // The clock passes the next time that the provider allows, and no more of it.
    void pollsAfter(int seconds)
    {
        const auto before = polls();
        m_clock.advance(seconds - 1);
        const auto shown = left();
        QTRY_VERIFY(left() != shown); // the sheet saw that it is later
        QCOMPARE(polls(), before);    // and that it is too early
        m_clock.advance(1);
        QTRY_COMPARE_WITH_TIMEOUT(polls(), before + 1, patience);
    }
    void devicePicture(const char *name)
    {
        const auto folder = qEnvironmentVariable("RISKDESK_SHOTS");
        if (folder.isEmpty())
            return;
        const auto size = m_sheet->size();
        for (const bool dark : {false, true})
            for (const QSize wanted : {QSize(1440, 900), QSize(1024, 700)}) {
                m_theme->setMode(dark ? theme::Theme::Mode::Dark : theme::Theme::Mode::Light);
                m_theme->applyTo(*qApp);
                m_sheet->resize(wanted);
                QCoreApplication::processEvents();
                m_sheet->grab().save(s("%1/device-%2-%3-%4.png")
                                         .arg(folder, s(name), dark ? s("dark") : s("light"))
                                         .arg(wanted.width()));
            }
        m_theme->setMode(theme::Theme::Mode::Light);
        m_theme->applyTo(*qApp);
        m_sheet->resize(size);
    }
    void makeProvider()
    {
        m_server = std::make_unique<GraphServer>();
        m_file = m_home->path("copy.riskdesk.secrets");
        m_keyFile = m_home->path("secrets.key");
        QVERIFY(connect::makeKeyFile(m_keyFile));
        const auto key = connect::readKeyFile(m_keyFile);
        QVERIFY(key);
        auto store = connect::SealedFile::make(m_file, *key);
        QVERIFY(store);
        m_store = std::make_unique<connect::SealedFile>(std::move(*store));
        m_clientId = "app-1";
        m_opened.clear();
        m_kept = 0;
        m_failsToKeep = false;
    }
    void beginSignIn(const QString &failure = {})
    {
        m_own =
            std::make_unique<pages::ConnectionsSheet>(*m_theme, s("Shop"), QList<pages::ConnectionKind>());
        m_sheet = m_own.get();
        m_device = std::make_unique<ConsoleDeviceCode>(m_clock);
        pages::Connection one;
        one.settings.kind = s("graph");
        one.settings.name = s("Shop");
        one.kindName = s("Microsoft Entra ID");
        one.tells = one.signsIn = true;
        one.failure = failure;
        pages::Connection other = one;
        other.settings.name = s("Webhook");
        other.signsIn = false;
        m_sheet->setConnections({one, other});
        connect(m_sheet, &pages::ConnectionsSheet::signInAsked, this, [this](const QString &name) {
            m_device->start(
                name, m_sheet->showSignIn(name),
                [this]() -> Result<connect::DeviceCode::SetUp> {
                    return connect::deviceSetUp({{"tenant", "shop.example"},
                                                 {"clientId", m_clientId},
                                                 {"loginUrl", m_server->origin()},
                                                 {"graphUrl", m_server->origin()},
                                                 {"caFile", m_server->certificate()}},
                                                {});
                },
                [this](const connect::Secret &token) -> Status {
                    if (m_failsToKeep)
                        return tl::unexpected(Error{Code::NotAllowed, "Shop", "the store is locked"});
                    ++m_kept;
                    return m_store->set(run::secretName(1, connect::refreshTokenKey), token);
                });
        });
        connect(m_sheet, &pages::ConnectionsSheet::signInLeft, m_device.get(), &ConsoleDeviceCode::cancel);
        connect(m_device.get(), &ConsoleDeviceCode::signedIn, m_sheet, &pages::ConnectionsSheet::signedIn);
        m_sheet->show();
        QVERIFY(QTest::qWaitForWindowActive(m_sheet));
    }
    void beginWithCode()
    {
        beginSignIn();
        ConsoleFixture::click(button("signInConnection"));
        QTRY_COMPARE_WITH_TIMEOUT(code(), s("ABCD-EFG1"), patience);
    }

public Q_SLOTS:
    void openInBrowser(const QUrl &url) { m_opened << url; }

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("DBUS_SESSION_BUS_ADDRESS", "disabled:");
        begin();
        QDesktopServices::setUrlHandler(s("https"), this, "openInBrowser");
    }
    void init() { m_home->clear(); }
    void cleanup()
    {
        m_sheet = nullptr;
        m_device.reset();
        m_own.reset();
        m_store.reset();
        m.reset();
        m_server.reset();
    }
    void cleanupTestCase()
    {
        QDesktopServices::unsetUrlHandler(s("https"));
        end();
    }

    void isSetUpTriedAndCarriesABlock()
    {
        openWithServer();
        openSheet();
        QVERIFY(mark() == nullptr); // nothing is connected
        fillForm("wrong");
        sheetPicture("form");
        // A name is missed before anything is asked for.
        put("connectionName", s(" "));
        ConsoleFixture::click(button("saveConnection"));
        QVERIFY(in<widgets::Label>("connectionNameProblem").isVisible());
        put("connectionName", s("Shop"));
        // Two passphrases that differ, then one.
        ConsoleFixture::click(button("saveConnection"));
        QTRY_VERIFY_WITH_TIMEOUT(in<QLineEdit>("passphraseAgain").isVisible(), patience);
        put("passphrase", s("a long passphrase"));
        put("passphraseAgain", s("another one"));
        sheetPicture("passphrase");
        ConsoleFixture::click(button("givePassphrase"));
        QVERIFY(in<widgets::Label>("passphraseProblem").isVisible());
        givePassphrase("a long passphrase");
        QTRY_VERIFY_WITH_TIMEOUT(said().startsWith(s("\"Shop\" is set up.")), patience);
        QTRY_COMPARE_WITH_TIMEOUT(rows("connectionTable"), 1, patience);
        QCOMPARE(cell("connectionTable", 0, 2), s("Off"));
        // What is wrong is one sentence, without the secret.
        ConsoleFixture::click(button("testConnection"));
        QTRY_VERIFY_WITH_TIMEOUT(
            button("newConnection").isEnabled() && !said().isEmpty() && !said().endsWith(s("…")), patience);
        QVERIFY2(!said().contains(s("works")) && !said().contains(s("wrong ")), qPrintable(said()));
        sheetPicture("refused");
        // Another secret; the rest stays as it was.
        ConsoleFixture::click(button("changeConnection"));
        QCOMPARE(in<QLineEdit>("setting.tenant").text(), s("shop.example"));
        QVERIFY(in<QLineEdit>("setting.clientSecret").text().isEmpty());
        put("setting.clientSecret", s("app secret/+&"));
        ConsoleFixture::click(button("saveConnection"));
        QTRY_COMPARE_WITH_TIMEOUT(said(), s("\"Shop\" is changed."), patience);
        ConsoleFixture::click(button("testConnection"));
        QTRY_VERIFY_WITH_TIMEOUT(said().startsWith(s("\"Shop\" works.")), patience);
        ConsoleFixture::click(button("switchConnection"));
        QTRY_COMPARE_WITH_TIMEOUT(cell("connectionTable", 0, 2), s("On"), patience);
        sheetPicture("on");
        decide(action::Action::Block);
        QTRY_VERIFY_WITH_TIMEOUT(!m_server->user().enabled, patience);
        QTRY_COMPARE_WITH_TIMEOUT(rows("requestTable"), 1, patience);
        QTRY_COMPARE_WITH_TIMEOUT(cell("requestTable", 0, 3), s("Done"), patience);
        QTRY_COMPARE_WITH_TIMEOUT(
            m->number("SELECT account_enabled FROM user WHERE id = " + std::to_string(m_anna)), 0, patience);
    }

    // In the window: what the question says of where it happens, and what the answer.
    void theQuestionSaysWhereItIsCarriedOut()
    {
        connectDirectory();
        m_sheet->close();
        m->window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&m->window));
        m->clickRow(0);
        QTRY_COMPARE(m->currentId(), m_anna);
        m->users().keyed(s("block"));
        QTRY_VERIFY(sheet() != nullptr);
        QTRY_VERIFY_WITH_TIMEOUT(sheet()->findChildren<QLabel *>().size() > 0, patience);
        bool told = false;
        for (const auto *label : sheet()->findChildren<QLabel *>())
            told |= label->text().contains(s("Carried out over \"Shop\""));
        QVERIFY(told);
        ConsoleFixture::key(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(m->feedback().startsWith(s("Block on its way for")), patience);
        QTRY_VERIFY_WITH_TIMEOUT(!m_server->user().enabled, patience);
    }

    void aTemporaryPasswordIsShownOnce()
    {
        connectDirectory();
        decide(action::Action::ResetPassword);
        QTRY_VERIFY_WITH_TIMEOUT(m->window.findChild<pages::PasswordsSheet *>() != nullptr, patience);
        auto *passwords = m->window.findChild<pages::PasswordsSheet *>();
        auto &table = ConsoleFixture::part<widgets::TableView>(*passwords, "passwordTable");
        QTRY_COMPARE(table.model()->rowCount(), 1);
        QCOMPARE(table.model()->index(0, 1).data().toString().toStdString(), m_server->user().password);
        QVERIFY(QTest::qWaitForWindowExposed(passwords));
        ConsoleFixture::click(ConsoleFixture::part<QPushButton>(*passwords, "copyPassword"));
        QCOMPARE(QApplication::clipboard()->text().toStdString(), m_server->user().password);
        if (const auto folder = qEnvironmentVariable("RISKDESK_SHOTS"); !folder.isEmpty())
            for (const bool dark : {false, true}) {
                m_theme->setMode(dark ? theme::Theme::Mode::Dark : theme::Theme::Mode::Light);
                m_theme->applyTo(*qApp);
                QCoreApplication::processEvents();
                passwords->grab().save(
                    s("%1/connections-passwords-%2.png").arg(folder, dark ? s("dark") : s("light")));
            }
        m_theme->setMode(theme::Theme::Mode::Light);
        m_theme->applyTo(*qApp);
        passwords->close();
        QTRY_VERIFY(m->window.findChild<pages::PasswordsSheet *>() == nullptr);
    }

    void whatIsRefusedIsSaidAndShown()
    {
        connectDirectory();
        m_server->fault({"/users/", 3, false, [](const auto &, auto &response) {
                             GraphServer::refuse(response, 403, "Authorization_RequestDenied", "No.");
                         }});
        decide(action::Action::Block);
        QTRY_VERIFY_WITH_TIMEOUT(m->window.message().isVisible(), patience);
        QVERIFY2(
            m->window.message().text().contains(QString::fromStdString(m_server->user().userPrincipalName)),
            qPrintable(m->window.message().text()));
        QTRY_COMPARE_WITH_TIMEOUT(rows("requestTable"), 1, patience);
        QTRY_COMPARE_WITH_TIMEOUT(cell("requestTable", 0, 3), s("Failed"), patience);
        QVERIFY(m_server->user().enabled);
        auto &which = in<widgets::SegmentedControl>("which");
        ConsoleFixture::click(which, {which.width() - 20, which.height() / 2});
        QTRY_VERIFY(in<widgets::TableView>("requestTable").isVisible());
        auto &table = in<widgets::TableView>("requestTable");
        table.setCurrentRow(0);
        QVERIFY(!said().isEmpty());
        sheetPicture("failed");
        ConsoleFixture::click(button("discardRequest"));
        QTRY_COMPARE_WITH_TIMEOUT(cell("requestTable", 0, 3), s("Given up"), patience);
    }

    void staysLockedUntilThePassphraseIsGiven()
    {
        connectDirectory();
        m_sheet->close();
        const auto file = m_home->path("copy.riskdesk");
        m.reset();
        m = std::make_unique<ConsoleFixture>(*m_theme, file);
        QTRY_VERIFY_WITH_TIMEOUT(mark() != nullptr, patience);
        decide(action::Action::Block);
        openSheet();
        QTRY_VERIFY_WITH_TIMEOUT(in<QLineEdit>("passphrase").isVisible(), patience);
        QVERIFY(!in<QLineEdit>("passphraseAgain").isVisible());
        put("passphrase", s("not this one"));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(in<widgets::Label>("passphraseProblem").isVisible(), patience);
        QVERIFY(m_server->user().enabled); // nothing was sent
        put("passphrase", s("a long passphrase"));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!m_server->user().enabled, patience);
    }

    void readsWhatTheProviderKnows()
    {
        connectDirectory();
        m_server->with([](auto &state) {
            for (int i = 0; i < 30; ++i)
                state.signIns.push_back(
                    signInLine(i, s("somebody"), s("2026-03-18T1%1:%2:00Z").arg(i / 10).arg(i % 10 + 10))
                        .trimmed()
                        .toStdString());
        });
        const auto before = m->number("SELECT count(*) FROM signin");
        const auto runs = m->number("SELECT count(*) FROM import_run");
        ConsoleFixture::click(button("pullConnection"));
        QTRY_VERIFY_WITH_TIMEOUT(m->number("SELECT count(*) FROM signin") == before + 30, patience);
        QTRY_VERIFY_WITH_TIMEOUT(said().contains(s("new")), patience);
        QTRY_VERIFY_WITH_TIMEOUT(cell("connectionTable", 0, 3) != s("Never"), patience);
        ConsoleFixture::click(button("pullConnection"));
        QTRY_VERIFY_WITH_TIMEOUT(
            m->number("SELECT count(*) FROM import_run WHERE outcome <> 'running'") == runs + 2, patience);
        QCOMPARE(m->number("SELECT count(*) FROM signin"), before + 30);
    }

    void isRemovedAfterAQuestion()
    {
        connectDirectory();
        ConsoleFixture::click(button("removeConnection"));
        QTRY_VERIFY(sheet() != nullptr);
        ConsoleFixture::key(Qt::Key_Escape);
        QTRY_VERIFY(sheet() == nullptr);
        QCOMPARE(rows("connectionTable"), 1);
        ConsoleFixture::click(button("removeConnection"));
        QTRY_VERIFY(sheet() != nullptr);
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(rows("connectionTable"), 0, patience);
        QTRY_VERIFY_WITH_TIMEOUT(mark() == nullptr, patience);
        // Its secret went with it.
        const connect::SealKey key{connect::SealKey::Form::Passphrase, connect::Secret("a long passphrase")};
        auto sealed =
            connect::SealedFile::open(connect::SealedFile::beside(m_home->path("copy.riskdesk")), key);
        QVERIFY(sealed);
        const auto names = sealed->names();
        QVERIFY(names);
        for (const auto &name : *names)
            QVERIFY2(!name.starts_with("connector/"), name.c_str());
    }

    // --- signing in with a code: the real sheet and thread, a provider over TLS, a real sealed file

    void throughTheConsoleAndRevoked()
    {
        openWithServer();
        const auto file = m_home->path("copy.riskdesk");
        m.reset();
        m = std::make_unique<ConsoleFixture>(*m_theme, file, m_clock);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0, patience);
        openSheet();
        fillForm("");
        ConsoleFixture::click(button("saveConnection"));
        givePassphrase("a long passphrase");
        QTRY_COMPARE_WITH_TIMEOUT(rows("connectionTable"), 1, patience);
        QTRY_VERIFY_WITH_TIMEOUT(button("signInConnection").isVisible(), patience);
        ConsoleFixture::click(button("signInConnection"));
        QTRY_COMPARE_WITH_TIMEOUT(code(), s("ABCD-EFG1"), patience);
        m_clock.advance(5);
        QTRY_COMPARE_WITH_TIMEOUT(said(), s("Signed in as ada@shop.example."), patience);
        ConsoleFixture::click(button("testConnection"));
        QTRY_VERIFY_WITH_TIMEOUT(said().startsWith(s("\"Shop\" works.")), patience);
        QVERIFY(m->number("SELECT count(*) FROM audit") >= 2);
        for (const char *end : {"", "-wal"}) {
            QFile stored(QString::fromStdString(file.string()) + s(end));
            if (!stored.open(QIODevice::ReadOnly))
                continue; // the second is not always there
            const auto all = stored.readAll();
            QVERIFY(!all.contains("refresh-secret") && !all.contains("device-secret"));
        }
        QVERIFY(!everyText().contains(s("refresh-secret")));
        m_server->with([](auto &state) { state.refreshToken = "revoked"; });
        ConsoleFixture::click(button("pullConnection"));
        QTRY_COMPARE_WITH_TIMEOUT(cell("connectionTable", 0, 4),
                                  s("The sign-in has expired or was revoked; sign in again."), patience);
        ConsoleFixture::click(button("signInConnection"));
        QTRY_COMPARE_WITH_TIMEOUT(code(), s("ABCD-EFG2"), patience);
    }

    void waitsSlowsDownAndIsSignedIn()
    {
        makeProvider();
        m_server->with([](auto &state) {
            state.deviceAnswers = {"authorization_pending", "slow_down", "authorization_pending"};
        });
        beginWithCode();
        QVERIFY(page().isVisible());
        QCOMPARE(left(), s("The code is valid for another 15:00."));
        devicePicture("code");
        pollsAfter(5);
        QTRY_COMPARE(left(), s("The code is valid for another 14:55."));
        pollsAfter(5);
        pollsAfter(10); // it was told to slow down
        QVERIFY(page().isVisible() && m_kept == 0);
        pollsAfter(10);
        QTRY_COMPARE_WITH_TIMEOUT(in<QWidget>("connectionTable").isVisible(), true, patience);
        QVERIFY(!page().isVisible());
        QCOMPARE(said(), s("Signed in as ada@shop.example."));
        devicePicture("signed-in");
        QCOMPARE(stored(), std::optional<std::string>("refresh-secret-1"));
        const auto all = everyText();
        for (const char *secret : {"refresh-secret", "device-secret", "token-1"})
            QVERIFY2(!all.contains(s(secret)), secret);
        QFile file(QString::fromStdString(m_file.string()));
        QVERIFY(file.open(QIODevice::ReadOnly) && !file.readAll().contains("refresh-secret"));
        QVERIFY(!m_device->isUnderWay());
        QVERIFY(code().isEmpty());
    }

    void theAddressOpensTheBrowserAndBothAreCopied()
    {
        makeProvider();
        beginWithCode();
        QCOMPARE(m_sheet->focusWidget(), static_cast<QWidget *>(&button("deviceAddress")));
        ConsoleFixture::key(Qt::Key_Return); // without a mouse
        QCOMPARE(m_opened, QList<QUrl>{QUrl(s("https://login.example/device"))});
        ConsoleFixture::key(Qt::Key_Tab);
        ConsoleFixture::key(Qt::Key_Space);
        QCOMPARE(QApplication::clipboard()->text(), s("https://login.example/device"));
        ConsoleFixture::key(Qt::Key_Tab);
        QCOMPARE(m_sheet->focusWidget(), static_cast<QWidget *>(&in<QLineEdit>("deviceCode")));
        ConsoleFixture::key(Qt::Key_Tab);
        ConsoleFixture::key(Qt::Key_Return);
        QCOMPARE(QApplication::clipboard()->text(), s("ABCD-EFG1"));
        QCOMPARE(pageSaid(), s("The code is in the clipboard."));
        for (const char *name : {"deviceAddress", "copyDeviceAddress", "copyDeviceCode"})
            QVERIFY2(!button(name).accessibleName().isEmpty(), name);
        QCOMPARE(in<QLineEdit>("deviceCode").accessibleName(), s("Code"));
        QVERIFY(in<QLineEdit>("deviceCode").isReadOnly());
        QVERIFY(in<QLineEdit>("deviceCode").font().pixelSize() >= 24);
    }

    void sayWhatCameOfIt_data()
    {
        QTest::addColumn<QString>("answer");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("declined") << s("authorization_declined")
                                  << s("The sign-in was declined in the browser.");
        QTest::newRow("expired there")
            << s("expired_token") << s("The code expired before anybody signed in.");
        QTest::newRow("wrong client")
            << s("invalid_client")
            << s("The provider refuses this client: check its id, and that it may sign in with a code.");
    }
    void sayWhatCameOfIt()
    {
        makeProvider();
        QFETCH(QString, answer);
        QFETCH(QString, sentence);
        m_server->with([&](auto &state) { state.deviceAnswers = {answer.toStdString()}; });
        beginWithCode();
        pollsAfter(5);
        QTRY_COMPARE_WITH_TIMEOUT(pageSaid(), sentence, patience);
        devicePicture(qPrintable(answer));
        QVERIFY(code().isEmpty() || !in<QLineEdit>("deviceCode").isVisible());
        QVERIFY(button("anotherCode").isVisible());
        QVERIFY(!stored());
    }

    void anExpiredCodeIsRenewed()
    {
        makeProvider();
        m_server->with([](auto &state) { state.deviceValid = 60; });
        beginWithCode();
        m_clock.advance(60);
        QTRY_COMPARE_WITH_TIMEOUT(pageSaid(), s("The code expired before anybody signed in."), patience);
        QCOMPARE(polls(), std::size_t{0}); // by the clock alone
        QCOMPARE(m_sheet->focusWidget(), static_cast<QWidget *>(&button("anotherCode")));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(code(), s("ABCD-EFG2"), patience);
        pollsAfter(5);
        QTRY_COMPARE_WITH_TIMEOUT(stored(), std::optional<std::string>("refresh-secret-2"), patience);
    }

    void aClientThatIsNotKnownIsSaidAtOnce()
    {
        makeProvider();
        m_clientId = "another";
        beginSignIn();
        ConsoleFixture::click(button("signInConnection"));
        QTRY_COMPARE_WITH_TIMEOUT(
            pageSaid(),
            s("The provider refuses this client: check its id, and that it may sign in with a code."),
            patience);
    }

    void aProviderThatIsAwayIsSaidAndAskedAgain()
    {
        makeProvider();
        beginWithCode();
        m_server->fault({"/token", 1, false, [](const auto &, auto &response) { response.status = 503; }});
        m_server->with([](auto &state) { state.deviceAnswers = {"authorization_pending"}; });
        pollsAfter(5);
        QTRY_COMPARE_WITH_TIMEOUT(pageSaid(), s("127.0.0.1 gives no token just now (503)."), patience);
        pollsAfter(10); // doubled
        QTRY_COMPARE_WITH_TIMEOUT(pageSaid(), s("Waiting for you to sign in. The code is ABCD-EFG1."),
                                  patience);
        pollsAfter(10);
        QTRY_VERIFY_WITH_TIMEOUT(stored().has_value(), patience);
    }

    void aProviderThatCannotBeReachedGivesNoCode()
    {
        makeProvider();
        beginSignIn();
        m_server->fault(
            {"/devicecode", 1, false, [](const auto &, auto &response) { response.status = 503; }});
        ConsoleFixture::click(button("signInConnection"));
        QTRY_COMPARE_WITH_TIMEOUT(pageSaid(), s("127.0.0.1 gives no token just now (503)."), patience);
        ConsoleFixture::click(button("anotherCode"));
        QTRY_COMPARE_WITH_TIMEOUT(code(), s("ABCD-EFG1"), patience);
    }

    void whatCannotBeKeptIsSaid()
    {
        makeProvider();
        m_failsToKeep = true;
        beginWithCode();
        pollsAfter(5);
        QTRY_VERIFY_WITH_TIMEOUT(button("anotherCode").isVisible(), patience);
        QVERIFY(!pageSaid().isEmpty() && !pageSaid().contains(s("secret-")));
    }

    void escapeAndClosingCancel()
    {
        makeProvider();
        beginWithCode();
        ConsoleFixture::key(Qt::Key_Escape);
        QTRY_VERIFY(!page().isVisible());
        QVERIFY(!m_device->isUnderWay() && code().isEmpty());
        ConsoleFixture::click(button("signInConnection"));
        QTRY_COMPARE_WITH_TIMEOUT(code(), s("ABCD-EFG2"), patience);
        m_sheet->close();
        QVERIFY(!m_device->isUnderWay());
        m_clock.advance(3600);
        QCoreApplication::processEvents();
        QCOMPARE(polls(), std::size_t{0});
        QVERIFY(!stored());
    }

    // The answer is on its way when the person goes: what it grants is not kept.
    void whatIsGrantedAfterTheCancelIsNotKept()
    {
        makeProvider();
        std::atomic<bool> asked = false, goOn = false;
        m_server->fault({"/token", 1, true, [&](const auto &, auto &response) {
                             asked = true;
                             while (!goOn)
                                 std::this_thread::yield();
                             response.status = 200;
                             response.set_content(
                                 R"({"token_type":"Bearer","access_token":"a","refresh_token":"too late"})",
                                 "application/json");
                         }});
        beginWithCode();
        m_clock.advance(5);
        QTRY_VERIFY_WITH_TIMEOUT(asked.load(), patience);
        ConsoleFixture::key(Qt::Key_Escape);
        QVERIFY(!m_device->isUnderWay());
        goOn = true;
        // The next one begins when the thread is done with this one.
        ConsoleFixture::click(button("signInConnection"));
        QTRY_COMPARE_WITH_TIMEOUT(code(), s("ABCD-EFG2"), patience);
        QCOMPARE(m_kept, 0);
        QVERIFY(!stored());
    }

    void aRefusedSignInIsAskedForAtItsPlace()
    {
        makeProvider();
        beginSignIn(s("The sign-in has expired or was revoked; sign in again."));
        auto &table = in<widgets::TableView>("connectionTable");
        QCOMPARE(table.model()->index(0, 4).data().toString(),
                 s("The sign-in has expired or was revoked; sign in again."));
        QVERIFY(button("signInConnection").isVisible());
        devicePicture("expired");
        table.setCurrentRow(1);
        QTRY_VERIFY(!button("signInConnection").isVisible()); // nobody signs in to this one
    }
};

QTEST_MAIN(ConnectionJourneys)
#include "tst_journeys_connections.moc"
