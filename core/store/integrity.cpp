#include "core/store/integrity.h"

#include "core/store/connection.h"
#include "core/store/dictionary.h"
#include "core/store/segment.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::store {

Result<std::vector<std::string>> verifyStore(Connection &connection, std::stop_token stop,
                                             const ProgressSink &progress)
{
    std::vector<std::string> findings;
    {
        Statement check(connection, "PRAGMA integrity_check(20)");
        while (check.step())
            if (check.text(0) != "ok")
                findings.push_back(fmt::format("SQLite: {}", check.text(0)));
        if (!check.ok())
            return tl::unexpected(check.error());
        Statement keys(connection, "PRAGMA foreign_key_check");
        while (keys.step())
            findings.push_back(
                fmt::format("a row of {} refers to one of {} that is missing", keys.text(0), keys.text(2)));
        if (!keys.ok())
            return tl::unexpected(keys.error());
    }
    Dictionaries dictionaries;
    if (auto ok = dictionaries.load(connection); !ok) {
        if (ok.error().code != Code::StoreCorrupt)
            return tl::unexpected(ok.error());
        findings.push_back(ok.error().detail);
    }
    std::int64_t greatestUser = 0;
    {
        Statement row(connection, "SELECT coalesce(max(id), 0) FROM user");
        if (row.step())
            greatestUser = row.int64(0);
    }
    auto all = segments(connection);
    if (!all)
        return tl::unexpected(all.error());
    std::uint64_t done = 0;
    for (const auto &segment : *all) {
        if (stop.stop_requested())
            return fail(Code::Cancelled, connection.file().string());
        if (progress)
            progress({"verify", done++, all->size()});
        auto rows = readSegment(connection, segment.id);
        if (!rows) {
            findings.push_back(rows.error().detail);
            continue;
        }
        if (rows->size() != segment.rows)
            findings.push_back(
                fmt::format("segment {} has {} rows instead of {}", segment.id, rows->size(), segment.rows));
        if (!std::is_sorted(rows->begin(), rows->end(), before))
            findings.push_back(fmt::format("segment {} is not in order", segment.id));
        const auto beyond = [&](std::uint32_t id, Dictionary kind) { return id >= dictionaries.size(kind); };
        for (const auto &row : *rows)
            if (row.user > greatestUser || beyond(row.ip, Dictionary::Address) ||
                beyond(row.userAgent, Dictionary::UserAgent) ||
                beyond(row.application, Dictionary::Application) || beyond(row.place, Dictionary::Place) ||
                beyond(row.eventIdText, Dictionary::EventId)) {
                findings.push_back(fmt::format(
                    "a sign-in of segment {} refers to a user or text that is missing", segment.id));
                break;
            }
    }
    return findings;
}

} // namespace riskdesk::store
