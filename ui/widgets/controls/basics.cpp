#include "ui/widgets/controls/basics.h"

#include "ui/models/format.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <QStyleOptionButton>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace riskdesk::widgets {

using theme::ButtonKind;
using theme::TextStyle;
using theme::Token;

namespace {

class CommandAccessible : public QAccessibleWidget
{
public:
    explicit CommandAccessible(CommandButton *button)
        : QAccessibleWidget(button, QAccessible::Button)
        , m_button(button)
    {}
    QString text(QAccessible::Text kind) const override
    {
        if (kind == QAccessible::Name)
            return m_button->word();
        if (kind == QAccessible::Description)
            return m_button->isAllowed() ? m_button->accessibleDescription() : m_button->reason();
        return QAccessibleWidget::text(kind);
    }
    QAccessible::State state() const override
    {
        QAccessible::State state = QAccessibleWidget::state();
        state.disabled = !m_button->isAllowed() || !m_button->isEnabled();
        return state;
    }
    QStringList actionNames() const override { return {pressAction(), setFocusAction()}; }
    void doAction(const QString &name) override
    {
        if (name == pressAction())
            m_button->click();
        else
            QAccessibleWidget::doAction(name);
    }

private:
    CommandButton *m_button;
};

class CornerCover : public QWidget
{
public:
    CornerCover(const Theme &theme, QWidget *parent)
        : QWidget(parent)
        , m_theme(theme)
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        setFocusPolicy(Qt::NoFocus);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF r(rect());
        QPainterPath outside;
        outside.addRect(r);
        QPainterPath card;
        card.addRoundedRect(r.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
        painter.fillPath(outside.subtracted(card), m_theme.color(Token::Window));
        painter.setPen(QPen(m_theme.color(Token::Border), 1));
        painter.drawPath(card);
    }

private:
    const Theme &m_theme;
};

QAccessibleInterface *makeAccessible(const QString &, QObject *object)
{
    auto *button = qobject_cast<CommandButton *>(object);
    return button != nullptr ? new CommandAccessible(button) : nullptr;
}

} // namespace

void installAccessibility()
{
    static const bool once = [] {
        QAccessible::installFactory(makeAccessible);
        return true;
    }();
    Q_UNUSED(once)
}

Label::Label(const Theme &theme, TextStyle style, Token token, const QString &text, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_style(style)
    , m_token(token)
    , m_text(text)
{
    setAccessibleName(text);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(&theme, &Theme::changed, this, [this] { updateGeometry(); });
}

void Label::setText(const QString &text)
{
    if (text == m_text)
        return;
    m_text = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}

void Label::setToken(Token token)
{
    m_token = token;
    update();
}

void Label::setStyle(TextStyle style)
{
    m_style = style;
    updateGeometry();
    update();
}

void Label::setAlignment(Qt::Alignment alignment)
{
    m_alignment = alignment;
    update();
}

QSize Label::sizeHint() const
{
    auto &glyphs = m_theme.text(m_style);
    const qreal width = m_tabular ? glyphs.tabularWidth(m_text) : glyphs.width(m_text);
    return {static_cast<int>(std::ceil(width)) + 1, static_cast<int>(std::ceil(glyphs.height()))};
}

QSize Label::minimumSizeHint() const
{
    return {std::min(sizeHint().width(), 24), sizeHint().height()};
}

void Label::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setPen(m_theme.color(isEnabled() ? m_token : Token::TextDisabled));
    Qt::Alignment alignment = m_alignment;
    if (isRightToLeft() && !(alignment & Qt::AlignHCenter))
        alignment = alignment & Qt::AlignRight ? Qt::AlignLeft : Qt::AlignRight;
    if (m_tabular)
        m_theme.text(m_style).drawTabular(painter, QRectF(rect()), m_text, alignment);
    else
        m_theme.text(m_style).draw(painter, QRectF(rect()), m_text, alignment);
}

