#include "core/query/counts.h"

#include "core/base/text.h"
#include "core/domain/ledger_event.h"
#include "core/query/filter/fields.h"
#include "core/query/filter/filter_sql.h"
#include "core/query/filter/filter_text.h"
#include "core/query/read_session.h"
#include "core/query/reading.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/query/spine.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_set>

namespace riskdesk::query {
namespace {

// What is open stays so however old it is; a period would hide it, and the count beside the view would say 0.
constexpr std::array<BuiltInView, 14> views = {{
    {"needsAction", "Needs action", Report::RiskyUsers,
     "state:atRisk,confirmedCompromised level>=medium status:active account:allowed", 0},
    {"highRisk", "High risk", Report::RiskyUsers,
     "state:atRisk,confirmedCompromised level:high status:active", 0},
    {"allAtRisk", "All at risk", Report::RiskyUsers, "state:atRisk,confirmedCompromised status:active", 0},
    {"blocked", "Blocked", Report::RiskyUsers, "account:blocked", 0},
    {"atRiskAtProvider", "At the provider", Report::RiskyUsers,
     "providerRiskState:=atRisk,confirmedCompromised", 0},
    {"unreviewed", "Unreviewed", Report::Detections, "state:atRisk counted:yes", 0},
    {"last90Days", "Last 90 days", Report::Detections, "", 90},
    {"passwordSpray", "Password spray", Report::Detections, "type:passwordSpray counted:yes", 90},
    {"byProvider", "By the provider", Report::Detections, "counted:no", 90},
    {"lastSevenDays", "Last 7 days", Report::SignIns, "", 7},
    {"riskySignIns", "With risk", Report::SignIns, "riskLevelAggregated>=low", 30},
    {"failedSignIns", "Failed", Report::SignIns, "result:failure", 7},
    {"allRejects", "All", Report::Rejects, "", 0},
    {"allAudit", "All", Report::Audit, "", 0},
}};

// Values of one field with their rows, as stored.
Result<std::vector<std::pair<std::string, std::int64_t>>>
grouped(store::Connection &connection, const SqlText &sql, std::string_view expression)
{
    store::Statement rows(connection, fmt::format("SELECT {}, count(*) {} GROUP BY 1", expression, sql.text));
    sql.bindTo(rows);
    std::vector<std::pair<std::string, std::int64_t>> counts;
    while (rows.step())
        counts.emplace_back(rows.string(0), rows.int64(1));
    if (!rows.ok())
        return tl::unexpected(rows.error());
    return counts;
}

// "EXISTS (SELECT … FROM t WHERE t.user = r.user AND " turned round: a join that counts each user once a
// value.
Result<std::vector<std::pair<std::string, std::int64_t>>>
groupedWithin(store::Connection &connection, const Field &field, const SqlText &sql)
{
    store::Statement rows(
        connection,
        fmt::format(
            "SELECT value, count(*) FROM (SELECT DISTINCT d.user AS user, {} AS value FROM detection d"
            " WHERE d.user IN (SELECT r.user {})) GROUP BY value",
            field.sql, sql.text));
    sql.bindTo(rows);
    std::vector<std::pair<std::string, std::int64_t>> counts;
    while (rows.step())
        counts.emplace_back(rows.string(0), rows.int64(1));
    if (!rows.ok())
        return tl::unexpected(rows.error());
    return counts;
}

struct Closing
{
    std::int64_t at;
    std::int64_t span;
    RiskState state;
    RiskDetail detail;
};

void countClosings(const std::vector<Closing> &closings, std::int64_t from, std::int64_t until,
                   UserFigures &figures)
{
    std::vector<std::int64_t> spans;
    for (const auto &closing : closings) {
        if (closing.at < from || closing.at >= until)
            continue;
        ++figures.resolved;
        spans.push_back(closing.span);
        if (closing.detail == RiskDetail::UserPerformedSecuredPasswordChange ||
            closing.detail == RiskDetail::UserPerformedSecuredPasswordReset ||
            closing.detail == RiskDetail::UserPassedMFADrivenByRiskBasedPolicy)
            ++figures.selfResolved;
        if (closing.state == RiskState::ConfirmedSafe)
            ++figures.dismissedFalse;
    }
    if (spans.empty())
        return;
    const auto middle = spans.begin() + static_cast<std::ptrdiff_t>(spans.size() / 2);
    std::nth_element(spans.begin(), middle, spans.end());
    auto median = *middle;
    if (spans.size() % 2 == 0) // the mean of the two in the middle
        median = (median + *std::max_element(spans.begin(), middle)) / 2;
    figures.medianResolve = Microseconds(median);
}

void countStanding(RiskState state, RiskLevel level, UserFigures &figures)
{
    if (!isOpen(state))
        return;
    ++figures.atRisk;
    if (level == RiskLevel::High)
        ++figures.high;
    if (state == RiskState::ConfirmedCompromised)
        ++figures.compromised;
}

Result<std::vector<FacetValue>> facetOfSignIns(store::Connection &connection, const Question &question,
                                               const Field &field, std::size_t atMost, std::stop_token stop)
{
    const auto all = ReadSession::of(connection)->signIns();
    const auto counts = all->facet(connection, question, field.name, std::move(stop));
    if (!counts)
        return tl::unexpected(counts.error());
    std::vector<FacetValue> values;
    for (const auto &[text, count] : *counts) {
        if (values.size() == atMost)
            break;
        Value value(text);
        if (field.kind == FieldKind::Enum)
            for (const auto &word : field.words)
                if (word.key == text)
                    value = word.value;
        if (field.kind == FieldKind::Number)
            value = toInteger(text).value_or(0);
        values.push_back({value, text, count});
    }
    return values;
}

} // namespace

Result<std::vector<FacetValue>> facet(store::Connection &connection, const Question &question,
                                      std::string_view name, std::size_t atMost, std::stop_token stop)
{
    const auto *field = findField(question.report, name);
    if (field == nullptr || field->kind == FieldKind::Time || field->kind == FieldKind::Address)
        return fail(Code::WrongUsage, std::string(name), "this field is not counted");
    if (question.report == Report::SignIns)
        return facetOfSignIns(connection, question, *field, atMost, std::move(stop));
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    auto asked = question;
    asked.filter = without(question.filter, field->name);
    const auto sql = fromWhere(asked);
    if (!sql)
        return tl::unexpected(sql.error());
    const auto stored = field->within.empty() ? grouped(connection, *sql, field->sql)
                                              : groupedWithin(connection, *field, *sql);
    if (!stored)
        return tl::unexpected(stored.error());
    std::vector<FacetValue> values;
    if (field->kind == FieldKind::Enum) {
        for (const auto &word : field->words) {
            FacetValue value{Value(word.value), std::string(word.key), 0};
            for (const auto &[text, count] : *stored) {
                const auto number = toInteger(text).value_or(-1);
                const bool has = field->storage == Storage::Bits
                                     ? number >= 0 && word.value < 63 && (number >> word.value & 1) != 0
                                     : number == word.value;
                value.count += has ? count : 0;
            }
            values.push_back(std::move(value));
        }
        return values;
    }
    std::map<std::string, std::int64_t> byText;
    for (const auto &[text, count] : *stored) {
        if (field->storage != Storage::Words || text.empty())
            byText[text] += count;
        else
            for (const auto word : split(text, ' '))
                byText[std::string(word)] += count;
    }
    for (const auto &[text, count] : byText) {
        const bool number = field->kind == FieldKind::Number;
        values.push_back({number ? Value(toInteger(text).value_or(0)) : Value(text), text, count});
    }
    std::stable_sort(values.begin(), values.end(),
                     [](const auto &a, const auto &b) { return a.count > b.count; });
    if (values.size() > atMost)
        values.erase(values.begin() + static_cast<std::ptrdiff_t>(atMost), values.end());
    return values;
}

Result<std::vector<LevelCounts>> buckets(store::Connection &connection, const Question &question,
                                         std::span<const Timestamp> bounds, std::stop_token stop)
{
    std::vector<LevelCounts> counts(bounds.empty() ? 0 : bounds.size() - 1, LevelCounts{});
    if (counts.empty() || !std::is_sorted(bounds.begin(), bounds.end()))
        return counts;
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    auto sql = fromWhere(question);
    if (!sql)
        return tl::unexpected(sql.error());
    SqlText all;
    if (question.report == Report::RiskyUsers) {
        all += "SELECT d.at, d.level FROM detection d WHERE d.user IN (SELECT r.user ";
        all += *sql;
        all += ") AND d.at >= ? AND d.at < ? AND ";
        all += countedDetection;
    } else if (question.report == Report::Detections) {
        all += "SELECT d.last_at, d.level ";
        all += *sql;
        all += " AND d.last_at >= ? AND d.last_at < ?";
    } else {
        return fail(Code::WrongUsage, "report", "only users and detections have levels over time");
    }
    all.add(bounds.front().us);
    all.add(bounds.back().us);
    store::Statement rows(connection, all.text);
    all.bindTo(rows);
    while (rows.step()) {
        const auto next = std::upper_bound(bounds.begin(), bounds.end(), rows.time(0));
        const auto level = rows.int64(1);
        if (next != bounds.begin() && next != bounds.end() && level >= 0 && level < 4)
            ++counts[static_cast<std::size_t>(next - bounds.begin()) - 1][static_cast<std::size_t>(level)];
    }
    if (!rows.ok())
        return tl::unexpected(rows.error());
    return counts;
}

Result<UserFiguresChange> userFigures(store::Connection &connection, const Question &question,
                                      const Period &period, std::stop_token stop,
                                      std::optional<Timestamp> then)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    auto asked = question;
    asked.report = Report::RiskyUsers;
    const auto listed = fromWhere(asked);
    asked.period = {};
    for (const auto *closed : {"riskState", "riskLevel", "riskDetail", "riskScore"})
        asked.filter = without(asked.filter, closed);
    const auto sql = fromWhere(asked);
    if (!listed || !sql)
        return tl::unexpected(listed ? sql.error() : listed.error());
    UserFiguresChange change;
    std::unordered_set<std::int64_t> inList;
    {
        store::Statement rows(connection, "SELECT r.user, r.state, r.level " + listed->text);
        listed->bindTo(rows);
        while (rows.step()) {
            inList.insert(rows.int64(0));
            countStanding(rows.as<RiskState>(1), rows.as<RiskLevel>(2), change.now);
        }
        if (!rows.ok())
            return tl::unexpected(rows.error());
    }
    const auto from = period.from ? period.from->us : INT64_MIN;
    const auto until = period.until ? period.until->us : INT64_MAX;
    const auto compared = period.from ? period.from : then;
    if (compared)
        change.before.emplace();
    // The ledger of these users in order of happening: how each stands at `from` and now, and since when it
    // is closed. What was taken back, or opened again by something new, is not resolved.
    store::Statement rows(
        connection,
        "SELECT l.user, l.at, l.from_state, l.to_state, l.to_level, l.to_detail, l.kind FROM ledger l"
        " WHERE l.user IN (SELECT r.user " +
            sql->text + ") ORDER BY l.user, l.id");
    sql->bindTo(rows);
    std::vector<Closing> closings, closingsAtFrom;
    std::optional<Closing> closing, closingAtFrom; // of the user being read
    std::int64_t user = -1, opened = 0;
    RiskState state = RiskState::None, stateAtFrom = RiskState::None;
    RiskLevel levelAtFrom = RiskLevel::None;
    const auto finish = [&] {
        if (closing)
            closings.push_back(*closing);
        if (closingAtFrom)
            closingsAtFrom.push_back(*closingAtFrom);
        closing.reset();
        closingAtFrom.reset();
        if (change.before && inList.contains(user))
            countStanding(stateAtFrom, levelAtFrom, *change.before);
    };
    while (rows.step()) {
        if (rows.int64(0) != user) {
            finish();
            user = rows.int64(0);
            state = stateAtFrom = rows.as<RiskState>(2);
            levelAtFrom = RiskLevel::None;
            opened = rows.int64(1);
        }
        const auto at = rows.int64(1);
        const auto next = rows.as<RiskState>(3);
        if (!isOpen(state) && isOpen(next)) {
            closing.reset();
            if (rows.as<LedgerKind>(6) != LedgerKind::Undone)
                opened = at;
        }
        if (isOpen(state) && !isOpen(next))
            closing = {at, std::max<std::int64_t>(at - opened, 0), next, rows.as<RiskDetail>(5)};
        state = next;
        if (compared && at < compared->us) {
            closingAtFrom = closing;
            stateAtFrom = next;
            levelAtFrom = rows.as<RiskLevel>(4);
        }
    }
    finish();
    if (!rows.ok())
        return tl::unexpected(rows.error());
    countClosings(closings, from, until, change.now);
    if (period.from) {
        const auto length = std::min(until, question.now.us) - from;
        countClosings(closingsAtFrom, from - std::max<std::int64_t>(length, 0), from, *change.before);
    }
    return change;
}

