// Courier: carries the outbox on a thread of its own, while a console or a command runs.
//
//     Courier courier(file, clock, secrets, {.settled = …, .trouble = …});
//     …
//     courier.wake();     // something was put into the outbox by this process; others are noticed within a second
//
// One courier a directory: where another process carries already this one waits for its turn. What it meets on the
// way (the directory cannot be opened, no secrets) is told once and tried again. The destructor waits for the
// request in hand, which it asks to stop; a request that had gone is read back by the next courier.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/connect/secret_store.h"
#include "core/dispatch/dispatcher.h"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace riskdesk::run {

// Called on the courier's thread, once each time it begins to carry: secrets may have moved. Null: there is no
// store.
using SecretSource = std::function<Result<std::unique_ptr<connect::SecretStore>>()>;

struct CourierOptions
{
    std::string holder = "riskdesk";                        // of the lease
    std::function<void(const dispatch::Settled &)> settled; // on the courier's thread
    std::function<void(const Error &)> trouble; // likewise; the same one again only after it had ended
    double requestsPerSecond = 4;
    bool untilEmpty =
        false; // ends when nothing waits any more, or only what has to wait for longer than `patience`
    Microseconds patience = std::chrono::seconds(30);
};

// What a courier does, on the caller's thread: until stopped, or with untilEmpty until nothing is left that could be
// sent soon. StoreBusy with untilEmpty where another process carries; Cancelled.
[[nodiscard]] Status carry(const std::filesystem::path &directory, const Clock &clock,
                           const SecretSource &secrets, const CourierOptions &options, std::stop_token stop,
                           const std::function<void(Microseconds)> &sleep);

class Courier
{
public:
    Courier(std::filesystem::path directory, const Clock &clock, SecretSource secrets,
            CourierOptions options);
    ~Courier();
    Courier(const Courier &) = delete;
    Courier &operator=(const Courier &) = delete;

    void wake(); // any thread

private:
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    bool m_woken = false;
    std::jthread m_thread; // last: uses the others
};

} // namespace riskdesk::run
