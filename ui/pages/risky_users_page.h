// Risky users: the report and its pane (Overview, Detections, Risky sign-ins, Risk history). GUI thread.
#pragma once

#include "core/query/user_story.h"

#include "ui/models/cell_model.h"
#include "ui/pages/report_page.h"

class QPushButton;

namespace riskdesk::widgets {
class ReasonList;
class RiskLine;
class WorldMap;
class Label;
class TableView;
} // namespace riskdesk::widgets

namespace riskdesk::pages {

class RiskyUsersPage final : public ReportPage
{
    Q_OBJECT
public:
    explicit RiskyUsersPage(Context &context);
    [[nodiscard]] QString id() const override { return QStringLiteral("users"); }
    [[nodiscard]] QString title() const override { return tr("Risky users"); }
    [[nodiscard]] bool isFilled() const override { return !isBusy() && !m_figuresTicket.waits(); }

Q_SIGNALS:
    void detectionAsked(std::int64_t rowid);

protected:
    [[nodiscard]] QString openingView() const override { return QStringLiteral("allAtRisk"); }
    void showRow(std::int64_t id) override;
    void fillFigures(const query::Question &question) override;
    [[nodiscard]] QString countWords(int rows) const override { return tr("%Ln user(s)", nullptr, rows); }
    void command(const QString &id, const std::vector<std::int64_t> &ids, QWidget *opener) override;
    [[nodiscard]] QString insteadOf(const QString &id) const override
    {
        return id == QLatin1String("block") ? QStringLiteral("unblock") : QString();
    }
    [[nodiscard]] QString nothingSelected() const override { return tr("Select at least one user."); }
    [[nodiscard]] QString notInList() const override
    {
        return tr("This user has no risk of our own finding, so the list does not hold the account.");
    }

private:
    struct Story;
    QWidget *makeOverview();
    QWidget *makeHistory();
    [[nodiscard]] const query::HistoryRow *reversible() const;
    void offerReverse();
    void show(const Story &story);
    void narrow(const QString &figure);

    widgets::Label *m_reasonsTitle;
    widgets::ReasonList *m_reasons;
    widgets::RiskLine *m_line;
    widgets::WorldMap *m_map;
    widgets::Label *m_lineNow, *m_mapTitle;
    models::CellModel *m_detections, *m_signIns, *m_history;
    std::vector<query::HistoryRow> m_events; // rows of m_history
    widgets::TableView *m_historyList = nullptr;
    widgets::Label *m_reverseHint = nullptr;
    QPushButton *m_reverse = nullptr;
    int m_detectionsTab, m_signInsTab, m_historyTab;
    std::int64_t m_nameOf = 0; // the row that is in the pane, which may be the one before
    QString m_name;
    std::vector<Timestamp> m_barBounds; // of the chart
    jobs::Ticket m_storyTicket, m_figuresTicket;
};

} // namespace riskdesk::pages
