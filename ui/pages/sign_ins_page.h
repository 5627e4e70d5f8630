// Sign-ins: every stored sign-in, evaluated over columns; a density strip above the list, and a pane with the
// sign-in itself, its detections, what every detector said of it, and the user's sign-ins before and after
// with the speed between them. GUI thread.
#pragma once

#include "core/query/sign_ins/sign_ins.h"
#include "core/query/tables/detections.h"
#include "core/replay/explain_run.h"

#include "ui/models/cell_model.h"
#include "ui/pages/report_page.h"

class QPlainTextEdit;
class QPushButton;

namespace riskdesk::widgets {
class DensityStrip;
class FactTable;
class Paragraph;
} // namespace riskdesk::widgets

namespace riskdesk::pages {

class SignInsPage final : public ReportPage
{
    Q_OBJECT
public:
    explicit SignInsPage(Context &context);
    [[nodiscard]] QString id() const override { return QStringLiteral("signIns"); }
    [[nodiscard]] QString title() const override { return tr("Sign-ins"); }
    [[nodiscard]] bool isFilled() const override { return !isBusy() && !m_stripTicket.waits(); }

Q_SIGNALS:
    void userAsked(std::int64_t user);
    void detectionAsked(std::int64_t rowid);

protected:
    [[nodiscard]] QString openingView() const override { return QStringLiteral("lastSevenDays"); }
    void showRow(std::int64_t id) override;
    void fillFigures(const query::Question &question) override;
    [[nodiscard]] QString countWords(int rows) const override { return tr("%Ln sign-in(s)", nullptr, rows); }
    void command(const QString &id, const std::vector<std::int64_t> &ids, QWidget *opener) override;
    [[nodiscard]] QString nothingSelected() const override { return tr("Select at least one sign-in."); }
    [[nodiscard]] QString notInList() const override { return tr("This sign-in is not stored here."); }

private:
    struct Neighbour
    {
        query::SignInItem item;
        std::int64_t id = 0;      // of the list
        double km = -1, kmh = -1; // from the one before; below 0: not known
        bool isThis = false;
    };
    struct Story
    {
        query::SignInItem item;
        std::vector<query::DetectionRow> detections;
        std::vector<Neighbour> around; // newest first
    };
    static Result<Story> readStory(store::Connection &db, std::int64_t id, std::stop_token stop);
    QWidget *makeAnswers();
    void show(const Story &story);
    void askDetectors();
    void showAnswers(const run::SignInExplanation &explanation);

    widgets::DensityStrip *m_strip;
    std::vector<Timestamp> m_bounds; // of its bars
    widgets::FactTable *m_facts;
    models::CellModel *m_detections, *m_answers, *m_around;
    QPlainTextEdit *m_record;
    widgets::Paragraph *m_answerHint;
    QPushButton *m_askButton;
    widgets::TableView *m_answerList;
    int m_detectionsTab;
    std::int64_t m_nameOf = 0;
    QString m_name;
    std::string m_requestId;
    bool m_isAsking = false;
    jobs::Ticket m_storyTicket, m_stripTicket, m_commandTicket;
};

} // namespace riskdesk::pages
