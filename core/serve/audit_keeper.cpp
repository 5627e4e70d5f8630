#include "core/serve/audit_keeper.h"

#include "core/connections/audit_anchor.h"
#include "core/store/schema.h"

#include <chrono>
#include <utility>

namespace riskdesk::serve {
namespace {

using namespace std::chrono_literals;

constexpr auto pause = 500ms; // between two moves

} // namespace

// What is kept from one look to the next.
class AuditKeeper::Pass
{
public:
    Pass(const std::filesystem::path &directory, const Secrets &secrets)
        : m_directory(directory)
        , m_open(secrets)
    {}

    // What failed is tried again with the next record, or when it is the `last` look.
    [[nodiscard]] Status run(bool last)
    {
        if (!m_connection) {
            auto opened = store::openForReading(m_directory);
            if (!opened)
                return tl::unexpected(opened.error());
            m_connection.emplace(std::move(*opened));
        }
        const auto now = ledger::auditHead(*m_connection);
        if (!now)
            return tl::unexpected(now.error());
        if (m_seen == *now && !(last && m_failed))
            return {};
        m_seen = *now;
        m_failed = true;
        if (m_secrets == nullptr) {
            auto opened = m_open();
            if (!opened)
                return tl::unexpected(opened.error());
            m_secrets = std::move(*opened);
        }
        if (m_secrets != nullptr)
            if (auto ok = run::moveAuditAnchor(*m_connection, *m_secrets); !ok) {
                m_secrets = nullptr; // sealed with another key since, maybe
                return ok;
            }
        m_failed = false;
        return {};
    }

private:
    const std::filesystem::path &m_directory;
    const Secrets &m_open;
    std::optional<store::Connection> m_connection;
    std::unique_ptr<connect::SecretStore> m_secrets;
    std::optional<ledger::AuditHead> m_seen;
    bool m_failed = false;
};

AuditKeeper::AuditKeeper(std::filesystem::path directory, Secrets secrets, Trouble trouble)
    : m_directory(std::move(directory))
    , m_secrets(std::move(secrets))
    , m_trouble(std::move(trouble))
    , m_thread([this](const std::stop_token &stop) { run(stop); })
{}

AuditKeeper::~AuditKeeper() = default; // the thread looks once more, and ends

void AuditKeeper::look()
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_asked)
            return;
        m_asked = true;
    }
    m_change.notify_one();
}

void AuditKeeper::run(const std::stop_token &stop)
{
    Pass pass(m_directory, m_secrets);
    std::optional<Code> told;
    const auto once = [&](bool last) {
        const auto done = pass.run(last);
        if (!done && told != done.error().code && m_trouble)
            m_trouble(done.error());
        told = done ? std::nullopt : std::optional(done.error().code);
    };
    std::unique_lock lock(m_mutex);
    while (m_change.wait(lock, stop, [this] { return m_asked; })) {
        if (stop.stop_requested())
            break;
        m_asked = false;
        lock.unlock();
        once(false);
        lock.lock();
        m_change.wait_for(lock, stop, pause, [] { return false; });
    }
    lock.unlock();
    once(true);
}

} // namespace riskdesk::serve
