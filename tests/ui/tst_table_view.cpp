// The list paints every kind of cell, survives odd values, and turns clicks and keys into what the person
// asked for.
#include "tests/ui/sample_rows.h"
#include "ui/widgets/table/table_header.h"
#include "ui/widgets/table/table_view.h"

#include <QApplication>
#include <QScrollBar>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::widgets;

class OddRows : public QAbstractTableModel // what a damaged source could answer
{
    Q_OBJECT
public:
    int rowCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : 3; }
    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : 13; }
    QVariant headerData(int section, Qt::Orientation, int role) const override
    {
        return role == models::KindRole ? QVariant(section == 12 ? 9999 : section) : QVariant();
    }
    QVariant data(const QModelIndex &index, int role) const override
    {
        if (index.row() == 0)
            return {};
        if (role == Qt::DisplayRole || role == models::InitialsRole || role == models::CountryRole)
            return QString(4000, QChar(0xD800 + index.row())); // lone surrogates
        if (role == models::SparkRole)
            return QByteArray(100000, '\xff');
        if (role == models::ChipRole)
            return index.row() == 1 ? QVariant(QStringList(500, QString(300, u'x'))) : QVariant(-7);
        return -123456;
    }
};

class TableViewTest : public QObject
{
    Q_OBJECT
    theme::Theme *m_theme = nullptr;

    struct Shown
    {
        explicit Shown(const theme::Theme &theme, QAbstractItemModel *model)
            : view(theme)
        {
            view.setModel(model);
            view.resize(1100, 500);
            view.setColumnWidth(0, 320);
            view.show();
            QApplication::setActiveWindow(&view);
            view.setFocus();
            QObject::connect(&view, &TableView::selectionAsked, &view,
                             [this](const SelectionAsk &ask) { asked.append(ask); });
        }
        TableView view;
        QList<SelectionAsk> asked;
        QPoint at(int row, int x) { return {x, view.rowViewportPosition(row) + 10}; }
    };

private Q_SLOTS:
    void initTestCase()
    {
        m_theme = new theme::Theme(this);
        m_theme->setMode(theme::Theme::Mode::Light);
        m_theme->applyTo(*qApp);
    }
    void cleanupTestCase() { QApplication::setStyle(QStringLiteral("fusion")); }

