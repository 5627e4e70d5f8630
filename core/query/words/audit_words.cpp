#include "core/query/words/audit_words.h"

#include "core/domain/risk.h"
#include "core/query/words/phrases.h"
#include "core/query/words/why.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

namespace riskdesk::query {
namespace {

constexpr std::array actions = {
    Named{"dismiss", Why::tr("Dismissed risk")},
    Named{"dismissRisk", Why::tr("Dismissed risk")},
    Named{"confirmCompromised", Why::tr("Confirmed compromised")},
    Named{"confirmSafe", Why::tr("Confirmed safe")},
    Named{"resolve", Why::tr("Resolved risk")},
    Named{"resetPassword", Why::tr("Reset password")},
    Named{"block", Why::tr("Blocked sign-in")},
    Named{"unblock", Why::tr("Unblocked sign-in")},
    Named{"revokeSessions", Why::tr("Ended sessions")},
    Named{"notify", Why::tr("Notified")},
    Named{"undo", Why::tr("Took back a decision")},
    Named{"redo", Why::tr("Made a decision again")},
    Named{"import", Why::tr("Imported")},
    Named{"undoImport", Why::tr("Took back an import")},
    Named{"settle", Why::tr("Judged the past again")},
    Named{"intelReread", Why::tr("Asked the lists about the past")},
    Named{"retain", Why::tr("Deleted old sign-ins")},
    Named{"purge", Why::tr("Removed for good")},
    Named{"convert", Why::tr("Made it a directory for production")},
    Named{"backup", Why::tr("Made a backup")},
    Named{"setting", Why::tr("Changed setting")},
    Named{"settingsApply", Why::tr("Judged the past by today's settings")},
    Named{"read", Why::tr("Read")},
    Named{"addConnection", Why::tr("Added connection")},
    Named{"changeConnection", Why::tr("Changed connection")},
    Named{"switchConnection", Why::tr("Switched connection")},
    Named{"removeConnection", Why::tr("Removed connection")},
    Named{"tokenCreate", Why::tr("Made access token")},
    Named{"tokenRevoke", Why::tr("Revoked access token")},
    Named{"operatorAdd", Why::tr("Added operator")},
    Named{"operatorRemove", Why::tr("Removed operator")},
    Named{"operatorRole", Why::tr("Changed role of operator")},
    Named{"operatorPassphrase", Why::tr("Changed passphrase of operator")},
    Named{"operatorWrongPassphrase", Why::tr("Wrong passphrase of operator")},
    Named{"mapAdd", Why::tr("Added field map")},
    Named{"mapRemove", Why::tr("Removed field map")},
    Named{"suppressAdd", Why::tr("Added suppression")},
    Named{"suppressRemove", Why::tr("Removed suppression")},
    Named{"intelAdd", Why::tr("Added list")},
    Named{"intelRefuse", Why::tr("Did not put list to use")},
    Named{"intelAccept", Why::tr("Put refused list to use")},
    Named{"intelRollback", Why::tr("Went back to an earlier list")},
    Named{"intelRemove", Why::tr("Removed list")},
    Named{"intelSetAside", Why::tr("Set aside an entry")},
    Named{"intelGiveBack", Why::tr("Gave back an entry that was set aside")},
    Named{"intelRelease", Why::tr("Released an entry")},
};

// The same of a list whose kind is known; %1 is the kind.
constexpr std::array listActions = {
    Named{"intelAdd", Why::tr("Added %1", "a list, by its kind")},
    Named{"intelRefuse", Why::tr("Did not put to use: %1", "a list, by its kind")},
    Named{"intelAccept", Why::tr("Put to use, though refused: %1", "a list, by its kind")},
    Named{"intelRollback", Why::tr("Went back to an earlier %1", "a list, by its kind")},
    Named{"intelRemove", Why::tr("Removed %1", "a list, by its kind")},
    Named{"intelSetAside", Why::tr("Set aside an entry of %1", "a list, by its kind")},
    Named{"intelGiveBack", Why::tr("Gave back an entry of %1 that was set aside", "a list, by its kind")},
};

constexpr std::array listKinds = {
    Named{"anonymizer", Why::tr("anonymizer list")}, Named{"malware", Why::tr("malware list")},
    Named{"threat", Why::tr("threat list")},         Named{"trusted", Why::tr("trusted locations")},
    Named{"places", Why::tr("place list")},          Named{"asn", Why::tr("network owner list")},
    Named{"mobile", Why::tr("mobile network list")}, Named{"warning", Why::tr("warning list")},
};

constexpr std::array roles = {
    Named{"reader", Why::tr("Reader")},
    Named{"operator", Why::tr("Operator")},
    Named{"administrator", Why::tr("Administrator")},
    Named{"engine", Why::tr("Riskdesk itself")},
};

constexpr std::array waysIn = {
    Named{"console", Why::tr("Console")},
    Named{"command line", Why::tr("Command line")},
    Named{"API", Why::tr("API")},
    Named{"sample", Why::tr("Sample data")},
};

// A state before or after that is one of a few.
constexpr std::array standings = {
    Named{"held", Why::tr("Held")},
    Named{"waiting", Why::tr("Waiting")},
    Named{"sending", Why::tr("Being sent")},
    Named{"done", Why::tr("Done")},
    Named{"failed", Why::tr("Failed")},
    Named{"takenBack", Why::tr("Taken back")},
    Named{"discarded", Why::tr("Discarded")},
    Named{"cancelled", Why::tr("Cancelled")},
    Named{"waits for the provider", Why::tr("Waits for the provider")},
    Named{"on", Why::tr("On")},
    Named{"off", Why::tr("Off")},
    Named{"trial", Why::tr("Trial")},
    Named{"production", Why::tr("Production")},
    Named{"reader", Why::tr("Reader")},
    Named{"operator", Why::tr("Operator")},
    Named{"administrator", Why::tr("Administrator")},
    Named{"enabled", Why::tr("sign-in allowed")},
    Named{"blocked", Why::tr("sign-in blocked")},
    Named{"mustChangePassword", Why::tr("has to change the password")},
};

constexpr std::array reasons = {
    Named{"it is absurdly wide", Why::tr("It is absurdly wide")},
    Named{"it stands on a warning list", Why::tr("It stands on a warning list")},
    Named{"it no longer matches too much of the directory's own sign-ins",
          Why::tr("It no longer matches too much of the directory's own sign-ins")},
    Named{"no warning list names it any more", Why::tr("No warning list names it any more")},
    Named{"it was taken back", Why::tr("It was taken back")},
};

std::optional<std::int64_t> numberOf(std::string_view text)
{
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size())
        return std::nullopt;
    return number;
}

// What stands at each "{}" of the pattern; nothing where the text is another one.
std::optional<std::vector<std::string_view>> partsOf(std::string_view pattern, std::string_view text)
{
    std::vector<std::string_view> parts;
    for (;;) {
        const auto hole = pattern.find("{}");
        const auto literal = pattern.substr(0, hole);
        if (text.substr(0, literal.size()) != literal)
            return std::nullopt;
        text.remove_prefix(literal.size());
        if (hole == std::string_view::npos)
            return text.empty() ? std::optional(parts) : std::nullopt;
        pattern.remove_prefix(hole + 2);
        const auto next = pattern.substr(0, pattern.find("{}"));
        const auto end = next.empty() ? text.size() : text.find(next);
        if (end == std::string_view::npos)
            return std::nullopt;
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

std::vector<std::string_view> split(std::string_view text, std::string_view by)
{
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(by);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + by.size());
    }
}

// What the ids behind a principal name look like: a detection's 64 hex digits, a request's GUID.
bool looksLikeId(std::string_view word)
{
    return word.size() >= 16 && std::all_of(word.begin(), word.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
           });
}

