// $metadata: the types that are served as CSDL (OData 4, XML), made of the tables of columns.

#include "core/query/tables/detections.h"
#include "core/query/tables/enumerations.h"
#include "core/query/tables/history.h"
#include "core/query/tables/risky_users.h"
#include "core/query/tables/sign_ins.h"
#include "core/query/tables/users.h"
#include "core/serve/handlers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace riskdesk::serve {
namespace {

struct EnumType
{
    std::string_view name;
    std::span<const query::EnumWord> words;
};
std::array<EnumType, 5> enumTypes()
{
    return {{{"riskLevel", query::levels()},
             {"riskState", query::states()},
             {"riskDetail", query::details()},
             {"riskDetectionTimingType", query::timings()},
             {"activityType", query::activities()}}};
}

// Objects within objects, as Graph calls them.
std::string_view complexType(std::string_view property)
{
    static constexpr std::pair<std::string_view, std::string_view> types[] = {
        {"location", "signInLocation"},      {"geoCoordinates", "geoCoordinates"},
        {"deviceDetail", "deviceDetail"},    {"status", "signInStatus"},
        {"activity", "riskUserActivity"},    {"passwordProfile", "passwordProfile"},
        {"signInActivity", "signInActivity"}};
    for (const auto &[name, type] : types)
        if (name == property)
            return type;
    return property;
}

struct Member
{
    std::string name, type;
};
using Types = std::map<std::string, std::vector<Member>>; // complex ones, by name

template <typename Row>
std::string edmType(const query::Column<Row> &column)
{
    if (column.property == "identities")
        return "Collection(graph.objectIdentity)";
    if (column.kind == query::FieldKind::Time)
        return "Edm.DateTimeOffset";
    const auto sample = column.value(Row()).json();
    if (sample == "true" || sample == "false")
        return "Edm.Boolean";
    if (sample.starts_with('['))
        return "Collection(Edm.String)";
    if (column.property.ends_with("itude"))
        return "Edm.Double";
    if (column.kind == query::FieldKind::Number)
        return "Edm.Int64";
    for (const auto &type : enumTypes())
        if (!column.words.empty() && column.words.data() == type.words.data())
            return fmt::format("graph.{}", type.name);
    if (!sample.empty() && sample != "null" && sample.front() != '"')
        return "Edm.Int64";
    return "Edm.String";
}

void add(std::vector<Member> &members, Types &types, std::string_view path, const std::string &type)
{
    const auto dot = path.find('.');
    const std::string name(path.substr(0, dot));
    const auto exists = [&](const Member &m) { return m.name == name; };
    if (dot == std::string_view::npos) {
        if (std::ranges::none_of(members, exists))
            members.push_back({name, type});
        return;
    }
    const std::string object(complexType(name));
    if (std::ranges::none_of(members, exists))
        members.push_back({name, "graph." + object});
    add(types[object], types, path.substr(dot + 1), type);
}

std::string membersXml(const std::vector<Member> &members)
{
    std::string out;
    for (const auto &member : members)
        out += fmt::format("<Property Name=\"{}\" Type=\"{}\"/>", member.name, member.type);
    return out;
}

template <typename Row>
std::string entityXml(std::string_view name, query::Columns<Row> told, Types &types,
                      std::string_view more = {})
{
    std::vector<Member> members;
    for (const auto &column : told)
        if (column.value != nullptr)
            add(members, types, column.property, edmType(column));
    return fmt::format("<EntityType Name=\"{}\"><Key><PropertyRef Name=\"id\"/></Key>{}{}</EntityType>", name,
                       membersXml(members), more);
}

std::string actionXml(std::string_view name, std::string_view of, std::string_view parameter)
{
    return fmt::format("<Action Name=\"{}\" IsBound=\"true\"><Parameter Name=\"bindingParameter\" "
                       "Type=\"Collection(graph.{})\"/><Parameter Name=\"{}\" "
                       "Type=\"Collection(Edm.String)\"/></Action>",
                       name, of, parameter);
}

} // namespace

std::string metadataXml()
{
    Types types;
    types["objectIdentity"] = {
        {"signInType", "Edm.String"}, {"issuer", "Edm.String"}, {"issuerAssignedId", "Edm.String"}};
    std::string schema;
    for (const auto &type : enumTypes()) {
        schema += fmt::format("<EnumType Name=\"{}\">", type.name);
        for (const auto &word : type.words)
            schema += fmt::format("<Member Name=\"{}\" Value=\"{}\"/>", word.key, word.value);
        schema += "</EnumType>";
    }
    schema += entityXml("riskyUser", query::riskyUserColumns(), types,
                        "<NavigationProperty Name=\"history\" "
                        "Type=\"Collection(graph.riskyUserHistoryItem)\" ContainsTarget=\"true\"/>");
    schema += entityXml("riskyUserHistoryItem", query::historyColumns(), types);
    schema += entityXml("riskDetection", query::riskDetectionColumns(), types);
    schema += entityXml("signIn", query::signInColumns(), types);
    schema += entityXml("user", query::userColumns(), types);
    for (const auto &[name, members] : types)
        schema += fmt::format("<ComplexType Name=\"{}\">{}</ComplexType>", name, membersXml(members));
    schema += "<EntityType Name=\"identityProtectionRoot\"><NavigationProperty Name=\"riskyUsers\" "
              "Type=\"Collection(graph.riskyUser)\" ContainsTarget=\"true\"/><NavigationProperty "
              "Name=\"riskDetections\" Type=\"Collection(graph.riskDetection)\" "
              "ContainsTarget=\"true\"/></EntityType><EntityType Name=\"auditLogRoot\"><NavigationProperty "
              "Name=\"signIns\" Type=\"Collection(graph.signIn)\" ContainsTarget=\"true\"/></EntityType>";
    for (const std::string_view action : {"dismiss", "confirmCompromised", "confirmSafe"})
        schema += actionXml(action, "riskyUser", "userIds") + actionXml(action, "signIn", "requestIds");
    schema += "<Action Name=\"revokeSignInSessions\" IsBound=\"true\"><Parameter Name=\"bindingParameter\" "
              "Type=\"graph.user\"/><ReturnType Type=\"Edm.Boolean\"/></Action>";
    schema += "<EntityContainer Name=\"GraphService\"><EntitySet Name=\"users\" EntityType=\"graph.user\"/>"
              "<Singleton Name=\"identityProtection\" Type=\"graph.identityProtectionRoot\"/>"
              "<Singleton Name=\"auditLogs\" Type=\"graph.auditLogRoot\"/></EntityContainer>";
    return "<?xml version=\"1.0\" encoding=\"utf-8\"?><edmx:Edmx Version=\"4.0\" "
           "xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"><edmx:DataServices><Schema "
           "Namespace=\"microsoft.graph\" Alias=\"graph\" "
           "xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">" +
           schema + "</Schema></edmx:DataServices></edmx:Edmx>";
}

} // namespace riskdesk::serve