    void aClickSelectsOnlyThatRow()
    {
        test::SampleRows rows(50);
        Shown s(*m_theme, &rows);
        QTest::mouseClick(s.view.viewport(), Qt::LeftButton, {}, s.at(2, 200));
        QCOMPARE(s.asked.size(), 1);
        QCOMPARE(s.asked[0].kind, SelectionAsk::Only);
        QCOMPARE(s.asked[0].first, 2);
        QCOMPARE(s.view.currentRow(), 2);
    }
    void aClickOnTheBoxToggles()
    {
        test::SampleRows rows(50);
        Shown s(*m_theme, &rows);
        QTest::mouseClick(s.view.viewport(), Qt::LeftButton, {}, s.at(3, 22));
        QCOMPARE(s.asked[0].kind, SelectionAsk::Toggle);
        QCOMPARE(s.asked[0].first, 3);
    }
    void shiftClickAsksForTheRange()
    {
        test::SampleRows rows(50);
        Shown s(*m_theme, &rows);
        QTest::mouseClick(s.view.viewport(), Qt::LeftButton, {}, s.at(5, 200));
        QTest::mouseClick(s.view.viewport(), Qt::LeftButton, Qt::ShiftModifier, s.at(2, 200));
        QCOMPARE(s.asked[1].kind, SelectionAsk::Range);
        QCOMPARE(s.asked[1].first, 2);
        QCOMPARE(s.asked[1].last, 5);
    }
    void theHeaderBoxAsksForAllThenNone()
    {
        test::SampleRows rows(50);
        Shown s(*m_theme, &rows);
        auto *viewport = s.view.horizontalHeader()->viewport();
        QTest::mouseClick(viewport, Qt::LeftButton, {}, QPoint(22, 16));
        QCOMPARE(s.asked.last().kind, SelectionAsk::All);
        s.view.setTickState(Qt::Checked);
        QTest::mouseClick(viewport, Qt::LeftButton, {}, QPoint(22, 16));
        QCOMPARE(s.asked.last().kind, SelectionAsk::None);
    }
    void aTitleAsksForSorting()
    {
        test::SampleRows rows(50);
        Shown s(*m_theme, &rows);
        QList<QPair<int, Qt::SortOrder>> sorts;
        connect(&s.view, &TableView::sortAsked, this, [&](int column, Qt::SortOrder order) {
            sorts.append({column, order});
        });
        const auto click = [&](int column) {
            const int x = s.view.horizontalHeader()->sectionViewportPosition(column) + 50;
            QTest::mouseClick(s.view.horizontalHeader()->viewport(), Qt::LeftButton, {}, QPoint(x, 16));
        };
        click(1);
        QCOMPARE(sorts.last(), (QPair<int, Qt::SortOrder>(1, Qt::DescendingOrder)));
        s.view.setSortShown(1, Qt::DescendingOrder);
        click(1);
        QCOMPARE(sorts.last(), (QPair<int, Qt::SortOrder>(1, Qt::AscendingOrder)));
    }
    void keysMoveTickAndAsk()
    {
        test::SampleRows rows(50);
        Shown s(*m_theme, &rows);
        s.view.setCurrentRow(0);
        int opened = -1;
        bool excluded = false;
        QModelIndex filtered;
        connect(&s.view, &TableView::opened, this, [&](int row, bool) { opened = row; });
        connect(&s.view, &TableView::filterAsked, this, [&](const QModelIndex &cell, bool exclude) {
            filtered = cell;
            excluded = exclude;
        });
        QTest::keyClick(&s.view, Qt::Key_J);
        QTest::keyClick(&s.view, Qt::Key_Down);
        QTest::keyClick(&s.view, Qt::Key_K);
        QCOMPARE(s.view.currentRow(), 1);
        QTest::keyClick(&s.view, Qt::Key_Space);
        QCOMPARE(s.asked.last().kind, SelectionAsk::Toggle);
        QCOMPARE(s.asked.last().first, 1);
        QTest::keyClick(&s.view, Qt::Key_Down, Qt::ShiftModifier);
        QCOMPARE(s.asked.last().kind, SelectionAsk::Range);
        QCOMPARE(s.asked.last().last, 2);
        QTest::keyClick(&s.view, Qt::Key_A, Qt::ControlModifier);
        QCOMPARE(s.asked.last().kind, SelectionAsk::All);
        QTest::keyClick(&s.view, Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(s.asked.last().kind, SelectionAsk::None);
        QTest::keyClick(&s.view, Qt::Key_Return);
        QCOMPARE(opened, 2);
        QTest::keyClick(&s.view, Qt::Key_Right);
        QTest::keyClick(&s.view, Qt::Key_F, Qt::ShiftModifier);
        QCOMPARE(filtered.column(), 1);
        QVERIFY(excluded);
        s.view.setLetterKeys(false);
        QTest::keyClick(&s.view, Qt::Key_J);
        QCOMPARE(s.view.currentRow(), 2);
    }
    void theFirstColumnAndOneMoreStay()
    {
        test::SampleRows rows(5);
        Shown s(*m_theme, &rows);
        QVERIFY(!s.view.setColumnShown(0, false));
        for (int column = 2; column < 7; ++column)
            QVERIFY(s.view.setColumnShown(column, false));
        QVERIFY(!s.view.setColumnShown(1, false));
    }
    void zeroWidthsAreRepaired()
    {
        test::SampleRows rows(5);
        Shown s(*m_theme, &rows);
        s.view.horizontalHeader()->setMinimumSectionSize(0);
        s.view.setColumnWidth(2, 0);
        s.view.restoreColumns(s.view.saveColumns());
        QVERIFY(s.view.columnWidth(2) >= 24);
    }
    void tickedCurrentAndHoveredRowsDiffer()
    {
        test::SampleRows rows(10);
        rows.ticked = {1};
        Shown s(*m_theme, &rows);
        s.view.setCurrentRow(3);
        const QImage image = s.view.viewport()->grab().toImage();
        const auto ground = [&](int row) {
            return image.pixelColor(300, s.view.rowViewportPosition(row) + 3);
        };
        QCOMPARE(ground(0), m_theme->color(theme::Token::Surface));
        QCOMPARE(ground(1), m_theme->color(theme::Token::AccentTint));
        QCOMPARE(ground(3), m_theme->color(theme::Token::AccentTint));
        QCOMPARE(image.pixelColor(1, s.view.rowViewportPosition(3) + 10),
                 m_theme->color(theme::Token::Accent));
        QCOMPARE(image.pixelColor(1, s.view.rowViewportPosition(1) + 10),
                 m_theme->color(theme::Token::AccentTint));
    }
    void everyColumnPaintsSomething()
    {
        for (const bool detections : {false, true}) {
            test::SampleRows rows(10, detections);
            Shown s(*m_theme, &rows);
            const QImage image = s.view.viewport()->grab().toImage();
            for (int column = 0; column < 7; ++column) {
                const int x = s.view.columnViewportPosition(column) + (column == 0 ? 44 : 0);
                int ink = 0;
                for (int dx = 0; dx < s.view.columnWidth(column) - (column == 0 ? 44 : 0); ++dx)
                    for (int dy = 2; dy < 30; ++dy)
                        ink += image.pixelColor(std::min(x + dx, image.width() - 1),
                                                s.view.rowViewportPosition(1) + dy) !=
                               m_theme->color(theme::Token::Surface);
                QVERIFY2(ink > 30, qPrintable(QString::number(column)));
            }
        }
    }
    void oddValuesDoNoHarm()
    {
        OddRows rows;
        Shown s(*m_theme, &rows);
        s.view.resize(1600, 300);
        QVERIFY(!s.view.grab().isNull());
        s.view.setLayoutDirection(Qt::RightToLeft);
        QVERIFY(!s.view.grab().isNull());
        for (int column = 0; column < 13; ++column)
            s.view.delegate().sizeHint({}, rows.index(1, column));
    }
    void compactRowsAreLower()
    {
        test::SampleRows rows(5);
        Shown s(*m_theme, &rows);
        QCOMPARE(s.view.rowHeight(0), 34);
        s.view.setDensity(Density::Compact);
        QCOMPARE(s.view.rowHeight(0), 26);
    }
};

QTEST_MAIN(TableViewTest)
#include "tst_table_view.moc"