class Teller
{
public:
    explicit Teller(const Words &words)
        : m_words(words)
    {}

    template <std::size_t n>
    [[nodiscard]] std::string named(const std::array<Named, n> &table, std::string_view key) const
    {
        const auto known = phraseFor(table, key);
        return known ? m_words.say(*known) : m_words.fact(key);
    }
    // "low atRisk 27; blocked mustChangePassword"
    struct Standing
    {
        std::string risk, score, account;
    };
    [[nodiscard]] std::optional<Standing> standing(std::string_view stored) const;
    [[nodiscard]] std::string state(std::string_view stored) const;
    [[nodiscard]] std::string target(const AuditRow &record) const;
    [[nodiscard]] std::string action(const AuditRow &record) const;
    [[nodiscard]] std::string change(const AuditRow &record, const std::string &before,
                                     const std::string &after) const;
    [[nodiscard]] std::string joined(const std::vector<std::string> &items) const
    {
        std::string out;
        for (const auto &item : items)
            if (!item.empty())
                out += (out.empty() ? "" : m_words.say(Why::tr(", ", "between items of a list"))) + item;
        return out;
    }

private:
    [[nodiscard]] std::string moment(std::string_view iso) const
    {
        const auto time = Timestamp::fromIso(iso);
        return time ? m_words.time(*time) : m_words.fact(iso);
    }
    [[nodiscard]] std::string figure(std::string_view number) const
    {
        const auto known = numberOf(number);
        return known ? m_words.number(static_cast<double>(*known)) : m_words.fact(number);
    }
    [[nodiscard]] std::optional<std::string> counted(std::string_view stored) const;

