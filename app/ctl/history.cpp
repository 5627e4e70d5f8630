// The command that tells what happened to a user's risk.

#include "core/action/action_service.h"
#include "core/base/text.h"
#include "core/query/tables/risky_users.h"
#include "core/query/user_story.h"
#include "core/query/words/why.h"
#include "core/store/schema.h"

#include "app/ctl/commands.h"
#include "app/ctl/reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace riskdesk::ctl {
namespace {

std::string whatHappened(const query::HistoryRow &row)
{
    if (const auto &back = row.takenBack)
        return fmt::format("{}: {}", back->again ? "Done again" : displayName(row.event.kind),
                           displayName(back->kind));
    const std::string what(displayName(row.event.kind));
    if (row.detectionType.empty())
        return what;
    const auto type = detectionTypeFromText(row.detectionType);
    return what + ": " + (type ? std::string(info(*type).displayName) : query::wordsOf(row.detectionType));
}

// How often it was seen; whose action was taken back.
std::string furtherOf(const query::HistoryRow &row)
{
    if (const auto &back = row.takenBack)
        return fmt::format("by {}, {}", back->actor.empty() ? "Riskdesk" : back->actor, when(back->at));
    return row.times > 1 ? fmt::format("seen {} times, last {}", row.times, when(row.lastAt)) : std::string();
}

int history(const Common &common, const std::string &user, Format format)
{
    auto connection = store::openForReading(common.directory);
    if (!connection)
        return report(connection.error());
    auto id = query::findUser(*connection, user);
    if (!id)
        return report(id.error());
    const auto standing = [](const RiskStanding &s) {
        return fmt::format("{}, {} ({})", displayName(s.state), displayName(s.level), s.score);
    };
    if (format == Format::Table) {
        const auto rows = query::userHistory(*connection, *id);
        if (!rows)
            return report(rows.error());
        Table table{{"Time", "What", "More", "From", "To", "Actor", "Reason", "Note"}, {}};
        for (auto row = rows->rbegin(); row != rows->rend(); ++row) {
            const auto &e = row->event;
            table.rows.push_back({when(e.at), whatHappened(*row), furtherOf(*row), standing(e.from),
                                  standing(e.to), e.actor.empty() ? "Riskdesk" : e.actor,
                                  query::reasonName(e.reason), e.note});
        }
        printTable(table);
        return 0;
    }
    auto events = action::history(*connection, static_cast<std::uint32_t>(*id));
    if (!events)
        return report(events.error());
    // A late sign-in is recorded after newer ones.
    std::stable_sort(events->begin(), events->end(),
                     [](const LedgerEvent &a, const LedgerEvent &b) { return a.at < b.at; });
    const auto cells = [](const LedgerEvent &e) -> std::vector<std::string> {
        return {e.at.toIso(),
                std::string(toText(e.kind)),
                std::string(toText(e.from.state)),
                std::string(toText(e.from.level)),
                std::string(toText(e.to.state)),
                std::string(toText(e.to.level)),
                std::string(toText(e.to.detail)),
                e.detection,
                e.signIn,
                e.actor,
                e.reason,
                e.note};
    };
    static constexpr std::string_view header[] = {"time",    "kind",        "fromState",  "fromLevel",
                                                  "toState", "toLevel",     "riskDetail", "detection",
                                                  "signIn",  "initiatedBy", "reason",     "note"};
    if (format == Format::Csv) {
        printCsv({std::begin(header), std::end(header)});
        for (const auto &e : *events)
            printCsv(cells(e));
        return 0;
    }
    JsonWriter writer(format);
    for (const auto &e : *events) {
        std::string object =
            fmt::format("{{\"id\":{},\"fromScore\":{},\"toScore\":{}", e.id, e.from.score, e.to.score);
        const auto values = cells(e);
        for (std::size_t i = 0; i < values.size(); ++i)
            object += fmt::format(",{}:{}", jsonString(header[i]), jsonString(values[i]));
        writer.add(object + "}");
    }
    return 0;
}

} // namespace

void addHistory(CommandLine &line)
{
    const auto user = std::make_shared<std::string>();
    auto *command =
        line.add("history", "what happened to a user's risk",
                 [user](const Common &common, Format format) { return history(common, *user, format); });
    command->add_option("user", *user, "an id, a user principal name or a mail address")->required();
    line.needs(command, action::Permission::Read);
    line.showsPeople(command);
    line.addFormat(command);
}

} // namespace riskdesk::ctl
