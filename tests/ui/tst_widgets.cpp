// Widgets do what their keys and buttons promise, refuse with a reason, and everything that can be pressed
// has a name.
#include "tests/ui/gallery_pages.h"
#include "ui/widgets/charts/day_bars.h"
#include "ui/widgets/charts/world.h"
#include "ui/widgets/controls/filter_popover.h"
#include "ui/widgets/controls/flow_layout.h"
#include "ui/widgets/controls/popover.h"
#include "ui/widgets/controls/search_box.h"

#include <QAbstractButton>
#include <QAccessible>
#include <QApplication>
#include <QListView>
#include <QMenu>
#include <QPlainTextEdit>
#include <QRadioButton>
#include <QSignalSpy>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::widgets;

class WidgetsTest : public QObject
{
    Q_OBJECT
    theme::Theme *m_theme = nullptr;

    static void walk(QWidget *root, QStringList &nameless)
    {
        for (QWidget *widget : root->findChildren<QWidget *>()) {
            const bool pressable = qobject_cast<QAbstractButton *>(widget) != nullptr ||
                                   qobject_cast<QLineEdit *>(widget) != nullptr ||
                                   qobject_cast<QAbstractItemView *>(widget) != nullptr ||
                                   widget->focusPolicy() & Qt::TabFocus;
            if (!pressable || widget->objectName().startsWith(QStringLiteral("qt_")) ||
                widget->inherits("QScrollBar") || widget->inherits("QHeaderView") ||
                widget->inherits("QTableCornerButton") || widget->isHidden())
                continue;
            const QAccessibleInterface *face = QAccessible::queryAccessibleInterface(widget);
            if (face == nullptr || face->text(QAccessible::Name).trimmed().isEmpty())
                nameless << QString::fromLatin1(widget->metaObject()->className()) + u' ' +
                                widget->objectName() + u' ' + widget->toolTip();
        }
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme = new theme::Theme(this);
        m_theme->setMode(theme::Theme::Mode::Light);
        m_theme->applyTo(*qApp);
    }
    void cleanupTestCase() { QApplication::setStyle(QStringLiteral("fusion")); }

