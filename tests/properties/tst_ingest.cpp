// Whatever stands in a log: what is read from it does not depend on the number of threads or on where it is
// cut into chunks, nothing crashes, and read = kept + not sign-ins + rejected.
#include "core/base/text.h"
#include "core/ingest/reader.h"

#include "tests/unit/ingest/collect.h"

#include <QtTest>

#include <rapidcheck.h>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

// Everything a reader tells, as text.
std::string told(const Collected &all)
{
    std::string out = all.counts() + " warnings " + std::to_string(all.warnings) + "\n";
    for (const auto &s : all.signIns)
        out += std::string(s.eventId) + "|" + s.at.toIso() + "|" + std::string(s.userAgent) + "|" +
               std::string(s.userPrincipalName) + "|" + std::to_string(s.offset) + "|" +
               std::to_string(s.line) + "|" + std::to_string(s.length) + "\n";
    for (const auto &r : all.rejects)
        out += r.reason + "|" + std::to_string(r.line) + "|" + std::to_string(r.column) + "|" +
               std::to_string(r.offset) + "|" + r.excerpt + "\n";
    return out;
}

rc::Gen<std::string> piece()
{
    const auto good = rc::gen::map(rc::gen::inRange(0, 1000), [](int i) {
        return graphSignIn("e" + std::to_string(i), ",\"userAgent\":\"a\\\"b\\\\ ]},{" +
                                                        std::string(static_cast<std::size_t>(i % 90), 'x') +
                                                        "\"");
    });
    const auto pretty = rc::gen::map(rc::gen::inRange(0, 1000), [](int i) {
        std::string text = graphSignIn("p" + std::to_string(i));
        for (std::size_t at = text.find(",\""); at != std::string::npos; at = text.find(",\"", at + 3))
            text.insert(at + 1, "\n  ");
        return text;
    });
    const auto broken = rc::gen::mapcat(good, [](const std::string &text) {
        return rc::gen::map(rc::gen::inRange<std::size_t>(0, text.size()), [text](std::size_t at) {
            std::string copy = text;
            copy.erase(at, 1 + at % 5);
            return copy;
        });
    });
    const auto junk = rc::gen::element<std::string>("\n", "{", "}", "[", "]", "\"", ",", "null", "\\", "\xe9",
                                                    "{}", "[]", "x\ny", "}{", "\"value\":[", "\r\n", " ");
    return rc::gen::weightedOneOf<std::string>({{8, good}, {2, pretty}, {2, broken}, {1, junk}});
}

std::string joined(const std::vector<std::string> &pieces, std::string_view before, std::string_view between,
                   std::string_view after)
{
    std::string text(before);
    for (std::size_t i = 0; i < pieces.size(); ++i)
        text += (i > 0 ? std::string(between) : std::string()) + pieces[i];
    return text + std::string(after);
}

void sameHoweverItIsRead(const std::string &log, ingest::Format format)
{
    Folder folder;
    const auto file = folder.write("log", log);
    ingest::ReadOptions options;
    options.format = format;
    options.maxRecordBytes = 900;
    options.threads = 1;
    const auto whole = collect(file, options);
    const auto expected = told(whole);
    if (whole.status)
        RC_ASSERT(whole.read == whole.kept() + whole.notSignIns + whole.rejects.size());
    for (const auto &reject : whole.rejects)
        RC_ASSERT(isValidUtf8(reject.excerpt) && reject.excerpt.size() <= 400);
    for (const unsigned threads : {1U, 2U, 3U})
        for (const std::size_t chunk :
             {std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{333}, std::size_t{5000}}) {
            options.threads = threads;
            options.chunkBytes = chunk;
            const auto again = collect(file, options);
            RC_ASSERT(again.status.has_value() == whole.status.has_value());
            RC_ASSERT(told(again) == expected);
        }
}

} // namespace

class Ingest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { qputenv("RC_PARAMS", "seed=20260318 max_success=60 max_size=30"); }

    void jsonDoesNotDependOnChunksOrThreads()
    {
        QVERIFY(rc::check([] {
            const auto pieces = *rc::gen::container<std::vector<std::string>>(piece());
            struct Frame
            {
                const char *before, *between, *after;
            };
            const auto frame = *rc::gen::element<int>(0, 1, 2, 3, 4);
            static constexpr Frame frames[] = {{"", "\n", "\n"},
                                               {"[", ",", "]"},
                                               {"{\"value\":[", ",\n", "],\"next\":\"]}\"}"},
                                               {"{\"records\":[\n", ",", ""},
                                               {"", "\r\n", ""}};
            const auto &f = frames[frame];
            sameHoweverItIsRead(joined(pieces, f.before, f.between, f.after), formatNamed("graphSignIns"));
        }));
    }

    void csvDoesNotDependOnChunksOrThreads()
    {
        QVERIFY(rc::check([] {
            const auto cell =
                rc::gen::element<std::string>("a", "", "\"q\"", "\"a,b\"", "\"two\nlines\"", "\"d\"\"q\"",
                                              "x\"y", " pad ", "\"open", "\r", "caf\xe9", "\"e\" ");
            const auto rows = *rc::gen::container<std::vector<std::vector<std::string>>>(
                rc::gen::container<std::vector<std::string>>(2, cell));
            std::string log = "Date (UTC),Request ID,Username,Status,User agent\n";
            for (const auto &row : rows)
                log += "2026-03-18T14:26:00Z," + row[0] + ",ana@fabrikam.example,Success," + row[1] + "\r\n";
            sameHoweverItIsRead(log, formatNamed("entraPortalCsv"));
        }));
    }

    void arbitraryBytesNeverCrash()
    {
        QVERIFY(rc::check([] {
            const auto bytes = *rc::gen::container<std::string>(rc::gen::oneOf(
                rc::gen::arbitrary<char>(), rc::gen::element('{', '}', '[', ']', '"', ',', ':', '\n', '\\')));
            (void)ingest::recognise(std::string_view(bytes));
            for (const auto format : {formatNamed("graphSignIns"), formatNamed("azureDiagnostics"),
                                      formatNamed("unifiedAuditCsv")})
                sameHoweverItIsRead(bytes, format);
            sameHoweverItIsRead(graphSignIn("a") + "\n" + bytes, formatNamed("graphSignIns"));
        }));
    }
};

QTEST_APPLESS_MAIN(Ingest)
#include "tst_ingest.moc"
