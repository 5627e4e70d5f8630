// Logs that grow: what is appended is imported once, from where it was left, whatever happens to the file; half a line
// waits. Nothing here waits for time: each look is asked for.
#include "core/import/follow_run.h"
#include "core/import/log_watch.h"
#include "core/store/lease.h"
#include "core/store/statement.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <fstream>
#include <thread>

using namespace riskdesk;
namespace fs = std::filesystem;

namespace {

const FixedClock noon(Timestamp::fromCivil(2026, 3, 18, 12));

std::string line(int n, std::string_view end = "\n")
{
    return "{\"id\":\"00000000-0000-4000-8000-" + QString("%1").arg(n, 12, 10, QChar('0')).toStdString() +
           "\",\"createdDateTime\":\"2026-03-01T10:" +
           QString("%1").arg(n % 60, 2, 10, QChar('0')).toStdString() +
           ":00Z\",\"userPrincipalName\":\"user" + std::to_string(n) +
           "@shop.example\",\"appDisplayName\":\"Storefront\",\"ipAddress\":\"91.10.20.30\","
           "\"isInteractive\":true,"
           "\"status\":{\"errorCode\":0}}" +
           std::string(end);
}

std::string lines(int first, int count)
{
    std::string out;
    for (int n = first; n < first + count; ++n)
        out += line(n);
    return out;
}

// As the portal downloads it.
const std::string csvHeader =
    "Date (UTC),Request ID,User ID,User,Username,Application,IP address,Location,Status,"
    "Sign-in error code\r\n";

std::string csvRow(int n, const std::string &date, const std::string &app = "Storefront")
{
    const auto id = QString("%1").arg(n, 12, 10, QChar('0')).toStdString();
    return date + ",00000000-0000-4000-8000-" + id + ",11111111-0000-4000-8000-" + id + ",User,user" +
           std::to_string(n) + "@shop.example," + app + ",91.10.20.30,,Success,0\r\n";
}

// A directory, a folder of logs beside it, and somebody who follows.
class Logs
{
public:
    Logs()
    {
        store::DirectoryInfo info;
        info.name = "Test";
        info.createdAt = noon.now();
        if (auto made = store::createDirectory(path("test.riskdesk"), info); !made)
            qFatal("no directory");
        fs::create_directory(path("logs"));
        auto opened = run::Directory::open(path("test.riskdesk"));
        if (!opened)
            qFatal("directory does not open");
        m_directory.emplace(std::move(*opened));
    }
    [[nodiscard]] fs::path path(const std::string &name) const
    {
        return fs::path(m_folder.path().toStdString()) / name;
    }
    void write(const std::string &name, const std::string &content) const
    {
        std::ofstream(path(name), std::ios::binary | std::ios::trunc) << content;
    }
    void append(const std::string &name, const std::string &content) const
    {
        std::ofstream(path(name), std::ios::binary | std::ios::app) << content;
    }
    void follow(const std::vector<std::string> &names, run::ImportOptions options = {})
    {
        std::vector<fs::path> paths;
        for (const auto &name : names)
            paths.push_back(name == "-" ? fs::path(name) : path(name));
        m_follow = std::make_unique<run::FollowRun>(*m_directory, paths, options, noon);
    }
    run::FollowLook look()
    {
        auto look = m_follow->look();
        if (!look)
            qFatal("%s", sentence(look.error()).c_str());
        return std::move(*look);
    }
    // read, stored
    std::pair<std::uint64_t, std::uint64_t> taken()
    {
        const auto seen = look();
        return seen.summary ? std::pair(seen.summary->read, seen.summary->stored)
                            : std::pair<std::uint64_t, std::uint64_t>();
    }
    run::FollowRun &run() { return *m_follow; }
    store::Connection &connection() { return m_directory->connection(); }

private:
    QTemporaryDir m_folder;
    std::optional<run::Directory> m_directory;
    std::unique_ptr<run::FollowRun> m_follow;
};

using Taken = std::pair<std::uint64_t, std::uint64_t>;

} // namespace