    void everythingPressableHasAName()
    {
        window::MainWindow window(*m_theme, QStringLiteral("Riskdesk"));
        auto *users = new test::GalleryPage(*m_theme, test::s("users"), test::s("Risky users"));
        users->asList(false);
        auto *found = new test::GalleryPage(*m_theme, test::s("detections"), test::s("Risk detections"));
        found->asList(true);
        auto *overview = new test::GalleryPage(*m_theme, test::s("overview"), test::s("Overview"));
        overview->asOverview();
        window.addPage(theme::Icon::Users, users);
        window.addPage(theme::Icon::Detections, found);
        window.addPage(theme::Icon::Overview, overview);
        window.setDirectory(test::s("Meadow"));
        window.facts().setFact(test::s("zone"), StatusBar::Side::Trailing, test::s("Times: UTC"));
        window.facts().progress().setProgress(test::s("Importing"), 0.5);
        window.facts().setProgressShown(true);
        users->commands->setFeedback(models::Tone::Good, test::s("Done"), test::s("Undo"));
        window.show();
        QStringList nameless;
        for (const char *place : {"users", "detections", "overview"}) {
            window.setCurrent(test::s(place));
            walk(&window, nameless);
        }
        FirstRun first(*m_theme, test::s("Riskdesk"));
        first.show();
        walk(&first, nameless);
        MessageBar message(*m_theme);
        message.setMessage(MessageBar::Kind::Warning, test::s("Another window holds the directory."),
                           test::s("Retry"));
        walk(&message, nameless);
        FilterPopover filter(*m_theme, test::s("Country"), test::s("Find a country"));
        filter.setAttribute(Qt::WA_DeleteOnClose, false);
        filter.show();
        walk(&filter, nameless);
        ConfirmSpec spec;
        spec.title = test::s("Confirm compromised");
        spec.reasons = {test::s("A")};
        spec.ticks = {{test::s("Reset password"), true, {}}};
        spec.commit = test::s("Confirm");
        ConfirmPopover confirm(*m_theme, spec);
        confirm.setAttribute(Qt::WA_DeleteOnClose, false);
        confirm.show();
        walk(&confirm, nameless);
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(u'\n')));
    }

    void aRefusedCommandStaysReachableAndSaysWhy()
    {
        CommandButton button(*m_theme, theme::Icon::Block, test::s("Block sign-in"), theme::ButtonKind::Flat);
        button.show();
        QSignalSpy done(&button, &CommandButton::triggered);
        QSignalSpy refused(&button, &CommandButton::refused);
        button.refuse(test::s("Blocking needs the Administrator role. You are Operator."));
        QVERIFY(button.isEnabled());
        QVERIFY(button.focusPolicy() & Qt::TabFocus);
        QTest::keyClick(&button, Qt::Key_Return);
        QCOMPARE(done.size(), 0);
        QCOMPARE(refused.size(), 1);
        QVERIFY(button.toolTip().contains(test::s("Administrator")));
        auto *face = QAccessible::queryAccessibleInterface(&button);
        QVERIFY(face->state().disabled);
        QCOMPARE(face->text(QAccessible::Name), test::s("Block sign-in"));
        QVERIFY(face->text(QAccessible::Description).contains(test::s("Administrator")));
        button.refuse({});
        QVERIFY(!face->state().disabled);
        QTest::mouseClick(&button, Qt::LeftButton);
        QCOMPARE(done.size(), 1);
    }

    void aNarrowBarGivesWayInOrder()
    {
        CommandBar bar(*m_theme);
        bar.setSelectionCommands({test::command("reset", theme::Icon::Key, "Reset password"),
                                  test::command("comp", theme::Icon::ShieldAlert, "Confirm compromised"),
                                  test::command("dismiss", theme::Icon::Dismiss, "Dismiss risk"),
                                  test::command("block", theme::Icon::Block, "Block sign-in")});
        bar.setGeneralCommands({test::command("refresh", theme::Icon::Refresh, "Refresh"),
                                test::command("export", theme::Icon::Download, "Export")});
        bar.setSelection(test::s("3 selected"), true, true);
        bar.resize(1150, 32);
        bar.show();
        QVERIFY(!bar.button(test::s("refresh"))->isCompact());
        QVERIFY(bar.button(test::s("block"))->isVisible());
        bar.resize(760, 32);
        QVERIFY(bar.button(test::s("refresh"))->isCompact());
        bar.resize(480, 32);
        QVERIFY(!bar.button(test::s("block"))->isVisible());
        QVERIFY(bar.button(test::s("reset"))->isVisible());
        QVERIFY(bar.anchor(test::s("block")) != bar.button(test::s("block")));
        // Nothing overlaps and nothing leaves the bar.
        QList<QRect> boxes;
        for (const QWidget *child : bar.findChildren<QWidget *>(QString(), Qt::FindDirectChildrenOnly)) {
            if (!child->isVisible())
                continue;
            QVERIFY(bar.rect().contains(child->geometry()));
            for (const QRect &box : boxes)
                QVERIFY(!box.intersects(child->geometry()));
            boxes << child->geometry();
        }
    }

    void feedbackOffersUndoUntilTheNextSelection()
    {
        CommandBar bar(*m_theme);
        bar.setSelectionCommands({test::command("dismiss", theme::Icon::Dismiss, "Dismiss risk")});
        bar.resize(900, 32);
        bar.show();
        QSignalSpy undo(&bar, &CommandBar::feedbackLinkPressed);
        bar.setFeedback(models::Tone::Good, test::s("Risk dismissed for 3 users"), test::s("Undo"));
        for (auto *button : bar.findChildren<QPushButton *>())
            if (button->text() == test::s("Undo"))
                QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(undo.size(), 1);
        bar.setSelection(test::s("1 selected"), true, false); // the list reloads: Undo stays
        QCOMPARE(bar.feedback(), test::s("Risk dismissed for 3 users"));
        bar.clearFeedback(); // somebody selects
        QVERIFY(bar.feedback().isEmpty());
    }

    void typingFindsAndEnterTicksTheFirstMatch()
    {
        auto *filter = new FilterPopover(*m_theme, test::s("Country"), test::s("Find a country"));
        QList<FilterOption> options;
        for (const char *name : {"Brazil", "Indonesia", "Vietnam", "Germany", "Nigeria", "Ukraine"})
            options.append({test::s(name).left(2).toUpper(), test::s(name), {}, 3, false});
        filter->setOptions(options);
        QSignalSpy changed(filter, &FilterPopover::changed);
        QWidget opener;
        opener.show();
        filter->openAt(&opener);
        auto *find = filter->findChild<SearchBox *>();
        QTest::keyClicks(find, QStringLiteral("vie"));
        QTest::keyClick(find, Qt::Key_Return);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(filter->tickedKeys(), QStringList{test::s("VI")});
        QCOMPARE(filter->tickedLabels(), QStringList{test::s("Vietnam")});
        QVERIFY(find->text().isEmpty());
        QSignalSpy closed(filter, &Popover::closed);
        QTest::keyClick(find, Qt::Key_Escape);
        QCOMPARE(closed.size(), 1);
    }

    void keysPressedBeforeTheValuesAreCountedAreNotLost()
    {
        auto *filter = new FilterPopover(*m_theme, test::s("Country"), test::s("Find a country"));
        QSignalSpy changed(filter, &FilterPopover::changed);
        QSignalSpy closed(filter, &Popover::closed);
        QWidget opener;
        opener.show();
        filter->openAt(&opener);
        auto *find = filter->findChild<SearchBox *>();
        // What would have nothing to work on cannot be pressed.
        auto *relation = filter->findChild<SegmentedControl *>();
        auto *clear = filter->findChild<QPushButton *>();
        QCOMPARE(clear->text(), test::s("Clear"));
        QVERIFY(!relation->isEnabled() && !clear->isEnabled());
        QTest::keyClicks(find, QStringLiteral("ger"));
        QTest::keyClick(find, Qt::Key_Return);
        QTest::keyClicks(find, QStringLiteral("per"));
        QTest::keyClick(find, Qt::Key_Return);
        QTest::keyClick(find, Qt::Key_Escape);
        QCOMPARE(changed.size(), 0);
        QCOMPARE(closed.size(), 0);
        filter->setOptions({{test::s("BR"), test::s("Brazil"), {}, 3, false},
                            {test::s("DE"), test::s("Germany"), {}, 2, false},
                            {test::s("PE"), test::s("Peru"), {}, 1, false}});
        QVERIFY(relation->isEnabled() && clear->isEnabled());
        QCOMPARE(changed.size(), 2);
        QCOMPARE(changed.last().first().toStringList(), (QStringList{test::s("DE"), test::s("PE")}));
        QCOMPARE(closed.size(), 1);
    }

    void aFilterWhoseValuesCannotBeCountedStillCloses()
    {
        auto *filter = new FilterPopover(*m_theme, test::s("Country"), test::s("Find a country"));
        QSignalSpy closed(filter, &Popover::closed);
        QWidget opener;
        opener.show();
        filter->openAt(&opener);
        auto *find = filter->findChild<SearchBox *>();
        QTest::keyClicks(find, QStringLiteral("ger"));
        QTest::keyClick(find, Qt::Key_Return);
        filter->setProblem(test::s("The file is damaged."));
        QTest::keyClick(find, Qt::Key_Escape);
        QCOMPARE(closed.size(), 1);
    }

    void aPillSaysItsConditionAndCanBeRemoved()
    {
        FilterPill pill(*m_theme, test::s("country"), test::s("Country"));
        pill.show();
        QVERIFY(pill.accessibleName().contains(test::s("Any")));
        pill.setValues({test::s("Brazil"), test::s("India"), test::s("Peru"), test::s("Chad")}, true);
        QVERIFY(pill.accessibleName().contains(test::s("is not")));
        QVERIFY(pill.accessibleName().contains(test::s("Chad")));
        pill.resize(pill.sizeHint());
        QSignalSpy removed(&pill, &FilterPill::removeAsked);
        QSignalSpy opened(&pill, &FilterPill::openAsked);
        QTest::mouseClick(&pill, Qt::LeftButton, {}, QPoint(pill.width() - 12, 14));
        QCOMPARE(removed.size(), 1);
        QCOMPARE(opened.size(), 0);
        QTest::mouseClick(&pill, Qt::LeftButton, {}, QPoint(20, 14));
        QCOMPARE(opened.size(), 1);
        QTest::keyClick(&pill, Qt::Key_Delete);
        QCOMPARE(removed.size(), 2);
    }

    void confirmingTakesReasonNoteAndEnter()
    {
        ConfirmSpec spec;
        spec.title = test::s("Dismiss risk");
        spec.reasons = {test::s("Expected"), test::s("Accepted"), test::s("Other")};
        spec.ticks = {{test::s("Block sign-in"), true, test::s("Blocking needs the Administrator role.")}};
        spec.commit = test::s("Dismiss risk");
        auto *sheet = new ConfirmPopover(*m_theme, spec);
        QWidget opener;
        opener.show();
        sheet->openAt(&opener);
        int reason = -1;
        QString note;
        QList<bool> ticks;
        connect(sheet, &ConfirmPopover::committed, this, [&](int r, const QString &n, const QList<bool> &t) {
            reason = r;
            note = n;
            ticks = t;
        });
        QTest::keyClick(sheet, Qt::Key_2);
        sheet->findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("called them"));
        QTest::keyClick(sheet->findChild<QPlainTextEdit *>(), Qt::Key_Return);
        QCOMPARE(reason, 1);
        QCOMPARE(note, test::s("called them"));
        QCOMPARE(ticks, QList<bool>{false}); // what the role refuses is never ticked
    }

    void aRequiredNoteIsAskedFor()
    {
        ConfirmSpec spec;
        spec.noteRequired = true;
        spec.commit = test::s("Resolve");
        auto *sheet = new ConfirmPopover(*m_theme, spec);
        QWidget opener;
        opener.show();
        sheet->openAt(&opener);
        QSignalSpy committed(sheet, &ConfirmPopover::committed);
        QTest::keyClick(sheet->findChild<QPlainTextEdit *>(), Qt::Key_Return);
        QCOMPARE(committed.size(), 0);
        QVERIFY(sheet->isVisible());
        sheet->close();
    }

    void navigationCountsCollapsesAndMoves()
    {
        QCOMPARE(Navigation::countText(-1), QString());
        QVERIFY(Navigation::countText(12000).endsWith(u'+'));
        Navigation navigation(*m_theme);
        navigation.addSection(test::s("a"), theme::Icon::Overview, test::s("Overview"));
        navigation.addSection(test::s("b"), theme::Icon::Users, test::s("Risky users"));
        navigation.setViews(test::s("b"), {{test::s("v"), test::s("High risk"), 3}});
        navigation.setCurrent(test::s("b"), test::s("v"));
        navigation.resize(220, 400);
        navigation.show();
        QString opened;
        connect(&navigation, &Navigation::opened, this,
                [&](const QString &section, const QString &view) { opened = section + u'/' + view; });
        auto items = navigation.findChildren<NavigationItem *>();
        items[1]->setFocus();
        QTest::keyClick(items[1], Qt::Key_Up);
        QTest::keyClick(items[0], Qt::Key_Return);
        QCOMPARE(opened, test::s("a/"));
        for (auto *item : items)
            if (item->view == test::s("v"))
                QTest::mouseClick(item, Qt::LeftButton);
        QCOMPARE(opened, test::s("b/v"));
        navigation.setCollapsed(true);
        QCOMPARE(navigation.width(), 56);
        QVERIFY(!items[0]->toolTip().isEmpty());
        navigation.setViews(test::s("b"), {});
    }

    void theWindowGoesBackAndForward()
    {
        window::MainWindow window(*m_theme, QStringLiteral("Riskdesk"));
        for (const char *id : {"one", "two", "three"})
            window.addPage(theme::Icon::Overview, new test::GalleryPage(*m_theme, test::s(id), test::s(id)));
        window.setCurrent(test::s("one"));
        window.setCurrent(test::s("two"), test::s("x"));
        window.setCurrent(test::s("three"));
        window.setCurrent(test::s("nowhere")); // ignored
        window.goBack();
        QCOMPARE(window.currentPage()->id(), test::s("two"));
        QCOMPARE(window.navigation().currentView(), test::s("x"));
        window.goForward();
        QCOMPARE(window.currentPage()->id(), test::s("three"));
        window.goForward();
        window.goBack();
        window.goBack();
        window.goBack();
        QCOMPARE(window.currentPage()->id(), test::s("one"));
        window.setCurrent(test::s("three"));
        QVERIFY(!window.canGoForward());
    }

    void axesAreRound_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<int>("lines");
        QTest::addColumn<double>("top");
        QTest::newRow("nothing") << 0.0 << 4 << 1.0;
        QTest::newRow("one") << 1.0 << 4 << 1.0;
        QTest::newRow("a few") << 31.0 << 2 << 40.0;
        QTest::newRow("a hundred and more") << 114.0 << 4 << 120.0;
        QTest::newRow("thousands") << 4300.0 << 4 << 6000.0;
        QTest::newRow("not a number") << std::nan("") << 4 << 1.0;
    }
    void axesAreRound()
    {
        QFETCH(double, value);
        QFETCH(int, lines);
        QFETCH(double, top);
        const Scale scale = roundScale(value, lines);
        QCOMPARE(scale.top, top);
        QVERIFY(scale.top / scale.step <= lines + 1e-9);
    }

    void barsAnswerClicksAndSurviveOddValues()
    {
        DayBars bars(*m_theme);
        bars.resize(600, 200);
        bars.show();
        bars.grab();
        bars.setBars(test::days(30, 4));
        QSignalSpy pressed(&bars, &DayBars::barPressed);
        QTest::mouseClick(&bars, Qt::LeftButton, {}, QPoint(590, 100));
        QCOMPARE(pressed.takeFirst().at(0).toInt(), 29);
        QTest::keyClick(&bars, Qt::Key_Left);
        QTest::keyClick(&bars, Qt::Key_Space);
        QCOMPARE(pressed.takeFirst().at(0).toInt(), 29);
        bars.setBars({{QString(), -5, 2000000000, 0}});
        bars.grab();
        RiskLine line(*m_theme);
        line.resize(300, 120);
        line.setSteps({{std::nan(""), 900, true, {}}, {-4, -9, false, {}}, {7, 50, true, {}}},
                      {test::s("a")});
        QVERIFY(!line.grab().isNull());
        TwoLines lines(*m_theme);
        lines.resize(300, 160);
        lines.setLines(test::s("a"), {1, std::nan(""), 1e300}, test::s("b"), {}, {});
        QVERIFY(!lines.grab().isNull());
    }

    void equalEarthHitsItsKnownPoints()
    {
        // x at the equator's end and y at the pole: 2.7066299836 and 1.3173627591, the width and height of
        // the projection on the unit sphere (Savric et al. 2018).
        QVERIFY(std::abs(equalEarth(0, 180).x() - 2.7066299836) < 1e-6);
        QVERIFY(std::abs(equalEarth(90, 0).y() - 1.3173627591) < 1e-6);
        QCOMPARE(equalEarth(0, 0), QPointF(0, 0));
    }

    void waysOverTheDateLineAreCut()
    {
        const auto lines = greatCircle(35.7, 139.7, 37.8, -122.4); // Tokyo to San Francisco
        QCOMPARE(lines.size(), 2);
        for (const QPolygonF &line : lines)
            for (qsizetype i = 1; i < line.size(); ++i)
                QVERIFY(std::abs(line[i].x() - line[i - 1].x()) < 0.5);
        QCOMPARE(greatCircle(38.7, -9.1, 10.8, 106.6).size(), 1);
        QVERIFY(greatCircle(10, 10, 10, 10).isEmpty());
        QVERIFY(greatCircle(std::nan(""), 0, 0, 0).isEmpty());
        QVERIFY(greatCircle(95, 0, 0, 0).isEmpty());
        QVERIFY(!greatCircle(0, 0, 0, 180).isEmpty()); // opposite ends
    }

    void theWorldHasItsCountries()
    {
        QVERIFY(worldShapes().size() > 250);
        QSet<int> countries;
        for (const CountryShape &shape : worldShapes()) {
            countries << shape.country;
            // No outline runs across the whole map.
            QVERIFY(shape.outline.boundingRect().width() < 3.6);
        }
        for (const int code : {620, 704, 76, 840, 643, 242}) // Portugal, Vietnam, Brazil, USA, Russia, Fiji
            QVERIFY(countries.contains(code));
    }

    void mapsPaintAnyMarks()
    {
        WorldMap map(*m_theme);
        map.resize(400, 220);
        map.show();
        map.setContent({{std::nan(""), 0, {}, true, 0, 0, {}},
                        {91, 999, {}, false, 0, 0, {}},
                        {10, 20, QString(5000, u'x'), true, 5, 1e9, test::s("a")}},
                       {{0, 1, {}, true}, {-1, 77, {}, false}, {2, 2, test::s("0 km/h"), false}});
        QVERIFY(!map.grab().isNull());
        for (int i = 0; i < 60; ++i)
            QTest::keyClick(&map, i % 2 ? Qt::Key_Plus : Qt::Key_Left);
        QVERIFY(!map.grab().isNull());
    }

    void textFromLogsIsNeverMarkup()
    {
        Paragraph text(*m_theme, theme::TextStyle::Body, theme::Token::Text,
                       test::s("<b>x</b><img src='file:///etc/passwd'>"));
        QCOMPARE(text.textFormat(), Qt::PlainText);
    }

    void pillsWrap()
    {
        QWidget box;
        auto *flow = new FlowLayout(&box);
        for (int i = 0; i < 6; ++i) {
            auto *part = new QWidget;
            part->setFixedSize(100, 28);
            flow->insertWidget(i, part);
        }
        QCOMPARE(flow->heightForWidth(1000), 28);
        QVERIFY(flow->heightForWidth(330) > 28);
        QVERIFY(flow->heightForWidth(10) >= 6 * 28);
    }
};

QTEST_MAIN(WidgetsTest)
#include "tst_widgets.moc"
