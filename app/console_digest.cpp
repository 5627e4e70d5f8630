#include "app/console_digest.h"

#include "core/query/digest.h"

#include "ui/models/error_text.h"

#include <chrono>
#include <utility>

namespace riskdesk {

ConsoleDigest::ConsoleDigest(pages::Context &context, QWidget &window)
    : m_context(context)
    , m_window(window)
{
    m_hour.setInterval(std::chrono::hours(1));
    connect(&m_hour, &QTimer::timeout, this, &ConsoleDigest::writeDue);
}

void ConsoleDigest::opened()
{
    if (m_sheet)
        m_sheet->close(); // of the last one
    m_told = false;
    m_hour.start();
    writeDue();
}

void ConsoleDigest::show()
{
    if (!m_context.readers)
        return;
    if (!m_sheet) {
        m_sheet = new pages::DigestSheet(m_context, &m_window);
        connect(m_sheet, &pages::DigestSheet::listAsked, this, &ConsoleDigest::listAsked);
    }
    m_sheet->show();
    m_sheet->raise();
    m_sheet->activateWindow();
}

void ConsoleDigest::showZone()
{
    if (m_sheet)
        m_sheet->showZone();
}

void ConsoleDigest::writeDue()
{
    if (!m_context.readers)
        return;
    m_writing = m_context.readers->ask(
        this, m_writing,
        [name = m_context.directoryName.toStdString(), &clock = m_context.clock](store::Connection &db,
                                                                                 std::stop_token stop) {
            return query::writeDueDigest(db, name, clock.now(), std::move(stop));
        },
        [this](Result<std::optional<std::filesystem::path>> written) {
            if (!written && !std::exchange(m_told, true))
                Q_EMIT failed(
                    tr("The weekly digest could not be written. %1").arg(models::errorText(written.error())));
        });
}

} // namespace riskdesk
