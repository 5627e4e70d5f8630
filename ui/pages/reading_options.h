// Reading options: how a log is read where it does not say so itself, asked for beneath the files that are chosen.
// Folded away, since most logs need neither; open where one of them is set. GUI thread.
#pragma once

#include "core/ingest/reader.h"

#include "ui/theme/theme.h"

#include <QWidget>

class QComboBox;
class QPushButton;

namespace riskdesk::pages {

struct ReadingRules
{
    ingest::DateOrder dates = ingest::DateOrder::Open;
    int zoneMinutes = 0; // east of UTC, of times that name no zone
    bool operator==(const ReadingRules &) const = default;
};

class ReadingOptions : public QWidget
{
    Q_OBJECT
public:
    // `ownZone`: minutes east of UTC that this computer's clock is now.
    ReadingOptions(const theme::Theme &theme, const ReadingRules &rules, int ownZone,
                   QWidget *parent = nullptr);
    [[nodiscard]] ReadingRules rules() const;

private:
    QPushButton *m_fold;
    QComboBox *m_dates;
    QComboBox *m_zone;
};

// "UTC+05:30", "UTC−03:00", "UTC"
[[nodiscard]] QString offsetName(int minutes);

} // namespace riskdesk::pages
