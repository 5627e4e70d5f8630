#include "ui/widgets/controls/command_bar.h"

#include "ui/widgets/controls/badges.h"

#include <QMenu>
#include <QResizeEvent>

#include <algorithm>

namespace riskdesk::widgets {

using theme::ButtonKind;
using theme::Icon;
using theme::TextStyle;
using theme::Token;

namespace {

constexpr int gap = 6;

} // namespace

void fillMenu(QMenu *menu, const Theme &theme, const QList<Command> &commands,
              const std::function<void(const QString &)> &run)
{
    menu->setToolTipsVisible(true);
    for (const Command &command : commands) {
        if (command.separator) {
            menu->addSeparator();
            continue;
        }
        const QString text =
            command.shortcut.isEmpty() ? command.text : command.text + u'\t' + command.shortcut;
        QAction *action = menu->addAction(theme.icon(command.icon), text);
        action->setObjectName(command.id);
        action->setEnabled(command.refused.isEmpty());
        action->setToolTip(command.refused);
        action->setStatusTip(command.refused);
        // Once the menu is gone: a sheet that opens while the menu still closes would be closed with it.
        QObject *home = menu->parent() != nullptr ? menu->parent() : menu;
        QObject::connect(
            action, &QAction::triggered, home, [run, id = command.id] { run(id); }, Qt::QueuedConnection);
    }
}

QMenu *freshMenu(QWidget *parent, const QString &name)
{
    for (auto *old : parent->findChildren<QMenu *>(name, Qt::FindDirectChildrenOnly))
        delete old;
    auto *menu = new QMenu(parent);
    menu->setObjectName(name);
    return menu;
}

CommandBar::CommandBar(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_moreButton(iconButton(theme, Icon::More, tr("More commands"), this))
    , m_divider(new Divider(theme, Qt::Vertical, this))
    , m_mark(new IconMark(theme, Icon::CheckCircle, Token::Ok, 16, true, this))
    , m_text(new Label(theme, TextStyle::Name, Token::Text2, {}, this))
    , m_link(linkButton({}, this))
    , m_clear(iconButton(theme, Icon::Close, tr("Clear selection"), this, Token::Text2))
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_clear->setIconSize(QSize(14, 14));
    m_link->setIcon(theme.icon(Icon::Undo, Token::AccentText));
    m_link->setIconSize(QSize(16, 16));
    connect(m_moreButton, &QPushButton::clicked, this, &CommandBar::openMore);
    connect(m_link, &QPushButton::clicked, this, &CommandBar::feedbackLinkPressed);
    connect(m_clear, &QPushButton::clicked, this, &CommandBar::selectionCleared);
    connect(&theme, &Theme::changed, this, &CommandBar::relayout);
    rebuild();
}

void CommandBar::setSelectionCommands(const QList<Command> &commands, const QList<Command> &moreCommands)
{
    for (const Entry &entry : m_selection)
        entry.button->deleteLater();
    m_selection.clear();
    m_more = moreCommands;
    for (const Command &command : commands) {
        auto *button = new CommandButton(m_theme, command.icon, command.text, ButtonKind::Flat, this);
        button->setHint(command.shortcut);
        button->refuse(command.refused);
        connect(button, &CommandButton::triggered, this, [this, id = command.id] { Q_EMIT triggered(id); });
        connect(button, &CommandButton::refused, this,
                [this, id = command.id](const QString &reason) { Q_EMIT refused(id, reason); });
        m_selection.append({command, button});
    }
    rebuild();
}

void CommandBar::setGeneralCommands(const QList<Command> &commands)
{
    for (const Entry &entry : m_general)
        entry.button->deleteLater();
    m_general.clear();
    for (const Command &command : commands) {
        auto *button = new CommandButton(m_theme, command.icon, command.text, ButtonKind::Flat, this);
        button->setHint(command.shortcut);
        button->refuse(command.refused);
        connect(button, &CommandButton::triggered, this, [this, id = command.id] { Q_EMIT triggered(id); });
        m_general.append({command, button});
    }
    rebuild();
}

void CommandBar::setRefused(const QString &id, const QString &reason)
{
    for (auto *entries : {&m_selection, &m_general})
        for (Entry &entry : *entries)
            if (entry.command.id == id) {
                entry.command.refused = reason;
                entry.button->refuse(reason);
            }
    for (Command &command : m_more)
        if (command.id == id)
            command.refused = reason;
}

CommandButton *CommandBar::button(const QString &id) const
{
    for (const auto *entries : {&m_selection, &m_general})
        for (const Entry &entry : *entries)
            if (entry.command.id == id)
                return entry.button;
    return nullptr;
}

QWidget *CommandBar::anchor(const QString &id) const
{
    CommandButton *found = button(id);
    return found != nullptr && found->isVisibleTo(this) ? static_cast<QWidget *>(found) : m_moreButton;
}

void CommandBar::setSelection(const QString &text, bool any, bool clearable)
{
    m_selectionText = text;
    m_any = any;
    m_clearable = clearable;
    if (!m_feedback.isEmpty())
        return; // what happened stays to be read, and taken back, until somebody does the next thing
    m_mark->hide();
    m_link->hide();
    m_text->setText(text);
    m_text->setToken(any ? Token::AccentText : Token::Text2);
    m_clear->setVisible(clearable);
    relayout();
}

void CommandBar::setFeedback(models::Tone tone, const QString &text, const QString &link)
{
    m_feedback = text;
    const ToneLook look = toneLook(tone);
    m_mark->setLook(look.icon, look.token, look.filled);
    m_mark->show();
    m_text->setText(text);
    m_text->setToken(Token::Text);
    m_link->setText(link);
    m_link->setAccessibleName(link);
    m_link->setVisible(!link.isEmpty());
    m_clear->hide();
    relayout();
    announce(m_text, text);
}

void CommandBar::clearFeedback()
{
    m_feedback.clear();
    setSelection(m_selectionText, m_any, m_clearable);
}

void CommandBar::rebuild()
{
    QWidget *before = nullptr;
    const auto chain = [&](QWidget *next) {
        if (before != nullptr)
            setTabOrder(before, next);
        before = next;
    };
    for (const Entry &entry : m_selection) {
        entry.button->show();
        chain(entry.button);
    }
    chain(m_moreButton);
    chain(m_link);
    chain(m_clear);
    for (const Entry &entry : m_general) {
        entry.button->show();
        chain(entry.button);
    }
    if (m_feedback.isEmpty())
        setSelection(m_selectionText, m_any, m_clearable);
    relayout();
}

QSize CommandBar::minimumSizeHint() const
{
    return {320, m_theme.scaled(32)};
}

void CommandBar::relayout()
{
    const int tall = m_theme.scaled(32);
    setFixedHeight(tall);
    const auto total = [](const QList<Entry> &entries, int count) {
        int sum = 0;
        for (int i = 0; i < count; ++i)
            sum += entries[i].button->sizeHint().width() + gap;
        return sum;
    };
    const auto hasVisible = [](const QWidget *w) { return !w->isHidden(); };
    int slot = m_text->sizeHint().width() + 20;
    for (const QWidget *part :
         {static_cast<QWidget *>(m_mark), static_cast<QWidget *>(m_link), static_cast<QWidget *>(m_clear)})
        if (hasVisible(part))
            slot += part->sizeHint().expandedTo(part->minimumSize()).width() + gap;
    // Feedback is read; the slot may take its whole text before commands keep their words.
    slot = std::min(slot, std::max(160, width() / 2));

    for (auto *entries : {&m_selection, &m_general})
        for (const Entry &entry : *entries)
            entry.button->setCompact(false);
    m_shown = static_cast<int>(m_selection.size());
    const int general = static_cast<int>(m_general.size());
    int more = m_more.isEmpty() ? 0 : 30 + gap;
    const auto needed = [&] {
        return total(m_selection, m_shown) + more + slot + total(m_general, general) + 24;
    };
    if (needed() > width())
        for (const Entry &entry : m_general)
            entry.button->setCompact(true);
    while (m_shown > 1 && needed() > width()) {
        --m_shown;
        more = 30 + gap;
    }
    m_moreButton->setVisible(more > 0);

    int x = 0;
    const auto place = [&](QWidget *widget, int wide, int high) {
        const QRect box(x, (tall - high) / 2, wide, high);
        widget->setGeometry(QStyle::visualRect(layoutDirection(), rect(), box));
        x += wide + gap;
    };
    for (int i = 0; i < m_selection.size(); ++i) {
        CommandButton *button = m_selection[i].button;
        button->setVisible(i < m_shown);
        if (i < m_shown)
            place(button, button->sizeHint().width(), button->sizeHint().height());
    }
    if (more > 0)
        place(m_moreButton, 30, 30);
    x += 6;
    const bool any = !m_text->text().isEmpty() && !m_selection.isEmpty();
    m_divider->setVisible(any);
    if (any)
        place(m_divider, 1, 20);
    x += 6;
    const int rest = width() - x - total(m_general, general);
    int words = std::min(m_text->sizeHint().width(), rest);
    if (hasVisible(m_mark)) {
        place(m_mark, 16, 16);
        words -= 22;
    }
    const int tails =
        (hasVisible(m_link) ? m_link->sizeHint().width() + gap : 0) + (hasVisible(m_clear) ? 36 : 0);
    words = std::clamp(std::min(m_text->sizeHint().width(), rest - tails - (hasVisible(m_mark) ? 22 : 0)), 0,
                       2000);
    place(m_text, words, m_text->sizeHint().height());
    if (hasVisible(m_link))
        place(m_link, m_link->sizeHint().width(), m_link->sizeHint().height());
    if (hasVisible(m_clear))
        place(m_clear, 30, 30);
    x = width() - total(m_general, general) + gap;
    for (const Entry &entry : m_general)
        place(entry.button, entry.button->sizeHint().width(), entry.button->sizeHint().height());
}

void CommandBar::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    relayout();
}

void CommandBar::openMore()
{
    QList<Command> commands;
    for (qsizetype i = m_shown; i < m_selection.size(); ++i)
        commands.append(m_selection[i].command);
    if (!commands.isEmpty() && !m_more.isEmpty()) {
        Command line;
        line.separator = true;
        commands.append(line);
    }
    commands += m_more;
    auto *menu = freshMenu(this, QStringLiteral("moreMenu"));
    fillMenu(menu, m_theme, commands, [this](const QString &id) { Q_EMIT triggered(id); });
    menu->popup(m_moreButton->mapToGlobal(QPoint(0, m_moreButton->height() + 4)));
}

} // namespace riskdesk::widgets
