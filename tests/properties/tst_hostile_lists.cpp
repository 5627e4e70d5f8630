// Hostile lists: whatever a file holds, adding it ends in a list that is whole or in a sentence and nothing.
//
// Files that were lists are cut, flipped, spliced and filled with what breaks readers; what was stored is
// then looked at again, and asked.
#include "core/base/text.h"
#include "core/directory/directory.h"
#include "core/lists/intelligence.h"
#include "core/lists/set_aside.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include "tests/support/mmdb_writer.h"
#include "tests/support/places.h"

#include <QTemporaryDir>
#include <QTest>

#ifndef Q_MOC_RUN
#include <rapidcheck.h>
#endif

#include <fstream>
#include <sstream>

using namespace riskdesk;

#ifndef Q_MOC_RUN // it loses its way among the quotes
namespace {

const FixedClock now(Timestamp::fromCivil(2026, 3, 19));

std::string file(const char *name)
{
    std::ifstream in(test::testData("enrich") / name, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

struct Seed
{
    ListKind kind;
    std::string text;
};

std::vector<Seed> seeds()
{
    std::vector<Seed> all = {
        {ListKind::Anonymizer, file("anonymizers.csv")},
        {ListKind::Anonymizer, file("plain.txt")},
        {ListKind::Malware, file("c2.csv")},
        {ListKind::Malware, file("malware.csv")},
        {ListKind::Threat, file("threats.csv")},
        {ListKind::Threat, file("bundle.json")},
        {ListKind::Threat, file("bundle_context.json")},
        {ListKind::Threat, file("event.misp.json")},
        {ListKind::Threat, file("attributes.misp.json")},
        {ListKind::Trusted, file("trusted.csv")},
        {ListKind::Asn, file("systems.csv")},
        {ListKind::Warning, "{\"name\": \"R\", \"version\": 20260318, \"type\": \"cidr\", "
                            "\"list\": [\"198.51.100.53\", \"2001:db8:53::/48\"]}"},
        {ListKind::Mobile, "start_ip,end_ip,asn,type\n203.0.113.0,203.0.113.63,AS64777,mobile\n"}};
    test::MmdbWriter writer(6, 28, "Test-City");
    using V = test::MmdbValue;
    writer.insert("192.0.2.0/24", V::map({{"city", "Lisbon"},
                                          {"country_code", "PT"},
                                          {"latitude", 38.7},
                                          {"longitude", -9.1},
                                          {"connection_type", "Cellular"}}));
    all.push_back({ListKind::Places, writer.bytes()});
    return all;
}

// What breaks readers: numbers, networks, times and texts at and beyond their ends.
const std::vector<std::string> &nasties()
{
    static const std::vector<std::string> all = {"0.0.0.0/0",
                                                 "::/0",
                                                 "0.0.0.0-255.255.255.255",
                                                 "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                                 "10.0.0.0-70.154.202.0",
                                                 "192.0.2.9-192.0.2.1",
                                                 "192.0.2.1/33",
                                                 "192.0.2.1/-1",
                                                 "192.0.2.1/999999999999",
                                                 "2001:db8::/129",
                                                 "256.256.256.256",
                                                 "192.0.2.1-2001:db8::1",
                                                 "::ffff:192.0.2.0/120",
                                                 "fe80::1%eth0",
                                                 "AS0",
                                                 "AS4294967295",
                                                 "AS4294967296",
                                                 "AS-1",
                                                 "AS99999999999999999999",
                                                 "18446744073709551616",
                                                 "-1",
                                                 "1e999",
                                                 "NaN",
                                                 "Infinity",
                                                 "101",
                                                 "0001-01-01",
                                                 "9999-12-31T23:59:59Z",
                                                 "10000-01-01",
                                                 "2026-02-30",
                                                 "-99999-01-01",
                                                 "2026-13-45T99:99:99Z",
                                                 "1970-01-01T00:00:00+99:99",
                                                 "\"",
                                                 "\"\"\"",
                                                 "'",
                                                 "\\",
                                                 ",",
                                                 ",,,,,,,,",
                                                 "\n",
                                                 "\r",
                                                 "#",
                                                 ";",
                                                 "\t",
                                                 std::string(1, '\0'),
                                                 "\xff\xfe",
                                                 "\xef\xbb\xbf",
                                                 "\xc3\x28",
                                                 "\xed\xa0\x80",
                                                 "\xf4\x90\x80\x80",
                                                 std::string(3000, 'a'),
                                                 std::string(70'000, '1'),
                                                 std::string(2000, '['),
                                                 std::string(2000, '{'),
                                                 "\\ud800",
                                                 "\\u0000",
                                                 "{}",
                                                 "[]",
                                                 "null",
                                                 "true",
                                                 "=cmd|' /C calc'!A0",
                                                 "<script>",
                                                 "'; DROP TABLE intel_list;--",
                                                 "{\"type\":\"bundle\",\"objects\":",
                                                 "]}",
                                                 "tlp:",
                                                 "indicator--1",
                                                 "[ipv4-addr:value = '",
                                                 "AND AND AND",
                                                 "' AND '"};
    return all;
}

class World
{
public:
    World()
    {
        const auto path = m_folder.filePath("t.riskdesk").toStdString();
        if (!store::createDirectory(path, {"T", false, false, now.now()}))
            qFatal("no directory");
        m_directory.emplace(std::move(*run::Directory::open(path)));
    }
    store::Connection &db() { return m_directory->connection(); }
    std::string write(const std::string &content)
    {
        const auto path = m_folder.filePath("list").toStdString();
        std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
        return path;
    }
    std::int64_t one(const std::string &sql)
    {
        store::Statement row(db(), sql);
        return row.step() ? row.int64(0) : -1;
    }
    std::string counts()
    {
        return std::to_string(one("SELECT count(*) FROM intel_list")) + ' ' +
               std::to_string(one("SELECT count(*) FROM intel_entry")) + ' ' +
               std::to_string(one("SELECT count(*) FROM intel_set_aside")) + ' ' +
               std::to_string(one("SELECT count(*) FROM audit"));
    }
    // The first thing wrong with what is stored; nothing when all is well.
    std::string wrong()
    {
        const std::pair<const char *, const char *> checks[] = {
            {"SELECT count(*) FROM intel_list l WHERE kind NOT IN (5, 6) AND entries <> (SELECT count(*) "
             "FROM "
             "intel_entry WHERE list = l.id)",
             "a list with other entries than it says"},
            {"SELECT count(*) FROM intel_entry WHERE list NOT IN (SELECT id FROM intel_list)", "an orphan"},
            {"SELECT count(*) FROM intel_entry WHERE (first IS NULL) <> (last IS NULL) OR first > last OR "
             "length(first) <> 16",
             "an absurd range"},
            {"SELECT count(*) FROM intel_entry WHERE first IS NULL AND asn = 0 AND country = '' AND "
             "user_agent "
             "= '' AND account = ''",
             "an entry that names nothing"},
            {"SELECT count(*) FROM intel_entry WHERE confidence NOT BETWEEN -1 AND 100",
             "an absurd confidence"},
            {"SELECT count(*) FROM intel_entry WHERE valid_from > valid_until",
             "an end before the beginning"},
            {"SELECT count(*) FROM intel_list WHERE date > added_at", "a list from the future"}};
        for (const auto &[sql, what] : checks)
            if (one(sql) != 0)
                return what;
        store::Statement texts(db(),
                               "SELECT name || indicator || user_agent || tlp || labels || account || actor "
                               "FROM intel_entry UNION ALL SELECT name || licence || source FROM intel_list");
        while (texts.step())
            if (!isValidUtf8(texts.text(0)))
                return "a text that is no UTF-8";
        std::vector<Error> unusable;
        const auto enricher = run::loadEnricher(db(), unusable);
        if (!enricher)
            return sentence(enricher.error());
        for (const char *ip :
             {"192.0.2.91", "2001:db8:91::1", "0.0.0.0", "255.255.255.255", "::1", "203.0.113.9"})
            static_cast<void>(enricher->facts(*IpAddress::parse(ip), 64500, "PT"));
        static_cast<void>(enricher->threatAgent("Kit/1"));
        return {};
    }
    void clear()
    {
        for (const char *sql :
             {"DELETE FROM intel_entry", "DELETE FROM intel_list", "DELETE FROM intel_set_aside"})
            static_cast<void>(db().execute(sql));
    }

private:
    QTemporaryDir m_folder;
    std::optional<run::Directory> m_directory;
};

class Dice
{
public:
    explicit Dice(std::uint64_t seed)
        : m_state(seed)
    {}
    std::size_t operator()(std::size_t n)
    {
        m_state = m_state * 6364136223846793005u + 1442695040888963407u;
        return n == 0 ? 0 : static_cast<std::size_t>(m_state >> 33) % n;
    }

private:
    std::uint64_t m_state;
};

std::string mutated(std::string text, Dice &dice)
{
    const auto nasty = [&] { return nasties()[dice(nasties().size())]; };
    for (std::size_t n = 1 + dice(4); n > 0; --n) {
        const auto at = dice(text.size() + 1);
        switch (dice(9)) {
        case 0: text.resize(at); break;
        case 1: text.insert(at, nasty()); break;
        case 2: text.replace(at, dice(20), nasty()); break;
        case 3:
            if (!text.empty())
                text[dice(text.size())] ^= static_cast<char>(1 << dice(8));
            break;
        case 4: text += text.substr(at, dice(2000)); break; // ids and columns twice
        case 5: {                                           // the value of a member
            const auto quote = text.find("\": \"", at);
            if (quote != std::string::npos)
                text.replace(quote + 4, dice(12), nasty());
            break;
        }
        case 6: { // a cell
            const auto comma = text.find(',', at);
            if (comma != std::string::npos)
                text.replace(comma + 1, dice(12), nasty());
            break;
        }
        case 7: { // the whole as UTF-16
            if (dice(6) != 0)
                break;
            std::string wide = "\xff\xfe";
            for (const char c : text.substr(0, 4000))
                (wide += c) += '\0';
            text = wide;
            break;
        }
        default: text.insert(at, std::string(dice(1500), "[{\"',"[dice(5)])); break;
        }
    }
    return text;
}

void refusals()
{
    const auto row = [](const char *name, ListKind kind, const QByteArray &content, const char *says) {
        QTest::newRow(name) << static_cast<int>(kind) << content << QString(says);
    };
    const QByteArray zeros(1 << 16, '\0');
    row("a bomb in gzip", ListKind::Malware, QByteArray("\x1f\x8b\x08\0\0\0\0\0\0\3", 10) + zeros,
        "unpack it first");
    row("a bomb in zip", ListKind::Threat, QByteArray("PK\3\4") + zeros, "unpack it first");
    row("nothing but NUL", ListKind::Malware, zeros, "binary");
    row("everybody in one line", ListKind::Malware, "0.0.0.0/0\n", "wide");
    row("a billion addresses", ListKind::Threat, "10.0.0.0-69.154.202.0\n", "wide");
    row("a prefix that is none", ListKind::Threat, "192.0.2.0/99\n", "expected an address");
    row("nested without end", ListKind::Threat, QByteArray(200'000, '['), "");
    row("nested in an event", ListKind::Threat, "{\"Event\":{\"Attribute\":" + QByteArray(50'000, '['), "");
    row("a number beyond numbers", ListKind::Threat,
        R"({"type":"bundle","objects":[{"type":"indicator","confidence":1e99999,"pattern":"[ipv4-addr:value = '192.0.2.1']"}]})",
        "");
    row("cut in the middle", ListKind::Threat, R"({"type":"bundle","objects":[{"type":"indic)", "");
    row("Latin-1 in JSON", ListKind::Threat, "{\"type\":\"bundle\",\"objects\":[{\"name\":\"caf\xe9\"}]}",
        "UTF");
    row("one line of 100 MB", ListKind::Malware, QByteArray(100 << 20, '1'), "64 KiB");
}

std::string twice()
{
    const std::string one =
        R"({"type":"indicator","id":"indicator--1","pattern":"[ipv4-addr:value = '192.0.2.1']"})";
    return R"({"type":"bundle","objects":[)" + one + ',' + one + "]}";
}

} // namespace
#endif

class HostileListsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void endInAListOrInASentence()
    {
        qputenv("RC_PARAMS", "seed=20260311 max_success=700 max_size=100");
        World world;
        const auto all = seeds();
        int taken = 0, refused = 0;
        const bool ok = rc::check("any file", [&] {
            Dice dice(*rc::gen::arbitrary<std::uint64_t>());
            const auto &seed = all[dice(all.size())];
            const auto path = world.write(mutated(seed.text, dice));
            const auto before = world.counts();
            const auto added = run::addList(world.db(), now, {}, seed.kind, path, "feed");
            if (added) {
                ++taken;
                RC_ASSERT(added->list.entries > 0u || seed.kind == ListKind::Places);
            } else {
                ++refused;
                RC_ASSERT(!sentence(added.error()).empty());
                RC_ASSERT(isValidUtf8(sentence(added.error())));
                RC_ASSERT(added.error().code != Code::Bug);
                // Only a version that is much smaller than the one before it is kept all the same.
                if (added.error().code != Code::Conflict)
                    RC_ASSERT(world.counts() == before);
            }
            RC_ASSERT(world.wrong() == "");
            if (dice(5) == 0)
                world.clear();
        });
        QVERIFY(ok);
        QVERIFY2(taken > 100 && refused > 100, qPrintable(QString("%1 and %2").arg(taken).arg(refused)));
    }

    void saysWhatIsWrong_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("says");
        refusals();
    }
    void saysWhatIsWrong()
    {
        QFETCH(int, kind);
        QFETCH(QByteArray, content);
        QFETCH(QString, says);
        World world;
        const auto path = world.write(content.toStdString());
        const auto before = world.counts();
        const auto added = run::addList(world.db(), now, {}, static_cast<ListKind>(kind), path, "feed");
        QVERIFY(!added);
        const auto told = QString::fromStdString(sentence(added.error()));
        QVERIFY2(told.contains(says) && told.size() > 20 && told.size() < 600, qPrintable(told));
        QCOMPARE(world.counts(), before);
    }
    void anIndicatorGivenTwiceCountsOnce()
    {
        World world;
        const auto path = world.write(twice());
        const auto added = run::addList(world.db(), now, {}, ListKind::Threat, path, "feed");
        QVERIFY(added);
        QCOMPARE(added->list.entries, std::uint64_t(1));
    }
};

QTEST_GUILESS_MAIN(HostileListsTest)
#include "tst_hostile_lists.moc"
