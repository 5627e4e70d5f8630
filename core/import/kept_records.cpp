#include "core/import/kept_records.h"

#include "core/base/digest.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/examine/user_book.h"
#include "core/ingest/reader.h"
#include "core/ledger/change_rows.h"
#include "core/store/dictionary.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace riskdesk::run {

Result<StoredCount> writeProviderRecords(store::Connection &connection, const Clock &clock,
                                         ProviderRecords &records)
{
    StoredCount count;
    if (!records.detections.empty()) {
        const auto given = records.detections.size();
        auto raised = ledger::RiskWriter(connection, clock).raise(std::move(records.detections));
        records.detections.clear();
        if (!raised)
            return tl::unexpected(raised.error());
        count = {raised->detections, given - raised->detections};
    }
    store::Statement known(connection,
                           "SELECT 1 FROM provider_risk WHERE user = ?1 AND level = ?2 AND state = ?3 AND "
                           "detail = ?4 AND updated_at IS ?5");
    store::Statement write(connection,
                           "INSERT OR REPLACE INTO provider_risk (user, level, state, detail, updated_at) "
                           "VALUES (?1, ?2, ?3, ?4, ?5)");
    ledger::ChangeRows marks(connection);
    for (const auto &u : records.riskyUsers) {
        if (known.bind(u.user, u.level, u.state, u.detail, u.updated).step()) {
            ++count.duplicates;
            continue;
        }
        if (auto ok = write.bind(u.user, u.level, u.state, u.detail, u.updated).run(); !ok)
            return tl::unexpected(ok.error());
        if (auto ok = marks.riskyUser(u.user); !ok)
            return tl::unexpected(ok.error());
        ++count.stored;
    }
    records.riskyUsers.clear();
    if (!known.ok())
        return tl::unexpected(known.error());
    return count;
}

