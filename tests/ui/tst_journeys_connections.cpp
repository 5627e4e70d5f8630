// Where the accounts live, in the console: a connection set up in its sheet, tried, switched on; what is decided is
// carried there, what the provider knows is read, and what went wrong is said. The provider speaks HTTPS on loopback
// (tests/support/graph_server.h); no keyring runs, so the secrets lie in a sealed file.
#include "core/action/action_service.h"
#include "core/connect/sealed_file.h"
#include "core/directory/directory.h"

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
#include <QLineEdit>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::test;

class ConnectionJourneys : public QObject, Journeys
{
    Q_OBJECT

    std::unique_ptr<GraphServer> m_server;
    pages::ConnectionsSheet *m_sheet = nullptr;
    std::int64_t m_anna = 0; // whom the server knows

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

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("DBUS_SESSION_BUS_ADDRESS", "disabled:");
        begin();
    }
    void init() { m_home->clear(); }
    void cleanup()
    {
        m_sheet = nullptr;
        m.reset();
        m_server.reset();
    }
    void cleanupTestCase() { end(); }

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
            passwords->grab().save(folder + s("/connections-passwords.png"));
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
};

QTEST_MAIN(ConnectionJourneys)
#include "tst_journeys_connections.moc"
