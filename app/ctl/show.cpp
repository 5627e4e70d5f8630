// The command that shows one user, detection, sign-in or campaign.

#include "core/base/shown_text.h"
#include "core/base/text.h"
#include "core/query/json_object.h"
#include "core/query/read_session.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/query/spine.h"
#include "core/query/tables/campaigns.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/risky_users.h"
#include "core/query/tables/sign_ins.h"
#include "core/query/words/why.h"
#include "core/store/schema.h"

#include "app/ctl/commands.h"
#include "app/ctl/reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string_view>

namespace riskdesk::ctl {
namespace {

int printUser(store::Connection &connection, std::int64_t id, Format format)
{
    const std::int64_t ids[] = {id};
    auto rows = query::readRiskyUsers(connection, ids);
    if (!rows)
        return report(rows.error());
    const auto &u = rows->front();
    if (format != Format::Table) {
        fmt::print("{}\n", query::json(query::riskyUserColumns(), u));
        return 0;
    }
    fmt::print("{}  {}\n", shownText(u.name()), shownText(u.userPrincipalName));
    fmt::print("  Id           {}\n", shownText(u.key));
    fmt::print("  Risk         {}, {}, score {}\n", displayName(u.standing.level),
               displayName(u.standing.state), u.standing.score);
    if (u.standing.detail != RiskDetail::None)
        fmt::print("  Detail       {}\n", displayName(u.standing.detail));
    if (!u.providerState.empty())
        fmt::print("  At provider  {}{}; not counted here\n", shownText(query::providersWord(u)),
                   u.providerUpdatedAt ? ", since " + when(*u.providerUpdatedAt) : std::string());
    fmt::print("  Account      {}, sign-in {}{}\n",
               u.identity == Identity::Social ? fmt::format("{} keeps the password", shownText(u.issuer))
                                              : std::string("local password"),
               u.accountEnabled ? "allowed" : "blocked", u.isDeleted ? ", deleted" : "");
    fmt::print("  Sign-ins     {}{}\n", u.signIns,
               u.lastSignIn ? fmt::format(", last {}", when(*u.lastSignIn)) : "");
    if (u.learningNeeded > 0)
        fmt::print("  Learning     {} of {}\n", u.learningDone, u.learningNeeded);
    query::Question question;
    question.report = query::Report::Detections;
    question.filter = query::Filter::match("userId", query::Test::Is, {u.key});
    auto detections = query::readSpine(connection, question);
    if (!detections)
        return report(detections.error());
    auto found = query::readDetections(connection, *detections);
    if (!found)
        return report(found.error());
    if (!found->empty())
        fmt::print("  Because of\n");
    for (const auto &d : *found)
        fmt::print("    {}  {:<6}  {:<22}  {}  {}{}\n", when(d.detection.at), displayName(d.detection.level),
                   displayName(d.detection.state), shownText(typeName(d.detection)), shownText(d.reason),
                   d.detection.source == ourSource ? ""
                                                   : fmt::format(" (by {})", shownText(d.detection.source)));
    return 0;
}

int printDetection(store::Connection &connection, std::int64_t rowid, Format format)
{
    const std::int64_t ids[] = {rowid};
    auto rows = query::readDetections(connection, ids);
    if (!rows)
        return report(rows.error());
    const auto &d = rows->front();
    if (format != Format::Table) {
        fmt::print("{}\n", query::json(query::riskDetectionColumns(), d));
        return 0;
    }
    fmt::print("{}  {}, {}\n", info(d.detection.type).displayName, displayName(d.detection.level),
               displayName(d.detection.state));
    fmt::print("  User     {}  {}\n  Time     {}\n  Sign-in  {}\n  From     {} {} {}\n", shownText(d.name()),
               shownText(d.userPrincipalName), when(d.detection.at), shownText(d.detection.requestId),
               d.detection.ip.toString(), shownText(d.place.city), shownText(d.place.country));
    if (d.detection.count > 1)
        fmt::print("  Seen     {} times, last {}\n", d.detection.count, when(d.detection.lastAt));
    fmt::print("\n{}\n\n", shownText(query::explanation(d.detection), 0));
    printEvidence(d.detection.evidence);
    fmt::print("\nCannot see: {}\n", info(d.detection.type).cannotSee);
    return 0;
}

// By its id, the beginning of it, or what the tries have in common; of several the newest.
Result<Campaign> findCampaign(store::Connection &connection, const std::string &id)
{
    query::Question question;
    question.report = query::Report::Campaigns;
    const auto all = query::readCampaigns(connection, question);
    if (!all)
        return tl::unexpected(all.error());
    constexpr std::size_t leastPrefix = 6;
    const Campaign *found = nullptr;
    std::set<std::string_view> ids;
    for (const auto &campaign : *all) {
        const bool byId = campaign.id == id || (id.size() >= leastPrefix && campaign.id.starts_with(id));
        if (!byId && !equalsIgnoringCase(campaign.scopeText, id))
            continue;
        if (byId)
            ids.insert(campaign.id);
        if (found == nullptr || campaign.last > found->last)
            found = &campaign;
    }
    if (ids.size() > 1)
        return fail(Code::Conflict, id, "several campaigns begin so; give more of the id");
    if (found == nullptr)
        return fail(Code::NotFound, id, "there is no such campaign; \"list campaigns\" shows them");
    return *found;
}

int printCampaign(store::Connection &connection, const std::string &id, Format format)
{
    const auto found = findCampaign(connection, id);
    if (!found)
        return report(found.error());
    const auto &c = *found;
    const auto targets = query::readCampaignTargets(connection, c.id);
    if (!targets)
        return report(targets.error());
    if (format != Format::Table) {
        std::string list;
        for (const auto &t : *targets)
            list += (list.empty() ? "" : ",") + query::JsonObject()
                                                    .text("userId", t.userKey)
                                                    .textOrNull("userDisplayName", t.userName)
                                                    .textOrNull("userPrincipalName", t.userPrincipalName)
                                                    .whole("failures", t.target.attempts)
                                                    .whole("successes", t.target.successes)
                                                    .time("firstDateTime", t.target.first)
                                                    .time("lastDateTime", t.target.last)
                                                    .done();
        auto json = query::json(query::campaignColumns(), c);
        json.back() = ',';
        fmt::print("{}\"targets\":[{}]}}\n", json, list);
        return 0;
    }
    const auto hits = std::ranges::count_if(*targets, [](const auto &t) { return t.target.successes > 0; });
    fmt::print("Password spray from {}\n", shownText(c.scopeText));
    fmt::print("  Id         {}\n", c.id);
    fmt::print("  Time       {} to {}, recognised {}\n", when(c.opened), when(c.last), when(c.detected));
    fmt::print("  Tries      {}, {} of them failed, from {}\n", c.attempts, c.failures,
               c.addresses == 1 ? std::string("one address") : fmt::format("{} addresses", c.addresses));
    fmt::print("  Accounts   {} tried; {}\n", c.users,
               hits == 0 ? std::string("no password was right")
                         : fmt::format("the password of {} was right", hits));
    if (c.surpriseBits > 0)
        fmt::print("  Usual      {:.1f} accounts fail in such an hour; this is a surprise of {:.0f} bits\n",
                   c.expectedUsers, c.surpriseBits);
    Table table{{"User", "Name", "Failed", "Right", "First", "Last"}, {}};
    for (const auto &t : *targets)
        table.rows.push_back({t.userPrincipalName.empty() ? t.userKey : t.userPrincipalName, t.userName,
                              std::to_string(t.target.attempts), std::to_string(t.target.successes),
                              when(t.target.first), when(t.target.last)});
    fmt::print("\n");
    printTable(table, format);
    return 0;
}

int show(const Common &common, const std::string &what, const std::string &id, Format format)
{
    auto connection = store::openForReading(common.directory);
    if (!connection)
        return report(connection.error());
    if (what == "user") {
        auto user = query::findUser(*connection, id);
        return user ? printUser(*connection, *user, format) : report(user.error());
    }
    if (what == "detection") {
        auto detection = query::findDetection(*connection, id);
        return detection ? printDetection(*connection, *detection, format) : report(detection.error());
    }
    if (what == "campaign")
        return printCampaign(*connection, id, format);
    const auto signIns = query::ReadSession::of(*connection)->signIns();
    auto found = signIns->find(*connection, id);
    if (!found)
        return report(found.error());
    auto rows = signIns->read(*connection, found->generation, found->rows);
    if (!rows)
        return report(rows.error());
    fmt::print("{}\n", query::json(query::signInColumns(), rows->front()));
    return 0;
}

} // namespace

void addShow(CommandLine &line)
{
    struct One
    {
        std::string what, id;
    };
    const auto shown = std::make_shared<One>();
    auto *command = line.add("show", "one user, detection, sign-in or campaign",
                             [shown](const Common &common, Format format) {
                                 return show(common, shown->what, shown->id, format);
                             });
    command->add_option("what", shown->what, "which kind")
        ->required()
        ->check(CLI::IsMember({"user", "detection", "signin", "campaign"}));
    command
        ->add_option("id", shown->id,
                     "its id; a user's name or mail address, a campaign's address or network will do")
        ->required();
    line.needs(command, action::Permission::Read);
    line.showsPeople(command);
    line.addFormat(command, false);
}

} // namespace riskdesk::ctl
