#include "ui/widgets/table/row_delegate.h"

#include "ui/models/format.h"
#include "ui/theme/style.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace riskdesk::widgets {

using models::CellKind;
using theme::Icon;
using theme::TextStyle;
using theme::Token;

namespace {

constexpr int stampBudget = 8 * 1024; // kilobytes of pixmaps
constexpr qreal pad = 8;

} // namespace

// One cell while it is painted. take() hands out room from the leading side, takeEnd() from the trailing one;
// right-to-left is mirrored here and nowhere else.
struct RowDelegate::Cell
{
    QPainter &painter;
    const QModelIndex &index;
    QRectF room;
    QColor ground;
    bool mirrored;

    QRectF take(qreal width, qreal gap = 0)
    {
        width = std::min(width, room.width());
        const QRectF part(mirrored ? room.right() - width : room.left(), room.top(), width, room.height());
        const qreal used = std::min(width + gap, room.width());
        mirrored ? room.setRight(room.right() - used) : room.setLeft(room.left() + used);
        return part;
    }
    QRectF takeEnd(qreal width, qreal gap = 0)
    {
        mirrored = !mirrored;
        const QRectF part = take(width, gap);
        mirrored = !mirrored;
        return part;
    }
    [[nodiscard]] Qt::Alignment lead() const { return mirrored ? Qt::AlignRight : Qt::AlignLeft; }
    [[nodiscard]] Qt::Alignment trail() const { return mirrored ? Qt::AlignLeft : Qt::AlignRight; }
    [[nodiscard]] QString text() const { return index.data(Qt::DisplayRole).toString(); }
};

RowDelegate::RowDelegate(const Theme &theme, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_theme(theme)
    , m_stamps(stampBudget)
{
    connect(&theme, &Theme::changed, this, [this] { m_stamps.clear(); });
}

void RowDelegate::setDensity(Density density)
{
    m_density = density;
    m_stamps.clear();
}

int RowDelegate::rowHeight() const
{
    return m_theme.scaled(m_density == Density::Compact ? 26 : 34);
}

QSize RowDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &index) const
{
    const QString text = index.data(Qt::DisplayRole).toString();
    qreal width = m_theme.text(TextStyle::Body).width(text) + 2 * pad + 4;
    switch (kindOf(index)) {
    case CellKind::Person:
        width += 30 + 8 +
                 m_theme.text(TextStyle::Secondary).width(index.data(models::SecondaryRole).toString()) + 24;
        break;
    case CellKind::Level: width = levelPillWidth(m_theme, RiskLevel::Medium) + 2 * pad; break;
    case CellKind::Spark: width = 96 + 2 * pad; break;
    case CellKind::State:
    case CellKind::Detection:
    case CellKind::Place:
    case CellKind::Result:
    case CellKind::TextChip: width += 40; break;
    case CellKind::Chips:
        width = 2 * pad;
        for (const QString &chip : index.data(models::ChipRole).toStringList())
            width += chipWidth(m_theme, chip) + 6;
        break;
    default: break;
    }
    if (index.column() == m_tickColumn)
        width += tickWidth;
    return {static_cast<int>(std::min(width, 600.0)), rowHeight()};
}

CellKind RowDelegate::kindOf(const QModelIndex &index) const
{
    const auto column = static_cast<std::size_t>(std::max(0, index.column()));
    if (column >= m_kinds.size())
        m_kinds.resize(column + 1, -1);
    int &kind = m_kinds[column];
    if (kind < 0) {
        const QVariant told = index.model()->headerData(index.column(), Qt::Horizontal, models::KindRole);
        kind = std::clamp(told.toInt(), 0, static_cast<int>(CellKind::Result));
    }
    return static_cast<CellKind>(kind);
}

