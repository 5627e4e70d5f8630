// A full window of rows painted per frame: QTableView's own delegate against ours, offscreen raster,
// 1600x900, 40 rows of ten columns, a random place of a million rows each frame. Before measuring, both must
// have put ink into the same cells, of about the same amount, or the figures mean nothing. The third case
// paints what the list of risky users really shows: avatars, pills, sparklines, chips.
#include "ui/widgets/table/table_view.h"

#include <QAbstractTableModel>
#include <QApplication>
#include <QHeaderView>
#include <QImage>
#include <QPainter>
#include <QScrollBar>

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <random>

using namespace riskdesk;
using widgets::TableView;

namespace {

constexpr int rowsShown = 40;
constexpr int columns = 10;
constexpr int rowCount = 1000000;

class Rows : public QAbstractTableModel
{
public:
    explicit Rows(bool rich)
        : m_rich(rich)
    {}
    int rowCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : ::rowCount; }
    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : columns; }
    QVariant headerData(int section, Qt::Orientation, int role) const override
    {
        using K = models::CellKind;
        static constexpr K kinds[] = {K::Person, K::Level, K::State, K::Spark,     K::TextChip,
                                      K::Place,  K::Time,  K::Chips, K::Detection, K::Result};
        if (role == models::KindRole)
            return m_rich ? static_cast<int>(kinds[section]) : 0;
        return role == Qt::DisplayRole ? QVariant(QStringLiteral("Column")) : QVariant();
    }
    QVariant data(const QModelIndex &index, int role) const override
    {
        static const QStringList names{QStringLiteral("Mariana Duarte"), QStringLiteral("Thabo Castro"),
                                       QStringLiteral("Mei Almeida"), QStringLiteral("Omar Okafor")};
        static const QStringList chips{QStringLiteral("Unfamiliar sign-in")};
        const int row = index.row();
        switch (role) {
        case Qt::DisplayRole:
            switch (index.column()) {
            case 0: return QString(names[row % 4] + u' ' + QString::number(row));
            case 1: return QStringLiteral("user%1@mailbox.example").arg(row);
            case 6: return QStringLiteral("18 Mar, 14:%1").arg(row % 60, 2, 10, QLatin1Char('0'));
            default: return QStringLiteral("value %1 of %2").arg(row).arg(index.column());
            }
        case models::LevelRole: return row % 4;
        case models::StateRole: return row % 6;
        case models::TypeRole: return row % 7 + 1;
        case models::ToneRole: return row % 4;
        case models::InitialsRole: return QStringLiteral("AB");
        case models::SecondaryRole: return QStringLiteral("user%1@mailbox.example").arg(row);
        case models::CountryRole: return QStringLiteral("PT");
        case models::ChipRole: return index.column() == 7 ? QVariant(chips) : QVariant(row % 5);
        case models::SparkRole: {
            QByteArray curve(30, '\0');
            for (int i = 0; i < 30; ++i)
                curve[i] = static_cast<char>((row * 7 + i * 3) % 90);
            return curve;
        }
        default: return {};
        }
    }

private:
    bool m_rich;
};

struct Console
{
    Console()
    {
        qputenv("QT_QPA_PLATFORM", "offscreen");
        static int argc = 1;
        static char name[] = "bench";
        static char *argv[] = {name, nullptr};
        auto *application = new QApplication(argc, argv); // never ended: statics of the run still paint then
        look = new theme::Theme(application);             // after the application: it looks for fonts
        look->setMode(theme::Theme::Mode::Light);
        look->applyTo(*application);
    }
    theme::Theme *look = nullptr;
};

Console &console()
{
    static auto *one = new Console; // lives as long as the program
    return *one;
}

void prepare(QTableView &view, QAbstractItemModel &model)
{
    view.setModel(&model);
    view.verticalHeader()->hide();
    view.verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    view.verticalHeader()->setDefaultSectionSize(22);
    view.setShowGrid(false);
    view.setWordWrap(false);
    view.setFont(console().look->font(theme::TextStyle::Body));
    view.resize(1600, 900);
    for (int column = 0; column < columns; ++column)
        view.setColumnWidth(column, column == 0 ? 240 : 148);
    view.show();
    QApplication::processEvents();
}

void frames(benchmark::State &state, QTableView &view)
{
    std::mt19937 chance(5);
    QImage frame(view.viewport()->size(), QImage::Format_ARGB32_Premultiplied);
    for (auto _ : state) {
        state.PauseTiming();
        view.verticalScrollBar()->setValue(static_cast<int>(chance() % (::rowCount - rowsShown)));
        QApplication::processEvents();
        state.ResumeTiming();
        view.viewport()->render(&frame);
    }
    state.counters["frames/s"] =
        benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

int ink(const QImage &image, const QRect &cell)
{
    int dark = 0;
    for (int y = cell.top() + 2; y < cell.bottom() - 2; ++y)
        for (int x = cell.left() + 1; x < cell.right() - 1; ++x)
            dark += image.rect().contains(x, y) && qGray(image.pixel(x, y)) < 140 ? 1 : 0;
    return dark;
}

void sameTexts()
{
    Rows rows(false);
    QTableView theirs;
    prepare(theirs, rows);
    TableView ours(*console().look);
    ours.setTicksShown(false);
    prepare(ours, rows);
    const QImage a = theirs.viewport()->grab().toImage();
    const QImage b = ours.viewport()->grab().toImage();
    for (int row = 0; row < 35; ++row)
        for (int column = 0; column < columns; ++column) {
            const int left = ink(a, theirs.visualRect(rows.index(row, column)));
            const int right = ink(b, ours.visualRect(rows.index(row, column)));
            if (left < 20 || right < left * 7 / 10 || right > left * 13 / 10) {
                std::fprintf(stderr, "cell %d,%d differs: %d and %d dark pixels\n", row, column, left, right);
                std::exit(1);
            }
        }
}

void qtDelegate(benchmark::State &state)
{
    console();
    sameTexts();
    Rows rows(false);
    QTableView view;
    prepare(view, rows);
    frames(state, view);
}

void ourDelegate(benchmark::State &state)
{
    console();
    Rows rows(false);
    TableView view(*console().look);
    view.setTicksShown(false);
    prepare(view, rows);
    frames(state, view);
}

void ourDelegateRiskyUsers(benchmark::State &state)
{
    console();
    Rows rows(true);
    TableView view(*console().look);
    prepare(view, rows);
    frames(state, view);
}

BENCHMARK(qtDelegate)->Unit(benchmark::kMillisecond);
BENCHMARK(ourDelegate)->Unit(benchmark::kMillisecond);
BENCHMARK(ourDelegateRiskyUsers)->Unit(benchmark::kMillisecond);

} // namespace
