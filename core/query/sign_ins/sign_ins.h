// Sign-ins: their list, evaluated over columns in memory (performance.md 8), with the risk that lies beside
// them.
//
// One object per file and process, shared by the readers; each call takes the reader's own connection and
// waits for the others. Rows are known by their number; numbers hold for one `generation`: when segments
// disappear (retention, undo of an import) the numbers begin again and reading by old ones gives
// Code::Conflict.
#pragma once

#include "core/base/result.h"
#include "core/domain/place.h"
#include "core/domain/risk.h"
#include "core/domain/sign_in.h"
#include "core/query/page.h"
#include "core/query/reading.h"
#include "core/query/report.h"
#include "core/store/sign_in_columns.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

namespace riskdesk::query {

struct SignInSpine
{
    std::uint64_t generation = 0;
    std::vector<std::uint32_t> rows; // in order
    std::uint64_t total = 0;         // sign-ins in the store
    std::uint64_t matching = 0;      // of the question, where only the first of them are among `rows`
};

struct SignInRisk
{
    RiskLevel during = RiskLevel::None, aggregated = RiskLevel::None;
    RiskState state = RiskState::None;
    RiskDetail detail = RiskDetail::None;
    std::uint8_t score = 0;
};

// One sign-in with its texts.
struct SignInItem
{
    std::uint32_t number = 0;
    SignInRow row;
    std::string requestId, correlationId;
    std::string userKey, userName, userPrincipalName, mail;
    bool accountEnabled = true;
    IpAddress ip;
    Place place; // the event's own, else the place file's
    bool ownPlace = false;
    std::uint32_t asn = 0;
    std::string organisation;
    std::string userAgent, browser, operatingSystem, device, clientApp, application, resource, failureReason,
        session, authenticationMethod, source;
    std::string providerLevel, providerState; // the provider's word, never counted
    SignInRisk risk;
    std::vector<std::string> types; // riskEventType of its detections

    [[nodiscard]] const std::string &name() const { return userName.empty() ? userPrincipalName : userName; }
};

// Where a user signed in from.
struct SignInPlace
{
    Place place;
    Timestamp first, last;
    std::int64_t signIns = 0, risky = 0;
};

class SignIns
{
public:
    // Nothing: for a program that asks once.
    explicit SignIns(store::Keep keep = store::Keep::Columns)
        : m_keep(keep)
    {}

    // Rows of the question in its order; ties by time, newest first, then by number.
    [[nodiscard]] Result<SignInSpine> ask(store::Connection &connection, const Question &question,
                                          std::stop_token stop = {});
    // The first of them, at most so many.
    [[nodiscard]] Result<SignInSpine> first(store::Connection &connection, const Question &question,
                                            std::uint64_t atMost, std::stop_token stop = {});
    // The rows behind `after`, at most so many. Code::NotFound when the sign-in it ended with is gone.
    [[nodiscard]] Result<Page> page(store::Connection &connection, const Question &question,
                                    const std::optional<Position> &after, std::size_t atMost,
                                    std::stop_token stop = {});
    [[nodiscard]] Result<std::vector<SignInItem>> read(store::Connection &connection,
                                                       std::uint64_t generation,
                                                       std::span<const std::uint32_t> rows,
                                                       std::stop_token stop = {});
    // By its id: GUID, text, or 32 hex digits. Code::NotFound.
    [[nodiscard]] Result<SignInSpine> find(store::Connection &connection, std::string_view requestId,
                                           std::stop_token stop = {});
    // The user's sign-ins around one of theirs, in time order: up to `each` before it, itself, up to `each`
    // after.
    [[nodiscard]] Result<SignInSpine> around(store::Connection &connection, std::uint64_t generation,
                                             std::uint32_t row, std::size_t each, std::stop_token stop = {});

    // Most sign-ins first.
    [[nodiscard]] Result<std::vector<SignInPlace>> places(store::Connection &connection, std::uint32_t user,
                                                          const Period &period, std::stop_token stop = {});

    // For the density strip: in each stretch [bounds[i], bounds[i+1]).
    struct Density
    {
        std::uint32_t success = 0, failure = 0, interrupted = 0, risky = 0;
    };
    [[nodiscard]] Result<std::vector<Density>> density(store::Connection &connection,
                                                       const Question &question,
                                                       std::span<const Timestamp> bounds,
                                                       std::stop_token stop = {});
    // How many rows per value of a field, the other conditions of the filter applied; text as shown, most
    // first.
    [[nodiscard]] Result<std::vector<std::pair<std::string, std::int64_t>>>
    facet(store::Connection &connection, const Question &question, std::string_view field,
          std::stop_token stop = {});

private:
    friend class SignInKernels;
    friend class SignInSorter;
    struct AddressFact
    {
        std::uint32_t place = 0, asn = 0;
    };

    Status refresh(store::Connection &connection, Reading &reading, std::stop_token stop);
    Status rebuildIfSegmentsWent(store::Connection &connection);
    // One of the texts of users, in the order of user.id, folded for comparing.
    enum class UserText { Search, Key, Name, Upn };
    Status eachUser(store::Connection &connection, UserText what,
                    const std::function<void(std::size_t, std::string_view)> &take);
    // All of them by user.id; kept.
    Result<std::span<const std::string>> userTexts(store::Connection &connection, UserText what);
    // Whether it is wanted, by user.id.
    Result<std::vector<std::uint8_t>> usersWhere(store::Connection &connection, UserText what,
                                                 const std::function<bool(std::string_view)> &wanted);
    Status loadFacts(store::Connection &connection);
    Status loadRisk(store::Connection &connection, std::stop_token stop);
    // Numbers of the rows that hold these keys at these times.
    Status locate(store::Connection &connection, std::span<const std::pair<std::int64_t, EventKey>> wanted,
                  std::stop_token stop);
    Result<Position> positionOf(store::Connection &connection, std::uint32_t row);
    Result<std::uint32_t> rowAt(store::Connection &connection, const Position &position);
    Result<store::RowSet> matching(store::Connection &connection, Reading &reading, const Question &question,
                                   std::stop_token stop);

    store::Keep m_keep;
    std::mutex m_mutex;
    std::uint64_t m_generation = 1;
    std::optional<std::uint64_t> m_stamp;
    store::SignInColumns m_columns{m_keep};
    std::vector<store::SegmentInfo> m_segments;
    std::vector<std::uint32_t> m_firstRows; // of each segment
    struct UserTexts
    {
        std::optional<std::uint64_t> stamp;
        std::vector<std::string> texts;
    };
    std::array<UserTexts, 4> m_users; // by UserText
    std::optional<std::uint64_t> m_factsStamp, m_riskStamp;
    std::vector<AddressFact> m_facts; // by address id
    struct KeyHash
    {
        std::size_t operator()(const EventKey &key) const;
    };
    std::unordered_map<EventKey, std::uint32_t, KeyHash> m_numbers; // of the sign-ins that have risk
    std::unordered_map<std::uint32_t, SignInRisk> m_risk;           // by row number
    struct Ranks
    {
        std::size_t size = 0;
        std::vector<std::uint32_t> ranks; // by id; 0xffffffff for the empty text
    };
    std::map<std::pair<Dictionary, int>, Ranks> m_ranks; // and by what of the text
};

} // namespace riskdesk::query
