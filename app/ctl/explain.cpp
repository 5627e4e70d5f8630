// The command that says why a sign-in was or was not found.

#include "core/base/shown_text.h"
#include "core/base/text.h"
#include "core/query/tables/detections.h"
#include "core/query/words/why.h"
#include "core/replay/explain_run.h"
#include "core/store/statement.h"

#include "app/ctl/commands.h"
#include "app/ctl/reports.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <memory>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace riskdesk::ctl {
namespace {

// The stored detections of a sign-in. Most have none, and then no texts need to be loaded.
Result<std::vector<std::int64_t>> raisedOn(store::Connection &connection,
                                           const run::SignInExplanation &signIn)
{
    std::vector<std::int64_t> ids;
    store::Statement rows(connection,
                          "SELECT rowid, request_id FROM detection WHERE user = ?1 ORDER BY rowid");
    const auto wanted = foldForSearch(signIn.requestId);
    for (rows.bind(signIn.user); rows.step();)
        if (foldForSearch(rows.text(1)) == wanted)
            ids.push_back(rows.int64(0));
    if (!rows.ok())
        return tl::unexpected(rows.error());
    return ids;
}

int explain(const Common &common, const std::string &signIn, Format format)
{
#ifdef __GLIBC__
    // The thread that examines would have a heap of its own, which glibc lets grow by a page and a call at a time.
    mallopt(M_ARENA_MAX, 1);
#endif
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto explained = run::explainSignIn(*directory, signIn, {},
                                        [](const Progress &p) { showProgress(p.phase, p.done, p.total); });
    if (!explained)
        return report(explained.error());
    clearProgress();
    // A spray may be seen only after the sign-in; what was raised then is stored.
    std::map<DetectionType, query::DetectionRow> raised;
    if (auto ids = raisedOn(directory->connection(), *explained); ids && !ids->empty())
        if (auto rows = query::readDetections(directory->connection(), *ids))
            for (auto &row : *rows)
                raised.emplace(row.detection.type, std::move(row));
    const auto silencedBy = [&](DetectionType type) {
        const auto rule = explained->silencedBy.find(type);
        return rule == explained->silencedBy.end() || raised.contains(type) ? std::string("null")
                                                                            : std::to_string(rule->second.id);
    };
    if (format == Format::Json || format == Format::Ndjson) {
        std::string list;
        for (const auto &d : explained->detectors)
            list +=
                fmt::format("{}{{\"riskEventType\":{},\"reason\":{},\"riskLevel\":{},\"value\":{},\"limit\":{"
                            "},\"unit\":{},\"stored\":{},\"silencedBy\":{},"
                            "\"evidence\":{}}}",
                            list.empty() ? "" : ",", jsonString(toText(d.type)),
                            jsonString(toText(d.verdict.reason)), jsonString(toText(d.verdict.level)),
                            d.verdict.value, d.verdict.limit, jsonString(d.verdict.unit),
                            raised.contains(d.type), silencedBy(d.type), d.verdict.evidence.toJson());
        fmt::print("{{\"requestId\":{},\"createdDateTime\":{},\"user\":{},\"listsChangedSince\":{},"
                   "\"detectors\":[{}]}}\n",
                   jsonString(explained->requestId), jsonString(explained->at.toIso()),
                   jsonString(explained->userName), explained->listsChangedSince, list);
        return 0;
    }
    fmt::print("{}  {}  {} {} {}  {}\n", when(explained->at), shownText(explained->userName), explained->ip,
               shownText(explained->city), shownText(explained->country),
               explained->outcome == Outcome::Success ? "succeeded"
               : explained->outcome == Outcome::Failure
                   ? fmt::format("failed ({})", explained->errorCode)
                   : fmt::format("interrupted ({})", explained->errorCode));
    if (explained->listsChangedSince)
        fmt::print("Lists or rules have changed since: what follows goes by today's, what is stored of that "
                   "time was found by those before.\n");
    for (const auto &d : explained->detectors) {
        const auto stored = raised.find(d.type);
        if (stored != raised.end() || d.verdict.reason == detect::Reason::Raised) {
            Detection shown;
            if (stored != raised.end()) {
                shown = stored->second.detection;
            } else {
                shown.type = d.type;
                shown.at = explained->at;
                if (const auto ip = IpAddress::parse(explained->ip))
                    shown.ip = *ip;
                shown.level = d.verdict.level;
                shown.evidence = d.verdict.evidence;
            }
            const auto silencing = explained->silencedBy.find(d.type);
            std::string aside;
            if (stored == raised.end())
                aside =
                    silencing != explained->silencedBy.end()
                        ? fmt::format(" (silenced by suppression rule {} until {}: {})", silencing->second.id,
                                      when(silencing->second.until), silencing->second.reason)
                    : explained->listsChangedSince
                        ? " (folded into an earlier one, or found by today's lists only)"
                        : " (folded into an earlier one, or what came late is not settled yet)";
            fmt::print("\n{}: {}{}\n  {}\n", info(d.type).displayName, displayName(shown.level), aside,
                       shownText(query::explanation(shown), 0));
            printEvidence(shown.evidence);
            continue;
        }
        fmt::print("\n{}: not raised. {}\n", info(d.type).displayName,
                   shownText(query::whyNot(d.type, d.verdict), 0));
        if (!d.verdict.evidence.signals.empty() && isTerminal(STDOUT_FILENO))
            printEvidence(d.verdict.evidence);
    }
    return 0;
}

} // namespace

void addExplain(CommandLine &line)
{
    const auto signIn = std::make_shared<std::string>();
    auto *command =
        line.add("explain", "what each detector says of a sign-in, and why",
                 [signIn](const Common &common, Format format) { return explain(common, *signIn, format); });
    command->add_option("signin", *signIn, "its id")->required();
    line.needs(command, action::Permission::Read);
    line.showsPeople(command);
    line.addFormat(command, false);
}

} // namespace riskdesk::ctl
