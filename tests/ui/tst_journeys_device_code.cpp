// A person signs in to a connection with a code: the real sheet and thread, a provider over TLS, a real sealed file.
#include "core/connect/oauth/device_set_up.h"

#include "app/console_device_code.h"
#include "tests/ui/connected_journeys.h"

#include <QClipboard>
#include <QDesktopServices>

using namespace riskdesk;
using namespace riskdesk::test;

class DeviceCodeJourneys : public QObject, ConnectedJourneys
{
    Q_OBJECT

    // A sheet of its own, and the thread that asks.
    std::unique_ptr<connect::SealedFile> m_store;
    std::unique_ptr<pages::ConnectionsSheet> m_own;
    std::unique_ptr<ConsoleDeviceCode> m_device;
    std::string m_clientId;
    std::filesystem::path m_file, m_keyFile;
    QList<QUrl> m_opened; // in the browser
    int m_kept = 0;
    bool m_failsToKeep = false;

    [[nodiscard]] QWidget &page() const { return in<QWidget>("deviceCodePage"); }
    [[nodiscard]] QString pageSaid() const { return in<widgets::Label>("signInSaid").text(); }
    [[nodiscard]] QString code() const { return in<QLineEdit>("deviceCode").text(); }
    [[nodiscard]] QString left() const { return in<widgets::Label>("deviceCodeLeft").text(); }
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

QTEST_MAIN(DeviceCodeJourneys)
#include "tst_journeys_device_code.moc"
