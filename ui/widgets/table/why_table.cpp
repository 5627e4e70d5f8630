#include "ui/widgets/table/why_table.h"

#include "ui/models/format.h"

#include <QGridLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace riskdesk::widgets {

using theme::TextStyle;
using theme::Token;

namespace {

// Icon and words on one line, for the first and the last column.
class SignCell : public QWidget
{
public:
    SignCell(const Theme &theme, theme::Icon icon, bool filled, Token iconToken, const QString &text,
             TextStyle style, Token token, QWidget *parent)
        : QWidget(parent)
        , m_theme(theme)
        , m_icon(icon)
        , m_filled(filled)
        , m_iconToken(iconToken)
        , m_text(text)
        , m_style(style)
        , m_token(token)
    {
        setAccessibleName(text);
        setToolTip(models::plainTip(text));
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }
    QSize sizeHint() const override
    {
        return {static_cast<int>(m_theme.text(m_style).width(m_text)) + 26, m_theme.scaled(18)};
    }
    QSize minimumSizeHint() const override
    {
        return {std::min(sizeHint().width(), m_theme.scaled(130)), m_theme.scaled(18)};
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        const bool mirrored = isRightToLeft();
        const QRectF icon(mirrored ? width() - 16 : 0, (height() - 16) / 2.0, 16, 16);
        m_theme.paintIcon(painter, icon, m_icon, m_iconToken, m_filled);
        painter.setPen(m_theme.color(m_token));
        const QRectF words =
            mirrored ? QRectF(0, 0, width() - 23, height()) : QRectF(23, 0, width() - 23, height());
        m_theme.text(m_style).draw(painter, words, m_text, mirrored ? Qt::AlignRight : Qt::AlignLeft);
    }

private:
    const Theme &m_theme;
    theme::Icon m_icon;
    bool m_filled;
    Token m_iconToken;
    QString m_text;
    TextStyle m_style;
    Token m_token;
};

} // namespace

WhyTable::WhyTable(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_grid(new QGridLayout(this))
{
    setAccessibleName(tr("Usual and this sign-in compared"));
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(14);
    m_grid->setVerticalSpacing(5);
    constexpr int stretches[] = {17, 33, 37, 17};
    for (int column = 0; column < 4; ++column)
        m_grid->setColumnStretch(column, stretches[column]);
}

void WhyTable::setRows(const QString &usualTitle, const QList<WhyRow> &rows)
{
    qDeleteAll(m_parts);
    m_parts.clear();
    m_count = static_cast<int>(rows.size());
    int line = 0;
    const auto put = [&](QWidget *part, int column, int span = 1) {
        m_grid->addWidget(part, line, column, 1, span);
        m_parts.append(part);
    };
    int column = 0;
    for (const QString &title : {tr("Signal"), usualTitle, tr("This sign-in"), tr("Result")})
        put(new Label(m_theme, TextStyle::TableHeader, Token::Text2, title, this), column++);
    for (const WhyRow &row : rows) {
        ++line;
        put(new Divider(m_theme, Qt::Horizontal, this), 0, 4);
        ++line;
        put(new SignCell(m_theme, row.icon, false, Token::Text2, row.signal, TextStyle::Body, Token::Text,
                         this),
            0);
        const auto tipped = [](Label *label, const QString &tip) {
            if (!tip.isEmpty()) {
                label->setToolTip(models::plainTip(tip));
                label->setAccessibleDescription(tip);
            }
            return label;
        };
        put(tipped(new Label(m_theme, TextStyle::Body, Token::Text2, row.usual, this), row.usualTip), 1);
        const bool telling = row.tone == models::Tone::Bad || row.tone == models::Tone::Notice;
        put(tipped(new Label(m_theme, telling ? TextStyle::CardTitle : TextStyle::Body, Token::Text, row.now,
                             this),
                   row.nowTip),
            2);
        const ToneLook look = toneLook(row.tone);
        put(new SignCell(m_theme, look.icon, look.filled, look.token, row.result, TextStyle::Name,
                         row.tone == models::Tone::Neutral ? Token::Text2 : look.token, this),
            3);
    }
    ++line;
    for (int i = 0; i <= line; ++i)
        m_grid->setRowStretch(i, 0);
    m_grid->setRowStretch(line, 1);
}

ReasonEntry::ReasonEntry(const Theme &theme, QWidget *parent)
    : QAbstractButton(parent)
    , m_theme(theme)
{
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setCursor(Qt::PointingHandCursor);
}

void ReasonEntry::set(const Reason &reason)
{
    m_reason = reason;
    setAccessibleName(QStringLiteral("%1, %2, %3, %4")
                          .arg(reason.title, models::levelName(reason.level), reason.time, reason.sentence));
    setToolTip(models::plainTip(reason.sentence));
    update();
}

void ReasonEntry::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool mirrored = isRightToLeft();
    const Qt::Alignment lead = mirrored ? Qt::AlignRight : Qt::AlignLeft;
    const QRectF r(rect());
    if (underMouse()) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.color(Token::Surface2));
        painter.drawRoundedRect(r, 6, 6);
    }
    const qreal tile = 30;
    const auto place = [&](qreal x, qreal y, qreal w, qreal h) {
        return QRectF(mirrored ? width() - x - w : x, y, w, h);
    };
    const QRectF box = place(2, (height() - tile) / 2, tile, tile);
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_theme.color(Token::Surface3));
    painter.drawRoundedRect(box, 6, 6);
    m_theme.paintIcon(painter, box.adjusted(6, 6, -6, -6), m_reason.icon, Token::Text);
    const qreal half = height() / 2.0;
    auto &times = m_theme.text(TextStyle::Secondary);
    const qreal timeWide = times.tabularWidth(m_reason.time) + 2;
    painter.setPen(m_theme.color(Token::Text2));
    times.drawTabular(painter, place(width() - timeWide - 4, 1, timeWide, half), m_reason.time,
                      mirrored ? Qt::AlignLeft : Qt::AlignRight);
    const qreal x = tile + 12;
    const qreal pill =
        m_reason.level == RiskLevel::None ? 0 : levelPillWidth(m_theme, m_reason.level, 18) + 8;
    painter.setPen(m_theme.color(Token::Text));
    const qreal room = width() - x - timeWide - 14;
    const qreal used = m_theme.text(TextStyle::CardTitle)
                           .draw(painter, place(x, 1, room - pill, half), m_reason.title, lead);
    if (pill > 0)
        paintLevelPill(painter, m_theme, place(x + used + 8, 1, pill - 8, half), m_reason.level, 18);
    painter.setPen(m_theme.color(Token::Text2));
    m_theme.text(TextStyle::Secondary)
        .draw(painter, place(x, half, width() - x - 4, half - 1), m_reason.sentence, lead);
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange))
        theme::paintFocusRing(painter, m_theme, r, 6);
}

