// The command that lists: the reports.

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
#include "core/store/schema.h"

#include "app/ctl/commands.h"
#include "app/ctl/reports.h"

#include <fmt/format.h>

#include <algorithm>
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

} // namespace

void addList(CommandLine &line)
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
}

} // namespace riskdesk::ctl
