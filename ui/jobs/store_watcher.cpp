#include "ui/jobs/store_watcher.h"

#include "core/store/schema.h"
#include "core/store/statement.h"

#include <utility>

namespace riskdesk::jobs {
namespace {

struct Look
{
    std::shared_ptr<store::Connection> connection;
    std::int64_t version = 0;
};

// The pragma itself reads, so the answer is of this moment.
Result<Look> look(const std::filesystem::path &file, std::shared_ptr<store::Connection> connection)
{
    if (!connection) {
        auto opened = store::openForReading(file);
        if (!opened)
            return tl::unexpected(opened.error());
        connection = std::make_shared<store::Connection>(std::move(*opened));
    }
    if (auto there = connection->stillThere(); !there)
        return tl::unexpected(there.error());
    store::Statement row(*connection, "PRAGMA data_version");
    if (!row.step())
        return tl::unexpected(row.error());
    return Look{connection, row.int64(0)};
}

} // namespace

StoreWatcher::StoreWatcher(std::shared_ptr<Readers> readers, std::chrono::milliseconds interval,
                           QObject *parent)
    : QObject(parent)
    , m_readers(std::move(readers))
{
    m_timer.setTimerType(Qt::CoarseTimer);
    connect(&m_timer, &QTimer::timeout, this, &StoreWatcher::look);
    if (interval.count() > 0)
        m_timer.start(interval);
    look();
}

void StoreWatcher::look()
{
    if (m_looking || m_lost || !m_readers)
        return;
    m_looking = true;
    m_readers->ask(
        this, {},
        [file = m_readers->file(), connection = m_connection](store::Connection &, std::stop_token) {
            return jobs::look(file, connection);
        },
        [this](Result<Look> answer) {
            m_looking = false;
            if (!answer) { // locked or away for a moment: the next look opens it anew
                if (answer.error().code == Code::StoreCorrupt) {
                    m_lost = true;
                    m_timer.stop();
                    Q_EMIT lost(answer.error());
                }
                m_connection.reset();
                return;
            }
            m_connection = answer->connection;
            const bool news = m_version && *m_version != answer->version;
            m_version = answer->version;
            if (news)
                Q_EMIT changed();
        });
}

} // namespace riskdesk::jobs
