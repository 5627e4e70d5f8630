// Overview: six numbers, what is getting worse, what kind, whether we keep up, from where, and who needs
// somebody first. Every number and bar opens the rows behind it. Reading goes through Context::readers. GUI
// thread.
#pragma once

#include "core/query/overview.h"

#include "ui/pages/context.h"
#include "ui/pages/decisions.h"
#include "ui/window/page.h"

#include <optional>

class QPushButton;

namespace riskdesk::widgets {
class DayBars;
class KpiStrip;
class Label;
class MessageBar;
class PageHeader;
class TwoLines;
class TypeBars;
class UrgentList;
class WorldMap;
} // namespace riskdesk::widgets

namespace riskdesk::pages {

class OverviewPage final : public window::Page
{
    Q_OBJECT
public:
    explicit OverviewPage(Context &context);
    [[nodiscard]] QString id() const override { return QStringLiteral("overview"); }
    [[nodiscard]] QString title() const override { return tr("Overview"); }
    void enter(const QString &view) override;
    void refresh() override;
    void focusContent() override;
    [[nodiscard]] QList<QWidget *> regions() const override;
    // Another directory: what is shown is of the last one.
    void reopen();
    [[nodiscard]] bool isBusy() const { return m_ticket.waits(); }
    [[nodiscard]] const query::Overview &shown() const { return m_overview; }

Q_SIGNALS:
    // Rows of a section, by filter text; no period: every time.
    void listAsked(const QString &section, const QString &filter, const std::optional<query::Period> &period);
    void userAsked(std::int64_t user);
    void decided();
    void importAsked();

private:
    QWidget *makeCharts();
    QWidget *makeBelow();
    [[nodiscard]] std::vector<Timestamp> bounds(Timestamp now) const;
    void ask();
    void show(const query::Overview &overview);
    void showFigures();
    void showCharts();
    void showUrgent();
    void openDetections(const QString &filter, const std::optional<query::Period> &period);
    void openFigure(const QString &id);
    void decide(const QString &id, QWidget *opener);
    [[nodiscard]] std::optional<query::Period> period() const;

    Context &m_context;
    Decisions *m_decisions;
    widgets::PageHeader *m_header;
    widgets::MessageBar *m_message;
    widgets::KpiStrip *m_kpis;
    widgets::DayBars *m_days;
    widgets::TypeBars *m_types;
    widgets::TwoLines *m_lines;
    widgets::WorldMap *m_map;
    widgets::Label *m_mapTitle, *m_urgentTitle;
    QPushButton *m_allUrgent;
    widgets::UrgentList *m_urgent;
    int m_period = 2;          // 30 days
    bool m_undo = false;       // what the message's link does
    bool m_ofDecision = false; // the message; it stays when the figures are read anew
    std::vector<Timestamp> m_bounds;
    query::Overview m_overview;
    jobs::Ticket m_ticket;
};

} // namespace riskdesk::pages
