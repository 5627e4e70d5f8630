#include "core/verify/verify_run.h"

#include "core/base/text.h"
#include "core/domain/known.h"
#include "core/examine/detector_memory.h"
#include "core/store/integrity.h"
#include "core/store/seal.h"
#include "core/store/statement.h"
#include "core/verify/verify_risk.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::run {
namespace {

using Findings = Result<std::vector<std::string>>;

// Every column that holds the number of an enumeration.
struct NumberColumn
{
    std::string_view table, key, column;
    bool (*isKnown)(std::int64_t);
};
template <typename E>
constexpr bool (*known)(std::int64_t) = &Known<E>::has;

constexpr NumberColumn numberColumns[] = {
    {"user", "id", "identity", known<Identity>},
    {"address_fact", "address", "class", known<NetworkClass>},
    {"sign_in_risk", "request_id", "level_during", known<RiskLevel>},
    {"sign_in_risk", "request_id", "level_aggregated", known<RiskLevel>},
    {"sign_in_risk", "request_id", "state", known<RiskState>},
    {"sign_in_risk", "request_id", "detail", known<RiskDetail>},
    {"detection", "id", "type", known<DetectionType>},
    {"detection", "id", "level", known<RiskLevel>},
    {"detection", "id", "state", known<RiskState>},
    {"detection", "id", "detail", known<RiskDetail>},
    {"detection", "id", "timing", known<DetectionTiming>},
    {"detection", "id", "activity", known<Activity>},
    {"detection", "id", "weight_level", known<RiskLevel>},
    {"ledger", "id", "kind", known<LedgerKind>},
    {"ledger", "id", "level", known<RiskLevel>},
    {"ledger", "id", "from_level", known<RiskLevel>},
    {"ledger", "id", "from_state", known<RiskState>},
    {"ledger", "id", "from_detail", known<RiskDetail>},
    {"ledger", "id", "to_level", known<RiskLevel>},
    {"ledger", "id", "to_state", known<RiskState>},
    {"ledger", "id", "to_detail", known<RiskDetail>},
    {"user_risk", "user", "level", known<RiskLevel>},
    {"user_risk", "user", "state", known<RiskState>},
    {"user_risk", "user", "detail", known<RiskDetail>},
    {"intel_list", "id", "kind", known<ListKind>},
    {"intel_entry", "id", "class", known<NetworkClass>},
    {"intel_set_aside", "indicator", "kind", known<ListKind>},
    {"campaign", "id", "scope", known<ScopeKind>},
    {"password_event", "hex(key)", "what", known<PasswordChange>},
    {"outbox", "id", "operation", known<ProviderOperation>},
    {"outbox", "id", "state", known<OutboxState>},
};

Findings unknownNumbers(store::Connection &connection)
{
    std::vector<std::string> findings;
    for (const auto &c : numberColumns) {
        store::Statement row(connection, fmt::format("SELECT {0}, {1}, count(*) FROM {2} GROUP BY {1}", c.key,
                                                     c.column, c.table));
        while (row.step())
            if (!c.isKnown(row.int64(1)))
                findings.push_back(fmt::format("In {} {} row{} (such as {} {}) {} the number {} in {}, which "
                                               "means nothing to this version.",
                                               c.table, row.int64(2), row.int64(2) == 1 ? "" : "s", c.key,
                                               row.text(0), row.int64(2) == 1 ? "has" : "have", row.int64(1),
                                               c.column));
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    return findings;
}

Findings senselessSettings(store::Connection &connection)
{
    std::vector<std::string> findings;
    auto all = settings(connection);
    if (!all)
        return tl::unexpected(all.error());
    store::Statement row(connection, "SELECT key, value FROM setting ORDER BY key");
    while (row.step()) {
        const auto known = std::find_if(all->begin(), all->end(),
                                        [&](const SettingValue &one) { return one.key == row.text(0); });
        if (known == all->end()) {
            findings.push_back(fmt::format("The setting {} is not one that this version knows; it changes "
                                           "nothing.",
                                           row.text(0)));
            continue;
        }
        const auto value = toDouble(row.text(1));
        if (!value || !(*value >= known->least && *value <= known->greatest))
            findings.push_back(
                fmt::format("The setting {} has the value \"{}\", which is not a number between "
                            "{} and {}; set it anew.",
                            row.text(0), row.text(1), known->least, known->greatest));
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return findings;
}

// What is read has to be of one moment: another process may commit rows and their seal meanwhile.
class Picture
{
public:
    explicit Picture(store::Connection &connection)
        : m_connection(connection)
        , m_status(connection.execute("BEGIN"))
    {}
    ~Picture()
    {
        if (m_status)
            (void)m_connection.execute("ROLLBACK");
    }
    Picture(const Picture &) = delete;
    Picture &operator=(const Picture &) = delete;
    [[nodiscard]] const Status &status() const { return m_status; }

private:
    store::Connection &m_connection;
    Status m_status;
};

} // namespace

Result<std::vector<std::string>> verifyDirectory(Directory &directory, std::stop_token stop,
                                                 const ProgressSink &progress,
                                                 const std::optional<ledger::AuditHead> &anchor)
{
    auto &connection = directory.connection();
    const Picture picture(connection);
    if (!picture.status())
        return tl::unexpected(picture.status().error());
    std::vector<std::string> findings;
    // Damage that keeps one part from being read is a finding, and the others are read all the same.
    const auto take = [&](Findings found) -> Status {
        if (found)
            std::ranges::move(*found, std::back_inserter(findings));
        else if (found.error().code == Code::StoreCorrupt || found.error().code == Code::Unsupported)
            findings.push_back(fmt::format("A part of the file cannot be read: {}.", found.error().detail));
        else
            return tl::unexpected(found.error());
        return {};
    };
    const auto seals = [&]() -> Findings {
        auto broken = store::brokenSeals(connection, stop);
        if (!broken)
            return tl::unexpected(broken.error());
        std::vector<std::string> sentences;
        for (auto &one : *broken)
            sentences.push_back(std::move(one.sentence));
        return sentences;
    };
    const auto risk = [&]() -> Findings {
        auto differences = verifyRisk(connection, stop, progress);
        if (!differences)
            return tl::unexpected(differences.error());
        std::vector<std::string> sentences;
        for (const auto &difference : *differences)
            sentences.push_back(sentence(difference));
        return sentences;
    };
    auto ok = take(store::verifyStore(connection, stop, progress));
    if (ok)
        ok = take(seals());
    if (ok)
        ok = take(unknownNumbers(connection));
    if (ok)
        ok = take(senselessSettings(connection));
    if (ok)
        ok = take(DetectorMemory::damaged(connection));
    if (ok)
        ok = take(ledger::checkAudit(connection, anchor, stop));
    if (ok)
        ok = take(risk());
    if (!ok)
        return tl::unexpected(ok.error());
    return findings;
}

} // namespace riskdesk::run
