// Graph's query options: what each says, what each refuses, and in which words.
#include "core/query/odata/odata_filter.h"
#include "core/query/odata/odata_query.h"
#include "core/query/odata/property_path.h"
#include "core/query/odata/skip_token.h"
#include "core/query/tables/risky_users.h"
#include "core/query/tables/sign_ins.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::query;

Q_DECLARE_METATYPE(riskdesk::query::Report)

namespace {

constexpr auto users = Report::RiskyUsers, found = Report::Detections, signIns = Report::SignIns;

// A tree as one line: "(and riskLevel=3 (not isDeleted=1))".
std::string shown(const Value &value)
{
    if (const auto *number = std::get_if<std::int64_t>(&value))
        return std::to_string(*number);
    if (const auto *real = std::get_if<double>(&value))
        return fmt::format("{}", *real);
    if (const auto *text = std::get_if<std::string>(&value))
        return '\'' + *text + '\'';
    if (const auto *range = std::get_if<Cidr>(&value))
        return range->toString();
    if (const auto *moment = std::get_if<Moment>(&value))
        return moment->from.toIso() + (moment->from == moment->until ? "-" : "");
    return std::holds_alternative<Nothing>(value) ? "null" : "?";
}

std::string shown(const Filter &filter)
{
    static constexpr std::array tests = {"=", "~", "<", "<=", ">", ">=", "^", "$"};
    std::string out;
    switch (filter.kind) {
    case Filter::Kind::Match:
        out = filter.field + tests.at(static_cast<std::size_t>(filter.test));
        for (const auto &value : filter.values)
            out += (&value == filter.values.data() ? "" : ",") + shown(value);
        return out;
    case Filter::Kind::All: out = "(and"; break;
    case Filter::Kind::Any: out = "(or"; break;
    case Filter::Kind::Not: out = "(not"; break;
    case Filter::Kind::Search: return "search";
    }
    for (const auto &child : filter.children)
        out += ' ' + shown(child);
    return out + ')';
}

ODataResult<ODataQuery> ask(Report report, std::vector<ODataOption> options, std::size_t most = 500)
{
    return parseODataQuery(report, options, {100, most, "secret"});
}

} // namespace

