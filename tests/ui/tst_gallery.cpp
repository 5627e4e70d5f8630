// Builds the widgets with believable values, checks that they paint and keep their measures, and writes
// pictures of them when RISKDESK_SHOTS names a folder.
#include "tests/ui/gallery_pages.h"
#include "ui/pages/api_sheet.h"
#include "ui/theme/icon_engine.h"
#include "ui/widgets/controls/filter_popover.h"
#include "ui/widgets/controls/popover.h"
#include "ui/widgets/table/table_view.h"

#include <QAccessible>
#include <QApplication>
#include <QDir>
#include <QMenu>
#include <QPainter>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::widgets;

class GalleryTest : public QObject
{
    Q_OBJECT
    theme::Theme *m_theme = nullptr;

    struct Shell
    {
        explicit Shell(theme::Theme &theme)
            : window(theme, QStringLiteral("Riskdesk"))
        {
            using theme::Icon;
            overview = new test::GalleryPage(theme, test::s("overview"), test::s("Overview"));
            users = new test::GalleryPage(theme, test::s("users"), test::s("Risky users"));
            found = new test::GalleryPage(theme, test::s("detections"), test::s("Risk detections"));
            overview->asOverview();
            users->asList(false);
            found->asList(true);
            window.addPage(Icon::Overview, overview);
            window.addPage(Icon::Users, users);
            window.addPage(Icon::Detections, found);
            window.addPage(Icon::Signins,
                           new test::GalleryPage(theme, test::s("signins"), test::s("Sign-ins")));
            window.addPage(Icon::Audit, new test::GalleryPage(theme, test::s("audit"), test::s("Audit log")));
            window.addDivider();
            window.addPage(Icon::Import, new test::GalleryPage(theme, test::s("import"), test::s("Import")));
            window.addPage(Icon::Export,
                           new test::GalleryPage(theme, test::s("exports"), test::s("Exports")));
            window.addSpring();
            window.addPage(Icon::Settings,
                           new test::GalleryPage(theme, test::s("settings"), test::s("Settings")));
            auto &nav = window.navigation();
            nav.setCount(test::s("users"), 214);
            nav.setCount(test::s("detections"), 1184);
            nav.setViews(test::s("users"), {{test::s("act"), test::s("Needs action"), 120},
                                            {test::s("high"), test::s("High risk"), 38},
                                            {test::s("all"), test::s("All at risk"), 214},
                                            {test::s("me"), test::s("Assigned to me"), 6},
                                            {test::s("blocked"), test::s("Blocked"), 16}});
            nav.setViews(test::s("detections"), {{test::s("new"), test::s("Unreviewed"), 342},
                                                 {test::s("90"), test::s("Last 90 days"), 1184},
                                                 {test::s("spray"), test::s("Password spray"), 61}});
            window.setDirectory(test::s("Meadow Market customers"));
            window.topBar().setChip(test::s("Sample data"),
                                    test::s("Invented people; all actions work here."));
            window.topBar().setOperator(test::s("Rui Sousa"), test::s("Administrator"));
            using Side = StatusBar::Side;
            window.facts().setFact(test::s("a"), Side::Leading, test::s("214 users"));
            window.facts().setFact(test::s("b"), Side::Leading, test::s("1 selected"));
            window.facts().setFact(test::s("c"), Side::Trailing,
                                   test::s("Last import 14:30, 48,210 sign-ins, 3 rejected"), {},
                                   models::Tone::Good);
            window.facts().setFact(test::s("d"), Side::Trailing, test::s("Times: Lisbon (UTC+0)"));
        }
        void show(const QString &section, const QString &view, QSize size)
        {
            window.resize(size);
            window.setCurrent(section, view);
            window.show();
            QApplication::setActiveWindow(&window);
            QApplication::processEvents();
        }
        window::MainWindow window;
        test::GalleryPage *overview;
        test::GalleryPage *users;
        test::GalleryPage *found;
    };

    // The window with a sheet on top, as a person sees it.
    static QPixmap with(QWidget &window, QWidget *sheet)
    {
        QPixmap picture = window.grab();
        if (sheet != nullptr) {
            QPainter painter(&picture);
            const QPoint at = window.mapFromGlobal(sheet->pos());
            painter.drawPixmap(at, sheet->grab());
        }
        return picture;
    }

    static void keep(const QPixmap &picture, const QString &name)
    {
        const QString folder = qEnvironmentVariable("RISKDESK_SHOTS");
        if (!folder.isEmpty() && QDir().mkpath(folder))
            picture.save(folder + u'/' + name + QStringLiteral(".png"));
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme = new theme::Theme(this);
        m_theme->applyTo(*qApp);
    }
    void cleanupTestCase() { QApplication::setStyle(QStringLiteral("fusion")); }

