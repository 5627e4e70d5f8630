// Who acts in the console: operators named in their sheet, signed in with a passphrase, and the window locked, by
// hand and by itself. What was done in whose name is read from the file.
#include "core/action/operators.h"
#include "core/directory/directory.h"
#include "core/ledger/audit.h"

#include "tests/ui/journeys.h"
#include "ui/pages/api_sheet.h"
#include "ui/pages/lock_page.h"
#include "ui/pages/operators_sheet.h"
#include "ui/pages/sign_in_form.h"
#include "ui/widgets/controls/file_dialog.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/segmented.h"
#include "ui/widgets/frame/top_bar.h"

#include <QLineEdit>
#include <QMenu>
#include <QTest>
#include <QTimer>

#include <atomic>

using namespace riskdesk;
using namespace riskdesk::test;
using action::Role;

namespace {

// Moved while threads of the console read it.
class MovingClock final : public Clock
{
public:
    [[nodiscard]] Timestamp now() const override { return {m_us}; }
    void advance(std::chrono::seconds by) { m_us += Microseconds(by).count(); }

private:
    std::atomic<std::int64_t> m_us = fixtureClock.now().us;
};

constexpr auto word = "correct horse", otherWord = "battery staple";

} // namespace

class OperatorJourneys : public QObject, Journeys
{
    Q_OBJECT

    std::unique_ptr<MovingClock> m_clock;
    std::filesystem::path m_file;

