// A column is said once: what a filter, a list, a script and the console's head know of it agree.
#include "core/query/filter/fields.h"
#include "core/query/tables/audit.h"
#include "core/query/tables/campaigns.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/history.h"
#include "core/query/tables/rejects.h"
#include "core/query/tables/risky_users.h"
#include "core/query/tables/sign_ins.h"
#include "core/query/tables/users.h"

#include <QTest>

#include <limits>
#include <set>

using namespace riskdesk;
using namespace riskdesk::query;

namespace {

struct Told
{
    std::string id;
    std::string property; // "" when scripts are not told
};

template <typename Row>
std::vector<Told> toldOf(Columns<Row> columns)
{
    std::vector<Told> told;
    for (const auto &column : columns)
        told.push_back({std::string(column.name), std::string(column.value ? column.property : "")});
    return told;
}

std::vector<Told> toldOf(Report report)
{
    switch (report) {
    case Report::RiskyUsers: return toldOf(riskyUserColumns());
    case Report::Detections: return toldOf(riskDetectionColumns());
    case Report::SignIns: return toldOf(signInColumns());
    case Report::Campaigns: return toldOf(campaignColumns());
    case Report::Rejects: return toldOf(rejectColumns());
    case Report::Audit: return toldOf(auditColumns());
    case Report::Users: return toldOf(userColumns());
    case Report::History: return toldOf(historyColumns());
    }
    return {};
}

constexpr Report reports[] = {Report::RiskyUsers, Report::Detections, Report::SignIns, Report::Campaigns,
                              Report::Rejects,    Report::Audit,      Report::Users,   Report::History};

} // namespace

class ColumnsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void anObjectIsMadeOfDottedNames()
    {
        const NamedProperty row[] = {{"id", "a\"b"},
                                     {"place.city", Property::orNull("")},
                                     {"place.point.latitude", 1.5},
                                     {"place.point.longitude", -2.0},
                                     {"device.name", Property()},
                                     {"device.system.name", Property()},
                                     {"types", std::vector<std::string>{"x", "y"}},
                                     {"isDeleted", false},
                                     {"count", std::uint32_t{7}}};
        QString expected = "{'id':'a|'b','place':{'city':null,'point':{'latitude':1.5,'longitude':-2}},"
                           "'device':null,'types':['x','y'],'isDeleted':false,'count':7}";
        expected.replace('\'', '"').replace('|', '\\');
        QCOMPARE(QString::fromStdString(jsonObject(row)), expected);
        QCOMPARE(jsonObject({}), std::string("{}"));
    }

    void whatJsonCannotSayIsNull()
    {
        const double nothing = std::numeric_limits<double>::quiet_NaN();
        QCOMPARE(Property(nothing).json(), std::string("null"));
        QCOMPARE(Property(nothing).csv(), std::string());
        QVERIFY(!Property(nothing).isNull() && Property::orNull(nothing).isNull());
        QCOMPARE(Property(std::optional<Timestamp>()).json(), std::string("null"));
        QCOMPARE(Property(Timestamp::fromCivil(2026, 3, 18)).csv(), std::string("2026-03-18T00:00:00Z"));
        QCOMPARE(Property(std::vector<std::string>{"x", "y"}).csv(), std::string("x,y"));
        QCOMPARE(Property(true).csv(), std::string("true"));
    }

    // Else two of them would answer to one name, or an object would be written twice.
    void namesAreUniqueAndObjectsStandTogether()
    {
        for (const auto report : reports) {
            std::set<std::string> ids, properties, closed;
            std::string open;
            for (const auto &[id, property] : toldOf(report)) {
                QVERIFY2(ids.insert(id).second, id.c_str());
                const auto *column = findColumn(report, id);
                QVERIFY2(column && (column->title == nullptr || !column->meaning.empty()), id.c_str());
                if (property.empty())
                    continue;
                QVERIFY2(properties.insert(property).second, property.c_str());
                const auto object = property.substr(0, property.find('.'));
                if (object != open) {
                    QVERIFY2(closed.insert(object).second, property.c_str());
                    open = object;
                }
            }
            QVERIFY(!properties.empty());
        }
    }

    // The first of two would answer for both, and nobody could tell.
    void whatAFilterMayCallItIsItsOwn()
    {
        for (const auto report : reports) {
            std::set<std::string> names;
            for (const auto &field : fields(report))
                for (const auto &name :
                     QString::fromStdString(std::string(field.name) + '|' + std::string(field.shortForms))
                         .toLower()
                         .split('|', Qt::SkipEmptyParts))
                    QVERIFY2(names.insert(name.toStdString()).second, qPrintable(name));
        }
    }

    void whatFiltersOrSortsIsAColumn()
    {
        for (const auto report : reports) {
            for (const auto &field : fields(report))
                QVERIFY2(!field.sql.empty() && !field.meaning.empty(), field.name.data());
            for (const auto &field : sortable(report))
                QVERIFY2(!field.sort.first.empty() && findSortable(report, field.name) == &field,
                         field.name.data());
        }
        // A filter's short form names its column; what does not sort says so.
        QCOMPARE(findSortable(Report::RiskyUsers, "Updated")->name,
                 std::string_view("riskLastUpdatedDateTime"));
        QVERIFY(findSortable(Report::RiskyUsers, "city") == nullptr);
        QVERIFY(findField(Report::RiskyUsers, "riskTrend") == nullptr);
    }

    void typesSortAsTheyAreRead()
    {
        QCOMPARE(typeRankOf(DetectionType::AdminConfirmedUserCompromised), 1);
        QVERIFY(typeRankOf(DetectionType::AnonymizedIPAddress) < typeRankOf(DetectionType::UnlikelyTravel));
        QVERIFY(typeRankOf(DetectionType::UnlikelyTravel) < typeRankOf(DetectionType::UnfamiliarFeatures));
        QVERIFY(typeRankOf(DetectionType::UnfamiliarFeatures) < typeRankOf(DetectionType::Other));
    }

private:
    // Out of "CASE d.type WHEN 7 THEN 1 …": the one place that knows the alphabet.
    static int typeRankOf(DetectionType type)
    {
        const auto sql = QString::fromStdString(
            std::string(findSortable(Report::Detections, "riskEventType")->sort.first));
        const auto known = sql.indexOf(QString("WHEN %1 THEN ").arg(static_cast<int>(type)));
        const auto from = known < 0 ? sql.indexOf("ELSE ") + 5 : sql.indexOf("THEN ", known) + 5;
        return sql.mid(from, sql.indexOf(' ', from) - from).toInt();
    }
};

QTEST_APPLESS_MAIN(ColumnsTest)
#include "tst_columns.moc"
