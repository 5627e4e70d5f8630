// The API in the console: switched on in its sheet, asked by a script over TLS with a token made there, and
// what the script decided seen in the list.
#include "core/serve/service.h"

#include "tests/ui/journeys.h"
#include "ui/pages/api_sheet.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/switch.h"
#include "ui/widgets/frame/top_bar.h"

#include <QCheckBox>
#include <QClipboard>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QTest>

#include <httplib.h>

#include <csignal>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

constexpr auto riskyUsers = "/v1.0/identityProtection/riskyUsers";

// A script that trusts the certificate named in the sheet and nothing else, on the day of the fixture.
class ApiScript
{
public:
    ApiScript(const QString &url, const QString &certificate, const QString &token)
        : m_client("127.0.0.1", url.section(u':', -1).toInt())
    {
        m_client.set_ca_cert_path(certificate.toStdString());
        m_client.enable_server_certificate_verification(true);
        X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(m_client.ssl_context()),
                                   static_cast<std::time_t>(fixtureClock.now().us / 1'000'000));
        m_client.set_bearer_token_auth(token.toStdString());
    }
    int get() // 0: nobody answered
    {
        const auto answer = m_client.Get(riskyUsers);
        return answer ? answer->status : 0;
    }
    int dismiss(const QString &user)
    {
        const auto body = QJsonDocument(QJsonObject{{s("userIds"), QJsonArray{user}}}).toJson().toStdString();
        const auto answer = m_client.Post(std::string(riskyUsers) + "/dismiss", body, "application/json");
        return answer ? answer->status : 0;
    }

private:
    httplib::SSLClient m_client;
};

} // namespace

class ApiJourneys : public QObject, Journeys
{
    Q_OBJECT

    pages::ApiSheet *m_api = nullptr;

    template <typename T>
    [[nodiscard]] T &in(const char *name) const
    {
        return ConsoleFixture::part<T>(*m_api, name);
    }
    [[nodiscard]] widgets::Switch &toggle() const { return in<widgets::Switch>("serveSwitch"); }
    [[nodiscard]] QLineEdit &address() const { return in<QLineEdit>("apiAddress"); }
    [[nodiscard]] QString shown(const char *name) const { return in<widgets::Label>(name).text(); }
    [[nodiscard]] QString note() const
    {
        const auto &bar = in<widgets::MessageBar>("apiNote");
        return bar.isVisible() ? bar.text() : QString();
    }
    [[nodiscard]] widgets::TableView &tokens() const { return in<widgets::TableView>("tokenTable"); }
    [[nodiscard]] QString cell(int row, int column) const
    {
        return tokens().model()->index(row, column).data().toString();
    }
    [[nodiscard]] QPushButton &button(const char *text) const
    {
        auto *found = ConsoleFixture::withText<QPushButton>(*m_api, QString::fromUtf8(text));
        if (found == nullptr)
            throw std::runtime_error(std::string("no button ") + text);
        return *found;
    }
    [[nodiscard]] QWidget *mark() const { return m->window.facts().fact(s("api")); }

