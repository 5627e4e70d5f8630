#include "ui/widgets/frame/details_pane.h"

#include "ui/models/format.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QMenu>
#include <QPainter>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

namespace riskdesk::widgets {

using theme::ButtonKind;
using theme::Icon;
using theme::TextStyle;
using theme::Token;

SubjectHeader::SubjectHeader(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void SubjectHeader::setSubject(const PaneSubject &subject)
{
    m_subject = subject;
    QStringList said{subject.title};
    if (subject.level)
        said << tr("risk level %1").arg(models::levelName(*subject.level));
    if (subject.state)
        said << tr("risk state %1").arg(stateWord(*subject.state));
    setAccessibleName((said + subject.facts).join(QStringLiteral(", ")));
    setToolTip(models::plainTip(subject.facts.join(u'\n')));
    update();
}

void SubjectHeader::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const qreal tile = 36;
    const QRectF box(0, (height() - tile) / 2, tile, tile);
    if (!m_subject.initials.isEmpty()) {
        paintAvatar(painter, m_theme, box, m_subject.initials, m_subject.title);
    } else {
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.color(Token::Surface3));
        painter.drawRoundedRect(box, 7, 7);
        m_theme.paintIcon(painter, box.adjusted(8, 8, -8, -8), m_subject.icon, Token::Text);
    }
    const qreal x = tile + 10;
    const qreal half = height() / 2.0;
    auto &title = m_theme.text(TextStyle::PaneTitle);
    qreal kept = 0;
    if (m_subject.level)
        kept += levelPillWidth(m_theme, *m_subject.level) + 10;
    if (m_subject.state)
        kept += 22 + m_theme.text(TextStyle::Body).width(stateWord(*m_subject.state)) + 10;
    painter.setPen(m_theme.color(Token::Text));
    qreal at =
        x + title.draw(painter, QRectF(x, 0, std::max(40.0, width() - x - kept), half + 1), m_subject.title) +
        10;
    if (m_subject.level)
        at += paintLevelPill(painter, m_theme, QRectF(at, 0, width() - at, half + 1), *m_subject.level) + 10;
    if (m_subject.state && at < width())
        paintState(painter, m_theme, QRectF(at, 0, width() - at, half + 1), *m_subject.state);
    painter.setPen(m_theme.color(Token::Text2));
    m_theme.text(TextStyle::Secondary)
        .draw(painter, QRectF(x, half + 1, width() - x, half),
              m_subject.facts.join(QStringLiteral("   \u00B7   ")));
}

