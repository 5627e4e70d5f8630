// The reports: where their rows come from, and their columns without what only a row's own type knows.
#include "core/query/filter/fields.h"
#include "core/query/tables/audit.h"
#include "core/query/tables/campaigns.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/history.h"
#include "core/query/tables/rejects.h"
#include "core/query/tables/risky_users.h"
#include "core/query/tables/sign_ins.h"
#include "core/query/tables/users.h"

#include <algorithm>
#include <array>
#include <vector>

namespace riskdesk::query {
namespace {

// clang-format off
// Those with a risk of ours, and those whom only the provider holds at risk: they have none of it and count nowhere.
// No view of the file, since one that somebody else put there could say anything (`verify` knows none).
constexpr std::string_view riskyUsers =
    "(SELECT user, level, state, detail, score, updated_at, is_processing, open_detections, total_detections,"
    " risky_sign_ins, top_type, other_types, last_country, last_place, last_city, countries, types FROM user_risk"
    " WHERE total_detections > 0 OR state <> 0"
    " UNION ALL SELECT p.user, 0, 0, 0, 0, p.updated_at, 0, 0, 0, 0, 0, 0, '', 0, '', '', 0 FROM provider_risk p"
    " WHERE p.state NOT IN ('', 'none') AND NOT EXISTS (SELECT 1 FROM user_risk o WHERE o.user = p.user"
    " AND (o.total_detections > 0 OR o.state <> 0))) r"
    " LEFT JOIN user u ON u.id = r.user LEFT JOIN provider_risk p ON p.user = r.user";

// The sign-in list is evaluated over columns; its text form exists for tests and for outside readers.
constexpr std::array<Source, 8> sources = {
    Source{riskyUsers, "r.user", "r.updated_at", "", "u.search",
           "EXISTS (SELECT 1 FROM detection d WHERE d.user = r.user AND instr(d.ip_text, ?) > 0)"},
    Source{"detection d LEFT JOIN user u ON u.id = d.user LEFT JOIN sign_in_risk s ON s.event_key = d.event_key",
           "d.rowid", "d.last_at", "",
           "u.search || char(31) || rd_fold(d.city)", "instr(d.ip_text, ?) > 0",
           "instr(d.id || char(31) || rd_fold(d.request_id), ?) > 0"},
    Source{"sign_in_text n", "n.row", "n.at", "",
           "n.user_search || char(31) || rd_fold(n.city) || char(31) || rd_fold(n.app)",
           "instr(n.ip_text, ?) > 0", "instr(rd_fold(n.id), ?) > 0"},
    Source{"campaign c", "c.id", "c.opened", "", "rd_fold(c.scope_text) || char(31) || c.id"},
    Source{"reject j", "j.id", "", "", "rd_fold(j.file) || char(31) || rd_fold(j.reason) || char(31) || rd_fold(j.detail) || char(31) || rd_fold(j.excerpt)"},
    Source{"audit a", "a.id", "a.at", "", "rd_fold(a.actor) || char(31) || rd_fold(a.target) || char(31) || rd_fold(a.action) || char(31) || rd_fold(a.note)"},
    Source{"user u", "u.id", "u.last_sign_in", "", "u.search"},
    Source{"ledger l LEFT JOIN user u ON u.id = l.user LEFT JOIN detection d ON l.detection <> '' AND d.id = l.detection "
           "LEFT JOIN withdrawn_detection w ON l.detection <> '' AND w.id = l.detection",
           "l.id", "l.at",
           "(l.kind <> 2 OR l.from_level <> l.to_level OR l.from_state <> l.to_state OR l.from_detail <> l.to_detail"
           " OR l.from_score <> l.to_score)",
           "u.search"},
};
// clang-format on

std::vector<Field> columnsOf(Report report)
{
    switch (report) {
    case Report::RiskyUsers: return fieldsOf(riskyUserColumns());
    case Report::Detections: return fieldsOf(riskDetectionColumns());
    case Report::SignIns: return fieldsOf(signInColumns());
    case Report::Campaigns: return fieldsOf(campaignColumns());
    case Report::Rejects: return fieldsOf(rejectColumns());
    case Report::Audit: return fieldsOf(auditColumns());
    case Report::Users: return fieldsOf(userColumns());
    case Report::History: return fieldsOf(historyColumns());
    }
    return {};
}

struct Fields
{
    std::vector<Field> all, filtering, sorting;
};

const Fields &fieldsOfReport(Report report)
{
    static const auto all = [] {
        std::array<Fields, sources.size()> made;
        for (std::size_t i = 0; i < made.size(); ++i)
            for (const auto &field : made.at(i).all = columnsOf(static_cast<Report>(i))) {
                if (!field.sql.empty())
                    made.at(i).filtering.push_back(field);
                if (!field.sort.first.empty())
                    made.at(i).sorting.push_back(field);
            }
        return made;
    }();
    return all.at(static_cast<std::size_t>(report));
}

} // namespace

std::span<const Field> columns(Report report)
{
    return fieldsOfReport(report).all;
}

std::span<const Field> fields(Report report)
{
    return fieldsOfReport(report).filtering;
}

std::span<const Field> sortable(Report report)
{
    return fieldsOfReport(report).sorting;
}

const Field *findColumn(Report report, std::string_view name)
{
    const auto &all = fieldsOfReport(report).all;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Field &f) { return f.name == name; });
    return found == all.end() ? nullptr : &*found;
}

const Source &source(Report report)
{
    return sources.at(static_cast<std::size_t>(report));
}

} // namespace riskdesk::query
