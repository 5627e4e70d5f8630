// Where the accounts live, in the console: a connection set up in its sheet, tried, switched on; what is decided is
// carried there, what the provider knows is read, and what went wrong is said.
#include "tests/ui/connected_journeys.h"
#include "ui/pages/passwords_sheet.h"

#include <QClipboard>

using namespace riskdesk;
using namespace riskdesk::test;

class ConnectionJourneys : public QObject, ConnectedJourneys
{
    Q_OBJECT

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
        picture("connections-form", m_sheet);
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
        picture("connections-passphrase", m_sheet);
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
        picture("connections-refused", m_sheet);
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
        picture("connections-on", m_sheet);
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
        picture("connections-failed", m_sheet);
        ConsoleFixture::click(button("discardRequest"));
        QTRY_COMPARE_WITH_TIMEOUT(cell("requestTable", 0, 3), s("Given up"), patience);
    }

    // A secret that has expired fails nothing: what is decided waits, and goes when another one is entered.
    void whatAConnectionHoldsIsSaidAndGoesLater()
    {
        connectDirectory();
        m_server->with([](auto &state) { state.secret = "another one"; });
        decide(action::Action::Block);
        QTRY_VERIFY_WITH_TIMEOUT(m->window.message().isVisible(), patience);
        QVERIFY2(m->window.message().text().contains(s("\"Shop\" is refused; what is decided waits.")),
                 qPrintable(m->window.message().text()));
        QTRY_COMPARE_WITH_TIMEOUT(cell("requestTable", 0, 3), s("Waits"), patience);
        QVERIFY(m_server->user().enabled);
        ConsoleFixture::click(button("changeConnection"));
        put("setting.clientSecret", s("another one"));
        ConsoleFixture::click(button("saveConnection"));
        QTRY_VERIFY_WITH_TIMEOUT(!m_server->user().enabled, patience);
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