void RowDelegate::stamp(Cell &cell, const QString &key, const QRectF &rect,
                        const std::function<void(QPainter &, const QRectF &)> &draw) const
{
    const qreal ratio = cell.painter.device()->devicePixelRatioF();
    const QString full = key + u'@' + QString::number(ratio);
    const QPixmap *known = m_stamps.object(full);
    if (known == nullptr) {
        auto *made = new QPixmap((rect.size() * ratio).toSize().expandedTo(QSize(1, 1)));
        made->setDevicePixelRatio(ratio);
        made->fill(Qt::transparent);
        QPainter painter(made);
        draw(painter, QRectF(QPointF(0, 0), rect.size()));
        painter.end();
        const int cost = std::max(1, made->width() * made->height() * 4 / 1024);
        const QPixmap copy = *made; // the cache may drop what it is given
        m_stamps.insert(full, made, cost);
        cell.painter.drawPixmap(rect.topLeft(), copy);
        return;
    }
    cell.painter.drawPixmap(rect.topLeft(), *known);
}

void RowDelegate::paintText(Cell &cell, TextStyle style, Token token) const
{
    cell.painter.setPen(m_theme.color(token));
    m_theme.text(style).draw(cell.painter, cell.room, cell.text(), cell.lead());
}

// The end says whose address it is: "anna@shop.example.co…" would hide that of
// "anna@shop.example.com.evil.example". Where no more than a few letters of it have room nothing is said.
QString RowDelegate::shortMail(theme::GlyphText &text, const QString &mail, qreal room)
{
    if (text.width(mail) <= room)
        return mail;
    const auto at = mail.lastIndexOf(u'@');
    const auto dots = QStringLiteral("…");
    // First the name gives way, then the beginning of the domain.
    for (qsizetype kept = std::max<qsizetype>(at, 0); kept > 0; --kept)
        if (const auto cut = mail.left(kept) + dots + mail.mid(at); text.width(cut) <= room)
            return cut;
    constexpr qsizetype fewLetters = 8;
    for (qsizetype from = at + 1; from + fewLetters <= mail.size(); ++from)
        if (const auto cut = dots + mail.mid(from); text.width(cut) <= room)
            return cut;
    return {};
}

void RowDelegate::paintPerson(Cell &cell) const
{
    const QString name = cell.text();
    const QString initials = cell.index.data(models::InitialsRole).toString();
    const qreal size = m_theme.scaled(m_density == Density::Compact ? 19 : 22);
    const QRectF slot = cell.take(size, 8);
    const QRectF box(slot.left(), std::round(slot.center().y() - size / 2), size, size);
    stamp(cell, QStringLiteral("a:") + initials + u':' + name, box,
          [&](QPainter &painter, const QRectF &circle) {
              paintAvatar(painter, m_theme, circle, initials, name);
          });
    if (cell.index.data(models::BlockedRole).toBool()) {
        const QRectF end = cell.takeEnd(16, 6);
        m_theme.paintIcon(cell.painter, end, Icon::Block, Token::Text2);
    }
    cell.painter.setPen(m_theme.color(Token::Text));
    const qreal used = m_theme.text(TextStyle::Name).draw(cell.painter, cell.room, name, cell.lead());
    cell.take(used, 8);
    const QString mail = cell.index.data(models::SecondaryRole).toString();
    if (cell.room.width() > 24 && !mail.isEmpty()) {
        cell.painter.setPen(m_theme.color(Token::Text3));
        auto &text = m_theme.text(TextStyle::Secondary);
        text.draw(cell.painter, cell.room, shortMail(text, mail, cell.room.width()), cell.lead());
    }
}

void RowDelegate::paintDetection(Cell &cell) const
{
    const QRectF slot = cell.take(18, 8);
    m_theme.paintIcon(cell.painter, QRectF(slot.left(), slot.center().y() - 9, 18, 18),
                      detectionIcon(typeOf(cell.index.data(models::TypeRole).toInt())), Token::Text2);
    paintText(cell, TextStyle::Name, Token::Text);
}