class OData : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void reads_data()
    {
        QTest::addColumn<Report>("report");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("tree");
        const auto row = [](const char *name, Report report, const char *text, const char *tree) {
            QTest::newRow(name) << report << QString(text) << QString(tree);
        };
        row("a word in quotes", users, "riskLevel eq 'high'", "riskLevel=3");
        row("a word without quotes", users, "riskLevel eq high", "riskLevel=3");
        row("a word with its type", users, "riskLevel eq microsoft.graph.riskLevel'medium'", "riskLevel=2");
        row("a word in other letters", users, "riskState EQ 'ATRISK'", "riskState=4");
        row("a word nobody has", users, "riskLevel eq 'hidden'", "riskLevel=");
        row("not equal", users, "riskLevel ne 'none'", "(not riskLevel=0)");
        row("levels have an order", users, "riskLevel ge 'medium'", "riskLevel>=2");
        row("levels upwards", users, "riskLevel gt low", "riskLevel>1");
        row("levels downwards", users, "riskLevel lt 'high'", "riskLevel<3");
        row("levels up to one", users, "riskLevel le 'low'", "riskLevel<=1");
        row("in a list", users, "riskLevel in ('high', medium)", "riskLevel=3,2");
        row("in a list with null", users, "userDisplayName in ('Ana',null)", "userDisplayName='Ana',''");
        row("true", users, "isDeleted eq true", "isDeleted=1");
        row("false", users, "isDeleted eq false", "isDeleted=0");
        row("a truth by itself", users, "isDeleted", "isDeleted=1");
        row("a truth denied", users, "not isDeleted and isProcessing",
            "(and (not isDeleted=1) isProcessing=1)");
        row("and is closer than or", users, "isDeleted or isProcessing and riskLevel eq 'low'",
            "(or isDeleted=1 (and isProcessing=1 riskLevel=1))");
        row("parentheses are closest", users, "(isDeleted or isProcessing) and riskLevel eq 'low'",
            "(and (or isDeleted=1 isProcessing=1) riskLevel=1)");
        row("not takes a comparison", users, "not riskLevel eq 'low'", "(not riskLevel=1)");
        row("not takes parentheses", users, "NOT(riskLevel eq 'low' or isDeleted)",
            "(not (or riskLevel=1 isDeleted=1))");
        row("not not", users, "not not isDeleted", "(not (not isDeleted=1))");
        row("a quote in a text", users, "userDisplayName eq 'O''Neil'", "userDisplayName='O'Neil'");
        row("letters of the world", users, "userDisplayName eq 'Ólafur ''x'' 阿'",
            "userDisplayName='Ólafur 'x' 阿'");
        row("an empty text", users, "userDisplayName eq ''", "userDisplayName=''");
        row("null", users, "userDisplayName eq null", "userDisplayName=''");
        row("not null", users, "userDisplayName ne null", "(not userDisplayName='')");
        row("no time", users, "riskLastUpdatedDateTime eq null", "riskLastUpdatedDateTime=null");
        row("nothing is before null", users, "riskLastUpdatedDateTime lt null", "riskLastUpdatedDateTime<");
        row("begins with", users, "startswith(userPrincipalName,'svc-')", "userPrincipalName^'svc-'");
        row("begins with, as Graph's pages write it", users, "startsWith( userPrincipalName , 'svc-' )",
            "userPrincipalName^'svc-'");
        row("ends with", users, "endswith(userPrincipalName,'@x.example')", "userPrincipalName$'@x.example'");
        row("contains", users, "contains(userPrincipalName,'ann')", "userPrincipalName~'ann'");
        row("a function eq true", users, "contains(id,'1') eq true", "id~'1'");
        row("a function eq false", users, "contains(id,'1') eq false", "(not id~'1')");
        row("a function ne true", users, "contains(id,'1') ne true and isDeleted",
            "(and (not id~'1') isDeleted=1)");
        row("every text begins with nothing", users, "startswith(id,'')", "(not id='')");
        row("a day is its midnight", users, "riskLastUpdatedDateTime gt 2026-03-18",
            "riskLastUpdatedDateTime>2026-03-18T00:00:00Z");
        row("a time", users, "riskLastUpdatedDateTime ge 2026-03-18T14:26:00Z",
            "riskLastUpdatedDateTime>=2026-03-18T14:26:00Z");
        row("a time with an offset", users, "riskLastUpdatedDateTime lt 2026-03-18T16:26:00+02:00",
            "riskLastUpdatedDateTime<2026-03-18T14:26:00Z");
        row("a time with a fraction", users, "riskLastUpdatedDateTime le 2026-03-18T14:26:00.25Z",
            "riskLastUpdatedDateTime<=2026-03-18T14:26:00.25Z");
        row("a time between two microseconds", users,
            "riskLastUpdatedDateTime gt 2026-03-18T14:26:00.1234567Z",
            "riskLastUpdatedDateTime>2026-03-18T14:26:00.123457Z-");
        row("zeros behind the microsecond", users, "riskLastUpdatedDateTime eq 2026-03-18T14:26:00.1234560Z",
            "riskLastUpdatedDateTime=2026-03-18T14:26:00.123456Z");
        row("an older name", found, "riskType eq 'anonymizedIPAddress'",
            "riskEventType='anonymizedIPAddress'");
        row("a type of somebody else", found, "riskEventType eq 'leakedCredentials'",
            "riskEventType='leakedCredentials'");
        row("an address", found, "ipAddress eq '192.0.2.7'", "ipAddress=192.0.2.7/32");
        row("a range", found, "ipAddress eq '192.0.2.0/24'", "ipAddress=192.0.2.0/24");
        row("the beginning of an address", found, "startswith(ipAddress,'192.0.')", "ipAddress^'192.0.'");
        row("no address", found, "ipAddress eq null", "ipAddress=null");
        row("a member of an object", found, "location/countryOrRegion eq 'PT'", "countryOrRegion='PT'");
        row("a number", signIns, "status/errorCode eq 50126", "errorCode=50126");
        row("a negative number", signIns, "status/errorCode lt -1", "errorCode<-1");
        row("a broken number", signIns, "status/errorCode gt 1.5e2", "errorCode>150");
        row("a number that is null when 0", signIns, "autonomousSystemNumber eq null", "asn=0");
        row("null is not less", signIns, "autonomousSystemNumber lt 10", "(and asn<10 (not asn=0))");
        row("much of everything", signIns,
            "\t(isInteractive eq true)and(startswith(deviceDetail/browser,'Chrome')or status/errorCode ne "
            "0) ",
            "(and isInteractive=1 (or browser^'Chrome' (not errorCode=0)))");
    }
    void reads()
    {
        QFETCH(Report, report);
        QFETCH(QString, text);
        QFETCH(QString, tree);
        const auto filter = parseODataFilter(report, text.toStdString());
        QVERIFY2(filter, filter ? "" : filter.error().message().c_str());
        QCOMPARE(QString::fromStdString(shown(*filter)), tree);
    }

    // What Graph documents of the three resources, and the column that answers; "" where rows tell it and no
    // filter can ask for it.
    void everyProperty_data()
    {
        QTest::addColumn<Report>("report");
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("column");
        const auto all = [](Report report, std::vector<std::pair<const char *, const char *>> properties) {
            for (const auto &[path, column] : properties)
                QTest::addRow("%s of %s", path, typeName(report).data())
                    << report << QString(path) << QString(column);
        };
        all(users, {{"id", "id"},
                    {"isDeleted", "isDeleted"},
                    {"isProcessing", "isProcessing"},
                    {"riskDetail", "riskDetail"},
                    {"riskLastUpdatedDateTime", "riskLastUpdatedDateTime"},
                    {"riskLevel", "riskLevel"},
                    {"riskState", "riskState"},
                    {"userDisplayName", "userDisplayName"},
                    {"userPrincipalName", "userPrincipalName"}});
        all(found, {{"id", "id"},
                    {"requestId", "requestId"},
                    {"correlationId", "correlationId"},
                    {"riskEventType", "riskEventType"},
                    {"riskType", "riskEventType"},
                    {"riskState", "riskState"},
                    {"riskLevel", "riskLevel"},
                    {"riskDetail", "riskDetail"},
                    {"source", "source"},
                    {"detectionTimingType", "detectionTimingType"},
                    {"activity", "activity"},
                    {"tokenIssuerType", ""},
                    {"ipAddress", "ipAddress"},
                    {"location/city", "city"},
                    {"location/state", ""},
                    {"location/countryOrRegion", "countryOrRegion"},
                    {"location/geoCoordinates/latitude", ""},
                    {"location/geoCoordinates/longitude", ""},
                    {"activityDateTime", "activityDateTime"},
                    {"detectedDateTime", "detectedDateTime"},
                    {"lastUpdatedDateTime", "lastUpdatedDateTime"},
                    {"userId", "userId"},
                    {"userDisplayName", "userDisplayName"},
                    {"userPrincipalName", "userPrincipalName"},
                    {"additionalInfo", ""}});
        all(signIns, {{"id", "id"},
                      {"createdDateTime", "createdDateTime"},
                      {"userId", "userId"},
                      {"userDisplayName", "userDisplayName"},
                      {"userPrincipalName", "userPrincipalName"},
                      {"appDisplayName", "appDisplayName"},
                      {"appId", ""},
                      {"ipAddress", "ipAddress"},
                      {"clientAppUsed", "clientAppUsed"},
                      {"userAgent", "userAgent"},
                      {"correlationId", "correlationId"},
                      {"conditionalAccessStatus", ""},
                      {"isInteractive", "isInteractive"},
                      {"authenticationRequirement", ""},
                      {"autonomousSystemNumber", "asn"},
                      {"riskDetail", "riskDetail"},
                      {"riskLevelAggregated", "riskLevelAggregated"},
                      {"riskLevelDuringSignIn", "riskLevelDuringSignIn"},
                      {"riskState", "riskState"},
                      {"riskEventTypes", ""},
                      {"riskEventTypes_v2", ""},
                      {"resourceDisplayName", "resourceDisplayName"},
                      {"resourceId", ""},
                      {"status/errorCode", "errorCode"},
                      {"status/failureReason", "failureReason"},
                      {"status/additionalDetails", ""},
                      {"deviceDetail/deviceId", "deviceId"},
                      {"deviceDetail/displayName", ""},
                      {"deviceDetail/operatingSystem", "operatingSystem"},
                      {"deviceDetail/browser", "browser"},
                      {"location/city", "city"},
                      {"location/state", ""},
                      {"location/countryOrRegion", "countryOrRegion"},
                      {"location/geoCoordinates/latitude", ""},
                      {"location/geoCoordinates/longitude", ""}});
    }
    void everyProperty()
    {
        QFETCH(Report, report);
        QFETCH(QString, path);
        QFETCH(QString, column);
        const auto filter = parseODataFilter(report, (path + " eq null").toStdString());
        QVERIFY(parseSelect(report, path.toStdString()));
        if (column.isEmpty()) {
            QVERIFY(!filter);
            QCOMPARE(filter.error().code(), std::string_view("Request_UnsupportedQuery"));
            QCOMPARE(QString::fromStdString(filter.error().sentence),
                     QString("The property '%1' cannot be filtered by.").arg(path));
            return;
        }
        QVERIFY2(filter, filter ? "" : filter.error().message().c_str());
        QCOMPARE(QString::fromStdString(filter->field), column);
    }

    void refuses_data()
    {
        QTest::addColumn<Report>("report");
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("position"); // from 0
        QTest::addColumn<bool>("supported");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char *name, Report report, const char *text, int position,
                            const char *sentence, bool supported = true) {
            QTest::newRow(name) << report << QString(text) << position << supported << QString(sentence);
        };
        constexpr bool unsupported = false;
        row("a property with a slip", users, "isDeleted or riskLevl eq 'high'", 13,
            "Could not find a property named 'riskLevl' on type 'microsoft.graph.riskyUser'. Did you mean "
            "riskLevel?");
        row("a property in other letters", users, "RiskLevel eq 'high'", 0,
            "Could not find a property named 'RiskLevel' on type 'microsoft.graph.riskyUser'. Did you mean "
            "riskLevel?");
        row("a property of another type", found, "createdDateTime gt 2026-03-18", 0,
            "Could not find a property named 'createdDateTime' on type 'microsoft.graph.riskDetection'.");
        row("a short form of ours", users, "level eq 'high'", 0,
            "Could not find a property named 'level' on type 'microsoft.graph.riskyUser'.");
        row("a member with a slip", signIns, "location/citi eq 'x'", 0,
            "Could not find a property named 'location/citi' on type 'microsoft.graph.signIn'. Did you mean "
            "location/city?");
        row("a member behind a dot", signIns, "location.city eq 'x'", 0,
            "Could not find a property named 'location.city' on type 'microsoft.graph.signIn'. Did you mean "
            "location/city?");
        row("an object", signIns, "location eq 'x'", 0,
            "'location' is an object and cannot be filtered by; name one of its members.");
        row("a word with a slip", users, "riskLevel eq 'hihg'", 13,
            "'hihg' is no value of 'riskLevel'. Did you mean 'high'?");
        row("a word of nothing", users, "riskState eq 'zzz'", 13, "'zzz' is no value of 'riskState'.");
        row("a short form of a word", users, "riskState eq 'compromised'", 13,
            "'compromised' is no value of 'riskState'.");
        row("a number for a word", users, "riskLevel eq 3", 13,
            "'3' is not a word, which 'riskLevel' needs.");
        row("a text for a truth", users, "isDeleted eq 'true'", 13,
            "'true' is not true or false, which 'isDeleted' needs.");
        row("a word for a text", users, "id eq abc", 6,
            "'abc' is not a text between two ', which 'id' needs.");
        row("a text for a number", signIns, "status/errorCode eq '50126'", 20,
            "'50126' is not a number without quotes, which 'status/errorCode' needs.");
        row("no number", signIns, "status/errorCode eq 5x", 20,
            "'5x' is not a number without quotes, which 'status/errorCode' needs.");
        row("a text for a time", users, "riskLastUpdatedDateTime gt '2026-03-18'", 27,
            "'2026-03-18' is not a time without quotes like 2026-03-18T14:26:00Z, which "
            "'riskLastUpdatedDateTime' needs.");
        row("a day that is none", users, "riskLastUpdatedDateTime gt 2026-02-30", 27,
            "'2026-02-30' is not a time without quotes like 2026-03-18T14:26:00Z, which "
            "'riskLastUpdatedDateTime' needs.");
        row("no address", found, "ipAddress eq '1.2.3'", 13,
            "'1.2.3' is not an address or range like 192.0.2.7 or 192.0.2.0/24, which 'ipAddress' needs.");
        row("an order of states", users, "riskState gt 'none'", 10,
            "'riskState' has no order and cannot be compared with gt.", unsupported);
        row("an order of texts", users, "id gt 'a'", 3, "'id' has no order and cannot be compared with gt.",
            unsupported);
        row("part of a code", found, "contains(location/countryOrRegion,'P')", 0,
            "contains is not supported for 'location/countryOrRegion'; use eq or startswith.", unsupported);
        row("part of a time", users, "startswith(riskLastUpdatedDateTime,'2')", 11,
            "startswith needs a text and 'riskLastUpdatedDateTime' is none.", unsupported);
        row("an unknown function", users, "tolower(id) eq 'a'", 0, "The function 'tolower' is not supported.",
            unsupported);
        row("a function within one", users, "startswith(tolower(id),'a')", 11,
            "The function 'tolower' is not supported.", unsupported);
        row("members of a list", signIns, "riskEventTypes_v2/any(t:t eq 'x')", 0,
            "The expression 'riskEventTypes_v2/any' is not supported: lists cannot be filtered by their "
            "members.",
            unsupported);
        row("has", users, "riskLevel has 'high'", 10, "The operator 'has' is not supported.", unsupported);
        row("nothing", users, "", 0, "The name of a property is expected at the end.");
        row("only blanks", users, "  ", 2, "The name of a property is expected at the end.");
        row("an open parenthesis", users, "(isDeleted", 10, "A ')' is expected before the end.");
        row("a closing parenthesis", users, "isDeleted)", 9, "A ')' closes nothing.");
        row("an open text", users, "id eq 'abc", 6, "A text is not closed; a ' within it is written ''.");
        row("a text in other quotes", users, "id eq \"abc\"", 6,
            "A text stands between two ' and not between two \".");
        row("no operator", users, "riskLevel 'high'", 10,
            "An operator (eq, ne, gt, ge, lt, le or in) is expected after 'riskLevel' instead of 'high'.");
        row("an operator of others", users, "riskLevel = 'high'", 10,
            "Syntax error: '=' means nothing here.");
        row("no value", users, "riskLevel eq", 12, "A value for 'riskLevel' is expected instead of the end.");
        row("no list", users, "riskLevel in 'high'", 13, "A '(' is expected after 'in' instead of 'high'.");
        row("an empty list", users, "riskLevel in ()", 14,
            "A value for 'riskLevel' is expected instead of ')'.");
        row("an open list", users, "riskLevel in ('high'", 20,
            "A ',' or ')' is expected instead of the end.");
        row("no conjunction", users, "isDeleted eq true isProcessing", 18,
            "'and' or 'or' is expected before 'isProcessing'.");
        row("a value first", users, "'high' eq riskLevel", 0,
            "The name of a property is expected instead of 'high'.");
        row("a function without a property", users, "startswith('a',id)", 11,
            "startswith takes the name of a property first.");
        row("a function without a text", users, "startswith(id,5)", 14,
            "startswith takes a text between two ' second.");
        row("a function of one", users, "startswith(id)", 13, "A ',' is expected after 'id' instead of ')'.");
        row("a function of three", users, "startswith(id,'a','b')", 17,
            "A ')' is expected after startswith instead of ','.");
        row("a function eq a text", users, "startswith(id,'a') eq 'x'", 22,
            "startswith is true or false, and nothing else.");
    }
    void refuses()
    {
        QFETCH(Report, report);
        QFETCH(QString, text);
        QFETCH(int, position);
        QFETCH(bool, supported);
        QFETCH(QString, sentence);
        const auto filter = parseODataFilter(report, text.toStdString());
        QVERIFY(!filter);
        const auto &error = filter.error();
        QCOMPARE(QString::fromStdString(error.sentence), sentence);
        QCOMPARE(static_cast<int>(error.position), position);
        QCOMPARE(error.option, std::string("$filter"));
        QCOMPARE(error.code(), std::string_view(supported ? "BadRequest" : "Request_UnsupportedQuery"));
    }

    void isBounded()
    {
        const auto refused = [](const std::string &text, std::string_view why) {
            const auto filter = parseODataFilter(users, text);
            return !filter && filter.error().sentence == why && filter.error().position <= text.size();
        };
        QVERIFY(refused(std::string(longestODataFilter + 1, ' '), "It is longer than 64 KiB."));
        const auto repeated = [](std::string_view part, std::size_t times) {
            std::string out;
            while (times-- > 0)
                out += part;
            return out;
        };
        QVERIFY(refused(std::string(60'000, '('), "It is nested more than 64 levels deep."));
        QVERIFY(refused(repeated("not ", 15'000) + "isDeleted", "It is nested more than 64 levels deep."));
        QVERIFY(parseODataFilter(users, std::string(63, '(') + "isDeleted" + std::string(63, ')')));
        const auto values = repeated("'a',", mostODataValues - 1);
        QVERIFY(parseODataFilter(users, "id in (" + values + "'b')"));
        QVERIFY(refused("id in (" + values + "'b','c')", "It has more than 500 values."));
        QVERIFY(refused(repeated("isDeleted or ", mostODataValues) + "isDeleted",
                        "It has more than 500 values."));
        QVERIFY(refused(repeated("contains(id,'') or ", mostODataValues) + "isDeleted eq true",
                        "It has more than 500 values."));
        QVERIFY(!parseODataFilter(users, std::string("id eq 'a\0b'", 11)));
        QVERIFY(!parseODataFilter(users, "id eq '\xff'"));
        QVERIFY(!parseODataFilter(users, "\xff"));
    }

    void sorts_data()
    {
        QTest::addColumn<Report>("report");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("order"); // or the sentence of the error
        QTest::newRow("one") << users << QString("riskLevel") << QString("riskLevel up");
        QTest::newRow("two") << users << QString("riskLevel desc,userDisplayName asc")
                             << QString("riskLevel down userDisplayName up");
        QTest::newRow("with blanks") << users << QString(" riskLevel  DESC , id ")
                                     << QString("riskLevel down id up");
        QTest::newRow("a member") << signIns << QString("location/countryOrRegion desc")
                                  << QString("countryOrRegion down");
        QTest::newRow("an older name") << found << QString("riskType") << QString("riskEventType up");
        QTest::newRow("a number") << signIns << QString("autonomousSystemNumber") << QString("asn up");
        QTest::newRow("a slip") << users << QString("riskLevel,userDisplayNam desc")
                                << QString("Could not find a property named 'userDisplayNam' on type "
                                           "'microsoft.graph.riskyUser'. Did you mean userDisplayName?");
        QTest::newRow("no order") << found << QString("additionalInfo")
                                  << QString("The property 'additionalInfo' cannot be sorted by.");
        QTest::newRow("a third word")
            << users << QString("riskLevel descending")
            << QString("'asc', 'desc' or a ',' is expected instead of 'descending'.");
        QTest::newRow("nothing") << users << QString("") << QString("The name of a property is missing.");
        QTest::newRow("nothing behind a comma")
            << users << QString("id,") << QString("The name of a property is missing.");
        QTest::newRow("too many") << users << QString("id,").repeated(16) + "id"
                                  << QString("It has more than 16 properties.");
        QTest::newRow("too long") << users << QString(20'000, 'x') << QString("It is longer than 16 KiB.");
    }
    void sorts()
    {
        QFETCH(Report, report);
        QFETCH(QString, text);
        QFETCH(QString, order);
        const auto keys = parseOrderBy(report, text.toStdString());
        if (!keys) {
            QCOMPARE(QString::fromStdString(keys.error().sentence), order);
            QVERIFY(keys.error().position <= static_cast<std::size_t>(text.size()));
            return;
        }
        std::string read;
        for (const auto &key : *keys)
            read += (read.empty() ? "" : " ") + key.column + (key.descending ? " down" : " up");
        QCOMPARE(QString::fromStdString(read), order);
    }

    void selects()
    {
        RiskyUserRow row;
        row.key = "c1";
        row.displayName = "Ana";
        const auto told = [&](std::string_view select) {
            const auto selection = parseSelect(users, select);
            return selection ? json(riskyUserColumns(), row, *selection) : selection.error().sentence;
        };
        QCOMPARE(told("userDisplayName, id"), std::string(R"({"id":"c1","userDisplayName":"Ana"})"));
        QCOMPARE(told("*"), json(riskyUserColumns(), row));
        QCOMPARE(told("id,riskLvl"),
                 std::string("Could not find a property named 'riskLvl' on type 'microsoft.graph.riskyUser'."
                             " Did you mean riskLevel?"));
        SignInItem item;
        item.place.city = "Lisbon";
        item.place.country = "PT";
        QCOMPARE(json(signInColumns(), item, *parseSelect(signIns, "status/errorCode,location/city")),
                 std::string(R"({"status":{"errorCode":0},"location":{"city":"Lisbon"}})"));
        const auto location = json(signInColumns(), item, *parseSelect(signIns, "location"));
        QVERIFY(location.starts_with(R"({"location":{"city":"Lisbon","state":null,"countryOrRegion":"PT",)"));
        QVERIFY(!parseSelect(signIns, "locatio"));
        QVERIFY(!parseSelect(signIns, "location.city"));
        QVERIFY(!parseSelect(signIns, ""));
    }

    void asksForAPage()
    {
        const auto plain = ask(users, {});
        QVERIFY(plain && plain->question.filter.isEverything() && plain->question.order.empty());
        QVERIFY(plain->top == 100 && !plain->count && !plain->after && plain->selection.properties.empty());
        const auto all = ask(users, {{"$filter", "isDeleted"},
                                     {"$orderby", "id desc"},
                                     {"$select", "id"},
                                     {"$top", "500"},
                                     {"$count", "true"},
                                     {"client", "none of our business"}});
        QVERIFY(all);
        QCOMPARE(shown(all->question.filter), std::string("isDeleted=1"));
        QVERIFY(all->question.report == users && all->question.order == (std::vector<SortKey>{{"id", true}}));
        QVERIFY(all->top == 500 && all->count);
        QCOMPARE(all->selection.properties, std::vector<std::string>{"id"});
    }

    void refusesOptions_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("supported");
        QTest::addColumn<QString>("message");
        const auto row = [](const char *title, const char *name, const char *value, bool supported,
                            const char *message) {
            QTest::newRow(title) << QByteArray(name) << QByteArray(value) << supported << QString(message);
        };
        row("no number", "$top", "many", true, "Invalid $top: 'many' is no positive number.");
        row("no rows", "$top", "0", true, "Invalid $top: '0' is no positive number.");
        row("fewer than none", "$top", "-1", true, "Invalid $top: '-1' is no positive number.");
        row("one too many", "$top", "501", true,
            "Invalid $top: 501 is more than 500, the most there is on a page.");
        row("no truth", "$count", "yes", true, "Invalid $count: 'yes' is neither true nor false.");
        row("expand", "$expand", "history", false,
            "Invalid $expand: The query option '$expand' is not supported.");
        row("search", "$search", "\"a\"", false,
            "Invalid $search: The query option '$search' is not supported.");
        row("skip", "$skip", "5", false, "Invalid $skip: The query option '$skip' is not supported.");
        row("a slip", "$filer", "x", true, "Invalid query option: There is no query option '$filer'.");
        row("in other letters", "$Filter", "x", true,
            "Invalid query option: There is no query option '$Filter'.");
        row("no token", "$skiptoken", "x", true,
            "Invalid $skiptoken: It was altered, or it continues a list with another filter or order; begin "
            "again.");
        row("a filter", "$filter", "x eq 1", true,
            "Invalid $filter: Could not find a property named 'x' on type 'microsoft.graph.riskyUser'. (at "
            "character 1)");
    }
    void refusesOptions()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, value);
        QFETCH(bool, supported);
        QFETCH(QString, message);
        const auto query = ask(users, {{name.toStdString(), value.toStdString()}});
        QVERIFY(!query);
        QCOMPARE(QString::fromStdString(query.error().message()), message);
        QCOMPARE(query.error().code(),
                 std::string_view(supported ? "BadRequest" : "Request_UnsupportedQuery"));
        QCOMPARE(query.error().toError().code, Code::WrongUsage);
    }
    void refusesTwice()
    {
        const auto query = ask(users, {{"$top", "1"}, {"$top", "1"}});
        QVERIFY(!query);
        QCOMPARE(query.error().message(), std::string("Invalid $top: It is given twice."));
    }

    void tokensHoldForWhatWasAsked()
    {
        const query::Position position{{std::int64_t{-3}, 0.1, std::string("a\0b", 3), std::monostate{},
                                 std::vector<std::uint8_t>{0, 255}},
                                INT64_MIN};
        const std::vector<ODataOption> options = {{"$filter", "isDeleted"}, {"$orderby", "id"}};
        const auto first = ask(users, options);
        QVERIFY(first);
        const auto token = first->skipToken(position, "secret");
        QVERIFY(token.find_first_not_of("0123456789abcdef") == std::string::npos);
        const auto with = [&](const std::string &text, std::vector<ODataOption> more, Report report = users) {
            more.emplace_back("$skiptoken", text);
            return ask(report, more);
        };
        const auto again = with(token, options);
        QVERIFY(again && again->after == position);
        // What is told and how much may change from page to page; what and in which order may not.
        auto others = options;
        others.emplace_back("$top", "3");
        others.emplace_back("$select", "id");
        QVERIFY(with(token, others));
        QVERIFY(!with(token, {{"$filter", "isDeleted "}, {"$orderby", "id"}}));
        QVERIFY(!with(token, {{"$filter", "isDeleted"}, {"$orderby", "id desc"}}));
        QVERIFY(!with(token, {{"$filter", "isDeleted"}}));
        QVERIFY(!decodeSkipToken(token, first->asked, "another secret"));
        for (std::size_t i = 0; i < token.size(); ++i) {
            auto altered = token;
            altered[i] = altered[i] == '0' ? '1' : '0';
            QVERIFY2(!with(altered, options), qPrintable(QString::number(i)));
            QVERIFY(!with(token.substr(0, i), options));
        }
        QVERIFY(!with(token + "00", options));
        QVERIFY(!with(std::string(longestSkipToken + 2, '0'), options));
    }
};

QTEST_APPLESS_MAIN(OData)
#include "tst_odata.moc"
