#include "ui/pages/audit_page.h"

#include "core/action/permissions.h"
#include "core/ledger/audit_chain.h"
#include "core/query/tables/audit.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/models/report_sources.h"
#include "ui/models/why_text.h"
#include "ui/pages/acting.h"
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
    const QList<widgets::Command> commands{
        {QStringLiteral("takeBack"), Icon::Undo, tr("Take back"), {}, {}, false},
        {QStringLiteral("takeBackOne"), Icon::Undo, tr("Take back for this user"), {}, {}, false}};
    m_commands->setSelectionCommands(commands);
    m_commands->setGeneralCommands(
        {{QStringLiteral("check"), Icon::ShieldCheck, tr("Check the log"), {}, {}, false},
         exportCommand(),
         {QStringLiteral("refresh"), Icon::Refresh, tr("Refresh"), QStringLiteral("F5"), {}, false},
         {QStringLiteral("columns"),
          Icon::Columns,
          tr("Columns"),
          QStringLiteral("Ctrl+Shift+E"),
          {},
          false}});
    setRowCommands(commands);
    m_pane->setCommands(commands.mid(0, 1), commands.mid(1));
    m_facts = new widgets::FactTable(context.theme);
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(16, 10, 16, 10);
    column->addWidget(m_facts);
    column->addStretch();
    m_pane->addTab(tr("What was done"), new widgets::ScrollPane(context.theme, box));
}

struct AuditPage::Record
{
    query::AuditRow row;
    std::optional<query::AuditedCommand> command;
    std::optional<Error> notAllowed; // to whoever sits here
};

Result<AuditPage::Record> AuditPage::read(store::Connection &db, std::int64_t id, const Clock &clock,
                                          const SignedIn &as)
{
    const std::int64_t ids[] = {id};
    auto rows = query::readAudit(db, ids);
    if (!rows)
        return tl::unexpected(rows.error());
    Record record{std::move(rows->front()), {}, {}};
    auto command = query::commandOf(db, record.row);
    if (!command)
        return tl::unexpected(command.error());
    record.command = std::move(*command);
    if (!record.command)
        return record;
    const auto action = risk::actionFromText(record.command->action);
    if (!action)
        return record;
    const auto who = whoActs(db, clock, as);
    if (!who)
        record.notAllowed = who.error();
    else if (const auto may = action::allowed(who->role, action::permissionFor(*action)); !may)
        record.notAllowed = may.error();
    return record;
}

void AuditPage::showRow(std::int64_t id)
{
    m_rowTicket = m_context.readers->ask(
        this, m_rowTicket,
        [id, &clock = m_context.clock, as = m_context.signedIn](store::Connection &db, std::stop_token) {
            return read(db, id, clock, as);
        },
        [this](Result<Record> record) {
            if (record)
                show(*record);
            else
                m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(record.error()));
        });
}

QString AuditPage::whyNot(const Record &record) const
{
    if (!m_context.refusal.isEmpty())
        return m_context.refusal;
    if (record.row.action == "undo")
        return tr("This took a decision back. Make that decision again instead.");
    if (!record.command)
        return tr("This is no decision about a user, so there is nothing to take back.");
    if (record.command->undoneBy != 0)
        return tr("This was taken back already.");
    return record.notAllowed ? models::errorText(*record.notAllowed) : QString();
}

void AuditPage::show(const Record &record)
{
    const auto &row = record.row;
    widgets::PaneSubject subject;
    subject.icon = theme::Icon::Audit;
    const auto said = models::auditSaid(row);
    subject.title = said.action;
    subject.facts << models::shown(row.actor) << models::shortTime(row.at);
    m_pane->setSubject(subject);
    QList<std::pair<QString, QString>> facts;
    const auto add = [&facts](const QString &what, const QString &value) {
        if (!value.isEmpty())
            facts << std::pair(what, value);
    };
    facts << std::pair(tr("Time"), models::longTime(row.at));
    add(tr("Actor"), models::shown(row.actor));
    add(tr("Role"), models::auditWord("role", row.role));
    add(tr("Target"), said.target);
    add(tr("Before"), said.before);
    add(tr("After"), said.after);
    add(tr("Reason"), said.reason);
    add(tr("Note"), models::shown(row.note));
    add(tr("Via"), models::auditWord("via", row.via));
    add(tr("Host"), models::shown(row.host));
    if (row.undoOf != 0)
        add(row.action == "redo" ? tr("Makes again") : tr("Takes back"), models::takenBack(row));
    m_facts->setFacts(facts);
    const auto why = whyNot(record);
    setRefusals(
        {{QStringLiteral("takeBack"), why},
         {QStringLiteral("takeBackOne"),
          why.isEmpty() && record.command->users == 1 ? tr("Nobody else was decided on with it.") : why}});
}

// Asked anew: somebody else may have taken it back since the list was read.
void AuditPage::takeBack(std::int64_t id, bool onlyThisUser, QWidget *opener)
{
    m_commandTicket = m_context.readers->ask(
        this, m_commandTicket,
        [id, &clock = m_context.clock, as = m_context.signedIn](store::Connection &db, std::stop_token) {
            return read(db, id, clock, as);
        },
        [this, onlyThisUser, opener = QPointer<QWidget>(opener)](Result<Record> record) {
            if (!record) {
                m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(record.error()));
                return;
            }
            if (const auto why = whyNot(*record); !why.isEmpty()) {
                m_commands->setFeedback(models::Tone::Notice, why);
                return;
            }
            const auto &command = *record->command;
            const auto users = onlyThisUser ? 1 : command.users;
            Decided decision{
                {command.id},
                Decisions::titleOfRecorded(command.action, users, users == 1 ? command.name : std::string()),
                command.at};
            if (onlyThisUser)
                decision.only = {command.user};
            m_decisions->reverse(decision, models::shown(command.actor), static_cast<std::int64_t>(users),
                                 opener != nullptr ? opener.data() : m_table);
        });
}

void AuditPage::command(const QString &id, const std::vector<std::int64_t> &ids, QWidget *opener)
{
    if (id.startsWith(QLatin1String("takeBack"))) {
        if (ids.size() == 1)
            takeBack(ids.front(), id == QLatin1String("takeBackOne"), opener);
        else
            m_commands->setFeedback(models::Tone::Notice, tr("Take back one decision at a time."));
    } else if (id == QLatin1String("export"))
        exportTo(tr("Export the audit log"),
                 [](store::Connection &db, const query::Question &question, const ExportTarget &to) {
                     return exportRows(db, question, to, query::auditColumns(), query::readAudit);
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
