#include "ui/widgets/frame/top_bar.h"

#include "ui/models/format.h"
#include "ui/widgets/controls/badges.h"

#include <QHBoxLayout>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace riskdesk::widgets {

using theme::Icon;
using theme::TextStyle;
using theme::Token;

namespace {

class ProductMark : public QWidget
{
public:
    ProductMark(const Theme &theme, QWidget *parent)
        : QWidget(parent)
        , m_theme(theme)
    {
        setFixedSize(28, 28);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.color(Token::AccentFill));
        painter.drawRoundedRect(QRectF(1, 1, 26, 26), 7, 7);
        m_theme.paintIcon(painter, QRectF(4, 4, 20, 20), Icon::Mark, Token::OnAccent);
    }

private:
    const Theme &m_theme;
};

class ChipLabel : public Label
{
public:
    ChipLabel(const Theme &theme, QWidget *parent)
        : Label(theme, TextStyle::Label, Token::Text, {}, parent)
        , m_skin(theme)
    {}
    QSize sizeHint() const override
    {
        return {static_cast<int>(chipWidth(m_skin, text())) + 4, m_skin.scaled(22)};
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(m_skin.color(Token::Border), 1));
        painter.setBrush(m_skin.color(Token::Surface));
        const QRectF r = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
        painter.drawRoundedRect(r, r.height() / 2, r.height() / 2);
        painter.setPen(m_skin.color(Token::Text));
        m_skin.text(TextStyle::Label).draw(painter, r, text(), Qt::AlignHCenter);
    }

private:
    const Theme &m_skin;
};

} // namespace

GoToButton::GoToButton(const Theme &theme, QWidget *parent)
    : QAbstractButton(parent)
    , m_theme(theme)
{
    setText(tr("Go to user, IP address or view"));
    setAccessibleName(text());
    setAccessibleDescription(tr("Ctrl K"));
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::IBeamCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setMinimumWidth(150);
    setMaximumWidth(380);
}

QSize GoToButton::sizeHint() const
{
    return {360, m_theme.scaled(30)};
}

void GoToButton::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool mirrored = isRightToLeft();
    const QRectF r = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.setPen(QPen(m_theme.color(underMouse() ? Token::Text3 : Token::BorderStrong), 1));
    painter.setBrush(m_theme.color(Token::Surface));
    painter.drawRoundedRect(r, 6, 6);
    const auto place = [&](qreal x, qreal w) {
        return QRectF(mirrored ? width() - x - w : x, 0, w, height());
    };
    QRectF icon(0, 0, 17, 17);
    icon.moveCenter(place(9, 17).center());
    m_theme.paintIcon(painter, icon, Icon::Search, Token::Text3);
    const QString keys = tr("Ctrl K");
    const qreal wide = m_theme.text(TextStyle::Axis).width(keys) + 14;
    const QRectF cap = place(width() - wide - 7, wide).adjusted(0, 6, 0, -6);
    painter.setPen(QPen(m_theme.color(Token::Border), 1));
    painter.setBrush(m_theme.color(Token::Surface2));
    painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    painter.setPen(m_theme.color(Token::Text2));
    m_theme.text(TextStyle::Axis).draw(painter, cap, keys, Qt::AlignHCenter);
    painter.setPen(m_theme.color(Token::Text3));
    m_theme.text(TextStyle::Body)
        .draw(painter, place(34, width() - 34 - wide - 16), text(),
              mirrored ? Qt::AlignRight : Qt::AlignLeft);
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange))
        theme::paintFocusRing(painter, m_theme, QRectF(rect()), 6);
}

OperatorButton::OperatorButton(const Theme &theme, QWidget *parent)
    : QAbstractButton(parent)
    , m_theme(theme)
{
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setAccessibleName(tr("Operator"));
}

void OperatorButton::setOperator(const QString &name, const QString &role)
{
    m_name = name;
    m_role = role;
    setAccessibleName(tr("Operator %1, %2").arg(name, role));
    updateGeometry();
    update();
}

QSize OperatorButton::sizeHint() const
{
    const qreal text = std::max(m_theme.text(TextStyle::TableHeader).width(m_name),
                                m_theme.text(TextStyle::Axis).width(m_role));
    return {static_cast<int>(std::ceil(std::min(text, 150.0))) + 26 + 9 + 12, 40};
}

