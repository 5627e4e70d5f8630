#include "ui/widgets/controls/filter_popover.h"

#include "ui/widgets/controls/badges.h"
#include "ui/widgets/controls/search_box.h"
#include "ui/widgets/controls/segmented.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QListView>
#include <QLocale>
#include <QPainter>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace riskdesk::widgets {

using theme::ButtonKind;
using theme::TextStyle;
using theme::Token;

namespace {

constexpr int rowTall = 34;
constexpr int rowsShown = 8;
enum { BoxRole = Qt::UserRole + 1, CountRole };

// Letters and digits alone, without case and accents.
QString bare(const QString &words)
{
    QString out;
    for (const QChar c : words.normalized(QString::NormalizationForm_KD))
        if (c.isLetterOrNumber())
            out += c;
    return out.toCaseFolded();
}

} // namespace

class FilterPopover::Model : public QAbstractListModel
{
public:
    explicit Model(QObject *parent)
        : QAbstractListModel(parent)
    {}
    QList<FilterOption> options;

    void reset(const QList<FilterOption> &next)
    {
        beginResetModel();
        options = next;
        endResetModel();
    }
    int rowCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(options.size());
    }
    QVariant data(const QModelIndex &index, int role) const override
    {
        if (!index.isValid() || index.row() >= options.size())
            return {};
        const FilterOption &option = options[index.row()];
        switch (role) {
        case Qt::DisplayRole: return option.label;
        case Qt::CheckStateRole: return option.ticked ? Qt::Checked : Qt::Unchecked;
        case BoxRole: return option.box;
        case CountRole: return option.count;
        case Qt::AccessibleTextRole:
            return option.count < 0
                       ? option.label
                       : QStringLiteral("%1, %2").arg(option.label, QLocale().toString(option.count));
        default: return {};
        }
    }
    Qt::ItemFlags flags(const QModelIndex &index) const override
    {
        return QAbstractListModel::flags(index) | Qt::ItemIsUserCheckable;
    }
    void flip(int row)
    {
        options[row].ticked = !options[row].ticked;
        Q_EMIT dataChanged(index(row), index(row));
    }
};

class FilterPopover::Sieve : public QSortFilterProxyModel
{
public:
    Sieve(Model *model, QObject *parent)
        : QSortFilterProxyModel(parent)
        , m_model(model)
    {
        setSourceModel(model);
        sort(0);
    }
    void find(const QString &words)
    {
        m_wanted = bare(words);
        invalidate();
    }

protected:
    bool filterAcceptsRow(int row, const QModelIndex &) const override { return distance(row) < far; }
    bool lessThan(const QModelIndex &a, const QModelIndex &b) const override
    {
        const int one = distance(a.row()), other = distance(b.row());
        return one != other ? one < other : a.row() < b.row();
    }

private:
    static constexpr int far = 3;
    // 0: it is called that, 1: it begins so, 2: it holds that.
    [[nodiscard]] int distance(int row) const
    {
        if (m_wanted.isEmpty())
            return 0;
        const FilterOption &option = m_model->options[row];
        int nearest = far;
        for (const QString &words : QStringList{option.label, option.key} + option.also) {
            const QString name = bare(words);
            nearest = std::min(nearest, name == m_wanted            ? 0
                                        : name.startsWith(m_wanted) ? 1
                                        : name.contains(m_wanted)   ? 2
                                                                    : far);
        }
        return nearest;
    }
    Model *m_model;
    QString m_wanted;
};

