// The published formula, against the numbers its own authors' code gives.
#include "tests/lab/reference_formula.h"
#include "tests/support/places.h"

#include <QFile>
#include <QTest>

#include <cmath>
#include <limits>

using riskdesk::lab::ReferenceFormula;
using riskdesk::lab::ReferenceLogin;

namespace {

// Rows without comments and heading.
QList<QByteArrayList> rowsOf(const char *name)
{
    QFile file(riskdesk::test::testData(std::string("reference_formula/") + name));
    QList<QByteArrayList> rows;
    if (!file.open(QIODevice::ReadOnly))
        return rows;
    for (const auto &line : file.readAll().split('\n'))
        if (!line.isEmpty() && line.front() != '#' && !line.startsWith("user,"))
            rows.append(line.split(','));
    return rows;
}

ReferenceLogin loginOf(const QByteArrayList &row)
{
    const auto id = [&](int column) { return static_cast<std::uint64_t>(row[column].toULongLong()); };
    return {static_cast<std::uint32_t>(id(0)), id(1), id(2), id(3), id(4), id(5), id(6), id(7)};
}

bool isSame(double ours, double theirs)
{
    return std::abs(ours - theirs) <= 1e-9 * std::abs(theirs);
}

ReferenceFormula taught()
{
    ReferenceFormula formula;
    for (const auto &row : rowsOf("history.csv"))
        formula.learn(loginOf(row));
    return formula;
}

} // namespace

class TestReferenceFormula : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theHistoryIsWhole()
    {
        const auto formula = taught();
        QCOMPARE(formula.logins(), std::size_t{302});
        QCOMPARE(formula.users(), std::size_t{40});
        QCOMPARE(rowsOf("cases.csv").size(), 168);
    }

    void givesThePublishedScores()
    {
        const auto formula = taught();
        int number = 0;
        for (const auto &row : rowsOf("cases.csv")) {
            ++number;
            const auto login = loginOf(row);
            const std::array<std::pair<double, double>, 3> pairs = {
                {{formula.score(login), row[9].toDouble()},
                 {formula.scoreOfPlace(login), row[10].toDouble()},
                 {formula.scoreOfAgent(login), row[11].toDouble()}}};
            for (const auto &[ours, theirs] : pairs)
                QVERIFY2(isSame(ours, theirs), qPrintable(QStringLiteral("case %1, new %2: %3 is not %4")
                                                              .arg(number)
                                                              .arg(QLatin1String(row[8]))
                                                              .arg(ours, 0, 'g', 17)
                                                              .arg(theirs, 0, 'g', 17)));
        }
        QCOMPARE(number, 168);
    }

    void theOrderOfThePastDoesNotMatter()
    {
        ReferenceFormula backwards;
        const auto history = rowsOf("history.csv");
        for (auto row = history.rbegin(); row != history.rend(); ++row)
            backwards.learn(loginOf(*row));
        for (const auto &row : rowsOf("cases.csv"))
            QVERIFY(isSame(backwards.score(loginOf(row)), row[9].toDouble()));
    }

    void scoringTeachesNothing()
    {
        const auto formula = taught();
        const ReferenceLogin stranger{7, 9001, 9002, 9003, 9004, 9005, 9006, 9007};
        const double once = formula.score(stranger);
        QCOMPARE(formula.score(stranger), once);
        QCOMPARE(formula.users(), std::size_t{40});
    }

    void aUserWithoutAPastIsAFiniteRisk()
    {
        ReferenceFormula formula;
        const ReferenceLogin login{1, 2, 3, 4, 5, 6, 7, 8};
        QCOMPARE(formula.score(login), 1.0);
        formula.learn({2, 2, 3, 4, 5, 6, 7, 8});
        // Two features, each wholly new to the user, and one of two users with one of one sign-ins.
        QCOMPARE(formula.score(login), 4.0 * 4.0 / 2.0);
    }

    void whatIsMissingForEverybodySaysNothing()
    {
        ReferenceFormula formula;
        for (std::uint32_t user = 1; user <= 3; ++user)
            for (int i = 0; i < 4; ++i)
                formula.learn({user, user, 0, 0, user, 0, 0, 0});
        const auto own = formula.score({1, 1, 0, 0, 1, 0, 0, 0});
        const auto other = formula.score({1, 2, 0, 0, 2, 0, 0, 0});
        QVERIFY(own < other);
        QVERIFY(std::isfinite(own) && std::isfinite(other));
        constexpr auto most = std::numeric_limits<std::uint64_t>::max();
        QVERIFY(std::isfinite(formula.score(
            {std::numeric_limits<std::uint32_t>::max(), most, most, most, most, most, most, most})));
    }
};

QTEST_APPLESS_MAIN(TestReferenceFormula)
#include "tst_reference_formula.moc"
