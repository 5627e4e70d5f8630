#include "ui/widgets/controls/flow_layout.h"

#include <QHash>
#include <QStyle>
#include <QWidget>

#include <algorithm>

namespace riskdesk::widgets {

FlowLayout::FlowLayout(QWidget *parent, int gap)
    : QLayout(parent)
    , m_gap(gap)
{
    setContentsMargins(0, 0, 0, 0);
}

FlowLayout::~FlowLayout()
{
    qDeleteAll(m_items);
}

void FlowLayout::addItem(QLayoutItem *item)
{
    m_items.append(item);
}

void FlowLayout::insertWidget(int index, QWidget *widget)
{
    addChildWidget(widget);
    m_items.insert(std::clamp(index, 0, count()), new QWidgetItem(widget));
    invalidate();
}

QLayoutItem *FlowLayout::itemAt(int index) const
{
    return index >= 0 && index < count() ? m_items[index] : nullptr;
}

QLayoutItem *FlowLayout::takeAt(int index)
{
    return index >= 0 && index < count() ? m_items.takeAt(index) : nullptr;
}

QSize FlowLayout::sizeHint() const
{
    int width = 0;
    int height = 0;
    for (const QLayoutItem *item : m_items) {
        if (item->isEmpty())
            continue;
        width += item->sizeHint().width() + m_gap;
        height = std::max(height, item->sizeHint().height());
    }
    return {std::max(0, width - m_gap), height};
}

QSize FlowLayout::minimumSize() const
{
    QSize size;
    for (const QLayoutItem *item : m_items)
        if (!item->isEmpty())
            size = size.expandedTo(item->minimumSize());
    return size;
}

void FlowLayout::setGeometry(const QRect &rect)
{
    QLayout::setGeometry(rect);
    arrange(rect, true);
}

int FlowLayout::arrange(const QRect &rect, bool place) const
{
    const Qt::LayoutDirection direction =
        parentWidget() != nullptr ? parentWidget()->layoutDirection() : Qt::LeftToRight;
    int x = rect.x();
    int y = rect.y();
    int tall = 0;
    QList<std::pair<QLayoutItem *, QRect>> line;
    const auto flush = [&] {
        for (const auto &[item, box] : line)
            item->setGeometry(
                QStyle::visualRect(direction, rect, box.translated(0, (tall - box.height()) / 2)));
        line.clear();
    };
    // What would not fit in one line is made narrower, if it fits then; the one that gives most first.
    QHash<QLayoutItem *, int> narrowed;
    {
        int lacking = -m_gap - rect.width();
        QList<QLayoutItem *> giving;
        for (QLayoutItem *item : m_items)
            if (!item->isEmpty()) {
                lacking += item->sizeHint().width() + m_gap;
                giving << item;
            }
        const auto gives = [](const QLayoutItem *item) {
            return item->sizeHint().width() - item->minimumSize().width();
        };
        std::stable_sort(giving.begin(), giving.end(),
                         [&](const auto *a, const auto *b) { return gives(a) > gives(b); });
        for (auto *item : giving) {
            if (lacking <= 0 || gives(item) <= 0)
                break;
            narrowed[item] = item->minimumSize().width();
            lacking -= gives(item);
        }
        if (lacking > 0)
            narrowed.clear();
    }
    for (QLayoutItem *item : m_items) {
        if (item->isEmpty())
            continue;
        QSize size = item->sizeHint();
        size.setWidth(narrowed.value(item, size.width()));
        if (x > rect.x() && x + size.width() > rect.x() + rect.width()) {
            if (place)
                flush();
            x = rect.x();
            y += tall + m_gap - 2;
            tall = 0;
        }
        if (place)
            line.append({item, QRect(QPoint(x, y), size)});
        tall = std::max(tall, size.height());
        x += size.width() + m_gap;
    }
    if (place)
        flush();
    return y + tall - rect.y();
}

} // namespace riskdesk::widgets
