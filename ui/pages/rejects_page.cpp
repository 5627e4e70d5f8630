#include "ui/pages/rejects_page.h"

#include "core/query/tables/rejects.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/models/report_sources.h"
#include "ui/pages/export_rows.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/frame/details_pane.h"
#include "ui/widgets/table/why_table.h"

#include <QFileInfo>
#include <QFontDatabase>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPointer>
#include <QVBoxLayout>

#include <utility>

namespace riskdesk::pages {
RejectsPage::RejectsPage(Context &context)
    : ReportPage(context, query::Report::Rejects, tr("Rejected rows"),
                 std::make_shared<models::RejectsSource>(),
                 {{QStringLiteral("reason"), tr("Reason")}, {QStringLiteral("file"), tr("File")}},
                 tr("Filter by file, reason, record"), false)
{
    using theme::Icon;
    m_commands->setSelectionCommands({});
    m_commands->setGeneralCommands(
        {{QStringLiteral("import"),
          Icon::Import,
          tr("Import the mended file"),
          QStringLiteral("Ctrl+I"),
          {},
          false},
         {QStringLiteral("dates"), Icon::Calendar, tr("Read dates anew"), {}, {}, false},
         exportCommand(),
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
    m_pane->addTab(tr("What is wrong"), new widgets::ScrollPane(context.theme, box));
    m_record = new QPlainTextEdit;
    m_record->setReadOnly(true);
    m_record->setFrameShape(QFrame::NoFrame);
    m_record->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_record->setAccessibleName(tr("The beginning of the record, as it stands in the file"));
    m_pane->addTab(tr("Record"), m_record);
}

void RejectsPage::offerDates(QMenu &menu, QObject *context,
                             const std::function<void(ingest::DateOrder)> &chosen)
{
    menu.addAction(tr("What stands first in these dates?"))->setEnabled(false);
    for (const auto &[words, dates] :
         {std::pair(tr("Day first: 3/4 is 3 April"), ingest::DateOrder::DayFirst),
          std::pair(tr("Month first: 3/4 is March 4"), ingest::DateOrder::MonthFirst)})
        connect(menu.addAction(words), &QAction::triggered, context, [chosen, dates] { chosen(dates); });
    menu.setActiveAction(menu.actions().at(1));
}

namespace {

// The files that records were refused from, as far as they lie where they were read: of an archive the archive, and
// none of what was read from a pipe or by a name that means something in another folder only.
struct RefusedFiles
{
    QStringList there, gone;

    void add(const QString &file)
    {
        auto place = file;
        while (!place.isEmpty() && !(QFileInfo(place).isAbsolute() && QFileInfo(place).isFile()))
            place.truncate(place.lastIndexOf(QLatin1Char(':'))); // -1: all of it
        auto &files = place.isEmpty() ? gone : there;
        if (const auto name = place.isEmpty() ? file : place; !files.contains(name))
            files << name;
    }
};

} // namespace

// The whole files once more: what is stored already is known again.
void RejectsPage::askDates(const std::vector<std::int64_t> &ids, QWidget *opener)
{
    m_datesTicket = m_context.readers->ask(
        this, m_datesTicket,
        [ids](store::Connection &db, std::stop_token stop) -> Result<RefusedFiles> {
            const auto rows = query::readRejects(db, ids, std::move(stop));
            if (!rows)
                return tl::unexpected(rows.error());
            RefusedFiles files;
            for (const auto &row : *rows)
                files.add(models::text(row.reject.file));
            return files;
        },
        [this, opener = QPointer<QWidget>(opener)](Result<RefusedFiles> refused) {
            if (!refused) {
                m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(refused.error()));
                return;
            }
            if (!refused->gone.isEmpty())
                m_message->setMessage(widgets::MessageBar::Kind::Warning,
                                      tr("%1 is not known by its full path any more. Import it again, and "
                                         "say beneath Options which "
                                         "comes first, day or month.")
                                          .arg(models::shown(refused->gone.first())));
            const auto files = refused->there;
            if (files.isEmpty()) {
                if (refused->gone.isEmpty())
                    m_commands->setFeedback(models::Tone::Notice, nothingSelected());
                return;
            }
            auto *menu = new QMenu(this);
            menu->setAttribute(Qt::WA_DeleteOnClose);
            offerDates(*menu, this,
                       [this, files](ingest::DateOrder dates) { Q_EMIT datesAsked(files, dates); });
            const auto *at = opener ? opener.data() : m_commands;
            menu->popup(at->mapToGlobal(QPoint(0, at->height())));
        });
}

void RejectsPage::showRun(std::int64_t run)
{
    showFiltered(QStringLiteral("run:%1").arg(run), std::nullopt);
}

void RejectsPage::showRow(std::int64_t id)
{
    m_rowTicket = m_context.readers->ask(
        this, m_rowTicket,
        [id](store::Connection &db, std::stop_token stop) {
            const std::int64_t ids[] = {id};
            return query::readRejects(db, ids, std::move(stop));
        },
        [this](Result<std::vector<query::RejectRow>> rows) {
            if (!rows || rows->empty()) {
                if (!rows)
                    m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(rows.error()));
                return;
            }
            const auto &row = rows->front();
            const auto reason = rejectReason(row.reject.reason);
            const auto name = models::shown(reason.displayName.empty() ? reason.key : reason.displayName);
            const auto line =
                row.reject.line == 0 ? QString() : models::count(static_cast<std::int64_t>(row.reject.line));
            widgets::PaneSubject subject;
            subject.icon = theme::Icon::Warning;
            subject.title = name;
            subject.facts << models::shown(row.reject.file);
            if (!line.isEmpty())
                subject.facts << tr("line %1").arg(line);
            m_pane->setSubject(subject);
            QList<std::pair<QString, QString>> facts = {{tr("File"), models::shown(row.reject.file)}};
            const auto add = [&facts](const QString &what, const QString &value) {
                if (!value.isEmpty())
                    facts << std::pair(what, value);
            };
            add(tr("Line"), line);
            if (row.reject.column != 0)
                add(tr("Column"), models::count(static_cast<std::int64_t>(row.reject.column)));
            add(tr("Reason"), name);
            add(tr("Value"), models::shown(row.reject.detail));
            add(tr("How to mend it"), models::rejectHint(row.reject.reason));
            if (row.records > 1)
                add(tr("Stands for"), tr("%Ln record(s) that are wrong in the same way", nullptr,
                                         static_cast<int>(row.records)));
            m_facts->setFacts(facts);
            m_record->setPlainText(models::shown(row.reject.excerpt));
        });
}

void RejectsPage::command(const QString &id, const std::vector<std::int64_t> &ids, QWidget *opener)
{
    if (id == QLatin1String("dates"))
        askDates(ids, opener != nullptr ? opener : m_commands);
    if (id == QLatin1String("export"))
        exportTo(tr("Export rejected rows"),
                 [](store::Connection &db, const query::Question &question, const ExportTarget &to) {
                     return exportRows(db, question, to, query::rejectColumns(), query::readRejects);
                 });
}

} // namespace riskdesk::pages