Status writeRejects(store::Connection &connection, std::int64_t run, const KeptRejects &rejects)
{
    store::Statement write(connection,
                           "INSERT OR IGNORE INTO reject (run, file, line, column, offset, reason, detail, "
                           "excerpt) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    for (const auto &r : rejects.rejects)
        if (auto ok =
                write.bind(run, r.file, r.line, r.column, r.offset, r.reason, r.detail, r.excerpt).run();
            !ok)
            return ok;
    // At the place of the first that is only counted: read again, the file comes to the same row.
    store::Statement count(
        connection, "INSERT INTO reject (run, file, line, column, offset, reason, detail, excerpt, records) "
                    "VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, '', ?7) ON CONFLICT (file, offset, reason) DO "
                    "UPDATE SET detail = excluded.detail, excerpt = '', records = excluded.records WHERE "
                    "excluded.records > records");
    for (const auto &[key, more] : rejects.more)
        if (auto ok = count
                          .bind(run, key.first, more.line, more.offset, key.second,
                                fmt::format("and {} more like these", more.count), more.count)
                          .run();
            !ok)
            return ok;
    return {};
}

void KeptRecords::keep(const ProviderDetection &p)
{
    ledger::RaisedDetection kept;
    auto &d = kept.detection;
    d.id = p.id.empty() ? toHex(blake2b256(std::string(p.requestId) + '\x1f' + std::string(p.riskEventType)))
                        : std::string(p.id);
    d.type = detectionTypeFromText(p.riskEventType).value_or(DetectionType::Other);
    d.typeText = p.riskEventType;
    d.level = riskLevelFromText(p.riskLevel).value_or(RiskLevel::None);
    d.state = riskStateFromText(p.riskState).value_or(RiskState::None);
    d.detail = riskDetailFromText(p.riskDetail).value_or(RiskDetail::None);
    for (const auto timing :
         {DetectionTiming::Realtime, DetectionTiming::NearRealtime, DetectionTiming::Offline})
        if (equalsIgnoringCase(toText(timing), p.timing))
            d.timing = timing;
    d.activity = equalsIgnoringCase(p.activity, "user") ? Activity::User : Activity::SignIn;
    d.source = p.source.empty() ? "provider" : std::string(p.source);
    if (d.source == ourSource) // our own export read back: still somebody else's word
        d.source = "imported " + d.source;
    d.user = m_users.resolve(p.userId, p.userPrincipalName);
    d.requestId = p.requestId;
    d.correlationId = p.correlationId;
    d.at = p.at;
    d.detectedAt = p.detectedAt;
    d.lastUpdated = p.lastUpdated;
    d.lastAt = p.at;
    d.ip = p.ip;
    Place place;
    place.city = p.city;
    place.state = p.state;
    place.country = p.country;
    place.latitude = p.latitude;
    place.longitude = p.longitude;
    d.place = place.isKnown() ? m_dictionaries.intern(Dictionary::Place, place.encode()) : 0;
    if (!p.additionalInfo.empty())
        d.evidence.additionalInfo = p.additionalInfo;
    kept.city = p.city;
    kept.country = p.country;
    kept.ipText = p.ip.toString();
    m_provider.detections.push_back(std::move(kept));
}

void KeptRecords::keep(const ProviderRiskyUser &p)
{
    UserRecord record;
    record.id = p.id;
    record.userPrincipalName = p.userPrincipalName;
    record.displayName = p.userDisplayName;
    record.isDeleted = p.isDeleted;
    m_users.apply(record);
    m_provider.riskyUsers.push_back({m_users.resolve(p.id, p.userPrincipalName), std::string(p.riskLevel),
                                     std::string(p.riskState), std::string(p.riskDetail), p.riskLastUpdated});
}

void KeptRecords::keep(const PasswordRecord &p)
{
    auto event = passwordEvent(p);
    event.user = m_users.resolve(p.userId, p.userPrincipalName);
    m_passwords.push_back(std::move(event));
}

void KeptRecords::keep(Reject &&reject, const std::string &argument)
{
    if (m_rejectsKept >= limits::rejectsOfARun)
        return count({std::move(reject.file), std::move(reject.reason), reject.line, reject.offset, 1},
                     argument);
    ++m_rejectsKept;
    m_rejects.rejects.push_back(std::move(reject));
}

void KeptRecords::count(const ingest::MoreRejects &more, const std::string &argument)
{
    std::pair key(more.file, more.reason);
    if (m_rejects.more.size() >= limits::rejectKinds && !m_rejects.more.contains(key))
        key.first = argument;
    const auto [found, isNew] =
        m_rejects.more.try_emplace(std::move(key), KeptRejects::More{more.line, more.offset, 0});
    auto &rejected = found->second;
    if (more.offset < rejected.offset) {
        rejected.line = more.line;
        rejected.offset = more.offset;
    }
    rejected.count += more.count;
}

bool KeptRecords::isMuch() const
{
    constexpr std::size_t much = 16384;
    return m_provider.detections.size() + m_provider.riskyUsers.size() >= much;
}

ProviderRecords KeptRecords::takeProviderRecords()
{
    for (auto &kept : m_provider.detections)
        kept.detection.user = m_users.resolve(kept.detection.user);
    for (auto &kept : m_provider.riskyUsers)
        kept.user = m_users.resolve(kept.user);
    return std::exchange(m_provider, {});
}

std::vector<PasswordEvent> KeptRecords::takePasswords(std::optional<Timestamp> until)
{
    if (!m_passwordsInOrder) {
        for (auto &p : m_passwords)
            p.user = m_users.resolve(p.user);
        std::ranges::sort(m_passwords, [](const auto &a, const auto &b) {
            return std::tie(a.at, a.user, a.key) < std::tie(b.at, b.user, b.key);
        });
        m_passwordsInOrder = true;
    }
    const auto first = m_passwordsTaken;
    while (m_passwordsTaken < m_passwords.size() && (!until || m_passwords[m_passwordsTaken].at <= *until))
        ++m_passwordsTaken;
    return {m_passwords.begin() + static_cast<std::ptrdiff_t>(first),
            m_passwords.begin() + static_cast<std::ptrdiff_t>(m_passwordsTaken)};
}

} // namespace riskdesk::run
