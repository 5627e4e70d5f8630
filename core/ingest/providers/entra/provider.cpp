// Entra's logs: sign-ins, audits, risk and users, as Graph, Azure Monitor, Log Analytics, the portal and the
// unified audit log write them.
#include "core/ingest/provider.h"

#include "core/base/text.h"
#include "core/ingest/providers/entra/recognise.h"
#include "core/ingest/providers/entra/record.h"

#include <array>

namespace riskdesk::ingest::entra {

const Provider &provider();

namespace {

using Holds = FormatInfo::Holds;

// By Log.
constexpr auto formatTable = std::to_array<FormatInfo>({
    {"graphSignIns", "Graph sign-ins"},
    {"graphUsers", "Graph users", Holds::Users},
    {"graphRiskDetections", "Graph risk detections", Holds::Others},
    {"graphRiskyUsers", "Graph risky users", Holds::Others},
    {"azureDiagnostics", "Azure Monitor diagnostic records"},
    {"logAnalyticsJson", "Log Analytics JSON"},
    {"logAnalyticsCsv", "Log Analytics CSV"},
    {"entraPortalCsv", "Entra portal CSV"},
    {"unifiedAuditCsv", "Unified audit log CSV", Holds::SignIns, true},
    {"unifiedAuditJson", "Unified audit log JSON", Holds::SignIns, true},
    {"graphDirectoryAudits", "Graph directory audits"},
    {"portalCompanion", "Companion of a portal export"},
});
static_assert(formatTable.size() == static_cast<std::size_t>(Log::PortalCompanion) + 1);

enum class Kind { SignIn, UnifiedAudit, DirectoryAudit, RiskDetection, RiskyUser, User, Other };

Kind kindOfCategory(std::string_view category)
{
    if (contains(category, "ServicePrincipal") || contains(category, "ManagedIdentity") ||
        contains(category, "servicePrincipal") || contains(category, "managedIdentity"))
        return Kind::Other;
    for (const auto name : {"SignInLogs", "NonInteractiveUserSignInLogs", "ADFSSignInLogs"})
        if (equalsIgnoringCase(category, name))
            return Kind::SignIn;
    if (equalsIgnoringCase(category, "UserRiskEvents"))
        return Kind::RiskDetection;
    if (equalsIgnoringCase(category, "RiskyUsers"))
        return Kind::RiskyUser;
    if (equalsIgnoringCase(category, "AuditLogs"))
        return Kind::DirectoryAudit;
    return Kind::Other;
}

Kind kindOf(Log log, const Record &f)
{
    if (log == Log::UnifiedAuditCsv || log == Log::UnifiedAuditJson)
        return Kind::UnifiedAudit;
    if (log == Log::GraphDirectoryAudits ||
        (f.has(DirectoryAuditField::ActivityName) &&
         (f.has(DirectoryAuditField::TargetId) || f.has(DirectoryAuditField::TargetName))))
        return Kind::DirectoryAudit; // Azure Monitor's own category of them is another than the audit's
    if (log == Log::AzureDiagnostics)
        return kindOfCategory(f[Common::Category]);
    if (log == Log::PortalCompanion)
        return Kind::Other;
    if (log == Log::EntraPortalCsv)
        return f.has(SignInField::ServicePrincipalId) && !f.has(Common::UserPrincipalName) ? Kind::Other
                                                                                           : Kind::SignIn;
    // Graph and Log Analytics name no category that could be trusted; the fields tell.
    for (const auto text : {f[Common::Category], f[Common::TypeName], f[SignInField::SignInEventType]})
        if (contains(text, "ervicePrincipal") || contains(text, "anagedIdentity"))
            return Kind::Other;
    if (f.has(RiskField::RiskEventType) &&
        (f.has(Common::ActivityDateTime) || f.has(RiskField::DetectedDateTime)))
        return Kind::RiskDetection;
    if (f.has(RiskField::RiskLastUpdatedDateTime))
        return Kind::RiskyUser;
    const bool signIn = f.has(SignInField::ErrorCode) || f.has(SignInField::ResultType) ||
                        f.has(SignInField::StatusText) || f.has(Common::IpAddress) ||
                        f.has(SignInField::AppDisplayName) || f.has(SignInField::AppId) ||
                        f.has(SignInField::ClientApp);
    if (signIn)
        return Kind::SignIn;
    switch (log) {
    case Log::GraphUsers: return Kind::User;
    case Log::GraphRiskDetections: return Kind::RiskDetection;
    case Log::GraphRiskyUsers: return Kind::RiskyUser;
    case Log::GraphSignIns:
        return f.has(UserField::DisplayName) || f.has(UserField::AccountEnabled) ? Kind::User : Kind::SignIn;
    default: return Kind::SignIn;
    }
}

std::optional<FormatRow> rowOf(std::optional<Log> log)
{
    return log ? std::optional(static_cast<FormatRow>(*log)) : std::nullopt;
}

// Log Analytics decorates names: "TimeGenerated [UTC]", "DeviceDetail_dynamic", "DeviceDetail_string".
std::string_view plainName(std::string_view name)
{
    for (const std::string_view suffix : {" [UTC]", " [Local Time]", "_dynamic", "_string"})
        if (name.size() > suffix.size() &&
            equalsIgnoringCase(name.substr(name.size() - suffix.size()), suffix))
            return name.substr(0, name.size() - suffix.size());
    return name;
}

class Entra final : public Provider
{
public:
    [[nodiscard]] std::span<const FormatInfo> formats() const override { return formatTable; }