void OperatorButton::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const bool mirrored = isRightToLeft();
    if (underMouse()) {
        QColor veil = m_theme.color(Token::Text);
        veil.setAlphaF(0.05F);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(veil);
        painter.drawRoundedRect(QRectF(rect()), 6, 6);
    }
    QString initials;
    for (const QString &part : m_name.split(u' ', Qt::SkipEmptyParts))
        initials += part.left(1).toUpper();
    if (initials.size() > 2)
        initials = QString(initials.front()) + initials.back();
    const QRectF circle(mirrored ? width() - 6 - 26 : 6, (height() - 26) / 2.0, 26, 26);
    paintAvatar(painter, m_theme, circle, initials, m_name);
    const QRectF words =
        mirrored ? QRectF(6, 0, width() - 47, height()) : QRectF(41, 0, width() - 45, height());
    const Qt::Alignment side = mirrored ? Qt::AlignRight : Qt::AlignLeft;
    painter.setPen(m_theme.color(Token::Text));
    m_theme.text(TextStyle::TableHeader)
        .draw(painter, QRectF(words.left(), 3, words.width(), 17), m_name, side);
    painter.setPen(m_theme.color(Token::Text2));
    m_theme.text(TextStyle::Axis).draw(painter, QRectF(words.left(), 20, words.width(), 16), m_role, side);
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange))
        theme::paintFocusRing(painter, m_theme, QRectF(rect()), 6);
}

TopBar::TopBar(const Theme &theme, const QString &product, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_product(new Label(theme, TextStyle::CardTitle, Token::Text, product, this))
    , m_directory(new QPushButton(this))
    , m_chip(new ChipLabel(theme, this))
    , m_goTo(new GoToButton(theme, this))
    , m_themeButton(iconButton(theme, Icon::Moon, tr("Dark theme"), this, Token::Text2))
    , m_help(iconButton(theme, Icon::Help, tr("Help"), this, Token::Text2))
    , m_operator(new OperatorButton(theme, this))
{
    setFixedHeight(48);
    setButtonKind(m_directory, theme::ButtonKind::Flat);
    m_directory->setIcon(theme.icon(Icon::Database, Token::Text2));
    m_directory->setAccessibleName(tr("Directory"));
    m_directory->setAutoDefault(false);
    m_directory->setMaximumWidth(260);
    m_chip->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    m_chip->hide();

    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(13, 0, 12, 0);
    row->setSpacing(8);
    row->addWidget(new ProductMark(theme, this));
    row->addWidget(m_product);
    row->addSpacing(16);
    m_product->setFixedWidth(148);
    row->addWidget(m_directory);
    row->addWidget(m_chip);
    row->addStretch(2);
    row->addWidget(m_goTo, 10);
    row->addStretch(2);
    row->addWidget(m_themeButton);
    row->addWidget(m_help);
    auto *line = new Divider(theme, Qt::Vertical, this);
    line->setFixedHeight(22);
    row->addWidget(line);
    row->addWidget(m_operator);

    connect(m_goTo, &QAbstractButton::clicked, this, &TopBar::goToAsked);
    connect(m_themeButton, &QPushButton::clicked, this, &TopBar::themeAsked);
    connect(m_help, &QPushButton::clicked, this, &TopBar::helpAsked);
    connect(m_directory, &QPushButton::clicked, this, [this] { Q_EMIT directoryAsked(m_directory); });
    connect(m_operator, &QAbstractButton::clicked, this, [this] { Q_EMIT operatorAsked(m_operator); });
    connect(&theme, &Theme::changed, this, &TopBar::refreshThemeButton);
    refreshThemeButton();
}

void TopBar::refreshThemeButton()
{
    const bool dark = m_theme.isDark();
    m_themeButton->setIcon(m_theme.icon(dark ? Icon::Sun : Icon::Moon, Token::Text2));
    const QString name = dark ? tr("Light theme") : tr("Dark theme");
    m_themeButton->setToolTip(name);
    m_themeButton->setAccessibleName(name);
}

void TopBar::setDirectory(const QString &name)
{
    QString shown = name;
    if (shown.size() > 32)
        shown = shown.left(31) + QChar(0x2026);
    m_directory->setText(shown.replace(u'&', QStringLiteral("&&")));
    m_directory->setToolTip(models::plainTip(name));
    m_directory->setAccessibleName(tr("Directory %1").arg(name));
}

void TopBar::setChip(const QString &text, const QString &explanation)
{
    m_chip->setText(text);
    m_chip->setToolTip(models::plainTip(explanation));
    m_chip->setVisible(!text.isEmpty());
}

void TopBar::setOperator(const QString &name, const QString &role)
{
    m_operator->setOperator(name, role);
}

void TopBar::setNarrow(bool narrow)
{
    m_product->setVisible(!narrow);
}

void TopBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.color(Token::NavBg));
}

} // namespace riskdesk::widgets