bool Label::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip && toolTip().isEmpty()) {
        if (m_theme.text(m_style).width(m_text) > width())
            QToolTip::showText(static_cast<QHelpEvent *>(event)->globalPos(), models::plainTip(m_text), this);
        return true;
    }
    return QWidget::event(event);
}

Paragraph::Paragraph(const Theme &theme, TextStyle style, Token token, const QString &text, QWidget *parent)
    : QLabel(text, parent)
    , m_theme(theme)
    , m_style(style)
    , m_token(token)
{
    setTextFormat(Qt::PlainText);
    setWordWrap(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
    connect(&theme, &Theme::changed, this, &Paragraph::refresh);
    refresh();
}

void Paragraph::setToken(Token token)
{
    m_token = token;
    refresh();
}

void Paragraph::refresh()
{
    setFont(m_theme.font(m_style));
    QPalette p = palette();
    p.setColor(QPalette::WindowText, m_theme.color(m_token));
    setPalette(p);
}

Card::Card(const Theme &theme, QWidget *parent)
    : QFrame(parent)
    , m_theme(theme)
{
    setContentsMargins(1, 1, 1, 1);
}

void Card::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_theme.color(Token::Border), 1));
    painter.setBrush(m_theme.color(Token::Surface));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
}

void Card::coverCorners()
{
    m_cover = new CornerCover(m_theme, this);
}

void Card::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    if (m_cover != nullptr) {
        m_cover->setGeometry(rect());
        constexpr int c = 9;
        const int w = width();
        const int h = height();
        // Only corners and edges belong to the cover; rows repaint without it.
        QRegion region(0, 0, c, c);
        region += QRegion(w - c, 0, c, c);
        region += QRegion(0, h - c, c, c);
        region += QRegion(w - c, h - c, c, c);
        m_cover->setMask(region);
        m_cover->raise();
    }
}

Divider::Divider(const Theme &theme, Qt::Orientation orientation, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_orientation(orientation)
{
    orientation == Qt::Vertical ? setFixedWidth(1) : setFixedHeight(1);
}

void Divider::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const QRect line = m_orientation == Qt::Vertical ? QRect(0, 0, 1, height()) : QRect(0, 0, width(), 1);
    painter.fillRect(line, m_theme.color(Token::Border));
}

class ScrollPane::Ring : public QWidget
{
public:
    Ring(const Theme &theme, QWidget *parent)
        : QWidget(parent)
        , m_theme(theme)
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        hide();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        theme::paintFocusRing(painter, m_theme, QRectF(rect()), 4);
    }

private:
    const Theme &m_theme;
};

ScrollPane::ScrollPane(const Theme &theme, QWidget *content, QWidget *parent)
    : QScrollArea(parent)
    , m_ring(new Ring(theme, this))
{
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setFocusPolicy(Qt::NoFocus);
    setWidget(content);
    viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
    content->installEventFilter(this);
    setAccessibleName(tr("Details"));
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, &ScrollPane::refresh);
}

void ScrollPane::refresh()
{
    m_ring->setGeometry(rect());
    const auto parts = widget()->findChildren<QWidget *>();
    const bool hasStops = (widget()->focusPolicy() & Qt::TabFocus) ||
                          std::any_of(parts.begin(), parts.end(), [](const QWidget *part) {
                              return (part->focusPolicy() & Qt::TabFocus) && !part->isHidden() &&
                                     qobject_cast<const ScrollPane *>(part) == nullptr;
                          });
    setFocusPolicy(verticalScrollBar()->maximum() > 0 && !hasStops ? Qt::StrongFocus : Qt::NoFocus);
}

bool ScrollPane::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize || event->type() == QEvent::LayoutRequest)
        refresh();
    return QScrollArea::eventFilter(watched, event);
}

void ScrollPane::focusInEvent(QFocusEvent *event)
{
    QScrollArea::focusInEvent(event);
    m_ring->setGeometry(rect());
    m_ring->raise();
    m_ring->setVisible(event->reason() != Qt::MouseFocusReason);
}

void ScrollPane::focusOutEvent(QFocusEvent *event)
{
    QScrollArea::focusOutEvent(event);
    m_ring->hide();
}

