#include "ui/pages/decisions.h"

#include "core/action/outbox.h"
#include "core/directory/directory.h"
#include "core/query/tables/detections.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/widgets/controls/popover.h"

#include <QSettings>

#include <algorithm>
#include <map>

namespace riskdesk::pages {
namespace {

using action::Action;

enum class Kind { Users, Detections, SignIns };

Kind kindOf(const Targets &t)
{
    return !t.signIns.empty() ? Kind::SignIns : !t.detections.empty() ? Kind::Detections : Kind::Users;
}

QString howMany(Kind kind, std::size_t n)
{
    const int count = static_cast<int>(n);
    switch (kind) {
    case Kind::SignIns: return Decisions::tr("%Ln sign-in(s)", nullptr, count);
    case Kind::Detections: return Decisions::tr("%Ln detection(s)", nullptr, count);
    case Kind::Users: break;
    }
    return Decisions::tr("%Ln user(s)", nullptr, count);
}

// A name of any length, as a title can hold it; never half a character.
QString brief(const QString &name, qsizetype most)
{
    if (name.size() <= most)
        return name;
    const auto whole = name.at(most - 2).isHighSurrogate() ? most - 2 : most - 1;
    return name.left(whole) + QChar(0x2026);
}

QString whom(const Targets &t)
{
    return t.size() == 1 && !t.name.isEmpty() ? brief(t.name, 48) : howMany(kindOf(t), t.size());
}

// Up to three by name, more by their number.
QString named(const std::vector<action::PlannedChange> &changes)
{
    if (changes.size() > 3 || changes.empty())
        return howMany(Kind::Users, changes.size());
    QStringList names;
    for (const auto &change : changes)
        names << brief(models::shown(change.name), changes.size() == 1 ? 48 : 24);
    const auto last = names.takeLast();
    return names.isEmpty() ? last
                           : Decisions::tr("%1 and %2", "names, last name")
                                 .arg(names.join(Decisions::tr(", ", "between names")), last);
}

constexpr auto containmentKey = "confirmCompromised/then"; // its ticks are remembered

// Where it is done: over a connection, or here alone; or nowhere, since the connection that accounts live at does not do
// it.
struct Carrier
{
    QString name; // of the connection; empty: none is set up
    bool carries = false;
};
Carrier carrier(const Context &context, Action action)
{
    const auto operation = action::operationFor(action);
    return {context.carriedOver, operation && has(context.carried, *operation)};
}

// What becomes of a change of an account, before `effect`, which is of the risk.
QString accountEffect(const Carrier &over, const QString &effect)
{
    const auto name = models::shown(over.name);
    if (!name.isEmpty() && !over.carries)
        return Decisions::tr("Accounts live at \"%1\", which does not do this now.").arg(name);
    return (name.isEmpty()
                ? Decisions::tr("Recorded here; your application is not connected.")
                : Decisions::tr("Carried out over \"%1\" in a few seconds; until then it can be taken back.")
                      .arg(name)) +
           QLatin1Char(' ') + effect;
}

widgets::ConfirmSpec specOf(Action action, const Targets &t, const QString &who, const Carrier &over,
                            const QList<bool> &remembered = {})
{
    widgets::ConfirmSpec spec;
    switch (action) {
    case Action::Dismiss:
        spec.title = t.users.empty() ? Decisions::tr("Dismiss %1").arg(who)
                                     : Decisions::tr("Dismiss risk of %1").arg(who);
        spec.effect =
            t.users.empty()
                ? Decisions::tr("Its detections are closed and count no longer.")
                : Decisions::tr(
                      "Level becomes None and open detections are dismissed. The password stays as it is.");
        spec.reasons = {Decisions::tr("Expected activity"), Decisions::tr("Risk accepted"),
                        Decisions::tr("Other")};
        break;
    case Action::ConfirmSafe:
        spec.title = Decisions::tr("Confirm %1 safe").arg(who);
        spec.effect = Decisions::tr(
            "A false positive: risk and detections are closed, and the sign-ins are learnt as usual.");
        break;
    case Action::ConfirmCompromised:
        spec.title = Decisions::tr("Confirm %1 compromised").arg(who);
        spec.effect = Decisions::tr(
            "Level becomes High and stays until the password is reset or someone decides otherwise.");
        if (!t.users.empty())
            spec.ticks = {{Decisions::tr("Reset password as well; that closes the risk as Remediated"),
                           remembered.value(0),
                           {}},
                          {Decisions::tr("Block sign-in as well"), remembered.value(1), {}}};
        break;
    case Action::Resolve:
        spec.title = Decisions::tr("%1 was remediated elsewhere").arg(who);
        spec.effect = Decisions::tr("State becomes Remediated. Say what was done.");
        spec.noteRequired = true;
        break;
    case Action::ResetPassword:
        spec.title = Decisions::tr("Reset password of %1").arg(who);
        spec.effect = accountEffect(
            over,
            !over.carries
                ? Decisions::tr("Risk becomes Remediated, and the account is marked to change its "
                                "password at the next sign-in.")
                : Decisions::tr("The temporary password is shown here once, and risk becomes Remediated."));
        break;
    case Action::Block:
        spec.title = Decisions::tr("Block sign-in of %1").arg(who);
        spec.effect = accountEffect(over, Decisions::tr("Risk is not changed."));
        break;
    case Action::Unblock:
        spec.title = Decisions::tr("Unblock sign-in of %1").arg(who);
        spec.effect = accountEffect(over, Decisions::tr("Risk is not changed."));
        break;
    case Action::RevokeSessions:
        spec.title = Decisions::tr("End sessions of %1").arg(who);
        spec.effect = accountEffect(
            over,
            !over.carries
                ? Decisions::tr("It can ask since when sessions count, and have whoever is signed in sign "
                                "in again. Risk is not changed.")
                : Decisions::tr("Whoever is signed in has to sign in again. Risk is not changed."));
        break;
    }
    spec.commit = spec.title;
    return spec;
}

QString titleOf(Action action, const Targets &targets)
{
    return specOf(action, targets, whom(targets), {}).title;
}

Result<action::Request> requestOf(store::Connection &connection, Action action, const Targets &targets)
{
    auto ids = query::idsOf(connection, targets.detections);
    if (!ids)
        return tl::unexpected(ids.error());
    action::Request request;
    request.action = action;
    for (const auto user : targets.users)
        request.users.push_back(static_cast<std::uint32_t>(user));
    request.detections = std::move(*ids);
    request.signIns = targets.signIns;
    return request;
}

// "91 High, 60 Medium, 28 Low. Closes 312 detections. 4 not changed: Its risk is dismissed already."
QString outlookOf(Action action, const action::Plan &plan)
{
    QStringList words;
    if (plan.changes.size() > 1) {
        QStringList levels;
        for (const auto level : {RiskLevel::High, RiskLevel::Medium, RiskLevel::Low, RiskLevel::None})
            if (const auto n = plan.byLevel[static_cast<std::size_t>(level)]; n > 0)
                levels << QStringLiteral("%1 %2").arg(models::count(static_cast<qint64>(n)),
                                                      models::levelName(level));
        words << levels.join(Decisions::tr(", ", "between names")) + u'.';
    }
    if (plan.detections > 0 && action != Action::Block && action != Action::Unblock &&
        action != Action::RevokeSessions)
        words << (action == Action::ConfirmCompromised ? Decisions::tr("Confirms %Ln detection(s).", nullptr,
                                                                       static_cast<int>(plan.detections))
                                                       : Decisions::tr("Closes %Ln detection(s).", nullptr,
                                                                       static_cast<int>(plan.detections)));
    std::map<std::string_view, int> skipped;
    for (const auto &one : plan.skipped)
        ++skipped[one.sentence()];
    for (const auto &[sentence, n] : skipped)
        words << Decisions::tr("%Ln not changed: %1", nullptr, n).arg(models::shown(sentence));
    return words.join(u' ');
}

// `waits`: a connected provider has to do it first.
QString doneText(Action action, qint64 n, bool waits, Kind kind = Kind::Users)
{
    const int count = static_cast<int>(n);
    if (waits && action == Action::ResetPassword)
        return Decisions::tr("Password reset on its way for %Ln user(s)", nullptr, count);
    if (waits && action == Action::Block)
        return Decisions::tr("Block on its way for %Ln user(s)", nullptr, count);
    if (waits && action == Action::Unblock)
        return Decisions::tr("Unblock on its way for %Ln user(s)", nullptr, count);
    if (waits && action == Action::RevokeSessions)
        return Decisions::tr("End of sessions on its way for %Ln user(s)", nullptr, count);
    if (kind == Kind::SignIns && action == Action::Dismiss)
        return Decisions::tr("Risk dismissed for %Ln sign-in(s)", nullptr, count);
    if (kind == Kind::SignIns && action == Action::ConfirmSafe)
        return Decisions::tr("%Ln sign-in(s) confirmed safe", nullptr, count);
    if (kind == Kind::SignIns && action == Action::ConfirmCompromised)
        return Decisions::tr("%Ln sign-in(s) confirmed compromised", nullptr, count);
    const bool users = kind == Kind::Users;
    if (!users && action == Action::Dismiss)
        return Decisions::tr("%Ln detection(s) dismissed", nullptr, count);
    if (!users && action == Action::ConfirmSafe)
        return Decisions::tr("%Ln detection(s) confirmed safe", nullptr, count);
    if (!users && action == Action::ConfirmCompromised)
        return Decisions::tr("%Ln detection(s) confirmed compromised", nullptr, count);
    switch (action) {
    case Action::Dismiss: return Decisions::tr("Risk dismissed for %Ln user(s)", nullptr, count);
    case Action::ConfirmSafe: return Decisions::tr("Confirmed safe: %Ln user(s)", nullptr, count);
    case Action::ConfirmCompromised:
        return Decisions::tr("Confirmed compromised: %Ln user(s)", nullptr, count);
    case Action::Resolve: return Decisions::tr("Remediated elsewhere: %Ln user(s)", nullptr, count);
    case Action::ResetPassword:
        return Decisions::tr("Password reset recorded here for %Ln user(s)", nullptr, count);
    case Action::Block: return Decisions::tr("Block recorded here for %Ln user(s)", nullptr, count);
    case Action::Unblock: return Decisions::tr("Unblock recorded here for %Ln user(s)", nullptr, count);
    case Action::RevokeSessions:
        return Decisions::tr("End of sessions recorded here for %Ln user(s)", nullptr, count);
    }
    return {};
}

} // namespace

std::optional<Action> actionOf(const QString &command)
{
    static const QHash<QString, Action> decided = {
        {QStringLiteral("reset"), Action::ResetPassword},
        {QStringLiteral("compromised"), Action::ConfirmCompromised},
        {QStringLiteral("dismiss"), Action::Dismiss},
        {QStringLiteral("block"), Action::Block},
        {QStringLiteral("unblock"), Action::Unblock},
        {QStringLiteral("sessions"), Action::RevokeSessions},
        {QStringLiteral("safe"), Action::ConfirmSafe},
        {QStringLiteral("resolve"), Action::Resolve}};
    const auto found = decided.constFind(command);
    return found == decided.constEnd() ? std::nullopt : std::optional(*found);
}

QString permissionRefusal(const Context &context, action::Permission permission)
{
    if (!context.refusal.isEmpty() || !context.who)
        return context.refusal;
    const auto ok = action::allowed(context.who->role, permission);
    return ok ? QString() : models::errorText(ok.error());
}

QString roleRefusal(const Context &context, const QString &command, const QString &otherwise)
{
    const auto found = actionOf(command);
    const auto refusal = found ? permissionRefusal(context, action::permissionFor(*found)) : QString();
    return refusal.isEmpty() ? otherwise : refusal;
}

Decisions::Decisions(Context &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
{}

bool Decisions::isRefused()
{
    if (m_context.refusal.isEmpty())
        return false;
    Q_EMIT happened(models::Tone::Bad, m_context.refusal, {});
    return true;
}

void Decisions::ask(Action action, const Targets &targets, QWidget *opener)
{
    if (targets.size() == 0 || isRefused())
        return;
    QList<bool> remembered;
    if (m_context.settings != nullptr)
        for (const auto &tick : m_context.settings->value(QLatin1String(containmentKey)).toStringList())
            remembered << (tick == QLatin1String("1"));
    auto *popover = new widgets::ConfirmPopover(
        m_context.theme, specOf(action, targets, whom(targets), carrier(m_context, action), remembered),
        opener->window());
    popover->setAttribute(Qt::WA_DeleteOnClose);
    popover->setObjectName(QStringLiteral("confirmPopover"));
    connect(popover, &widgets::ConfirmPopover::committed, this,
            [this, action, targets](int reason, const QString &note, const QList<bool> &ticks) {
                if (m_context.settings != nullptr && !ticks.isEmpty()) {
                    QStringList kept;
                    for (const bool tick : ticks)
                        kept << QString::number(tick ? 1 : 0);
                    m_context.settings->setValue(QLatin1String(containmentKey), kept);
                }
                std::vector<Action> then;
                if (ticks.value(0))
                    then.push_back(Action::ResetPassword);
                if (ticks.value(1))
                    then.push_back(Action::Block);
                QString code;
                if (action == Action::Dismiss)
                    code = models::text(
                        action::dismissReasons[static_cast<std::size_t>(std::clamp(reason, 0, 2))]);
                carryOut(action, targets, code, note, then);
            });
    popover->openAt(opener);
    tellOutlook(popover, action, targets);
}

// Who changes, who does not and why is asked of the store while the popover stands open already.
void Decisions::tellOutlook(widgets::ConfirmPopover *popover, Action action, const Targets &targets)
{
    m_planning = m_context.readers->ask(
        popover, m_planning,
        [action, targets, as = m_context.signedIn,
         &clock = m_context.clock](store::Connection &connection, std::stop_token) -> Result<action::Plan> {
            auto request = requestOf(connection, action, targets);
            if (!request)
                return tl::unexpected(request.error());
            if (action == Action::Resolve)
                request->note = "–"; // what it will be is not known yet
            auto who = whoActs(connection, clock, as);
            if (!who)
                return tl::unexpected(who.error());
            return action::ActionService(connection, clock, std::move(*who)).plan(std::move(*request));
        },
        [popover, action, targets, over = carrier(m_context, action)](Result<action::Plan> plan) {
            if (!plan)
                return; // said when it is carried out
            const auto kind = kindOf(targets);
            const auto aside = static_cast<std::size_t>(
                std::count_if(plan->skipped.begin(), plan->skipped.end(), [kind](const action::Skipped &s) {
                    return (kind == Kind::Users) == s.target.empty();
                }));
            const auto left =
                kind == Kind::Users ? plan->changes.size() : targets.size() - std::min(targets.size(), aside);
            if (left == 0) {
                const auto spec = specOf(action, targets, whom(targets), over);
                popover->setOutlook(spec.title, spec.commit, outlookOf(action, *plan), true);
                return;
            }
            QString who = left == 1 && targets.size() == 1 ? whom(targets) : howMany(kind, left);
            if (kind == Kind::Users)
                who = named(plan->changes);
            else if (left > 1 || targets.size() > 1)
                who = tr("%1 of %2", "3 detections, whose").arg(who, named(plan->changes));
            const auto spec = specOf(action, targets, who, over);
            const auto button = left == 1 && targets.size() == 1 ? whom(targets) : howMany(kind, left);
            popover->setOutlook(spec.title, specOf(action, targets, button, over).commit,
                                QStringList{spec.effect, outlookOf(action, *plan)}.join(u' ').trimmed(),
                                false);
        });
}

void Decisions::carryOut(Action action, const Targets &targets, const QString &reason, const QString &note,
                         const std::vector<Action> &then)
{
    struct Done
    {
        action::Outcome outcome;
        std::vector<std::int64_t> commands;
        struct Next
        {
            Action action;
            std::uint64_t users;
            bool waits;
        };
        std::vector<Next> then;
    };
    if (isRefused()) // since the popover was opened
        return;
    const bool started = m_context.writer.run(
        titleOf(action, targets), this,
        [file = m_context.file, as = m_context.signedIn, &clock = m_context.clock, action, targets,
         reason = reason.toStdString(), note = note.toStdString(),
         then](std::stop_token stop, const ProgressSink &progress) -> Result<Done> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            auto asked = requestOf(directory->connection(), action, targets);
            if (!asked)
                return tl::unexpected(asked.error());
            auto request = std::move(*asked);
            request.reason = reason;
            request.note = note;
            auto who = whoActs(directory->connection(), clock, as);
            if (!who)
                return tl::unexpected(who.error());
            action::ActionService service(directory->connection(), clock, std::move(*who));
            Done done;
            auto outcome = service.carryOut(request, progress, stop);
            if (!outcome)
                return tl::unexpected(outcome.error());
            done.outcome = std::move(*outcome);
            if (done.outcome.command != 0)
                done.commands.push_back(done.outcome.command);
            for (const auto next : then) {
                if (done.outcome.cancelled || done.outcome.stoppedBy)
                    break;
                // What follows (reset, block) is a command of its own, with its own row in the history.
                request.action = next;
                request.reason.clear();
                auto more = service.carryOut(request, progress, stop);
                if (!more) {
                    done.outcome.stoppedBy = more.error();
                    break;
                }
                if (more->command != 0)
                    done.commands.push_back(more->command);
                done.then.push_back({next, more->users, more->waits});
                done.outcome.skipped.insert(done.outcome.skipped.end(), more->skipped.begin(),
                                            more->skipped.end());
            }
            return done;
        },
        [this, action, title = titleOf(action, targets), kind = kindOf(targets)](Result<Done> done) {
            if (!done) {
                Q_EMIT happened(models::Tone::Bad, models::errorText(done.error()), {});
                return;
            }
            const auto &outcome = done->outcome;
            if (!done->commands.empty()) {
                m_context.decided.push_back({done->commands, title, m_context.clock.now()});
                m_context.takenBack.clear();
            }
            m_link = Link::Undo;
            QStringList words{
                doneText(action, static_cast<qint64>(kind == Kind::Users ? outcome.users : outcome.targets),
                         outcome.waits, kind)};
            for (const auto &[next, users, waits] : done->then)
                if (users > 0)
                    words << doneText(next, static_cast<qint64>(users), waits);
            if (!outcome.skipped.empty())
                words << tr("%Ln not changed: %1", nullptr, static_cast<int>(outcome.skipped.size()))
                             .arg(models::shown(outcome.skipped.front().sentence()));
            if (outcome.stoppedBy)
                words << models::errorText(*outcome.stoppedBy);
            if (outcome.cancelled)
                words << tr("stopped, the others are as they were");
            const bool well = !outcome.stoppedBy && !outcome.cancelled && !done->commands.empty();
            Q_EMIT happened(well ? models::Tone::Good : models::Tone::Notice,
                            words.join(QStringLiteral("; ")),
                            done->commands.empty() ? QString() : tr("Undo"));
            Q_EMIT changed();
        });
    if (!started)
        Q_EMIT happened(models::Tone::Notice, tr("Wait until \"%1\" is done.").arg(m_context.writer.title()),
                        {});
}

void Decisions::followLink()
{
    switch (m_link) {
    case Link::Undo: undo(); break;
    case Link::Redo: redo(); break;
    case Link::TakeBack: takeBack(m_older); break;
    }
}

void Decisions::undo()
{
    if (m_context.file.empty() || isRefused()) // Ctrl+Z before a directory is open
        return;
    if (m_context.decided.empty())
        offerOlder();
    else
        takeBack(m_context.decided.back());
}

// What was decided before this window was opened is not reached by a key alone.
void Decisions::offerOlder()
{
    m_context.readers->ask(
        this, {},
        [](store::Connection &connection, std::stop_token) { return action::newestStanding(connection); },
        [this](Result<action::CommandSummary> newest) {
            if (!newest) {
                Q_EMIT happened(models::Tone::Notice,
                                newest.error().code == Code::NotFound ? tr("There is nothing to take back.")
                                                                      : models::errorText(newest.error()),
                                {});
                return;
            }
            m_older = {
                {newest->id}, titleOfRecorded(newest->action, newest->users, newest->name), newest->at};
            m_link = Link::TakeBack;
            Q_EMIT happened(
                models::Tone::Notice,
                tr("Nothing was decided here yet. Before, by %1 on %2: %3", "actor, time, decision")
                    .arg(models::shown(newest->actor), models::shortTime(newest->at), m_older.title),
                tr("Take Back"));
        });
}

QString Decisions::titleOfRecorded(const std::string &action, std::uint64_t users, const std::string &name)
{
    Targets targets;
    targets.users.resize(users);
    targets.name = models::shown(name);
    const auto known = risk::actionFromText(action);
    return known ? titleOf(*known, targets) : models::text(action);
}

void Decisions::reverse(const Decided &decision, const QString &actor, std::int64_t users, QWidget *opener)
{
    if (isRefused())
        return;
    widgets::ConfirmSpec spec;
    spec.title = tr("Reverse: %1", "a decision").arg(decision.title);
    spec.effect = tr("Made by %1, %2.", "who, when").arg(actor, models::shortTime(decision.at)) +
                  QLatin1Char(' ') +
                  tr("%Ln user(s) become what they were before. The history keeps both.", nullptr,
                     static_cast<int>(users));
    spec.noteAsked = false;
    spec.commit = tr("Reverse");
    auto *popover = new widgets::ConfirmPopover(m_context.theme, spec, opener->window());
    popover->setAttribute(Qt::WA_DeleteOnClose);
    popover->setObjectName(QStringLiteral("confirmPopover"));
    connect(popover, &widgets::ConfirmPopover::committed, this, [this, decision] { takeBack(decision); });
    popover->openAt(opener);
}

void Decisions::takeBack(const Decided &decision)
{
    struct Done
    {
        action::Outcome outcome;
        std::vector<std::int64_t> commands; // the taking back, in the order in which it is redone
    };
    const bool started = m_context.writer.run(
        tr("Undo"), this,
        [file = m_context.file, as = m_context.signedIn, &clock = m_context.clock,
         commands = decision.commands,
         only = decision.only](std::stop_token stop, const ProgressSink &progress) -> Result<Done> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            auto who = whoActs(directory->connection(), clock, as);
            if (!who)
                return tl::unexpected(who.error());
            action::ActionService service(directory->connection(), clock, std::move(*who));
            Done all;
            for (auto command = commands.rbegin(); command != commands.rend(); ++command) {
                auto outcome = service.undo(*command, progress, stop, only);
                if (!outcome)
                    return tl::unexpected(outcome.error());
                if (outcome->command != 0)
                    all.commands.insert(all.commands.begin(), outcome->command);
                all.outcome.toldBefore += outcome->toldBefore;
                all.outcome.users = std::max(all.outcome.users, outcome->users);
                all.outcome.skipped.insert(all.outcome.skipped.end(), outcome->skipped.begin(),
                                           outcome->skipped.end());
            }
            return all;
        },
        [this, decision](Result<Done> done) {
            if (decision.only.empty() && !m_context.decided.empty() &&
                m_context.decided.back().commands == decision.commands)
                m_context.decided.pop_back();
            if (!done) {
                Q_EMIT happened(models::Tone::Notice, models::errorText(done.error()), {});
                Q_EMIT changed();
                return;
            }
            auto words = tr("Taken back: %1, %2", "decision, time")
                             .arg(decision.title, models::shortTime(decision.at));
            if (!done->outcome.skipped.empty())
                words += QStringLiteral("; ") +
                         tr("%Ln not changed: %1", nullptr, static_cast<int>(done->outcome.skipped.size()))
                             .arg(models::shown(done->outcome.skipped.front().sentence()));
            if (done->outcome.toldBefore > 0)
                words += QStringLiteral("; ") +
                         tr("who was told of it, as the identity provider, keeps what it was told");
            m_context.takenBack.push_back({done->commands, decision.title, decision.at});
            m_link = Link::Redo;
            Q_EMIT happened(models::Tone::Good, words, done->commands.empty() ? QString() : tr("Redo"));
            Q_EMIT changed();
        });
    if (!started)
        Q_EMIT happened(models::Tone::Notice, tr("Wait until \"%1\" is done.").arg(m_context.writer.title()),
                        {});
}

