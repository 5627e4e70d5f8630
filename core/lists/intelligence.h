// Intelligence of a directory: adding, listing and removing lists, and the enricher made of the active ones.
//
// Entries are rows of the directory file; place and ASN files stay where they are and are named by path.
// Adding a list under a name that is taken replaces it, unless the new one is much smaller: then it is
// refused. What was replaced or refused stays beside it and matches nothing (list_versions.h brings it back).
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/domain/permissions.h"
#include "core/enrich/enricher.h"
#include "core/enrich/list_reader.h"
#include "core/store/connection.h"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace riskdesk::run {

struct AddedList
{
    IntelligenceList list;
    std::vector<Reject> rejects;
    std::uint64_t repeated = 0; // equal entries, kept once
    std::uint64_t unsupported = 0;
    std::string unsupportedKinds; // in words
    bool replaced = false;
    std::uint64_t warned = 0;   // entries of all lists that raise nothing, as a warning list names them
    std::uint64_t setAside = 0; // entries that match nothing until they are released (set_aside.h)
};

struct ListVersion
{
    IntelligenceList list;
    bool active = false;
    std::string refused;             // why it is not in use; empty for an earlier version
    std::optional<Timestamp> hunted; // when the stored sign-ins were last looked at with it
};

// One transaction, audited; needs Permission::Intelligence. At most three versions of a list are kept.
// Code::NotAllowed; Conflict when the list has less than half of the entries of the one it would replace, which is
// then kept as refused; enrich::readList's codes otherwise.
[[nodiscard]] Result<AddedList> addList(store::Connection &connection, const Clock &clock,
                                        const Operator &who, ListKind kind, const std::filesystem::path &file,
                                        const std::string &name, const enrich::ListDefaults &defaults = {});
// Those in use.
[[nodiscard]] Result<std::vector<IntelligenceList>> lists(store::Connection &connection);
// All that is kept, by kind, name and version.
[[nodiscard]] Result<std::vector<ListVersion>> listVersions(store::Connection &connection);
// With all its versions; by id or by name; needs Permission::Intelligence. Code::NotAllowed, NotFound, Conflict when
// several kinds have that name.
[[nodiscard]] Result<IntelligenceList> removeList(store::Connection &connection, const Clock &clock,
                                                  const Operator &who, const std::string &idOrName);

// The enricher of the active lists. `unusable` gathers place files that are gone or broken since they were
// added; the run goes on without them and says so. `own` stands in for what is written down as own traffic.
[[nodiscard]] Result<enrich::Enricher> loadEnricher(store::Connection &connection,
                                                    std::vector<Error> &unusable,
                                                    const std::vector<SetAsideIndicator> *own = nullptr);

} // namespace riskdesk::run
