// Risk detections: the report and its pane (Why, Sign-in, Triggered together). GUI thread.
#pragma once

#include "core/query/tables/detections.h"

#include "ui/models/cell_model.h"
#include "ui/pages/report_page.h"

namespace riskdesk::widgets {
class FactTable;
class Label;
class Paragraph;
class WhyTable;
class WorldMap;
} // namespace riskdesk::widgets

namespace riskdesk::pages {

class DetectionsPage final : public ReportPage
{
    Q_OBJECT
public:
    explicit DetectionsPage(Context &context);
    [[nodiscard]] QString id() const override { return QStringLiteral("detections"); }
    [[nodiscard]] QString title() const override { return tr("Risk detections"); }

Q_SIGNALS:
    void userAsked(std::int64_t user);

protected:
    [[nodiscard]] QString openingView() const override { return QStringLiteral("last90Days"); }
    void showRow(std::int64_t id) override;
    [[nodiscard]] QString countWords(int rows) const override
    {
        return tr("%Ln detection(s)", nullptr, rows);
    }
    void command(const QString &id, const std::vector<std::int64_t> &ids, QWidget *opener) override;
    [[nodiscard]] QString nothingSelected() const override { return tr("Select at least one detection."); }
    [[nodiscard]] QString notInList() const override { return tr("This detection is not stored here."); }

private:
    struct Story
    {
        query::DetectionRow row;
        std::vector<query::DetectionRow> together;
    };
    QWidget *makeWhy();
    void show(const Story &story);

    widgets::Paragraph *m_sentence;
    widgets::WhyTable *m_why;
    widgets::Paragraph *m_cannotSee;
    widgets::WorldMap *m_map;
    widgets::FactTable *m_facts;
    models::CellModel *m_together;
    int m_togetherTab;
    std::int64_t m_nameOf = 0; // the row that is in the pane, which may be the one before
    QString m_name;
    jobs::Ticket m_storyTicket, m_userTicket;
};

} // namespace riskdesk::pages