class TestFollow : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void takesWhatIsThereAndThenWhatIsAppended()
    {
        Logs logs;
        logs.write("log.json", lines(1, 5));
        logs.follow({"log.json"});
        QCOMPARE(logs.taken(), Taken(5, 5));
        QVERIFY(!logs.look().summary); // nothing new, and no run for it
        logs.append("log.json", lines(6, 3));
        QCOMPARE(logs.taken(), Taken(3, 3)); // read is what was read: no line twice
        logs.append("log.json", lines(9, 1));
        QCOMPARE(logs.taken(), Taken(1, 1));
        QVERIFY(!logs.look().summary);
    }

    void halfALineWaits()
    {
        Logs logs;
        const auto next = line(2);
        logs.write("log.json", line(1) + next.substr(0, 40));
        logs.follow({"log.json"});
        QCOMPARE(logs.taken(), Taken(1, 1));
        logs.append("log.json", next.substr(40, 50));
        QVERIFY(!logs.look().summary);
        logs.append("log.json", next.substr(90));
        QCOMPARE(logs.taken(), Taken(1, 1));
        // A whole object is a record before its line ends, or the last line of a file that was put there would wait.
        logs.append("log.json", line(3, ""));
        QCOMPARE(logs.taken(), Taken(1, 1));
        logs.append("log.json", "\n" + line(4));
        QCOMPARE(logs.taken(), Taken(1, 1));
    }

    void waitsForTheFirstLine()
    {
        Logs logs;
        logs.follow({"log.json"});
        auto look = logs.look();
        QCOMPARE(look.said.size(), std::size_t{1}); // it is not there
        QVERIFY(logs.look().said.empty());          // said once
        logs.write("log.json", "");
        QVERIFY(!logs.look().summary);
        logs.append("log.json", line(1).substr(0, 30));
        look = logs.look();
        QVERIFY(!look.summary && look.said.empty());
        logs.append("log.json", line(1).substr(30));
        QCOMPARE(logs.taken(), Taken(1, 1));
    }

    // Renamed by a log rotation: the writer goes on with the old file for a while.
    void readsBothOfARotatedLog()
    {
        Logs logs;
        logs.write("log.json", lines(1, 3));
        logs.follow({"log.json"});
        QCOMPARE(logs.taken(), Taken(3, 3));
        logs.append("log.json", line(4));
        fs::rename(logs.path("log.json"), logs.path("log.json.1"));
        QCOMPARE(logs.taken(), Taken(1, 1)); // its place is empty
        logs.append("log.json.1", line(5));
        logs.write("log.json", lines(6, 2));
        QCOMPARE(logs.taken(), Taken(3, 3));
        logs.append("log.json.1", line(8));
        logs.append("log.json", line(9));
        QCOMPARE(logs.taken(), Taken(2, 2));
    }

    void readsATruncatedLogFromItsBeginning()
    {
        Logs logs;
        logs.write("log.json", lines(1, 5));
        logs.follow({"log.json"});
        QCOMPARE(logs.taken(), Taken(5, 5));
        logs.write("log.json", line(6)); // same file, shorter
        QCOMPARE(logs.taken(), Taken(1, 1));
        logs.write("log.json", lines(11, 20)); // same file, longer than it was, and nothing of it is the same
        QCOMPARE(logs.taken(), Taken(20, 20));
        logs.write("log.json", "");
        QVERIFY(!logs.look().summary);
        logs.append("log.json", line(7));
        QCOMPARE(logs.taken(), Taken(1, 1));
    }

    void takesNewFilesOfAFolder()
    {
        Logs logs;
        logs.write("logs/a.json", lines(1, 2));
        logs.follow({"logs"});
        QCOMPARE(logs.taken(), Taken(2, 2));
        logs.write("logs/b.json", lines(3, 2));
        logs.append("logs/a.json", line(5));
        QCOMPARE(logs.taken(), Taken(3, 3));
        fs::create_directory(logs.path("logs/below"));
        logs.write("logs/below/c.json", line(6));
        logs.write("logs/.hidden.json", line(7));
        QCOMPARE(logs.taken(), Taken(1, 1));
        // Renamed in the folder it is the same log, and goes on where it was.
        fs::rename(logs.path("logs/a.json"), logs.path("logs/a.json.1"));
        logs.append("logs/a.json.1", line(8));
        logs.write("logs/a.json", line(9));
        QCOMPARE(logs.taken(), Taken(2, 2));
        fs::remove(logs.path("logs/b.json"));
        QVERIFY(!logs.look().summary);
    }

    // However it is written, a file that is named beside its folder is one file.
    void aFileMayBeNamedBesideItsFolder()
    {
        Logs logs;
        logs.write("logs/a.json", lines(1, 2));
        logs.follow({"./logs/../logs", "logs/a.json"});
        QCOMPARE(logs.taken(), Taken(2, 2));
        logs.append("logs/a.json", line(3));
        QCOMPARE(logs.taken(), Taken(1, 1));
        fs::rename(logs.path("logs/a.json"), logs.path("logs/a.json.1"));
        logs.append("logs/a.json.1", line(4));
        logs.write("logs/a.json", line(5));
        QCOMPARE(logs.taken(), Taken(2, 2));
    }

    void aFolderMayHoldTheDirectoryItself()
    {
        Logs logs;
        logs.write("log.json", lines(1, 2));
        logs.follow({""});
        const auto look = logs.look();
        QVERIFY(look.summary && look.summary->stored == 2);
        QVERIFY2(look.said.empty(), look.said.empty() ? "" : look.said[0].c_str());
        logs.append("log.json", line(3));
        QCOMPARE(logs.taken(), Taken(1, 1));
    }

    void theHeaderOfACsvHoldsForEachPiece()
    {
        Logs logs;
        logs.write("log.csv", "\xef\xbb\xbf" + csvHeader.substr(0, 30));
        logs.follow({"log.csv"});
        QVERIFY(!logs.look().summary);
        logs.append("log.csv", csvHeader.substr(30));
        QVERIFY(!logs.look().summary);
        logs.append("log.csv", csvRow(1, "2026-03-01T10:00:00Z") + csvRow(2, "2026-03-01T10:01:00Z"));
        QCOMPARE(logs.taken(), Taken(2, 2));
        // A record with a line end in it is one record, and half of it waits.
        logs.append("log.csv", csvRow(3, "2026-03-01T10:02:00Z", "\"Store\nfront\"").substr(0, 140));
        QVERIFY(!logs.look().summary);
        logs.append("log.csv", csvRow(3, "2026-03-01T10:02:00Z", "\"Store\nfront\"").substr(140) +
                                   csvRow(4, "2026-03-01T10:03:00Z"));
        QCOMPARE(logs.taken(), Taken(2, 2));
    }

    // What the whole file says of its dates holds for a piece that could be read both ways.
    void theOrderOfDatesHoldsForEachPiece()
    {
        Logs logs;
        logs.write("log.csv", csvHeader);
        logs.follow({"log.csv"});
        QVERIFY(!logs.look().summary);
        logs.append("log.csv", csvRow(1, "02/28/2026 10:00:00"));
        QCOMPARE(logs.taken(), Taken(1, 1));
        logs.append("log.csv", csvRow(2, "03/02/2026 10:00:00"));
        QCOMPARE(logs.taken(), Taken(1, 1));
    }

    void aRejectNamesItsLineInTheFile()
    {
        for (const bool csv : {false, true}) {
            Logs logs;
            const std::string log = csv ? "log.csv" : "log.json";
            logs.write(log, csv ? csvHeader + csvRow(1, "2026-03-01T10:00:00Z") : lines(1, 2));
            logs.follow({log});
            QVERIFY(logs.look().summary);
            const auto size = fs::file_size(logs.path(log));
            logs.append(log, csv ? csvRow(2, "no time") : "{\"broken\n");
            const auto look = logs.look();
            QVERIFY(look.summary);
            QCOMPARE(look.summary->rejected, std::uint64_t{1});
            store::Statement reject(logs.connection(), "SELECT line, offset FROM reject");
            QVERIFY(reject.step());
            QCOMPARE(reject.int64(0), std::int64_t{3});
            QCOMPARE(static_cast<std::uint64_t>(reject.int64(1)), std::uint64_t{size});
        }
    }

    void begunAnewItDoublesNothing()
    {
        Logs logs;
        logs.write("log.json", lines(1, 4));
        logs.follow({"log.json"});
        QCOMPARE(logs.taken(), Taken(4, 4));
        logs.append("log.json", lines(5, 2));
        logs.follow({"log.json"}); // another process
        QCOMPARE(logs.taken(), Taken(6, 2));
        QVERIFY(!logs.look().summary);
    }

    void importsOnceWhatCannotBeFollowed()
    {
        Logs logs;
        const auto list = "[" + line(1, ",") + line(2, "]");
        logs.write("logs/a.json", list);
        logs.follow({"logs"});
        auto look = logs.look();
        QVERIFY(look.summary && look.summary->stored == 2); // what is there at first is taken at once
        QCOMPARE(look.said.size(), std::size_t{1});
        QVERIFY(look.said[0].find("cannot be followed") != std::string::npos);
        // One that comes may still be written to.
        logs.write("logs/b.json", "[" + line(3, ""));
        look = logs.look();
        QVERIFY(!look.summary && look.again);
        logs.append("logs/b.json", "," + line(4, "]"));
        look = logs.look();
        QVERIFY(!look.summary && look.again);
        look = logs.look();
        QVERIFY(look.summary && look.summary->stored == 2);
        QVERIFY(!logs.look().again);
    }

    void saysOnceWhatIsNoLog()
    {
        Logs logs;
        logs.write("logs/notes.txt", "some words\nand more\n");
        logs.write("logs/log.json", line(1));
        logs.follow({"logs"});
        const auto look = logs.look();
        QVERIFY(look.summary && look.summary->stored == 1);
        QCOMPARE(look.said.size(), std::size_t{1});
        logs.append("logs/notes.txt", "and more\n");
        QVERIFY(logs.look().said.empty());
    }

    void refusesTheDirectoryAsALog()
    {
        Logs logs;
        logs.follow({"test.riskdesk"});
        const auto look = logs.run().look();
        QVERIFY(!look && look.error().code == Code::WrongUsage);
    }

    void waitsWhileAnotherImportRuns()
    {
        Logs logs;
        logs.write("log.json", lines(1, 2));
        logs.follow({"log.json"});
        QCOMPARE(logs.taken(), Taken(2, 2));
        logs.append("log.json", line(3));
        {
            const auto other = store::ImportLease::take(logs.connection(), "another");
            QVERIFY(other.has_value());
            const auto look = logs.look();
            QVERIFY(look.busy && look.again && !look.summary);
        }
        QCOMPARE(logs.taken(), Taken(1, 1));
    }

    void aCancelledPieceIsTakenTheNextTime()
    {
        Logs logs;
        logs.write("log.json", lines(1, 3));
        logs.follow({"log.json"});
        std::stop_source stop;
        stop.request_stop();
        const auto look = logs.run().look(stop.get_token());
        QVERIFY(look && look->summary && look->summary->cancelled);
        QCOMPARE(logs.taken(), Taken(3, 3));
    }

    // A line that never ends is not waited for, nor a quote that is never closed.
    void whatIsTooLongDoesNotHoldUpTheRest()
    {
        Logs logs;
        logs.write("log.json", line(1));
        logs.follow({"log.json"});
        QCOMPARE(logs.taken(), Taken(1, 1));
        logs.append("log.json", std::string(std::size_t{3} << 20, 'x') + "\n" + line(2));
        auto look = logs.look();
        QVERIFY(look.summary);
        QCOMPARE(look.summary->stored, std::uint64_t{1});
        QVERIFY(look.summary->rejected >= 1);
        logs.append("log.json", line(3));
        QCOMPARE(logs.taken(), Taken(1, 1));
    }

    void theWatchHearsWhatHappens()
    {
        const Logs logs;
        run::LogWatch watch({logs.path("logs")});
        using std::chrono::milliseconds;
        const std::stop_token never;
        QVERIFY(!watch.wait(milliseconds(0), milliseconds(0), never));
        logs.write("logs/a.json", "x");
        QVERIFY(watch.wait(milliseconds(60'000), milliseconds(0), never));
        QVERIFY(!watch.wait(milliseconds(0), milliseconds(0), never));
        logs.append("logs/a.json", "x");
        QVERIFY(watch.wait(milliseconds(60'000), milliseconds(0), never));
        std::stop_source stop;
        std::thread other([&] { stop.request_stop(); });
        QVERIFY(!watch.wait(milliseconds(600'000), milliseconds(0), stop.get_token()));
        other.join();
    }
};

QTEST_GUILESS_MAIN(TestFollow)
#include "tst_follow.moc"
