// A segment gives back what was written, and refuses what is damaged.
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