    const Words &m_words;
};

std::optional<Teller::Standing> Teller::standing(std::string_view stored) const
{
    const auto account = stored.find("; ");
    const auto words = split(stored.substr(0, account), " ");
    if (words.size() != 3)
        return std::nullopt;
    const auto level = riskLevelFromText(words[0]);
    const auto state = riskStateFromText(words[1]);
    if (!level || !state || !numberOf(words[2]))
        return std::nullopt;
    Standing said;
    said.risk = joined({m_words.name(*level), m_words.name(*state)});
    said.score = m_words.say(Why::tr("score %1"), {figure(words[2])});
    if (account != std::string_view::npos) {
        std::vector<std::string> items;
        auto of = split(stored.substr(account + 2), " ");
        for (std::size_t i = 0; i < of.size(); ++i)
            if (of[i] == "sessionsSince" && i + 1 < of.size())
                items.push_back(m_words.say(Why::tr("sessions ended on %1"), {moment(of[++i])}));
            else
                items.push_back(named(standings, of[i]));
        said.account = joined(items);
    }
    return said;
}

// Sentences of figures, as they are written beside what they count.
std::optional<std::string> Teller::counted(std::string_view stored) const
{
    const auto all = [](const std::vector<std::string_view> &parts) {
        return std::all_of(parts.begin(), parts.end(), [](auto part) { return numberOf(part).has_value(); });
    };
    const auto n = [](std::string_view part) { return numberOf(part).value_or(0); };
    if (const auto p = partsOf("version {}, {} entries", stored); p && all(*p))
        return m_words.say(Why::tr("Version %1, entries: %2"), {figure((*p)[0]), figure((*p)[1])});
    if (const auto p = partsOf("{}: {} read, {} stored, {} detections", stored);
        p && all({p->begin() + 1, p->end()}) && phraseFor(standings, (*p)[0]))
        return m_words.say(Why::tr("%1: %2 read, %3 stored, %4", "an import: done, 50, 40, 3 detections"),
                           {named(standings, (*p)[0]), figure((*p)[1]), figure((*p)[2]),
                            m_words.say(Why::tr("%Ln detection(s)", nullptr, n((*p)[3])))});
    if (const auto p = partsOf("{} sign-ins, {} detections, {} withdrawn", stored); p && all(*p))
        return joined({m_words.say(Why::tr("%Ln sign-in(s)", nullptr, n((*p)[0]))),
                       m_words.say(Why::tr("%Ln detection(s)", nullptr, n((*p)[1]))),
                       m_words.say(Why::tr("%1 withdrawn"), {figure((*p)[2])})});
    if (const auto p = partsOf("{} sign-ins taken out", stored); p && all(*p))
        return m_words.say(Why::tr("%Ln sign-in(s) taken out", nullptr, n((*p)[0])));
    if (const auto p = partsOf("{} deleted", stored); p && all(*p))
        return m_words.say(Why::tr("%Ln sign-in(s) deleted", nullptr, n((*p)[0])));
    if (const auto p = partsOf("removed, with {} detections and {} events of the ledger", stored);
        p && all(*p))
        return m_words.say(Why::tr("Removed, with %1 and %2", "3 detections, 7 events of the ledger"),
                           {m_words.say(Why::tr("%Ln detection(s)", nullptr, n((*p)[0]))),
                            m_words.say(Why::tr("%Ln event(s) of the ledger", nullptr, n((*p)[1])))});
    if (const auto p = partsOf("{} in a row, {} s to wait", stored); p && all(*p))
        return m_words.say(Why::tr("%1 in a row, %2 to wait", "wrong passphrases, a time"),
                           {figure((*p)[0]), m_words.duration(std::chrono::seconds(n((*p)[1])))});
    return std::nullopt;
}

std::string Teller::state(std::string_view stored) const
{
    if (stored.empty())
        return {};
    if (const auto known = standing(stored))
        return joined({known->risk, known->score, known->account});
    if (const auto known = counted(stored))
        return *known;
    if (const auto p = partsOf("{}, account {}", stored); p && phraseFor(roles, (*p)[0]))
        return m_words.say(Why::tr("%1, by the account %2", "role, who is signed in to the computer"),
                           {named(roles, (*p)[0]), m_words.fact((*p)[1])});
    if (const auto p = partsOf("{}, passphrase", stored); p && phraseFor(roles, (*p)[0]))
        return m_words.say(Why::tr("%1, by passphrase", "role"), {named(roles, (*p)[0])});
    return named(standings, stored);
}

