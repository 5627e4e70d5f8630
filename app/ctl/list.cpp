// The command that lists: the reports.

#include "core/base/text.h"
#include "core/query/filter/filter_text.h"
#include "core/query/odata/odata_query.h"
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
#include <charconv>
#include <memory>

namespace riskdesk::ctl {
namespace {

struct ListCommand
{
    std::string report; // users, detections, signins, campaigns, rejects, audit
    std::string filter, order;
    std::optional<std::string> odata;
    std::optional<std::uint64_t> top;
    bool all = false;
    Format format = Format::Table; // as --format says
};

constexpr std::uint64_t usualTop = 50;
constexpr std::size_t pageRows = 512; // rows read and printed at a time, so that no list is held whole

// What is asked, before there is a directory to ask.
struct Asked
{
    query::Question question;
    query::Selection selection; // of what is told of a row
    std::uint64_t most = usualTop;
    bool count = false; // how many rows there are is said in any format
};

struct Opened : Asked
{
    store::Connection connection;
};

using Options = std::vector<std::pair<std::string, std::string>>;

// A query string as it is typed: parts at '&' outside of quotes, %XX for the character it stands for. '+' is
// itself, as nobody types a blank so and a time may have one.
Options queryOptions(std::string_view text)
{
    std::vector<std::string> parts(1);
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '&' && !quoted) {
            parts.emplace_back();
            continue;
        }
        const auto escape = c == '%' ? text.substr(i + 1, 2) : std::string_view();
        const auto *end = escape.data() + escape.size();
        unsigned value = 0;
        if (escape.size() == 2 && std::from_chars(escape.data(), end, value, 16).ptr == end) {
            c = static_cast<char>(value);
            i += 2;
        }
        quoted = quoted != (c == '\'');
        parts.back() += c;
    }
    Options options;
    for (const auto &part : parts) {
        const auto equals = std::min(part.find('='), part.size());
        options.emplace_back(trim(std::string_view(part).substr(0, equals)),
                             trim(std::string_view(part).substr(std::min(equals + 1, part.size()))));
    }
    return options;
}

Error wrongUsage(std::string sentence)
{
    return {Code::WrongUsage, "--odata", std::move(sentence)};
}

// `text` is a $filter, or a query string where it begins with '$'. What is wrong is reported, and its exit
// code is the error.
tl::expected<Asked, int> askOData(query::Report report, const ListCommand &command, const std::string &text)
{
    const auto options = trim(text).starts_with('$') ? queryOptions(trim(text)) : Options{{"$filter", text}};
    std::vector<query::ODataOption> views;
    for (const auto &[name, value] : options) {
        if (name == "$skiptoken")
            return tl::unexpected(
                ctl::report(wrongUsage("A list is not continued here; --all shows every row at once.")));
        if (!name.starts_with('$'))
            return tl::unexpected(ctl::report(
                wrongUsage(fmt::format("There is no query option '{}'; they begin with '$'.", name))));
        if ((name == "$top" && (command.all || command.top)) ||
            (name == "$orderby" && !command.order.empty()))
            return tl::unexpected(ctl::report(
                wrongUsage(fmt::format("'{}' and {} say the same; give one of them.", name,
                                       name == "$orderby" ? "--order" : (command.all ? "--all" : "--top")))));
        views.emplace_back(name, value);
    }
    auto parsed = query::parseODataQuery(report, views, {.usualTop = usualTop, .mostTop = SIZE_MAX});
    if (!parsed) {
        const auto &wrong = parsed.error();
        for (const auto &[name, value] : options)
            if (name == wrong.option)
                return tl::unexpected(reportMistake(wrong.message(), value, wrong.position, wrong.length));
        return tl::unexpected(reportMistake(wrong.message(), text, 0, text.size()));
    }
    return Asked{std::move(parsed->question), std::move(parsed->selection), parsed->top, parsed->count};
}

tl::expected<Asked, int> askText(query::Report report, const ListCommand &command)
{
    Asked asked;
    asked.question.report = report;
    auto filter = query::parseFilter(report, command.filter);
    if (!filter)
        return tl::unexpected(reportMistake(filter.error().sentence(), command.filter,
                                            filter.error().position, filter.error().length));
    asked.question.filter = std::move(*filter);
    return asked;
}

tl::expected<Opened, int> ask(const Common &common, query::Report report, const ListCommand &command)
{
    auto asked = command.odata ? askOData(report, command, *command.odata) : askText(report, command);
    if (!asked)
        return tl::unexpected(asked.error());
    auto &q = asked->question;
    if (!command.order.empty()) {
        const auto words = split(trim(command.order), ' ');
        q.order.push_back(
            {std::string(words[0]), words.size() > 1 && equalsIgnoringCase(words.back(), "desc")});
    } else if (q.order.empty() && report == query::Report::RiskyUsers) {
        q.order.push_back({"riskLastUpdatedDateTime", true});
    } else if (q.order.empty() && (report == query::Report::Detections || report == query::Report::Audit)) {
        q.order.push_back({"activityDateTime", true});
    }
    if (command.all)
        asked->most = UINT64_MAX;
    else if (command.top)
        asked->most = *command.top;
    auto connection = store::openForReading(common.directory);
    // A directory of an older version is brought up to date by whoever first opens it for writing.
    if (!connection && connection.error().code == Code::Conflict)
        connection = store::openForWriting(common.directory);
    if (!connection)
        return tl::unexpected(ctl::report(connection.error()));
    const auto now = query::referenceNow(*connection, common.clock.now());
    if (!now)
        return tl::unexpected(ctl::report(now.error()));
    q.now = now->now;
    return Opened{std::move(*asked), std::move(*connection)};
}

