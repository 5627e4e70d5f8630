#include "core/ledger/suppression.h"

#include "core/base/text.h"
#include "core/domain/stored_sign_in.h"
#include "core/enrich/list_text.h"
#include "core/ledger/audit.h"
#include "core/ledger/risk_writer.h"
#include "core/query/tables/risky_users.h"
#include "core/store/dictionary.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace riskdesk::ledger {
namespace {

constexpr std::size_t longestText = 1024; // of an agent, an application, a reason

constexpr std::string_view ruleColumns =
    "s.id, s.user, coalesce(nullif(u.upn, ''), u.key, ''), s.network, s.asn, s.agent, s.agent_part, "
    "s.application, s.type, s.until, s.reason, s.actor, s.added_at";

Result<SuppressionRule> ruleOf(const store::Statement &row)
{
    SuppressionRule rule;
    auto &match = rule.match;
    rule.id = row.int64(0);
    if (!row.isNull(1))
        match.user = row.uint32(1);
    match.userName = row.string(2);
    match.network = row.string(3);
    match.asn = row.uint32(4);
    match.agent = row.string(5);
    match.agentPart = row.int64(6) != 0;
    match.application = row.string(7);
    if (row.int64(8) != 0)
        match.type = row.as<DetectionType>(8);
    rule.until = row.time(9);
    rule.reason = row.string(10);
    rule.actor = row.string(11);
    rule.addedAt = row.time(12);
    if (!match.network.empty()) {
        enrich::Refusal refusal;
        const auto network = enrich::readNetwork(match.network, refusal);
        if (!network)
            return fail(Code::StoreCorrupt, match.network, "the network of a suppression rule");
        match.first = network->first;
        match.last = network->last;
    }
    return rule;
}

bool holds(const SuppressionMatch &rule, DetectionType type, const SignInRow &row, const IpAddress &ip,
           std::uint32_t asn, const TextOf &textOf)
{
    if (rule.type && *rule.type != type)
        return false;
    if (rule.user && *rule.user != row.user)
        return false;
    if (rule.asn != 0 && rule.asn != asn)
        return false;
    if (!rule.network.empty() && !(ip.isKnown() && rule.first <= ip && ip <= rule.last))
        return false;
    if (!rule.application.empty() &&
        foldCase(textOf(Dictionary::Application, row.application)) != foldCase(rule.application))
        return false;
    if (rule.agent.empty())
        return true;
    const auto agent = foldCase(textOf(Dictionary::UserAgent, row.userAgent));
    const auto wanted = foldCase(rule.agent);
    return rule.agentPart ? agent.find(wanted) != std::string::npos : agent == wanted;
}

Status checkText(const std::string &text, std::string_view what)
{
    if (text.size() > longestText || !isValidUtf8(text))
        return fail(Code::WrongUsage, text.substr(0, 40),
                    fmt::format("the {} must be text of at most {} bytes", what, longestText));
    return {};
}

std::string quoted(const std::string &value)
{
    return value.find(' ') == std::string::npos ? value : '"' + value + '"';
}

} // namespace

