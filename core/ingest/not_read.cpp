#include "core/ingest/not_read.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>

namespace riskdesk::ingest {
namespace {

// `looks` is asked line by line; the first that says yes names the log.
template <typename Of>
struct NotRead
{
    std::string_view name;
    bool (*looks)(Of);
};

bool saysText(std::string_view head, std::string_view part)
{
    return head.find(part) != std::string_view::npos;
}

bool hasCell(const std::vector<std::string> &header, std::string_view name)
{
    return std::any_of(header.begin(), header.end(),
                       [&](const std::string &cell) { return equalsIgnoringCase(cell, name); });
}

constexpr auto recordsNotRead = std::to_array<NotRead<const Members &>>({
    {"an Okta system log",
     [](const Members &m) {
         return m.hasAny({"published", "legacyEventType", "displayMessage"}) && m.has("eventType") &&
                m.hasAny({"actor", "outcome", "securityContext", "debugContext"});
     }},
    {"an AWS CloudTrail log",
     [](const Members &m) {
         return m.hasAny({"eventSource", "eventName"}) &&
                (m.has("awsRegion") || m.says("eventSource", "amazonaws.com"));
     }},
    {"a Google Workspace report", [](const Members &m) { return m.says("kind", "admin#reports#activit"); }},
    {"Keycloak events",
     [](const Members &m) {
         return m.says("log.logger", "keycloak") || m.says("service.name", "Keycloak") ||
                (m.has("realmId") && m.hasAny({"clientId", "ipAddress", "sessionId"}));
     }},
    {"an Auth0 log",
     [](const Members &m) {
         return m.has("log_id") || (m.has("data") && m.says("data", "\"client_id\"")) ||
                (m.has("client_id") && m.has("user_agent") && m.has("date"));
     }},
    {"a JumpCloud log",
     [](const Members &m) {
         return m.has("initiated_by") && m.hasAny({"service", "organization", "client_ip"});
     }},
    {"a Duo log",
     [](const Members &m) {
         return m.hasAny({"access_device", "auth_device"}) || m.says("host", "duosecurity.com") ||
                (m.has("isotimestamp") && m.hasAny({"eventtype", "txid", "action"})) || m.has("telephony_id");
     }},
    {"a PingFederate log",
     [](const Members &m) {
         return m.has("transactionid") && m.hasAny({"trackingid", "pfhost"});
     }},
});

constexpr auto textsNotRead = std::to_array<NotRead<std::string_view>>({
    {"a Keycloak server log",
     [](std::string_view head) { return saysText(head, "org.keycloak") && saysText(head, "type="); }},
    {"a PingFederate log",
     [](std::string_view head) { return saysText(head, "trackingid=") && saysText(head, "transactionid="); }},
});

constexpr auto tablesNotRead = std::to_array<NotRead<const std::vector<std::string> &>>({
    {"the RBA research data set",
     [](const std::vector<std::string> &header) {
         return hasCell(header, "Login Timestamp") &&
                (hasCell(header, "Is Attack IP") || hasCell(header, "Round-Trip Time [ms]"));
     }},
});

template <typename Table, typename Of>
std::string_view nameIn(const Table &table, const Of &what)
{
    const auto at =
        std::find_if(table.begin(), table.end(), [&](const auto &line) { return line.looks(what); });
    return at == table.end() ? std::string_view() : at->name;
}

} // namespace

std::string_view notReadRecord(const Members &record)
{
    return nameIn(recordsNotRead, record);
}

std::string_view notReadText(std::string_view head)
{
    return nameIn(textsNotRead, head);
}

std::string_view notReadTable(const std::vector<std::string> &header)
{
    return nameIn(tablesNotRead, header);
}

} // namespace riskdesk::ingest
