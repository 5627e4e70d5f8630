// Every journey that changes a directory asks for the role of who acts: who may not gets the sentence of the table
// and changes nothing, and of who may, the records tell name, role and place.
#include "core/action/action_service.h"
#include "core/action/operators.h"
#include "core/connections/connections.h"
#include "core/directory/digest_folder.h"
#include "core/directory/directory.h"
#include "core/import/import_run.h"
#include "core/import/undo_import.h"
#include "core/ledger/suppression.h"
#include "core/lists/list_versions.h"
#include "core/lists/set_aside.h"
#include "core/maps/field_maps.h"
#include "core/replay/convert.h"
#include "core/retain/purge.h"
#include "core/store/schema.h"

#include "tests/support/number.h"

#include <QTemporaryDir>
#include <QTest>

#include <fmt/format.h>

#include <fstream>
#include <functional>
#include <optional>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

const FixedClock now(Timestamp::fromCivil(2026, 3, 19));

// A directory where each journey has something to do.
class World
{
public:
    explicit World(bool trial)
    {
        const auto file = path("t.riskdesk");
        need(store::createDirectory(file, {"T", trial, false, now.now()}));
        auto opened = run::Directory::open(file);
        need(opened);
        directory.emplace(std::move(*opened));
        // Version 1 can be gone back to, version 3 was refused for its size, and one entry is absurdly wide.
        for (const int entries : {6, 8, 1}) {
            std::ofstream out(path("list.txt"));
            out << "10.0.0.0/8\n";
            for (int i = 1; i < entries; ++i)
                out << "203.0.113." << i << '\n';
            out.close();
            const auto added = run::addList(db(), now, {}, ListKind::Malware, path("list.txt"), "feed");
            if (!added && added.error().code != Code::Conflict)
                need(added);
        }
        SuppressionRule rule = newRule();
        need(ledger::addSuppression(db(), now, {}, rule));
        need(import({}, 1));
        need(db().execute("INSERT INTO user (id, key) VALUES (50, 'old@contoso.example')"));
        std::ofstream(path("asn.csv")) << "start,end,asn,organisation\n192.0.2.0,192.0.2.255,64500,Example\n";
    }
    [[nodiscard]] store::Connection &db() { return directory->connection(); }
    [[nodiscard]] std::string path(const std::string &name) const
    {
        return m_folder.filePath(QString::fromStdString(name)).toStdString();
    }
    [[nodiscard]] Result<run::ImportSummary> import(const Operator &who, int number)
    {
        const auto name = path(fmt::format("log{}.ndjson", number));
        std::ofstream(name) << fmt::format(
            R"({{"id":"11111111-2222-3333-4444-{0:012}","createdDateTime":"2026-03-18T10:{0:02}:00Z",)"
            R"("userId":"id-new","userPrincipalName":"new@contoso.example","ipAddress":"192.0.2.7",)"
            R"("status":{{"errorCode":0}}}})"
            "\n",
            number);
        run::ImportOptions options;
        options.who = who;
        return run::importFiles(*directory, {name}, options, now);
    }
    [[nodiscard]] static SuppressionRule newRule()
    {
        SuppressionRule rule;
        rule.match.network = "192.0.2.0/24";
        rule.reason = "our own";
        rule.until = now.now() + std::chrono::hours(24);
        return rule;
    }
    // How many rows this connection has written so far, and how often others wrote.
    [[nodiscard]] std::pair<std::int64_t, std::int64_t> written()
    {
        return {number(db(), "SELECT total_changes()"), number(db(), "PRAGMA data_version")};
    }
    [[nodiscard]] std::int64_t audited() { return number(db(), "SELECT count(*) FROM audit"); }

    template <typename T>
    static void need(const T &result)
    {
        if (!result)
            qFatal("%s", sentence(result.error()).c_str());
    }

    std::optional<run::Directory> directory;

private:
    QTemporaryDir m_folder;
};

