// Rejected rows: the records of imported files that could not be read, with file, line, value, reason and how
// they are mended; exported, and the mended file imported again. GUI thread.
#pragma once

#include "ui/pages/report_page.h"

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

protected:
    [[nodiscard]] QString openingView() const override { return QStringLiteral("allRejects"); }
    void showRow(std::int64_t id) override;
    [[nodiscard]] QString countWords(int rows) const override { return tr("%n row(s)", nullptr, rows); }
    void command(const QString &id, const std::vector<std::int64_t> &ids, QWidget *opener) override;
    [[nodiscard]] QString nothingSelected() const override { return tr("Select at least one row."); }
    [[nodiscard]] QString notInList() const override { return tr("This row is not stored here any more."); }
    [[nodiscard]] QString severalSelected() const override { return tr("To see one, select it alone."); }

private:
    widgets::FactTable *m_facts;
    QPlainTextEdit *m_record;
    jobs::Ticket m_rowTicket;
};

} // namespace riskdesk::pages
