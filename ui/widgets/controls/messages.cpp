#include "ui/widgets/controls/messages.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QShowEvent>
#include <QVBoxLayout>

namespace riskdesk::widgets {

using theme::ButtonKind;
using theme::Icon;
using theme::TextStyle;
using theme::Token;

EmptyState::EmptyState(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_mark(new IconMark(theme, Icon::FilterOff, Token::Text2, 40, false, this))
    , m_title(new Label(theme, TextStyle::PaneTitle, Token::Text, {}, this))
    , m_text(new Paragraph(theme, TextStyle::Body, Token::Text2, {}, this))
    , m_row(new QWidget(this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 24);
    column->setSpacing(8);
    column->addStretch(1);
    column->addWidget(m_mark, 0, Qt::AlignHCenter);
    column->addSpacing(8);
    m_title->setAlignment(Qt::AlignHCenter);
    column->addWidget(m_title);
    m_text->setAlignment(Qt::AlignHCenter);
    column->addWidget(m_text);
    column->addSpacing(6);
    auto *row = new QHBoxLayout(m_row);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    column->addWidget(m_row, 0, Qt::AlignHCenter);
    column->addStretch(1);
}

void EmptyState::set(Icon icon, const QString &title, const QString &text, const QList<WayOut> &ways)
{
    m_mark->setLook(icon, Token::Text2, false);
    m_title->setText(title);
    m_text->setText(text);
    m_text->setVisible(!text.isEmpty());
    while (QLayoutItem *item = m_row->layout()->takeAt(0)) {
        // Not at once: its click may still be running, in a file dialog that it opened.
        item->widget()->hide();
        item->widget()->setParent(nullptr);
        item->widget()->deleteLater();
        delete item;
    }
    bool first = true;
    for (const WayOut &way : ways) {
        auto *button = new QPushButton(way.text, m_row);
        button->setAutoDefault(false);
        setButtonKind(button, first ? ButtonKind::Primary : ButtonKind::Outlined);
        if (way.icon)
            button->setIcon(m_theme.icon(*way.icon, first ? Token::OnAccent : Token::Text));
        connect(button, &QPushButton::clicked, this, [this, id = way.id] { Q_EMIT chosen(id); });
        m_row->layout()->addWidget(button);
        first = false;
    }
}

MessageBar::MessageBar(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_mark(new IconMark(theme, Icon::Info, Token::InfoText, 18, true, this))
    , m_text(new Paragraph(theme, TextStyle::Body, Token::InfoText, {}, this))
    , m_action(linkButton({}, this))
    , m_close(iconButton(theme, Icon::Close, tr("Close this message"), this))
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(12, 3, 6, 3);
    row->setSpacing(8);
    row->addWidget(m_mark);
    row->addWidget(m_text, 1);
    row->addWidget(m_action);
    row->addWidget(m_close);
    m_close->setIconSize(QSize(14, 14));
    m_action->setAccessibleName(tr("Act on this message"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(m_action, &QPushButton::clicked, this, &MessageBar::actionPressed);
    connect(m_close, &QPushButton::clicked, this, [this] {
        hide();
        Q_EMIT closed();
    });
    hide();
}

void MessageBar::setMessage(Kind kind, const QString &text, const QString &action, bool closable)
{
    m_kind = kind;
    const Token ink = kind == Kind::Error     ? Token::ErrText
                      : kind == Kind::Warning ? Token::WarnText
                                              : Token::InfoText;
    m_mark->setLook(kind == Kind::Error     ? Icon::ErrorMark
                    : kind == Kind::Warning ? Icon::Warning
                                            : Icon::Info,
                    ink, true);
    m_text->setToken(ink);
    m_text->setText(text);
    m_action->setText(action);
    if (!action.isEmpty())
        m_action->setAccessibleName(action);
    m_action->setVisible(!action.isEmpty());
    m_close->setVisible(closable);
    if (isVisible() && !text.isEmpty())
        announce(this, text);
    setVisible(!text.isEmpty());
}

void MessageBar::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!event->spontaneous()) // also when the lock goes before which it was said
        announce(this, text());
}

QString MessageBar::text() const
{
    return m_text->text();
}

void MessageBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Token fill = m_kind == Kind::Error     ? Token::ErrBg
                       : m_kind == Kind::Warning ? Token::WarnBg
                                                 : Token::InfoBg;
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_theme.color(fill));
    painter.drawRoundedRect(QRectF(rect()), 6, 6);
}

FirstRun::FirstRun(const Theme &theme, const QString &product, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
{
    auto *column = new QVBoxLayout(this);
    column->setSpacing(10);
    column->addStretch(2);
    column->addWidget(new IconMark(theme, Icon::Mark, Token::AccentFill, 64, true, this), 0,
                      Qt::AlignHCenter);
    column->addSpacing(6);
    auto *title = new Label(theme, TextStyle::Kpi, Token::Text, tr("Welcome to %1").arg(product), this);
    title->setAlignment(Qt::AlignHCenter);
    column->addWidget(title);
    auto *text = new Label(theme, TextStyle::Body, Token::Text2,
                           tr("Look around in a sample shop, or start with your own sign-in log."), this);
    text->setAlignment(Qt::AlignHCenter);
    column->addWidget(text);
    column->addSpacing(12);
    auto *row = new QHBoxLayout;
    row->setSpacing(10);
    row->addStretch(1);
    const auto add = [&](Icon icon, const QString &word, ButtonKind kind, void (FirstRun::*signal)()) {
        auto *button = new CommandButton(theme, icon, word, kind, this);
        connect(button, &CommandButton::triggered, this, signal);
        row->addWidget(button);
        return button;
    };
    auto *sample =
        add(Icon::Flask, tr("Explore the sample directory"), ButtonKind::Primary, &FirstRun::sampleAsked);
    sample->setDefault(true);
    add(Icon::Import, tr("Import a sign-in log"), ButtonKind::Outlined, &FirstRun::importAsked);
    add(Icon::Folder, tr("Open a directory file"), ButtonKind::Outlined, &FirstRun::openAsked);
    row->addStretch(1);
    column->addLayout(row);
    column->addSpacing(14);
    auto *note = new Label(theme, TextStyle::Secondary, Token::Text3,
                           tr("Everything stays on this computer, in one file."), this);
    note->setAlignment(Qt::AlignHCenter);
    column->addWidget(note);
    column->addStretch(3);
}

void FirstRun::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.color(Token::Window));
}

} // namespace riskdesk::widgets
