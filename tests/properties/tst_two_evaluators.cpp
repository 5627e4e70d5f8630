// One filter tree, two evaluators: SQL over rows and kernels over columns find the same sign-ins, and put
// them in the same order.
#include "core/base/digest.h"
#include "core/query/filter/filter_sql.h"
#include "core/query/filter/filter_text.h"
#include "core/query/read_session.h"
#include "core/query/sign_ins/sign_ins.h"

#include "tests/support/random_filter.h"
#include "tests/support/small_sign_ins.h"

#include <QTest>

#include <rapidcheck.h>

#include <map>

using namespace riskdesk;
using namespace riskdesk::query;
using namespace riskdesk::test;

class TwoEvaluators : public QObject
{
    Q_OBJECT

    SmallDirectory m_directory;
    std::shared_ptr<SignIns> m_signIns;
    std::vector<std::string> m_ids; // of all sign-ins

    std::vector<std::uint32_t> bySql(const Question &question)
    {
        auto reading = Reading::begin(m_directory.connection());
        auto sql = fromWhere(question);
        auto keys = question.order;
        keys.push_back({"createdDateTime", true}); // the kernels' tie
        const auto order = orderBy(Report::SignIns, keys);
        if (!reading || !sql || !order)
            throw std::runtime_error("not asked");
        store::Statement rows(m_directory.connection(), "SELECT n.row " + sql->text + ' ' + *order);
        sql->bindTo(rows);
        std::vector<std::uint32_t> found;
        while (rows.step())
            found.push_back(rows.uint32(0));
        if (!rows.ok())
            throw std::runtime_error(rows.error().detail);
        return found;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_directory.populate(20);
        m_ids = SmallSignIns(m_directory, 400, 11).requestIds();
        m_signIns = ReadSession::of(m_directory.connection())->signIns();
    }

    void findTheSameRows()
    {
        QVERIFY(rc::check("SQL and kernels agree", [this] {
            RandomFilter random(Report::SignIns, *rc::gen::arbitrary<unsigned>(), Saying::Anything);
            Question question{Report::SignIns, random.tree(), {}, {}, smallNow};
            if (random.below(3) == 0)
                question.period.from = Timestamp{smallNow.us - random.below(10) * dayUs};
            if (random.below(5) == 0)
                question.period.until = Timestamp{smallNow.us - random.below(5) * dayUs};
            const auto known = sortable(Report::SignIns);
            for (auto n = random.below(3); n > 0; --n)
                question.order.push_back(
                    {std::string(known[random.below(known.size())].name), random.below(2) == 0});
            const auto expected = bySql(question);
            const auto found = m_signIns->ask(m_directory.connection(), question);
            if (!found)
                RC_FAIL(found.error().subject + ": " + found.error().detail);
            if (found->rows != expected) {
                std::string what = filterText(Report::SignIns, question.filter).value_or("(a tree)");
                for (const auto &key : question.order)
                    what += " by " + key.column + (key.descending ? " down" : " up");
                RC_FAIL(what + ": " + std::to_string(found->rows.size()) + " rows, SQL " +
                        std::to_string(expected.size()));
            }
            // Whoever asks once and wants the first few reads less, and is told the same.
            const auto some = std::min<std::size_t>(random.below(40), expected.size());
            SignIns once(store::Keep::Nothing);
            const auto few = once.first(m_directory.connection(), question, some);
            RC_ASSERT(few.has_value());
            RC_ASSERT(few->matching == expected.size());
            RC_ASSERT(std::equal(few->rows.begin(), few->rows.end(), expected.begin(),
                                 expected.begin() + static_cast<std::ptrdiff_t>(some)));
        }));
    }

    void everyColumnSortsTheSame_data()
    {
        QTest::addColumn<QByteArray>("column");
        QTest::addColumn<bool>("descending");
        for (const auto &order : sortable(Report::SignIns))
            for (const bool down : {false, true})
                QTest::addRow("%s %s", order.name.data(), down ? "down" : "up")
                    << QByteArray(order.name.data(), static_cast<qsizetype>(order.name.size())) << down;
    }
    void everyColumnSortsTheSame()
    {
        QFETCH(QByteArray, column);
        QFETCH(bool, descending);
        const Question question{Report::SignIns, {}, {}, {{column.toStdString(), descending}}, smallNow};
        const auto found = m_signIns->ask(m_directory.connection(), question);
        QVERIFY(found);
        QCOMPARE(found->rows, bySql(question));
    }

    void everyFieldFindsTheSame_data()
    {
        QTest::addColumn<int>("field");
        for (std::size_t i = 0; i < fields(Report::SignIns).size(); ++i)
            QTest::addRow("%s", fields(Report::SignIns)[i].name.data()) << static_cast<int>(i);
    }
    void everyFieldFindsTheSame()
    {
        QFETCH(int, field);
        RandomFilter random(Report::SignIns, 5, Saying::Anything);
        int some = 0;
        for (int i = 0, done = 0; i < 20'000 && done < 40; ++i) {
            const auto match = random.match();
            if (match.field != fields(Report::SignIns)[static_cast<std::size_t>(field)].name)
                continue;
            ++done;
            const Question question{Report::SignIns, match, {}, {}, smallNow};
            const auto found = m_signIns->ask(m_directory.connection(), question);
            QVERIFY(found);
            QCOMPARE(found->rows, bySql(question));
            SignIns once(store::Keep::Nothing);
            const auto again = once.ask(m_directory.connection(), question);
            QVERIFY(again);
            QCOMPARE(again->rows, found->rows);
            some += found->rows.empty() ? 0 : 1;
        }
        // Otherwise the values do not meet the data and nothing was proven.
        QVERIFY(some > 0);
    }

    // Ids are stored as the bytes they stand for. Whole or in part, and however somebody writes them.
    void writtenIdsFindTheSame()
    {
        std::vector<std::string> ids;
        for (int i = 0; i < 5; ++i)
            ids.push_back(requestId(EventIdKind::Guid, blake2b128("correlation" + std::to_string(i)), {}));
        for (std::size_t i = 0; i < m_ids.size(); i += 7)
            ids.push_back(m_ids[i]);
        std::map<std::string, std::size_t> found; // by field
        for (const auto &id : ids) {
            auto upper = id, undashed = id;
            std::ranges::transform(id, upper.begin(), [](char c) {
                return static_cast<char>(c >= 'a' && c <= 'z' ? c & ~0x20 : c);
            });
            std::erase(undashed, '-');
            const auto key = fromHex128(id);
            const auto dashed = key ? requestId(EventIdKind::Guid, *key, {}) : id;
            for (const auto &text :
                 {id, upper, undashed, dashed, id.substr(2), id.substr(0, id.size() - 1), id + "0", '-' + id})
                for (const auto test : {Test::Is, Test::Contains, Test::StartsWith, Test::EndsWith})
                    for (const std::string field : {"id", "correlationId", ""}) {
                        const auto filter = field.empty()
                                                ? Filter::search(text)
                                                : Filter::match(field, test, {text, std::string("none")});
                        const Question question{Report::SignIns, filter, {}, {}, smallNow};
                        const auto rows = m_signIns->ask(m_directory.connection(), question);
                        QVERIFY(rows);
                        QVERIFY2(rows->rows == bySql(question), (field + ' ' + text).c_str());
                        found[field] += rows->rows.size();
                    }
        }
        for (const auto &[field, rows] : found)
            QVERIFY2(rows > 100, field.c_str());
    }
};

int main(int argc, char **argv)
{
    qputenv("RC_PARAMS", "seed=20260318 max_success=600");
    TwoEvaluators test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_two_evaluators.moc"