void Decisions::redo()
{
    if (m_context.file.empty() || isRefused())
        return;
    if (m_context.takenBack.empty()) {
        Q_EMIT happened(models::Tone::Notice, tr("Nothing was taken back here that could be done again."),
                        {});
        return;
    }
    const auto decision = m_context.takenBack.back();
    const bool started = m_context.writer.run(
        tr("Redo"), this,
        [file = m_context.file, as = m_context.signedIn, &clock = m_context.clock,
         commands = decision.commands](std::stop_token stop,
                                       const ProgressSink &progress) -> Result<std::vector<std::int64_t>> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            auto who = whoActs(directory->connection(), clock, as);
            if (!who)
                return tl::unexpected(who.error());
            action::ActionService service(directory->connection(), clock, std::move(*who));
            std::vector<std::int64_t> again;
            for (const auto command : commands) {
                auto outcome = service.redo(command, progress, stop);
                if (!outcome)
                    return tl::unexpected(outcome.error());
                if (outcome->command != 0)
                    again.push_back(outcome->command);
            }
            return again;
        },
        [this, decision](Result<std::vector<std::int64_t>> again) {
            m_context.takenBack.pop_back();
            if (!again) {
                Q_EMIT happened(models::Tone::Notice, models::errorText(again.error()), {});
                Q_EMIT changed();
                return;
            }
            m_context.decided.push_back({*again, decision.title, m_context.clock.now()});
            m_link = Link::Undo;
            Q_EMIT happened(models::Tone::Good, tr("Done again: %1", "decision").arg(decision.title),
                            tr("Undo"));
            Q_EMIT changed();
        });
    if (!started)
        Q_EMIT happened(models::Tone::Notice, tr("Wait until \"%1\" is done.").arg(m_context.writer.title()),
                        {});
}

} // namespace riskdesk::pages
