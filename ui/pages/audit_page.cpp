#include "ui/pages/audit_page.h"

#include "core/ledger/audit_chain.h"
#include "core/query/tables/audit.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/models/report_sources.h"
#include "ui/pages/export_rows.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/frame/details_pane.h"
#include "ui/widgets/table/why_table.h"

#include <QVBoxLayout>

namespace riskdesk::pages {

AuditPage::AuditPage(Context &context)
    : ReportPage(context, query::Report::Audit, tr("Audit log"), std::make_shared<models::AuditSource>(),
                 {{QStringLiteral("actor"), tr("Actor")},
                  {QStringLiteral("action"), tr("Action")},
                  {QStringLiteral("via"), tr("Via")}},
                 tr("Filter by actor, target, action, note"), false)
{
    using theme::Icon;
    m_commands->setSelectionCommands({});
    m_commands->setGeneralCommands(
        {{QStringLiteral("check"), Icon::ShieldCheck, tr("Check the log"), {}, {}, false},
         {QStringLiteral("export"), Icon::Export, tr("Export"), {}, {}, false},
         {QStringLiteral("refresh"), Icon::Refresh, tr("Refresh"), QStringLiteral("F5"), {}, false},
         {QStringLiteral("columns"),
          Icon::Columns,
          tr("Columns"),
          QStringLiteral("Ctrl+Shift+E"),
          {},
          false}});
    setRowCommands({});
    m_facts = new widgets::FactTable(context.theme);
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(16, 10, 16, 10);
    column->addWidget(m_facts);
    column->addStretch();
    m_pane->addTab(tr("What was done"), new widgets::ScrollPane(context.theme, box));
}

void AuditPage::showRow(std::int64_t id)
{
    m_rowTicket = m_context.readers->ask(
        this, m_rowTicket,
        [id](store::Connection &db, std::stop_token stop) {
            const std::int64_t ids[] = {id};
            return query::readAudit(db, ids, std::move(stop));
        },
        [this](Result<std::vector<query::AuditRow>> rows) {
            if (!rows || rows->empty()) {
                if (!rows)
                    m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(rows.error()));
                return;
            }
            const auto &row = rows->front();
            widgets::PaneSubject subject;
            subject.icon = theme::Icon::Audit;
            subject.title = models::shown(row.action);
            subject.facts << models::shown(row.actor) << models::shortTime(row.at);
            m_pane->setSubject(subject);
            QList<std::pair<QString, QString>> facts;
            const auto add = [&facts](const QString &what, const std::string &value) {
                if (!value.empty())
                    facts << std::pair(what, models::shown(value));
            };
            facts << std::pair(tr("Time"), models::longTime(row.at));
            add(tr("Actor"), row.actor);
            add(tr("Role"), row.role);
            add(tr("Target"), row.target);
            add(tr("Before"), row.before);
            add(tr("After"), row.after);
            add(tr("Reason"), row.reason);
            add(tr("Note"), row.note);
            add(tr("Via"), row.via);
            add(tr("Host"), row.host);
            if (row.undoOf != 0)
                facts << std::pair(tr("Takes back"), tr("Command %1").arg(row.undoOf));
            m_facts->setFacts(facts);
        });
}

void AuditPage::command(const QString &id, const std::vector<std::int64_t> &ids, QWidget *opener)
{
    Q_UNUSED(ids)
    Q_UNUSED(opener)
    if (id == QLatin1String("export"))
        exportTo(tr("Export the audit log"), [](store::Connection &db, const query::Question &question,
                                                const QString &path, const std::stop_token &stop) {
            return exportRows(db, question, path, query::auditColumns(), query::readAudit, stop);
        });
    else if (id == QLatin1String("check"))
        check();
}

void AuditPage::check()
{
    m_checkTicket = m_context.readers->ask(
        this, m_checkTicket,
        [](store::Connection &db, std::stop_token stop) {
            return ledger::checkAudit(db, {}, std::move(stop));
        },
        [this](Result<std::vector<std::string>> wrong) {
            using Kind = widgets::MessageBar::Kind;
            if (!wrong)
                m_message->setMessage(Kind::Error, models::errorText(wrong.error()));
            else if (wrong->empty())
                m_message->setMessage(Kind::Info,
                                      tr("Every record follows from the one before it. Whether the end was "
                                         "cut off is told by \"riskdeskctl verify\" with the secrets."));
            else
                m_message->setMessage(Kind::Error, models::shown(wrong->front()));
        });
}

} // namespace riskdesk::pages
