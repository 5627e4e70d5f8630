// Api: answers the requests of scripts in the shape of Microsoft Graph: a token is recognised, its scope
// compared with the route's, the route answers. It knows no socket (https_server.h).
//
//     auto api = Api::open({.directory = file}, clock);
//     HttpResponse response = (*api)->answer(request, stop);
//
// Any number of threads may ask at the same time: each reads by a connection of its own, which it borrows,
// and those that change something take turns. Nothing is thrown but std::bad_alloc.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/serve/http_message.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <stop_token>

namespace riskdesk::serve {

struct ApiSettings
{
    std::filesystem::path directory;
    // Of one token: how many requests a second in the long run, and how many at once before that counts.
    // More: 429 with Retry-After.
    double requestsPerSecond = 100;
    double burst = 300;
    std::size_t mostIds = 60;     // of one action, as Graph has it
    std::size_t mostInBatch = 20; // requests, as Graph has it
};

class Api
{
public:
    // Opens the directory for reading and writing. The store's errors.
    [[nodiscard]] static Result<std::unique_ptr<Api>> open(const ApiSettings &settings, const Clock &clock);
    ~Api();
    Api(const Api &) = delete;
    Api &operator=(const Api &) = delete;

    [[nodiscard]] HttpResponse answer(const HttpRequest &request, const std::stop_token &stop);

private:
    struct Own;
    explicit Api(std::unique_ptr<Own> own);
    std::unique_ptr<Own> m;
};

} // namespace riskdesk::serve