ReasonList::ReasonList(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_column(new QVBoxLayout(this))
    , m_more(linkButton({}, this))
{
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(3);
    m_column->addWidget(m_more, 0, Qt::AlignLeading);
    m_column->addStretch(1);
    m_more->setAccessibleName(tr("Show all detections"));
    m_more->setFixedHeight(theme.scaled(24));
    m_more->hide();
    connect(m_more, &QPushButton::clicked, this, &ReasonList::morePressed);
}

void ReasonList::setReasons(const QList<Reason> &reasons, const QString &more)
{
    while (m_entries.size() > reasons.size()) {
        auto *entry = m_entries.takeLast();
        if (entry->hasFocus() && !m_entries.isEmpty())
            m_entries.constLast()->setFocus(Qt::OtherFocusReason);
        entry->hide();
        entry->deleteLater();
    }
    while (m_entries.size() < reasons.size()) {
        auto *entry = new ReasonEntry(m_theme, this);
        m_column->insertWidget(static_cast<int>(m_entries.size()), entry);
        m_entries.append(entry);
        connect(entry, &QAbstractButton::clicked, this,
                [this, entry] { Q_EMIT pressed(entry->reason().id); });
    }
    for (qsizetype i = 0; i < reasons.size(); ++i) {
        if (m_entries[i]->isDown() && m_entries[i]->reason().id != reasons[i].id)
            m_entries[i]->setDown(false); // what was pressed is another one now
        m_entries[i]->set(reasons[i]);
    }
    m_more->setText(more);
    if (!more.isEmpty())
        m_more->setAccessibleName(more);
    m_more->setVisible(!more.isEmpty());
}

FactTable::FactTable(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_grid(new QGridLayout(this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(14);
    m_grid->setVerticalSpacing(6);
    m_grid->setColumnStretch(1, 1);
}

void FactTable::setFacts(const QList<std::pair<QString, QString>> &facts)
{
    qDeleteAll(m_parts);
    m_parts.clear();
    int line = 0;
    for (const auto &[name, value] : facts) {
        auto *left = new Label(m_theme, TextStyle::Secondary, Token::Text2, name, this);
        left->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
        auto *right = new Paragraph(m_theme, TextStyle::Body, Token::Text, value, this);
        right->setAccessibleName(name + QStringLiteral(": ") + value);
        m_grid->addWidget(left, line, 0, Qt::AlignTop);
        m_grid->addWidget(right, line, 1);
        m_parts << left << right;
        ++line;
    }
    m_grid->setRowStretch(line, 1);
}

} // namespace riskdesk::widgets
