// Entries of lists that are kept from raising anything. A whole /8 (IPv6: /16) of anonymizers or malware is a
// mistake or an attack on whoever loads the list; it is written down when its list is added and matches
// nothing. An indicator that is the directory's own traffic (core/detect/own_traffic.h) is written down when
// it shows, and given back when the sign-ins that showed it are gone; one that stands on a warning list when
// either list is added. They still match, so that explain can tell.
//
// All are audited and hold for every sign-in, earlier ones too, until somebody releases the entry with a reason,
// which holds for later versions of the list too. In the caller's transaction where not said otherwise.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/intelligence.h"
#include "core/domain/permissions.h"
#include "core/store/connection.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace riskdesk::run {

struct SetAside
{
    ListKind kind = ListKind::Anonymizer;
    std::string indicator, list;              // as written; the name of the list
    std::string why;                          // "wide", "ownTraffic" or "warningList"
    std::uint64_t matched = 0, successes = 0; // of the days before it showed, when it is own traffic
    Timestamp at;                             // when it was written down
    std::optional<Timestamp> releasedAt;
    std::string releasedBy, releasedWhy;
    [[nodiscard]] double percent() const
    {
        return successes == 0 ? 0 : 100 * static_cast<double>(matched) / static_cast<double>(successes);
    }
};

[[nodiscard]] bool isAbsurdlyWide(ListKind kind, const ListEntry &entry);
// Inside the caller's transaction. How many entries are set aside now.
[[nodiscard]] Result<std::uint64_t> setWideAside(store::Connection &connection, const Clock &clock,
                                                 const IntelligenceList &list,
                                                 const std::vector<ListEntry> &entries, const Operator &who);
// What is the directory's own traffic and not released, by kind and text.
[[nodiscard]] Result<std::vector<SetAsideIndicator>> ownTraffic(store::Connection &connection);
// Writes down what is the directory's own traffic; one sentence for each that was not known.
[[nodiscard]] Result<std::vector<std::string>> setOwnTrafficAside(store::Connection &connection,
                                                                  const Clock &clock,
                                                                  std::span<const SetAsideIndicator> found);
// The same, where these are all that there are: others are given back. One sentence for each of both.
[[nodiscard]] Result<std::vector<std::string>>
replaceOwnTraffic(store::Connection &connection, const Clock &clock, std::span<const SetAsideIndicator> all);
// Sets aside what the threat and malware lists in use name although a warning list in use does, and gives
// back what no longer is so. How many are set aside now.
[[nodiscard]] Result<std::uint64_t> setWarnedAside(store::Connection &connection, const Clock &clock,
                                                   const Operator &who);
// Removes from `entries` the wide ones that are set aside, and fills the standing of the others. `own` stands in
// for what is written down as own traffic.
[[nodiscard]] Status applySetAside(store::Connection &connection, ListKind kind,
                                   std::vector<ListEntry> &entries,
                                   const std::vector<SetAsideIndicator> *own = nullptr);
[[nodiscard]] Result<std::vector<SetAside>> setAside(store::Connection &connection);
// Of every list with this indicator; a transaction of its own; needs Permission::Intelligence. Code::NotAllowed, NotFound,
// WrongUsage without a reason.
[[nodiscard]] Status release(store::Connection &connection, const Clock &clock, const Operator &who,
                             const std::string &indicator, const std::string &reason);

} // namespace riskdesk::run
