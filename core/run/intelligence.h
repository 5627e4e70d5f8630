// Intelligence of a directory: adding, listing and removing lists, and the enricher made of the active ones.
//
// Entries are rows of the directory file; place and ASN files stay where they are and are named by path.
// Adding a list under a name that is taken replaces it, unless the new one is much smaller: then it is
// refused.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/enrich/enricher.h"
#include "core/enrich/list_reader.h"
#include "core/store/connection.h"

#include <filesystem>
#include <string>
#include <vector>

namespace riskdesk::run {

struct AddedList
{
    IntelligenceList list;
    std::vector<Reject> rejects;
    std::uint64_t unsupported = 0;
    bool replaced = false;
};

// One transaction, audited. Code::Conflict when the list has less than half of the entries of the one it
// would replace; enrich::readList's codes otherwise.
[[nodiscard]] Result<AddedList> addList(store::Connection &connection, const Clock &clock, ListKind kind,
                                        const std::filesystem::path &file, const std::string &name,
                                        const enrich::ListDefaults &defaults = {});
[[nodiscard]] Result<std::vector<IntelligenceList>> lists(store::Connection &connection);
// By id or by name. Code::NotFound.
[[nodiscard]] Result<IntelligenceList> removeList(store::Connection &connection, const Clock &clock,
                                                  const std::string &idOrName);

// The enricher of the active lists. `unusable` gathers place files that are gone or broken since they were
// added; the run goes on without them and says so.
[[nodiscard]] Result<enrich::Enricher> loadEnricher(store::Connection &connection,
                                                    std::vector<Error> &unusable);

} // namespace riskdesk::run