Result<SuppressionTerms> suppressionTerms(std::string_view text)
{
    SuppressionTerms terms;
    const std::pair<std::string_view, std::string *> known[] = {
        {"user", &terms.user},   {"network", &terms.network},  {"asn", &terms.asn},
        {"agent", &terms.agent}, {"agent~", &terms.agentPart}, {"application", &terms.application},
        {"type", &terms.type}};
    for (auto rest = trim(text); !rest.empty(); rest = trim(rest)) {
        const auto equals = rest.find('=');
        const auto key = rest.substr(0, equals);
        const auto *found = std::find_if(std::begin(known), std::end(known),
                                         [&](const auto &one) { return one.first == key; });
        if (equals == std::string_view::npos || found == std::end(known))
            return fail(Code::WrongUsage, std::string(rest),
                        "expected user=, network=, asn=, agent=, agent~=, application= or type=");
        rest.remove_prefix(equals + 1);
        const bool quotes = rest.starts_with('"');
        if (quotes)
            rest.remove_prefix(1);
        const auto end = rest.find(quotes ? '"' : ' ');
        if (quotes && end == std::string_view::npos)
            return fail(Code::WrongUsage, std::string(text), "a quotation mark is not closed");
        *found->second = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return terms;
}

Result<SuppressionMatch> suppressionMatch(store::Connection &connection, const SuppressionTerms &terms)
{
    SuppressionMatch match;
    if (!terms.agent.empty() && !terms.agentPart.empty())
        return fail(Code::WrongUsage, terms.agent, "a rule has one user agent, whole or in part");
    match.agentPart = !terms.agentPart.empty();
    match.agent = match.agentPart ? terms.agentPart : terms.agent;
    match.application = terms.application;
    for (const auto &[text, what] :
         {std::pair(&match.agent, "user agent"), std::pair(&match.application, "application")})
        if (auto ok = checkText(*text, what); !ok)
            return tl::unexpected(ok.error());
    if (!terms.user.empty()) {
        const auto user = query::findUser(connection, terms.user);
        if (!user)
            return tl::unexpected(user.error());
        match.user = *user;
        match.userName = terms.user;
    }
    if (!terms.network.empty()) {
        enrich::Refusal refusal;
        const auto network = enrich::readNetwork(terms.network, refusal);
        if (!network)
            return fail(Code::WrongUsage, terms.network,
                        refusal.detail.empty() ? "expected a network" : refusal.detail);
        match.network = terms.network;
        match.first = network->first;
        match.last = network->last;
    }
    if (!terms.asn.empty()) {
        const auto system = enrich::readSystemNumber(terms.asn);
        if (!system || *system == 0)
            return fail(Code::WrongUsage, terms.asn, "expected the number of an autonomous system");
        match.asn = *system;
    }
    if (!terms.type.empty()) {
        match.type = detectionTypeFromText(terms.type);
        if (!match.type || *match.type == DetectionType::AdminConfirmedUserCompromised)
            return fail(Code::WrongUsage, terms.type,
                        "expected a detection such as unlikelyTravel; \"settings\" begins with them");
    }
    if (!match.user && match.network.empty() && match.asn == 0 && match.agent.empty() &&
        match.application.empty() && !match.type)
        return fail(Code::WrongUsage, "", "a rule without a condition would silence everything");
    return match;
}

std::string describe(const SuppressionMatch &match)
{
    std::string out;
    const auto add = [&](std::string_view key, const std::string &value) {
        if (!value.empty())
            out += fmt::format("{}{}={}", out.empty() ? "" : " ", key, quoted(value));
    };
    add("type", match.type ? std::string(toText(*match.type)) : "");
    add("user", match.user ? match.userName : "");
    add("network", match.network);
    add("asn", match.asn != 0 ? std::to_string(match.asn) : "");
    add(match.agentPart ? "agent~" : "agent", match.agent);
    add("application", match.application);
    return out;
}

Result<Suppressions> Suppressions::inForce(store::Connection &connection, Timestamp now)
{
    Suppressions rules;
    store::Statement row(connection, fmt::format("SELECT {} FROM suppression s LEFT JOIN user u ON u.id = "
                                                 "s.user WHERE s.until > ?1 ORDER BY s.id",
                                                 ruleColumns));
    row.bind(now);
    while (row.step()) {
        auto rule = ruleOf(row);
        if (!rule)
            return tl::unexpected(rule.error());
        rules.add(std::move(*rule));
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return rules;
}

const SuppressionRule *Suppressions::match(DetectionType type, const SignInRow &row, const IpAddress &ip,
                                           std::uint32_t asn, const TextOf &textOf) const
{
    const auto found = std::find_if(m_rules.begin(), m_rules.end(), [&](const SuppressionRule &rule) {
        return holds(rule.match, type, row, ip, asn, textOf);
    });
    return found == m_rules.end() ? nullptr : &*found;
}

const SuppressionRule *Suppressions::match(const detect::Finding &finding, const detect::Names &names) const
{
    if (m_rules.empty())
        return nullptr;
    const auto &s = finding.signIn;
    return match(finding.type, s.row, s.ip, s.asn,
                 [&names](Dictionary dictionary, std::uint32_t id) { return names.text(dictionary, id); });
}

Result<std::uint64_t> silence(store::Connection &connection, const Clock &clock,
                              std::vector<RaisedDetection> &raised)
{
    std::uint64_t silenced = 0;
    if (raised.empty())
        return silenced;
    auto rules = Suppressions::inForce(connection, clock.now());
    if (!rules)
        return tl::unexpected(rules.error());
    store::Statement any(connection, "SELECT EXISTS (SELECT 1 FROM suppressed)");
    const bool before = any.step() && any.int64(0) != 0;
    if (!any.ok())
        return tl::unexpected(any.error());
    if (rules->empty() && !before)
        return silenced;
    store::Statement known(connection, "SELECT 1 FROM suppressed WHERE id = ?1");
    // As a detection, or folded into one: a rule that came later takes nothing away.
    store::Statement counted(
        connection, "SELECT 1 FROM ledger l JOIN detection d ON d.id = l.detection WHERE l.user = ?1 "
                    "AND l.sign_in = ?2 AND l.kind IN (?3, ?4) AND d.type = ?5");
    store::Statement insert(connection,
                            "INSERT INTO suppressed (id, rule, type, level, user, event_key, request_id, at, "
                            "found_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    Status ok;
    std::erase_if(raised, [&](const RaisedDetection &one) {
        const auto &d = one.detection;
        if (!ok)
            return false;
        if (known.bind(d.id).step())
            return true;
        const auto textOf = [&one](Dictionary dictionary, std::uint32_t) {
            if (one.client == nullptr)
                return std::string();
            return dictionary == Dictionary::Application ? one.client->application : one.client->userAgent;
        };
        const auto *rule = rules->match(d.type, one.row, d.ip, d.asn, textOf);
        if (rule == nullptr ||
            counted
                .bind(d.user, d.requestId, LedgerKind::DetectionRaised, LedgerKind::DetectionFolded, d.type)
                .step())
            return false;
        ok = insert
                 .bind(d.id, rule->id, d.type, d.level, d.user, std::span<const std::uint8_t>(d.eventKey),
                       d.requestId, d.at, clock.now())
                 .run();
        ++silenced;
        return true;
    });
    for (const auto *statement : {&known, &counted})
        if (ok && !statement->ok())
            ok = tl::unexpected(statement->error());
    if (!ok)
        return tl::unexpected(ok.error());
    return silenced;
}

Result<SuppressionPreview> previewSuppression(store::Connection &connection, const SuppressionMatch &match,
                                              Timestamp since)
{
    store::Dictionaries dictionaries;
    if (auto ok = dictionaries.load(connection); !ok)
        return tl::unexpected(ok.error());
    const TextOf textOf = [&](Dictionary dictionary, std::uint32_t id) {
        return id == 0 ? std::string() : std::string(dictionaries.text(dictionary, id));
    };
    SuppressionPreview preview;
    std::set<std::uint32_t> users;
    store::Statement row(
        connection, "SELECT d.type, d.level, d.state, d.user, d.ip, d.asn, s.row FROM detection d LEFT "
                    "JOIN sign_in_risk s ON s.event_key = d.event_key WHERE d.at >= ?1 AND d.source = ?2 "
                    "AND d.type <> ?3");
    row.bind(since, ourSource, DetectionType::AdminConfirmedUserCompromised);
    while (row.step()) {
        auto signIn = decodeSignIn(row.blob(6)).value_or(SignInRow());
        signIn.user = row.uint32(3);
        IpAddress ip;
        const auto bytes = row.blob(4);
        std::copy_n(bytes.begin(), std::min(bytes.size(), ip.bytes.size()), ip.bytes.begin());
        if (!holds(match, row.as<DetectionType>(0), signIn, ip, row.uint32(5), textOf))
            continue;
        ++preview.detections;
        ++preview.levels[std::min<std::size_t>(row.uint32(1), preview.levels.size() - 1)];
        if (row.as<RiskState>(2) == RiskState::ConfirmedCompromised)
            ++preview.confirmedCompromised;
        users.insert(signIn.user);
    }
    preview.users = users.size();
    if (!row.ok())
        return tl::unexpected(row.error());
    return preview;
}

Result<SuppressionRule> addSuppression(store::Connection &connection, const Clock &clock, const Operator &who,
                                       SuppressionRule rule)
{
    if (auto ok = allowed(who.role, Permission::Settings); !ok)
        return tl::unexpected(ok.error());
    rule.reason = trim(rule.reason);
    if (rule.reason.empty())
        return fail(Code::WrongUsage, describe(rule.match), "a reason is needed");
    if (auto ok = checkText(rule.reason, "reason"); !ok)
        return tl::unexpected(ok.error());
    rule.addedAt = clock.now();
    if (rule.until <= rule.addedAt)
        return fail(Code::WrongUsage, rule.until.toIso(), "the end of the rule is over already");
    rule.actor = who.name;
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    const auto &m = rule.match;
    store::Statement insert(connection,
                            "INSERT INTO suppression (user, network, asn, agent, agent_part, application, "
                            "type, until, reason, actor, added_at) VALUES "
                            "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11) RETURNING id");
    insert.bind(m.user, m.network, m.asn, m.agent, m.agentPart, m.application,
                m.type ? static_cast<int>(*m.type) : 0, rule.until, rule.reason, rule.actor, rule.addedAt);
    if (!insert.step())
        return tl::unexpected(insert.error());
    rule.id = insert.int64(0);
    insert.reset();
    auto record = recordBy(who);
    record.action = "suppressAdd";
    record.target = std::to_string(rule.id);
    record.after = fmt::format("{} until {}", describe(m), rule.until.toIso());
    record.reason = rule.reason;
    if (auto ok = appendAudit(connection, clock, record); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    return rule;
}

Result<std::vector<SuppressionRule>> suppressions(store::Connection &connection)
{
    std::vector<SuppressionRule> rules;
    store::Statement row(
        connection,
        fmt::format(
            "SELECT {}, count(x.id), min(x.at), max(x.at) FROM suppression s LEFT JOIN user u ON u.id "
            "= s.user LEFT JOIN suppressed x ON x.rule = s.id GROUP BY s.id ORDER BY s.id",
            ruleColumns));
    while (row.step()) {
        auto rule = ruleOf(row);
        if (!rule)
            return tl::unexpected(rule.error());
        rule->silenced = static_cast<std::uint64_t>(row.int64(13));
        if (rule->silenced > 0) {
            rule->firstAt = row.time(14);
            rule->lastAt = row.time(15);
        }
        rules.push_back(std::move(*rule));
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return rules;
}

Result<SuppressionRule> removeSuppression(store::Connection &connection, const Clock &clock,
                                          const Operator &who, std::int64_t id)
{
    if (auto ok = allowed(who.role, Permission::Settings); !ok)
        return tl::unexpected(ok.error());
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    const auto all = suppressions(connection);
    if (!all)
        return tl::unexpected(all.error());
    const auto rule =
        std::find_if(all->begin(), all->end(), [&](const SuppressionRule &one) { return one.id == id; });
    if (rule == all->end())
        return fail(Code::NotFound, std::to_string(id),
                    "there is no such suppression rule; \"suppress list\" shows them");
    for (const char *sql :
         {"DELETE FROM suppressed WHERE rule = ?1", "DELETE FROM suppression WHERE id = ?1"})
        if (auto ok = store::Statement(connection, sql).bind(id).run(); !ok)
            return tl::unexpected(ok.error());
    auto record = recordBy(who);
    record.action = "suppressRemove";
    record.target = std::to_string(id);
    record.before =
        fmt::format("{} until {}, {} silenced", describe(rule->match), rule->until.toIso(), rule->silenced);
    if (auto ok = appendAudit(connection, clock, record); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    return *rule;
}

} // namespace riskdesk::ledger
