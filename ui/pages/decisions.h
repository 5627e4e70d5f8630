// Decisions: from a command on a row to a recorded decision. Asks once in a popover at the pressed control,
// carries it out through core's one action service off the GUI thread, and says what became of it, with the
// way back.
#pragma once

#include "core/action/action_service.h"

#include "ui/models/roles.h"
#include "ui/pages/context.h"

#include <QObject>
#include <QString>
#include <QWidget>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace riskdesk::widgets {
class ConfirmPopover;
}

namespace riskdesk::pages {

struct Targets
{
    std::vector<std::int64_t> users;      // user.id
    std::vector<std::int64_t> detections; // detection.rowid
    std::vector<std::string> signIns;     // request ids
    QString name; // of the only one: "Anna Silva", "Anonymous IP address of Anna Silva"
    [[nodiscard]] std::size_t size() const { return users.size() + detections.size() + signIns.size(); }
};

// What a command of a row decides; nothing: it is no decision.
[[nodiscard]] std::optional<action::Action> actionOf(const QString &command);

// Why who acts may not do what takes this permission, in the directory that is open; empty: nothing speaks against it.
[[nodiscard]] QString permissionRefusal(const Context &context, action::Permission permission);
// Why who acts may not do this command of a row; `otherwise` where nothing speaks against it.
[[nodiscard]] QString roleRefusal(const Context &context, const QString &command, const QString &otherwise);

class Decisions : public QObject
{
    Q_OBJECT
public:
    Decisions(Context &context, QObject *parent = nullptr);

    // Opens the popover at `opener`; nothing happens until it is committed.
    void ask(action::Action action, const Targets &targets, QWidget *opener);
    // The last decision made in this window, with everything that followed from it. Where there is none, the
    // newest that stands in the directory is named, and taken back only when its link is followed.
    void undo();
    // The last one taken back in this window, once more.
    void redo();
    // One that was made before, by whomever; asked once at `opener`. `users`: how many it changed.
    void reverse(const Decided &decision, const QString &actor, std::int64_t users, QWidget *opener);
    // What a recorded command is called: "Dismiss risk of Anna Silva". `name`: of the only user.
    [[nodiscard]] static QString titleOfRecorded(const std::string &action, std::uint64_t users,
                                                 const std::string &name);
    // What the link of the last happened() offers.
    void followLink();

Q_SIGNALS:
    // `link`: "Undo", "Redo", "Take Back", or empty.
    void happened(riskdesk::models::Tone tone, const QString &text, const QString &link);
    void changed(); // the store: reload

private:
    bool isRefused(); // and says why
    void tellOutlook(widgets::ConfirmPopover *popover, action::Action action, const Targets &targets);
    void carryOut(action::Action action, const Targets &targets, const QString &reason, const QString &note,
                  const std::vector<action::Action> &then);
    void takeBack(const Decided &decision);
    void offerOlder();
    Context &m_context;
    jobs::Ticket m_planning;
    enum class Link { Undo, Redo, TakeBack } m_link = Link::Undo;
    Decided m_older; // offered by TakeBack
};

} // namespace riskdesk::pages
