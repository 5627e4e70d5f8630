#include "app/console_operators.h"

#include "core/base/text.h"
#include "core/directory/directory.h"

#include "app/console_operator_words.h"
#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/pages/lock_page.h"
#include "ui/pages/sign_in_form.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace riskdesk {
namespace {

using theme::Icon;

struct Entered
{
    pages::SignedIn signedIn;
    pages::Acting acting;
};

// A right passphrase is good for a file that can only be read too.
Result<Entered> enter(store::Connection &db, const Clock &clock, const std::string &name,
                      std::string_view passphrase)
{
    const auto all = action::operators(db);
    if (!all)
        return tl::unexpected(all.error());
    const auto wanted = foldCase(trim(name));
    const auto found =
        std::ranges::find_if(*all, [&](const auto &one) { return foldCase(one.name) == wanted; });
    // Core's words for these are those of the command line.
    if (found == all->end())
        return fail(
            Code::NotAllowed, name,
            sentenceWith(ConsoleOperators::tr("There is no operator \"%1\" in this directory."), name));
    if (found->account)
        return fail(
            Code::NotAllowed, name,
            sentenceWith(ConsoleOperators::tr("\"%1\" has no passphrase: a desktop account vouches for "
                                              "them."),
                         found->name));
    action::Asking asking;
    asking.name = found->name;
    asking.passphrase = passphrase;
    asking.via = "console";
    if (auto who = action::whoIsIt(db, clock, asking); !who)
        return tl::unexpected(who.error());
    Entered entered{*found, {}};
    auto acting = pages::readActing(db, clock, entered.signedIn);
    if (!acting)
        return tl::unexpected(acting.error());
    if (!acting->who)
        return fail(Code::NotAllowed, name,
                    sentenceWith(ConsoleOperators::tr("\"%1\" was removed meanwhile."), name));
    entered.acting = std::move(*acting);
    return entered;
}

} // namespace

ConsoleOperators::ConsoleOperators(pages::Context &context, window::MainWindow &window)
    : m_context(context)
    , m_window(window)
    , m_lock(context.clock, window)
{
    connect(&m_lock, &ConsoleLock::idle, this, &ConsoleOperators::lock);
    // What was heard of the store while it ran was left aside.
    connect(&m_worker, &jobs::Writer::finished, this, &ConsoleOperators::storeChanged);
    apply({});
}

ConsoleOperators::~ConsoleOperators()
{
    delete m_sheet;
    delete m_signIn;
}

void ConsoleOperators::opened(const pages::Acting &acting)
{
    delete m_sheet; // the other directory's
    delete m_signIn;
    take({}, acting, false);
    if (m_lock.holds())
        showLockPage();
}

void ConsoleOperators::closed()
{
    m_reading.cancel();
    m_lock.release(false);
    delete m_sheet;
    delete m_signIn;
    take({}, {}, false);
}

void ConsoleOperators::setUnchangeable(const QString &why)
{
    m_unchangeable = why;
    apply(m_acting);
}

// What was decided before was decided by another one; taking it back begins with asking.
void ConsoleOperators::take(const pages::SignedIn &signedIn, const pages::Acting &acting, bool byAnother)
{
    if (byAnother) {
        m_context.decided.clear();
        m_context.takenBack.clear();
    }
    m_context.signedIn = signedIn;
    apply(acting);
}

void ConsoleOperators::apply(const pages::Acting &acting)
{
    const auto before = std::exchange(m_context.who, acting.who);
    const auto refusal = std::exchange(m_context.refusal, {});
    m_acting = acting;
    m_context.refusal = refusalNow();
    m_lock.setIdleAfter(m_context.signedIn ? acting.lockAfter : std::chrono::minutes(0));
    const auto desk = models::text(desktopAccount());
    if (m_context.file.empty() || m_context.who)
        m_window.topBar().setOperator(m_context.who ? models::shown(m_context.who->name) : desk,
                                      m_context.who ? roleWord(m_context.who->role) : QString());
    else
        m_window.topBar().setOperator(desk, tr("Not an operator"));
    fillSheet();
    // The store changes with each decision, who acts seldom.
    const bool same = before.has_value() == acting.who.has_value() &&
                      (!before || (before->name == acting.who->name && before->role == acting.who->role));
    if (!same || refusal != m_context.refusal)
        Q_EMIT actingChanged();
}

