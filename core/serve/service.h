// Service: everything between "serve this directory at this address" and a running server. Both programs that
// serve, `riskdeskctl serve` and the console, start it here.
//
//     auto service = Service::start({.directory = file, .listen = "127.0.0.1:8443"}, clock);
//     (*service)->url(); // "https://127.0.0.1:8443"
//
// It reads files, makes a certificate where there is none, and its stop() waits for answers under way: not for
// a thread that draws a window. Members may be called on any thread, one after the other.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/serve/audit_keeper.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::serve {

// Where a server listens.
struct ListenAddress
{
    std::string address;                   // in numbers, without brackets
    std::uint16_t port = 0;                // 0: any that is free
    [[nodiscard]] bool isLoopback() const; // else other machines can reach it
};
// "127.0.0.1:8443", "[::1]:8443", "localhost:8443"; blanks around it are no part of it. Code::WrongUsage with a
// sentence that says which part is wrong. Reads no file and asks no network.
[[nodiscard]] Result<ListenAddress> listenAddress(std::string_view text);

struct ServiceSettings
{
    std::filesystem::path directory;
    std::string listen = "127.0.0.1:8443"; // listenAddress()
    // Both or none, PEM; with none the directory's own is used, and made when it is not there
    // (certificate.h).
    std::filesystem::path certificate{}, key{};
    std::vector<std::string> hosts{};        // names that clients reach this machine by
    double requestsPerSecond = 100;          // of one token; three times that at once
    std::chrono::milliseconds grace{10'000}; // for answers under way when it stops
    AuditKeeper::Secrets secrets{};          // keep the audit log's newest record; none: nothing keeps it
    AuditKeeper::Trouble trouble{};          // of that
};

class Service
{
public:
    // It answers when this returns. Code::WrongUsage with a sentence: an address that is none, a port that is
    // taken, a certificate that cannot be used; certificate files are made and replaced only once the port is
    // ours. Otherwise the errors of the store and of the files, in which nothing has been changed.
    [[nodiscard]] static Result<std::unique_ptr<Service>> start(const ServiceSettings &settings,
                                                                const Clock &clock);
    ~Service(); // stops
    Service(const Service &) = delete;
    Service &operator=(const Service &) = delete;

    [[nodiscard]] const std::string &url() const; // as a client names it: "https://[::1]:8443"
    [[nodiscard]] const std::filesystem::path &certificate() const; // that clients trust
    [[nodiscard]] const std::string &fingerprint() const;           // SHA-256 of it: "AA:BB:…"
    [[nodiscard]] bool reachesOthers() const;                       // other machines can reach it

    // Returns when nothing is answered any more, after `grace` and what a request under way needs to notice.
    // A second call does nothing.
    void stop();

private:
    struct Own;
    explicit Service(std::unique_ptr<Own> own);
    std::unique_ptr<Own> m;
};

} // namespace riskdesk::serve
