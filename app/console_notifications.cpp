#include "app/console_notifications.h"

#include "core/base/desk.h"
#include "core/ledger/risk_writer.h"

#include "ui/models/format.h"
#include "ui/pages/acting.h"

#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>

#include <algorithm>
#include <utility>

namespace riskdesk {
namespace {

constexpr std::size_t namedUsers = 3;

QString notificationService()
{
    return QStringLiteral("org.freedesktop.Notifications");
}

QDBusMessage notificationCall(const QString &method)
{
    return QDBusMessage::createMethodCall(notificationService(),
                                          QStringLiteral("/org/freedesktop/Notifications"),
                                          notificationService(), method);
}

} // namespace

struct ConsoleNotifications::Look
{
    bool on = true, named = true;
    RiskLevel level = RiskLevel::High;
    std::vector<run::Reached> users;
    std::int64_t until = 0;
};

ConsoleNotifications::ConsoleNotifications(pages::Context &context, Bus bus, std::chrono::milliseconds folded,
                                           std::function<bool()> covered)
    : m_context(context)
    , m_bus(std::move(bus))
    , m_covered(std::move(covered))
{
    m_fold.setSingleShot(true);
    m_fold.setInterval(folded);
    connect(&m_fold, &QTimer::timeout, this, &ConsoleNotifications::look);
    connect(&context.writer, &jobs::Writer::finished, this, &ConsoleNotifications::storeChanged);
}

void ConsoleNotifications::opened()
{
    m_fold.stop();
    m_looking.cancel();
    m_told.reset();
    m_opening = m_context.readers->ask(
        this, m_opening, [](store::Connection &db, std::stop_token) { return run::newestLedgerEvent(db); },
        [this](Result<std::int64_t> newest) {
            if (newest)
                m_told = *newest;
        });
}

// Not begun anew by each change: who writes all the time is told of as well.
void ConsoleNotifications::storeChanged()
{
    if (!m_fold.isActive())
        m_fold.start();
}

void ConsoleNotifications::look()
{
    if (!m_context.readers || m_context.writer.isBusy())
        return; // an import is told of when it has ended
    if (!m_told || m_looking.waits()) {
        if (!m_told && !m_opening.waits())
            opened(); // it was locked for a moment
        else
            storeChanged();
        return;
    }
    m_looking = m_context.readers->ask(
        this, m_looking,
        [after = *m_told, &clock = m_context.clock, as = m_context.signedIn,
         covered = m_covered()](store::Connection &db, std::stop_token) -> Result<Look> {
            Look look;
            const auto on = ledger::storedSetting(db, "notifications.desktop", 1);
            const auto level = ledger::storedSetting(db, "notifications.level", 3);
            const auto named = ledger::storedSetting(db, "notifications.names", 1);
            const auto newest = run::newestLedgerEvent(db);
            for (const auto *one : {&on, &level, &named})
                if (!*one)
                    return tl::unexpected(one->error());
            if (!newest)
                return tl::unexpected(newest.error());
            look.on = *on != 0;
            look.named = *named != 0 && !covered;
            look.level = static_cast<RiskLevel>(static_cast<int>(*level));
            look.until = *newest;
            if (!look.on || look.until <= after)
                return look;
            const auto who = pages::whoActs(db, clock, as);
            const auto &me = who ? who->name : desktopAccount();
            auto users =
                run::reached(db, {.after = after, .level = look.level, .stillThere = true, .knownTo = me});
            if (!users)
                return tl::unexpected(users.error());
            // Written between the two looks: taken along, and not told again.
            if (!users->empty())
                look.until = std::max(look.until, users->back().ledger);
            look.users = std::move(*users);
            return look;
        },
        [this](Result<Look> look) {
            if (!look) { // locked for a moment
                storeChanged();
                return;
            }
            m_told = std::max(*m_told, look->until);
            tell(*look);
            Q_EMIT looked(*m_told);
        });
}

void ConsoleNotifications::tell(const Look &look)
{
    std::vector<run::Reached> recent;
    std::size_t older = 0;
    const auto since = m_context.clock.now() - old;
    for (const auto &user : look.users) {
        if (user.at < since)
            ++older;
        else
            recent.push_back(user);
    }
    if (!recent.empty())
        send(recentWords(look, recent));
    if (older == 0)
        return;
    m_oldUsers = m_oldId == 0 ? older : m_oldUsers + older;
    Words words;
    words.title = tr("%Ln user(s) at risk by older sign-ins", nullptr, static_cast<int>(m_oldUsers));
    words.body = tr("What was found happened more than a day ago.");
    words.subject.filter =
        QStringLiteral("state:atRisk,confirmedCompromised level>=%1").arg(models::text(toText(look.level)));
    words.ofOld = true;
    send(words);
}

ConsoleNotifications::Words ConsoleNotifications::recentWords(const Look &look,
                                                              const std::vector<run::Reached> &users) const
{
    Words words;
    const int count = static_cast<int>(users.size());
    switch (look.level) {
    case RiskLevel::High: words.title = tr("%Ln user(s) are at high risk now", nullptr, count); break;
    case RiskLevel::Medium:
        words.title = tr("%Ln user(s) are at medium or high risk now", nullptr, count);
        break;
    default: words.title = tr("%Ln user(s) are at risk now", nullptr, count); break;
    }
    if (look.named) {
        QStringList names;
        for (std::size_t i = 0; i < std::min(users.size(), namedUsers); ++i)
            names << models::shown(users[i].name(), 60);
        words.body = names.join(tr(", ", "between names"));
        if (users.size() > namedUsers)
            words.body =
                tr("%1 and %Ln more", "names", static_cast<int>(users.size() - namedUsers)).arg(words.body);
    }
    words.subject.user = users.size() == 1 ? users.front().user : 0;
    words.subject.filter =
        QStringLiteral("state:atRisk,confirmedCompromised level>=%1").arg(models::text(toText(look.level)));
    return words;
}

void ConsoleNotifications::send(const Words &words)
{
    auto bus = m_bus();
    if (!bus.isConnected()) {
        Q_EMIT untold(words.body.isEmpty() ? words.title : words.title + QStringLiteral(": ") + words.body,
                      words.subject.user, words.subject.filter);
        return;
    }
    if (m_markup) {
        notify(bus, words);
        return;
    }
    connectSignals(bus);
    auto *asked =
        new QDBusPendingCallWatcher(bus.asyncCall(notificationCall(QStringLiteral("GetCapabilities"))), this);
    connect(asked, &QDBusPendingCallWatcher::finished, this,
            [this, bus, words](QDBusPendingCallWatcher *call) {
                call->deleteLater();
                const QDBusPendingReply<QStringList> answer = *call;
                if (answer.isValid())
                    m_markup = answer.value().contains(QLatin1String("body-markup"));
                notify(bus, words);
            });
}

void ConsoleNotifications::notify(QDBusConnection bus, const Words &words)
{
    auto call = notificationCall(QStringLiteral("Notify"));
    call << QStringLiteral("Riskdesk") << (words.ofOld ? m_oldId : 0U) << QStringLiteral("dialog-warning")
         << words.title << (m_markup.value_or(true) ? words.body.toHtmlEscaped() : words.body)
         << QStringList{QStringLiteral("default"), tr("Show")}
         << QVariantMap{{QStringLiteral("desktop-entry"), QStringLiteral("riskdesk")}} << -1;
    auto *sent = new QDBusPendingCallWatcher(bus.asyncCall(call), this);
    connect(sent, &QDBusPendingCallWatcher::finished, this, [this, words](QDBusPendingCallWatcher *answered) {
        answered->deleteLater();
        const QDBusPendingReply<uint> answer = *answered;
        if (!answer.isValid()) {
            m_markup.reset(); // another service may come
            Q_EMIT untold(words.body.isEmpty() ? words.title
                                               : words.title + QStringLiteral(": ") + words.body,
                          words.subject.user, words.subject.filter);
            return;
        }
        m_shown.insert(answer.value(), words.subject);
        if (words.ofOld)
            m_oldId = answer.value();
    });
}

void ConsoleNotifications::connectSignals(QDBusConnection bus)
{
    if (std::exchange(m_connected, true))
        return;
    const auto path = QStringLiteral("/org/freedesktop/Notifications");
    bus.connect(notificationService(), path, notificationService(), QStringLiteral("ActionInvoked"), this,
                SLOT(actionInvoked(uint, QString)));
    bus.connect(notificationService(), path, notificationService(), QStringLiteral("ActivationToken"), this,
                SLOT(activationToken(uint, QString)));
    bus.connect(notificationService(), path, notificationService(), QStringLiteral("NotificationClosed"),
                this, SLOT(notificationClosed(uint, uint)));
}

// Every program on the bus hears of every notification: only ours count.
void ConsoleNotifications::actionInvoked(uint id, const QString &action)
{
    const auto subject = m_shown.constFind(id);
    if (subject == m_shown.constEnd() || action != QLatin1String("default"))
        return;
    const auto what = *subject;
    if (what.user != 0)
        Q_EMIT userAsked(what.user);
    else
        Q_EMIT listAsked(what.filter);
}

// What a compositor wants to see before it lets a window come to the front; Qt's own plugin reads it there.
void ConsoleNotifications::activationToken(uint id, const QString &token)
{
    if (m_shown.contains(id))
        qputenv("XDG_ACTIVATION_TOKEN", token.toUtf8());
}

void ConsoleNotifications::notificationClosed(uint id, uint reason)
{
    Q_UNUSED(reason)
    m_shown.remove(id);
    if (id == m_oldId) {
        m_oldId = 0;
        m_oldUsers = 0;
    }
}

} // namespace riskdesk
