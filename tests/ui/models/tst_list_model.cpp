// The lists of the console over a real directory: order, pages, selection, and what a cell says.
#ifndef Q_MOC_RUN // moc 6.4 stumbles over <concepts>
#include "core/query/filter/fields.h"
#include "core/query/filter/filter_text.h"
#include "core/query/spine.h"

#include "tests/support/small_directory.h"
#include "tests/support/small_sign_ins.h"
#include "ui/models/list_model.h"
#include "ui/models/report_sources.h"
#endif

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::models;
using namespace riskdesk::test;

namespace {

constexpr int people = 3000;

bool load(ListModel &model, const query::Question &question)
{
    QSignalSpy loaded(&model, &ListModel::loaded);
    model.setQuestion(question);
    return loaded.wait(20'000);
}

query::Question ask(query::Report report, const char *text, const char *column = nullptr,
                    bool descending = false)
{
    query::Question question{report, *query::parseFilter(report, text), {}, {}, smallNow};
    if (column != nullptr)
        question.order = {{column, descending}};
    return question;
}

bool waitFor(const ListModel &model, int row)
{
    return QTest::qWaitFor([&] { return !model.index(row, 0).data(LoadingRole).toBool(); }, 20'000);
}

} // namespace

class ListModelTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<SmallDirectory> m_directory;
    std::shared_ptr<jobs::Readers> m_readers;

private Q_SLOTS:
    void initTestCase()
    {
        m_directory = std::make_unique<SmallDirectory>();
        m_directory->populate(people);
        m_readers = std::make_shared<jobs::Readers>(m_directory->file(), 2);
    }
    void cleanupTestCase()
    {
        m_readers.reset();
        m_directory.reset();
    }

    void keepsTheModelRules_data()
    {
        QTest::addColumn<int>("report");
        QTest::newRow("users") << static_cast<int>(query::Report::RiskyUsers);
        QTest::newRow("detections") << static_cast<int>(query::Report::Detections);
    }
    void keepsTheModelRules()
    {
        QFETCH(int, report);
        const auto which = static_cast<query::Report>(report);
        std::shared_ptr<const RowSource> source = std::make_shared<RiskyUsersSource>();
        if (which == query::Report::Detections)
            source = std::make_shared<DetectionsSource>();
        ListModel model(source, m_readers);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        QVERIFY(load(model, ask(which, "")));
        QVERIFY(model.rowCount() >= people);
        QVERIFY(waitFor(model, 0));
        QVERIFY(waitFor(model, model.rowCount() - 1));
        QVERIFY(load(model, ask(which, "level:high")));
        QVERIFY(waitFor(model, model.rowCount() / 2));
        model.select(3, 9, false);
        model.selectAll();
        model.retranslate();
        QVERIFY(waitFor(model, 0));
        QVERIFY(load(model, ask(which, "level:high level:low")));
        QCOMPARE(model.rowCount(), 0);
    }

    void everyColumnHasItsWords()
    {
        for (const std::shared_ptr<const RowSource> &source :
             {std::shared_ptr<const RowSource>(std::make_shared<RiskyUsersSource>()),
              std::shared_ptr<const RowSource>(std::make_shared<DetectionsSource>()),
              std::shared_ptr<const RowSource>(std::make_shared<SignInsSource>()),
              std::shared_ptr<const RowSource>(std::make_shared<AuditSource>()),
              std::shared_ptr<const RowSource>(std::make_shared<RejectsSource>())}) {
            QSet<QString> titles;
            int shown = 0;
            for (const auto &column : source->columns()) {
                QVERIFY(!column.title.isEmpty());
                QVERIFY2(column.tip.endsWith(QLatin1Char('.')), qPrintable(column.title));
                QVERIFY(column.width >= 24);
                QVERIFY2(!titles.contains(column.title), qPrintable(column.title));
                titles << column.title;
                shown += column.shown ? 1 : 0;
            }
            QVERIFY(shown >= 2);
            QVERIFY(source->columns().first().shown);
        }
    }

    void columnsNameWhatCoreKnows()
    {
        const auto check = [](const RowSource &source, query::Report report) {
            for (const auto &column : source.columns()) {
                if (!column.id.isEmpty())
                    QVERIFY2(query::findSortable(report, column.id.toStdString()), qPrintable(column.id));
                if (!column.filterField.isEmpty())
                    QVERIFY2(query::findField(report, column.filterField.toStdString()),
                             qPrintable(column.filterField));
            }
        };
        check(RiskyUsersSource(), query::Report::RiskyUsers);
        check(DetectionsSource(), query::Report::Detections);
        check(SignInsSource(), query::Report::SignIns);
        check(AuditSource(), query::Report::Audit);
        check(RejectsSource(), query::Report::Rejects);
    }

    void sortsExactlyOnEveryColumn_data()
    {
        QTest::addColumn<int>("report");
        QTest::addColumn<QString>("column");
        QTest::addColumn<QString>("expression");
        QTest::addColumn<bool>("descending");
        const auto add = [](query::Report report, const char *column, const char *expression) {
            for (const bool down : {false, true})
                QTest::addRow("%s %s", column, down ? "down" : "up")
                    << static_cast<int>(report) << QString::fromLatin1(column)
                    << QString::fromLatin1(expression) << down;
        };
        // Written out apart from core's own table, with the empty ones last in both directions.
        add(query::Report::RiskyUsers, "user", "1, u.search");
        add(query::Report::RiskyUsers, "riskLevel", "1, r.level * 1000 + r.score");
        add(query::Report::RiskyUsers, "riskState", "1, r.state");
        add(query::Report::RiskyUsers, "riskLastUpdatedDateTime", "1, r.updated_at");
        add(query::Report::RiskyUsers, "riskScore", "1, r.score");
        add(query::Report::RiskyUsers, "totalDetections", "1, r.total_detections");
        add(query::Report::RiskyUsers, "countryOrRegion", "r.countries = '', r.countries");
        add(query::Report::RiskyUsers, "accountEnabled", "1, u.account_enabled");
        add(query::Report::RiskyUsers, "isDeleted", "1, u.is_deleted");
        add(query::Report::RiskyUsers, "id", "1, u.key");
        add(query::Report::Detections, "riskLevel", "1, d.level");
        add(query::Report::Detections, "activityDateTime", "1, d.at");
        add(query::Report::Detections, "ipAddress", "d.ip IS NULL, d.ip");
        add(query::Report::Detections, "asn", "d.asn = 0, d.asn");
        add(query::Report::Detections, "requestId", "d.request_id = '', d.request_id");
        add(query::Report::Detections, "detectionTimingType", "1, d.timing");
    }
    void sortsExactlyOnEveryColumn()
    {
        QFETCH(int, report);
        QFETCH(QString, column);
        QFETCH(QString, expression);
        QFETCH(bool, descending);
        const auto which = static_cast<query::Report>(report);
        const bool users = which == query::Report::RiskyUsers;
        std::shared_ptr<const RowSource> source = std::make_shared<DetectionsSource>();
        if (users)
            source = std::make_shared<RiskyUsersSource>();
        ListModel model(source, m_readers);
        QVERIFY(load(model, ask(which, "", column.toLatin1().constData(), descending)));
        const auto sql = (users ? std::string("SELECT r.user FROM user_risk r JOIN user u ON u.id = r.user")
                                : std::string("SELECT d.rowid FROM detection d")) +
                         " ORDER BY " +
                         expression.section(QLatin1String(", "), 0, 0)
                             .replace(QLatin1String("1"), QLatin1String("NULL"))
                             .toStdString() +
                         ", " + expression.section(QLatin1String(", "), 1).toStdString() +
                         (descending ? " DESC" : "") + (users ? ", r.user" : ", d.rowid");
        store::Statement rows(m_directory->connection(), sql);
        int row = 0;
        while (rows.step()) {
            QVERIFY(row < model.rowCount());
            QCOMPARE(model.idAt(row), rows.int64(0));
            ++row;
        }
        QVERIFY2(rows.ok(), rows.ok() ? "" : rows.error().detail.c_str());
        QCOMPARE(row, model.rowCount());
    }

    void dataOnlyLooksUp()
    {
        ListModel model(std::make_shared<RiskyUsersSource>(), m_readers);
        QVERIFY(load(model, ask(query::Report::RiskyUsers, "")));
        const auto cell = model.index(1500, 0);
        QCOMPARE(cell.data().toString(), QStringLiteral("…"));
        QVERIFY(cell.data(LoadingRole).toBool());
        QVERIFY(!cell.data(Qt::AccessibleTextRole).toString().isEmpty());
        QSignalSpy changed(&model, &ListModel::dataChanged);
        QVERIFY(changed.wait(20'000));
        QVERIFY(!cell.data(LoadingRole).toBool());
        QVERIFY(!cell.data().toString().isEmpty() && cell.data().toString() != QStringLiteral("…"));
        QCOMPARE(cell.data(IdRole).toString().left(1), QStringLiteral("c"));
    }

    void everyCellCanBeReadAloud()
    {
        const std::pair<query::Report, std::shared_ptr<const RowSource>> lists[] = {
            {query::Report::RiskyUsers, std::make_shared<RiskyUsersSource>()},
            {query::Report::Detections, std::make_shared<DetectionsSource>()}};
        for (const auto &[report, source] : lists) {
            ListModel model(source, m_readers);
            QVERIFY(load(model, ask(report, "")));
            QVERIFY(waitFor(model, 0));
            for (int row = 0; row < 40; ++row)
                for (int column = 0; column < model.columnCount(); ++column)
                    QVERIFY2(!model.index(row, column).data(Qt::AccessibleTextRole).toString().isEmpty(),
                             qPrintable(model.columns()[column].title));
        }
    }

    void showOnlyThisFindsTheRowAgain()
    {
        const std::pair<query::Report, std::shared_ptr<const RowSource>> lists[] = {
            {query::Report::RiskyUsers, std::make_shared<RiskyUsersSource>()},
            {query::Report::Detections, std::make_shared<DetectionsSource>()}};
        int checked = 0;
        for (const auto &[report, source] : lists) {
            ListModel model(source, m_readers);
            QVERIFY(load(model, ask(report, "")));
            QVERIFY(waitFor(model, 7));
            for (int column = 0; column < model.columnCount(); ++column) {
                const auto raw = model.index(7, column).data(RawRole);
                const auto field = model.columns()[column].field();
                if (!raw.isValid() || query::findField(report, field.toStdString()) == nullptr)
                    continue;
                const bool words =
                    query::findField(report, field.toStdString())->kind == query::FieldKind::Text;
                const auto text = field + (words ? QStringLiteral(":=\"") : QStringLiteral(":\"")) +
                                  raw.toString() + QLatin1Char('"');
                const auto filter = query::parseFilter(report, text.toStdString());
                QVERIFY2(filter, qPrintable(text));
                const auto ids =
                    query::readSpine(m_directory->connection(), {report, *filter, {}, {}, smallNow});
                QVERIFY2(ids && std::find(ids->begin(), ids->end(), model.idAt(7)) != ids->end(),
                         qPrintable(text));
                ++checked;
            }
        }
        QVERIFY(checked > 20);
    }

    void selectionSurvivesSortingAndIsCutByTheFilter()
    {
        ListModel model(std::make_shared<RiskyUsersSource>(), m_readers);
        QVERIFY(load(model, ask(query::Report::RiskyUsers, "", "riskScore", true)));
        model.select(0, 0, false);
        model.select(10, 12, true);
        model.select(11, 11, true, true); // toggled off again
        QCOMPARE(model.selectedCount(), 3);
        auto chosen = model.selectedIds();
        std::sort(chosen.begin(), chosen.end());
        QVERIFY(load(model, ask(query::Report::RiskyUsers, "", "user")));
        auto after = model.selectedIds();
        std::sort(after.begin(), after.end());
        QCOMPARE(after, chosen);
        for (const auto id : chosen)
            QVERIFY(model.index(model.rowOf(id), 0).data(TickRole).toBool());
        QSignalSpy cut(&model, &ListModel::selectionCut);
        QVERIFY(load(model, ask(query::Report::RiskyUsers, "level:none")));
        QCOMPARE(model.selectedCount(), 0);
        QCOMPARE(cut.size(), 1);
        QCOMPARE(cut.first().first().toLongLong(), 3);
    }

    void allIsAllOfTheFilterAndNoMore()
    {
        ListModel model(std::make_shared<RiskyUsersSource>(), m_readers);
        QVERIFY(load(model, ask(query::Report::RiskyUsers, "level:high")));
        const auto high = model.rowCount();
        model.selectAll();
        QCOMPARE(model.selectedCount(), high);
        model.select(0, 0, true, true);
        QCOMPARE(model.selectedCount(), high - 1);
        QVERIFY(load(model, ask(query::Report::RiskyUsers, "level:high", "user")));
        QCOMPARE(model.selectedCount(), high - 1);
        // A wider filter selects nobody whom nobody chose.
        QVERIFY(load(model, ask(query::Report::RiskyUsers, "")));
        QCOMPARE(model.rowCount(), people);
        QCOMPARE(model.selectedCount(), high - 1);
        model.selectNone();
        QCOMPARE(model.selectedCount(), 0);
        QVERIFY(model.selectedIds().empty());
    }

    void onlyTheNewestQuestionIsAnswered()
    {
        ListModel model(std::make_shared<RiskyUsersSource>(), m_readers);
        QSignalSpy loaded(&model, &ListModel::loaded);
        for (const char *text : {"", "level:low", "level:medium", "level:high"})
            model.setQuestion(ask(query::Report::RiskyUsers, text));
        QVERIFY(QTest::qWaitFor([&] { return !model.isBusy(); }, 20'000));
        QCOMPARE(loaded.size(), 1);
        const auto expected =
            query::readSpine(m_directory->connection(), ask(query::Report::RiskyUsers, "level:high"));
        QCOMPARE(model.rowCount(), static_cast<int>(expected->size()));
    }

    void draggingAskesForFewPages()
    {
        ListModel model(std::make_shared<DetectionsSource>(), m_readers);
        QVERIFY(load(model, ask(query::Report::Detections, "")));
        for (int row = 0; row < model.rowCount(); row += 16)
            (void)model.index(row, 0).data();
        QVERIFY(waitFor(model, model.rowCount() - 1));
        QVERIFY(waitFor(model, 0)); // let go, and asked for again
    }

    void anErrorIsSaidOnce()
    {
        ListModel model(std::make_shared<RiskyUsersSource>(), m_readers);
        QSignalSpy failed(&model, &ListModel::failed);
        query::Question broken{
            query::Report::RiskyUsers,
            query::Filter::match("nonsense", query::Test::Is, {query::Value(std::int64_t{1})}),
            {},
            {},
            smallNow};
        model.setQuestion(broken);
        QVERIFY(failed.wait(20'000));
        QCOMPARE(failed.size(), 1);
        QVERIFY(!model.isBusy());
    }

    void aModelMayGoWhileItsAnswerComes()
    {
        for (int i = 0; i < 20; ++i) {
            ListModel model(std::make_shared<RiskyUsersSource>(), m_readers);
            model.setQuestion(ask(query::Report::RiskyUsers, ""));
        }
        QTest::qWait(1);
    }

    void signInsComeFromColumns()
    {
        SmallDirectory small;
        small.populate(20);
        SmallSignIns make(small, 500, 9);
        auto readers = std::make_shared<jobs::Readers>(small.file(), 2);
        ListModel model(std::make_shared<SignInsSource>(), readers);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        QVERIFY(load(model, ask(query::Report::SignIns, "")));
        QCOMPARE(model.rowCount(), 500);
        QVERIFY(waitFor(model, 0));
        QVERIFY(waitFor(model, 499));
        for (int column = 0; column < model.columnCount(); ++column)
            QVERIFY(!model.index(0, column).data(Qt::AccessibleTextRole).toString().isEmpty());
        // Segments that go away: the next page says so, and the list is asked for anew.
        SmallDirectory::need(small.connection().execute("DELETE FROM segment WHERE id = 1"));
        QSignalSpy loaded(&model, &ListModel::loaded);
        model.retranslate();
        (void)model.index(0, 0).data();
        QVERIFY(loaded.wait(20'000));
        QCOMPARE(model.rowCount(), 250);
        QVERIFY(waitFor(model, 0));
    }
};

QTEST_GUILESS_MAIN(ListModelTest)
#include "tst_list_model.moc"
