#include "ui/pages/reading_options.h"

#include "ui/pages/sheet_parts.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLabel>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace riskdesk::pages {
namespace {

// The offsets that clocks stand at somewhere, in minutes east of UTC.
constexpr std::array offsets = {-720, -660, -600, -570, -540, -480, -420, -360, -300, -240, -210, -180, -120,
                                -60,  60,   120,  180,  210,  240,  270,  300,  330,  345,  360,  390,  420,
                                480,  525,  540,  570,  600,  630,  660,  720,  765,  780,  840};

QComboBox *choice(const QString &name, const char *id, QWidget *parent)
{
    auto *box = new QComboBox(parent);
    box->setObjectName(QString::fromLatin1(id));
    box->setAccessibleName(name);
    return box;
}

} // namespace

QString offsetName(int minutes)
{
    if (minutes == 0)
        return QStringLiteral("UTC");
    const int far = std::abs(minutes);
    return QStringLiteral("UTC%1%2:%3")
        .arg(minutes < 0 ? QStringLiteral("−") : QStringLiteral("+"))
        .arg(far / 60, 2, 10, QLatin1Char('0'))
        .arg(far % 60, 2, 10, QLatin1Char('0'));
}

ReadingOptions::ReadingOptions(const theme::Theme &theme, const ReadingRules &rules, int ownZone,
                               QWidget *parent)
    : QWidget(parent)
    , m_fold(button(tr("Options"), theme::ButtonKind::Flat, this))
    , m_dates(choice(tr("Dates such as 3/4/2026"), "readDates", this))
    , m_zone(choice(tr("Times without a zone"), "readZone", this))
{
    setObjectName(QStringLiteral("readingOptions"));
    m_fold->setObjectName(QStringLiteral("readingFold"));
    m_fold->setCheckable(true);

    m_dates->addItem(tr("Automatic: as the log shows"), static_cast<int>(ingest::DateOrder::Open));
    m_dates->addItem(tr("Day first: 3/4 is 3 April"), static_cast<int>(ingest::DateOrder::DayFirst));
    m_dates->addItem(tr("Month first: 3/4 is March 4"), static_cast<int>(ingest::DateOrder::MonthFirst));
    m_dates->setCurrentIndex(m_dates->findData(static_cast<int>(rules.dates)));

    m_zone->addItem(QStringLiteral("UTC"), 0);
    if (ownZone != 0)
        m_zone->addItem(tr("This computer's, now %1").arg(offsetName(ownZone)), ownZone);
    for (const int minutes : offsets)
        if (minutes != ownZone)
            m_zone->addItem(offsetName(minutes), minutes);
    m_zone->setCurrentIndex(std::max(0, m_zone->findData(rules.zoneMinutes)));
    m_zone->setToolTip(tr("One offset for the whole log, summer and winter. Times that name their zone are "
                          "not touched."));

    auto *fields = new QWidget(this);
    auto *grid = new QGridLayout(fields);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(12);
    int row = 0;
    for (auto *box : {m_dates, m_zone}) {
        auto *label = new QLabel(box->accessibleName(), fields);
        label->setBuddy(box);
        grid->addWidget(label, row, 0);
        grid->addWidget(box, row++, 1);
    }
    grid->setColumnStretch(2, 1);

    auto *column = columnOf(this, 6);
    auto *head = line();
    head->addWidget(m_fold);
    head->addStretch();
    column->addLayout(head);
    column->addWidget(fields);

    const auto fold = [this, fields, &theme](bool open) {
        fields->setVisible(open);
        m_fold->setIcon(
            theme.icon(open ? theme::Icon::ChevronDown : theme::Icon::ChevronRight, theme::Token::Text));
        m_fold->setAccessibleDescription(open ? tr("open") : tr("folded away"));
    };
    connect(m_fold, &QPushButton::toggled, this, fold);
    m_fold->setChecked(rules != ReadingRules{});
    fold(m_fold->isChecked());
}

ReadingRules ReadingOptions::rules() const
{
    return {static_cast<ingest::DateOrder>(m_dates->currentData().toInt()), m_zone->currentData().toInt()};
}

} // namespace riskdesk::pages
