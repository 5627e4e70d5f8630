#include "ui/widgets/controls/popover.h"

#include "ui/theme/style.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QPlainTextEdit>
#include <QRadioButton>
#include <QScreen>
#include <QVBoxLayout>

#include <algorithm>

namespace riskdesk::widgets {

using theme::ButtonKind;
using theme::Icon;
using theme::TextStyle;
using theme::Token;

Popover::Popover(const Theme &theme, QWidget *parent)
    : QWidget(parent, Qt::Popup | Qt::FramelessWindowHint | Qt::NoDropShadowWindowHint)
    , m_theme(theme)
    , m_content(new QVBoxLayout(this))
{
    setAttribute(Qt::WA_TranslucentBackground, theme::translucencyWorks());
    setAttribute(Qt::WA_DeleteOnClose);
    m_content->setContentsMargins(shadow + 12, shadow + 12, shadow + 12, shadow + 12);
    m_content->setSpacing(8);
}

void Popover::openAt(QWidget *opener)
{
    m_opener = opener;
    m_before = opener->window()->focusWidget();
    place();
    show();
    // The first thing that can be filled in.
    for (QWidget *child = nextInFocusChain(); child != nullptr && child != this;
         child = child->nextInFocusChain()) {
        if (isAncestorOf(child) && child->focusPolicy() != Qt::NoFocus && child->isEnabled() &&
            child->isVisibleTo(this) && qobject_cast<QPushButton *>(child) == nullptr) {
            child->setFocus(Qt::PopupFocusReason);
            break;
        }
    }
}

void Popover::place()
{
    QWidget *opener = m_opener;
    if (opener == nullptr)
        return;
    layout()->activate();
    adjustSize();
    // That leaves a third of the screen free, and wrapped lines would be cut for it.
    const int screenHeight =
        opener->screen() != nullptr ? opener->screen()->availableGeometry().height() : 4096;
    if (layout()->hasHeightForWidth())
        resize(width(), std::max(height(), std::min(layout()->totalHeightForWidth(width()), screenHeight)));
    const QRect screen =
        opener->screen() != nullptr ? opener->screen()->availableGeometry() : QRect(0, 0, 4096, 4096);
    const QSize sheet = size() - QSize(2 * shadow, 2 * shadow);
    QPoint at = opener->mapToGlobal(
        QPoint(opener->isRightToLeft() ? opener->width() - sheet.width() : 0, opener->height() + 5));
    if (at.y() + sheet.height() > screen.bottom() - 8) {
        const int above = opener->mapToGlobal(QPoint(0, 0)).y() - 5 - sheet.height();
        if (above >= screen.top())
            at.setY(above);
    }
    at.setX(std::clamp(at.x(), screen.left() + 8,
                       std::max(screen.left() + 8, screen.right() - 8 - sheet.width())));
    move(at - QPoint(shadow, shadow));
    if (!testAttribute(Qt::WA_TranslucentBackground)) {
        // The sheet alone, without its shadow.
        QPainterPath path;
        path.addRoundedRect(rect().adjusted(shadow, shadow, -shadow, -shadow), 8, 8);
        setMask(QRegion(path.toFillPolygon().toPolygon()));
    }
}

void Popover::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF sheet = QRectF(rect()).adjusted(shadow, shadow, -shadow, -shadow);
    painter.setPen(Qt::NoPen);
    QColor shade(0, 0, 0);
    // Thin rings add up to a soft edge.
    for (int ring = shadow - 2; ring > 0; --ring) {
        shade.setAlphaF((m_theme.isDark() ? 0.035F : 0.013F) * static_cast<float>(shadow - ring) / 8.0F);
        painter.setBrush(shade);
        const qreal spread = ring;
        painter.drawRoundedRect(sheet.adjusted(-spread + 2, -spread + 8, spread - 2, spread - 2), 10 + spread,
                                10 + spread);
    }
    painter.setBrush(m_theme.color(Token::Surface));
    painter.setPen(QPen(m_theme.color(Token::Border), 1));
    painter.drawRoundedRect(sheet.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
}

void Popover::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape) {
        close();
        return;
    }
    QWidget::keyPressEvent(event);
}

void Popover::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    for (QWidget *back : {m_before.data(), m_opener.data()})
        if (back != nullptr && back->isVisible() && back->focusPolicy() != Qt::NoFocus) {
            back->setFocus(Qt::PopupFocusReason);
            break;
        }
    Q_EMIT closed();
}