class FilterPopover::Delegate : public QStyledItemDelegate
{
public:
    Delegate(const Theme &theme, QObject *parent)
        : QStyledItemDelegate(parent)
        , m_theme(theme)
    {}
    QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override
    {
        return {100, m_theme.scaled(rowTall)};
    }
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF r = QRectF(option.rect).adjusted(0, 2, 0, -2);
        const bool ticked = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
        const bool hover = option.state & QStyle::State_MouseOver;
        painter->setPen(Qt::NoPen);
        if (ticked || hover) {
            painter->setBrush(m_theme.color(ticked ? Token::AccentTint : Token::Surface2));
            painter->drawRoundedRect(r, 5, 5);
        }
        const bool mirrored = option.direction == Qt::RightToLeft;
        const auto place = [&](qreal x, qreal w) {
            return QRectF(mirrored ? r.right() - x - w : r.left() + x, r.top(), w, r.height());
        };
        QRectF tick(0, 0, 16, 16);
        tick.moveCenter(place(8, 16).center());
        theme::paintTickBox(*painter, m_theme, tick, ticked ? Qt::Checked : Qt::Unchecked, true, hover);
        const QString box = index.data(BoxRole).toString();
        qreal x = 34;
        if (!box.isEmpty()) {
            paintCountryBox(*painter, m_theme, place(x, 24), box);
            x += 32;
        }
        const qint64 count = index.data(CountRole).toLongLong();
        const QString number = count < 0 ? QString() : QLocale().toString(count);
        const qreal kept = number.isEmpty() ? 8 : m_theme.text(TextStyle::Name).tabularWidth(number) + 20;
        painter->setPen(m_theme.color(Token::Text));
        m_theme.text(ticked ? TextStyle::Name : TextStyle::Body)
            .draw(*painter, place(x, r.width() - x - kept), index.data().toString(),
                  mirrored ? Qt::AlignRight : Qt::AlignLeft);
        painter->setPen(m_theme.color(Token::Text2));
        m_theme.text(TextStyle::Name)
            .drawTabular(*painter, place(r.width() - kept, kept - 9), number,
                         mirrored ? Qt::AlignLeft : Qt::AlignRight);
        if ((option.state & QStyle::State_HasFocus) && (option.state & QStyle::State_KeyboardFocusChange))
            theme::paintFocusRing(*painter, m_theme, r, 5);
        painter->restore();
    }

private:
    const Theme &m_theme;
};

FilterPopover::FilterPopover(const Theme &theme, const QString &title, const QString &findHint,
                             QWidget *parent)
    : Popover(theme, parent)
    , m_find(new SearchBox(theme, findHint, this))
    , m_relation(new SegmentedControl(theme, tr("Relation"), {tr("is"), tr("is not")}, this))
    , m_list(new QListView(this))
    , m_summary(new Label(theme, TextStyle::Secondary, Token::Text2, {}, this))
    , m_model(new Model(this))
    , m_sieve(new Sieve(m_model, this))
{
    setAccessibleName(title);
    m_summary->setText(tr("Counting"));
    auto *top = new QHBoxLayout;
    top->addWidget(new Label(theme, TextStyle::CardTitle, Token::Text, title, this));
    top->addStretch();
    top->addWidget(m_relation);
    content()->addLayout(top);
    content()->addWidget(m_find);

    m_list->setModel(m_sieve);
    m_list->setItemDelegate(new Delegate(theme, m_list));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setMouseTracking(true);
    m_list->viewport()->setAttribute(Qt::WA_Hover);
    m_list->setUniformItemSizes(true);
    m_list->setFixedHeight(theme.scaled(rowTall) * rowsShown);
    m_list->setMinimumWidth(250);
    m_list->setAccessibleName(title);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setSelectionMode(QAbstractItemView::NoSelection);
    m_list->installEventFilter(this);
    m_find->installEventFilter(this);
    content()->addWidget(m_list);

    auto *bottom = new QHBoxLayout;
    bottom->setSpacing(8);
    m_clear = new QPushButton(tr("Clear"), this);
    auto *done = new QPushButton(tr("Done"), this);
    setButtonKind(done, ButtonKind::Primary);
    bottom->addWidget(m_summary, 1);
    bottom->addWidget(m_clear);
    bottom->addWidget(done);
    content()->addLayout(bottom);

    // There is nothing to turn round or to clear before the values are there.
    m_relation->setEnabled(false);
    m_clear->setEnabled(false);

    connect(m_relation, &SegmentedControl::chosen, this, &FilterPopover::tell);
    connect(m_find, &SearchBox::typed, this, [this](const QString &text) {
        m_sieve->find(text);
        Q_EMIT searched(text);
    });
    connect(m_list, &QListView::clicked, this, &FilterPopover::toggle);
    connect(done, &QPushButton::clicked, this, &QWidget::close);
    connect(m_clear, &QPushButton::clicked, this, [this] {
        for (int row = 0; row < m_model->rowCount(); ++row)
            if (m_model->options[row].ticked)
                m_model->flip(row);
        tell();
    });
}

