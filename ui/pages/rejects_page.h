// Rejected rows: the records of imported files that could not be read, with file, line, value, reason and how
// they are mended; exported, and the mended file imported again. GUI thread.
#pragma once

#include "core/ingest/reader.h"

#include "ui/pages/report_page.h"

#include <functional>

class QMenu;
class QPlainTextEdit;

namespace riskdesk::widgets {
class FactTable;
}

namespace riskdesk::pages {

class RejectsPage final : public ReportPage
{
    Q_OBJECT
public:
    explicit RejectsPage(Context &context);
    [[nodiscard]] QString id() const override { return QStringLiteral("rejects"); }
    [[nodiscard]] QString title() const override { return tr("Rejected rows"); }
    // Those of one import alone.
    void showRun(std::int64_t run);
    // Which order of day and month is meant, as a menu of two.
    static void offerDates(QMenu &menu, QObject *context,
                           const std::function<void(ingest::DateOrder)> &chosen);

Q_SIGNALS:
    // These files once more: their dates were read in another order than they are written.
    void datesAsked(const QStringList &files, riskdesk::ingest::DateOrder dates);

protected:
    [[nodiscard]] QString openingView() const override { return QStringLiteral("allRejects"); }
    void showRow(std::int64_t id) override;
    [[nodiscard]] QString countWords(int rows) const override { return tr("%Ln row(s)", nullptr, rows); }
    void command(const QString &id, const std::vector<std::int64_t> &ids, QWidget *opener) override;
    [[nodiscard]] QString nothingSelected() const override { return tr("Select at least one row."); }
    [[nodiscard]] QString notInList() const override { return tr("This row is not stored here any more."); }
    [[nodiscard]] QString severalSelected() const override { return tr("To see one, select it alone."); }

private:
    void askDates(const std::vector<std::int64_t> &ids, QWidget *opener);
    widgets::FactTable *m_facts;
    QPlainTextEdit *m_record;
    jobs::Ticket m_rowTicket, m_datesTicket;
};

} // namespace riskdesk::pages