DetailsPane::DetailsPane(const Theme &theme, QWidget *parent)
    : Card(theme, parent)
    , m_theme(theme)
    , m_header(new SubjectHeader(theme, this))
    , m_sentence(new Paragraph(theme, TextStyle::Body, Token::Text2, {}, this))
    , m_commandBox(new QWidget(this))
    , m_moreButton(iconButton(theme, Icon::More, tr("More commands"), this))
    , m_windowButton(iconButton(theme, Icon::Window, tr("Open in own window"), this))
    , m_closeButton(iconButton(theme, Icon::Close, tr("Close the details"), this))
    , m_buttonLine(new Divider(theme, Qt::Vertical, this))
    , m_tabs(new QTabBar(this))
    , m_stack(new QStackedWidget(this))
    , m_position(new Label(theme, TextStyle::Secondary, Token::Text2, {}, this))
    , m_previous(iconButton(theme, Icon::ChevronUp, tr("Previous"), this))
    , m_next(iconButton(theme, Icon::ChevronDown, tr("Next"), this))
{
    setAccessibleName(tr("Details"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(1, 9, 1, 1);
    column->setSpacing(0);

    auto *top = new QHBoxLayout;
    top->setContentsMargins(15, 0, 12, 0);
    top->setSpacing(8);
    top->addWidget(m_header, 1);
    auto *commands = new QHBoxLayout(m_commandBox);
    commands->setContentsMargins(0, 0, 0, 0);
    commands->setSpacing(8);
    top->addWidget(m_commandBox);
    top->addWidget(m_moreButton);
    m_buttonLine->setFixedHeight(20);
    top->addWidget(m_buttonLine);
    top->addWidget(m_windowButton);
    top->addWidget(m_closeButton);
    column->addLayout(top);

    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(7, 0, 12, 0);
    bar->setSpacing(4);
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->setUsesScrollButtons(true);
    m_tabs->setElideMode(Qt::ElideNone);
    m_tabs->setAccessibleName(tr("Details"));
    m_tabs->setAttribute(Qt::WA_Hover);
    bar->addWidget(m_tabs, 1);
    m_position->setTabular(true);
    bar->addWidget(m_position);
    bar->addWidget(m_previous);
    bar->addWidget(m_next);
    column->addLayout(bar);
    column->addWidget(new Divider(theme, Qt::Horizontal, this));
    column->addWidget(m_stack, 1);
    m_sentence->setContentsMargins(16, 10, 16, 10);
    m_sentence->setAlignment(Qt::AlignTop | Qt::AlignLeading);
    m_sentence->hide();
    column->addWidget(m_sentence, 1);

    connect(m_tabs, &QTabBar::currentChanged, this, [this](int index) {
        m_stack->setCurrentIndex(index);
        Q_EMIT tabChosen(index);
    });
    connect(m_previous, &QPushButton::clicked, this, &DetailsPane::previousAsked);
    connect(m_next, &QPushButton::clicked, this, &DetailsPane::nextAsked);
    connect(m_windowButton, &QPushButton::clicked, this, &DetailsPane::ownWindowAsked);
    connect(m_closeButton, &QPushButton::clicked, this, &DetailsPane::closeAsked);
    connect(m_moreButton, &QPushButton::clicked, this, &DetailsPane::openMore);
    m_moreButton->hide();
}

void DetailsPane::setSubject(const PaneSubject &subject)
{
    m_subject = subject;
    if (!m_several)
        m_header->setSubject(subject);
}

void DetailsPane::setSeveral(const QString &title, const QStringList &facts, const QString &sentence)
{
    m_several = !title.isEmpty();
    PaneSubject several;
    several.title = title;
    several.icon = Icon::CheckCircle;
    several.facts = facts;
    m_header->setSubject(m_several ? several : m_subject);
    m_sentence->setText(sentence);
    m_sentence->setVisible(m_several);
    for (QWidget *ofOne : {m_commandBox, static_cast<QWidget *>(m_tabs), static_cast<QWidget *>(m_stack),
                           static_cast<QWidget *>(m_position), static_cast<QWidget *>(m_previous),
                           static_cast<QWidget *>(m_next)})
        ofOne->setVisible(!m_several);
    fitCommands();
}

void DetailsPane::setCommands(const QList<Command> &commands, const QList<Command> &moreCommands)
{
    // The same commands with other reasons are the usual case; keep their buttons and with them the focus.
    bool same = commands.size() == m_commands.size();
    for (qsizetype i = 0; same && i < commands.size(); ++i)
        same = commands[i].id == m_commands[i].first.id && commands[i].text == m_commands[i].first.text;
    m_more = moreCommands;
    if (same) {
        for (qsizetype i = 0; i < commands.size(); ++i) {
            m_commands[i].first = commands[i];
            m_commands[i].second->refuse(commands[i].refused);
        }
        fitCommands();
        return;
    }
    for (const auto &[command, button] : m_commands)
        delete button;
    m_commands.clear();
    for (const Command &command : commands) {
        auto *button = new CommandButton(m_theme, command.icon, command.text,
                                         m_commands.isEmpty() ? ButtonKind::Primary : ButtonKind::Outlined,
                                         m_commandBox);
        button->setHint(command.shortcut);
        button->refuse(command.refused);
        connect(button, &CommandButton::triggered, this, [this, id = command.id] { Q_EMIT triggered(id); });
        m_commandBox->layout()->addWidget(button);
        m_commands.append({command, button});
    }
    fitCommands();
}

void DetailsPane::setRefused(const QString &id, const QString &reason)
{
    for (auto &[command, button] : m_commands)
        if (command.id == id) {
            command.refused = reason;
            button->refuse(reason);
        }
    for (Command &command : m_more)
        if (command.id == id)
            command.refused = reason;
}

QWidget *DetailsPane::anchor(const QString &id) const
{
    for (const auto &[command, button] : m_commands)
        if (command.id == id && button->isVisibleTo(this))
            return button;
    return m_moreButton;
}

void DetailsPane::fitCommands()
{
    // The name and its signs come first; commands give way from the last one.
    int room = width() - 420;
    int hidden = 0;
    for (qsizetype i = 0; i < m_commands.size(); ++i) {
        CommandButton *button = m_commands[i].second;
        const bool fits = i == 0 || room >= button->sizeHint().width() + 150;
        button->setVisible(fits && hidden == 0);
        hidden += fits && hidden == 0 ? 0 : 1;
        room -= button->sizeHint().width() + 8;
    }
    m_moreButton->setVisible(!m_several && (hidden > 0 || !m_more.isEmpty()));
}

void DetailsPane::openMore()
{
    QList<Command> commands;
    for (const auto &[command, button] : m_commands)
        if (!button->isVisibleTo(this))
            commands.append(command);
    commands += m_more;
    auto *menu = freshMenu(this, QStringLiteral("moreMenu"));
    fillMenu(menu, m_theme, commands, [this](const QString &id) { Q_EMIT triggered(id); });
    menu->popup(m_moreButton->mapToGlobal(QPoint(0, m_moreButton->height() + 4)));
}

int DetailsPane::addTab(const QString &title, QWidget *content)
{
    m_titles.append(title);
    // A low pane scrolls instead of taking room from the list.
    auto *scroll = new ScrollPane(m_theme, content, m_stack);
    m_stack->addWidget(scroll);
    return m_tabs->addTab(title);
}

void DetailsPane::setTabCount(int index, qint64 count)
{
    if (index < 0 || index >= m_titles.size())
        return;
    m_tabs->setTabText(index, count < 0
                                  ? m_titles[index]
                                  : QStringLiteral("%1  %2").arg(m_titles[index], QLocale().toString(count)));
}

void DetailsPane::setTabShown(int index, bool shown)
{
    m_tabs->setTabVisible(index, shown);
}

void DetailsPane::setCurrentTab(int index)
{
    m_tabs->setCurrentIndex(index);
}

int DetailsPane::currentTab() const
{
    return m_tabs->currentIndex();
}

void DetailsPane::setPosition(qint64 row, qint64 rows)
{
    m_position->setText(rows > 0 ? tr("%1 of %2").arg(QLocale().toString(row), QLocale().toString(rows))
                                 : QString());
    m_previous->setEnabled(row > 1);
    m_next->setEnabled(row < rows);
}

void DetailsPane::setWindowButtonsShown(bool shown)
{
    m_buttonLine->setVisible(shown);
    m_windowButton->setVisible(shown);
    m_closeButton->setVisible(shown);
}

void DetailsPane::resizeEvent(QResizeEvent *event)
{
    Card::resizeEvent(event);
    fitCommands();
}

} // namespace riskdesk::widgets
