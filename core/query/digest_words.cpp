// Digest: its weeks, and how it is written.
#include "core/base/shown_text.h"
#include "core/base/text.h"
#include "core/domain/risk.h"
#include "core/query/digest.h"
#include "core/query/json_object.h"

#include <fmt/format.h>

#include <charconv>

namespace riskdesk::query {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr std::int64_t microsecondsOfDay = 86'400'000'000;

sys_days dayOf(Timestamp at)
{
    const auto whole =
        at.us >= 0 ? at.us / microsecondsOfDay : (at.us - microsecondsOfDay + 1) / microsecondsOfDay;
    return sys_days(days(whole));
}

Timestamp beginOf(sys_days day)
{
    return {day.time_since_epoch().count() * microsecondsOfDay};
}

sys_days mondayOf(sys_days day)
{
    return day - (std::chrono::weekday(day) - std::chrono::Monday);
}

sys_days firstMonday(std::chrono::year year) // of the week that holds 4 January
{
    return mondayOf(sys_days(year / std::chrono::January / 4));
}

struct PartWords
{
    std::string_view key, title;
};
PartWords wordsOf(DigestPart part)
{
    switch (part) {
    case DigestPart::NewUsers: return {"newRiskyUsers", "New risky users"};
    case DigestPart::RealtimeSignIns:
        return {"realtimeRiskySignIns", "Sign-ins found risky as they happened, Low or higher"};
    case DigestPart::Detections: return {"detections", "Detections first seen"};
    case DigestPart::StillAtRisk: return {"stillAtRisk", "Users still at risk"};
    case DigestPart::Decisions: return {"decisions", "Decisions"};
    case DigestPart::Campaigns: return {"campaigns", "Password spray campaigns"};
    }
    return {};
}

std::string titleOfFigure(const DigestFigure &figure)
{
    if (figure.of.empty())
        return std::string(wordsOf(figure.part).title);
    if (figure.part == DigestPart::NewUsers) {
        const auto level = riskLevelFromText(figure.of).value_or(RiskLevel::None);
        return level == RiskLevel::None ? "closed since" : fmt::format("{} now", displayName(level));
    }
    if (figure.part == DigestPart::Detections)
        if (const auto type = detectionTypeFromText(figure.of))
            return std::string(info(*type).displayName);
    return shownText(figure.of);
}

std::string_view listName(Report report)
{
    switch (report) {
    case Report::Detections: return "detections";
    case Report::SignIns: return "signins";
    case Report::Campaigns: return "campaigns";
    case Report::Audit: return "audit";
    default: return "users";
    }
}

std::string digestTime(Timestamp at)
{
    const auto iso = at.toIso();
    return iso.substr(0, 10) + ' ' + iso.substr(11, 5);
}

std::string spanText(Microseconds span)
{
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(span).count();
    return minutes < 120       ? fmt::format("{} min", minutes)
           : minutes < 48 * 60 ? fmt::format("{} h", minutes / 60)
                               : fmt::format("{} d", minutes / (24 * 60));
}

// What stands behind a number.
std::string remarkOf(const Digest &digest, const DigestFigure &figure, const DigestShown &shown = {})
{
    if (figure.part == DigestPart::StillAtRisk && digest.oldestOpen)
        return fmt::format("the longest since {}",
                           shown.time ? shown.time(*digest.oldestOpen) : digestTime(*digest.oldestOpen));
    if (figure.medianOpen)
        return fmt::format("closed after {} (median)", spanText(*figure.medianOpen));
    return {};
}

std::string zoned(const std::string &words, const DigestShown &shown)
{
    return words + ' ' + (shown.time ? shown.zone : "UTC");
}

std::string titleOfDigest(const Digest &digest, const DigestShown &shown = {})
{
    const auto time = [&shown](Timestamp t) { return shown.time ? shown.time(t) : digestTime(t); };
    const auto stretch = zoned(time(digest.from) + " to " + time(digest.until), shown);
    return isoWeek(digest.from) == std::pair(digest.from, digest.until)
               ? fmt::format("Week {}: {}", isoWeekText(digest.from), stretch)
               : stretch;
}

std::string htmlText(std::string_view text)
{
    std::string out;
    for (const char c : text)
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default: out += c;
        }
    return out;
}

} // namespace

std::pair<Timestamp, Timestamp> isoWeek(Timestamp inside)
{
    const auto monday = mondayOf(dayOf(inside));
    return {beginOf(monday), beginOf(monday + days(7))};
}