QString ConsoleOperators::refusalNow() const
{
    if (!m_unchangeable.isEmpty())
        return m_unchangeable;
    if (m_context.file.empty())
        return {};
    if (!m_context.who)
        return tr("Your account \"%1\" is no operator of this directory: you can look, but not decide "
                  "or import. Ask an administrator to add it.")
            .arg(models::shown(desktopAccount()));
    if (!action::may(m_context.who->role, action::Permission::Decide))
        return tr("You are a reader of this directory: you can look, but not decide or import. Ask an "
                  "administrator for another role.");
    return {};
}

// By anybody: the command line, another console.
void ConsoleOperators::storeChanged()
{
    if (!m_context.readers || m_context.file.empty())
        return;
    m_reading = m_context.readers->ask(
        this, m_reading,
        [as = m_context.signedIn, &clock = m_context.clock](store::Connection &db, std::stop_token) {
            return pages::readActing(db, clock, as);
        },
        [this, as = m_context.signedIn](Result<pages::Acting> acting) {
            const bool sameOne = as.has_value() == m_context.signedIn.has_value() &&
                                 (!as || (as->id == m_context.signedIn->id &&
                                          as->passphrase == m_context.signedIn->passphrase));
            // What is being changed right now may be about who asks.
            if (!acting || !sameOne || m_worker.isBusy())
                return;
            if (m_context.signedIn && !acting->who) {
                const bool there = std::ranges::find(acting->named, as->id, &action::NamedOperator::id) !=
                                   acting->named.end();
                Q_EMIT told((there
                                 ? tr("\"%1\" has a new passphrase since and was signed out.")
                                 : tr("\"%1\" is no operator of this directory any more and was signed out."))
                                .arg(models::shown(m_context.signedIn->name)));
                signOut();
                return;
            }
            apply(*acting);
        });
}

bool ConsoleOperators::canSignIn() const
{
    return std::ranges::any_of(m_acting.named, [](const auto &one) { return !one.account; });
}

QString ConsoleOperators::mayNot() const
{
    if (m_context.file.empty())
        return tr("No directory is open.");
    if (!m_unchangeable.isEmpty())
        return m_unchangeable;
    if (!m_context.who)
        return m_context.refusal;
    const auto ok = action::allowed(m_context.who->role, action::Permission::Operators);
    return ok ? QString() : models::errorText(ok.error());
}

QList<widgets::Command> ConsoleOperators::commands() const
{
    const auto none = m_context.file.empty() ? tr("No directory is open.") : QString();
    QList<widgets::Command> list;
    list << widgets::Command{
        QStringLiteral("operators"), Icon::Person, tr("Operators…"), {}, mayNot(), false};
    list << widgets::Command{QStringLiteral("signIn"),
                             Icon::PersonCheck,
                             tr("Sign in as…"),
                             {},
                             !none.isEmpty() ? none
                             : canSignIn()   ? QString()
                                             : tr("No operator with a passphrase is named here."),
                             false};
    if (m_context.signedIn) {
        list << widgets::Command{QStringLiteral("ownPassphrase"),
                                 Icon::Key,
                                 tr("Change your passphrase…"),
                                 {},
                                 m_unchangeable,
                                 false};
        list << widgets::Command{QStringLiteral("signOut"), Icon::Signout, tr("Sign out"), {}, {}, false};
    }
    list << widgets::Command{QStringLiteral("lock"),         Icon::Lock, tr("Lock"),
                             QStringLiteral("Ctrl+Shift+K"), none,       false};
    return list;
}

