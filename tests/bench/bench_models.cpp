// A list of the console from question to filled cells: open, jump to the middle, and what one frame of cells
// asks.
#include "core/query/filter/filter_text.h"

#include "tests/support/small_directory.h"
#include "ui/models/list_model.h"
#include "ui/models/report_sources.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEventLoop>

#include <benchmark/benchmark.h>

using namespace riskdesk;
using namespace riskdesk::models;
using namespace riskdesk::test;

namespace {

struct Opened
{
    int argc = 1;
    char name[13] = "bench_models";
    char *argv[1] = {name};
    QCoreApplication application{argc, argv};
    SmallDirectory directory;
    std::shared_ptr<jobs::Readers> readers;

    Opened()
    {
        directory.populate(100'000);
        readers = std::make_shared<jobs::Readers>(directory.file(), 2);
    }
};

Opened &opened()
{
    static Opened all;
    return all;
}

template <typename Done>
void waitUntil(Done done)
{
    while (!done())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 5);
}

void open(ListModel &model)
{
    const query::Question question{
        query::Report::RiskyUsers, {}, {}, {{"riskLastUpdatedDateTime", true}}, smallNow};
    model.setQuestion(question);
    waitUntil([&] { return model.rowCount() > 0; });
}

void openFilled(benchmark::State &state)
{
    auto &all = opened();
    for (auto _ : state) {
        ListModel model(std::make_shared<RiskyUsersSource>(), all.readers);
        open(model);
        waitUntil([&] { return !model.index(0, 0).data(LoadingRole).toBool(); });
    }
}

void jump(benchmark::State &state)
{
    auto &all = opened();
    ListModel model(std::make_shared<RiskyUsersSource>(), all.readers);
    open(model);
    int row = 0;
    for (auto _ : state) {
        row = (row + 40'961) % model.rowCount();
        waitUntil([&] { return !model.index(row, 0).data(LoadingRole).toBool(); });
    }
}

// Forty rows of seven columns, the roles a delegate reads.
void frame(benchmark::State &state)
{
    auto &all = opened();
    ListModel model(std::make_shared<RiskyUsersSource>(), all.readers);
    open(model);
    waitUntil([&] { return !model.index(0, 0).data(LoadingRole).toBool(); });
    for (auto _ : state)
        for (int row = 0; row < 40; ++row)
            for (int column = 0; column < 7; ++column)
                for (const int role : {static_cast<int>(Qt::DisplayRole), static_cast<int>(SecondaryRole),
                                       static_cast<int>(TickRole), static_cast<int>(LevelRole)})
                    benchmark::DoNotOptimize(model.index(row, column).data(role));
}

} // namespace

BENCHMARK(openFilled)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(jump)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(frame)->Unit(benchmark::kMillisecond);
