// ConsoleOperators: who acts in this console, and the sheet that names operators.
//
// The desktop account acts, as far as the directory knows it, until somebody signs in with a passphrase; that
// holds until they sign out, another directory opens or they are removed. The context holds who it is, so that
// all that is done asks for the same one. The window can be locked: by hand, and by itself after a while where a
// passphrase opens it again.
//
// Passphrases are looked at on a thread of its own: Argon2id takes most of a second and 256 MiB. GUI thread.
#pragma once

#include "core/connect/secret.h"

#include "app/console_lock.h"
#include "ui/jobs/writer.h"
#include "ui/pages/acting.h"
#include "ui/pages/context.h"
#include "ui/pages/operators_sheet.h"
#include "ui/widgets/controls/command_bar.h"
#include "ui/window/main_window.h"

#include <QObject>
#include <QPointer>

#include <functional>
#include <vector>

namespace riskdesk::pages {
class LockPage;
class SignInForm;
class SignInSheet;
} // namespace riskdesk::pages

namespace riskdesk {

class ConsoleOperators : public QObject
{
    Q_OBJECT
public:
    ConsoleOperators(pages::Context &context, window::MainWindow &window);
    ~ConsoleOperators() override;

    // Another directory is open; who acts in it has just been read.
    void opened(const pages::Acting &acting);
    void closed(); // none is open
    void storeChanged();

    // Of the operator menu, and what they do.
    [[nodiscard]] QList<widgets::Command> commands() const;
    void run(const QString &command);
    void signIn(); // the sheet
    void lock();
    [[nodiscard]] bool canSignIn() const; // somebody has a passphrase
    // The file cannot be changed, or is lost: why. It goes before what a role does not allow.
    void setUnchangeable(const QString &why);
    void stayLocked(const QString &why); // the directory cannot be closed now

Q_SIGNALS:
    void actingChanged();
    void changed(); // the store
    void closeAsked();
    void told(const QString &sentence);

private:
    void show();
    void ownPassphrase();
    void makeSheet();
    void fillSheet();
    void signOut();
    void take(const pages::SignedIn &signedIn, const pages::Acting &acting, bool byAnother);
    void apply(const pages::Acting &acting);
    void check(pages::SignInForm &form, const QString &name, const QString &passphrase);
    void signedIn(const pages::SignedIn &signedIn, const pages::Acting &acting);
    [[nodiscard]] QString refusalNow() const;
    [[nodiscard]] QString mayNot() const; // change operators
    struct Changed
    {
        std::string said;                             // by the sheet
        std::optional<action::NamedOperator> renewed; // whoever has a new passphrase
    };
    using Change =
        std::function<Result<Changed>(store::Connection &, const Clock &, const action::Operator &)>;
    void change(Change change);
    void refused(const Error &error);
    void showLockPage();

    pages::Context &m_context;
    window::MainWindow &m_window;
    ConsoleLock m_lock;
    QPointer<pages::OperatorsSheet> m_sheet;
    QPointer<pages::SignInSheet> m_signIn;
    QPointer<pages::LockPage> m_lockPage;
    pages::Acting m_acting;
    QString m_unchangeable;
    jobs::Ticket m_reading;
    jobs::Writer m_worker; // goes first, and waits for what it does
};

} // namespace riskdesk