std::string isoWeekText(Timestamp inside)
{
    const auto monday = mondayOf(dayOf(inside));
    const auto year = std::chrono::year_month_day(monday + days(3)).year(); // of its Thursday
    return fmt::format("{:04}-W{:02}", static_cast<int>(year), (monday - firstMonday(year)).count() / 7 + 1);
}

Result<std::pair<Timestamp, Timestamp>> isoWeekFromText(std::string_view text)
{
    int year = 0, week = 0;
    const auto number = [](std::string_view digits, int &out) {
        const auto *end = digits.data() + digits.size();
        return std::from_chars(digits.data(), end, out).ptr == end && !digits.starts_with('-');
    };
    if (text.size() == 8 && text.substr(4, 2) == "-W" && number(text.substr(0, 4), year) &&
        number(text.substr(6), week)) {
        const auto monday = firstMonday(std::chrono::year(year)) + days(7 * (week - 1));
        if (isoWeekText(beginOf(monday)) == text)
            return std::pair(beginOf(monday), beginOf(monday + days(7)));
    }
    return fail(Code::WrongUsage, std::string(text),
                "a week is written 2026-W11, and that year has to have it");
}

std::string listCommand(const DigestFigure &figure)
{
    std::string quoted;
    for (const char c : figure.filter)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return fmt::format("list {} --filter '{}'", listName(figure.report), quoted);
}

std::string digestText(const Digest &digest)
{
    auto out = titleOfDigest(digest) + '\n';
    for (const auto &figure : digest.figures) {
        const bool whole = figure.of.empty();
        const auto remark = remarkOf(digest, figure);
        out += fmt::format("{}{:<{}} {:>7}  {}\n", whole ? "\n" : "  ", titleOfFigure(figure),
                           whole ? 52 : 50, figure.count, shownText(listCommand(figure), 0));
        if (!remark.empty())
            out += fmt::format("    {}\n", remark);
    }
    return out;
}

std::string digestJson(const Digest &digest)
{
    std::string figures;
    for (const auto &figure : digest.figures) {
        JsonObject object;
        object.text("part", wordsOf(figure.part).key)
            .textOrNull("of", figure.of)
            .whole("count", figure.count)
            .text("report", listName(figure.report))
            .text("filter", figure.filter);
        if (figure.medianOpen)
            object.whole("medianOpenSeconds",
                         std::chrono::duration_cast<std::chrono::seconds>(*figure.medianOpen).count());
        figures += (figures.empty() ? "" : ",\n ") + object.done();
    }
    JsonObject whole;
    whole.time("from", digest.from).time("until", digest.until).time("madeDateTime", digest.made);
    if (digest.oldestOpen)
        whole.time("oldestAtRiskSince", *digest.oldestOpen);
    return whole.raw("figures", "[" + figures + "]").done();
}

std::string digestHtml(const Digest &digest, std::string_view directory, const DigestShown &shown)
{
    const auto &link = shown.link;
    const auto title = htmlText(titleOfDigest(digest, shown));
    std::string out = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
        "charset=\"utf-8\"><title>{0}</title><style>{2}td,th{{padding:.25em 1em .25em "
        "0;text-align:left}}td.n{{text-align:right}}"
        "tr.part td{{padding-top:1em;font-weight:bold}}code{{font-size:85%;color:#666}}</style></head>\n"
        "<body><h1>{1}</h1><p>{0}</p>\n<table>\n",
        title, htmlText(shownText(directory)),
        // A window has a font and margins of its own, and its links in place of commands.
        link ? "h1{font-size:large}td{white-space:nowrap}" : "body{font-family:sans-serif;margin:2em}");
    for (const auto &figure : digest.figures) {
        const auto where = link ? link(figure) : std::string();
        const auto count = std::to_string(figure.count);
        out += fmt::format(
            "<tr{}><td>{}{}</td><td class=\"n\">{}</td><td>{}</td>{}</tr>\n",
            figure.of.empty() ? " class=\"part\"" : "", figure.of.empty() ? "" : "&nbsp;&nbsp;",
            htmlText(titleOfFigure(figure)),
            where.empty() ? count : fmt::format("<a href=\"{}\">{}</a>", htmlText(where), count),
            htmlText(remarkOf(digest, figure, shown)),
            link ? std::string()
                 : fmt::format("<td><code>{}</code></td>", htmlText(shownText(listCommand(figure), 0))));
    }
    return out + fmt::format(
                     "</table>\n<p>Made {}.</p></body></html>\n",
                     htmlText(zoned(shown.time ? shown.time(digest.made) : digestTime(digest.made), shown)));
}

} // namespace riskdesk::query