    [[nodiscard]] std::optional<FormatRow> ofRecord(const Members &record) const override
    {
        return rowOf(logOfRecord(record));
    }
    // The query services behind Log Analytics answer with tables.
    [[nodiscard]] std::optional<FormatRow> ofHeader(const Header &header, Layout layout) const override
    {
        const auto log = logOfHeader(header);
        return rowOf(layout == Layout::Rows && log == Log::LogAnalyticsCsv ? Log::LogAnalyticsJson : log);
    }
    [[nodiscard]] std::optional<FormatRow> ofEmptyPage(std::string_view head) const override
    {
        return rowOf(logOfEmptyPage(head));
    }

    [[nodiscard]] Meaning meaningOf(Place place, std::string_view name) const override
    {
        return m_names.find(place, name);
    }
    [[nodiscard]] Columns columnsOf(FormatRow row, const Header &header, Layout layout) const override;

    [[nodiscard]] std::optional<Refusal> build(FormatRow row, const Fields &fields,
                                               const Building &with) const override
    {
        const Record record(fields);
        switch (kindOf(static_cast<Log>(row), record)) {
        case Kind::SignIn: return signIn(record, with);
        case Kind::UnifiedAudit: return unifiedAudit(record, with);
        case Kind::DirectoryAudit: return directoryAudit(record, with);
        case Kind::RiskDetection: return riskDetection(record, with);
        case Kind::RiskyUser: return riskyUser(record, with);
        case Kind::User: return user(record, with);
        case Kind::Other: break;
        }
        ++with.batch.notSignIns;
        return std::nullopt;
    }

private:
    const NameTable &m_names = names();
};

// Of the unified audit log's CSV only AuditData counts, which holds all that the other columns say. The
// portal and Log Analytics may write times in the reader's own zone; then the header says which are UTC.
Columns Entra::columnsOf(FormatRow row, const Header &header, Layout layout) const
{
    const bool csv = layout == Layout::Csv;
    const bool portal = csv && static_cast<Log>(row) == Log::EntraPortalCsv;
    const bool audit = csv && static_cast<Log>(row) == Log::UnifiedAuditCsv;
    Columns columns;
    columns.names = header;
    bool utc = false, zoned = false;
    for (const auto &name : header) {
        auto meaning = portal ? meaningOf(static_cast<Place>(Where::PortalColumn), name) : Meaning();
        if (audit ? equalsIgnoringCase(name, "AuditData") : meaning.kind == Meaning::Kind::Ignored)
            meaning = meaningOf(0, plainName(name));
        if (meaning.slot == slotOf(Common::CreatedDateTime) ||
            meaning.slot == slotOf(Common::TimeGenerated)) {
            utc = utc || name.find("UTC") != std::string::npos;
            zoned = zoned || portal || name.find("[Local") != std::string::npos;
        }
        columns.meanings.push_back(meaning);
    }
    columns.timeIsUtc = utc || !zoned;
    return columns;
}

} // namespace

const Provider &provider()
{
    static const Entra entra;
    return entra;
}

} // namespace riskdesk::ingest::entra