std::string Teller::target(const AuditRow &record) const
{
    const std::string_view stored = record.target;
    if (record.action.starts_with("intel"))
        if (const auto colon = stored.find(':');
            colon != std::string_view::npos && phraseFor(listKinds, stored.substr(0, colon)))
            return m_words.fact(stored.substr(colon + 1));
    if (record.action.starts_with("suppress") && numberOf(stored))
        return m_words.say(Why::tr("Rule %1", "a suppression, by its number"), {std::string(stored)});
    if (record.action == "retain")
        if (const auto p = partsOf("sign-ins before {}", stored))
            return m_words.say(Why::tr("Sign-ins before %1", "a time"), {moment((*p)[0])});
    if (record.action == "undoImport")
        if (const auto p = partsOf("import {}: {}", stored))
            return m_words.say(Why::tr("Import %1: %2", "number, files"),
                               {m_words.fact((*p)[0]), m_words.fact((*p)[1])});
    const auto words = split(stored, " ");
    if (words.size() > 1 && std::all_of(words.begin() + 1, words.end(), looksLikeId))
        return m_words.say(Why::tr("%Ln detection(s) or sign-in(s) of %1", "a user",
                                   static_cast<std::int64_t>(words.size() - 1)),
                           {m_words.fact(words.front())});
    return m_words.fact(stored);
}

std::string Teller::action(const AuditRow &record) const
{
    if (const auto known = phraseFor(listActions, record.action))
        if (const auto kind =
                phraseFor(listKinds, std::string_view(record.target).substr(0, record.target.find(':'))))
            return m_words.say(*known, {m_words.say(*kind)});
    if (record.action == "undo" && !record.undone.empty())
        return m_words.say(Why::tr("Took back: %1", "a decision"), {named(actions, record.undone)});
    if (record.action == "redo" && !record.undone.empty() && record.undone != "undo")
        return m_words.say(Why::tr("Made again: %1", "a decision"), {named(actions, record.undone)});
    return auditAction(record.action, m_words);
}

// Of a standing only what changed; the score goes with the level and is told in full beside it.
std::string Teller::change(const AuditRow &record, const std::string &before, const std::string &after) const
{
    const auto arrow = [this](const std::string &from, const std::string &to) {
        return m_words.say(Why::tr("%1 → %2", "state before and after"), {from, to});
    };
    const auto from = standing(record.before), to = standing(record.after);
    if (from && to) {
        std::vector<std::string> items;
        if (from->risk != to->risk)
            items.push_back(
                m_words.say(Why::tr("Risk: %1", "before and after"), {arrow(from->risk, to->risk)}));
        else if (from->score != to->score)
            items.push_back(
                m_words.say(Why::tr("Risk: %1", "before and after"), {arrow(from->score, to->score)}));
        if (from->account != to->account)
            items.push_back(
                m_words.say(Why::tr("Account: %1", "before and after"), {arrow(from->account, to->account)}));
        return items.empty() ? m_words.say(Why::tr("Risk: still %1", "level, state"), {to->risk})
                             : joined(items);
    }
    if (before.empty() || after.empty())
        return before.empty() ? after : m_words.say(Why::tr("Before: %1"), {before});
    return arrow(before, after);
}

} // namespace

AuditSaid auditSaid(const AuditRow &record, const Words &words)
{
    const Teller teller(words);
    AuditSaid said;
    said.action = teller.action(record);
    said.target = teller.target(record);
    said.before = teller.state(record.before);
    said.after = teller.state(record.after);
    said.change = teller.change(record, said.before, said.after);
    said.reason = auditReason(record.reason, words);
    return said;
}

std::string auditAction(std::string_view action, const Words &words)
{
    const auto known = phraseFor(actions, action);
    return known ? words.say(*known) : words.fact(wordsOf(action));
}

std::string auditReason(std::string_view reason, const Words &words)
{
    const auto known = phraseFor(reasons, reason);
    return known ? words.say(*known) : reasonName(reason, words);
}

std::string auditRole(std::string_view role, const Words &words)
{
    return Teller(words).named(roles, role);
}

std::string auditVia(std::string_view via, const Words &words)
{
    return Teller(words).named(waysIn, via);
}

} // namespace riskdesk::query
