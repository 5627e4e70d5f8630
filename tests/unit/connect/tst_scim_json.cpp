// What is read of the JSON of a SCIM 2.0 service, and what a filter is made of.
#include "core/connect/scim/scim_json.h"

#include <QTest>

using namespace riskdesk::connect;

class TestScimJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsUsersOfEveryShape();
    void escapesWhatIsFilteredFor();
    void knowsTheNameOfAnAttribute();
};

void TestScimJson::readsUsersOfEveryShape()
{
    const auto list = readScimList(
        R"({"TotalResults":3,"resources":[)"
        R"({"ID":"1","username":"a","Active":"False","displayName":"A","emails":[{"value":"m"}]},)"
        R"({"id":"2","externalId":"e","userName":"b","name":{"formatted":"F"}},)"
        R"({"userName":"without id"}]})",
        "externalId");
    QVERIFY(list.has_value());
    QCOMPARE(list->users.size(), std::size_t{3});
    QCOMPARE(list->listed.size(), std::size_t{2});
    QCOMPARE(list->listed[0].userPrincipalName, std::string("a"));
    QCOMPARE(list->listed[0].enabled, std::optional(false));
    QCOMPARE(list->listed[0].mail, std::string("m"));
    QCOMPARE(list->listed[1].userPrincipalName, std::string("e"));
    QCOMPARE(list->listed[1].displayName, std::string("F"));
    QVERIFY(!list->listed[1].enabled);
}

void TestScimJson::escapesWhatIsFilteredFor()
{
    QCOMPARE(scimEquals("userName", R"(a"b\c)"), std::string(R"(userName eq "a\"b\\c")"));
}

void TestScimJson::knowsTheNameOfAnAttribute()
{
    for (const char *name :
         {"userName", "emails.value", "$ref", "urn:ietf:params:scim:schemas:core:2.0:User:userName"})
        QCOMPARE(isScimAttribute(name), *name != '$');
    for (const char *name : {"", "a b", "a\"", "a[b eq 1]", "1a", "a&b"})
        QVERIFY(!isScimAttribute(name));
}

QTEST_APPLESS_MAIN(TestScimJson)
#include "tst_scim_json.moc"
