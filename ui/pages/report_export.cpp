// ReportPage's way out: the rows that its filter leaves, as a file.
#include "core/query/filter/filter_text.h"
#include "core/query/odata/property_path.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/pages/export_rows.h"
#include "ui/pages/report_page.h"
#include "ui/widgets/controls/file_dialog.h"
#include "ui/widgets/controls/messages.h"

#include <QElapsedTimer>
#include <QMenu>
#include <QRegularExpression>

namespace riskdesk::pages {

widgets::Command ReportPage::exportCommand()
{
    return {QStringLiteral("export"), theme::Icon::Export, tr("Export"), QStringLiteral("Ctrl+E"), {}, false};
}

// "risky-users-2026-03-18.csv"
QString ReportPage::exportName() const
{
    QString name = title().toLower();
    name.replace(QLatin1Char(' '), QLatin1Char('-'));
    static const QRegularExpression other(QStringLiteral("[^\\w-]"),
                                          QRegularExpression::UseUnicodePropertiesOption);
    name.remove(other);
    return QStringLiteral("%1-%2.csv")
        .arg(name, models::local(m_context.clock.now()).date().toString(Qt::ISODate));
}

void ReportPage::exportTo(const QString &title, WriteRows write)
{
    const auto ticked = m_model->selectedCount();
    // A row that came along with a click is no choice of rows.
    if (ticked == 0 || m_follows || m_exportTicket.waits())
        return exportRowsTo(title, std::move(write), false);
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    connect(menu->addAction(tr("%Ln ticked row(s) only", nullptr, static_cast<int>(ticked))),
            &QAction::triggered, this, [this, title, write] { exportRowsTo(title, write, true); });
    connect(menu->addAction(tr("All %1", "24 users").arg(countWords(m_model->rowCount()))),
            &QAction::triggered, this, [this, title, write] { exportRowsTo(title, write, false); });
    menu->setActiveAction(menu->actions().constFirst());
    const auto *at = m_commands->anchor(QStringLiteral("export"));
    menu->popup(at->mapToGlobal(QPoint(0, at->height())));
}

void ReportPage::exportRowsTo(const QString &title, WriteRows write, bool tickedOnly)
{
    using Kind = widgets::MessageBar::Kind;
    using widgets::FileQuestion;
    if (m_exportTicket.waits()) {
        m_message->setMessage(Kind::Info, tr("A file is being written already."), tr("Stop"));
        return;
    }
    const auto path =
        widgets::FileDialog::ask(window(),
                                 {FileQuestion::Kind::Save,
                                  title,
                                  {},
                                  tr("Comma-separated values (*.csv);;JSON (*.json);;JSON lines (*.ndjson)"),
                                  QStringLiteral("csv"),
                                  exportName()})
            .value(0);
    if (path.isEmpty())
        return;
    std::optional<std::vector<std::int64_t>> only;
    if (tickedOnly)
        only = m_model->selectedIds();
    m_message->setMessage(Kind::Info, tr("Writing %1…").arg(path), tr("Stop"), false);
    // Not more often than anybody could read it.
    const auto progress = [this, guard = QPointer<ReportPage>(this), path,
                           since = std::make_shared<QElapsedTimer>()](const Progress &p) {
        constexpr qint64 pauseMs = 200;
        if (since->isValid() && since->elapsed() < pauseMs)
            return;
        since->start();
        QMetaObject::invokeMethod(
            qApp,
            [this, guard, path, done = p.done, total = p.total] {
                if (guard && m_exportTicket.waits())
                    m_message->setMessage(Kind::Info,
                                          tr("Writing %1: %2 of %3.", "a file, numbers of rows")
                                              .arg(path, models::count(static_cast<qint64>(done)),
                                                   models::count(static_cast<qint64>(total))),
                                          tr("Stop"), false);
            },
            Qt::QueuedConnection);
    };
    const auto said = query::filterText(m_report, question().filter);
    m_exportTicket = m_context.readers->ask(
        this, m_exportTicket,
        [question = question(), path, progress, only = std::move(only), write = std::move(write),
         onlooker = m_context.onlooker(),
         target = "export " + std::string(query::typeName(m_report)) +
                  (said && !said->empty() ? " " + *said : std::string())](
            store::Connection &db, std::stop_token stop) -> Result<std::size_t> {
            if (auto noted = onlooker.sees(db, target); !noted)
                return tl::unexpected(noted.error());
            return write(db, question, {path, std::move(stop), progress, only});
        },
        [this, path](Result<std::size_t> written) {
            if (written)
                m_message->setMessage(Kind::Info, tr("%1 written to %2.", "7 rows, a file")
                                                      .arg(countWords(static_cast<int>(*written)), path));
            else
                m_message->setMessage(Kind::Error, models::errorText(written.error()));
        });
}

bool ReportPage::stopExport()
{
    if (!m_exportTicket.waits())
        return false;
    m_exportTicket.cancel();
    m_message->setMessage(widgets::MessageBar::Kind::Info, tr("Stopped: no file was written."));
    return true;
}

} // namespace riskdesk::pages
