#include "ui/widgets/controls/segmented.h"

#include "ui/theme/style.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>

#include <cmath>

namespace riskdesk::widgets {

using theme::TextStyle;
using theme::Token;

Segment::Segment(const theme::Theme &theme, const QString &text, QWidget *parent)
    : QAbstractButton(parent)
    , m_theme(theme)
{
    setText(text);
    setCheckable(true);
    setAttribute(Qt::WA_Hover);
}

QSize Segment::sizeHint() const
{
    return {static_cast<int>(std::ceil(m_theme.text(TextStyle::CardTitle).width(text()))) + 26,
            m_theme.scaled(24)};
}

void Segment::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF r(rect());
    if (isChecked()) {
        painter.setPen(QPen(m_theme.color(Token::Border), 1));
        painter.setBrush(m_theme.color(m_theme.isDark() ? Token::NavBg : Token::Surface));
        painter.drawRoundedRect(r.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    }
    painter.setPen(m_theme.color(!isEnabled()                  ? Token::Text3
                                 : isChecked() || underMouse() ? Token::Text
                                                               : Token::Text2));
    m_theme.text(isChecked() ? TextStyle::CardTitle : TextStyle::Name)
        .draw(painter, r, text(), Qt::AlignHCenter);
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange))
        theme::paintFocusRing(painter, m_theme, r, 5);
}

SegmentedControl::SegmentedControl(const theme::Theme &theme, const QString &name, const QStringList &choices,
                                   QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setAccessibleName(name);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(3, 3, 3, 3);
    row->setSpacing(0);
    for (const QString &choice : choices) {
        auto *segment = new Segment(theme, choice, this);
        segment->setAccessibleName(choice);
        segment->installEventFilter(this);
        const int index = static_cast<int>(m_segments.size());
        connect(segment, &QAbstractButton::clicked, this, [this, index] { choose(index); });
        row->addWidget(segment);
        m_segments.append(segment);
    }
    setCurrent(0);
}

void SegmentedControl::setCurrent(int index)
{
    m_current = index;
    for (qsizetype i = 0; i < m_segments.size(); ++i) {
        m_segments[i]->setChecked(i == index);
        m_segments[i]->setFocusPolicy(i == std::max(0, index) ? Qt::StrongFocus : Qt::ClickFocus);
    }
}

void SegmentedControl::setChoiceText(int index, const QString &text)
{
    if (index < 0 || index >= m_segments.size())
        return;
    m_segments[index]->setText(text);
    m_segments[index]->setAccessibleName(text);
    m_segments[index]->updateGeometry();
}

void SegmentedControl::choose(int index)
{
    setCurrent(index);
    Q_EMIT chosen(index);
}

bool SegmentedControl::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Left || key == Qt::Key_Right) {
            const bool forward = (key == Qt::Key_Right) != isRightToLeft();
            const int next = m_current + (forward ? 1 : -1);
            if (next >= 0 && next < m_segments.size()) {
                choose(next);
                m_segments[next]->setFocus(Qt::TabFocusReason);
            }
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void SegmentedControl::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_theme.color(Token::Border), 1));
    painter.setBrush(m_theme.color(Token::Surface3));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7);
}

} // namespace riskdesk::widgets
