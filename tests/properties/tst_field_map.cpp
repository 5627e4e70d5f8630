// Whatever the fields are called and however the file is laid out: what is read by a map is what the same records
// say in Graph's words, the same users, outcomes and times.
#include "core/base/text.h"
#include "core/ingest/field_map.h"

#include "tests/unit/ingest/collect.h"

#include <QtTest>

#include <rapidcheck.h>

using namespace riskdesk;
using namespace riskdesk::ingest;
using riskdesk::test::Collected;

namespace {

struct Made
{
    std::int64_t ms = 0;
    int user = 0;
    bool success = false;
};

enum class Way { Lines, List, Envelope, Flat, Csv };

std::string userName(int user)
{
    return "us\"er," + std::to_string(user) + "@shöp.example";
}
std::string userId(int user)
{
    return "id-" + std::to_string(user);
}

std::string asGraph(const Made &made)
{
    return R"({"createdDateTime":")" + Timestamp{made.ms * 1000}.toIso() + R"(","userPrincipalName":)" +
           jsonString(userName(made.user)) + R"(,"userId":)" + jsonString(userId(made.user)) +
           R"(,"status":{"errorCode":)" + (made.success ? "0" : "50126") + "}}\n";
}

std::string timeText(const Made &made, int kind)
{
    if (kind == 0)
        return jsonString(Timestamp{made.ms * 1000}.toIso());
    if (kind == 1)
        return std::to_string(made.ms);
    auto fraction = std::to_string(made.ms % 1000);
    return std::to_string(made.ms / 1000) + "." + std::string(3 - fraction.size(), '0') + fraction;
}

std::string cell(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text)
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

// A value at the end of a way, with another beside it on each step.
std::string nested(std::string_view field, const std::string &value)
{
    std::string before, after;
    const auto steps = stepsOf(field);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        before += (i > 0 ? "{\"other\":[1,{}]," : "") + jsonString(steps[i]) + ":";
        after += i > 0 ? "}" : "";
    }
    return before + value + after;
}

std::string told(const Collected &all)
{
    std::string out;
    for (const auto &s : all.signIns)
        out += s.at.toIso() + "|" + std::string(s.userPrincipalName) + "|" + std::string(s.userId) + "|" +
               (s.outcome == Outcome::Success ? "success" : "failure") + "\n";
    return out + std::to_string(all.rejects.size());
}

} // namespace

class FieldMapProperty : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { qputenv("RC_PARAMS", "seed=20260318 max_success=150 max_size=20"); }

    void aMapReadsWhatGraphSays()
    {
        QVERIFY(rc::check([] {
            const auto records =
                *rc::gen::nonEmpty(rc::gen::container<std::vector<Made>>(rc::gen::build<Made>(
                    rc::gen::set(&Made::ms,
                                 rc::gen::inRange<std::int64_t>(946'684'800'000, 2'000'000'000'000)),
                    rc::gen::set(&Made::user, rc::gen::inRange(0, 5)), rc::gen::set(&Made::success))));
            const auto way = *rc::gen::element(Way::Lines, Way::List, Way::Envelope, Way::Flat, Way::Csv);
            const int kind = *rc::gen::inRange(0, 3);
            const auto good = *rc::gen::element<std::string>("true", "0", "\"Won\"");
            // No way begins where another ends: each has a letter of its own.
            const auto step = rc::gen::element<std::string>("x", "Name", "a b", "ü", "time", "{}", "it's");
            std::array<std::string, 4> fields;
            for (std::size_t i = 0; i < fields.size(); ++i) {
                fields[i] = std::string(1, static_cast<char>('p' + i));
                const int more = *rc::gen::inRange(0, 4);
                for (int j = 0; j < more; ++j)
                    fields[i] += "." + *step;
            }
            FieldMap map;
            map.name = "made";
            map[MapPart::Time] = fields[0];
            map[MapPart::User] = fields[1];
            map[MapPart::UserId] = fields[2];
            map[MapPart::Outcome] = fields[3];
            if (good == "\"Won\"")
                map.success = {"wON"};
            RC_ASSERT(checkedMap(map).has_value());

            std::string graph, log;
            const bool csv = way == Way::Csv, flat = way == Way::Flat;
            if (csv)
                log = cell(fields[3]) + ",other," + cell(fields[0]) + "," + cell(fields[2]) + "," +
                      cell(fields[1]) + "\n";
            if (way == Way::List || way == Way::Envelope)
                log = way == Way::List ? "[" : "{\"value\":[";
            for (std::size_t i = 0; i < records.size(); ++i) {
                const auto &made = records[i];
                graph += asGraph(made);
                const std::array<std::string, 4> values{timeText(made, kind), jsonString(userName(made.user)),
                                                        jsonString(userId(made.user)),
                                                        made.success ? good : "\"lost\""};
                if (csv) {
                    const auto plain = [](const std::string &text) {
                        return cell(text.starts_with('"') ? text.substr(1, text.size() - 2) : text);
                    };
                    log += plain(values[3]) + ",," + plain(values[0]) + "," + cell(userId(made.user)) + "," +
                           cell(userName(made.user)) + "\n";
                    continue;
                }
                log += i > 0 && (way == Way::List || way == Way::Envelope) ? "," : "";
                for (std::size_t f = 0; f < fields.size(); ++f)
                    log += (f == 0 ? "{" : ",") +
                           (flat ? jsonString(fields[f]) + ":" + values[f] : nested(fields[f], values[f]));
                log += "}\n";
            }
            if (way == Way::List || way == Way::Envelope)
                log += way == Way::List ? "]" : "]}";

            ReadOptions options;
            options.format = formatOf(map);
            const auto mapped = test::collectText(log, options);
            if (!mapped.status)
                RC_FAIL(sentence(mapped.status.error()) + "\n" + log);
            const auto expected = test::collectText(graph);
            RC_ASSERT(expected.signIns.size() == records.size());
            RC_ASSERT(told(mapped) == told(expected));
            options.chunkBytes = 7;
            options.threads = 3;
            RC_ASSERT(told(test::collectText(log, options)) == told(expected));
        }));
    }
};

QTEST_APPLESS_MAIN(FieldMapProperty)
#include "tst_field_map.moc"
