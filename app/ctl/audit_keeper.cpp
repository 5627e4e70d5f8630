#include "app/ctl/audit_keeper.h"

#include "core/connections/audit_anchor.h"
#include "core/store/schema.h"

#include "app/ctl/output.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace riskdesk::ctl {
namespace {

constexpr auto pause = std::chrono::seconds(3);

std::optional<ledger::AuditHead> headOf(const std::filesystem::path &directory)
{
    auto connection = store::openForReading(directory);
    if (!connection)
        return std::nullopt;
    const auto head = ledger::auditHead(*connection);
    return head ? std::optional(*head) : std::nullopt;
}

} // namespace

AuditKeeper::AuditKeeper(std::filesystem::path directory, SecretsOptions where)
    : m_directory(std::move(directory))
    , m_where(std::move(where))
{
    if (!m_where.opensAlone())
        return;
    m_kept = headOf(m_directory);
    m_meanwhile = std::jthread([this](const std::stop_token &stop) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any ended;
        while (!ended.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); }))
            keep();
    });
}

AuditKeeper::~AuditKeeper()
{
    if (!m_meanwhile.joinable())
        return;
    m_meanwhile.request_stop();
    m_meanwhile.join();
    keep();
}

void AuditKeeper::keep()
{
    const auto now = headOf(m_directory);
    if (!now || now == m_kept)
        return;
    m_kept = now; // what goes wrong is told once
    const auto secrets = openSecrets(m_directory, m_where);
    if (!secrets) {
        report(secrets.error());
        return;
    }
    if (*secrets == nullptr) // there are none
        return;
    auto connection = store::openForReading(m_directory);
    const auto moved =
        connection ? run::moveAuditAnchor(*connection, **secrets) : tl::unexpected(connection.error());
    if (!moved)
        report(moved.error());
}

} // namespace riskdesk::ctl