ConfirmPopover::ConfirmPopover(const Theme &theme, const ConfirmSpec &spec, QWidget *parent)
    : Popover(theme, parent)
    , m_noteRequired(spec.noteRequired)
{
    setAccessibleName(spec.title);
    auto *column = content();
    column->setContentsMargins(shadow + 16, shadow + 16, shadow + 16, shadow + 16);
    m_title = new Label(theme, TextStyle::PaneTitle, Token::Text, spec.title, this);
    column->addWidget(m_title);
    m_effect = new Paragraph(theme, TextStyle::Body, Token::Text2, spec.effect, this);
    m_effect->setMinimumWidth(360);
    m_effect->setMaximumWidth(420);
    column->addWidget(m_effect);
    column->addSpacing(2);
    for (qsizetype i = 0; i < spec.reasons.size(); ++i) {
        auto *radio = new QRadioButton(QStringLiteral("%1  %2").arg(i + 1).arg(spec.reasons[i]), this);
        radio->setAccessibleName(spec.reasons[i]);
        radio->setChecked(i == std::clamp<qsizetype>(spec.reason, 0, spec.reasons.size() - 1));
        radio->installEventFilter(this);
        m_reasons.append(radio);
        column->addWidget(radio);
    }
    for (const auto &tick : spec.ticks) {
        auto *box = new QCheckBox(tick.text, this);
        box->setChecked(tick.ticked && tick.refused.isEmpty());
        box->setEnabled(tick.refused.isEmpty());
        box->setToolTip(tick.refused);
        box->installEventFilter(this);
        m_ticks.append(box);
        column->addWidget(box);
        if (!tick.refused.isEmpty()) {
            auto *why = new Label(theme, TextStyle::Secondary, Token::Text3, tick.refused, this);
            why->setContentsMargins(24, 0, 0, 0);
            column->addWidget(why);
        }
    }
    if (spec.noteAsked) {
        column->addSpacing(2);
        column->addWidget(new Label(theme, TextStyle::Label, Token::Text2,
                                    spec.noteRequired ? tr("Note") : tr("Note, if you like"), this));
        m_note = new QPlainTextEdit(this);
        m_note->setAccessibleName(tr("Note"));
        m_note->setFixedHeight(theme.scaled(56));
        m_note->setTabChangesFocus(true);
        m_note->installEventFilter(this);
        m_note->document()->setDocumentMargin(6);
        column->addWidget(m_note);
    }
    m_problem = new Label(theme, TextStyle::Secondary, Token::HighText, {}, this);
    m_problem->hide();
    column->addWidget(m_problem);
    column->addSpacing(4);
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    if (!spec.link.isEmpty()) {
        auto *link = linkButton(spec.link, this);
        connect(link, &QPushButton::clicked, this, [this] {
            Q_EMIT linkPressed();
            close();
        });
        row->addWidget(link);
    }
    row->addStretch();
    auto *cancel = new QPushButton(tr("Cancel"), this);
    connect(cancel, &QPushButton::clicked, this, &QWidget::close);
    row->addWidget(cancel);
    m_go = new QPushButton(spec.commit, this);
    setButtonKind(m_go, spec.danger ? ButtonKind::Danger : ButtonKind::Primary);
    connect(m_go, &QPushButton::clicked, this, &ConfirmPopover::commit);
    row->addWidget(m_go);
    column->addLayout(row);
}

void ConfirmPopover::setOutlook(const QString &title, const QString &commit, const QString &effect,
                                bool refused)
{
    setAccessibleName(title);
    m_title->setText(title);
    m_effect->setText(effect);
    m_go->setText(commit);
    m_go->setEnabled(!refused);
    place(); // it has become taller
    announce(this, effect);
}

int ConfirmPopover::reason() const
{
    for (qsizetype i = 0; i < m_reasons.size(); ++i)
        if (m_reasons[i]->isChecked())
            return static_cast<int>(i);
    return -1;
}

QString ConfirmPopover::note() const
{
    return m_note != nullptr ? m_note->toPlainText().trimmed().left(noteLimit) : QString();
}

QList<bool> ConfirmPopover::ticks() const
{
    QList<bool> result;
    for (const auto *box : m_ticks)
        result.append(box->isChecked());
    return result;
}

void ConfirmPopover::commit()
{
    if (!m_go->isEnabled())
        return;
    if (m_noteRequired && note().isEmpty()) {
        m_problem->setText(tr("This needs a note: what was done, and where."));
        m_problem->show();
        announce(m_problem, m_problem->text());
        m_note->setFocus();
        return;
    }
    Q_EMIT committed(reason(), note(), ticks());
    close();
}

void ConfirmPopover::keyPressEvent(QKeyEvent *event)
{
    const int digit = event->key() - Qt::Key_1;
    if (digit >= 0 && digit < m_reasons.size() && event->modifiers() == Qt::NoModifier) {
        m_reasons[digit]->setChecked(true);
        return;
    }
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        if (auto *button = qobject_cast<QPushButton *>(focusWidget())) {
            button->click();
            return;
        }
        commit();
        return;
    }
    Popover::keyPressEvent(event);
}

bool ConfirmPopover::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress) {
        auto *key = static_cast<QKeyEvent *>(event);
        const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        // Shift+Enter breaks the line in a note; Enter alone commits from everywhere.
        if (enter && !(key->modifiers() & Qt::ShiftModifier)) {
            commit();
            return true;
        }
        if (key->key() == Qt::Key_Escape) {
            close();
            return true;
        }
    }
    return Popover::eventFilter(watched, event);
}

void confirmDanger(const Theme &theme, QWidget *parent, QWidget *opener, const QString &title,
                   const QString &effect, const QString &commit, std::function<void()> go)
{
    ConfirmSpec spec;
    spec.title = title;
    spec.effect = effect;
    spec.noteAsked = false;
    spec.danger = true;
    spec.commit = commit;
    auto *popover = new ConfirmPopover(theme, spec, parent);
    popover->setObjectName(QStringLiteral("confirmPopover"));
    QObject::connect(popover, &ConfirmPopover::committed, parent, [go = std::move(go)] { go(); });
    popover->openAt(opener);
}

} // namespace riskdesk::widgets