void sayHowMany(const Asked &asked, Format format, std::size_t shown, std::size_t total)
{
    std::fflush(stdout); // the rows first, where both end on one screen
    if (shown < total && format == Format::Table)
        fmt::print(stderr, "{} of {} shown; --all shows every one.\n", shown, total);
    else if (asked.count)
        fmt::print(stderr, "{} in all.\n", counted(total, "row"));
}

// Rows in the format asked for: JSON and CSV by the report's columns, a table by `cells`. Where properties were
// selected these are the columns, of a table too.
template <typename Row>
class RowPrinter
{
public:
    RowPrinter(query::Columns<Row> columns, const query::Selection &selection, Format format,
               std::vector<std::string> header, std::vector<std::string> (*cells)(const Row &))
        : m_format(format)
        , m_cells(selection.properties.empty() ? cells : nullptr)
        , m_table{std::move(header), {}}
    {
        for (const auto &column : columns) {
            if (column.value == nullptr || !selection.has(column.property))
                continue;
            m_columns.push_back(column);
            // Who asks for it by name gets it, however many members it has.
            for (const auto &property : selection.properties)
                m_columns.back().inCsv |= property == column.property;
        }
        if (m_cells == nullptr)
            m_table.headers = query::csvHeader(told());
        if (format == Format::Json || format == Format::Ndjson)
            m_writer.emplace(format);
        else if (format == Format::Csv)
            printCsv(query::csvHeader(told()));
    }
    void add(const Row &row)
    {
        if (m_writer)
            m_writer->add(query::json(told(), row));
        else if (m_format == Format::Csv)
            printCsv(query::csv(told(), row));
        else
            m_table.rows.push_back(m_cells != nullptr ? m_cells(row) : query::csv(told(), row));
    }
    void finish()
    {
        if (m_format == Format::Table)
            printTable(m_table);
    }

private:
    [[nodiscard]] query::Columns<Row> told() const { return m_columns; }

    std::vector<query::Column<Row>> m_columns;
    Format m_format;
    std::vector<std::string> (*m_cells)(const Row &);
    Table m_table;
    std::optional<JsonWriter> m_writer;
};

template <typename Row, typename Read>
int printPages(std::span<const std::int64_t> ids, std::size_t total, const Asked &asked, Format format,
               RowPrinter<Row> &printer, Read read)
{
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(ids.size(), asked.most));
    for (std::size_t at = 0; at < count; at += pageRows) {
        const auto rows = read(ids.subspan(at, std::min(pageRows, count - at)));
        if (!rows)
            return report(rows.error());
        for (const auto &row : *rows)
            printer.add(row);
    }
    printer.finish();
    sayHowMany(asked, format, count, total);
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
        return opened.error();
    const auto ids = query::readSpine(opened->connection, opened->question);
    if (!ids)
        return ctl::report(ids.error());
    RowPrinter<Row> printer(columns, opened->selection, options.format, std::move(header), cells);
    return printPages(*ids, ids->size(), *opened, options.format, printer,
                      [&](auto page) { return read(opened->connection, page, {}); });
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
        return opened.error();
    const auto campaigns = query::readCampaigns(opened->connection, opened->question, 0); // there are few
    if (!campaigns)
        return report(campaigns.error());
    RowPrinter<Campaign> printer(
        query::campaignColumns(), opened->selection, options.format,
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
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(campaigns->size(), opened->most));
    for (const auto &campaign : std::span(*campaigns).first(count))
        printer.add(campaign);
    printer.finish();
    sayHowMany(*opened, options.format, count, campaigns->size());
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
        return opened.error();
    // What is read is read once: a small cache stays in the processor's, and is no memory to be cleared first.
    if (auto ok = opened->connection.execute("PRAGMA cache_size=-2048"); !ok)
        return report(ok.error());
    query::SignIns signIns(store::Keep::Nothing);
    auto spine = signIns.first(opened->connection, opened->question, opened->most);
    if (!spine)
        return report(spine.error());
    const std::vector<std::int64_t> numbers(spine->rows.begin(), spine->rows.end());
    RowPrinter<query::SignInItem> printer(
        query::signInColumns(), opened->selection, options.format,
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
    return printPages(numbers, spine->matching, *opened, options.format, printer, [&](auto page) {
        std::vector<std::uint32_t> rows;
        for (const auto number : page)
            rows.push_back(static_cast<std::uint32_t>(number));
        return signIns.read(opened->connection, spine->generation, rows);
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
    command->add_option("report", listed->report, "which of them")
        ->required()
        ->check(CLI::IsMember({"users", "detections", "signins", "campaigns", "rejects", "audit"}));
    auto *filter = command->add_option("--filter", listed->filter, "level:high country:vn updated<7d");
    command
        ->add_option("--odata", listed->odata,
                     "Microsoft Graph's $filter: \"riskLevel eq 'high'\"; or a whole query beginning with $: "
                     "'$filter=…&$orderby=…&$select=…&$top=…'")
        ->excludes(filter);
    command->add_option("--order", listed->order, "a column, with \" desc\" behind it for the other way");
    auto *top = command->add_option("--top", listed->top, "rows that are shown; 50");
    command->add_flag("--all", listed->all, "every row")->excludes(top);
    line.needs(command, action::Permission::Read);
    line.showsPeople(command);
    line.addFormat(command);
    command->footer(
        "--odata takes what the API takes: eq ne gt ge lt le in, and or not, startswith endswith "
        "contains,\nthe properties of --json; $select says which of them are told, in any format.");
}

} // namespace riskdesk::ctl