void FilterPopover::setOptions(const QList<FilterOption> &options)
{
    m_model->reset(options);
    const int rows = std::clamp<int>(static_cast<int>(options.size()), 3, rowsShown);
    m_list->setFixedHeight(theme().scaled(rowTall) * rows);
    m_summary->setText({});
    m_relation->setEnabled(true);
    m_clear->setEnabled(true);
    place();
    m_waiting = false;
    for (const auto &key : std::exchange(m_pressed, {}))
        if (isVisible()) // until one of them has closed it
            QCoreApplication::sendEvent(m_find, key.get());
}

void FilterPopover::setProblem(const QString &problem)
{
    m_waiting = false;
    m_pressed.clear();
    m_summary->setText(problem);
}

void FilterPopover::setNegated(bool negated)
{
    m_relation->setCurrent(negated ? 1 : 0);
}

void FilterPopover::setNegatable(bool negatable)
{
    m_relation->setVisible(negatable);
}

void FilterPopover::setSummary(const QString &summary)
{
    m_summary->setText(summary);
}

QStringList FilterPopover::tickedKeys() const
{
    QStringList keys;
    for (const FilterOption &option : m_model->options)
        if (option.ticked)
            keys.append(option.key);
    return keys;
}

QStringList FilterPopover::tickedLabels() const
{
    QStringList labels;
    for (const FilterOption &option : m_model->options)
        if (option.ticked)
            labels.append(option.label);
    return labels;
}

void FilterPopover::tell()
{
    Q_EMIT changed(tickedKeys(), m_relation->current() == 1);
}

void FilterPopover::toggle(const QModelIndex &index)
{
    if (!index.isValid())
        return;
    m_model->flip(m_sieve->mapToSource(index).row());
    tell();
}

// A key that decides something waits for the values, and what follows it waits behind it.
bool FilterPopover::holdBack(const QKeyEvent &key)
{
    const bool enter = key.key() == Qt::Key_Return || key.key() == Qt::Key_Enter;
    if (m_pressed.empty() && !(enter && !m_find->text().isEmpty()))
        return false;
    m_pressed.emplace_back(key.clone());
    return true;
}

bool FilterPopover::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress) {
        auto *pressed = static_cast<QKeyEvent *>(event);
        const int key = pressed->key();
        if (watched == m_find && m_waiting && holdBack(*pressed))
            return true;
        if (key == Qt::Key_Escape) {
            close();
            return true;
        }
        const bool enter = key == Qt::Key_Return || key == Qt::Key_Enter;
        if (watched == m_find) {
            if (enter) {
                if (m_find->text().isEmpty()) {
                    close();
                } else if (m_sieve->rowCount() > 0) {
                    toggle(m_sieve->index(0, 0));
                    m_find->clear();
                    m_sieve->find({});
                }
                return true;
            }
            if (key == Qt::Key_Down && m_sieve->rowCount() > 0) {
                m_list->setCurrentIndex(m_sieve->index(0, 0));
                m_list->setFocus(Qt::TabFocusReason);
                return true;
            }
        } else if (watched == m_list) {
            if (key == Qt::Key_Space) {
                toggle(m_list->currentIndex());
                return true;
            }
            if (enter) {
                close();
                return true;
            }
        }
    }
    return Popover::eventFilter(watched, event);
}

} // namespace riskdesk::widgets