Result<std::int64_t> olderOpenUsers(store::Connection &connection, const Question &question,
                                    std::stop_token stop)
{
    if (!question.period.from)
        return 0;
    auto asked = question;
    asked.report = Report::RiskyUsers;
    asked.period = {std::nullopt, question.period.from};
    asked.filter = with(question.filter,
                        Filter::match("riskState", Test::Is,
                                      {Value(static_cast<std::int64_t>(RiskState::AtRisk)),
                                       Value(static_cast<std::int64_t>(RiskState::ConfirmedCompromised))}));
    return countRows(connection, asked, std::move(stop));
}

std::span<const BuiltInView> builtInViews()
{
    return views;
}

Result<std::vector<std::int64_t>> countViews(store::Connection &connection, Timestamp now,
                                             std::int64_t atMost, std::stop_token stop,
                                             Period (*period)(Timestamp now, int days))
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    std::vector<std::int64_t> counts;
    for (const auto &view : views) {
        if (view.report == Report::SignIns) {
            counts.push_back(-1);
            continue;
        }
        auto filter = parseFilter(view.report, view.filter);
        if (!filter)
            return tl::unexpected(filter.error().toError());
        const auto count = countRows(
            connection, {view.report, std::move(*filter), period(now, view.days), {}, now}, {}, atMost);
        if (!count)
            return tl::unexpected(count.error());
        counts.push_back(*count);
    }
    return counts;
}

