// Who is meant by a name: a book that reads only the users it is asked for knows what one would know that had read all.
#include "core/examine/user_book.h"
#include "core/store/connection.h"
#include "core/store/schema.h"
#include "core/store/statement.h"
#include "core/verify/verify_risk.h"

#include "tests/support/rows_of.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <thread>
#include <vector>

using namespace riskdesk;
using run::UserBook;

namespace {

const FixedClock now(Timestamp::fromCivil(2026, 3, 2));

class Store
{
public:
    Store()
    {
        const auto file = m_folder.filePath("t.riskdesk").toStdString();
        if (!store::createDirectory(file, {"T", false, false, Timestamp::fromCivil(2026, 3, 1)}))
            qFatal("no directory");
        m_connection.emplace(std::move(*store::Connection::open(file, store::Connection::Mode::Write)));
    }
    store::Connection &connection() { return *m_connection; }
    UserBook book() { return std::move(*UserBook::open(*m_connection)); }
    // How many users were new or changed.
    std::size_t keep(UserBook &book)
    {
        const auto changes = book.takeChanges();
        auto transaction = store::Transaction::begin(*m_connection);
        if (!transaction || !run::writeUsers(*m_connection, now, changes) || !transaction->commit())
            qFatal("not written");
        return changes.users.size();
    }

private:
    QTemporaryDir m_folder;
    std::optional<store::Connection> m_connection;
};

run::SignInNames names(std::string_view id, std::string_view upn, std::string_view name, int second = 0)
{
    run::SignInNames all;
    all.userId = hashed(id);
    all.userPrincipalName = hashed(upn);
    all.displayName = hashed(name);
    all.identity = Identity::Social;
    all.issuer = "google.com";
    all.at = Timestamp{second * std::int64_t{1000000}};
    return all;
}

} // namespace

class UserBookTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whoIsStoredIsMetByAnyName()
    {
        Store store;
        auto first = store.book();
        QCOMPARE(first.resolve(names("id-1", "Ann@Shop.example", "Ann")), 1U);
        QCOMPARE(first.resolve(names("", "ben@shop.example", "Ben")), 2U);
        QCOMPARE(store.keep(first), std::size_t(2));

        auto byId = store.book(), byName = store.book();
        QCOMPARE(byId.resolve("id-1", ""), 1U);
        QCOMPARE(byName.resolve("", "ANN@shop.example"), 1U);
        QCOMPARE(byName.resolve("", "Ben@Shop.example"), 2U);
        QCOMPARE(byName.resolve("", "carol@shop.example"), 3U); // behind all that are stored
        QCOMPARE(byName.account(1).key, std::string("id-1"));
        QCOMPARE(byName.account(1).issuer, std::string("google.com"));
        QVERIFY(byName.loaded());
    }
    void whoSaysNothingNewChangesNothing()
    {
        Store store;
        auto first = store.book();
        first.resolve(names("id-1", "Ann@Shop.example", "Ann"));
        store.keep(first);
        auto again = store.book();
        again.resolve(names("id-1", "Ann@Shop.example", "Ann"));
        QCOMPARE(store.keep(again), std::size_t(0));
        again.resolve(names("id-1", "Ann@Shop.example", "Ann B."));
        QCOMPARE(store.keep(again), std::size_t(1));
        QCOMPARE(store.book().account(1).displayName, std::string("Ann B."));
        QCOMPARE(store.book().account(1).userPrincipalName, std::string("Ann@Shop.example"));
    }
    // What a user is called does not depend on which record is read last, in one run or in several.
    void theNewestSignInNames()
    {
        Store store;
        std::optional<UserBook> book(store.book());
        std::vector<std::size_t> order{0, 1, 2, 3, 4};
        int person = 0;
        do
            for (const bool eachInItsRun : {false, true}) {
                const auto id = std::to_string(++person), one = "a" + id + "@shop.example",
                           two = "b" + id + "@shop.example", three = "c" + id + "@shop.example";
                const run::SignInNames records[] = {names(id, one, "Ann", 10), names(id, two, "Ann B.", 30),
                                                    names(id, one, "Ann", 20), names(id, three, "Ann C.", 30),
                                                    names(id, "", "", 40)};
                std::uint32_t user = 0;
                for (const auto i : order) {
                    user = book->resolve(records[i]);
                    if (eachInItsRun && person % 5 == 0) {
                        store.keep(*book);
                        book.emplace(store.book());
                    }
                }
                QCOMPARE(book->account(user).userPrincipalName, three);
                QCOMPARE(book->account(user).displayName, std::string("Ann C."));
                QCOMPARE(book->resolve("", two), user); // all of them are hers
            }
        while (std::next_permutation(order.begin(), order.end()));
    }
    // A name goes to whom it was told of last.
    void aNameHasOneOwner()
    {
        for (const bool newestFirst : {false, true}) {
            Store store;
            auto book = store.book();
            const auto older = names("id-1", "info@shop.example", "Ann", 10),
                       newer = names("id-2", "info@shop.example", "Ben", 20);
            book.resolve(newestFirst ? newer : older);
            book.resolve(newestFirst ? older : newer);
            QCOMPARE(book.account(book.resolve("", "info@shop.example")).key, std::string("id-2"));
        }
    }
    // What its directory calls it counts for more than any sign-in.
    void theDirectoryNames()
    {
        Store store;
        auto book = store.book();
        const auto tell = [&](std::string_view name) {
            UserRecord record;
            record.id = "id-1";
            record.userPrincipalName = "ann@shop.example";
            record.displayName = name;
            record.identity = Identity::Local;
            return book.apply(record);
        };
        book.resolve(names("id-1", "ann.old@shop.example", "Ann Old", 10));
        tell("Ann");
        book.resolve(names("id-1", "ann.new@shop.example", "Ann New", 50));
        store.keep(book);
        auto again = store.book();
        QCOMPARE(again.resolve(names("id-1", "ann.newer@shop.example", "Ann Newer", 60)), 1U);
        QCOMPARE(again.account(1).userPrincipalName, std::string("ann@shop.example"));
        QCOMPARE(again.account(1).displayName, std::string("Ann"));
        QCOMPARE(again.account(1).identity, Identity::Local);
        QVERIFY(tell("Ann Z."));
        QVERIFY(tell("Ann A."));
        QCOMPARE(book.account(1).displayName, std::string("Ann A."));
    }
    void aNameThatIsStoredGetsItsId()
    {
        Store store;
        auto first = store.book();
        first.resolve(names("", "ann@shop.example", "Ann"));
        store.keep(first);
        auto second = store.book();
        QCOMPARE(second.resolve(names("id-1", "ann@shop.example", "Ann")), 1U);
        QCOMPARE(store.keep(second), std::size_t(1));
        QCOMPARE(store.book().resolve("id-1", ""), 1U);
    }
    // What a record says of the account for the first time is no event; what changes is.
    void whatHappensToAnAccountIsInItsHistory()
    {
        Store store;
        const auto told = [&] {
            return test::rowsOf(store.connection(), "ledger", {"id"}).join('\n').count("directory record");
        };
        const auto bring = [&](bool enabled, std::optional<bool> deleted) {
            auto book = store.book();
            UserRecord record;
            record.id = "id-1";
            record.accountEnabled = enabled;
            record.isDeleted = deleted;
            book.apply(record);
            store.keep(book);
        };
        bring(true, {});
        QCOMPARE(told(), 0);
        const auto last = [&] {
            store::Statement row(store.connection(), "SELECT kind FROM ledger ORDER BY id DESC LIMIT 1");
            return row.step() ? row.as<LedgerKind>(0) : LedgerKind::Undone;
        };
        bring(false, {});
        QCOMPARE(told(), 1);
        QCOMPARE(last(), LedgerKind::Blocked);
        bring(false, false);
        QCOMPARE(told(), 1);
        bring(true, true);
        QCOMPARE(told(), 3);
        QCOMPARE(last(), LedgerKind::UserDeleted);
        bring(true, false); // it was restored
        QCOMPARE(told(), 3);
        const auto wrong = run::verifyRisk(store.connection());
        QVERIFY(wrong && wrong->empty());
    }
    void whoWasWrittenIsReadAgain()
    {
        Store store;
        auto book = store.book();
        book.resolve(names("id-1", "ann@shop.example", "Ann"));
        store.keep(book);
        book.written();
        // Asked on several threads, as evidence is.
        std::vector<std::string> said(8);
        {
            std::vector<std::jthread> threads;
            for (auto &one : said)
                threads.emplace_back([&] { one = book.account(1).displayName; });
        }
        QCOMPARE(said, std::vector<std::string>(8, "Ann"));
        QCOMPARE(book.identity(1), Identity::Social);
        QVERIFY(book.loaded());
    }
    void identityIsThatOfTheStore()
    {
        Store store;
        auto first = store.book();
        first.resolve(names("id-1", "ann@shop.example", "Ann"));
        store.keep(first);
        QCOMPARE(store.book().identity(1), Identity::Social); // nobody was met
        auto later = store.book();
        auto known = names("id-1", "ann@shop.example", "Ann");
        known.identity = Identity::Local; // what was said first holds
        later.resolve(known);
        QCOMPARE(later.identity(1), Identity::Social);
        QCOMPARE(store.keep(later), std::size_t(0));
    }
    void aFileThatCannotBeReadIsSaid()
    {
        Store store;
        auto first = store.book();
        first.resolve(names("id-1", "ann@shop.example", "Ann"));
        store.keep(first);
        auto book = store.book();
        if (auto ok = store.connection().execute("ALTER TABLE user_alias RENAME TO elsewhere"); !ok)
            QFAIL(ok.error().detail.c_str());
        book.resolve("id-1", "");
        QVERIFY(!book.loaded());
    }
};

QTEST_GUILESS_MAIN(UserBookTest)
#include "tst_user_book.moc"
