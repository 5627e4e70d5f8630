// A segment gives back what was written, and refuses what is damaged.
#include "core/base/digest.h"
#include "core/store/dictionary.h"
#include "core/store/schema.h"
#include "core/store/segment.h"
#include "core/store/statement.h"

#include <QTemporaryDir>
#include <QTest>

#include <cstring>
#include <random>

using namespace riskdesk;

class SegmentTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_file = m_folder->filePath("a.riskdesk").toStdString();
        store::DirectoryInfo info;
        info.name = "Test";
        QVERIFY(store::createDirectory(m_file, info));
        auto db = store::openForWriting(m_file);
        QVERIFY(db.has_value());
        m_db = std::make_unique<store::Connection>(std::move(*db));
        QVERIFY(m_db->execute("INSERT INTO import_run (id, started_at) VALUES (1, 0)"));
    }

    void givesBackWhatWasWritten()
    {
        std::mt19937_64 random(7);
        std::vector<SignInRow> rows(5000);
        for (auto &row : rows) {
            auto *bytes = reinterpret_cast<unsigned char *>(&row);
            for (std::size_t i = 0; i < sizeof row; ++i)
                bytes[i] = static_cast<unsigned char>(random());
            row.user = static_cast<std::uint32_t>(random() % 70000);
            row.length = 2054; // constant
            row.outcome = Outcome::Failure;
            row.failure = static_cast<FailureKind>(random() % 8);
            row.eventIdKind = static_cast<EventIdKind>(random() % 3);
            row.mfa = static_cast<Mfa>(random() % 5);
            row.identity = static_cast<Identity>(random() % 3);
            std::memset(row.reserved, 0, sizeof row.reserved);
        }
        rows[0].at = std::numeric_limits<std::int64_t>::min();
        rows[1].at = std::numeric_limits<std::int64_t>::max();
        rows[2].errorCode = std::numeric_limits<std::int32_t>::min();
        const auto id = store::writeSegment(*m_db, 1, rows);
        QVERIFY(id.has_value());
        const auto read = store::readSegment(*m_db, *id);
        QVERIFY(read.has_value());
        QCOMPARE(read->size(), rows.size());
        QCOMPARE(std::memcmp(static_cast<const void *>(read->data()), rows.data(),
                             rows.size() * sizeof(SignInRow)),
                 0);
        std::vector<std::int64_t> codes;
        QVERIFY(store::readColumn(*m_db, *id, store::Column::ErrorCode, codes));
        for (std::size_t i = 0; i < rows.size(); ++i)
            QCOMPARE(codes[i], std::int64_t{rows[i].errorCode});
        const auto keys = store::readEventKeys(*m_db, *id);
        QVERIFY(keys.has_value());
        QVERIFY((*keys)[77] == rows[77].eventKey);
    }

    // The form is the second byte of a column, its width the fourth.
    void numbersTakeTheSmallestForm_data()
    {
        QTest::addColumn<QList<qint64>>("at");
        QTest::addColumn<int>("form");
        QTest::addColumn<int>("mostBytes");
        std::mt19937_64 random(3);
        QList<qint64> seconds, jumps, few, wide, falling;
        qint64 at = 1'700'000'000'000'000;
        const qint64 anywhere[] = {-5, qint64(random() >> 2), qint64(random() >> 2), 7'000'000'000};
        for (int i = 0; i < 4000; ++i) {
            at += qint64(random() % 8) * 1'000'000;
            seconds << at;
            jumps << at + (i == 2000 ? 1'000'000'000'000 : 0);
            few << anywhere[random() % 4];
            wide << qint64(random());
            falling << -at;
        }
        QTest::newRow("whole seconds, ascending") << seconds << 4 << 16 + 16 + 2000 + 8;
        QTest::newRow("falling") << falling << 4 << 16 + 16 + 2000 + 8;
        QTest::newRow("one far away") << jumps << 3 << 16 + 16 + 10500 + 8;
        QTest::newRow("few that lie far from each other") << few << 5 << 16 + 8 + 32 + 1000 + 8;
        QTest::newRow("anything") << wide << 2 << 16 + 32000;
        QTest::newRow("ends of the range")
            << QList<qint64>{std::numeric_limits<qint64>::min(), 0, std::numeric_limits<qint64>::max()} << 2
            << 16 + 24;
        QTest::newRow("two") << QList<qint64>{1, 2} << 2 << 16 + 16;
        QTest::newRow("one") << QList<qint64>{1} << 0 << 16 + 8;
    }
    void numbersTakeTheSmallestForm()
    {
        QFETCH(QList<qint64>, at);
        QFETCH(int, form);
        QFETCH(int, mostBytes);
        std::vector<SignInRow> rows(static_cast<std::size_t>(at.size()));
        for (std::size_t i = 0; i < rows.size(); ++i)
            rows[i].at = at[qsizetype(i)];
        const auto encoded = store::encodeSegment(rows);
        const auto &column = encoded.columns.front();
        QCOMPARE(int(column[1]), form);
        QVERIFY2(column.size() <= static_cast<std::size_t>(mostBytes),
                 QByteArray::number(qint64(column.size())));
        const auto id = store::writeSegment(*m_db, 1, encoded);
        QVERIFY(id.has_value());
        std::vector<std::int64_t> read;
        QVERIFY(store::readColumn(*m_db, *id, store::Column::At, read));
        QCOMPARE(QList<qint64>(read.begin(), read.end()), at);
    }

    void everyWidthGivesBackWhatWasWritten()
    {
        std::mt19937_64 random(5);
        for (unsigned bits = 1; bits <= 64; ++bits)
            for (const auto count : {std::size_t{2}, std::size_t{3}, std::size_t{9}, std::size_t{700}}) {
                std::vector<SignInRow> rows(count);
                for (auto &row : rows) {
                    row.at = static_cast<std::int64_t>(random() >> (64 - bits)) - 3;
                    row.errorCode = static_cast<std::int32_t>(random() >> (64 - bits));
                }
                const auto id = store::writeSegment(*m_db, 1, rows);
                QVERIFY(id.has_value());
                std::vector<std::int64_t> at, codes;
                QVERIFY(store::readColumn(*m_db, *id, store::Column::At, at));
                QVERIFY(store::readColumn(*m_db, *id, store::Column::ErrorCode, codes));
                for (std::size_t i = 0; i < count; ++i)
                    if (at[i] != rows[i].at || codes[i] != rows[i].errorCode)
                        QFAIL(
                            qPrintable(QStringLiteral("%1 bits, row %2 of %3").arg(bits).arg(i).arg(count)));
            }
    }

    // As it was written before there were bits: the distance from the least, in whole bytes.
    void readsWhatEarlierVersionsWrote()
    {
        std::vector<SignInRow> rows(3);
        rows[1].at = 300;
        QVERIFY(store::writeSegment(*m_db, 1, rows).has_value());
        std::string blob("\x01\x01\x08\x02\x03\0\0\0", 8);
        const std::string body("\xF6\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                               "\0\0"
                               "\x0A\x01"
                               "\xFF\xFF",
                               14);
        const auto digest = blake2b128(body);
        blob.append(reinterpret_cast<const char *>(digest.data()), 8).append(body);
        QVERIFY(store::Statement(*m_db, "UPDATE segment_column SET data = ?1 WHERE id = 64")
                    .bind(std::span(reinterpret_cast<const std::uint8_t *>(blob.data()), blob.size()))
                    .run());
        std::vector<std::int64_t> at;
        QVERIFY(store::readColumn(*m_db, 1, store::Column::At, at));
        QVERIFY((at == std::vector<std::int64_t>{-10, 256, 65525}));
    }

    void refusesAFlippedByte()
    {
        std::vector<SignInRow> rows(3);
        rows[1].at = 5;
        QVERIFY(store::writeSegment(*m_db, 1, rows).has_value());
        store::Statement read(*m_db, "SELECT data FROM segment_column WHERE id = 64");
        QVERIFY(read.step());
        std::vector<std::uint8_t> blob(read.blob(0).begin(), read.blob(0).end());
        read.reset();
        blob.back() ^= 1;
        QVERIFY(store::Statement(*m_db, "UPDATE segment_column SET data = ?1 WHERE id = 64")
                    .bind(std::span<const std::uint8_t>(blob))
                    .run());
        const auto damaged = store::readSegment(*m_db, 1);
        QVERIFY(!damaged);
        QCOMPARE(damaged.error().code, Code::StoreCorrupt);
        blob[0] = 9;
        QVERIFY(store::Statement(*m_db, "UPDATE segment_column SET data = ?1 WHERE id = 64")
                    .bind(std::span<const std::uint8_t>(blob))
                    .run());
        QCOMPARE(store::readSegment(*m_db, 1).error().code, Code::Unsupported);
    }

    // A number that no enumeration has, under a right checksum: what another program wrote, or a later
    // version.
    void refusesAnUnknownNumber()
    {
        std::vector<SignInRow> rows(3);
        rows[1].failure = static_cast<FailureKind>(200);
        QVERIFY(store::writeSegment(*m_db, 1, rows).has_value());
        const auto read = store::readSegment(*m_db, 1);
        QVERIFY(!read);
        QCOMPARE(read.error().code, Code::StoreCorrupt);
        std::vector<std::int64_t> kinds;
        QVERIFY(!store::readColumn(*m_db, 1, store::Column::Failure, kinds));
        QVERIFY(store::readColumn(*m_db, 1, store::Column::Outcome, kinds).has_value());
    }

    void dictionariesKeepTheirIds()
    {
        store::Dictionaries first;
        QVERIFY(first.load(*m_db));
        std::vector<std::uint32_t> ids;
        for (int i = 0; i < 30000; ++i)
            ids.push_back(first.intern(Dictionary::UserAgent, "agent number " + std::to_string(i)));
        QVERIFY(first.flush(*m_db));
        const auto later = first.intern(Dictionary::UserAgent, "one more");
        QCOMPARE(first.intern(Dictionary::UserAgent, "agent number 12"), ids[12]);
        QCOMPARE(first.intern(Dictionary::UserAgent, ""), 0u);
        QVERIFY(first.flush(*m_db));

        store::Dictionaries second;
        QVERIFY(second.load(*m_db));
        QCOMPARE(second.size(Dictionary::UserAgent), 30002u);
        for (std::size_t i = 0; i < ids.size(); ++i)
            QCOMPARE(second.text(Dictionary::UserAgent, ids[i]), "agent number " + std::to_string(i));
        QCOMPARE(second.find(Dictionary::UserAgent, "one more"), later);

        // What another process appends is picked up.
        const auto fresh = second.intern(Dictionary::Browser, "Chrome 122");
        QVERIFY(second.flush(*m_db));
        QVERIFY(first.load(*m_db));
        QCOMPARE(first.text(Dictionary::Browser, fresh), std::string_view("Chrome 122"));
    }

    void textsAreWrittenAsTheyAreTaken()
    {
        const auto pages = [this] {
            std::vector<std::string> all;
            store::Statement row(*m_db, "SELECT id, entries, hex(data) FROM dictionary_page ORDER BY id");
            while (row.step())
                all.push_back(row.string(0) + ' ' + row.string(1) + ' ' + row.string(2));
            return all;
        };
        store::Dictionaries whole, parts;
        for (int i = 0; i < 30000; ++i) {
            const auto text = "agent number " + std::to_string(i);
            static_cast<void>(whole.intern(Dictionary::UserAgent, text));
            static_cast<void>(parts.intern(Dictionary::UserAgent, text));
            if (i % 7000 == 0)
                QVERIFY(store::writeTexts(*m_db, parts.takeNew()));
        }
        const auto last = parts.takeNew();
        QVERIFY(store::writeTexts(*m_db, last));
        const auto inParts = pages();
        QVERIFY(inParts.size() > 1);

        // Somebody else cannot have given away the same ids.
        const auto again = store::writeTexts(*m_db, last);
        QVERIFY(!again);
        QCOMPARE(again.error().code, Code::Conflict);

        QVERIFY(m_db->execute("DELETE FROM dictionary_page"));
        QVERIFY(whole.flush(*m_db));
        QVERIFY(pages() == inParts);

        // A damaged page is not sealed anew with what comes behind it.
        QVERIFY(m_db->execute("UPDATE dictionary_page SET data = CAST(substr(data, 1, 40) || 'x' || "
                              "substr(data, 42) AS BLOB)"));
        static_cast<void>(whole.intern(Dictionary::UserAgent, "one more"));
        const auto damaged = whole.flush(*m_db);
        QVERIFY(!damaged);
        QCOMPARE(damaged.error().code, Code::StoreCorrupt);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::string m_file;
    std::unique_ptr<store::Connection> m_db;
};

QTEST_APPLESS_MAIN(SegmentTest)
#include "tst_segment.moc"
