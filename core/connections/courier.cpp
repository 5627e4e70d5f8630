#include "core/connections/courier.h"

#include "core/connections/notices.h"
#include "core/connections/open_connector.h"
#include "core/directory/directory.h"
#include "core/ledger/risk_writer.h"

#include <algorithm>
#include <random>
#include <utility>

namespace riskdesk::run {
namespace {

using namespace std::chrono_literals;

constexpr Microseconds look = 1s;       // how soon is noticed what another process put in
constexpr Microseconds tryAgain = 15s;  // after something went wrong, or somebody else carries
constexpr Microseconds longestNap = 1h; // a clock that was set back does not stop us

// From the directory being opened until something goes wrong or the stop.
Status carryOn(const std::filesystem::path &file, const Clock &clock, const SecretSource &secrets,
               const CourierOptions &options, std::stop_token stop,
               const std::function<void(Microseconds)> &sleep, const std::function<void()> &well)
{
    auto directory = Directory::open(file);
    if (!directory)
        return tl::unexpected(directory.error());
    auto lease =
        store::ImportLease::take(directory->connection(), options.holder, dispatch::Dispatcher::leaseName);
    if (!lease)
        return tl::unexpected(lease.error());
    std::unique_ptr<connect::SecretStore> store;
    bool asked = false;
    const auto open = [&](const action::ConnectorRow &row) -> Result<std::unique_ptr<connect::Connector>> {
        if (!asked) { // only where there is something to send: a keyring may have to be unlocked
            auto opened = secrets();
            if (!opened)
                return tl::unexpected(opened.error());
            store = std::move(*opened);
            asked = true;
        }
        return openConnector(row, store.get(), clock);
    };
    std::mt19937_64 random(std::random_device{}());
    dispatch::DispatcherOptions dispatching;
    dispatching.uniform = [&random] { return std::uniform_real_distribution<double>(0, 1)(random); };
    dispatching.settled = options.settled;
    const auto rate = ledger::storedSetting(directory->connection(), "outbox.requestsPerSecond",
                                            dispatching.requestsPerSecond);
    const auto attempts = ledger::storedSetting(directory->connection(), "outbox.attempts",
                                                static_cast<double>(dispatching.mostAttempts));
    if (!rate || !attempts)
        return tl::unexpected(!rate ? rate.error() : attempts.error());
    dispatching.requestsPerSecond = *rate;
    dispatching.mostAttempts = static_cast<std::uint32_t>(*attempts);
    dispatch::Dispatcher dispatcher(directory->connection(), clock, std::move(*lease), open,
                                    std::move(dispatching));
    Notices notices(directory->connection(), clock, open);
    while (!stop.stop_requested()) {
        if (const auto told = notices.step(stop); !told)
            return tl::unexpected(told.error());
        const auto step = dispatcher.step(stop);
        if (!step)
            return tl::unexpected(step.error());
        well();
        if (step->worked)
            continue;
        const auto now = clock.now();
        if (options.untilEmpty && (!step->next || *step->next - now > options.patience))
            return {};
        const auto wait =
            step->next ? std::clamp<Microseconds>(*step->next - now, 0us, longestNap) : longestNap;
        sleep(options.untilEmpty ? wait : std::min(wait, look));
    }
    return fail(Code::Cancelled, "", "");
}

} // namespace

Status carry(const std::filesystem::path &directory, const Clock &clock, const SecretSource &secrets,
             const CourierOptions &options, std::stop_token stop,
             const std::function<void(Microseconds)> &sleep)
{
    std::optional<Error> told;
    while (!stop.stop_requested()) {
        const auto ended =
            carryOn(directory, clock, secrets, options, stop, sleep, [&told] { told.reset(); });
        if (ended || options.untilEmpty || ended.error().code == Code::Cancelled)
            return ended;
        const auto &error = ended.error();
        const bool isNew = !told || told->code != error.code || told->detail != error.detail;
        if (isNew && error.code != Code::StoreBusy && options.trouble)
            options.trouble(error);
        told = error;
        sleep(tryAgain);
    }
    return fail(Code::Cancelled, "", "");
}

Courier::Courier(std::filesystem::path directory, const Clock &clock, SecretSource secrets,
                 CourierOptions options)
    : m_thread([this, directory = std::move(directory), &clock, secrets = std::move(secrets),
                options = std::move(options)](std::stop_token stop) {
        const auto sleep = [this, stop](Microseconds time) {
            std::unique_lock lock(m_mutex);
            m_changed.wait_for(lock, stop, time, [this] { return m_woken; });
            m_woken = false;
        };
        static_cast<void>(carry(directory, clock, secrets, options, stop, sleep));
    })
{}

Courier::~Courier() = default;

void Courier::wake()
{
    const std::lock_guard lock(m_mutex);
    m_woken = true;
    m_changed.notify_all();
}

} // namespace riskdesk::run
