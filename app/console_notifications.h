// ConsoleNotifications: tells the desktop when users reach a level of risk while the console runs, by
// org.freedesktop.Notifications (Desktop Notifications Specification 1.2) over D-Bus.
//
// What happens within a few seconds is one notification; so is what an import of the console finds. What was there
// when the directory was opened is not told, nor what this operator decided in the console. What happened more than a
// day ago, as old logs bring it, is one notification with a count, which takes the place of the one before it. What is
// told, from which level on and whether by name are settings of the directory (notifications.*). Nothing waits: the
// store is read on a reader's thread, the bus is asked without waiting for its answer. GUI thread.
#pragma once

#include "core/connections/reached.h"

#include "ui/pages/context.h"

#include <QDBusConnection>
#include <QHash>
#include <QObject>
#include <QTimer>

#include <chrono>
#include <functional>
#include <optional>

namespace riskdesk {

class ConsoleNotifications : public QObject
{
    Q_OBJECT
public:
    using Bus = std::function<QDBusConnection()>; // asked when there is something to tell
    static constexpr Microseconds old = std::chrono::hours(24);

    // `covered`: the window shows nothing of the directory now, and so does what is told.
    ConsoleNotifications(pages::Context &context, Bus bus, std::chrono::milliseconds folded,
                         std::function<bool()> covered);

    void opened();       // another directory
    void storeChanged(); // somebody wrote

Q_SIGNALS:
    // A notification was pressed: of one user, or of several by filter text.
    void userAsked(std::int64_t user);
    void listAsked(const QString &filter);
    // There is no service that shows notifications; what it would have said, and whom it was about.
    void untold(const QString &sentence, std::int64_t user, const QString &filter);
    void looked(std::int64_t until); // ledger.id: what is older was told or will not be

private Q_SLOTS:
    void actionInvoked(uint id, const QString &action);
    void activationToken(uint id, const QString &token);
    void notificationClosed(uint id, uint reason);

private:
    struct Look;
    struct Subject
    {
        std::int64_t user = 0; // of the only one
        QString filter;
    };
    struct Words
    {
        QString title, body;
        Subject subject;
        bool ofOld = false;
    };
    void look();
    void tell(const Look &look);
    void send(const Words &words);
    void notify(QDBusConnection bus, const Words &words);
    [[nodiscard]] Words recentWords(const Look &look, const std::vector<run::Reached> &users) const;
    void connectSignals(QDBusConnection bus);

    pages::Context &m_context;
    Bus m_bus;
    std::function<bool()> m_covered;
    QTimer m_fold;
    std::optional<std::int64_t> m_told; // ledger.id; nothing: what was there at the opening is not known yet
    std::optional<bool> m_markup;       // the service reads tags in a body
    bool m_connected = false;
    QHash<uint, Subject> m_shown; // by the service's number
    uint m_oldId = 0;             // the one about older sign-ins, while it is shown
    std::size_t m_oldUsers = 0;   // that it counts
    jobs::Ticket m_opening, m_looking;
};

} // namespace riskdesk