template <typename T>
Status statusOf(const Result<T> &result)
{
    return result ? Status() : tl::unexpected(result.error());
}
// What core says before it does anything of it.
Status planned(World &w, const Operator &who, risk::Action action, const std::string &reason = {})
{
    action::Request request;
    request.action = action;
    request.users = {50};
    request.reason = reason;
    return statusOf(action::ActionService(w.db(), now, who).plan(request));
}

struct Journey
{
    const char *name;
    Role least; // as product.md says who may, not as the table of core does
    const char *gerund;
    std::function<Status(World &, const Operator &)> go;
    bool audits = true; // else the caller does
    bool trial = false;
};

const char *const importing = "Importing", *const lists = "Changing intelligence lists",
                  *const settings = "Changing settings", *const operators = "Changing who may act here",
                  *const connections = "Changing where accounts live", *const removing = "Removing users",
                  *const deciding = "Dismissing and confirming risk",
                  *const access = "Blocking sign-in and resetting passwords";

const std::vector<Journey> journeys = {
    {"import", Role::Administrator, importing,
     [](World &w, const Operator &who) { return statusOf(w.import(who, 2)); }},
    {"undo import", Role::Administrator, importing,
     [](World &w, const Operator &who) {
         return statusOf(
             run::undoImport(*w.directory, number(w.db(), "SELECT max(id) FROM import_run"), who, now));
     }},
    {"add a list", Role::Administrator, lists,
     [](World &w, const Operator &who) {
         return statusOf(run::addList(w.db(), now, who, ListKind::Asn, w.path("asn.csv"), "asn"));
     }},
    {"remove a list", Role::Administrator, lists,
     [](World &w, const Operator &who) { return statusOf(run::removeList(w.db(), now, who, "feed")); }},
    {"accept a list", Role::Administrator, lists,
     [](World &w, const Operator &who) { return statusOf(run::acceptList(w.db(), now, who, "feed")); }},
    {"roll a list back", Role::Administrator, lists,
     [](World &w, const Operator &who) { return statusOf(run::rollbackList(w.db(), now, who, "feed")); }},
    {"release an entry", Role::Administrator, lists,
     [](World &w, const Operator &who) { return run::release(w.db(), now, who, "10.0.0.0/8", "ours"); }},
    {"reread", Role::Administrator, lists,
     [](World &w, const Operator &who) { return statusOf(run::reread(*w.directory, who, now)); }},
    {"add a suppression rule", Role::Administrator, settings,
     [](World &w, const Operator &who) {
         return statusOf(ledger::addSuppression(w.db(), now, who, World::newRule()));
     }},
    {"remove a suppression rule", Role::Administrator, settings,
     [](World &w, const Operator &who) { return statusOf(ledger::removeSuppression(w.db(), now, who, 1)); }},
    {"change a setting", Role::Administrator, settings,
     [](World &w, const Operator &who) { return run::setSetting(w.db(), who, "store.retainDays", 90); },
     false},
    {"change a threshold", Role::Administrator, settings,
     [](World &w, const Operator &who) {
         return run::setSetting(w.db(), who, "unlikelyTravel.speedLimitKmh", 700);
     },
     false},
    {"choose a folder", Role::Administrator, settings,
     [](World &w, const Operator &who) { return run::setDigestFolder(w.db(), now, who, "/tmp"); }, false},
    {"apply settings", Role::Administrator, settings,
     [](World &w, const Operator &who) { return statusOf(run::settleByToday(*w.directory, who, now)); }},
    {"convert", Role::Administrator, settings,
     [](World &w, const Operator &who) { return statusOf(run::convert(*w.directory, who, now)); }, true,
     true},
    {"add a map", Role::Administrator, settings,
     [](World &w, const Operator &who) {
         ingest::FieldMap map;
         map.name = "ours";
         map[ingest::MapPart::Time] = "when";
         map[ingest::MapPart::User] = "who";
         map[ingest::MapPart::Outcome] = "how";
         return statusOf(run::addFieldMap(w.db(), now, who, map));
     }},
    {"purge", Role::Administrator, removing,
     [](World &w, const Operator &who) {
         return statusOf(run::mayPurge(w.db(), who, {{50}, true}));
     },
     false},
    {"add an operator", Role::Administrator, operators,
     [](World &w, const Operator &who) {
         return statusOf(action::addOperator(w.db(), now, who, "ana", Role::Administrator,
                                             {.account = "ana", .passphrase = {}}, {}, {"ana", "desk"}));
     }},
    {"add a connection", Role::Administrator, connections,
     [](World &w, const Operator &who) {
         connect::Secrets secrets;
         secrets.emplace("secret", connect::Secret("correct horse"));
         return statusOf(run::addConnection(w.db(), now, who, "webhook", "Chat",
                                            {{"url", "https://chat.example/"}}, secrets));
     }},
    {"dismiss", Role::Operator, deciding,
     [](World &w, const Operator &who) { return planned(w, who, risk::Action::Dismiss, "expectedActivity"); },
     false},
    {"block", Role::Administrator, access,
     [](World &w, const Operator &who) { return planned(w, who, risk::Action::Block); }, false},
};

} // namespace

class RolesInCoreTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void eachJourneyAsks_data()
    {
        QTest::addColumn<std::size_t>("journey");
        QTest::addColumn<int>("role");
        for (std::size_t j = 0; j < journeys.size(); ++j)
            for (const auto role : {Role::Reader, Role::Operator, Role::Administrator})
                QTest::addRow("%s as %s", journeys[j].name, std::string(toText(role)).c_str())
                    << j << static_cast<int>(role);
    }
    void eachJourneyAsks()
    {
        QFETCH(std::size_t, journey);
        QFETCH(int, role);
        const auto &j = journeys[journey];
        World w(j.trial);
        const Operator rita{"rita", static_cast<Role>(role), "console", "desk-7"};
        const auto before = w.written();
        const auto audited = w.audited();
        const auto done = j.go(w, rita);
        if (rita.role < j.least) {
            QVERIFY(!done);
            QCOMPARE(done.error().code, Code::NotAllowed);
            QCOMPARE(sentence(done.error()), fmt::format("{} needs the {} role. You are {}.", j.gerund,
                                                         displayName(j.least), displayName(rita.role)));
            QCOMPARE(w.audited(), audited);
            QCOMPARE(w.written(), before);
            return;
        }
        QVERIFY2(done.has_value(), done ? "" : sentence(done.error()).c_str());
        if (!j.audits)
            return;
        QVERIFY(w.audited() > audited);
        // What follows by itself may be the engine's.
        QVERIFY(number(w.db(),
                       "SELECT count(*) FROM audit WHERE id > ?1 AND actor = 'rita' AND role = ?2 AND "
                       "via = 'console' AND host = 'desk-7'",
                       audited, std::string(toText(rita.role))) > 0);
    }
    void anImportAsksForTheRoleAsItIsNow()
    {
        World w(false);
        const Operator ana{"ana", Role::Administrator, "command line", "desk"};
        for (const auto &[name, role] :
             {std::pair("ana", Role::Administrator), std::pair("rita", Role::Administrator)})
            World::need(action::addOperator(w.db(), now, ana, name, role, {.account = name, .passphrase = {}},
                                            {}, {"ana", "desk"}));
        const Operator rita{"rita", Role::Administrator, "command line", "desk"};
        QVERIFY(w.import(rita, 2));
        World::need(action::changeRole(w.db(), now, ana, "rita", Role::Operator));
        const auto before = w.written();
        const auto refused = w.import(rita, 3);
        QVERIFY(!refused);
        QCOMPARE(sentence(refused.error()), "Importing needs the Administrator role. You are Operator.");
        QCOMPARE(w.written(), before);
        World::need(action::removeOperator(w.db(), now, ana, "rita"));
        const auto gone = w.import(rita, 3);
        QVERIFY(!gone);
        QCOMPARE(sentence(gone.error()), "Importing needs the Administrator role. You are Reader.");
        QVERIFY(w.import(ana, 3));
    }
};

QTEST_GUILESS_MAIN(RolesInCoreTest)
#include "tst_roles_in_core.moc"