void RowDelegate::paintTextChip(Cell &cell) const
{
    const int more = cell.index.data(models::ChipRole).toInt();
    const QString chip = more > 0 ? u'+' + models::count(more) : QString();
    const qreal kept = chip.isEmpty() ? 0 : chipWidth(m_theme, chip) + 8;
    QRectF words = cell.room;
    cell.mirrored ? words.setLeft(words.left() + kept) : words.setRight(words.right() - kept);
    cell.painter.setPen(m_theme.color(Token::Text));
    const qreal used = m_theme.text(TextStyle::Body).draw(cell.painter, words, cell.text(), cell.lead());
    cell.take(used, 8);
    if (!chip.isEmpty()) {
        const QRectF at = cell.take(chipWidth(m_theme, chip));
        stamp(cell, QStringLiteral("c:") + chip, at,
              [&](QPainter &painter, const QRectF &rect) { paintChip(painter, m_theme, rect, chip); });
    }
}

void RowDelegate::paintChips(Cell &cell) const
{
    const QStringList chips = cell.index.data(models::ChipRole).toStringList();
    if (chips.isEmpty()) {
        paintText(cell, TextStyle::Secondary, Token::Text3);
        return;
    }
    for (qsizetype i = 0; i < chips.size(); ++i) {
        QString text = chips[i];
        const qreal width = chipWidth(m_theme, text);
        const qsizetype left = chips.size() - i;
        const qreal reserve = left > 1 ? chipWidth(m_theme, QStringLiteral("+9")) + 6 : 0;
        qreal room = width;
        if (i > 0 && width + reserve > cell.room.width()) {
            text = u'+' + QString::number(left); // what does not fit is counted
            room = chipWidth(m_theme, text);
            i = chips.size();
        } else {
            room = std::min(width, cell.room.width());
        }
        const QRectF at = cell.take(room, 6);
        stamp(cell, QStringLiteral("c:%1:%2").arg(qRound(at.width())).arg(text), at,
              [&](QPainter &painter, const QRectF &rect) { paintChip(painter, m_theme, rect, text); });
    }
}

void RowDelegate::paintPlace(Cell &cell) const
{
    const QString code = cell.index.data(models::CountryRole).toString();
    if (code.isEmpty()) { // no place, or one of no known country
        paintText(cell, TextStyle::Body, Token::Text);
        return;
    }
    const QRectF box = cell.take(m_theme.scaled(24), 8);
    stamp(cell, QStringLiteral("p:") + code, box,
          [&](QPainter &painter, const QRectF &rect) { paintCountryBox(painter, m_theme, rect, code); });
    paintText(cell, TextStyle::Body, Token::Text);
}

void RowDelegate::paintSparkCell(Cell &cell) const
{
    const QByteArray values = cell.index.data(models::SparkRole).toByteArray();
    if (values.isEmpty()) {
        paintText(cell, TextStyle::Secondary, Token::Text3);
        return;
    }
    const RiskLevel level = levelOf(cell.index.data(models::LevelRole).toInt());
    const QRectF at = cell.room.adjusted(0, 5, 0, -5).intersected(cell.take(92));
    const QRectF box(at.left(), cell.room.top() + 5, at.width(), cell.room.height() - 10);
    const QString key = QStringLiteral("s:%1:%2:%3:%4:")
                            .arg(static_cast<int>(level))
                            .arg(qRound(box.width()))
                            .arg(cell.ground.rgba())
                            .arg(QString::fromLatin1(values));
    stamp(cell, key, box, [&](QPainter &painter, const QRectF &rect) {
        paintSpark(painter, m_theme, rect, values, level, cell.ground);
    });
}

void RowDelegate::paintResult(Cell &cell) const
{
    const ToneLook look = toneLook(toneOf(cell.index.data(models::ToneRole).toInt()));
    const QRectF slot = cell.take(16, 6);
    m_theme.paintIcon(cell.painter, QRectF(slot.left(), slot.center().y() - 8, 16, 16), look.icon, look.token,
                      look.filled);
    paintText(cell, TextStyle::Body, Token::Text);
}

void RowDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const QRect r = option.rect;
    const bool ticked = m_tickColumn >= 0 && index.data(models::TickRole).toBool();
    const bool current = index.row() == m_currentRow;
    const bool hover = index.row() == m_hoverRow;
    const QColor ground = m_theme.color(ticked || current ? Token::AccentTint
                                        : hover           ? Token::Surface2
                                                          : Token::Surface);
    painter->fillRect(r, ground);
    painter->fillRect(QRect(r.left(), r.bottom(), r.width(), 1), m_theme.color(Token::Border));
    const bool mirrored = option.direction == Qt::RightToLeft;
    Cell cell{*painter, index, QRectF(r.left(), r.top(), r.width(), r.height() - 1), ground, mirrored};

    if (current && index.column() == m_leadColumn)
        painter->fillRect(QRect(mirrored ? r.right() - 2 : r.left(), r.top(), 3, r.height() - 1),
                          m_theme.color(Token::Accent));
    if (index.column() == m_tickColumn) {
        const QRectF slot = cell.take(tickWidth - pad);
        const QRectF box(std::round(slot.center().x() - 8 + (mirrored ? -4 : 4)),
                         std::round(slot.center().y() - 8), 16, 16);
        stamp(cell, QStringLiteral("t:%1%2").arg(ticked).arg(hover), box, [&](QPainter &p, const QRectF &at) {
            theme::paintTickBox(p, m_theme, at, ticked ? Qt::Checked : Qt::Unchecked, true, hover);
        });
    }
    cell.room.adjust(pad, 0, -pad, 0);
    if (cell.room.width() < 4)
        return;
    if (m_faded)
        painter->setOpacity(0.6);
    if (index.data(models::LoadingRole).toBool()) {
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(m_theme.color(Token::Surface3));
        const qreal share = 0.45 + 0.1 * ((index.row() * 7 + index.column() * 3) % 4);
        const QRectF bar = cell.take(cell.room.width() * share);
        painter->drawRoundedRect(QRectF(bar.left(), bar.center().y() - 4, bar.width(), 8), 4, 4);
        painter->setRenderHint(QPainter::Antialiasing, false);
    } else {
        switch (kindOf(index)) {
        case CellKind::Text: paintText(cell, TextStyle::Body, Token::Text); break;
        case CellKind::Secondary: paintText(cell, TextStyle::Secondary, Token::Text3); break;
        case CellKind::Person: paintPerson(cell); break;
        case CellKind::Level: {
            const RiskLevel level = levelOf(index.data(models::LevelRole).toInt());
            const QRectF at = cell.take(levelPillWidth(m_theme, level));
            stamp(cell, QStringLiteral("l:%1:%2").arg(static_cast<int>(level)).arg(qRound(at.width())), at,
                  [&](QPainter &p, const QRectF &rect) { paintLevelPill(p, m_theme, rect, level); });
            break;
        }
        case CellKind::State:
            if (!index.data(models::StateRole).isValid()) { // words of somebody else, no state of ours
                paintText(cell, TextStyle::Secondary, Token::Text2);
                break;
            }
            paintState(*painter, m_theme, cell.room, stateOf(index.data(models::StateRole).toInt()),
                       mirrored);
            break;
        case CellKind::Spark: paintSparkCell(cell); break;
        case CellKind::Detection: paintDetection(cell); break;
        case CellKind::TextChip: paintTextChip(cell); break;
        case CellKind::Chips: paintChips(cell); break;
        case CellKind::Place: paintPlace(cell); break;
        case CellKind::Time:
        case CellKind::Number:
            painter->setPen(m_theme.color(Token::Text));
            m_theme.text(TextStyle::Body)
                .drawTabular(*painter, cell.room.adjusted(mirrored ? 6 : 0, 0, mirrored ? 0 : -6, 0),
                             cell.text(), cell.trail());
            break;
        case CellKind::Result: paintResult(cell); break;
        }
    }
    if (m_faded)
        painter->setOpacity(1);
}

} // namespace riskdesk::widgets