IconMark::IconMark(const Theme &theme, theme::Icon icon, Token token, int size, bool filled, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_icon(icon)
    , m_token(token)
    , m_filled(filled)
{
    setFixedSize(size, size);
}

void IconMark::setLook(theme::Icon icon, Token token, bool filled)
{
    m_icon = icon;
    m_token = token;
    m_filled = filled;
    update();
}

void IconMark::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    m_theme.paintIcon(painter, QRectF(rect()), m_icon, m_token, m_filled);
}

CommandButton::CommandButton(const Theme &theme, theme::Icon icon, const QString &text, ButtonKind kind,
                             QWidget *parent)
    : QPushButton(text, parent)
    , m_theme(theme)
    , m_glyph(icon)
    , m_word(text)
{
    installAccessibility();
    setButtonKind(this, kind);
    const bool filled = kind == ButtonKind::Primary || kind == ButtonKind::Danger;
    setIcon(theme.icon(icon, filled ? Token::OnAccent : Token::Text));
    setIconSize(QSize(18, 18));
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAutoDefault(false);
    connect(this, &QPushButton::clicked, this, [this] {
        if (m_reason.isEmpty()) {
            Q_EMIT triggered();
            return;
        }
        QToolTip::showText(mapToGlobal(QPoint(0, height())), m_reason, this);
        announce(this, m_reason);
        Q_EMIT refused(m_reason);
    });
    connect(&theme, &Theme::changed, this, [this] { updateGeometry(); });
    refresh();
}

void CommandButton::refresh()
{
    setText(m_compact ? QString() : m_word);
    setAccessibleName(m_word);
    setAccessibleDescription(m_reason.isEmpty() ? m_hint : m_reason);
    setToolTip(!m_reason.isEmpty() ? m_reason
               : !m_hint.isEmpty() ? (m_compact ? m_word + u'\n' + m_hint : m_hint)
               : m_compact         ? m_word
                                   : QString());
    updateGeometry();
    update();
}

void CommandButton::refuse(const QString &reason)
{
    if (reason == m_reason)
        return;
    m_reason = reason;
    refresh();
    QAccessible::State changed;
    changed.disabled = true;
    QAccessibleStateChangeEvent event(this, changed);
    QAccessible::updateAccessibility(&event);
}

void CommandButton::setHint(const QString &hint)
{
    m_hint = hint;
    refresh();
}

void CommandButton::setCompact(bool compact)
{
    if (compact == m_compact)
        return;
    m_compact = compact;
    refresh();
}

void CommandButton::setWord(const QString &word)
{
    m_word = word;
    refresh();
}

void CommandButton::initStyleOption(QStyleOptionButton *option) const
{
    QPushButton::initStyleOption(option);
    if (!m_reason.isEmpty())
        option->state &= ~QStyle::State_Enabled;
}

void CommandButton::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        click();
        return;
    }
    QPushButton::keyPressEvent(event);
}

QPushButton *iconButton(const Theme &theme, theme::Icon icon, const QString &name, QWidget *parent,
                        Token token)
{
    auto *button = new QPushButton(parent);
    setButtonKind(button, ButtonKind::Flat);
    button->setIcon(theme.icon(icon, token));
    button->setIconSize(QSize(18, 18));
    button->setToolTip(name);
    button->setAccessibleName(name);
    button->setAutoDefault(false);
    button->setFixedSize(30, 30);
    return button;
}

QPushButton *linkButton(const QString &text, QWidget *parent)
{
    auto *button = new QPushButton(text, parent);
    setButtonKind(button, ButtonKind::Link);
    button->setAutoDefault(false);
    button->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    return button;
}

void announce(QWidget *source, const QString &message)
{
    if (!source->isVisible()) // behind the lock nothing is told
        return;
    // Qt 6.4 has no announcement event; an alert with the text as its description is read by screen readers.
    source->setAccessibleDescription(message);
    QAccessibleEvent event(source, QAccessible::Alert);
    QAccessible::updateAccessibility(&event);
}

} // namespace riskdesk::widgets
