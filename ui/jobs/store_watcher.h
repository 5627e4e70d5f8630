// StoreWatcher: notices that some process committed to the directory file. It looks once a second, on a
// reader thread, at PRAGMA data_version and at what lies under the file's name; the GUI thread never touches
// the file.
//
// GUI thread.
#pragma once

#include "ui/jobs/readers.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <optional>

namespace riskdesk::jobs {

class StoreWatcher : public QObject
{
    Q_OBJECT
public:
    explicit StoreWatcher(std::shared_ptr<Readers> readers,
                          std::chrono::milliseconds interval = std::chrono::seconds(1),
                          QObject *parent = nullptr);
    // Looks now; for after one's own action, and for tests.
    void look();

Q_SIGNALS:
    void changed();
    // Once: the file that is open was moved away, replaced or cut. It is not looked at any more.
    void lost(const riskdesk::Error &error);

private:
    std::shared_ptr<Readers> m_readers;
    std::shared_ptr<store::Connection> m_connection; // its own: data_version compares with itself only
    std::optional<std::int64_t> m_version;
    QTimer m_timer;
    bool m_lost = false;
    bool m_looking = false;
};

} // namespace riskdesk::jobs