Result<DataHealth> dataHealth(store::Connection &connection)
{
    auto reading = Reading::begin(connection);
    if (!reading)
        return tl::unexpected(reading.error());
    DataHealth health;
    store::Statement sums(connection,
                          "SELECT (SELECT coalesce(sum(rows), 0) FROM segment), (SELECT count(*) FROM user),"
                          " (SELECT count(*) FROM user WHERE learning_needed <> 0),"
                          " (SELECT coalesce(sum(records), 0) FROM reject), (SELECT max(t1) FROM segment),"
                          " (SELECT unsettled_from FROM checkpoint, directory WHERE trial = 0)");
    if (!sums.step())
        return tl::unexpected(sums.error());
    health.signIns = sums.int64(0);
    health.users = sums.int64(1);
    health.usersLearning = sums.int64(2);
    health.rejects = sums.int64(3);
    if (!sums.isNull(4))
        health.newestSignIn = sums.time(4);
    if (!sums.isNull(5))
        health.unsettledFrom = sums.time(5);
    store::Statement import(connection,
                            "SELECT coalesce(finished_at, started_at), stored, rejected, id FROM import_run"
                            " WHERE outcome NOT IN ('running', 'undone') ORDER BY id DESC LIMIT 1");
    if (import.step()) {
        health.lastImport = import.time(0);
        health.lastImported = import.int64(1);
        health.lastRejected = import.int64(2);
        health.lastRun = import.int64(3);
    }
    store::Statement lists(
        connection, "SELECT name, kind, date, entries FROM intel_list WHERE active <> 0 ORDER BY date, id");
    while (lists.step())
        health.lists.push_back(
            {lists.string(0), static_cast<int>(lists.int64(1)), lists.time(2), lists.int64(3)});
    store::Statement notices(
        connection,
        "SELECT facts ->> '$.address', facts ->> '$.users', facts ->> '$.of' FROM notice WHERE key = ?1");
    if (notices.bind(CrowdedAddress::key).step())
        health.crowdedAddress = CrowdedAddress{IpAddress::parse(notices.text(0)).value_or(IpAddress()),
                                               static_cast<std::uint64_t>(notices.int64(1)),
                                               static_cast<std::uint64_t>(notices.int64(2))};
    for (const auto *statement : {&import, &lists, &notices})
        if (!statement->ok())
            return tl::unexpected(statement->error());
    return health;
}

} // namespace riskdesk::query
