// Versions of intelligence lists: a refused one put to use on purpose, a replacement taken back, and how old
// the lists in use are.
//
// One transaction each, audited, with Permission::Intelligence. Neither looks at the stored sign-ins again; reread() does.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/lists/intelligence.h"
#include "core/store/connection.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace riskdesk::run {

// The newest version of a list, by the number of any version or by name. Code::NotFound, or Conflict when
// lists of several kinds have that name.
[[nodiscard]] Result<IntelligenceList> findList(store::Connection &connection, const std::string &idOrName);

// The version that was refused, or taken back. Code::NotAllowed; NotFound also when there is none.
[[nodiscard]] Result<IntelligenceList> acceptList(store::Connection &connection, const Clock &clock,
                                                  const Operator &who, const std::string &idOrName);
// The version before the one in use; the latter is kept, and can be accepted again. Code::NotAllowed; NotFound also when
// there is none before.
[[nodiscard]] Result<IntelligenceList> rollbackList(store::Connection &connection, const Clock &clock,
                                                    const Operator &who, const std::string &idOrName);

struct ListStatus
{
    ListVersion version;
    std::int64_t ageDays = 0;
    std::int64_t lifeDays = 0; // 0: such a list does not go stale
    std::uint64_t setAside = 0;
    [[nodiscard]] bool stale() const { return lifeDays > 0 && ageDays > lifeDays; }
};

// Of every version that is kept, by kind, name and version.
[[nodiscard]] Result<std::vector<ListStatus>> listStatus(store::Connection &connection, const Clock &clock);
// One sentence for each list in use that is stale.
[[nodiscard]] Result<std::vector<std::string>> staleLists(store::Connection &connection, const Clock &clock);

// The stored sign-ins have been looked at again under the lists in use. In the caller's transaction.
[[nodiscard]] Status setReread(store::Connection &connection, Timestamp now);

} // namespace riskdesk::run