    // Operators that were there before, at the least that a passphrase may cost.
    void has(const char *name, Role role, const char *passphrase, const char *account = nullptr)
    {
        auto directory = run::Directory::open(m_file);
        QVERIFY(directory);
        action::Binding binding;
        if (account != nullptr)
            binding.account = account;
        else
            binding.passphrase = passphrase;
        const auto added = action::addOperator(directory->connection(), fixtureClock, {}, name, role, binding,
                                               action::PassphraseCost{1, 8192});
        QVERIFY2(added, added ? "" : added.error().detail.c_str());
    }
    void change(const std::string &sql)
    {
        auto connection = store::openForWriting(m_file);
        QVERIFY(connection && store::Statement(*connection, sql).run());
    }
    [[nodiscard]] static QString desk() { return QString::fromStdString(desktopAccount()); }
    // The directory, with whoever was named before.
    void openNamed()
    {
        m.reset();
        m = std::make_unique<ConsoleFixture>(*m_theme, m_file, *m_clock);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 5, patience);
        settled();
    }
    [[nodiscard]] QString acting() const { return m->window.topBar().operatorButton()->accessibleName(); }
    [[nodiscard]] QMenu *operatorMenu()
    {
        ConsoleFixture::click(*m->window.topBar().operatorButton());
        auto *menu = m->window.findChild<QMenu *>(s("operatorMenu"));
        return menu != nullptr && QTest::qWaitFor([menu] { return menu->isVisible(); }) ? menu : nullptr;
    }
    void choose(const char *entry)
    {
        auto *menu = operatorMenu();
        QVERIFY(menu != nullptr);
        auto *action = ConsoleFixture::entry(*menu, s(entry));
        QVERIFY2(action != nullptr, entry);
        ConsoleFixture::choose(*menu, action);
    }
    // Why an entry of the operator menu does nothing; empty: it does, or is not there.
    [[nodiscard]] QString reasonOf(const char *entry)
    {
        auto *menu = operatorMenu();
        auto *action = menu != nullptr ? ConsoleFixture::entry(*menu, s(entry)) : nullptr;
        const auto reason =
            action != nullptr && action->toolTip() != action->text() ? action->toolTip() : QString();
        if (menu != nullptr)
            menu->close();
        m->window.activateWindow();
        return QTest::qWaitForWindowActive(&m->window) ? reason : s("the window does not become active");
    }
    [[nodiscard]] pages::OperatorsSheet &operators() const
    {
        return ConsoleFixture::part<pages::OperatorsSheet>(m->window, "operatorsSheet");
    }
    template <typename T>
    [[nodiscard]] T &in(const char *name) const
    {
        return ConsoleFixture::part<T>(operators(), name);
    }
    [[nodiscard]] QString problem(const char *name) const
    {
        const auto &label = in<widgets::Label>(name);
        return label.isVisible() ? label.text() : QString();
    }
    [[nodiscard]] QString said() const { return in<widgets::Label>("said").text(); }
    [[nodiscard]] QString cell(int row, int column) const
    {
        return in<widgets::TableView>("operatorTable").model()->index(row, column).data().toString();
    }
    [[nodiscard]] pages::LockPage *lockPage() const
    {
        auto *page = m->window.findChild<pages::LockPage *>();
        return page != nullptr && page->isVisible() ? page : nullptr;
    }
    void signInOn(QWidget &of, const char *name, const char *passphrase)
    {
        auto &who = ConsoleFixture::part<QLineEdit>(of, "signInName");
        who.setFocus();
        who.selectAll();
        ConsoleFixture::type(s(name));
        ConsoleFixture::part<QLineEdit>(of, "signInPassphrase").setFocus();
        ConsoleFixture::type(s(passphrase));
        ConsoleFixture::key(Qt::Key_Return);
    }
    [[nodiscard]] static QString answer(QWidget &of)
    {
        const auto &label = ConsoleFixture::part<widgets::Label>(of, "signInProblem");
        return label.isVisible() ? label.text() : QString();
    }
    void waitForSignIn()
    {
        QTRY_VERIFY(m->window.findChild<pages::SignInSheet *>() != nullptr);
        QVERIFY(QTest::qWaitForWindowActive(m->window.findChild<pages::SignInSheet *>()));
    }
    void signIn(const char *name, const char *passphrase)
    {
        choose("Sign in as");
        waitForSignIn();
        signInOn(*m->window.findChild<pages::SignInSheet *>(), name, passphrase);
        QTRY_VERIFY_WITH_TIMEOUT(m->window.findChild<pages::SignInSheet *>() == nullptr, patience);
        QVERIFY2(acting().contains(s(name)), qPrintable(acting()));
        m->window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&m->window));
    }
    void lockByKey()
    {
        QTest::keyClick(&m->window, Qt::Key_K, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(lockPage() != nullptr);
    }
    // The idle timer, at once instead of after some seconds.
    void look()
    {
        auto *timer = m->window.findChild<QTimer *>(s("idleTimer"));
        QVERIFY(timer != nullptr);
        if (!timer->isActive())
            return;
        QSignalSpy looked(timer, &QTimer::timeout);
        timer->start(0);
        QVERIFY(looked.wait());
        timer->start(5'000);
    }
    [[nodiscard]] std::int64_t decisions() const { return m->number("SELECT count(*) FROM command"); }
    [[nodiscard]] QString lastActor(const char *action) const
    {
        return m->text("SELECT actor FROM audit WHERE action = '" + std::string(action) +
                       "' ORDER BY id DESC LIMIT 1");
    }
    void dismissFirst()
    {
        m->clickRow(0);
        settled();
        const auto before = decisions();
        ConsoleFixture::key(Qt::Key_D, Qt::ControlModifier);
        QTRY_VERIFY(sheet() != nullptr);
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(decisions(), before + 1, patience);
        settled();
    }

private Q_SLOTS:
    void initTestCase() { begin(); }
    void init()
    {
        m_home->clear();
        m_clock = std::make_unique<MovingClock>();
        m_file = m_home->copy();
    }
    void cleanup() { m.reset(); }
    void cleanupTestCase() { end(); }

    // By keyboard alone: the first one, with a passphrase.
    void theFirstOneIsNamed()
    {
        openNamed();
        QCOMPARE(acting(), s("Operator %1, Administrator").arg(desk()));
        QCOMPARE(reasonOf("Sign in as"), s("No operator with a passphrase is named here."));
        QTest::keyClick(&m->window, Qt::Key_K, Qt::ControlModifier);
        ConsoleFixture::type(s(">operators"));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY(m->window.findChild<pages::OperatorsSheet *>() != nullptr);
        QVERIFY(QTest::qWaitForWindowActive(&operators()));
        QVERIFY(in<widgets::EmptyState>(nullptr).isVisible());
        picture("operators-none", &operators());
        QTRY_VERIFY(in<QPushButton>("addOperator").hasFocus());
        ConsoleFixture::key(Qt::Key_Return);
        QVERIFY(in<QLineEdit>("operatorName").hasFocus());
        QVERIFY(in<QWidget>("firstNote").isVisible());
        ConsoleFixture::type(s("Bea"));
        ConsoleFixture::key(Qt::Key_Return);
        QCOMPARE(problem("accountProblem"), s("Type the account, or choose a passphrase."));
        // Role, known by.
        ConsoleFixture::key(Qt::Key_Tab, Qt::ShiftModifier);
        ConsoleFixture::key(Qt::Key_Right);
        QVERIFY(in<QLineEdit>("operatorPassphrase").isVisible());
        ConsoleFixture::key(Qt::Key_Tab);
        QVERIFY(in<QLineEdit>("operatorPassphrase").hasFocus());
        ConsoleFixture::type(s("short"));
        ConsoleFixture::key(Qt::Key_Tab);
        ConsoleFixture::type(s("shirt"));
        ConsoleFixture::key(Qt::Key_Return);
        QCOMPARE(problem("passphraseProblem"), s("The two passphrases differ."));
        in<QLineEdit>("operatorPassphraseAgain").selectAll();
        ConsoleFixture::type(s("short"));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(problem("passphraseProblem"), s("A passphrase has at least 8 characters."),
                                  patience);
        QCOMPARE(in<QLineEdit>("operatorName").text(), s("Bea")); // nothing typed is lost
        QCOMPARE(in<QLineEdit>("operatorPassphrase").text(), s("short"));
        picture("operators-form", &operators());
        QCOMPARE(m->number("SELECT count(*) FROM operator"), 0);
        in<QLineEdit>("operatorPassphrase").selectAll();
        ConsoleFixture::type(s(word));
        ConsoleFixture::key(Qt::Key_Tab);
        ConsoleFixture::type(s(word));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(said().startsWith(s("\"Bea\" is named. Your own account is")), patience);
        QCOMPARE(in<QLineEdit>("operatorPassphrase").text(), QString());
        QCOMPARE(in<QLineEdit>("operatorPassphraseAgain").text(), QString());
        QTRY_COMPARE_WITH_TIMEOUT(in<widgets::TableView>("operatorTable").model()->rowCount(), 2, patience);
        QCOMPARE(m->text("SELECT role FROM operator WHERE name = 'Bea'"), s("operator"));
        QCOMPARE(m->text("SELECT role FROM operator WHERE account IS NOT NULL"), s("administrator"));
        QTRY_COMPARE(cell(0, 0), s("Bea"));
        QCOMPARE(cell(0, 1), s("Operator"));
        QCOMPARE(cell(0, 2), s("Passphrase"));
        QCOMPARE(cell(0, 4), desk());
        picture("operators-list", &operators());
        ConsoleFixture::key(Qt::Key_Escape);
        QTRY_VERIFY(m->window.findChild<pages::OperatorsSheet *>() == nullptr);
        QVERIFY(reasonOf("Sign in as").isEmpty());
    }

    void rolesPassphrasesAndRemovals()
    {
        has("Bea", Role::Operator, word);
        openNamed();
        choose("Operators");
        QVERIFY(QTest::qWaitForWindowActive(&operators()));
        auto &table = in<widgets::TableView>("operatorTable");
        QTRY_COMPARE(table.model()->rowCount(), 2);
        const int own = cell(0, 0) == s("Bea") ? 1 : 0;
        // The last administrator stays.
        table.setCurrentRow(own);
        QVERIFY(!in<widgets::CommandButton>("changePassphrase").isAllowed());
        ConsoleFixture::click(in<QPushButton>("changeRole"));
        auto &role = in<widgets::SegmentedControl>("operatorRole");
        QCOMPARE(role.current(), 2);
        ConsoleFixture::click(role, {20, role.height() / 2});
        QCOMPARE(role.current(), 0);
        ConsoleFixture::click(in<QPushButton>("commitOperator"));
        QTRY_VERIFY_WITH_TIMEOUT(problem("roleProblem").contains(s("is the last administrator")), patience);
        QCOMPARE(role.current(), 0);
        ConsoleFixture::key(Qt::Key_Escape);
        ConsoleFixture::click(in<QPushButton>("removeOperator"));
        QTRY_VERIFY(sheet() != nullptr);
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(said().contains(s("is the last administrator")), patience);
        // Bea may do more, has another passphrase, and is removed.
        table.setCurrentRow(1 - own);
        ConsoleFixture::click(in<QPushButton>("changeRole"));
        ConsoleFixture::click(role, {role.width() - 20, role.height() / 2});
        ConsoleFixture::click(in<QPushButton>("commitOperator"));
        QTRY_COMPARE_WITH_TIMEOUT(said(), s("\"Bea\" is Administrator from now on."), patience);
        QCOMPARE(m->text("SELECT role FROM operator WHERE name = 'Bea'"), s("administrator"));
        const auto before = m->text("SELECT passphrase FROM operator WHERE name = 'Bea'");
        ConsoleFixture::click(in<QPushButton>("changePassphrase"));
        ConsoleFixture::type(s(otherWord));
        ConsoleFixture::key(Qt::Key_Tab);
        ConsoleFixture::type(s(otherWord));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(said().startsWith(s("\"Bea\" has a new passphrase")), patience);
        QVERIFY(m->text("SELECT passphrase FROM operator WHERE name = 'Bea'") != before);
        QCOMPARE(in<QLineEdit>("operatorPassphrase").text(), QString());
        // A name that is taken is refused beside it.
        ConsoleFixture::click(in<QPushButton>("addOperator"));
        ConsoleFixture::type(s("bea"));
        in<QLineEdit>("operatorAccount").setFocus();
        ConsoleFixture::type(s("carl"));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(problem("nameProblem").contains(s("choose another one")), patience);
        QCOMPARE(in<QLineEdit>("operatorAccount").text(), s("carl"));
        ConsoleFixture::key(Qt::Key_Escape);
        table.setFocus();
        table.setCurrentRow(1 - own);
        ConsoleFixture::key(Qt::Key_Delete);
        QTRY_VERIFY(sheet() != nullptr);
        ConsoleFixture::key(Qt::Key_Escape); // thought better of it
        QTRY_VERIFY(sheet() == nullptr);
        QCOMPARE(m->number("SELECT count(*) FROM operator"), 2);
        ConsoleFixture::key(Qt::Key_Delete);
        QTRY_VERIFY(sheet() != nullptr);
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(said(), s("\"Bea\" may not act here any more."), patience);
        QCOMPARE(m->number("SELECT count(*) FROM operator"), 1);
    }

    // A reader at the desk; an administrator signs in, acts and signs out.
    void anotherOneActs()
    {
        has("Ada", Role::Administrator, word);
        change("UPDATE operator SET role = 'reader' WHERE account IS NOT NULL");
        openNamed();
        QCOMPARE(acting(), s("Operator %1, Reader").arg(desk()));
        QVERIFY(reasonOf("Operators").contains(s("needs the Administrator role. You are Reader.")));
        m->clickRow(0);
        settled();
        ConsoleFixture::key(Qt::Key_D, Qt::ControlModifier);
        QTRY_VERIFY2(m->feedback().startsWith(s("You are a reader")), qPrintable(m->feedback()));
        QVERIFY(sheet() == nullptr);
        QCOMPARE(decisions(), 0);

        signIn("Ada", word);
        QCOMPARE(acting(), s("Operator Ada, Administrator"));
        QVERIFY(reasonOf("Operators").isEmpty());
        dismissFirst();
        QCOMPARE(m->text("SELECT actor FROM command ORDER BY id DESC LIMIT 1"), s("Ada"));
        const auto log = m_home->log("more.json", 20, 5);
        const auto imports = m->number("SELECT count(*) FROM audit WHERE action = 'import'");
        m->console.take({log});
        QTRY_COMPARE_WITH_TIMEOUT(m->number("SELECT count(*) FROM audit WHERE action = 'import'"),
                                  imports + 1, patience);
        QCOMPARE(lastActor("import"), s("Ada"));
        settled();

        // A token is made in her name too, and its sheet goes with her.
        QTest::keyClick(&m->window, Qt::Key_K, Qt::ControlModifier);
        ConsoleFixture::type(s(">api"));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY(m->window.findChild<pages::ApiSheet *>() != nullptr);
        auto *api = m->window.findChild<pages::ApiSheet *>();
        QVERIFY(QTest::qWaitForWindowActive(api));
        ConsoleFixture::click(ConsoleFixture::part<QPushButton>(*api, "newToken"));
        ConsoleFixture::type(s("siem"));
        ConsoleFixture::key(Qt::Key_Tab);
        ConsoleFixture::key(Qt::Key_Space);
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(lastActor("tokenCreate"), s("Ada"), patience);
        QTRY_VERIFY_WITH_TIMEOUT(ConsoleFixture::part<QPushButton>(*api, "secretCopy").isVisible(), patience);
        m->window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&m->window));

        choose("Sign out");
        QTRY_VERIFY(m->window.findChild<pages::ApiSheet *>() == nullptr);
        QTRY_COMPARE_WITH_TIMEOUT(acting(), s("Operator %1, Reader").arg(desk()), patience);
        m->window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&m->window));
        const auto made = decisions();
        ConsoleFixture::key(Qt::Key_Z, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(!m->feedback().isEmpty(), patience);
        QCOMPARE(decisions(), made); // the one before decided it
    }

    // Operators do not block; said before it is asked for.
    void rolesRefuseByCommand()
    {
        has("Bea", Role::Operator, word);
        openNamed();
        signIn("Bea", word);
        m->clickRow(0);
        settled();
        ConsoleFixture::key(Qt::Key_B, Qt::ControlModifier);
        QTRY_VERIFY2(m->feedback().contains(s("needs the Administrator role. You are Operator.")),
                     qPrintable(m->feedback()));
        QVERIFY(sheet() == nullptr);
        // Nor do they import; nobody looks for a file in vain.
        const auto why = s("Importing needs the Administrator role. You are Operator.");
        ConsoleFixture::click(*m->window.topBar().directoryButton());
        auto *menu = m->window.findChild<QMenu *>(s("directoryMenu"));
        QTRY_VERIFY(menu != nullptr && menu->isVisible());
        for (const char *entry : {"Import sign-in logs", "Undo the newest import"}) {
            const auto *action = ConsoleFixture::entry(*menu, s(entry));
            QVERIFY(!action->isEnabled());
            QCOMPARE(action->toolTip(), why);
        }
        picture("operators-role_import_menu", menu);
        menu->close();
        m->window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&m->window));
        bool asked = false;
        widgets::FileDialog::setAnswer([&](const widgets::FileQuestion &) {
            asked = true;
            return QStringList();
        });
        ConsoleFixture::key(Qt::Key_I, Qt::ControlModifier);
        QTRY_COMPARE(m->window.message().text(), why);
        widgets::FileDialog::setAnswer({});
        QVERIFY(!asked);
        dismissFirst();
        QCOMPARE(m->text("SELECT actor FROM command ORDER BY id DESC LIMIT 1"), s("Bea"));
        // One's own passphrase is everybody's to change.
        choose("Change your passphrase");
        QVERIFY(QTest::qWaitForWindowActive(&operators()));
        ConsoleFixture::type(s(otherWord));
        ConsoleFixture::key(Qt::Key_Tab);
        ConsoleFixture::type(s(otherWord));
        const auto before = m->text("SELECT passphrase FROM operator WHERE name = 'Bea'");
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(m->text("SELECT passphrase FROM operator WHERE name = 'Bea'") != before,
                                 patience);
        QTRY_VERIFY(m->window.findChild<pages::OperatorsSheet *>() == nullptr);
        // She is who she was.
        m->window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&m->window));
        dismissFirst();
        QCOMPARE(acting(), s("Operator Bea, Operator"));
        QCOMPARE(m->text("SELECT actor FROM command ORDER BY id DESC LIMIT 1"), s("Bea"));
        // When somebody else changes it, whoever came in with the one before is out.
        {
            auto directory = run::Directory::open(m_file);
            QVERIFY(directory);
            QVERIFY(action::changePassphrase(directory->connection(), fixtureClock,
                                             {"ana", Role::Administrator, "command line", "desk"}, "Bea",
                                             word, action::PassphraseCost{1, 8192}));
        }
        const auto &bar = m->window.message();
        QTRY_VERIFY_WITH_TIMEOUT(
            bar.isVisible() &&
                bar.text().contains(s("\"Bea\" has a new passphrase since and was signed out.")),
            patience);
        QTRY_COMPARE_WITH_TIMEOUT(acting(), s("Operator %1, Administrator").arg(desk()), patience);
    }

    void wrongAndTooEarly()
    {
        has("Ada", Role::Administrator, word);
        openNamed();
        choose("Sign in as");
        waitForSignIn();
        auto &of = *m->window.findChild<pages::SignInSheet *>();
        const auto &passphrase = ConsoleFixture::part<QLineEdit>(of, "signInPassphrase");
        signInOn(of, "Nobody", word);
        QTRY_COMPARE_WITH_TIMEOUT(answer(of), s("There is no operator \"Nobody\" in this directory."),
                                  patience);
        signInOn(of, qPrintable(desk()), word);
        QTRY_VERIFY_WITH_TIMEOUT(answer(of).contains(s("has no passphrase")), patience);
        signInOn(of, "Ada", "wrong horse");
        QTRY_COMPARE_WITH_TIMEOUT(
            answer(of), s("The passphrase of \"Ada\" is wrong. The next one is looked at in 1 s."), patience);
        QCOMPARE(passphrase.text(), QString());
        QVERIFY(passphrase.hasFocus());
        picture("operators-sign-in", &of);
        QCOMPARE(m->number("SELECT count(*) FROM audit WHERE action = 'operatorWrongPassphrase'"), 1);
        signInOn(of, "Ada", word);
        QTRY_COMPARE_WITH_TIMEOUT(
            answer(of), s("The last passphrase of \"Ada\" was wrong. Wait 1 s, then try again."), patience);
        QCOMPARE(acting(), s("Operator %1, Administrator").arg(desk()));
        m_clock->advance(std::chrono::seconds(2));
        signInOn(of, "Ada", word);
        QTRY_COMPARE_WITH_TIMEOUT(acting(), s("Operator Ada, Administrator"), patience);
    }

    void theDeskIsNoOperator()
    {
        has("Ada", Role::Administrator, word);
        change("DELETE FROM operator WHERE account IS NOT NULL");
        openNamed();
        QVERIFY(acting().endsWith(s("Not an operator")));
        auto &bar = m->window.message();
        QVERIFY(bar.isVisible() && bar.text().contains(s("is no operator of this directory")));
        ConsoleFixture::click(*ConsoleFixture::withText<QPushButton>(bar, s("Sign in as…")));
        waitForSignIn();
        signInOn(*m->window.findChild<pages::SignInSheet *>(), "ada", word);
        QTRY_COMPARE_WITH_TIMEOUT(acting(), s("Operator Ada, Administrator"), patience);
        QTRY_VERIFY(!bar.isVisible());
        // Removed by somebody else: signed out, and said.
        change("DELETE FROM operator");
        QTRY_VERIFY_WITH_TIMEOUT(bar.isVisible() && bar.text().contains(s("was signed out")), patience);
        QTRY_COMPARE_WITH_TIMEOUT(acting(), s("Operator %1, Administrator").arg(desk()), patience);
    }

    // The desktop account hides the window and shows it again.
    void lockedByHand()
    {
        openNamed();
        m->clickRow(0);
        settled();
        const auto title = m->window.windowTitle();
        ConsoleFixture::key(Qt::Key_Return, Qt::ControlModifier); // the details in their own window
        QTRY_VERIFY(QApplication::topLevelWidgets().size() > 1);
        const auto open = [this] {
            QList<QWidget *> list;
            for (auto *top : QApplication::topLevelWidgets())
                if (top != &m->window && top->isVisible())
                    list << top;
            return list;
        };
        QTRY_COMPARE(open().size(), 1);
        auto *details = open().first();
        m->window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&m->window));
        // A question is open meanwhile; nobody answers it.
        ConsoleFixture::key(Qt::Key_D, Qt::ControlModifier);
        QTRY_VERIFY(sheet() != nullptr);
        QTest::keyClick(&m->window, Qt::Key_K, Qt::ControlModifier | Qt::ShiftModifier);
        if (lockPage() == nullptr) { // the question had the keys
            ConsoleFixture::key(Qt::Key_Escape);
            lockByKey();
        }
        QVERIFY(QApplication::activePopupWidget() == nullptr);
        QCOMPARE(open().size(), 0);
        QVERIFY(!details->isVisible());
        QCOMPARE(m->window.windowTitle(), s("Locked – Riskdesk"));
        for (QWidget *part :
             {static_cast<QWidget *>(&m->window.topBar()), static_cast<QWidget *>(&m->table()),
              static_cast<QWidget *>(&m->window.facts()), static_cast<QWidget *>(&m->pane())})
            QVERIFY(!part->isVisible());
        QVERIFY(!m->window.acceptDrops());
        picture("operators-lock-desk");
        // Keys reach nothing behind it.
        QVERIFY(QTest::qWaitForWindowActive(&m->window));
        auto &again = ConsoleFixture::part<QPushButton>(*lockPage(), "showAgain");
        QVERIFY(again.hasFocus());
        const auto place = m->window.currentPage();
        const auto reachesNothing = [&](Qt::Key key, Qt::KeyboardModifiers modifiers) {
            ConsoleFixture::key(key, modifiers);
            QCoreApplication::processEvents();
            return QApplication::activePopupWidget() == nullptr && open().isEmpty() &&
                   m->window.currentPage() == place;
        };
        for (const auto key : {Qt::Key_D, Qt::Key_B, Qt::Key_K, Qt::Key_1, Qt::Key_Z, Qt::Key_F, Qt::Key_O,
                               Qt::Key_I, Qt::Key_Slash})
            QVERIFY2(reachesNothing(key, Qt::ControlModifier), qPrintable(QString::number(key)));
        for (const auto key : {Qt::Key_F1, Qt::Key_F6, Qt::Key_Down, Qt::Key_Menu, Qt::Key_Escape})
            QVERIFY2(reachesNothing(key, {}), qPrintable(QString::number(key)));
        for (int i = 0; i < 6; ++i) {
            ConsoleFixture::key(Qt::Key_Tab);
            QVERIFY(lockPage()->isAncestorOf(m->window.focusWidget()));
        }
        QCOMPARE(decisions(), 0);
        again.setFocus();
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY(lockPage() == nullptr);
        QCOMPARE(m->window.windowTitle(), title);
        QVERIFY(m->table().isVisible() && details->isVisible());
        QVERIFY(m->window.acceptDrops());
        m->window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&m->window));
        ConsoleFixture::key(Qt::Key_2, Qt::ControlModifier);
        ConsoleFixture::key(Qt::Key_3, Qt::ControlModifier); // keys are back
        QCOMPARE(m->window.currentPage(), m->window.page(s("detections")));
    }

    // Nothing that is said behind the lock is given to a screen reader before the lock goes.
    void nothingIsToldBehindTheLock()
    {
        openNamed();
        auto &message = m->window.message();
        message.setMessage(widgets::MessageBar::Kind::Info, s("Before"));
        QCOMPARE(message.accessibleDescription(), s("Before"));
        lockByKey();
        message.setMessage(widgets::MessageBar::Kind::Error, s("Somebody was blocked."));
        QCOMPARE(message.accessibleDescription(), s("Before"));
        ConsoleFixture::part<QPushButton>(*lockPage(), "showAgain").setFocus();
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY(lockPage() == nullptr);
        QTRY_COMPARE(message.accessibleDescription(), s("Somebody was blocked."));
    }

    void lockedByItself()
    {
        has("Ada", Role::Administrator, word);
        has("Bea", Role::Operator, otherWord);
        openNamed();
        m_clock->advance(std::chrono::hours(10)); // a desktop account locks with its own screen
        look();
        QVERIFY(lockPage() == nullptr);
        signIn("Ada", word);
        m_clock->advance(std::chrono::minutes(14));
        look();
        QVERIFY(lockPage() == nullptr);
        ConsoleFixture::key(Qt::Key_Down); // somebody is there
        m_clock->advance(std::chrono::minutes(14));
        look();
        QVERIFY(lockPage() == nullptr);
        // The work of before goes on behind it.
        const auto log = m_home->log("more.json", 20, 5);
        const std::string runs = "SELECT count(*) FROM import_run WHERE outcome = 'done'";
        const auto before = m->number(runs);
        m->console.take({log});
        m_clock->advance(std::chrono::minutes(1));
        look();
        QVERIFY(lockPage() != nullptr);
        QTRY_COMPARE_WITH_TIMEOUT(m->number(runs), before + 1, patience);
        picture("operators-lock-passphrase");

        auto *page = lockPage();
        QVERIFY(ConsoleFixture::part<QLineEdit>(*page, "signInPassphrase").hasFocus());
        QVERIFY(page->findChild<QPushButton *>(s("showAgain")) == nullptr);
        ConsoleFixture::type(s("wrong horse"));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(answer(*page).contains(s("is wrong")), patience);
        QCOMPARE(ConsoleFixture::part<QLineEdit>(*page, "signInPassphrase").text(), QString());
        ConsoleFixture::type(s(word));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(answer(*page).contains(s("Wait 1 s")), patience);
        QVERIFY(lockPage() != nullptr);
        // The desktop account has no passphrase and opens nothing.
        signInOn(*page, qPrintable(desk()), word);
        QTRY_VERIFY_WITH_TIMEOUT(answer(*page).contains(s("has no passphrase")), patience);
        m_clock->advance(std::chrono::seconds(2));
        signInOn(*page, "Ada", word);
        QTRY_VERIFY_WITH_TIMEOUT(lockPage() == nullptr, patience);
        QCOMPARE(acting(), s("Operator Ada, Administrator"));
    }

    // Another one takes over at the lock: sheets and the way back of the one before are gone.
    void anotherOneUnlocks()
    {
        has("Ada", Role::Administrator, word);
        has("Bea", Role::Operator, otherWord);
        openNamed();
        signIn("Ada", word);
        dismissFirst();
        choose("Operators");
        QVERIFY(QTest::qWaitForWindowActive(&operators()));
        ConsoleFixture::click(in<QPushButton>("addOperator"));
        in<QLineEdit>("operatorPassphrase").setText(s("typed and left"));
        m_clock->advance(std::chrono::minutes(15));
        look();
        QVERIFY(lockPage() != nullptr);
        QVERIFY(!operators().isVisible());
        QCOMPARE(in<QLineEdit>("operatorPassphrase").text(), QString());
        QVERIFY(QTest::qWaitForWindowActive(&m->window));
        // What would open meanwhile stays away.
        QWidget late(nullptr, Qt::Window);
        late.show();
        QTRY_VERIFY(!late.isVisible());
        signInOn(*lockPage(), "Bea", otherWord);
        QTRY_VERIFY_WITH_TIMEOUT(lockPage() == nullptr, patience);
        QCOMPARE(acting(), s("Operator Bea, Operator"));
        QTRY_VERIFY(m->window.findChild<pages::OperatorsSheet *>() == nullptr);
        QVERIFY(late.isVisible());
        late.close();
        m->window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&m->window));
        const auto made = decisions();
        QVERIFY(m->feedback().isEmpty());
        ConsoleFixture::key(Qt::Key_Z, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(!m->feedback().isEmpty(), patience);
        QCOMPARE(decisions(), made);
        dismissFirst();
        QCOMPARE(m->text("SELECT actor FROM command ORDER BY id DESC LIMIT 1"), s("Bea"));
    }

    void theSettingSaysWhen()
    {
        has("Ada", Role::Administrator, word);
        change("INSERT INTO setting (key, value) VALUES ('console.lockAfterMinutes', '3')");
        openNamed();
        signIn("Ada", word);
        m_clock->advance(std::chrono::minutes(3));
        look();
        QVERIFY(lockPage() != nullptr);
        signInOn(*lockPage(), "Ada", word);
        QTRY_VERIFY_WITH_TIMEOUT(lockPage() == nullptr, patience);
        change("UPDATE setting SET value = '0' WHERE key = 'console.lockAfterMinutes'");
        auto *timer = m->window.findChild<QTimer *>(s("idleTimer"));
        QVERIFY(timer != nullptr);
        QTRY_VERIFY_WITH_TIMEOUT(!timer->isActive(), patience);
        m_clock->advance(std::chrono::hours(100));
        look();
        QVERIFY(lockPage() == nullptr);
    }

    void closedAtTheLock()
    {
        has("Ada", Role::Administrator, word);
        openNamed();
        signIn("Ada", word);
        lockByKey();
        ConsoleFixture::click(ConsoleFixture::part<QPushButton>(*lockPage(), "closeDirectory"));
        QTRY_VERIFY(lockPage() == nullptr);
        auto *first = m->window.findChild<QWidget *>(s("firstRun"));
        QVERIFY(first != nullptr && first->isVisible());
        QCOMPARE(m->model().rowCount(), 0);
        QVERIFY(!m->table().isVisible());
        QCOMPARE(m->window.topBar().directory(), QString());
        QCOMPARE(reasonOf("Lock"), s("No directory is open."));
        ConsoleFixture::key(Qt::Key_U, Qt::ControlModifier); // keys of the window do no harm
        ConsoleFixture::key(Qt::Key_F5);
        // Opened again it is the desktop account's.
        m->window.filesDropped({QString::fromStdString(m_file.string())});
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 5, patience);
        QCOMPARE(acting(), s("Operator %1, Administrator").arg(desk()));
    }
};

QTEST_MAIN(OperatorJourneys)
#include "tst_journeys_operators.moc"
