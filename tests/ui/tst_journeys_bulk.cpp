// Ten thousand users at once: all selected, dismissed, stopped on the way, and taken back by a console that was started
// again.
#include "core/ledger/blocks.h"

#include "tests/support/risk_fixture.h"
#include "tests/ui/journeys.h"
#include "ui/widgets/controls/command_bar.h"
#include "ui/window/main_window.h"

#include <QPushButton>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

constexpr std::uint32_t many = 10'000;

constexpr auto dismissedUsers = "SELECT count(*) FROM user_risk WHERE state = 3";

} // namespace

class BulkJourneys : public QObject, Journeys
{
    Q_OBJECT

    // Users at risk beside those of the sample.
    void addMany(const std::filesystem::path &file)
    {
        auto connection = store::openForWriting(file);
        QVERIFY(connection);
        auto transaction = store::Transaction::begin(*connection);
        store::Statement newest(*connection, "SELECT max(id) FROM user");
        QVERIFY(transaction && newest.step());
        const auto first = newest.uint32(0) + 1;
        store::Statement add(*connection, "INSERT INTO user (id, key, upn, display_name, identity, issuer) "
                                          "VALUES (?1, ?2, ?2, ?3, ?4, '')");
        std::vector<ledger::RaisedDetection> found;
        for (auto user = first; user < first + many; ++user) {
            QVERIFY(add.bind(user, userKey(user), "User " + std::to_string(user), Identity::Local).run());
            found.push_back(finding(user, user, DetectionType::AnonymizedIPAddress, RiskLevel::Medium, noon));
        }
        QVERIFY(ledger::RiskWriter(*connection, fixtureClock).raise(std::move(found)));
        QVERIFY(transaction->commit());
    }
    void start(const std::filesystem::path &file)
    {
        m.reset();
        m = std::make_unique<ConsoleFixture>(*m_theme, file);
    }

private Q_SLOTS:
    void initTestCase() { begin(); }
    void init() { m_home->clear(); }
    void cleanup() { m.reset(); }
    void cleanupTestCase() { end(); }

    void tenThousandAreDismissedStoppedAndTakenBackAfterARestart()
    {
        const auto file = m_home->copy();
        addMany(file);
        start(file);
        const auto total = m->number(std::string("SELECT count(*) ") + openUsers);
        QVERIFY(total > many);
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), static_cast<int>(total), patience);
        settled();
        const auto before = m->number(dismissedUsers);

        m->clickRow(0);
        ConsoleFixture::key(Qt::Key_A, Qt::ControlModifier);
        QCOMPARE(m->model().selectedCount(), static_cast<int>(total));
        ConsoleFixture::key(Qt::Key_D, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(sheet() != nullptr, patience);
        QTRY_COMPARE_WITH_TIMEOUT(sheet()->accessibleName(),
                                  s("Dismiss risk of %1 user(s)").arg(QLocale().toString(total)), patience);
        ConsoleFixture::key(Qt::Key_Return);

        auto &progress = m->window.facts().progress();
        QTRY_VERIFY_WITH_TIMEOUT(progress.isVisible(), patience);
        QTRY_VERIFY_WITH_TIMEOUT(m->number(dismissedUsers) > before, patience);
        auto *cancel = ConsoleFixture::withText<QPushButton>(progress, s("Cancel"));
        QVERIFY(cancel != nullptr);
        m->click(*cancel);
        QTRY_VERIFY2_WITH_TIMEOUT(m->feedback().startsWith(s("Risk dismissed for ")),
                                  qPrintable(m->feedback()), patience);
        // Whole blocks, and the sentence says how many.
        const auto done = m->number(dismissedUsers) - before;
        QVERIFY2(done > 0 && done < total, qPrintable(QString::number(done)));
        QCOMPARE(done % static_cast<std::int64_t>(ledger::usersPerTransaction), 0);
        QVERIFY2(m->feedback().contains(QLocale().toString(done)), qPrintable(m->feedback()));
        QVERIFY2(m->feedback().contains(s("stopped, the others")), qPrintable(m->feedback()));
        settled();
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), static_cast<int>(total - done), patience);

        start(file);
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), static_cast<int>(total - done), patience);
        settled();
        QTest::keyClick(&m->window, Qt::Key_Z, Qt::ControlModifier);
        QTRY_VERIFY2_WITH_TIMEOUT(m->feedback().contains(QLocale().toString(done)), qPrintable(m->feedback()),
                                  patience);
        QCOMPARE(m->number(dismissedUsers), before + done);
        m->click(*ConsoleFixture::withText<QPushButton>(m->commands(), s("Take Back")));
        QTRY_COMPARE_WITH_TIMEOUT(m->number(dismissedUsers), before, patience);
        QTRY_VERIFY_WITH_TIMEOUT(m->feedback().startsWith(s("Taken back: ")), patience);
        settled();
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), static_cast<int>(total), patience);
    }
};

QTEST_MAIN(BulkJourneys)
#include "tst_journeys_bulk.moc"
