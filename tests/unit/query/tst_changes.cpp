// What has changed since a token: nothing is lost, nothing told twice, in one order, whoever writes meanwhile.
#include "core/action/action_service.h"
#include "core/examine/user_book.h"
#include "core/import/kept_records.h"
#include "core/ledger/ageing.h"
#include "core/ledger/change_rows.h"
#include "core/ledger/risk_rows.h"
#include "core/query/changes.h"
#include "core/query/read_session.h"
#include "core/query/reading.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/store/seal.h"

#include "tests/support/risk_fixture.h"
#include "tests/support/small_sign_ins.h"

#include <QTest>

#include <sqlite3.h>

#include <algorithm>
#include <set>

using namespace riskdesk;
using namespace riskdesk::action;
using namespace riskdesk::query;
using namespace riskdesk::test;
using std::chrono::hours;

namespace {

// Somebody who keeps a token, and gives it away as text after each batch, as over a restart.
class Reader
{
public:
    Reader(store::Connection &connection, Feed feed)
        : m_connection(connection)
        , m_feed(feed)
    {}

    std::vector<Change> batch(std::size_t atMost)
    {
        std::optional<ChangeToken> token;
        if (!m_token.empty()) {
            const auto read = ChangeToken::fromText(m_token, m_feed);
            Fixture::check(read);
            token = *read;
        }
        const auto changes = readChanges(m_connection, m_feed, token, atMost);
        Fixture::check(changes);
        m_token = changes->next.toText();
        more = changes->more;
        return changes->rows;
    }
    // Ids in their order; a removed one behind '-'. Sign-ins and history: numbers.
    QStringList toEnd(std::size_t atMost = 2)
    {
        QStringList ids;
        do {
            for (const auto &change : batch(atMost))
                ids << (change.removed ? "-" : "") + (change.id.empty() ? QString::number(change.row)
                                                                        : QString::fromStdString(change.id));
        } while (more);
        return ids;
    }
    bool more = false;
    [[nodiscard]] const std::string &token() const { return m_token; }

private:
    store::Connection &m_connection;
    Feed m_feed;
    std::string m_token;
};

QString idOf(std::uint32_t user, std::uint32_t signIn, DetectionType type = DetectionType::UnlikelyTravel)
{
    return QString::fromStdString(detectionId(type, userKey(user), signInId(signIn)));
}

QString key(std::uint32_t user)
{
    return QString::fromStdString(userKey(user));
}

void raise(Fixture &f, std::uint32_t user, std::uint32_t signIn, RiskLevel level = RiskLevel::Medium,
           const std::string &foldKey = {})
{
    f.clock.advance(std::chrono::minutes(1));
    f.raise(finding(user, signIn, DetectionType::UnlikelyTravel, level, f.clock.now(), foldKey));
}

void act(Fixture &f, const Request &request)
{
    f.clock.advance(std::chrono::minutes(1));
    const auto done = ActionService(f.connection(), f.clock).carryOut(request);
    Fixture::check(done);
    QCOMPARE(done->skipped.size(), std::size_t{0});
}

ledger::RaisedDetection imported(std::uint32_t user, std::uint32_t signIn)
{
    auto one = finding(user, signIn, DetectionType::UnlikelyTravel, RiskLevel::High, noon);
    one.detection.source = "provider";
    one.detection.hasSignIn = false;
    return one;
}

Code codeOf(const Result<Changes> &changes)
{
    return changes ? Code::Bug : changes.error().code;
}

} // namespace

class ChangesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void fromTheBeginningEachRowOnceWhateverTheBatch()
    {
        Fixture f;
        QStringList all;
        for (std::uint32_t n = 1; n <= 7; ++n) {
            raise(f, n % 3 + 1, n);
            all << idOf(n % 3 + 1, n);
        }
        for (const auto atMost : std::vector<std::size_t>{1, 2, 3, 6, 7, 8, 100}) {
            Reader detections(f.connection(), Feed::Detections);
            QCOMPARE(detections.toEnd(atMost), all);
            QCOMPARE(detections.toEnd(atMost), QStringList());
            Reader users(f.connection(), Feed::Users);
            QCOMPARE(users.toEnd(atMost), (QStringList{key(3), key(1), key(2)})); // by their last change
            Reader history(f.connection(), Feed::History);
            QCOMPARE(history.toEnd(atMost), (QStringList{"1", "2", "3", "4", "5", "6", "7"}));
        }
    }

    void aDecisionTellsEveryDetectionItTouchedAndNoOther()
    {
        Fixture f;
        for (std::uint32_t n = 1; n <= 4; ++n)
            raise(f, 1, n);
        raise(f, 2, 9);
        act(f, {Action::Dismiss, {}, {idOf(1, 2).toStdString()}, {}, {}, {}});
        Reader detections(f.connection(), Feed::Detections), users(f.connection(), Feed::Users),
            history(f.connection(), Feed::History);
        (void)detections.toEnd();
        (void)users.toEnd();
        (void)history.toEnd();
        const auto told = [&] {
            auto ids = detections.toEnd();
            ids.sort();
            return ids;
        };
        QStringList open{idOf(1, 1), idOf(1, 3), idOf(1, 4)};
        open.sort();
        // One row in the ledger, three detections.
        act(f, {Action::Dismiss, {1}, {}, {}, {}, {}});
        QCOMPARE(told(), open);
        QCOMPARE(users.toEnd(), QStringList{key(1)});
        QCOMPARE(history.toEnd().size(), 1);
        ActionService service(f.connection(), f.clock);
        Fixture::check(service.undo());
        QCOMPARE(told(), open);
        QCOMPARE(users.toEnd(), QStringList{key(1)});
        Fixture::check(service.redo());
        QCOMPARE(told(), open);
        Fixture::check(service.undo());
        (void)told();
        {
            auto t = store::Transaction::begin(f.connection());
            Fixture::check(t);
            Fixture::check(ledger::RiskWriter(f.connection(), f.clock)
                               .passwordChanged(1, PasswordChange::ResetByUser, f.clock.now()));
            Fixture::check(t->commit());
        }
        QCOMPARE(told(), open);
        act(f, {Action::ConfirmCompromised, {}, {}, {signInId(9)}, {}, {}});
        QCOMPARE(told(), QStringList{idOf(2, 9)});
        // A repeat changes the one it goes into; low ones close by age.
        raise(f, 3, 20, RiskLevel::Low, "scope");
        QCOMPARE(told(), QStringList{idOf(3, 20)});
        raise(f, 3, 21, RiskLevel::Low, "scope");
        QCOMPARE(told(), QStringList{idOf(3, 20)});
        f.clock.advance(hours(24 * 400));
        Fixture::check(ledger::ageLowDetections(f.connection(), f.clock));
        QCOMPARE(told(), QStringList{idOf(3, 20)});
        (void)users.toEnd();
        // Found again, nothing changes.
        f.raise(finding(3, 20, DetectionType::UnlikelyTravel, RiskLevel::Low, noon, "scope"));
        QCOMPARE(told(), QStringList());
    }

    void whatTheProviderSaysCountsToo()
    {
        Fixture f;
        Reader detections(f.connection(), Feed::Detections), users(f.connection(), Feed::Users);
        QCOMPARE(detections.toEnd(), QStringList());
        const auto provide = [&](const char *state) {
            run::ProviderRecords records;
            records.detections.push_back(imported(4, 30));
            records.riskyUsers.push_back({4, "high", state, "none", noon});
            auto t = store::Transaction::begin(f.connection());
            Fixture::check(t);
            Fixture::check(run::writeProviderRecords(f.connection(), f.clock, records));
            Fixture::check(t->commit());
        };
        provide("atRisk");
        QCOMPARE(detections.toEnd(), QStringList{idOf(4, 30)});
        QCOMPARE(users.toEnd(), QStringList{key(4)}); // no row of ours, none in the ledger
        provide("atRisk");
        QCOMPARE(detections.toEnd() + users.toEnd(), QStringList());
        provide("remediated");
        QCOMPARE(detections.toEnd(), QStringList());
        QCOMPARE(users.toEnd(), QStringList{key(4)});
    }

    void whatAnUndoTakesAwayIsTold()
    {
        Fixture f;
        Reader detections(f.connection(), Feed::Detections), users(f.connection(), Feed::Users);
        (void)detections.toEnd();
        (void)users.toEnd();
        act(f, {Action::ConfirmCompromised, {1}, {}, {}, {}, {}}); // makes a detection and the user's risk
        const auto made = detections.toEnd();
        QCOMPARE(made.size(), 1);
        QCOMPARE(users.toEnd(), QStringList{key(1)});
        ActionService service(f.connection(), f.clock);
        Fixture::check(service.undo());
        QCOMPARE(detections.toEnd(), QStringList{"-" + made[0]});
        QCOMPARE(users.toEnd(), QStringList{"-" + key(1)});
        // Who begins now never heard of them.
        QCOMPARE(Reader(f.connection(), Feed::Detections).toEnd(), QStringList());
        QCOMPARE(Reader(f.connection(), Feed::Users).toEnd(), QStringList());
        // The row's number is given again; its id is not.
        raise(f, 2, 5);
        QCOMPARE(detections.toEnd(), QStringList{idOf(2, 5)});
        Fixture::check(service.redo());
        QCOMPARE(detections.toEnd(), made);
        QCOMPARE(users.toEnd(), (QStringList{key(2), key(1)}));
        // In the middle of a first reading, too: the second batch tells what the first may have held.
        Reader slow(f.connection(), Feed::Detections);
        QCOMPARE(slow.batch(1).size(), std::size_t{1});
        Fixture::check(service.undo());
        QCOMPARE(slow.toEnd(), QStringList{"-" + made[0]});
    }

    void ofAUserCountsWhatIsTold()
    {
        Fixture f;
        raise(f, 1, 1);
        Reader users(f.connection(), Feed::Users);
        QCOMPARE(users.toEnd(), QStringList{key(1)});
        const auto rename = [&](std::uint32_t user, const std::string &name) {
            auto t = store::Transaction::begin(f.connection());
            Fixture::check(t);
            run::UserChanges changes;
            Account account;
            account.id = user;
            account.key = account.userPrincipalName = userKey(user);
            account.displayName = name;
            changes.users.push_back({&account, false, false, {}});
            Fixture::check(run::writeUsers(f.connection(), f.clock, changes));
            Fixture::check(t->commit());
        };
        rename(1, "Anna");
        QCOMPARE(users.toEnd(), QStringList{key(1)});
        rename(1, "Anna");
        rename(2, "Ben"); // no risk, not in the list
        act(f, {Action::Block, {2}, {}, {}, {}, {}});
        QCOMPARE(users.toEnd(), QStringList());
        act(f, {Action::Block, {1}, {}, {}, {}, {}});
        QCOMPARE(users.toEnd(), QStringList{key(1)});
        // On its way to the provider, and back.
        f.run("INSERT INTO connector (id, kind, name, settings, capabilities, added_at) VALUES (1, "
              "'webhook', 'w', "
              "'{}', 0, 0)");
        f.run("INSERT INTO outbox (key, connector, operation, user, command, actor, role, via, host, "
              "created_at, "
              "due_at) SELECT 'k', 1, 1, 1, max(id), '', '', '', '', 0, 0 FROM command");
        const auto processing = [&] {
            auto t = store::Transaction::begin(f.connection());
            Fixture::check(t);
            Fixture::check(ledger::setProcessing(f.connection(), 1));
            Fixture::check(t->commit());
            return f.ask("SELECT is_processing FROM user_risk WHERE user = 1");
        };
        QCOMPARE(processing(), "1");
        QCOMPARE(users.toEnd(), QStringList{key(1)});
        QCOMPARE(processing(), "1");
        QCOMPARE(users.toEnd(), QStringList());
        f.run("UPDATE outbox SET state = 3");
        QCOMPARE(processing(), "0");
        QCOMPARE(users.toEnd(), QStringList{key(1)});
    }

    // Marked once per transaction is enough, as long as the mark holds.
    void oneMarkStandsForATransactionThatHolds()
    {
        Fixture f;
        raise(f, 1, 1);
        raise(f, 2, 2);
        Reader users(f.connection(), Feed::Users);
        users.toEnd();
        ledger::ChangeRows marks(f.connection());
        const auto newest = [&] { return f.ask("SELECT max(number) FROM user_change"); };
        const auto inTransaction = [&](auto work) {
            auto t = store::Transaction::begin(f.connection());
            Fixture::check(t);
            work();
            Fixture::check(t->commit());
        };
        const auto before = std::stoll(newest());
        inTransaction([&] {
            Fixture::check(marks.user(1));
            Fixture::check(marks.riskyUser(1));
            Fixture::check(marks.user(1));
        });
        QCOMPARE(newest(), std::to_string(before + 1));
        QCOMPARE(users.toEnd(), QStringList{key(1)});
        inTransaction([&] { Fixture::check(marks.user(1)); });
        QCOMPARE(users.toEnd(), QStringList{key(1)});
        inTransaction([&] {
            f.run("SAVEPOINT one");
            Fixture::check(marks.user(2));
            f.run("ROLLBACK TO one");
            f.run("RELEASE one");
            Fixture::check(marks.user(2));
        });
        QCOMPARE(users.toEnd(), QStringList{key(2)});
        {
            const auto left = store::Transaction::begin(f.connection());
            Fixture::check(left);
            Fixture::check(marks.user(1));
        }
        inTransaction([&] { Fixture::check(marks.user(1)); });
        QCOMPARE(users.toEnd(), QStringList{key(1)});
        // Who was not risky is marked by what makes him so.
        inTransaction([&] {
            Fixture::check(marks.user(3));
            Fixture::check(marks.riskyUser(3));
        });
        QCOMPARE(f.ask("SELECT count(*) FROM user_change WHERE user = 3"), "1");
    }

    void holdsWhileOthersWrite()
    {
        Fixture f;
        for (std::uint32_t n = 1; n <= 4; ++n)
            raise(f, 1, n);
        auto connection = store::openForReading(f.connection().file());
        Fixture::check(connection);
        Reader reader(*connection, Feed::Detections);
        QCOMPARE(reader.batch(2).size(), std::size_t{2});
        // The first row changes behind the reader, the last before it.
        act(f, {Action::Dismiss, {}, {idOf(1, 1).toStdString()}, {}, {}, {}});
        act(f, {Action::Dismiss, {}, {idOf(1, 3).toStdString()}, {}, {}, {}});
        QCOMPARE(reader.toEnd(), (QStringList{idOf(1, 4), idOf(1, 1), idOf(1, 3)}));
        // A transaction that commits late: written before the look, seen after it.
        {
            auto t = store::Transaction::begin(f.connection());
            Fixture::check(t);
            std::vector<ledger::RaisedDetection> one;
            one.push_back(finding(2, 8, DetectionType::UnlikelyTravel, RiskLevel::Low, noon));
            Fixture::check(ledger::RiskWriter(f.connection(), f.clock).raise(std::move(one)));
            QCOMPARE(reader.toEnd(), QStringList());
            Fixture::check(t->commit());
        }
        QCOMPARE(reader.toEnd(), QStringList{idOf(2, 8)});
        // A look that began before a commit does not see it, and its token does not skip it.
        {
            const auto look = Reading::begin(*connection);
            Fixture::check(look);
            QCOMPARE(reader.toEnd(), QStringList());
            raise(f, 3, 11);
            QCOMPARE(reader.toEnd(), QStringList());
        }
        QCOMPARE(reader.toEnd(), QStringList{idOf(3, 11)});
        // What was rolled back never was.
        {
            auto t = store::Transaction::begin(f.connection());
            Fixture::check(t);
            std::vector<ledger::RaisedDetection> one;
            one.push_back(finding(2, 12, DetectionType::UnlikelyTravel, RiskLevel::Low, noon));
            Fixture::check(ledger::RiskWriter(f.connection(), f.clock).raise(std::move(one)));
        }
        raise(f, 3, 13);
        QCOMPARE(reader.toEnd(), QStringList{idOf(3, 13)});
        const auto broken = store::brokenSeals(f.connection());
        Fixture::check(broken);
        QCOMPARE(broken->size(), std::size_t{0});
    }

    void signInsAreToldInTheOrderOfTheirRecording()
    {
        SmallDirectory small;
        small.populate(25);
        const SmallSignIns made(small, 30, 3);
        auto &db = small.connection();
        for (const auto atMost : std::vector<std::size_t>{1, 4, 15, 16, 30, 31}) {
            Reader reader(db, Feed::SignIns);
            QStringList expected;
            for (int i = 0; i < 30; ++i)
                expected << QString::number(i);
            QCOMPARE(reader.toEnd(atMost), expected);
            QCOMPARE(reader.toEnd(atMost), QStringList());
        }
        // The numbers are those of SignIns.
        const auto signIns = ReadSession::of(db)->signIns();
        const auto all = signIns->ask(db, {Report::SignIns, {}, {}, {}, smallNow});
        Fixture::check(all);
        std::vector<std::uint32_t> numbers;
        for (const auto &change : Reader(db, Feed::SignIns).batch(100))
            numbers.push_back(static_cast<std::uint32_t>(change.row));
        const auto items = signIns->read(db, all->generation, numbers);
        Fixture::check(items);
        const auto first = store::readSegment(db, 1);
        Fixture::check(first);
        QVERIFY(items->front().row.eventKey == first->front().eventKey);
        std::set<std::string> ids;
        for (const auto &item : *items)
            ids.insert(item.requestId);
        QCOMPARE(ids, std::set<std::string>(made.requestIds().begin(), made.requestIds().end()));
        // More of them come behind.
        Reader follower(db, Feed::SignIns);
        (void)follower.toEnd(7);
        const auto before = newestChange(db, Feed::SignIns);
        Fixture::check(before);
        QCOMPARE(before->toText(), follower.token());
        Fixture::check(store::writeSegment(db, 1, std::span(*first).first(3)));
        QCOMPARE(follower.toEnd(2), (QStringList{"30", "31", "32"}));
        // A file that was put back does not reach the token.
        SmallDirectory::need(db.execute("DELETE FROM segment WHERE id = 3"));
        QCOMPARE(codeOf(readChanges(db, Feed::SignIns,
                                    *ChangeToken::fromText(follower.token(), Feed::SignIns), 5)),
                 Code::Conflict);
    }

    void refusesATokenThatIsNotItsOwn()
    {
        Fixture f;
        raise(f, 1, 1);
        Reader reader(f.connection(), Feed::Detections);
        (void)reader.toEnd();
        const auto text = reader.token();
        const auto token = ChangeToken::fromText(text, Feed::Detections);
        Fixture::check(token);
        QCOMPARE(token->toText(), text);
        QVERIFY(std::all_of(text.begin(), text.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                   c == '_';
        }));
        QVERIFY(text[0] != '-');
        std::vector<std::string> bad{"",
                                     "x",
                                     text.substr(1),
                                     text + "A",
                                     std::string(text.size(), 'A'),
                                     text.substr(0, text.size() - 1) + "=",
                                     std::string(1'000'000, 'A')};
        for (std::size_t i = 0; i < text.size(); ++i) {
            auto other = text;
            other[i] = other[i] == 'A' ? 'B' : 'A';
            bad.push_back(other);
        }
        for (const auto &wrong : bad) {
            const auto read = ChangeToken::fromText(wrong, Feed::Detections);
            QVERIFY2(!read && read.error().code == Code::WrongUsage, wrong.substr(0, 80).c_str());
        }
        const auto otherFeed = ChangeToken::fromText(text, Feed::Users);
        QVERIFY(!otherFeed && otherFeed.error().code == Code::WrongUsage);
        QCOMPARE(codeOf(readChanges(f.connection(), Feed::Users, *token, 5)), Code::WrongUsage);
        SmallDirectory other;
        QCOMPARE(codeOf(readChanges(other.connection(), Feed::Detections, *token, 5)), Code::WrongUsage);
    }

    void noticesAnEarlierStateOfTheFile()
    {
        Fixture f;
        raise(f, 1, 1);
        f.run("PRAGMA wal_checkpoint(TRUNCATE)");
        QTemporaryDir folder;
        const auto backup = folder.filePath("backup.riskdesk");
        QVERIFY(QFile::copy(QString::fromStdString(f.connection().file().string()), backup));
        Reader early(f.connection(), Feed::Detections);
        (void)early.toEnd();
        for (const auto feed : {Feed::Detections, Feed::Users, Feed::History}) {
            raise(f, 1, 10 + static_cast<std::uint32_t>(feed));
            Reader after(f.connection(), feed);
            (void)after.toEnd();
            auto restored = store::openForReading(backup.toStdString());
            Fixture::check(restored);
            const auto gone = readChanges(*restored, feed, *ChangeToken::fromText(after.token(), feed), 5);
            QCOMPARE(codeOf(gone), Code::Conflict);
            QVERIFY(gone.error().detail.ends_with('.'));
        }
        // A copy is the same directory, as far as it goes.
        auto restored = store::openForReading(backup.toStdString());
        Fixture::check(restored);
        Fixture::check(readChanges(*restored, Feed::Detections,
                                   *ChangeToken::fromText(early.token(), Feed::Detections), 5));
    }

    void anOlderDirectoryIsToldFromItsBeginning()
    {
        QTemporaryDir folder;
        const auto file = folder.filePath("old.riskdesk").toStdString();
        sqlite3 *db = nullptr;
        QCOMPARE(sqlite3_open(file.c_str(), &db), SQLITE_OK);
        const auto run = [&](const std::string &sql) {
            QVERIFY2(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK,
                     sqlite3_errmsg(db));
        };
        run("PRAGMA journal_mode = WAL; PRAGMA application_id = " + std::to_string(store::applicationId));
        for (const auto &migration : store::migrations())
            if (std::string_view(migration.name).find("change") != std::string_view::npos) {
                run("PRAGMA user_version = " + std::to_string(migration.version - 1));
                break;
            } else {
                run(std::string(migration.sql));
            }
        run("INSERT INTO directory (id, name, created_at) VALUES (1, 'Old', 1);"
            "INSERT INTO user (id, key) VALUES (1, 'a'), (2, 'b');"
            "INSERT INTO provider_risk VALUES (2, 'high', 'atRisk', 'none', NULL);"
            "INSERT INTO user_risk (user, level, state, detail, score, updated_at, open_detections, "
            "total_detections, risky_sign_ins) VALUES (1, 2, 4, 0, 50, 1, 1, 1, 1)");
        for (const char *id : {"x", "c"})
            run(std::string(
                    "INSERT INTO detection (id, type, type_text, level, state, detail, timing, activity, "
                    "source, user, at, detected_at, last_updated, last_at, weight_level) VALUES ('") +
                id + "', 1, 't', 2, 4, 0, 0, 0, 's', 1, 1, 1, 1, 1, 2)");
        sqlite3_close(db);
        auto opened = store::openForWriting(file);
        Fixture::check(opened);
        QCOMPARE(Reader(*opened, Feed::Detections).toEnd(), (QStringList{"x", "c"}));
        QCOMPARE(Reader(*opened, Feed::Users).toEnd(), (QStringList{"a", "b"}));
        const auto newest = newestChange(*opened, Feed::Detections);
        Fixture::check(newest);
        const auto none = readChanges(*opened, Feed::Detections, *newest, 5);
        Fixture::check(none);
        QVERIFY(none->rows.empty() && none->next == *newest);
    }

    void filtersByTheReport()
    {
        Fixture f;
        raise(f, 1, 1, RiskLevel::High);
        raise(f, 2, 2, RiskLevel::Low);
        raise(f, 3, 3, RiskLevel::High);
        const Question high{
            Report::Detections, Filter::match("riskLevel", Test::Is, {Value(std::int64_t{3})}), {}, {}, noon};
        const std::int64_t rows[] = {3, 2, 1, 99};
        const auto found = matchingRows(f.connection(), high, rows);
        Fixture::check(found);
        QCOMPARE(*found, (std::vector<std::int64_t>{3, 1}));
        const auto none = matchingRows(f.connection(), {Report::SignIns, {}, {}, {}, noon}, rows);
        QVERIFY(!none && none.error().code == Code::WrongUsage);
    }
};

QTEST_GUILESS_MAIN(ChangesTest)
#include "tst_changes.moc"
