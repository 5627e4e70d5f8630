// Logs that are cut off, damaged, packed or hostile: what can be read is read, the rest is told.
#include "core/base/text.h"
#include "core/ingest/json_scanner.h"
#include "core/ingest/reader.h"

#include "tests/unit/ingest/collect.h"

#include <QtTest>

#include <unistd.h>
#include <zip.h>
#include <zlib.h>

#include <thread>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

std::string gzip(std::string_view text)
{
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    std::string in(text);
    stream.next_in = reinterpret_cast<Bytef *>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

void writeZip(const std::filesystem::path &file,
              const std::vector<std::pair<std::string, std::string>> &members)
{
    int error = 0;
    zip_t *archive = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
    for (const auto &[name, text] : members)
        zip_file_add(archive, name.c_str(), zip_source_buffer(archive, text.data(), text.size(), 0),
                     ZIP_FL_ENC_UTF_8);
    QCOMPARE(zip_close(archive), 0);
}

std::string lines(int count, int from = 0)
{
    std::string log;
    for (int i = 0; i < count; ++i)
        log += graphSignIn("e" + std::to_string(from + i)) + "\n";
    return log;
}

QStringList ids(const Collected &all)
{
    QStringList list;
    for (const auto &s : all.signIns)
        list << QString::fromUtf8(s.eventId.data(), static_cast<qsizetype>(s.eventId.size()));
    return list;
}

QStringList reasons(const Collected &all)
{
    QStringList list;
    for (const auto &reject : all.rejects)
        list << QString::fromStdString(reject.reason);
    return list;
}

} // namespace

