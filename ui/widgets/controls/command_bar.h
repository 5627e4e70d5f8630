// The commands of a list on one line: those for the selection first, then a line and the feedback slot,
// general commands at the end. Where there is no room, general commands become icons and the last selection
// commands move into the "..." menu. The feedback slot tells how many are selected, or what just happened
// with Undo beside it; it stays until the next action or selection, nothing is timed.
#pragma once

#include "ui/models/roles.h"
#include "ui/widgets/controls/basics.h"

#include <functional>

class QMenu;

namespace riskdesk::widgets {

struct Command
{
    QString id;
    theme::Icon icon = theme::Icon::More;
    QString text;
    QString shortcut;       // as shown, "Ctrl+D"; the action itself is bound by the page
    QString refused;        // why not now; empty: allowed
    bool separator = false; // a line instead of a command
};

// Fills a menu; refused commands are shown, read their reason as tool tip, and do nothing.
void fillMenu(QMenu *menu, const Theme &theme, const QList<Command> &commands,
              const std::function<void(const QString &)> &run);

// An empty menu of `parent`; the one of the same name that was opened before is gone. A menu is not deleted
// when it closes: with its window the focus would go, and a sheet opened by one of its commands be closed
// again.
[[nodiscard]] QMenu *freshMenu(QWidget *parent, const QString &name);

class CommandBar : public QWidget
{
    Q_OBJECT
public:
    explicit CommandBar(const Theme &theme, QWidget *parent = nullptr);

    void setSelectionCommands(const QList<Command> &commands, const QList<Command> &moreCommands = {});
    void setGeneralCommands(const QList<Command> &commands);
    void setRefused(const QString &id, const QString &reason);
    // The visible button, or the "..." button for a command in the menu: where a popover opens.
    [[nodiscard]] QWidget *anchor(const QString &id) const;
    [[nodiscard]] CommandButton *button(const QString &id) const;

    // "Nothing selected", "3 selected". `clearable` shows a cross. While there is feedback it is only noted
    // down: a list that reloads after an action must not wipe "Undo" away; clearFeedback() shows it.
    void setSelection(const QString &text, bool any, bool clearable);
    // "Risk dismissed for 3 users" with "Undo"; the same text is announced once.
    void setFeedback(models::Tone tone, const QString &text, const QString &link = {});
    void clearFeedback();
    [[nodiscard]] QString feedback() const { return m_feedback; }

    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void triggered(const QString &id);
    void refused(const QString &id, const QString &reason);
    void feedbackLinkPressed();
    void selectionCleared();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    struct Entry
    {
        Command command;
        CommandButton *button = nullptr;
    };
    void rebuild();
    void relayout();
    void openMore();

    const Theme &m_theme;
    QList<Entry> m_selection;
    QList<Entry> m_general;
    QList<Command> m_more;
    int m_shown = 0; // selection commands with a button on the bar
    QPushButton *m_moreButton;
    Divider *m_divider;
    IconMark *m_mark;
    Label *m_text;
    QPushButton *m_link;
    QPushButton *m_clear;
    QString m_feedback;
    QString m_selectionText;
    bool m_any = false;
    bool m_clearable = false;
};

} // namespace riskdesk::widgets
