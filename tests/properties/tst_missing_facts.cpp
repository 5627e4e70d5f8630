// Whatever a log leaves out: a sign-in that lacks its address, place, network, device, client or either name
// of its user is imported, judged by what it does say, and harms no other.
//
// The unknown address shares its shard with addresses that are known, since an empty shard has nothing to
// trip over.
#include "core/base/flat_map.h"
#include "core/base/stable_hash.h"
#include "core/detect/engine.h"
#include "core/import/import_run.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include "tests/support/memory_state.h"
#include "tests/support/sign_in_builder.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <rapidcheck.h>

#include <cmath>
#include <random>

using namespace riskdesk;
using namespace riskdesk::detect;
using riskdesk::test::MemoryState;
using riskdesk::test::SignInBuilder;
using riskdesk::test::SignInWorld;

namespace {

constexpr std::int64_t second = 1'000'000;
const FixedClock theClock{Timestamp{1'774'000'000 * second}};

// What a sign-in may lack, one bit each.
enum Fact : unsigned {
    Ip = 1,
    City = 2,
    Country = 4,
    Coordinates = 8,
    System = 16,
    Agent = 32,
    Browser = 64,
    DeviceId = 128,
    Application = 256,
    UserId = 512,
    UserName = 1024,
    EventId = 2048,
    Client = 4096,
    Everything = 8191
};

// Addresses that are remembered in the same shard as the unknown one.
const std::vector<std::string> &addresses()
{
    static const auto found = [] {
        std::vector<std::string> texts;
        const auto shard = stableHash(IpAddress{}) >> 56;
        for (std::uint32_t i = 0; texts.size() < 6; ++i)
            if (const auto ip = IpAddress::fromV4(0x5b0a0000u + i); stableHash(ip) >> 56 == shard)
                texts.push_back(ip.toString());
        return texts;
    }();
    return found;
}

struct Attempt
{
    unsigned facts = Everything;
    int user = 0, address = 0, outcome = 0;
};

// Many whole sign-ins, and between them some of every kind of hole.
std::vector<Attempt> attempts(unsigned seed, int length)
{
    std::mt19937 random(seed);
    std::vector<Attempt> all;
    for (int i = 0; i < length; ++i) {
        Attempt a;
        if (random() % 2 == 0)
            a.facts = static_cast<unsigned>(random()) & Everything;
        else if (random() % 4 == 0)
            a.facts = Everything & ~(1u << random() % 13);
        a.user = static_cast<int>(random() % 8);
        a.address = static_cast<int>(random() % addresses().size());
        a.outcome = random() % 5 == 0 ? 1 : random() % 20 == 0 ? 2 : 0;
        all.push_back(a);
    }
    return all;
}

EnrichedSignIn signIn(SignInWorld &world, const Attempt &a, std::int64_t at)
{
    const auto has = [&](Fact fact) { return (a.facts & fact) != 0; };
    auto b = world.signIn(has(UserId) || has(UserName) ? "user" + std::to_string(a.user) : "nobody");
    b.at(Timestamp{at});
    if (has(Ip))
        b.ip(addresses()[static_cast<std::size_t>(a.address)]);
    b.place(has(City) ? "Lisbon" : "", has(Country) ? "PT" : "", has(Coordinates) ? 38.7 : noCoordinate,
            has(Coordinates) ? -9.1 + a.user : noCoordinate);
    if (has(System))
        b.asn(static_cast<std::uint32_t>(64500 + a.user % 3));
    if (has(Browser))
        b.agent("Chrome 122", "Windows 10");
    if (has(Agent))
        b.userAgent("Mozilla/5.0 agent " + std::to_string(a.user % 4));
    if (has(DeviceId))
        b.device("device " + std::to_string(a.user));
    if (has(Application))
        b.application("Storefront");
    if (a.outcome == 1)
        b.failure();
    else if (a.outcome == 2)
        b.interrupted();
    auto made = b.build();
    if (!has(UserId) && !has(UserName))
        made.row.user = 0;
    return made;
}

// As the importer examines: told of what comes, and asked for everything that can be said.
void examineAll(Engine &engine, const std::vector<EnrichedSignIn> &stream)
{
    for (std::size_t i = 0; i < stream.size(); ++i) {
        for (const auto &[what, by] : prefetchDistances)
            if (i + by < stream.size())
                engine.expect(stream[i + by], what);
        const auto &e = engine.examine(stream[i]);
        for (const auto &finding : e.findings)
            RC_ASSERT(std::isfinite(finding.verdict.value) && !finding.verdict.evidence.listed().empty());
        if (e.withheld && i % 3 == 0)
            engine.teach(stream[i]);
        for (const auto &explanation : engine.explain(stream[i]))
            RC_ASSERT(!std::isnan(explanation.verdict.value));
    }
}

// One line of a log. What is missing is left out, null, empty or nonsense, by the number of the line.
std::string line(const Attempt &a, int number)
{
    const auto has = [&](Fact fact) { return (a.facts & fact) != 0; };
    std::string text = "{";
    const auto put = [&](const std::string &name, const std::string &value, bool known,
                         const std::vector<std::string> &otherwise) {
        const auto shape = static_cast<std::size_t>(number) % (otherwise.size() + 1);
        if (known || shape > 0)
            text += (text.size() > 1 ? ",\"" : "\"") + name + "\":" + (known ? value : otherwise[shape - 1]);
    };
    const auto quoted = [](const std::string &value) { return '"' + value + '"'; };
    const std::string user = std::to_string(a.user);
    char id[40];
    std::snprintf(id, sizeof id, "\"00000000-0000-4000-8000-%012x\"", static_cast<unsigned>(number + 1));
    put("id", id, has(EventId), {"null", "\"\""});
    const Timestamp at{(1'773'000'000 + std::int64_t{number} * 60) * second};
    put("createdDateTime", quoted(at.toIso()), true, {});
    put("userId", quoted("11111111-0000-4000-8000-00000000000" + user), has(UserId),
        {"null", "\"\"", "\"00000000-0000-0000-0000-000000000000\""});
    put("userPrincipalName", quoted("user" + user + "@shop.example"), has(UserName), {"null", "\"\""});
    put("ipAddress", quoted(addresses()[static_cast<std::size_t>(a.address)]), has(Ip),
        {"null", "\"\"", "\"::\"", "\"0.0.0.0\"", "\"not an address\""});
    put("autonomousSystemNumber", std::to_string(64500 + a.user % 3), has(System), {"null", "0"});
    put("userAgent", quoted("Mozilla/5.0 (X11; Linux x86_64) Chrome/12" + user + ".0"), has(Agent),
        {"null", "\"\""});
    put("appDisplayName", "\"Storefront\"", has(Application), {"null", "\"\""});
    put("clientAppUsed", "\"Browser\"", has(Client), {"null", "\"\""});
    std::string device = has(DeviceId) ? "\"deviceId\":\"device " + user + "\"" : "\"deviceId\":\"\"";
    if (has(Browser))
        device += R"(,"operatingSystem":"Windows 10","browser":"Chrome 122")";
    put("deviceDetail", "{" + device + "}", has(DeviceId) || has(Browser), {"null", "{}"});
    std::string place = std::string("\"city\":") + (has(City) ? "\"Lisbon\"" : "null");
    if (has(Country))
        place += R"(,"countryOrRegion":"PT")";
    if (has(Coordinates))
        place += R"(,"geoCoordinates":{"latitude":38.7,"longitude":-9.)" + user + "}";
    put("location", "{" + place + "}", has(City) || has(Country) || has(Coordinates),
        {"null", "{}", R"({"geoCoordinates":null})"});
    const char *codes[] = {"0", "50126", "50140"};
    put("status", std::string("{\"errorCode\":") + codes[a.outcome] + "}", true, {});
    return text + "}\n";
}

struct Imported
{
    run::ImportSummary summary;
    std::int64_t signIns = 0, segments = 0;
};

Imported importInto(const QTemporaryDir &folder, const std::string &log, unsigned threads = 2)
{
    const std::string path = folder.path().toStdString() + "/t.riskdesk";
    const auto file = folder.filePath("log.ndjson");
    QFile out(file);
    RC_ASSERT(out.open(QIODevice::WriteOnly) && out.write(log.data(), static_cast<qint64>(log.size())) > 0);
    out.close();
    if (!QFile::exists(QString::fromStdString(path)))
        RC_ASSERT(store::createDirectory(path, {"T", false, false, theClock.now()}).has_value());
    auto directory = run::Directory::open(path);
    RC_ASSERT(directory.has_value());
    run::ImportOptions options;
    options.threads = threads;
    const auto done = run::importFiles(*directory, {file.toStdString()}, options, theClock);
    RC_ASSERT(done.has_value());
    Imported imported{*done};
    store::Statement rows(directory->connection(), "SELECT coalesce(sum(rows), 0) FROM segment");
    RC_ASSERT(rows.step());
    imported.signIns = rows.int64(0);
    return imported;
}

} // namespace

class TestMissingFacts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingIsFoundUnderTheEmptyKey();
    void theEngineHolds();
    void theImportHolds();
    void oneWithoutAnAddressAmongThousands();
};

void TestMissingFacts::nothingIsFoundUnderTheEmptyKey()
{
    struct Entry
    {
        IpAddress key;
        int value = 0;
    };
    FlatMap<Entry> map;
    QVERIFY(map.find({}) == nullptr);
    map.insert(*IpAddress::parse("192.0.2.1")).first->value = 7;
    map.prefetch({});
    QVERIFY(map.find({}) == nullptr);
    map.insert({}).first->value = 9; // a place to write to, and nothing more
    QVERIFY(map.find({}) == nullptr);
    QCOMPARE(map.size(), std::size_t(1));
    QCOMPARE(map.insert({}).first->value, 0);
    int seen = 0;
    map.forEach([&](const Entry &entry) { seen += entry.value; });
    QCOMPARE(seen, 7);
}

void TestMissingFacts::theEngineHolds()
{
    QVERIFY(rc::check("any facts missing, judged, taught, explained and saved", [] {
        const auto seed = *rc::gen::arbitrary<unsigned>();
        SignInWorld world;
        std::vector<EnrichedSignIn> stream;
        std::int64_t at = 1'773'000'000 * second;
        for (const auto &a : attempts(seed, 300))
            stream.push_back(signIn(world, a, at += static_cast<std::int64_t>(seed % 7200 + 1) * second));
        MemoryState memory;
        {
            Engine engine(Tuning(), memory, world);
            examineAll(engine, stream);
            engine.save(memory);
        }
        Engine again(Tuning(), memory, world); // what was saved is told of what comes as well
        for (const auto ahead : prefetchDistances)
            for (const auto &s : stream)
                again.expect(s, ahead.what);
        for (const auto &s : stream)
            for (const auto &explanation : again.explain(s))
                RC_ASSERT(!std::isnan(explanation.verdict.value));
    }));
}

void TestMissingFacts::theImportHolds()
{
    QVERIFY(rc::check("a log with any facts missing", [] {
        const auto seed = *rc::gen::arbitrary<unsigned>();
        const auto all = attempts(seed, 250);
        std::string log;
        std::uint64_t nobody = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            log += line(all[i], static_cast<int>(i));
            nobody += (all[i].facts & (UserId | UserName)) == 0 ? 1u : 0u;
        }
        const QTemporaryDir folder;
        const auto first = importInto(folder, log, 1 + seed % 2);
        const auto &s = first.summary;
        RC_ASSERT(s.notRead.empty());
        RC_ASSERT(s.read == all.size());
        RC_ASSERT(s.rejected == nobody); // a user is the one fact of these that cannot be spared
        RC_ASSERT(s.stored + s.duplicates == all.size() - nobody);
        RC_ASSERT(static_cast<std::uint64_t>(first.signIns) == s.stored);
        RC_ASSERT(importInto(folder, log).summary.stored == 0u);
    }));
}

// The order that was fatal: addresses are remembered, and then comes a sign-in that has none.
void TestMissingFacts::oneWithoutAnAddressAmongThousands()
{
    for (const int shape : {0, 1, 2, 3, 4, 5}) {
        std::string log, whole;
        for (int i = 0; i < 120; ++i) {
            Attempt a;
            a.user = i % 8;
            a.address = i % static_cast<int>(addresses().size());
            whole += line(a, i * 6 + shape);
            if (i == 60)
                a.facts = Everything & ~unsigned{Ip};
            log += line(a, i * 6 + shape);
        }
        const QTemporaryDir folder, other;
        const auto with = importInto(folder, log), without = importInto(other, whole);
        QCOMPARE(with.summary.stored, std::uint64_t(120));
        QCOMPARE(with.summary.rejected, std::uint64_t(0));
        QCOMPARE(with.summary.detections, without.summary.detections);
        // A text that is no address is counted; one that is not there is not.
        QCOMPARE(with.summary.warnings, std::uint64_t(shape >= 3 ? 1 : 0));
    }
}

int main(int argc, char **argv)
{
    // A fixed seed: the same logs every time, on every machine.
    qputenv("RC_PARAMS", "seed=20260318 max_success=20");
    TestMissingFacts test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_missing_facts.moc"
