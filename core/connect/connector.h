// Connector: one way to the place where accounts really live.
//
// A call blocks until the response, a timeout or the stop token; it never throws and never retries what may
// have been done. Every response is one of four, so that the dispatcher needs no rule per provider:
//   Done       the provider said so
//   RetryAfter it was not done, and may be later (429, 503, no connection)
//   Refused    it will never be done as asked; the sentence says why and what to do
//   Unknown    it may have been done: the connection broke after the request had gone
// After Unknown, and after a crash, reconcile() reads back whether it took effect. One object per thread.
#pragma once

#include "core/base/result.h"
#include "core/base/timestamp.h"
#include "core/connect/secret.h"
#include "core/domain/provider.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::connect {

struct Response
{
    enum class Kind : std::uint8_t { Done, RetryAfter, Refused, Unknown };
    Kind kind = Kind::Done;
    std::string code;                 // stable: "ok", "throttled", "notConnected", "http404", "ldap32"
    std::string sentence;             // for a person, English; never holds a secret
    std::optional<Microseconds> wait; // what the provider asked for
    bool wholeConnector = false;      // nothing else will get through either

    [[nodiscard]] bool done() const { return kind == Kind::Done; }
    [[nodiscard]] static Response ok(std::string sentence = {})
    {
        return {Kind::Done, "ok", std::move(sentence), {}, false};
    }
    [[nodiscard]] static Response later(std::string code, std::string sentence,
                                        std::optional<Microseconds> wait = {}, bool whole = true)
    {
        return {Kind::RetryAfter, std::move(code), std::move(sentence), wait, whole};
    }
    [[nodiscard]] static Response refused(std::string code, std::string sentence)
    {
        return {Kind::Refused, std::move(code), std::move(sentence), {}, false};
    }
    // Whatever is asked, until somebody changes the connection or what stands behind it.
    [[nodiscard]] static Response refusedAll(std::string code, std::string sentence)
    {
        return {Kind::Refused, std::move(code), std::move(sentence), {}, true};
    }
    [[nodiscard]] static Response unknown(std::string code, std::string sentence)
    {
        return {Kind::Unknown, std::move(code), std::move(sentence), {}, false};
    }
};

// What is to be done, to whom.
struct Request
{
    ProviderOperation operation = ProviderOperation::Notify;
    std::string key; // the same for every attempt: sent where the provider can make use of it
    std::string userId, userPrincipalName; // userId: as the provider calls the user, may be empty
    const Secret *password = nullptr;      // ResetPassword
    std::string payload;                   // Notify: the JSON to be posted
};

// Whether a request that was sent took effect.
enum class Reconciled : std::uint8_t {
    TookEffect,
    DidNot,
    Repeatable, // nothing to read, but doing it once more does no harm
    CannotTell
};

struct ProviderUser
{
    std::string id, userPrincipalName, displayName, mail;
    std::optional<bool> enabled;
};

// One page. `records` are JSON objects as the provider gave them; `next` is empty after the last page, and
// `cursor` (then set) is where the next pull begins.
struct PulledPage
{
    std::vector<std::string> records;
    std::string next, cursor;
};

class Connector
{
public:
    virtual ~Connector() = default;
    void setStop(std::stop_token stop) { m_stop = std::move(stop); }

    // Reaches the provider and asks for what the capabilities need. Done, or one sentence of what is wrong.
    [[nodiscard]] virtual Response test() = 0;

    // What the provider says before a request is sent, kept with the request and given to reconcile(): for a
    // reset the time of the last password change. Empty where nothing is needed. The response is Done or the
    // reason.
    [[nodiscard]] virtual Response precondition(const Request &, std::string &precondition)
    {
        precondition.clear();
        return Response::ok();
    }
    [[nodiscard]] virtual Response perform(const Request &request) = 0;
    // The response tells whether the provider could be asked at all.
    [[nodiscard]] virtual Response reconcile(const Request &request, const std::string &precondition,
                                             Reconciled &outcome) = 0;

    [[nodiscard]] virtual Response listUsers(const std::string &next, std::vector<ProviderUser> &users,
                                             std::string &following)
    {
        (void)next, (void)users, (void)following;
        return Response::refused("unsupported", "This connector cannot list users.");
    }
    // Operation: PullSignIns or PullRisk. `from` is a page's `next`, or the cursor of the last pull, or
    // empty.
    [[nodiscard]] virtual Response pull(ProviderOperation what, const std::string &from, PulledPage &page)
    {
        (void)what, (void)from, (void)page;
        return Response::refused("unsupported", "This connector cannot pull sign-ins.");
    }

protected:
    std::stop_token m_stop;
};

} // namespace riskdesk::connect
