#include "core/examine/raise.h"

#include "core/examine/encoder.h"
#include "core/ledger/withheld_rows.h"
#include "core/store/statement.h"

#include <cmath>
#include <set>
#include <string>

namespace riskdesk::run {

ledger::RaisedDetection raisedDetection(const detect::Finding &finding, const Enrichment &enrichment,
                                        const UserBook &users, Timestamp now)
{
    const auto &s = finding.signIn;
    ledger::RaisedDetection out;
    auto &d = out.detection;
    d.type = finding.type;
    d.typeText = toText(finding.type);
    d.level = finding.verdict.level;
    d.timing = info(finding.type).timing;
    d.user = s.row.user;
    d.hasSignIn = true;
    d.eventKey = s.row.eventKey;
    d.requestId =
        requestId(s.row.eventIdKind, s.row.eventKey, enrichment.text(Dictionary::EventId, s.row.eventIdText));
    if (s.row.correlation != EventKey{})
        d.correlationId = requestId(EventIdKind::Guid, s.row.correlation, {});
    d.id = detectionId(finding.type, users.account(d.user).key, d.requestId);
    d.at = d.lastAt = s.at();
    d.detectedAt = d.lastUpdated = now;
    d.foldKey = finding.verdict.foldKey;
    d.ip = s.ip;
    d.place = s.placeId;
    d.asn = s.asn;
    d.campaign = finding.verdict.campaign;
    d.evidence = finding.verdict.evidence;
    const auto place = Place::decode(enrichment.text(Dictionary::Place, s.placeId));
    out.row = s.row;
    out.city = place.city;
    out.country = place.country;
    out.ipText = s.ip.toString();
    out.client = std::make_shared<const ledger::RaisedDetection::Client>(
        ledger::RaisedDetection::Client{enrichment.text(Dictionary::Application, s.row.application),
                                        enrichment.text(Dictionary::UserAgent, s.row.userAgent)});
    return out;
}

Status writeCampaigns(store::Connection &connection, const std::vector<Campaign> &campaigns)
{
    store::Statement write(
        connection,
        "INSERT INTO campaign (id, scope, scope_text, opened, detected, last, attempts, failures, users, "
        "addresses, bad_to_good, surprise_bits, evidence) VALUES "
        "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13) "
        "ON CONFLICT (id) DO UPDATE SET opened=min(opened, excluded.opened), last=max(last, excluded.last), "
        "attempts=excluded.attempts, failures=excluded.failures, users=excluded.users, "
        "addresses=excluded.addresses, bad_to_good=excluded.bad_to_good, "
        "surprise_bits=excluded.surprise_bits, evidence=excluded.evidence");
    store::Statement target(connection,
                            "INSERT OR REPLACE INTO campaign_target (campaign, user, attempts, successes, "
                            "first, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    store::Statement hits(connection,
                          "UPDATE campaign SET hits = (SELECT count(DISTINCT user) FROM detection WHERE "
                          "campaign = ?1) WHERE id = ?1");
    for (const auto &c : campaigns) {
        if (auto ok = write
                          .bind(c.id, c.scope, c.scopeText, c.opened, c.detected, c.last, c.attempts,
                                c.failures, c.users, c.addresses,
                                std::isfinite(c.badToGood) ? c.badToGood : 1e9, c.surpriseBits, c.toJson())
                          .run();
            !ok)
            return ok;
        for (const auto &t : c.targets)
            if (auto ok = target.bind(c.id, t.user, t.attempts, t.successes, t.first, t.last).run(); !ok)
                return ok;
        if (auto ok = hits.bind(c.id).run(); !ok)
            return ok;
    }
    return {};
}

Status replaceCampaigns(store::Connection &connection, const std::vector<Campaign> &campaigns,
                        std::int64_t after)
{
    std::set<std::string> gone;
    for (const auto &campaign : campaigns)
        gone.insert(campaign.id); // written anew, as a whole
    store::Statement row(connection, "SELECT id FROM campaign c WHERE detected > ?1 AND NOT EXISTS (SELECT 1 "
                                     "FROM detection d WHERE d.campaign <> '' AND d.campaign = c.id)");
    for (row.bind(after); row.step();)
        gone.insert(row.string(0));
    if (!row.ok())
        return tl::unexpected(row.error());
    store::Statement targets(connection, "DELETE FROM campaign_target WHERE campaign = ?1");
    store::Statement campaign(connection, "DELETE FROM campaign WHERE id = ?1");
    for (const auto &id : gone)
        for (auto *statement : {&targets, &campaign})
            if (auto ok = statement->bind(id).run(); !ok)
                return ok;
    return writeCampaigns(connection, campaigns);
}

Status writeWithheld(store::Connection &connection, const std::vector<SignInRow> &withheld)
{
    ledger::WithheldRows rows(connection);
    for (const auto &row : withheld)
        if (auto ok = rows.keep(row); !ok)
            return ok;
    return {};
}

} // namespace riskdesk::run
