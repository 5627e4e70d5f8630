// AuditKeeper: what requests write to the audit log is kept in mind outside of the file: the log's newest record becomes
// its anchor (core/connections/audit_anchor.h), half a second after a request at the latest, and once more at the end.
//
// On a thread of its own, so that no answer waits for the secrets, and once for all requests of that half second. A
// look at a log that did not grow opens nothing.
#pragma once

#include "core/base/result.h"
#include "core/connect/secret_store.h"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace riskdesk::serve {

class AuditKeeper
{
public:
    // Asks nobody; null: there are no secrets, or not yet.
    using Secrets = std::function<Result<std::unique_ptr<connect::SecretStore>>()>;
    using Trouble =
        std::function<void(const Error &)>; // on the keeper's thread, once for each kind of error in a row

    AuditKeeper(std::filesystem::path directory, Secrets secrets, Trouble trouble);
    ~AuditKeeper();
    AuditKeeper(const AuditKeeper &) = delete;
    AuditKeeper &operator=(const AuditKeeper &) = delete;

    // Something may have been written. Any thread; does not wait.
    void look();

private:
    class Pass;
    void run(const std::stop_token &stop);

    std::filesystem::path m_directory;
    Secrets m_secrets;
    Trouble m_trouble;
    std::mutex m_mutex; // guards m_asked
    std::condition_variable_any m_change;
    bool m_asked = true;   // what others wrote before
    std::jthread m_thread; // last: it uses the others
};

} // namespace riskdesk::serve
