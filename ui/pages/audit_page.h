// Audit log: who did what, when, from where, in which role and why. Read, filtered, exported, and checked for
// whether its records are those that were written. GUI thread.
#pragma once

#include "ui/pages/report_page.h"

namespace riskdesk::widgets {
class FactTable;
}

namespace riskdesk::pages {

class AuditPage final : public ReportPage
{
    Q_OBJECT
public:
    explicit AuditPage(Context &context);
    [[nodiscard]] QString id() const override { return QStringLiteral("audit"); }
    [[nodiscard]] QString title() const override { return tr("Audit log"); }

protected:
    [[nodiscard]] QString openingView() const override { return QStringLiteral("allAudit"); }
    void showRow(std::int64_t id) override;
    [[nodiscard]] QString countWords(int rows) const override { return tr("%Ln record(s)", nullptr, rows); }
    void command(const QString &id, const std::vector<std::int64_t> &ids, QWidget *opener) override;
    [[nodiscard]] QString nothingSelected() const override { return tr("Select at least one record."); }
    [[nodiscard]] QString notInList() const override { return tr("This record is not in the log."); }
    [[nodiscard]] QString severalSelected() const override
    {
        return tr("Decisions are taken back one at a time. To see one, select it alone.");
    }

private:
    void check();
    void takeBack(std::int64_t id, bool onlyThisUser, QWidget *opener);
    struct Record; // a row, with the decision it is part of
    [[nodiscard]] static Result<Record> read(store::Connection &db, std::int64_t id, const Clock &clock,
                                             const SignedIn &as);
    void show(const Record &record);
    [[nodiscard]] QString whyNot(const Record &record) const; // it cannot be taken back; empty: it can

    widgets::FactTable *m_facts;
    jobs::Ticket m_rowTicket, m_checkTicket, m_commandTicket;
};

} // namespace riskdesk::pages
