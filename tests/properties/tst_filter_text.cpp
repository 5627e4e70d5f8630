// Whatever a filter says, its text says the same when read again.
#include "core/query/filter/filter_text.h"

#include "tests/support/random_filter.h"

#include <QTest>

#include <rapidcheck.h>

using namespace riskdesk;
using namespace riskdesk::query;

class FilterTextProperties : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textReadsBackAsItself()
    {
        QVERIFY(rc::check("filter -> text -> filter", [] {
            const auto report = static_cast<Report>(*rc::gen::inRange(0, 6));
            test::RandomFilter random(report, *rc::gen::arbitrary<unsigned>());
            std::vector<Filter> parts;
            for (auto n = random.below(5); n > 0; --n)
                parts.push_back(random.term());
            const auto filter = parts.size() == 1 ? parts[0] : Filter::all(parts);
            const auto text = filterText(report, filter);
            RC_ASSERT(text.has_value());
            const auto again = parseFilter(report, *text);
            if (!again)
                RC_FAIL(*text + ": " + again.error().sentence());
            if (!(*again == filter))
                RC_FAIL("changed: " + *text + " became " + filterText(report, *again).value_or("?"));
        }));
    }

    void anyTextIsReadOrRefused()
    {
        QVERIFY(rc::check("no text breaks the reader", [] {
            const auto report = static_cast<Report>(*rc::gen::inRange(0, 6));
            const auto text = *rc::gen::container<std::string>(
                rc::gen::elementOf(std::string("ab:<>=,-\" \t\xc3\xa9level:high updated<7d ip:1.2.3.4/8")));
            const auto filter = parseFilter(report, text);
            if (!filter) {
                RC_ASSERT(filter.error().position <= text.size());
                RC_ASSERT(filter.error().position + filter.error().length <= text.size());
                RC_ASSERT(!filter.error().sentence().empty());
                return;
            }
            const auto back = filterText(report, *filter);
            RC_ASSERT(back.has_value());
            const auto again = parseFilter(report, *back);
            RC_ASSERT(again.has_value());
            RC_ASSERT(*again == *filter);
        }));
    }
};

int main(int argc, char **argv)
{
    qputenv("RC_PARAMS", "seed=20260318 max_success=2000");
    FilterTextProperties test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_filter_text.moc"
