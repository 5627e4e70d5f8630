#include "ui/pages/decisions.h"

#include "core/run/directory.h"
#include "core/store/statement.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/widgets/popover.h"

#include <QLocale>

namespace riskdesk::pages {
namespace {

using action::Action;

QString whom(const Targets &t)
{
    if (t.size() == 1 && !t.name.isEmpty())
        return t.name;
    return t.users.empty() ? Decisions::tr("%n detection(s)", nullptr, static_cast<int>(t.detections.size()))
                           : Decisions::tr("%n user(s)", nullptr, static_cast<int>(t.users.size()));
}

widgets::ConfirmSpec specOf(Action action, const Targets &t)
{
    const auto who = whom(t);
    widgets::ConfirmSpec spec;
    switch (action) {
    case Action::Dismiss:
        spec.title = t.users.empty() ? Decisions::tr("Dismiss %1").arg(who)
                                     : Decisions::tr("Dismiss risk of %1").arg(who);
        spec.effect =
            t.users.empty()
                ? Decisions::tr("The detection is closed and counts no longer.")
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
            spec.ticks = {{Decisions::tr("Reset password"), true, {}},
                          {Decisions::tr("Block sign-in"), false, {}}};
        break;
    case Action::Resolve:
        spec.title = Decisions::tr("%1 was remediated elsewhere").arg(who);
        spec.effect = Decisions::tr("State becomes Remediated. Say what was done.");
        spec.noteRequired = true;
        break;
    case Action::ResetPassword:
        spec.title = Decisions::tr("Reset password of %1").arg(who);
        spec.effect = Decisions::tr(
            "Recorded here; your application is not connected. Risk becomes Remediated, and the account "
            "is marked to change its password at the next sign-in.");
        break;
    case Action::Block:
        spec.title = Decisions::tr("Block sign-in of %1").arg(who);
        spec.effect = Decisions::tr("Recorded here; your application is not connected. Risk is not changed.");
        break;
    case Action::Unblock:
        spec.title = Decisions::tr("Unblock sign-in of %1").arg(who);
        spec.effect = Decisions::tr("Recorded here; your application is not connected. Risk is not changed.");
        break;
    }
    spec.commit = spec.title;
    return spec;
}

QString doneText(Action action, qint64 n)
{
    const int count = static_cast<int>(n);
    switch (action) {
    case Action::Dismiss:
        return Decisions::tr("Risk dismissed for %n user(s)", nullptr, count);
    case Action::ConfirmSafe:
        return Decisions::tr("Confirmed safe: %n user(s)", nullptr, count);
    case Action::ConfirmCompromised:
        return Decisions::tr("Confirmed compromised: %n user(s)", nullptr, count);
    case Action::Resolve:
        return Decisions::tr("Remediated elsewhere: %n user(s)", nullptr, count);
    case Action::ResetPassword:
        return Decisions::tr("Password reset recorded here for %n user(s)", nullptr, count);
    case Action::Block:
        return Decisions::tr("Block recorded here for %n user(s)", nullptr, count);
    case Action::Unblock:
        return Decisions::tr("Unblock recorded here for %n user(s)", nullptr, count);
    }
    return {};
}

action::Operator console()
{
    action::Operator who;
    who.via = "console";
    return who;
}

} // namespace

Decisions::Decisions(Context &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
{}

void Decisions::ask(Action action, const Targets &targets, QWidget *opener)
{
    if (targets.size() == 0)
        return;
    auto *popover = new widgets::ConfirmPopover(m_context.theme, specOf(action, targets), opener->window());
    popover->setAttribute(Qt::WA_DeleteOnClose);
    popover->setObjectName(QStringLiteral("confirmPopover"));
    connect(popover, &widgets::ConfirmPopover::committed, this,
            [this, action, targets](int reason, const QString &note, const QList<bool> &ticks) {
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
}

void Decisions::carryOut(Action action, const Targets &targets, const QString &reason, const QString &note,
                         const std::vector<Action> &then)
{
    const bool started = m_context.writer.run(
        specOf(action, targets).title, this,
        [file = m_context.file, action, targets, reason = reason.toStdString(), note = note.toStdString(),
         then](std::stop_token stop, const ProgressSink &progress) -> Result<action::Outcome> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            const SystemClock clock;
            action::Request request;
            request.action = action;
            request.reason = reason;
            request.note = note;
            for (const auto user : targets.users)
                request.users.push_back(static_cast<std::uint32_t>(user));
            store::Statement id(directory->connection(), "SELECT id FROM detection WHERE rowid = ?1");
            for (const auto rowid : targets.detections) {
                id.bind(rowid);
                if (id.step())
                    request.detections.push_back(id.string(0));
            }
            id.reset();
            action::ActionService service(directory->connection(), clock, console());
            auto outcome = service.carryOut(request, progress, stop);
            for (const auto next : then) {
                if (!outcome || outcome->cancelled)
                    break;
                // What follows (reset, block) is a command of its own, so that each can be taken back alone.
                request.action = next;
                request.reason.clear();
                if (auto more = service.carryOut(request, progress, stop); !more)
                    return more;
                else
                    outcome->skipped.insert(outcome->skipped.end(), more->skipped.begin(),
                                            more->skipped.end());
            }
            return outcome;
        },
        [this, action](Result<action::Outcome> outcome) {
            if (!outcome) {
                Q_EMIT happened(models::Tone::Bad, models::errorText(outcome.error()), {});
                return;
            }
            m_undoable = outcome->command;
            auto words = doneText(action, static_cast<qint64>(outcome->users));
            if (!outcome->skipped.empty())
                words += tr("; %n not changed: %1", nullptr, static_cast<int>(outcome->skipped.size()))
                             .arg(models::text(outcome->skipped.front().sentence()));
            Q_EMIT happened(outcome->users > 0 ? models::Tone::Good : models::Tone::Notice, words,
                            outcome->command != 0 ? tr("Undo") : QString());
            Q_EMIT changed();
        });
    if (!started)
        Q_EMIT happened(models::Tone::Notice, tr("Wait until \"%1\" is done.").arg(m_context.writer.title()),
                        {});
}

void Decisions::undo()
{
    m_context.writer.run(
        tr("Undo"), this,
        [file = m_context.file, command = m_undoable](
            std::stop_token stop, const ProgressSink &progress) -> Result<action::Outcome> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            const SystemClock clock;
            action::ActionService service(directory->connection(), clock, console());
            return service.undo(command != 0 ? std::optional(command) : std::nullopt, progress, stop);
        },
        [this](Result<action::Outcome> outcome) {
            m_undoable = 0;
            if (!outcome) {
                Q_EMIT happened(models::Tone::Notice, models::errorText(outcome.error()), {});
                return;
            }
            Q_EMIT happened(models::Tone::Good,
                            tr("Taken back for %n user(s)", nullptr, static_cast<int>(outcome->users)), {});
            Q_EMIT changed();
        });
}

} // namespace riskdesk::pages