    void waitForSheet()
    {
        QTRY_VERIFY(m->window.findChild<pages::ApiSheet *>() != nullptr);
        m_api = m->window.findChild<pages::ApiSheet *>();
        QVERIFY(QTest::qWaitForWindowActive(m_api));
    }
    // From the menu of the directory.
    void openSheet()
    {
        ConsoleFixture::click(*m->window.topBar().directoryButton());
        auto *menu = m->window.findChild<QMenu *>(s("directoryMenu"));
        QVERIFY(menu != nullptr);
        QTRY_VERIFY(menu->isVisible());
        ConsoleFixture::choose(*menu, ConsoleFixture::entry(*menu, s("API and tokens")));
        waitForSheet();
    }
    void enterAddress(const QString &text)
    {
        address().setFocus();
        address().selectAll();
        ConsoleFixture::type(text);
        QCOMPARE(address().text(), text);
    }
    void switchOn()
    {
        enterAddress(s("127.0.0.1:0"));
        ConsoleFixture::click(toggle(), {12, 15});
        QTRY_VERIFY_WITH_TIMEOUT(in<widgets::Label>("apiUrl").isVisible(), patience);
    }
    // With the scope that decides; its secret.
    QString makeToken(const char *name)
    {
        ConsoleFixture::click(button("New token…"));
        ConsoleFixture::type(s(name));
        for (auto *box : m_api->findChildren<QCheckBox *>())
            if (box->text() == s("IdentityRiskyUser.ReadWrite.All"))
                ConsoleFixture::click(*box, {8, box->height() / 2});
        ConsoleFixture::click(button("Create token"));
        if (!QTest::qWaitFor([this] { return !in<QLineEdit>("tokenSecret").text().isEmpty(); }, patience))
            throw std::runtime_error("no token was made");
        const auto secret = in<QLineEdit>("tokenSecret").text();
        ConsoleFixture::click(button("Done"));
        return secret;
    }

private Q_SLOTS:
    void initTestCase()
    {
        std::signal(SIGPIPE, SIG_IGN); // a script may write to a connection that the server closed
        begin();
    }
    void init() { m_home->clear(); }
    void cleanup()
    {
        m_api = nullptr;
        m.reset();
    }
    void cleanupTestCase() { end(); }

