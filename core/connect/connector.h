// Connector: one way to the place where accounts really live.
//
// A call blocks until the answer, a timeout or the stop token; it never throws and never retries what may
// have been done. Every answer is one of four, so that the dispatcher needs no rule per provider:
//   Done       the provider said so
//   RetryAfter it was not done, and may be later (429, 503, no connection)
//   Refused    it will never be done as asked; the sentence says why and what to do
//   Unknown    it may have been done: the connection broke after the request had gone
// After Unknown, and after a crash, recall() reads back whether it took effect. One object per thread.
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

struct Answer
{
    enum class Kind : std::uint8_t { Done, RetryAfter, Refused, Unknown };
    Kind kind = Kind::Done;
    std::string code;                 // stable: "ok", "throttled", "notConnected", "http404", "ldap32"
    std::string sentence;             // for a person, English; never holds a secret
    std::optional<Microseconds> wait; // what the provider asked for
    bool wholeConnector = false;      // nothing else will get through either

    [[nodiscard]] bool done() const { return kind == Kind::Done; }
    [[nodiscard]] static Answer ok(std::string sentence = {})
    {
        return {Kind::Done, "ok", std::move(sentence), {}, false};
    }
    [[nodiscard]] static Answer later(std::string code, std::string sentence,
                                      std::optional<Microseconds> wait = {}, bool whole = true)
    {
        return {Kind::RetryAfter, std::move(code), std::move(sentence), wait, whole};
    }
    [[nodiscard]] static Answer refused(std::string code, std::string sentence)
    {
        return {Kind::Refused, std::move(code), std::move(sentence), {}, false};
    }
    [[nodiscard]] static Answer unknown(std::string code, std::string sentence)
    {
        return {Kind::Unknown, std::move(code), std::move(sentence), {}, false};
    }
};

// What is to be done, to whom.
struct Order
{
    ProviderOperation operation = ProviderOperation::Notify;
    std::string key; // the same for every attempt: sent where the provider can make use of it
    std::string userId, userPrincipalName; // userId: as the provider calls the user, may be empty
    const Secret *password = nullptr;      // ResetPassword
    std::string payload;                   // Notify: the JSON to be posted
};

// Whether an order that was sent took effect.
enum class Recall : std::uint8_t {
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
    [[nodiscard]] virtual std::string_view kind() const = 0; // "graph"
    [[nodiscard]] virtual ProviderCapabilities capabilities() const = 0;
    void setStop(std::stop_token stop) { m_stop = std::move(stop); }

    // Reaches the provider and asks for what the capabilities need. Done, or one sentence of what is wrong.
    [[nodiscard]] virtual Answer test() = 0;

    // What the provider says before an order is sent, kept with the order and given to recall(): for a reset
    // the time of the last password change. Empty where nothing is needed. The answer is Done or the reason.
    [[nodiscard]] virtual Answer mark(const Order &, std::string &mark)
    {
        mark.clear();
        return Answer::ok();
    }
    [[nodiscard]] virtual Answer perform(const Order &order) = 0;
    // The answer tells whether the provider could be asked at all.
    [[nodiscard]] virtual Answer recall(const Order &order, const std::string &mark, Recall &recall) = 0;

    [[nodiscard]] virtual Answer listUsers(const std::string &next, std::vector<ProviderUser> &users,
                                           std::string &following)
    {
        (void)next, (void)users, (void)following;
        return Answer::refused("unsupported", "This connector cannot list users.");
    }
    // Operation: PullSignIns or PullRisk. `from` is a page's `next`, or the cursor of the last pull, or
    // empty.
    [[nodiscard]] virtual Answer pull(ProviderOperation what, const std::string &from, PulledPage &page)
    {
        (void)what, (void)from, (void)page;
        return Answer::refused("unsupported", "This connector cannot pull sign-ins.");
    }

protected:
    std::stop_token m_stop;
};

// Nobody is connected: what is decided is recorded in the directory and nowhere else.
class LocalConnector final : public Connector
{
public:
    [[nodiscard]] std::string_view kind() const override { return "local"; }
    [[nodiscard]] ProviderCapabilities capabilities() const override;
    [[nodiscard]] Answer test() override;
    [[nodiscard]] Answer perform(const Order &order) override;
    [[nodiscard]] Answer recall(const Order &, const std::string &, Recall &recall) override;
};

} // namespace riskdesk::connect
