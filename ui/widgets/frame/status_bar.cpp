#include "ui/widgets/frame/status_bar.h"

#include "ui/models/format.h"
#include "ui/widgets/controls/badges.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QProgressBar>

#include <algorithm>
#include <cmath>

namespace riskdesk::widgets {

using theme::TextStyle;
using theme::Token;

ProgressStrip::ProgressStrip(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_text(new Label(theme, TextStyle::Label, Token::Text, {}, this))
    , m_bar(new QProgressBar(this))
    , m_detail(new Label(theme, TextStyle::Secondary, Token::Text2, {}, this))
    , m_cancel(linkButton(tr("Cancel"), this))
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_bar->setFixedSize(140, 6);
    m_bar->setRange(0, 1000);
    m_bar->setTextVisible(false);
    m_bar->setAccessibleName(tr("Progress"));
    m_detail->setTabular(true);
    m_cancel->setFixedHeight(22);
    row->addWidget(m_text);
    row->addWidget(m_bar);
    row->addWidget(m_detail);
    row->addWidget(m_cancel);
    connect(m_cancel, &QPushButton::clicked, this, &ProgressStrip::cancelled);
}

void ProgressStrip::setProgress(const QString &text, double share, const QString &detail)
{
    m_text->setText(text);
    m_bar->setAccessibleDescription(text);
    if (share < 0 || !std::isfinite(share)) {
        m_bar->setRange(0, 0);
        m_detail->setText(detail);
        return;
    }
    m_bar->setRange(0, 1000);
    m_bar->setValue(static_cast<int>(std::clamp(share, 0.0, 1.0) * 1000));
    const QString percent = tr("%1 %").arg(static_cast<int>(std::clamp(share, 0.0, 1.0) * 100));
    m_detail->setText(detail.isEmpty() ? percent : percent + QStringLiteral(", ") + detail);
}

void ProgressStrip::setCancellable(bool cancellable)
{
    m_cancel->setVisible(cancellable);
}

FactButton::FactButton(const Theme &theme, QWidget *parent)
    : QAbstractButton(parent)
    , m_theme(theme)
{
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(&theme, &Theme::changed, this, [this] { updateGeometry(); });
}

void FactButton::set(const QString &text, const QString &explanation, std::optional<models::Tone> tone,
                     bool strong)
{
    m_tone = tone;
    m_strong = strong;
    setText(text);
    setAccessibleName(text);
    setToolTip(models::plainTip(explanation));
    setAccessibleDescription(explanation);
    updateGeometry();
    update();
}

QSize FactButton::sizeHint() const
{
    const qreal wide =
        m_theme.text(m_strong ? TextStyle::TableHeader : TextStyle::Secondary).tabularWidth(text());
    return {static_cast<int>(std::ceil(wide)) + 16 + (m_tone ? 22 : 0), m_theme.scaled(22)};
}

QSize FactButton::minimumSizeHint() const
{
    return {std::min(60, sizeHint().width()), m_theme.scaled(22)};
}

void FactButton::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (underMouse()) {
        QColor veil = m_theme.color(Token::Text);
        veil.setAlphaF(0.06F);
        painter.setPen(Qt::NoPen);
        painter.setBrush(veil);
        painter.drawRoundedRect(QRectF(rect()), 4, 4);
    }
    const bool mirrored = isRightToLeft();
    QRectF words = QRectF(rect()).adjusted(8, 0, -8, 0);
    if (m_tone) {
        const ToneLook look = toneLook(*m_tone);
        QRectF icon(mirrored ? words.right() - 15 : words.left(), (height() - 15) / 2.0, 15, 15);
        m_theme.paintIcon(painter, icon, look.icon, look.token, look.filled);
        mirrored ? words.setRight(words.right() - 22) : words.setLeft(words.left() + 22);
    }
    painter.setPen(m_theme.color(underMouse() ? Token::Text : Token::Text2));
    m_theme.text(m_strong ? TextStyle::TableHeader : TextStyle::Secondary)
        .drawTabular(painter, words, text(), mirrored ? Qt::AlignRight : Qt::AlignLeft);
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange))
        theme::paintFocusRing(painter, m_theme, QRectF(rect()), 4);
}

StatusBar::StatusBar(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_leading(new QHBoxLayout)
    , m_trailing(new QHBoxLayout)
    , m_progress(new ProgressStrip(theme, this))
{
    setFixedHeight(theme.scaled(26));
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(6, 0, 6, 0);
    row->setSpacing(8);
    m_leading->setSpacing(2);
    m_trailing->setSpacing(2);
    row->addLayout(m_leading);
    row->addStretch(1);
    row->addWidget(m_progress);
    row->addLayout(m_trailing);
    m_progress->hide();
    connect(&theme, &Theme::changed, this, [this] { setFixedHeight(m_theme.scaled(26)); });
}

void StatusBar::setFact(const QString &id, Side side, const QString &text, const QString &explanation,
                        std::optional<models::Tone> tone)
{
    FactButton *button = m_facts.value(id);
    if (text.isEmpty()) {
        if (button != nullptr) {
            m_facts.remove(id);
            delete button;
        }
        return;
    }
    QHBoxLayout *row = side == Side::Leading ? m_leading : m_trailing;
    if (button == nullptr) {
        button = new FactButton(m_theme, this);
        connect(button, &QAbstractButton::clicked, this, [this, id] { Q_EMIT factPressed(id); });
        m_facts.insert(id, button);
        row->addWidget(button);
        button->show(); // the layout would only do it when the loop comes round
    }
    button->set(text, explanation, tone, side == Side::Leading && row->indexOf(button) == 0);
}

QWidget *StatusBar::fact(const QString &id) const
{
    return m_facts.value(id);
}

void StatusBar::setProgressShown(bool shown)
{
    m_progress->setVisible(shown);
}

void StatusBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.color(Token::NavBg));
    // Thin lines between neighbours.
    for (const QHBoxLayout *row : {m_leading, m_trailing})
        for (int i = 1; i < row->count(); ++i) {
            const QRect box = row->itemAt(i)->geometry();
            const int x = isRightToLeft() ? box.right() + 2 : box.left() - 2;
            painter.fillRect(QRect(x, height() / 2 - 6, 1, 12), m_theme.color(Token::Border));
        }
}

} // namespace riskdesk::widgets