    void aScriptDecidesAndTheListShowsIt()
    {
        open();
        openSheet();
        QVERIFY(!toggle().isChecked());
        QCOMPARE(address().text(), s("127.0.0.1:8443"));
        QVERIFY(!in<widgets::Label>("apiUrl").isVisible());
        QVERIFY(mark() == nullptr);
        picture("api-off", m_api);
        switchOn();
        QVERIFY2(shown("apiUrl").startsWith(s("https://127.0.0.1:")), qPrintable(shown("apiUrl")));
        QCOMPARE(note(), QString());
        QVERIFY(mark() != nullptr && mark()->isVisible());
        ConsoleFixture::click(in<QPushButton>("apiFingerprintCopy"));
        QCOMPARE(QApplication::clipboard()->text(), shown("apiFingerprint"));
        QCOMPARE(shown("apiFingerprint").size(), 95);
        const auto secret = makeToken("siem");
        QVERIFY(secret.startsWith(s("rd_")));
        QVERIFY(in<QLineEdit>("tokenSecret").text().isEmpty());
        QTRY_COMPARE_WITH_TIMEOUT(tokens().model()->rowCount(), 1, patience);
        QCOMPARE(cell(0, 0), s("siem"));
        QCOMPARE(cell(0, 1), s("IdentityRiskyUser.ReadWrite.All"));
        QCOMPARE(cell(0, 4), s("Never"));
        QCOMPARE(cell(0, 5), s("Valid"));

        const auto user = m->model().idAt(0);
        const int rows = m->model().rowCount();
        ApiScript script(shown("apiUrl"), shown("apiCertificate"), secret);
        QCOMPARE(script.dismiss(m->text("SELECT key FROM user WHERE id = " + std::to_string(user))), 204);
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), rows - 1, patience);
        QTRY_VERIFY_WITH_TIMEOUT(!m->current().isBusy(), patience);
        for (const auto id : m->shownIds())
            QVERIFY(id != user);
        QTRY_VERIFY_WITH_TIMEOUT(cell(0, 4) != s("Never"), patience); // the sheet follows too
        picture("api-on", m_api);

        ConsoleFixture::click(toggle(), {12, 15});
        QTRY_VERIFY_WITH_TIMEOUT(mark() == nullptr && address().isEnabled(), patience);
        QCOMPARE(script.get(), 0);
    }

    void byKeyboardAlone()
    {
        open();
        QTest::keyClick(&m->window, Qt::Key_K, Qt::ControlModifier);
        ConsoleFixture::type(s(">api"));
        ConsoleFixture::key(Qt::Key_Return);
        waitForSheet();
        QTRY_VERIFY(toggle().hasFocus());
        ConsoleFixture::key(Qt::Key_Tab);
        QVERIFY(address().hasFocus() && address().selectedText() == address().text());
        ConsoleFixture::type(s("127.0.0.1:0"));
        ConsoleFixture::key(Qt::Key_Tab, Qt::ShiftModifier);
        ConsoleFixture::key(Qt::Key_Space);
        QTRY_VERIFY_WITH_TIMEOUT(in<widgets::Label>("apiUrl").isVisible(), patience);
        QVERIFY(toggle().hasFocus());
        for (const char *next : {"apiUrlCopy", "apiCertificateCopy", "apiFingerprintCopy", "newToken"}) {
            ConsoleFixture::key(Qt::Key_Tab);
            QVERIFY2(in<QPushButton>(next).hasFocus(), next);
        }
        ConsoleFixture::key(Qt::Key_Return);
        QVERIFY(in<QLineEdit>("tokenName").hasFocus());
        ConsoleFixture::type(s("nightly"));
        ConsoleFixture::key(Qt::Key_Tab);
        ConsoleFixture::key(Qt::Key_Space);
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(in<QPushButton>("secretCopy").hasFocus(), patience);
        const auto secret = in<QLineEdit>("tokenSecret").text();
        ConsoleFixture::key(Qt::Key_Return);
        QCOMPARE(QApplication::clipboard()->text(), secret);
        picture("api-secret", m_api);
        ConsoleFixture::key(Qt::Key_Escape);
        QVERIFY(in<QPushButton>("newToken").hasFocus());
        QTRY_COMPARE_WITH_TIMEOUT(tokens().model()->rowCount(), 1, patience);
        ApiScript script(shown("apiUrl"), shown("apiCertificate"), secret);
        QCOMPARE(script.get(), 200);

        ConsoleFixture::key(Qt::Key_Tab);
        QVERIFY(tokens().hasFocus());
        ConsoleFixture::key(Qt::Key_Home);
        ConsoleFixture::key(Qt::Key_Delete);
        QTRY_VERIFY(sheet() != nullptr);
        picture("api-revoke", m_api);
        ConsoleFixture::key(Qt::Key_Escape); // thought better of it
        QTRY_VERIFY(sheet() == nullptr);
        QCOMPARE(script.get(), 200);
        QTRY_VERIFY(tokens().hasFocus());
        ConsoleFixture::key(Qt::Key_Delete);
        QTRY_VERIFY(sheet() != nullptr);
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(cell(0, 5), s("Revoked"), patience);
        QCOMPARE(script.get(), 401);
        QVERIFY(!in<widgets::CommandButton>("revokeToken").isAllowed());
        // Every control has a name.
        for (const auto *part : m_api->findChildren<QWidget *>())
            if (part->focusPolicy() != Qt::NoFocus && part->isVisible())
                if (const auto *pressed = qobject_cast<const QAbstractButton *>(part))
                    QVERIFY2(!pressed->accessibleName().isEmpty() || !pressed->text().isEmpty(),
                             qPrintable(pressed->objectName()));
        ConsoleFixture::key(Qt::Key_Escape);
        QTRY_VERIFY(m->window.findChild<pages::ApiSheet *>() == nullptr);
        QVERIFY(mark() != nullptr); // the API goes on without its sheet
    }

    void aRefusedTokenLosesNothing()
    {
        open();
        openSheet();
        makeToken("siem");
        ConsoleFixture::click(button("New token…"));
        ConsoleFixture::type(s("siem"));
        ConsoleFixture::click(button("Create token"));
        QVERIFY(in<widgets::Label>("scopeProblem").isVisible());
        auto &box = *m_api->findChildren<QCheckBox *>().at(3);
        QVERIFY(qobject_cast<widgets::Switch *>(&box) == nullptr);
        ConsoleFixture::click(box, {8, box.height() / 2});
        QVERIFY(box.isChecked() && !in<widgets::Label>("scopeProblem").isVisible());
        ConsoleFixture::click(button("Create token"));
        auto &problem = in<widgets::Label>("nameProblem");
        QTRY_VERIFY_WITH_TIMEOUT(problem.isVisible(), patience);
        QVERIFY2(problem.text().contains(s("there is a token of that name")), qPrintable(problem.text()));
        QCOMPARE(in<QLineEdit>("tokenName").text(), s("siem"));
        QVERIFY(box.isChecked());
        QVERIFY(in<QLineEdit>("tokenName").hasFocus());
        picture("api-refused", m_api);
        ConsoleFixture::type(s("2"));
        QVERIFY(!problem.isVisible());
        ConsoleFixture::click(button("Create token"));
        QTRY_VERIFY_WITH_TIMEOUT(in<QPushButton>("secretCopy").isVisible(), patience);
        QCOMPARE(m->number("SELECT count(*) FROM access_token"), 2);
    }

    void aTakenPortIsSaidInTheSheet()
    {
        open();
        std::filesystem::copy_file(m_home->path("copy.riskdesk"), m_home->path("other.riskdesk"));
        const auto other = serve::Service::start(
            {.directory = m_home->path("other.riskdesk"), .listen = "127.0.0.1:0"}, fixtureClock);
        QVERIFY(other);
        openSheet();
        const auto taken = s("127.0.0.1:") + QString::fromStdString((*other)->url()).section(u':', -1);
        enterAddress(taken);
        ConsoleFixture::click(toggle(), {12, 15});
        QTRY_VERIFY_WITH_TIMEOUT(note().contains(s("taken by another program")), patience);
        QVERIFY(!toggle().isChecked());
        QVERIFY(address().isEnabled());
        QCOMPARE(address().text(), taken);
        QVERIFY(mark() == nullptr);
        picture("api-taken", m_api);
        enterAddress(s("0.0.0.0:0"));
        QVERIFY2(note().startsWith(s("Other machines can reach this address.")), qPrintable(note()));
        picture("api-warning", m_api);
        enterAddress(s("127.0.0.1"));
        QVERIFY2(note().contains(s("names no port")), qPrintable(note()));
        enterAddress(s("127.0.0.1:0"));
        QCOMPARE(note(), QString());
    }

    void aFileThatWasReplacedIsServedNoMore()
    {
        open();
        openSheet();
        switchOn();
        const auto url = shown("apiUrl"), certificate = shown("apiCertificate");
        const auto file = m_home->path("copy.riskdesk");
        std::filesystem::copy_file(file, m_home->path("new"));
        std::filesystem::rename(m_home->path("new"), file);
        QTRY_VERIFY_WITH_TIMEOUT(mark() == nullptr && address().isEnabled(), patience);
        QCOMPARE(ApiScript(url, certificate, s("rd_none")).get(), 0);
        ConsoleFixture::click(toggle(), {12, 15});
        QVERIFY(!note().isEmpty());
        QVERIFY(!toggle().isChecked());
        QVERIFY(mark() == nullptr);
    }

    void isServedAgainWhereItWasLeftOn()
    {
        open();
        QVERIFY(mark() == nullptr);
        openSheet();
        switchOn();
        const auto file = m_home->path("copy.riskdesk"), other = m_home->path("other.riskdesk");
        m.reset();
        std::filesystem::copy_file(file, other);
        m = std::make_unique<ConsoleFixture>(*m_theme, other);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0, patience);
        settled();
        QVERIFY(mark() == nullptr); // another directory
        m->window.filesDropped({QString::fromStdString(file.string())});
        QTRY_VERIFY_WITH_TIMEOUT(mark() != nullptr, patience);
        openSheet();
        QVERIFY(toggle().isChecked());
        QCOMPARE(address().text(), s("127.0.0.1:0"));
        const auto url = shown("apiUrl"), certificate = shown("apiCertificate");
        QCOMPARE(ApiScript(url, certificate, s("rd_none")).get(), 401);
        // Leaving for the other one ends it.
        m->window.filesDropped({QString::fromStdString(other.string())});
        QTRY_VERIFY_WITH_TIMEOUT(mark() == nullptr, patience);
        QTRY_COMPARE_WITH_TIMEOUT(ApiScript(url, certificate, s("rd_none")).get(), 0, patience);
    }
};

QTEST_MAIN(ApiJourneys)
#include "tst_journeys_api.moc"