    void icons()
    {
        const int count = static_cast<int>(theme::Icon::Count);
        QPixmap sheet(16 * 80, (count / 8 + 1) * 80);
        sheet.fill(Qt::white);
        QPainter painter(&sheet);
        int at = 0;
        for (int i = 0; i < count; ++i)
            for (const bool filled : {false, true}) {
                if (filled && !theme::hasFilledForm(static_cast<theme::Icon>(i)))
                    continue;
                const QPointF corner(at % 16 * 80, at / 16 * 80);
                m_theme->paintIcon(painter, QRectF(corner + QPointF(6, 8), QSizeF(44, 44)),
                                   static_cast<theme::Icon>(i), Qt::black, filled);
                m_theme->paintIcon(painter, QRectF(corner + QPointF(54, 20), QSizeF(20, 20)),
                                   static_cast<theme::Icon>(i), Qt::black, filled);
                ++at;
            }
        painter.end();
        keep(sheet.copy(0, 0, 1280, (at / 16 + 1) * 80), QStringLiteral("icons"));
    }

    void lists()
    {
        for (const auto mode : {theme::Theme::Mode::Light, theme::Theme::Mode::Dark}) {
            m_theme->setMode(mode);
            for (const bool detections : {false, true}) {
                test::SampleRows rows(200, detections);
                rows.ticked = {0, 2};
                rows.loading = {7};
                TableView view(*m_theme);
                view.setModel(&rows);
                view.resize(1190, 480);
                view.setCurrentRow(0);
                view.setTickState(Qt::PartiallyChecked);
                view.setSortShown(6, Qt::DescendingOrder);
                view.show();
                const QPixmap picture = view.grab();
                QVERIFY(!picture.isNull());
                keep(picture, QStringLiteral("list-%1-%2")
                                  .arg(detections ? QStringLiteral("detections") : QStringLiteral("users"),
                                       m_theme->isDark() ? QStringLiteral("dark") : QStringLiteral("light")));
            }
        }
    }

