// SerialExecutor and Prefetcher: the order of the work, its failures and its end do not depend on who does
// it.
#include "core/base/prefetcher.h"
#include "core/base/serial_executor.h"

#include <QTest>

#include <atomic>
#include <stdexcept>
#include <vector>

using namespace riskdesk;

class SerialExecutorTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void ways_data()
    {
        QTest::addColumn<bool>("ownThread");
        QTest::newRow("by the caller") << false;
        QTest::newRow("on a thread of its own") << true;
    }
    void order_data() { ways_data(); }
    void order()
    {
        QFETCH(const bool, ownThread);
        std::vector<int> done;
        SerialExecutor executor(ownThread);
        for (int i = 0; i < 100; ++i)
            executor.run([&done, i] {
                done.push_back(i);
                return Status();
            });
        QVERIFY(executor.drain());
        QCOMPARE(done.size(), std::size_t{100});
        for (int i = 0; i < 100; ++i)
            QCOMPARE(done[static_cast<std::size_t>(i)], i);
    }
    void failure_data() { ways_data(); }
    void failure()
    {
        QFETCH(const bool, ownThread);
        int after = 0;
        SerialExecutor executor(ownThread);
        executor.run([] { return Status(fail(Code::DiskFull, "disk")); });
        for (int i = 0; i < 10; ++i)
            executor.run([&after] {
                ++after;
                return Status();
            });
        const auto ok = executor.drain();
        QVERIFY(!ok && ok.error().code == Code::DiskFull);
        QCOMPARE(after, 0);
    }
    void thrown_data() { ways_data(); }
    void thrown()
    {
        QFETCH(const bool, ownThread);
        SerialExecutor executor(ownThread);
        executor.run([]() -> Status { throw std::bad_alloc(); });
        bool caught = false;
        try {
            (void)executor.drain();
        } catch (const std::bad_alloc &) {
            caught = true;
        }
        QVERIFY(caught);
    }
    void left() // what is queued when nobody waits is left out or done, and nothing hangs
    {
        for (int round = 0; round < 50; ++round) {
            SerialExecutor executor(true);
            for (int i = 0; i < 3; ++i)
                executor.run([] { return Status(); });
        }
    }

    void prefetcher_data() { ways_data(); }
    void prefetcher()
    {
        QFETCH(const bool, ownThread);
        int made = 0;
        Prefetcher<std::vector<int>> prefetcher(ownThread, 3, [&made](std::vector<int> &item) {
            item.assign(1, made);
            return made++ < 200;
        });
        int expected = 0;
        for (std::vector<int> item; prefetcher.next(item); ++expected)
            QCOMPARE(item, std::vector<int>(1, expected));
        QCOMPARE(expected, 200);
    }
    void prefetcherThrows_data() { ways_data(); }
    void prefetcherThrows()
    {
        QFETCH(const bool, ownThread);
        int made = 0;
        Prefetcher<int> prefetcher(ownThread, 3, [&made](int &item) {
            if (made == 5)
                throw std::runtime_error("no more");
            item = made++;
            return true;
        });
        int got = 0;
        bool caught = false;
        try {
            for (int item = 0; prefetcher.next(item);)
                ++got;
        } catch (const std::runtime_error &) {
            caught = true;
        }
        QVERIFY(caught);
        QCOMPARE(got, 5);
    }
    void prefetcherAbandoned()
    {
        for (int round = 0; round < 50; ++round) {
            Prefetcher<int> prefetcher(true, 2, [](int &item) { return ++item, true; });
            int item = 0;
            QVERIFY(prefetcher.next(item));
        }
    }
};

QTEST_APPLESS_MAIN(SerialExecutorTest)
#include "tst_serial_executor.moc"