class Damage : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void neighboursOfABrokenRecordSurvive_data()
    {
        QTest::addColumn<QString>("log");
        QTest::addColumn<int>("signIns");
        QTest::addColumn<int>("rejects");
        const QString a = QString::fromStdString(graphSignIn("a")),
                      b = QString::fromStdString(graphSignIn("b"));
        const auto row = [](const char *name, const QString &log, int signIns, int rejects) {
            QTest::newRow(name) << log << signIns << rejects;
        };
        row("a line that is no JSON", a + "\nnonsense\n" + b + "\n", 2, 1);
        row("a line cut in the middle", a + "\n" + a.left(100) + "\n" + b + "\n", 2, 1);
        row("the first line cut in the middle", a.left(100) + "\n" + a + "\n" + b + "\n", 2, 1);
        row("a line with too much behind it", a + "\n" + a + " trailing\n" + b + "\n", 2, 1);
        row("two records on one line", a + "\n" + a + " " + b + "\n" + b + "\n", 4, 0);
        row("commas behind the records", a + ",\n" + b + ",\n", 2, 0);
        row("an empty object", a + "\n{}\n" + b + "\n", 2, 1);
        row("null, a number and a text", a + "\nnull\n17\n\"x\"\n" + b + "\n", 2, 3);
        row("blank lines", "\n\n" + a + "\n\n  \n" + b, 2, 0);
        row("a missing value in a list", "[" + a + R"(,{"id":,"createdDateTime":},)" + b + "]", 2, 1);
        row("null and a number in a list", "[" + a + ",null,17," + b + "]", 2, 1);
        row("a missing brace in a list", "[" + a + R"(,{"id":"x","status":{"errorCode":0},)" + b + "]", 2, 1);
        row("a missing quote in a list", "[" + a + ",{\"id\":\"x,\"userId\":\"u\"}," + b + "]", 2, 1);
        row("a missing quote before a line end", "[" + a + ",\n{\"id\":\"x,\n\"userId\":\"u\"},\n" + b + "]",
            2, 1);
        row("a missing bracket in a list", "[" + a + R"(,{"id":["x","userId":"u"},)" + b + "]", 2, 1);
        row("a bracket too many in a list", "[" + a + R"(,{"id":"x"]},)" + b + "]", 2, 1);
        row("the same in an envelope",
            "{\"value\":[" + a + ",{\"id\":\"x,\"userId\":\"u\"}," + b + "],\"next\":\"]}\"}", 2, 1);
        row("lists one after the other", "[" + a + "]\n[" + b + "]", 2, 0);
        row("a list of lists", "[[" + a + "],[" + b + "]]", 2, 0);
        row("the wrong encoding in one record",
            a + "\n" + QString(a).replace("Mail", QString(QChar(0xfffd))) + "\n" + b, 3, 0);
    }
    void neighboursOfABrokenRecordSurvive()
    {
        QFETCH(QString, log);
        QFETCH(int, signIns);
        QFETCH(int, rejects);
        const auto all = collectText(log.toStdString());
        QVERIFY2(all.status, all.status ? "" : all.status.error().detail.c_str());
        QCOMPARE(reasons(all).size(), rejects);
        QCOMPARE(ids(all).size(), signIns);
        QCOMPARE(all.read, static_cast<std::uint64_t>(signIns + rejects));
        for (const auto &reject : all.rejects) {
            QVERIFY(!reject.reason.empty());
            QVERIFY(reject.line > 0);
            QVERIFY(reject.excerpt.size() <= 400);
        }
    }

    void windows1252InOneLineIsReadAsSuch()
    {
        const auto all =
            collectText(graphSignIn("a", ",\"userDisplayName\":\"Zo\xeb\"") + "\n" + graphSignIn("b") + "\n");
        QCOMPARE(all.signIns.size(), std::size_t(2));
        QCOMPARE(std::string(all.signIns[0].userDisplayName), std::string("Zoë"));
    }

    void aRejectSaysWhereItIs()
    {
        const auto all = collectText(lines(3) + R"({"id":"x" "oops":1})" + "\n" + lines(1));
        QCOMPARE(reasons(all), QStringList{"notJson"});
        QCOMPARE(all.rejects[0].line, std::uint64_t(4));
        QCOMPARE(all.rejects[0].offset, std::uint64_t(lines(3).size()));
        QVERIFY(all.rejects[0].column > 1);
        QCOMPARE(all.rejects[0].excerpt, std::string(R"({"id":"x" "oops":1})"));
    }

    void whatIsCutOffAtTheEndIsTold_data()
    {
        QTest::addColumn<QString>("log");
        QTest::addColumn<int>("line");
        const QString a = QString::fromStdString(graphSignIn("a"));
        const auto row = [](const char *name, const QString &log, int line) {
            QTest::newRow(name) << log << line;
        };
        row("in the last line", a + "\n" + a.left(120), 2);
        row("in a text of the last line", a + "\n" + a.left(9), 2);
        row("in a list", "[" + a + ",\n" + a.left(120), 2);
        row("in an envelope", "{\"value\":[\n" + a + ",\n" + a.left(120), 3);
        row("between the records of a list", "[" + a + ",\n", 2);
        row("in an object over many lines", QString(a).replace(",", ",\n") + "\n" + a.left(50), 9);
    }
    void whatIsCutOffAtTheEndIsTold()
    {
        QFETCH(QString, log);
        QFETCH(int, line);
        const auto all = collectText(log.toStdString());
        QVERIFY(all.status);
        QCOMPARE(all.signIns.size(), std::size_t(1));
        QCOMPARE(reasons(all), QStringList{"truncated"});
        QCOMPARE(static_cast<int>(all.rejects[0].line), line);
    }

    void csvDamage()
    {
        const std::string header = "Date (UTC),Request ID,Username,Status\n";
        const auto record = [](const std::string &id) {
            return "2026-03-18T14:26:00Z," + id + ",ana@fabrikam.example,Success\n";
        };
        // Too few cells, and the header once more.
        auto all = collectText(header + record("1") + "lonely\n" + header + record("2"));
        QCOMPARE(ids(all), (QStringList{"1", "2"}));
        QCOMPARE(reasons(all), QStringList{"wrongColumns"});
        QCOMPARE(all.rejects[0].line, std::uint64_t(3));
        QCOMPARE(all.read, std::uint64_t(3));
        // A quote in the middle of a cell means itself.
        all = collectText(header + record("a\"b") + record("2"));
        QCOMPARE(ids(all), (QStringList{"a\"b", "2"}));
        // A quote that is never closed.
        all =
            collectText(header + record("1") + "2026-03-18T14:26:00Z,\"open,ana@fabrikam.example,Success\n");
        QCOMPARE(ids(all), QStringList{"1"});
        QCOMPARE(reasons(all), QStringList{"truncated"});
        // … and a record behind it: the quote costs its own line and not the file.
        all = collectText(header + record("1") +
                          "2026-03-18T14:26:00Z,\"open,ana@fabrikam.example,Success\n" + record("2"));
        QCOMPARE(ids(all), (QStringList{"1", "2"}));
        QCOMPARE(reasons(all), QStringList{"truncated"});
        QCOMPARE(all.rejects[0].line, std::uint64_t(3));
        // … and many records behind it: they are read line by line.
        std::string many =
            header + record("1") + "2026-03-18T14:26:00Z,\"open,ana@fabrikam.example,Success\n";
        for (int i = 0; i < 3000; ++i)
            many += record(std::to_string(i + 2));
        all = collectText(many);
        QCOMPARE(all.signIns.size(), std::size_t(3001));
        QCOMPARE(reasons(all), QStringList{"truncated"});
        // Line ends of three kinds.
        all = collectText(
            "Date (UTC),Request "
            "ID,Username,Status\r2026-03-18T14:26:00Z,1,a@b,Success\r2026-03-18T14:26:00Z,2,a@b,Success\r");
        QCOMPARE(ids(all), (QStringList{"1", "2"}));
        // A damaged cell of the audit log.
        all = collectText("CreationDate,Operations,AuditData\n1,UserLoggedIn,\"{\"\"Id\"\":\"\"x\"\"\"\n");
        QCOMPARE(reasons(all), QStringList{"notJson"});
    }

    void aRecordThatIsTooLongIsPassedOver_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("chunk");
        for (int kind = 0; kind < 4; ++kind)
            for (const int chunk : {64, 1000, 1 << 20})
                QTest::addRow("kind %d, chunks of %d", kind, chunk) << kind << chunk;
    }
    void aRecordThatIsTooLongIsPassedOver()
    {
        QFETCH(int, kind);
        QFETCH(int, chunk);
        ingest::ReadOptions options;
        options.chunkBytes = static_cast<std::size_t>(chunk);
        options.maxRecordBytes = 2000;
        const std::string filler(9000, 'x');
        const std::string a = graphSignIn("a"), b = graphSignIn("b"),
                          big = graphSignIn("big", ",\"userAgent\":\"" + filler + "\"");
        std::string log;
        switch (kind) {
        case 0: log = a + "\n" + big + "\n" + b + "\n"; break;
        case 1: log = "[" + a + ",\n" + big + ",\n" + b + "]"; break;
        case 2: log = "{\"value\":[" + a + ",\n" + big + "," + b + "]}"; break;
        default:
            log = "Date (UTC),Request "
                  "ID,Username,Status\n2026-03-18T14:26:00Z,a,u@x,Success\n2026-03-18T14:26:00Z,\"" +
                  filler + "\",u@x,Success\n2026-03-18T14:26:00Z,b,u@x,Success\n";
        }
        const auto all = collectText(log, options);
        QVERIFY(all.status);
        QCOMPARE(ids(all), (QStringList{"a", "b"}));
        QCOMPARE(reasons(all), QStringList{"tooLong"});
        QCOMPARE(all.rejects[0].line, std::uint64_t(kind == 3 ? 3 : 2));
        QCOMPARE(all.rejects[0].excerpt.size(), std::size_t(400));
        QCOMPARE(all.read, std::uint64_t(3));
        if (kind != 2)
            QCOMPARE(all.signIns[1].line, kind == 3 ? 4U : 3U);
    }

    void aLineOfTwoHundredMegabytes()
    {
        // Packed, so that the test is quick; unpacked it is what a runaway exporter writes.
        Folder folder;
        const std::string log =
            lines(1) + "{\"id\":\"" + std::string(std::size_t{200} << 20, 'a') + "\"}\n" + lines(1, 1);
        const auto all = collect(folder.write("big.gz", gzip(log)));
        QVERIFY(all.status);
        QCOMPARE(ids(all), (QStringList{"e0", "e1"}));
        QCOMPARE(reasons(all), QStringList{"tooLong"});
        QCOMPARE(all.rejects[0].line, std::uint64_t(2));
        QCOMPARE(all.signIns[1].line, 3U);
        QCOMPARE(all.signIns[1].offset, std::uint64_t(log.size() - lines(1, 1).size()));
    }

    void deepNestingDoesNotCrash()
    {
        const std::string deep =
            "{\"id\":\"d\",\"createdDateTime\":" + std::string(200000, '[') + std::string(200000, ']') + "}";
        const std::string objects = [] {
            std::string text;
            for (int i = 0; i < 50000; ++i)
                text += "{\"a\":";
            return text + "1" + std::string(50000, '}');
        }();
        for (const auto &bad :
             {deep, objects, std::string(300000, '['), std::string(300000, '{'), "[" + deep + "]"}) {
            const auto line = collectText(lines(1) + bad + "\n" + lines(1, 1));
            QVERIFY(line.status);
            QCOMPARE(ids(line), (QStringList{"e0", "e1"}));
            const auto list = collectText("[" + graphSignIn("a") + "," + bad + "," + graphSignIn("b") + "]");
            QVERIFY(list.status);
            QVERIFY(ids(list).contains("a"));
        }
    }

    void gzipOfSeveralMembers()
    {
        Folder folder;
        const auto file = folder.write("two.gz", gzip(lines(3)) + gzip(lines(2, 3)));
        QVERIFY(ingest::recognise(file));
        auto all = collect(file);
        QVERIFY(all.status);
        QCOMPARE(all.signIns.size(), std::size_t(5));
        QCOMPARE(all.bytesDone, std::filesystem::file_size(file));
        all = collect(folder.write("padded.gz", gzip(lines(3)) + std::string(512, '\0')));
        QCOMPARE(all.signIns.size(), std::size_t(3));
        QVERIFY(all.rejects.empty());
        all = collect(folder.write("twice.gz", gzip(gzip(lines(3)))));
        QCOMPARE(all.signIns.size(), std::size_t(3));
    }

    void damagedGzipKeepsWhatCameBefore()
    {
        Folder folder;
        std::string log;
        for (int i = 0; i < 4000; ++i)
            log += graphSignIn("e" + std::to_string(i * 7919 % 100003)) + "\n";
        const auto packed = gzip(log);
        auto all = collect(folder.write("short.gz", packed.substr(0, packed.size() / 2)));
        QVERIFY(all.status);
        QVERIFY(all.signIns.size() > 500 && all.signIns.size() < 4000);
        QVERIFY(reasons(all).contains("damagedArchive"));
        auto broken = packed;
        for (std::size_t i = packed.size() / 2; i < packed.size() / 2 + 64; ++i)
            broken[i] = '\xff';
        all = collect(folder.write("broken.gz", broken));
        QVERIFY(all.status);
        QVERIFY(all.signIns.size() > 500);
        QVERIFY(reasons(all).contains("damagedArchive"));
        all = collect(folder.write("head.gz", packed.substr(0, 12)));
        QVERIFY(!all.status);
        QCOMPARE(all.status.error().code, Code::Malformed);
    }

    void everyFileOfAZipIsRecognisedForItself()
    {
        Folder folder;
        const auto file = folder.path("export.zip");
        writeZip(file, {{"signins.json", "[" + graphSignIn("a") + "]"},
                        {"folder/audit.csv",
                         "CreationDate,AuditData\n1,\"{\"\"Operation\"\":\"\"FileAccessed\"\"}\"\n"},
                        {"README.txt", "nothing to see\n"},
                        {"__MACOSX/._signins.json", "x"},
                        {"more.ndjson.gz", gzip(lines(2) + "broken\n")}});
        QCOMPARE(ingest::recognise(file).value(), formatNamed("graphSignIns"));
        const auto all = collect(file);
        QVERIFY(all.status);
        QCOMPARE(QString::fromStdString(all.counts()),
                 "read 5 signIns 3 users 0 detections 0 riskyUsers 0 notSignIns 1 rejects 1");
        QCOMPARE(all.rejects[0].file, file.string() + ":more.ndjson.gz");
        QCOMPARE(all.rejects[0].line, std::uint64_t(3));
        QCOMPARE(all.notices.size(), std::size_t(1));
        QVERIFY(all.notices[0].find(":README.txt\" was passed over: text that begins with") !=
                std::string::npos);
        const auto none = folder.path("none.zip");
        writeZip(none, {{"README.txt", "nothing to see\n"}});
        QCOMPARE(collect(none).status.error().code, Code::Unrecognised);
        const auto cut = folder.write("cut.zip", "PK\x03\x04 and nothing more");
        QCOMPARE(collect(cut).status.error().code, Code::Malformed);
    }

    void standardInput()
    {
        Folder folder;
        const auto file = folder.write("log", lines(3));
        const int saved = ::dup(STDIN_FILENO);
        QVERIFY(std::freopen(file.c_str(), "r", stdin));
        const auto all = collect("-");
        ::dup2(saved, STDIN_FILENO);
        ::close(saved);
        QVERIFY(all.status);
        QCOMPARE(all.signIns.size(), std::size_t(3));
    }

    void filesThatAreNoLogs_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *name, const QByteArray &bytes, Code code, const char *says) {
            QTest::newRow(name) << bytes << static_cast<int>(code) << QString(says);
        };
        row("empty", "", Code::Malformed, "empty");
        row("a byte order mark alone", "\xef\xbb\xbf", Code::Malformed, "empty");
        row("blanks", " \n\n ", Code::Malformed, "blanks");
        row("binary", QByteArray("\x01\x02\x00\x03", 4), Code::Malformed, "binary");
        row("a database", QByteArray("SQLite format 3\0 and so on", 26), Code::Malformed, "SQLite");
        row("text", "Dear diary,\n", Code::Unrecognised, "text");
        row("other CSV", "name,age\nana,7\n", Code::Unrecognised, "CSV with columns name, age");
        row("other JSON", R"({"name":"ana","age":7})", Code::Unrecognised, "JSON with keys name, age");
        row("an empty list", "[]", Code::Unrecognised, "empty list");
        row("Okta",
            R"({"uuid":"1","published":"2026-01-01T00:00:00Z","eventtype":"user.session.start","actor":{},"outcome":{}})",
            Code::Unrecognised, "an Okta system log");
        row("CloudTrail in an envelope",
            R"({"Records":[{"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"x"}]})",
            Code::Unrecognised, "CloudTrail");
        row("Keycloak's REST export",
            R"([{"id":"1","time":1700000000000,"type":"LOGIN","realmId":"r","clientId":"c","ipAddress":"x"}])",
            Code::Unrecognised, "Keycloak");
        row("Auth0, flat",
            R"({"date":"2026-01-01T00:00:00Z","type":"s","client_id":"c","user_agent":"x","user_id":""})",
            Code::Unrecognised, "Auth0");
    }
    void filesThatAreNoLogs()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, code);
        QFETCH(QString, says);
        Folder folder;
        const auto file = folder.write("file", {bytes.constData(), static_cast<std::size_t>(bytes.size())});
        for (const auto &error : {ingest::recognise(file).error(), collect(file).status.error()}) {
            QCOMPARE(static_cast<int>(error.code), code);
            QVERIFY2(QString::fromStdString(error.detail).contains(says), error.detail.c_str());
            QCOMPARE(error.subject, file.string());
        }
    }

    void pathsThatAreNoFiles()
    {
        Folder folder;
        QCOMPARE(ingest::recognise(folder.path("absent")).error().code, Code::NotFound);
        QCOMPARE(collect(folder.path("absent")).status.error().code, Code::NotFound);
        QCOMPARE(ingest::recognise(folder.path("")).error().code, Code::Malformed);
        QCOMPARE(collect(folder.path("")).status.error().code, Code::Malformed);
    }

    void anEmptyPageIsAPageOfItsKind()
    {
        Folder folder;
        const auto all = collect(folder.write(
            "page",
            "{\"@odata.context\":\"https://graph.example/v1.0/$metadata#auditLogs/signIns\",\"value\":[]}"));
        QVERIFY(all.status);
        QCOMPARE(all.read, std::uint64_t(0));
    }

    void aRequestToStopIsObeyed()
    {
        std::stop_source source;
        ingest::ReadOptions options;
        options.stop = source.get_token();
        options.chunkBytes = 4096;
        Folder folder;
        const auto file = folder.write("log", lines(5000));
        std::uint64_t batches = 0;
        const auto status = ingest::readFile(file, options, [&](ingest::ParsedBatch &&) -> Status {
            if (++batches == 3)
                source.request_stop();
            return {};
        });
        QVERIFY(!status);
        QCOMPARE(status.error().code, Code::Cancelled);
        QCOMPARE(batches, std::uint64_t(3));
    }

    void anErrorOfTheSinkEndsTheReading()
    {
        ingest::ReadOptions options;
        options.chunkBytes = 4096;
        options.threads = 3;
        Folder folder;
        const auto file = folder.write("log", lines(5000));
        std::uint64_t batches = 0;
        const auto status = ingest::readFile(file, options, [&](ingest::ParsedBatch &&) -> Status {
            return ++batches == 2 ? Status(fail(Code::DiskFull, "store")) : Status();
        });
        QCOMPARE(status.error().code, Code::DiskFull);
        QCOMPARE(status.error().subject, std::string("store"));
        QCOMPARE(batches, std::uint64_t(2));
    }

    void theSinkIsCalledByOneThreadAtATime()
    {
        ingest::ReadOptions options;
        options.chunkBytes = 2048;
        options.threads = 4;
        Folder folder;
        const auto file = folder.write("log", lines(5000));
        std::atomic<int> inside = 0, worst = 0;
        std::uint64_t done = 0;
        const auto status = ingest::readFile(file, options, [&](ingest::ParsedBatch &&batch) -> Status {
            worst = std::max(worst.load(), ++inside);
            if (batch.bytesDone < done)
                worst = 99;
            done = batch.bytesDone;
            std::this_thread::yield();
            --inside;
            return {};
        });
        QVERIFY(status);
        QCOMPARE(worst.load(), 1);
    }

    void theScannerAgreesWithItselfAtEveryAlignment()
    {
        const std::string record =
            graphSignIn("a", ",\"x\":\"\\\\\\\"}{][\",\"y\":[{\"z\":[\"]\"]},{}],\"w\":\"\\\\\"");
        for (std::size_t pad = 0; pad < 130; ++pad) {
            std::string text =
                "{" + std::string(pad, ' ') + record.substr(1) + ",{\"next\":1}" + std::string(64, ' ');
            const auto value = ingest::scanValue({text.data(), text.size() - 64}, false, true);
            QVERIFY(value.complete);
            QCOMPARE(value.length, record.size() + pad);
            for (std::size_t cut = 1; cut < record.size() + pad; cut += 7) {
                std::string part = text.substr(0, cut) + std::string(64, ' ');
                QVERIFY(!ingest::scanValue({part.data(), cut}, false, false).complete);
            }
        }
    }
};

QTEST_APPLESS_MAIN(Damage)
#include "tst_damage.moc"
