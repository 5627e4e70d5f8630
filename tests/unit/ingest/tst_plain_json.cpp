// The quick reader of plain JSON says what the full reader says, or nothing.
#ifndef Q_MOC_RUN // moc 6.4 stumbles over <compare> and over raw strings
#include "tests/unit/ingest/plain_records.h"
#endif

#include <QTest>

#include <random>
#include <string>
#include <vector>

using namespace riskdesk::ingest;
using namespace plain_records;

class PlainJsonTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsWhatLogsConsistOf()
    {
        Readers readers;
        for (int round = 0; round < 3; ++round) // learning, then by what was learned
            for (const auto &record : records())
                QVERIFY2(plainly(readers, record) == Said::TheSame, record.c_str());
    }

    void leavesTheRest_data()
    {
        QTest::addColumn<QByteArray>("record");
        for (const auto &[name, record] : oddRecords())
            QTest::newRow(name) << QByteArray::fromStdString(record);
    }
    void leavesTheRest()
    {
        QFETCH(QByteArray, record);
        const auto text = record.toStdString();
        Readers readers;
        QCOMPARE(static_cast<int>(plainly(readers, text)), static_cast<int>(Said::Nothing));
        // Neither what was learned before nor what stands behind in memory changes that.
        for (const auto &before : records())
            (void)plainly(readers, before);
        auto memory = padded(text);
        const std::string_view behind = "\",\"appId\":\"b\"},\"id\":\"c\"}";
        std::copy(behind.begin(), behind.end(), memory.begin() + static_cast<std::ptrdiff_t>(text.size()));
        Fields fields;
        QVERIFY(!readers.plain.read({memory.data(), text.size()}, readers.arena, fields));
    }

    void neverSaysAnythingElse()
    {
        // Damaged at random places, so that every kind of disagreement would show.
        std::mt19937 random(977);
        constexpr std::string_view pieces[] = {"\"", "{", "}",  "[", "]", ",",    ":",    " ",
                                               "0",  "-", "\\", "a", "é", "null", "true", "\n"};
        Readers readers;
        int same = 0;
        for (int i = 0; i < 200000; ++i) {
            auto text = records()[random() % records().size()];
            for (auto edits = random() % 3; edits > 0; --edits) {
                const auto at = random() % text.size();
                const auto &piece = pieces[random() % std::size(pieces)];
                if (random() % 2 == 0)
                    text.insert(at, piece);
                else
                    text.replace(at, random() % 4, piece);
            }
            const auto said = plainly(readers, text);
            same += said == Said::TheSame ? 1 : 0;
            QVERIFY2(said != Said::SomethingElse, text.c_str());
        }
        QVERIFY(same > 20000);
    }
};

QTEST_APPLESS_MAIN(PlainJsonTest)
#include "tst_plain_json.moc"
