// What a program may use of memory does not depend on what somebody wrote into a file. Each input here is
// small and made to be held whole by a careless reader; riskdeskctl reads it with a limit on its data that
// leaves room for its work and for no more, and still counts exactly.
#include "tests/support/ctl.h"

#include <QTest>

#include <zlib.h>

#include <array>
#include <cstring>

using riskdesk::test::Ctl;
using riskdesk::test::Ran;
using riskdesk::test::riskdeskctl;
using riskdesk::test::signInLine;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

namespace {

constexpr int mebibyte = 1 << 20;
const QByteArray header = "Date (UTC),Request ID,Username,Status,User agent\n";

QByteArray row(int number)
{
    return "2026-03-18T14:26:00Z,r" + QByteArray::number(number) + ",ana@fabrikam.example,Success,Firefox\n";
}

// As `times` copies of `text` behind `head`, packed piece by piece.
QByteArray gzip(const QByteArray &head, const QByteArray &text, int times, const QByteArray &tail = {})
{
    z_stream stream{};
    if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    QByteArray out;
    std::array<char, 1 << 16> room;
    const auto put = [&](const QByteArray &piece, int flush) {
        stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(piece.data()));
        stream.avail_in = static_cast<uInt>(piece.size());
        do {
            stream.next_out = reinterpret_cast<Bytef *>(room.data());
            stream.avail_out = room.size();
            deflate(&stream, flush);
            out.append(room.data(), static_cast<qsizetype>(room.size() - stream.avail_out));
        } while (stream.avail_out == 0);
    };
    put(head, Z_NO_FLUSH);
    for (int i = 0; i < times; ++i)
        put(text, Z_NO_FLUSH);
    put(tail, Z_FINISH);
    deflateEnd(&stream);
    return out;
}

} // namespace

class BoundedMemoryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        if (sanitized)
            QSKIP("sanitizers reserve far more memory than any limit would allow");
        m_ctl = std::make_unique<Ctl>();
        QCOMPARE(m_ctl->run({"init", "--name", "Test"}).code, 0);
    }

    void rowsThatCannotBeRead()
    {
        constexpr int rows = 300'000;
        const auto file =
            m_ctl->write("short.csv", header + row(1) + QByteArray("a\n").repeated(rows) + row(2));
        const auto ran = within(128, {"import", "--threads", "2", "--json", file});
        QCOMPARE(ran.code, 3);
        QCOMPARE(ran.object()["read"].toInt(), rows + 2);
        QCOMPARE(ran.object()["stored"].toInt(), 2);
        QCOMPARE(ran.object()["rejected"].toInt(), rows);
        // The first of them are kept, the others are counted.
        const auto kept = m_ctl->run({"list", "rejects", "--all", "--format", "json"}).array();
        QCOMPARE(kept.size(), 201);
        qint64 records = 0;
        int counting = 0;
        for (const auto &reject : kept) {
            records += reject.toObject()["records"].toInt();
            counting += reject.toObject()["records"].toInt() > 1 ? 1 : 0;
        }
        QCOMPARE(records, qint64(rows));
        QCOMPARE(counting, 1);
        QVERIFY(m_ctl->run({"list", "rejects", "--all"}).out.contains("and 299800 more like these"));
        QVERIFY2(QFileInfo(m_ctl->directory()).size() < 2 * mebibyte,
                 qPrintable(QString::number(QFileInfo(m_ctl->directory()).size())));
        // Read again, they are the same ones.
        QCOMPARE(m_ctl->run({"import", "--json", file}).object()["rejected"].toInt(), rows);
        QCOMPARE(m_ctl->run({"list", "rejects", "--all", "--format", "json"}).array().size(), 201);
    }

    void aQuoteThatIsNeverClosed()
    {
        // What follows the quote has quotes that mean themselves, so that each line goes on from the last.
        constexpr int megabytes = 12;
        QByteArray block;
        while (block.size() < mebibyte)
            block += "b,\"c\n";
        const int lines = static_cast<int>(block.count('\n')) * megabytes;
        const auto file = m_ctl->path("quote.csv.gz");
        m_ctl->write("quote.csv.gz",
                     gzip(header + row(1) + "2026-03-18T14:26:00Z,\"open\n", block, megabytes, row(2)));
        const auto ran = within(128, {"import", "--threads", "2", "--json", file});
        QCOMPARE(ran.code, 3);
        QCOMPARE(ran.object()["stored"].toInt(), 2);
        QCOMPARE(ran.object()["rejected"].toInt(), lines + 1);
    }

    void aRecordWithoutAnEnd()
    {
        // 200 MiB in one record, which is one reject; what follows is read.
        const auto packed =
            gzip(signInLine(1) + "{\"id\":\"", QByteArray(mebibyte, 'x'), 200, "\"}\n" + signInLine(2));
        QVERIFY(packed.size() < mebibyte);
        const auto ran = within(128, {"import", "--threads", "2", "--json", m_ctl->write("bomb.gz", packed)});
        QCOMPARE(ran.code, 3);
        QCOMPARE(ran.object()["stored"].toInt(), 2);
        QCOMPARE(ran.object()["rejected"].toInt(), 1);
    }

    void aProvidersWordWithoutOneSignIn()
    {
        constexpr int detections = 100'000;
        QByteArray log;
        for (int i = 0; i < detections; ++i)
            log += "{\"id\":\"d" + QByteArray::number(i) +
                   "\",\"riskEventType\":\"unlikelyTravel\",\"riskState\":\"atRisk\",\"riskLevel\":\"low\","
                   "\"activityDateTime\":\"2026-03-18T09:00:00Z\",\"userId\":\"u" +
                   QByteArray::number(i % 50) + "\"}\n";
        const auto ran = within(128, {"import", "--json", m_ctl->write("detections.json", log)});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QCOMPARE(ran.object()["stored"].toInt(), detections);
    }

    void aListThatSaysTheSameAgainAndAgain()
    {
        const auto file =
            m_ctl->write("equal.txt", "198.51.100.9\n" + QByteArray("192.0.2.1\n").repeated(500'000));
        const auto ran = within(128, {"intel", "add", "anonymizer", file});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QVERIFY2(ran.out.contains("2 entries"), qPrintable(ran.out));
        QVERIFY2(ran.err.contains("499999"), qPrintable(ran.err));
    }

private:
    // Runs with at most so many MiB of data of its own: heap, stacks and what is mapped to be written.
    [[nodiscard]] Ran within(int mebibytes, const QStringList &arguments) const
    {
        QProcess process;
        QStringList all{
            "-c",
            QString("ulimit -d %1; export MALLOC_ARENA_MAX=2; exec \"$0\" \"$@\"").arg(mebibytes * 1024),
            QString::fromStdString(riskdeskctl()), "--directory", m_ctl->directory()};
        process.start("bash", all + arguments);
        Ran ran;
        if (!process.waitForFinished(60000)) {
            process.kill();
            ran.err = "it did not end";
            return ran;
        }
        ran.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2;
        ran.out = QString::fromUtf8(process.readAllStandardOutput());
        ran.err = QString::fromUtf8(process.readAllStandardError());
        return ran;
    }

    std::unique_ptr<Ctl> m_ctl;
};

QTEST_GUILESS_MAIN(BoundedMemoryTest)
#include "tst_bounded_memory.moc"
