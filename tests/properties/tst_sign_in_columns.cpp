// Filtering and sorting over columns equal a plain loop over the rows.
#include "core/store/schema.h"
#include "core/store/sign_in_columns.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <random>
#include <span>

using namespace riskdesk;

class SignInColumnsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void equalsAPlainLoop()
    {
        QTemporaryDir folder;
        const auto file = folder.filePath("a.riskdesk").toStdString();
        store::DirectoryInfo info;
        info.name = "Test";
        QVERIFY(store::createDirectory(file, info));
        auto db = store::openForWriting(file);
        QVERIFY(db.has_value());
        QVERIFY(db->execute("INSERT INTO import_run (id, started_at) VALUES (1, 0)"));
        std::mt19937_64 random(3);
        std::vector<SignInRow> all;
        store::SignInColumns columns;
        for (int segment = 0; segment < 5; ++segment) {
            std::vector<SignInRow> rows(200 + random() % 300);
            for (auto &row : rows) {
                row.at = static_cast<std::int64_t>(random() % 5000);
                row.user = static_cast<std::uint32_t>(random() % 40);
                row.ip = static_cast<std::uint32_t>(random() % 3);
                row.application = static_cast<std::uint32_t>(random() % 5);
                row.eventKey[3] = static_cast<std::uint8_t>(random());
            }
            std::sort(rows.begin(), rows.end(), before);
            QVERIFY(store::writeSegment(*db, 1, rows).has_value());
            all.insert(all.end(), rows.begin(), rows.end());
            // Asked between two segments too, so that extending is tested.
            QVERIFY(columns.refresh(*db).value_or(false));
            QVERIFY(columns.ids(*db, store::Column::User).has_value());
        }
        QVERIFY(!columns.refresh(*db).value_or(true));
        QCOMPARE(columns.rows(), all.size());

        const auto odd =
            columns.where(*db, store::Column::User, 30, [](std::uint32_t id) { return id % 2 == 1; });
        auto wanted = columns.between(*db, 1000, 3000);
        QVERIFY(odd && wanted);
        *wanted &= *odd;
        *wanted |=
            *columns.where(*db, store::Column::Application, 5, [](std::uint32_t id) { return id == 2; });
        const auto rest = ~*wanted;
        std::vector<std::uint32_t> plain;
        for (std::uint32_t i = 0; i < all.size(); ++i)
            if ((all[i].at >= 1000 && all[i].at <= 3000 && all[i].user < 30 && all[i].user % 2 == 1) ||
                all[i].application == 2)
                plain.push_back(i);
        auto rows = wanted->list();
        QVERIFY(rows == plain);
        QCOMPARE(wanted->count() + rest.count(), all.size());

        // A column at a time or a segment at a time: the same rows.
        store::SignInColumns once(store::Keep::Nothing);
        QVERIFY(once.refresh(*db).value_or(false));
        for (auto *asked : {&columns, &once}) {
            const auto some = asked->between(*db, 1000, 3000);
            const auto same =
                asked->where(*db, store::Column::User, 30, [](std::uint32_t id) { return id % 2 == 1; });
            const auto other = asked->whereElse(
                *db, store::Column::Application, 5, [](std::uint32_t id) { return id > 2; },
                [] {
                    return std::vector<std::uint8_t>{1, 0};
                });
            QVERIFY(some && same && other);
            std::size_t count = 0;
            for (std::uint32_t i = 0; i < all.size(); ++i) {
                QCOMPARE(some->contains(i), all[i].at >= 1000 && all[i].at <= 3000);
                QCOMPARE(same->contains(i), all[i].user < 30 && all[i].user % 2 == 1);
                QCOMPARE(other->contains(i),
                         all[i].application == 0 ? all[i].ip != 1 : all[i].application > 2);
                if (i >= 70 && i < 650 && wanted->contains(i))
                    ++count;
            }
            QCOMPARE(wanted->count(70, 580), count);
        }
        // Segments overlap here; equal times are there too.
        auto byTime = rows;
        std::stable_sort(byTime.begin(), byTime.end(), [&](auto a, auto b) { return all[a].at > all[b].at; });
        for (const std::size_t most : {std::size_t{0}, std::size_t{1}, std::size_t{60}, all.size()})
            for (auto *asked : {&columns, &once}) {
                const auto newest = asked->newest(*db, *wanted, most);
                QVERIFY(newest);
                QVERIFY(std::ranges::equal(*newest, std::span(byTime).first(std::min(most, byTime.size()))));
            }

        std::vector<std::uint32_t> ranks(40);
        for (std::uint32_t i = 0; i < 40; ++i)
            ranks[i] = (i * 7) % 40;
        for (const bool descending : {false, true}) {
            QVERIFY(columns.sortByTime(*db, rows, descending));
            QVERIFY(columns.sortByRank(*db, store::Column::User, ranks, 40, rows, descending));
            auto same = plain;
            std::stable_sort(same.begin(), same.end(), [&](auto a, auto b) {
                const auto ra = ranks[all[a].user], rb = ranks[all[b].user];
                if (ra != rb)
                    return descending ? ra > rb : ra < rb;
                return descending ? all[a].at > all[b].at : all[a].at < all[b].at;
            });
            for (std::size_t i = 0; i < rows.size(); ++i) {
                QCOMPARE(all[rows[i]].user, all[same[i]].user);
                QCOMPARE(all[rows[i]].at, all[same[i]].at);
            }
        }
        const auto row = columns.row(*db, static_cast<std::uint32_t>(all.size() - 1));
        QVERIFY(row.has_value());
        QVERIFY(row->eventKey == all.back().eventKey);

        // Of segments apart from each other only the last are read: the times of an older one may be gone.
        std::vector<SignInRow> later(10);
        for (std::size_t i = 0; i < later.size(); ++i)
            later[i].at = 10'000 + static_cast<std::int64_t>(i / 3);
        QVERIFY(store::writeSegment(*db, 1, later).has_value());
        QVERIFY(once.refresh(*db).value_or(false));
        QVERIFY(db->execute("DELETE FROM segment_column WHERE id = 64")); // of the first segment
        const store::RowSet everyone(once.rows(), true);
        const auto last = static_cast<std::uint32_t>(all.size()) + 9;
        QVERIFY(once.newest(*db, everyone, 3) == (std::vector<std::uint32_t>{last, last - 3, last - 2}));
        QVERIFY(!once.newest(*db, everyone, 11));
    }
};

QTEST_APPLESS_MAIN(SignInColumnsTest)
#include "tst_sign_in_columns.moc"
