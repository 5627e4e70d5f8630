// Commands that read: list, show, history, explain.

#include "core/action/action_service.h"
#include "core/base/shown_text.h"
#include "core/base/text.h"
#include "core/query/filter/filter_text.h"
#include "core/query/read_session.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/query/spine.h"
#include "core/query/tables/audit.h"
#include "core/query/tables/campaigns.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/rejects.h"
#include "core/query/tables/risky_users.h"
#include "core/query/tables/sign_ins.h"
#include "core/query/user_story.h"
#include "core/query/words/why.h"
#include "core/replay/explain_run.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include "app/ctl/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>

namespace riskdesk::ctl {
namespace {

struct ListCommand
{
    std::string report; // users, detections, signins, campaigns, rejects, audit
    std::string filter, order;
    std::uint64_t top = 50;
    bool all = false;
    Format format = Format::Table; // as --format says
};

constexpr std::size_t pageRows = 512; // rows read and printed at a time, so that no list is held whole

std::string when(Timestamp t)
{
    return t.toIso().substr(0, 16).replace(10, 1, " ");
}

std::vector<std::string> texts(std::span<const std::string_view> views)
{
    return {views.begin(), views.end()};
}

std::string typeName(const Detection &d)
{
    return d.type == DetectionType::Other ? d.typeText : std::string(info(d.type).displayName);
}

struct Opened
{
    store::Connection connection;
    query::Question question;
};

Result<Opened> ask(const Common &common, query::Report report, const ListCommand &options)
{
    auto connection = store::openForReading(common.directory);
    // A directory of an older version is brought up to date by whoever first opens it for writing.
    if (!connection && connection.error().code == Code::Conflict)
        connection = store::openForWriting(common.directory);
    if (!connection)
        return tl::unexpected(connection.error());
    Opened opened{std::move(*connection), {}};
    auto &q = opened.question;
    q.report = report;
    auto now = query::referenceNow(opened.connection, common.clock.now());
    if (!now)
        return tl::unexpected(now.error());
    q.now = now->now;
    auto filter = query::parseFilter(report, options.filter);
    if (!filter)
        return tl::unexpected(filter.error().toError());
    q.filter = std::move(*filter);
    if (!options.order.empty()) {
        const auto words = split(trim(options.order), ' ');
        q.order.push_back(
            {std::string(words[0]), words.size() > 1 && equalsIgnoringCase(words.back(), "desc")});
    } else if (report == query::Report::RiskyUsers) {
        q.order.push_back({"riskLastUpdatedDateTime", true});
    } else if (report == query::Report::Detections || report == query::Report::Audit) {
        q.order.push_back({"activityDateTime", true});
    }
    return opened;
}

std::uint64_t wanted(const ListCommand &options)
{
    return options.all ? UINT64_MAX : options.top;
}

void sayHowMany(std::size_t shown, std::size_t total)
{
    std::fflush(stdout); // the rows first, where both end on one screen
    if (shown < total)
        fmt::print(stderr, "{} of {} shown; --all shows every one.\n", shown, total);
}

// Rows in the format asked for: JSON and CSV by the report's columns, a table by `cells`.
template <typename Row>
class RowPrinter
{
public:
    RowPrinter(query::Columns<Row> columns, Format format, std::vector<std::string> header,
               std::vector<std::string> (*cells)(const Row &))
        : m_columns(columns)
        , m_format(format)
        , m_cells(cells)
        , m_table{std::move(header), {}}
    {
        if (format == Format::Json || format == Format::Ndjson)
            m_writer.emplace(format);
        else if (format == Format::Csv)
            printCsv(query::csvHeader(columns));
    }
    void add(const Row &row)
    {
        if (m_writer)
            m_writer->add(query::json(m_columns, row));
        else if (m_format == Format::Csv)
            printCsv(query::csv(m_columns, row));
        else
            m_table.rows.push_back(m_cells(row));
    }
    void finish()
    {
        if (m_format == Format::Table)
            printTable(m_table);
    }

private:
    query::Columns<Row> m_columns;
    Format m_format;
    std::vector<std::string> (*m_cells)(const Row &);
    Table m_table;
    std::optional<JsonWriter> m_writer;
};

template <typename Row, typename Read>
int printPages(std::span<const std::int64_t> ids, const ListCommand &options, RowPrinter<Row> &printer,
               Read read)
{
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(ids.size(), wanted(options)));
    for (std::size_t at = 0; at < count; at += pageRows) {
        const auto rows = read(ids.subspan(at, std::min(pageRows, count - at)));
        if (!rows)
            return report(rows.error());
        for (const auto &row : *rows)
            printer.add(row);
    }
    printer.finish();
    if (options.format == Format::Table)
        sayHowMany(count, ids.size());
    return 0;
}

// A report whose rows are read by their ids.
template <typename Row>
int printReport(const Common &common, const ListCommand &options, query::Report report,
                query::Columns<Row> columns,
                Result<std::vector<Row>> (*read)(store::Connection &, std::span<const std::int64_t>,
                                                 std::stop_token),
                std::vector<std::string> header, std::vector<std::string> (*cells)(const Row &))
{
    auto opened = ask(common, report, options);
    if (!opened)
        return ctl::report(opened.error());
    const auto ids = query::readSpine(opened->connection, opened->question);
    if (!ids)
        return ctl::report(ids.error());
    RowPrinter<Row> printer(columns, options.format, std::move(header), cells);
    return printPages(*ids, options, printer, [&](auto page) { return read(opened->connection, page, {}); });
}

int listUsers(const Common &common, const ListCommand &options)
{
    return printReport<query::RiskyUserRow>(
        common, options, query::Report::RiskyUsers, query::riskyUserColumns(), query::readRiskyUsers,
        {"User", "Sign-in name", "Level", "State", "Score", "Top detection", "Last location", "Risk updated"},
        [](const query::RiskyUserRow &u) -> std::vector<std::string> {
            std::string top = u.totalDetections > 0 ? std::string(info(u.topType).displayName) : "";
            if (u.otherTypes > 0)
                top += fmt::format(" +{}", u.otherTypes);
            return {u.name(),
                    u.userPrincipalName,
                    std::string(displayName(u.standing.level)),
                    u.isProvidersOnly() ? fmt::format("At the provider: {}", query::providersWord(u))
                                        : std::string(displayName(u.standing.state)),
                    std::to_string(u.standing.score),
                    top,
                    u.lastCity.empty() ? u.lastCountry : fmt::format("{}, {}", u.lastCity, u.lastCountry),
                    u.updatedAt ? when(*u.updatedAt) : std::string()};
        });
}

int listDetections(const Common &common, const ListCommand &options)
{
    return printReport<query::DetectionRow>(
        common, options, query::Report::Detections, query::riskDetectionColumns(), query::readDetections,
        {"Time", "Detection", "Level", "State", "User", "IP address", "Why"},
        [](const query::DetectionRow &d) -> std::vector<std::string> {
            return {when(d.detection.at),
                    typeName(d.detection),
                    std::string(displayName(d.detection.level)),
                    std::string(displayName(d.detection.state)),
                    d.name(),
                    d.detection.ip.isKnown() ? d.detection.ip.toString() : std::string(),
                    d.reason};
        });
}

int listCampaigns(const Common &common, const ListCommand &options)
{
    auto opened = ask(common, query::Report::Campaigns, options);
    if (!opened)
        return report(opened.error());
    const auto campaigns =
        query::readCampaigns(opened->connection, opened->question, options.all ? 0 : options.top);
    if (!campaigns)
        return report(campaigns.error());
    RowPrinter<Campaign> printer(
        query::campaignColumns(), options.format,
        {"Opened", "Scope", "Users", "Failures", "Addresses", "Bad to good", "Last", "Id"},
        [](const Campaign &c) -> std::vector<std::string> {
            return {when(c.opened),
                    c.scopeText,
                    std::to_string(c.users),
                    std::to_string(c.failures),
                    std::to_string(c.addresses),
                    c.badToGood >= 1e9 ? "all bad" : fmt::format("{:.1f}", c.badToGood),
                    when(c.last),
                    c.id.substr(0, 12)};
        });
    for (const auto &campaign : *campaigns)
        printer.add(campaign);
    printer.finish();
    return 0;
}

int listRejects(const Common &common, const ListCommand &options)
{
    return printReport<query::RejectRow>(
        common, options, query::Report::Rejects, query::rejectColumns(), query::readRejects,
        {"File", "Line", "Reason", "Detail", "Excerpt"},
        [](const query::RejectRow &r) -> std::vector<std::string> {
            const auto reason = rejectReason(r.reject.reason);
            return {r.reject.file, r.reject.line == 0 ? std::string() : std::to_string(r.reject.line),
                    std::string(reason.displayName.empty() ? reason.key : reason.displayName),
                    r.reject.detail, r.reject.excerpt};
        });
}

int listAudit(const Common &common, const ListCommand &options)
{
    return printReport<query::AuditRow>(
        common, options, query::Report::Audit, query::auditColumns(), query::readAudit,
        {"Time", "Actor", "Action", "Target", "From", "To", "Reason", "Note"},
        [](const query::AuditRow &a) -> std::vector<std::string> {
            return {when(a.at), a.actor, a.action, a.target, a.before, a.after, a.reason, a.note};
        });
}

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

void printEvidence(const Evidence &evidence)
{
    if (evidence.signals.empty())
        return;
    Table table{{"  Signal", "Usual", "This sign-in", "Result", "Bits"}, {}};
    for (const auto &s : evidence.signals) {
        auto words = query::signalWords(evidence, s);
        table.rows.push_back({"  " + words.name, std::move(words.usual), std::move(words.seen),
                              std::move(words.result), s.bits == 0 ? "" : fmt::format("{:+.1f}", s.bits)});
    }
    printTable(table);
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

int list(const Common &common, const ListCommand &options)
{
    if (options.report == "users")
        return listUsers(common, options);
    if (options.report == "detections")
        return listDetections(common, options);
    if (options.report == "campaigns")
        return listCampaigns(common, options);
    if (options.report == "rejects")
        return listRejects(common, options);
    if (options.report == "audit")
        return listAudit(common, options);
    auto opened = ask(common, query::Report::SignIns, options);
    if (!opened)
        return report(opened.error());
    const auto signIns = query::ReadSession::of(opened->connection)->signIns();
    auto spine = signIns->ask(opened->connection, opened->question);
    if (!spine)
        return report(spine.error());
    const std::vector<std::int64_t> numbers(spine->rows.begin(), spine->rows.end());
    RowPrinter<query::SignInItem> printer(
        query::signInColumns(), options.format,
        {"Time", "User", "Result", "Risk", "Application", "IP address", "Location", "Browser"},
        [](const query::SignInItem &s) -> std::vector<std::string> {
            return {
                when(s.row.time()),
                s.name(),
                s.row.succeeded()
                    ? "Success"
                    : fmt::format("{} {}", s.row.outcome == Outcome::Interrupted ? "Interrupted" : "Failure",
                                  s.row.errorCode),
                std::string(displayName(s.risk.aggregated)),
                s.application,
                s.ip.toString(),
                s.place.city.empty() ? s.place.country : fmt::format("{}, {}", s.place.city, s.place.country),
                s.browser};
        });
    return printPages(numbers, options, printer, [&](auto page) {
        std::vector<std::uint32_t> rows;
        for (const auto number : page)
            rows.push_back(static_cast<std::uint32_t>(number));
        return signIns->read(opened->connection, spine->generation, rows);
    });
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
        printCsv(texts(header));
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

int explain(const Common &common, const std::string &signIn, Format format)
{
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
    query::Question question;
    question.report = query::Report::Detections;
    question.filter = query::Filter::match("requestId", query::Test::Is, {explained->requestId});
    if (auto ids = query::readSpine(directory->connection(), question))
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
        fmt::print("{{\"requestId\":{},\"createdDateTime\":{},\"user\":{},\"detectors\":[{}]}}\n",
                   jsonString(explained->requestId), jsonString(explained->at.toIso()),
                   jsonString(explained->userName), list);
        return 0;
    }
    fmt::print("{}  {}  {} {} {}  {}\n", when(explained->at), shownText(explained->userName), explained->ip,
               shownText(explained->city), shownText(explained->country),
               explained->outcome == Outcome::Success ? "succeeded"
               : explained->outcome == Outcome::Failure
                   ? fmt::format("failed ({})", explained->errorCode)
                   : fmt::format("interrupted ({})", explained->errorCode));
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
                        : " (folded into an earlier one, or under today's settings only)";
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

void addReports(CommandLine &line)
{
    const auto listed = std::make_shared<ListCommand>();
    auto *command = line.add("list", "the reports", [listed](const Common &common, Format format) {
        listed->format = format;
        return list(common, *listed);
    });
    command->add_option("report", listed->report)
        ->required()
        ->check(CLI::IsMember({"users", "detections", "signins", "campaigns", "rejects", "audit"}));
    command->add_option("--filter", listed->filter, "level:high country:vn updated<7d");
    command->add_option("--order", listed->order, "a column, with \" desc\" behind it for the other way");
    command->add_option("--top", listed->top);
    command->add_flag("--all", listed->all);
    line.addFormat(command);

    struct One
    {
        std::string what, id;
    };
    const auto shown = std::make_shared<One>();
    command =
        line.add("show", "one user, detection or sign-in", [shown](const Common &common, Format format) {
            return show(common, shown->what, shown->id, format);
        });
    command->add_option("what", shown->what)
        ->required()
        ->check(CLI::IsMember({"user", "detection", "signin"}));
    command->add_option("id", shown->id)->required();
    line.addFormat(command);

    const auto user = std::make_shared<std::string>();
    command =
        line.add("history", "what happened to a user's risk",
                 [user](const Common &common, Format format) { return history(common, *user, format); });
    command->add_option("user", *user)->required();
    line.addFormat(command);

    const auto signIn = std::make_shared<std::string>();
    command =
        line.add("explain", "what each detector says of a sign-in, and why",
                 [signIn](const Common &common, Format format) { return explain(common, *signIn, format); });
    command->add_option("signin", *signIn)->required();
    line.addFormat(command);
}

} // namespace riskdesk::ctl