    void windows()
    {
        for (const auto mode : {theme::Theme::Mode::Light, theme::Theme::Mode::Dark}) {
            m_theme->setMode(mode);
            const QString suffix = m_theme->isDark() ? QStringLiteral("-dark") : QStringLiteral("-light");
            Shell shell(*m_theme);
            for (const QSize size : {QSize(1440, 900), QSize(1024, 700)}) {
                const QString name = suffix + QStringLiteral("-%1").arg(size.width());
                shell.show(test::s("users"), test::s("all"), size);
                QCOMPARE(shell.window.size(), size); // nothing forces the window wider
                keep(shell.window.grab(), QStringLiteral("users") + name);
                shell.show(test::s("detections"), test::s("90"), size);
                keep(shell.window.grab(), QStringLiteral("detections") + name);
                shell.show(test::s("overview"), {}, size);
                keep(shell.window.grab(), QStringLiteral("overview") + name);
            }
            shell.show(test::s("users"), test::s("all"), QSize(1440, 900));
            auto *pill = shell.users->pills->pill(test::s("country"));
            auto *filter =
                new FilterPopover(*m_theme, test::s("Country"), test::s("Find a country"), &shell.window);
            QList<FilterOption> options;
            const std::tuple<const char *, const char *, int> countries[] = {
                {"BR", "Brazil", 24},  {"ID", "Indonesia", 21}, {"VN", "Vietnam", 19},
                {"DE", "Germany", 16}, {"NG", "Nigeria", 14},   {"UA", "Ukraine", 13},
                {"RO", "Romania", 11}, {"IN", "India", 11},     {"PT", "Portugal", 9}};
            for (const auto &[code, label, count] : countries)
                options.append(
                    {test::s(code), test::s(label), test::s(code), count, count == 21 || count == 19});
            filter->setOptions(options);
            filter->setSummary(test::s("40 users"));
            pill->setOpen(true);
            filter->openAt(pill);
            keep(with(shell.window, filter), QStringLiteral("filter") + suffix);
            filter->close();
            pill->setOpen(false);

            ConfirmSpec spec;
            spec.title = test::s("Dismiss risk of 3 users");
            spec.effect = test::s("Level becomes None, 9 detections dismissed. Passwords stay as they are.");
            spec.reasons = {test::s("Expected activity"), test::s("Risk accepted"), test::s("Other")};
            spec.commit = test::s("Dismiss risk of 3 users");
            spec.link = test::s("Reset passwords instead");
            auto *confirm = new ConfirmPopover(*m_theme, spec, &shell.window);
            confirm->openAt(shell.users->commands->anchor(test::s("dismiss")));
            keep(with(shell.window, confirm), QStringLiteral("confirm") + suffix);
            confirm->close();

            shell.users->rows->ticked = {0, 2, 3};
            shell.users->commands->setSelection(test::s("3 selected"), true, true);
            QApplication::processEvents(); // the sheets are gone
            QApplication::setActiveWindow(&shell.window);
            shell.users->table->setFocus(Qt::TabFocusReason);
            QTest::keyClick(shell.users->table, Qt::Key_Down);
            QVERIFY(shell.users->table->hasFocus());
            QApplication::processEvents();
            QVERIFY(shell.users->table->hasFocus());
            const int focusRow = shell.users->table->currentRow();
            const QImage focused = shell.users->table->viewport()->grab().toImage();
            QCOMPARE(
                focused.pixelColor(focused.width() / 2, shell.users->table->rowViewportPosition(focusRow)),
                m_theme->color(theme::Token::Focus));
            keep(shell.window.grab(), QStringLiteral("selected-focus") + suffix);
            shell.users->commands->setFeedback(models::Tone::Good, test::s("Risk dismissed for 3 users"),
                                               test::s("Undo"));
            shell.users->commands->setRefused(
                test::s("reset"), test::s("Resetting needs the Administrator role. You are Operator."));
            shell.users->table->setDensity(Density::Compact);
            QApplication::processEvents();
            keep(shell.window.grab(), QStringLiteral("undo-compact") + suffix);

            QMenu menu(&shell.window);
            QList<Command> commands{
                test::command("w", theme::Icon::Window, "Open in own window", "Ctrl+Enter"),
                test::command("c", theme::Icon::Copy, "Copy", "Ctrl+C")};
            Command line;
            line.separator = true;
            commands << line << test::command("f", theme::Icon::Filter, "Show only: Country is VN", "F")
                     << test::command("h", theme::Icon::FilterOff, "Hide: Country is VN", "Shift+F") << line;
            Command refused = test::command("b", theme::Icon::Block, "Block sign-in", "Ctrl+B");
            refused.refused = test::s("Blocking needs the Administrator role. You are Operator.");
            commands << test::command("d", theme::Icon::Dismiss, "Dismiss risk", "Ctrl+D")
                     << test::command("s", theme::Icon::ShieldCheck, "Confirm safe", "Ctrl+Shift+D")
                     << refused;
            fillMenu(&menu, *m_theme, commands, [](const QString &) {});
            menu.popup(shell.window.mapToGlobal(QPoint(520, 350)));
            menu.setActiveAction(menu.actions().at(3));
            keep(with(shell.window, &menu), QStringLiteral("menu") + suffix);
            menu.close();

            pages::ApiSheet api(
                *m_theme, test::s("Meadow Market customers"),
                {{test::s("IdentityRiskyUser.Read.All"), test::s("Reads risky users and their history.")},
                 {test::s("AuditLog.Read.All"), test::s("Reads sign-ins and the audit log.")}},
                &shell.window);
            api.setAddress(test::s("192.0.2.7:8443"));
            api.setAddressNote(models::Tone::Notice, test::s("Other machines can reach this address."));
            api.setState({pages::ApiState::Phase::On,
                          {},
                          test::s("https://192.0.2.7:8443"),
                          test::s("/srv/riskdesk/meadow-market.riskdesk.crt"),
                          QStringList(32, test::s("5A")).join(u':')});
            const auto made = Timestamp::fromCivil(2026, 3, 1, 9, 30);
            api.setTokens({{test::s("1"),
                            test::s("siem"),
                            {test::s("IdentityRiskyUser.Read.All"), test::s("AuditLog.Read.All")},
                            made,
                            {},
                            Timestamp::fromCivil(2026, 3, 18, 14, 25),
                            test::s("Valid"),
                            models::Tone::Good,
                            true},
                           {test::s("2"),
                            test::s("nightly-report"),
                            {test::s("IdentityRiskyUser.Read.All")},
                            made,
                            Timestamp::fromCivil(2026, 3, 8, 9, 30),
                            {},
                            test::s("Expired"),
                            models::Tone::Notice,
                            true}});
            api.show();
            QApplication::processEvents();
            keep(api.grab(), QStringLiteral("api") + suffix);
            api.close();

            FirstRun first(*m_theme, test::s("Riskdesk"));
            first.resize(1100, 600);
            keep(first.grab(), QStringLiteral("first-run") + suffix);
            EmptyState empty(*m_theme);
            empty.set(theme::Icon::FilterOff, test::s("No risky users match these filters"),
                      test::s("1,284 risky users are in this directory for the last 30 days. Removing the "
                              "country filter shows 2, removing the search shows 1."),
                      {{test::s("all"), test::s("Clear all filters")},
                       {test::s("c"), test::s("Remove Country"), theme::Icon::Close},
                       {test::s("90"), test::s("Show 90 days"), theme::Icon::Calendar}});
            empty.resize(1100, 400);
            keep(empty.grab(), QStringLiteral("empty") + suffix);
        }
        m_theme->setMode(theme::Theme::Mode::Light);
    }
};

QTEST_MAIN(GalleryTest)
#include "tst_gallery.moc"
