// Entries of lists that are kept from matching: a whole /8 (IPv6: /16) of anonymizers or malware is a mistake
// or an attack on whoever loads the list.
//
// Such an entry is written down when its list is added, audited, and matches nothing until somebody releases
// it with a reason; a release holds for later versions of the list too.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/intelligence.h"
#include "core/store/connection.h"

#include <optional>
#include <string>
#include <vector>

namespace riskdesk::run {

struct SetAside
{
    ListKind kind = ListKind::Anonymizer;
    std::string indicator, list; // as written; the name of the list
    Timestamp at;
    std::optional<Timestamp> releasedAt;
    std::string releasedBy, releasedWhy;
};

[[nodiscard]] bool isAbsurdlyWide(ListKind kind, const ListEntry &entry);
// Inside the caller's transaction. How many entries are set aside now.
[[nodiscard]] Result<std::uint64_t> setWideAside(store::Connection &connection, const Clock &clock,
                                                 const IntelligenceList &list,
                                                 const std::vector<ListEntry> &entries,
                                                 const std::string &actor);
// Removes from `entries` what is set aside.
[[nodiscard]] Status leaveOutSetAside(store::Connection &connection, ListKind kind,
                                      std::vector<ListEntry> &entries);
[[nodiscard]] Result<std::vector<SetAside>> setAside(store::Connection &connection);
// Of every list with this indicator. Code::NotFound, WrongUsage without a reason.
[[nodiscard]] Status release(store::Connection &connection, const Clock &clock, const std::string &indicator,
                             const std::string &reason, const std::string &actor);

} // namespace riskdesk::run