void ConsoleOperators::run(const QString &command)
{
    if (command == QLatin1String("operators"))
        show();
    else if (command == QLatin1String("signIn"))
        signIn();
    else if (command == QLatin1String("ownPassphrase"))
        ownPassphrase();
    else if (command == QLatin1String("signOut"))
        signOut();
    else if (command == QLatin1String("lock"))
        lock();
}

// --- who acts

void ConsoleOperators::signIn()
{
    if (!canSignIn())
        return;
    if (!m_signIn) {
        m_signIn = new pages::SignInSheet(m_context.theme, &m_window);
        m_signIn->setAttribute(Qt::WA_DeleteOnClose);
        connect(&m_signIn->form(), &pages::SignInForm::given, this,
                [this](const QString &name, const QString &passphrase) {
                    check(m_signIn->form(), name, passphrase);
                });
    }
    m_signIn->show();
    m_signIn->raise();
    m_signIn->activateWindow();
    m_signIn->form().begin();
}

void ConsoleOperators::check(pages::SignInForm &form, const QString &name, const QString &passphrase)
{
    const bool started = m_worker.run(
        {}, this,
        [file = m_context.file, name = name.toStdString(), secret = secretOf(passphrase),
         &clock = m_context.clock](std::stop_token, const ProgressSink &) -> Result<Entered> {
            auto directory = run::Directory::open(file);
            if (directory)
                return enter(directory->connection(), clock, name, secret->reveal());
            if (directory.error().code != Code::ReadOnly)
                return tl::unexpected(directory.error());
            auto reader = store::openForReading(file);
            if (!reader)
                return tl::unexpected(reader.error());
            return enter(*reader, clock, name, secret->reveal());
        },
        [this, file = m_context.file, asked = QPointer<pages::SignInForm>(&form)](Result<Entered> entered) {
            // Given up meanwhile, or asked of another directory.
            if (!asked || file != m_context.file)
                return;
            if (!entered)
                asked->refuse(models::errorText(entered.error()));
            else
                signedIn(entered->signedIn, entered->acting);
        });
    if (!started)
        form.refuse(tr("An answer is still being waited for. Try again."));
}

void ConsoleOperators::signedIn(const pages::SignedIn &signedIn, const pages::Acting &acting)
{
    const bool same = m_context.signedIn && m_context.signedIn->id == signedIn->id;
    take(signedIn, acting, !same);
    if (m_lock.holds())
        m_lock.release(same);
    else if (!same)
        m_lock.closeSheets();
    delete m_signIn;
}

void ConsoleOperators::signOut()
{
    if (!m_context.signedIn)
        return;
    m_lock.closeSheets();
    // Nobody, until it is read what the account is here.
    auto acting = m_acting;
    acting.who.reset();
    take({}, acting, true);
    if (m_lock.holds())
        showLockPage();
    storeChanged();
}

void ConsoleOperators::lock()
{
    if (m_context.file.empty() || m_lock.holds())
        return;
    delete m_signIn; // its passphrase too
    showLockPage();
}

void ConsoleOperators::showLockPage()
{
    m_lockPage = new pages::LockPage(m_context.theme,
                                     m_context.signedIn ? models::text(m_context.signedIn->name) : QString(),
                                     canSignIn());
    connect(&m_lockPage->form(), &pages::SignInForm::given, this,
            [this](const QString &name, const QString &passphrase) {
                check(m_lockPage->form(), name, passphrase);
            });
    connect(m_lockPage, &pages::LockPage::showAgainAsked, this, [this] { m_lock.release(true); });
    connect(m_lockPage, &pages::LockPage::closeAsked, this, &ConsoleOperators::closeAsked);
    m_lock.hold(m_lockPage);
    m_lockPage->begin();
}

void ConsoleOperators::stayLocked(const QString &why)
{
    if (m_lockPage)
        m_lockPage->say(why);
}

} // namespace riskdesk
