#include "core/query/go_to.h"

#include "core/base/text.h"
#include "core/query/filter/fields.h"
#include "core/query/reading.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace riskdesk::query {
namespace {

constexpr std::size_t mostWords = 8;

// Above every text that begins with `text`: no UTF-8 holds this byte.
std::string after(std::string_view text)
{
    return std::string(text) + '\xff';
}

// Adds ids that are not there yet, up to `atMost`.
Status gather(store::Statement &rows, std::vector<std::int64_t> &ids, std::size_t atMost)
{
    while (ids.size() < atMost && rows.step())
        if (std::find(ids.begin(), ids.end(), rows.int64(0)) == ids.end())
            ids.push_back(rows.int64(0));
    return rows.ok() ? Status() : tl::unexpected(rows.error());
}

} // namespace

Result<std::vector<FoundUser>> findUsers(store::Connection &connection, std::string_view words,
                                         std::size_t atMost, std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    const auto folded = foldForSearch(trim(words));
    auto parts = split(folded, ' ');
    std::erase_if(parts, [](std::string_view part) { return part.empty(); });
    parts.resize(std::min(parts.size(), mostWords));
    std::vector<std::int64_t> ids;
    if (parts.empty())
        return std::vector<FoundUser>{};
    // Among equally good matches those at risk come first: somebody is looked for because of it. They are few, so
    // the others are still read no further than they are wanted.
    const auto atRisk =
        fmt::format("r.state IN ({}, {}) ORDER BY r.level DESC, r.score DESC",
                    static_cast<int>(RiskState::AtRisk), static_cast<int>(RiskState::ConfirmedCompromised));
    const auto aliases = [&](const std::string &sql, bool whole) -> Status {
        for (const std::string_view kind : {"upn:", "id:"}) {
            const auto from = std::string(kind) + foldCase(trim(words));
            store::Statement begins(connection, sql);
            begins.bind(from, whole ? from : after(from));
            if (auto ok = gather(begins, ids, atMost); !ok)
                return ok;
        }
        return {};
    };
    const std::string begins = "a.alias >= ?1 AND a.alias < ?2";
    for (const auto &[sql, whole] :
         {std::pair(std::string("SELECT user FROM user_alias WHERE alias = ?1 AND alias = ?2"), true),
          {fmt::format("SELECT a.user FROM user_alias a CROSS JOIN user_risk r ON r.user = a.user WHERE {} "
                       "AND {}, a.alias",
                       begins, atRisk),
           false},
          {fmt::format("SELECT a.user FROM user_alias a WHERE {} ORDER BY a.alias", begins), false}})
        if (auto ok = aliases(sql, whole); !ok)
            return tl::unexpected(ok.error());
    std::string held = "instr(u.search, ?1) > 0";
    for (std::size_t i = 1; i < parts.size(); ++i)
        held += fmt::format(" AND instr(u.search, ?{}) > 0", i + 1);
    for (const auto &sql :
         {fmt::format("SELECT u.id FROM user_risk r CROSS JOIN user u ON u.id = r.user WHERE {} AND {}, u.id",
                      held, atRisk),
          fmt::format("SELECT u.id FROM user u WHERE {}", held)}) {
        store::Statement holds(connection, sql);
        for (std::size_t i = 0; i < parts.size(); ++i)
            holds.bindOne(static_cast<int>(i + 1), parts[i]);
        if (auto ok = gather(holds, ids, atMost); !ok)
            return tl::unexpected(ok.error());
    }

    const auto &list = source(Report::RiskyUsers);
    store::Statement row(
        connection,
        fmt::format("SELECT o.key, iif(o.display_name = '', o.upn, o.display_name), iif(o.mail = '', o.upn, "
                    "o.mail), x.level, x.state, EXISTS (SELECT 1 FROM {} WHERE {} {} = ?1)"
                    " FROM user o LEFT JOIN user_risk x ON x.user = o.id WHERE o.id = ?1",
                    list.from, list.condition.empty() ? std::string() : fmt::format("{} AND", list.condition),
                    list.id));
    std::vector<FoundUser> users;
    for (const auto id : ids) {
        if (!row.bind(id).step()) {
            if (!row.ok())
                return tl::unexpected(row.error());
            continue;
        }
        auto &user = users.emplace_back();
        user.id = id;
        user.key = row.string(0);
        user.name = row.string(1);
        user.mail = row.string(2);
        user.level = row.as<RiskLevel>(3);
        user.state = row.as<RiskState>(4);
        user.listed = row.int64(5) != 0;
    }
    return users;
}

Result<std::vector<std::string>> findAddresses(store::Connection &connection, std::string_view part,
                                               std::size_t atMost, std::stop_token stop)
{
    auto reading = Reading::begin(connection, stop);
    if (!reading)
        return tl::unexpected(reading.error());
    const auto &texts = reading->texts();
    const auto wanted = foldCase(trim(part));
    if (wanted.empty())
        return std::vector<std::string>{};
    if (const auto whole = IpAddress::parse(wanted)) {
        const std::string_view bytes(reinterpret_cast<const char *>(whole->bytes.data()),
                                     whole->bytes.size());
        if (texts.find(Dictionary::Address, bytes) != 0)
            return std::vector{whole->toString()};
    }
    std::vector<std::string> begin, hold;
    const auto count = texts.all(Dictionary::Address).size();
    for (std::uint32_t id = 1; id < count && begin.size() < atMost; ++id) {
        if (id % 4096 == 0 && stop.stop_requested())
            return fail(Code::Cancelled, "go to");
        const auto text = texts.address(id).toString();
        const auto at = text.find(wanted);
        if (at == 0)
            begin.push_back(text);
        else if (at != std::string::npos && hold.size() < atMost)
            hold.push_back(text);
    }
    for (auto &text : hold)
        if (begin.size() < atMost)
            begin.push_back(std::move(text));
    return begin;
}

Result<std::vector<FoundDetection>> findDetections(store::Connection &connection, std::string_view part,
                                                   std::size_t atMost, std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    const auto wanted = foldCase(trim(part));
    std::vector<std::int64_t> rowids;
    if (wanted.empty())
        return std::vector<FoundDetection>{};
    store::Statement begins(connection, "SELECT rowid FROM detection WHERE id >= ?1 AND id < ?2 ORDER BY id");
    begins.bind(wanted, after(wanted));
    if (auto ok = gather(begins, rowids, atMost); !ok)
        return tl::unexpected(ok.error());
    store::Statement holds(connection, "SELECT rowid FROM detection WHERE instr(lower(id), ?1) > 0");
    holds.bind(wanted);
    if (auto ok = gather(holds, rowids, atMost); !ok)
        return tl::unexpected(ok.error());
    store::Statement row(connection, "SELECT d.id, d.type, iif(u.display_name = '', u.upn, u.display_name)"
                                     " FROM detection d JOIN user u ON u.id = d.user WHERE d.rowid = ?1");
    std::vector<FoundDetection> found;
    for (const auto rowid : rowids) {
        if (!row.bind(rowid).step()) {
            if (!row.ok())
                return tl::unexpected(row.error());
            continue;
        }
        found.push_back(
            {rowid, std::string(row.string(0)), row.as<DetectionType>(1), std::string(row.string(2))});
    }
    return found;
}

} // namespace riskdesk::query
