#include "ui/window/main_window.h"

#include "ui/widgets/controls/popover.h"
#include "ui/widgets/table/why_table.h"

#include <QCoreApplication>
#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QMimeData>
#include <QScreen>
#include <QShortcut>
#include <QStackedWidget>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace riskdesk::window {

using widgets::StatusBar;

namespace {

constexpr int iconsBelow = 1100;
constexpr qsizetype placesKept = 100;

// Tab stops below a widget as they are read: rows from above, in a row along the direction of writing. Parts
// stand in one row when their middles overlap.
void collectStops(const QWidget *of, QList<QWidget *> &stops)
{
    QList<QWidget *> parts;
    for (QObject *child : of->children())
        if (auto *widget = qobject_cast<QWidget *>(child);
            widget != nullptr && !widget->isWindow() && widget->isVisible() && widget->isEnabled())
            parts.append(widget);
    const auto middle = [](const QWidget *w) { return w->geometry().center().y(); };
    std::stable_sort(parts.begin(), parts.end(),
                     [&](const QWidget *a, const QWidget *b) { return middle(a) < middle(b); });
    for (qsizetype begin = 0; begin < parts.size();) {
        qsizetype end = begin + 1;
        while (end < parts.size() && (parts[end]->geometry().top() <= middle(parts[begin]) ||
                                      parts[begin]->geometry().bottom() >= middle(parts[end])))
            ++end;
        const bool mirrored = of->isRightToLeft();
        std::stable_sort(parts.begin() + begin, parts.begin() + end, [&](const QWidget *a, const QWidget *b) {
            return mirrored ? a->geometry().right() > b->geometry().right() : a->x() < b->x();
        });
        begin = end;
    }
    for (QWidget *part : parts) {
        if ((part->focusPolicy() & Qt::TabFocus) && part->focusProxy() == nullptr)
            stops.append(part);
        collectStops(part, stops);
    }
}

} // namespace

MainWindow::MainWindow(theme::Theme &theme, const QString &product, QWidget *parent)
    : QMainWindow(parent)
    , m_theme(theme)
    , m_product(product)
    , m_topBar(new widgets::TopBar(theme, product, this))
    , m_navigation(new widgets::Navigation(theme, this))
    , m_stack(new QStackedWidget(this))
    , m_cover(new QStackedWidget(this))
    , m_outer(new QStackedWidget(this))
    , m_message(new widgets::MessageBar(theme, this))
    , m_messageLine(new QHBoxLayout)
    , m_statusBar(new StatusBar(theme, this))
{
    setWindowTitle(product);
    setWindowIcon(QIcon(QStringLiteral(":/riskdesk/icons/riskdesk.svg")));
    setMinimumSize(1024, 680);
    resize(QSize(1440, 900).boundedTo(screen()->availableSize()));
    auto *middle = new QWidget(this);
    auto *row = new QHBoxLayout(middle);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_navigation);
    row->addWidget(m_stack, 1);
    m_cover->addWidget(middle);
    auto *whole = new QWidget(this);
    auto *column = new QVBoxLayout(whole);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_topBar);
    m_messageLine->setContentsMargins(0, 0, 0, 0);
    m_messageLine->addWidget(m_message);
    m_message->installEventFilter(this);
    column->addLayout(m_messageLine);
    column->addWidget(m_cover, 1);
    column->addWidget(m_statusBar);
    m_outer->addWidget(whole);
    setCentralWidget(m_outer);
    setAcceptDrops(true);

    connect(m_navigation, &widgets::Navigation::opened, this, &MainWindow::setCurrent);
    connect(m_topBar, &widgets::TopBar::themeAsked, this, &MainWindow::toggleTheme);
    const auto key = [this](const QKeySequence &keys, auto slot) {
        connect(new QShortcut(keys, this), &QShortcut::activated, this, slot);
    };
    key(QKeySequence(Qt::ALT | Qt::Key_Left), &MainWindow::goBack);
    key(QKeySequence(Qt::ALT | Qt::Key_Right), &MainWindow::goForward);
    key(QKeySequence(Qt::Key_F6), [this] { nextRegion(true); });
    key(QKeySequence(Qt::SHIFT | Qt::Key_F6), [this] { nextRegion(false); });
    key(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_T), &MainWindow::toggleTheme);
    key(QKeySequence(Qt::CTRL | Qt::Key_K), [this] { Q_EMIT m_topBar->goToAsked(); });
    for (const QKeySequence &search : {QKeySequence(Qt::CTRL | Qt::Key_F), QKeySequence(Qt::Key_Slash)})
        key(search, [this] {
            if (Page *page = currentPage())
                page->focusSearch();
        });
    for (const QKeySequence &help : {QKeySequence(Qt::CTRL | Qt::Key_Slash), QKeySequence(Qt::Key_F1)})
        key(help, &MainWindow::showShortcuts);
    connect(m_topBar, &widgets::TopBar::helpAsked, this, &MainWindow::showShortcuts);
    for (const Qt::Key refresh : {Qt::Key_F5, Qt::Key_R})
        key(refresh == Qt::Key_R ? QKeySequence(Qt::CTRL | refresh) : QKeySequence(refresh), [this] {
            if (Page *page = currentPage())
                page->refresh();
        });
}

void MainWindow::addPage(theme::Icon icon, Page *page)
{
    const QString id = page->id();
    m_pages.insert(id, page);
    m_stack->addWidget(page);
    m_navigation->addSection(id, icon, page->title());
    connect(page, &Page::goTo, this, &MainWindow::setCurrent);
    connect(page, &Page::titleChanged, this, [this, page](const QString &title) {
        if (page == currentPage())
            setTitle(title);
    });
    connect(page, &Page::viewChanged, this, [this, page](const QString &view) {
        if (page == currentPage())
            m_navigation->setCurrent(page->id(), view);
    });
    connect(page, &Page::factsChanged, this, [this, page](const QStringList &facts) {
        m_facts.insert(page, facts);
        if (page == currentPage())
            showFacts(facts);
    });
}

void MainWindow::showFacts(const QStringList &facts)
{
    const int count = std::max(m_factCount, static_cast<int>(facts.size()));
    for (int i = 0; i < count; ++i)
        m_statusBar->setFact(QStringLiteral("page%1").arg(i), StatusBar::Side::Leading, facts.value(i));
    m_factCount = static_cast<int>(facts.size());
}

Page *MainWindow::currentPage() const
{
    return qobject_cast<Page *>(m_stack->currentWidget());
}

void MainWindow::setCurrent(const QString &section, const QString &view)
{
    if (!m_pages.contains(section))
        return;
    if (m_position >= 0 && m_history[m_position].section == section && m_history[m_position].view == view) {
        showPlace(m_history[m_position]);
        return;
    }
    m_history.resize(m_position + 1);
    m_history.append({section, view});
    if (m_history.size() > placesKept)
        m_history.removeFirst();
    m_position = m_history.size() - 1;
    showPlace(m_history[m_position]);
}

void MainWindow::showPlace(const Place &place, bool back)
{
    Page *next = m_pages.value(place.section);
    Page *before = currentPage();
    if (next == nullptr)
        return;
    const bool inPage =
        focusWidget() == nullptr || (before != nullptr && before->isAncestorOf(focusWidget()));
    if (before != nullptr && before != next)
        before->leave();
    m_stack->setCurrentWidget(next);
    showFacts(m_facts.value(next)); // of the list it holds, which may have been read while it was hidden
    setTitle(next->title());
    // Going back finds the page as it was left, unless it shows another view by now.
    next->enter(back && next->view() == place.view ? QString() : place.view);
    m_navigation->setCurrent(place.section, next->view().isEmpty() ? place.view : next->view());
    if (inPage && before != next)
        next->focusContent();
    Q_EMIT placeChanged(place.section, place.view);
}

void MainWindow::goBack()
{
    if (canGoBack())
        showPlace(m_history[--m_position], true);
}

void MainWindow::goForward()
{
    if (canGoForward())
        showPlace(m_history[++m_position], true);
}

void MainWindow::nextRegion(bool forward)
{
    QList<QWidget *> regions{m_navigation, m_topBar};
    if (const Page *page = currentPage())
        regions += page->regions();
    regions.append(m_statusBar);
    qsizetype here = -1;
    for (qsizetype i = 0; i < regions.size(); ++i)
        if (focusWidget() != nullptr &&
            (regions[i] == focusWidget() || regions[i]->isAncestorOf(focusWidget())))
            here = i;
    for (qsizetype step = 1; step <= regions.size(); ++step) {
        const qsizetype count = regions.size();
        QWidget *region = regions[((here + (forward ? step : -step)) % count + count) % count];
        if (!region->isVisible())
            continue;
        QList<QWidget *> stops;
        if (region->focusPolicy() & Qt::TabFocus)
            stops.append(region);
        else
            collectStops(region, stops);
        QWidget *target = stops.value(0);
        if (target != nullptr) {
            target->setFocus(Qt::TabFocusReason);
            return;
        }
    }
}

void MainWindow::toggleTheme()
{
    m_theme.setMode(m_theme.isDark() ? theme::Theme::Mode::Light : theme::Theme::Mode::Dark);
}

void MainWindow::setOverlay(QWidget *overlay)
{
    while (m_cover->count() > 1) {
        QWidget *old = m_cover->widget(1);
        m_cover->removeWidget(old);
        old->deleteLater();
    }
    if (overlay != nullptr)
        m_cover->addWidget(overlay);
    m_cover->setCurrentIndex(overlay != nullptr ? 1 : 0);
    m_topBar->goToButton()->setVisible(overlay == nullptr);
    m_topBar->directoryButton()->setVisible(overlay == nullptr || !m_topBar->directory().isEmpty());
    if (overlay != nullptr) // the way on is a button; the keyboard begins there
        for (auto *button : overlay->findChildren<QPushButton *>()) {
            button->setFocus(Qt::OtherFocusReason);
            break;
        }
}

void MainWindow::setTitle(const QString &place)
{
    m_place = place;
    const auto shown = m_lockPage != nullptr ? tr("Locked") : place;
    setWindowTitle(shown.isEmpty() ? m_product : shown + QStringLiteral(" \u2013 ") + m_product);
}

void MainWindow::setLock(QWidget *page)
{
    if (page != nullptr && m_lockPage == nullptr) {
        m_beforeLock = focusWidget();
        // A shortcut of the window holds whatever it shows.
        for (auto *shortcut : findChildren<QShortcut *>())
            if (shortcut->isEnabled()) {
                shortcut->setEnabled(false);
                m_silenced << shortcut;
            }
    }
    auto *old = std::exchange(m_lockPage, page);
    if (page != nullptr) {
        m_outer->addWidget(page);
        m_outer->setCurrentWidget(page);
    } else {
        m_outer->setCurrentIndex(0);
        for (const auto &shortcut : std::exchange(m_silenced, {}))
            if (shortcut)
                shortcut->setEnabled(true);
    }
    if (old != nullptr) {
        m_outer->removeWidget(old);
        old->deleteLater();
    }
    setAcceptDrops(page == nullptr);
    setTitle(m_place);
    if (page == nullptr && m_beforeLock)
        m_beforeLock->setFocus(Qt::OtherFocusReason);
}

bool MainWindow::eventFilter(QObject *watched, QEvent *event)
{
    // Margins take room even around what is hidden.
    if (watched == m_message && event->type() == QEvent::ShowToParent)
        m_messageLine->setContentsMargins(16, 2, 16, 6);
    else if (watched == m_message && event->type() == QEvent::HideToParent)
        m_messageLine->setContentsMargins(0, 0, 0, 0);
    return QMainWindow::eventFilter(watched, event);
}

void MainWindow::setDirectory(const QString &name)
{
    m_topBar->setDirectory(name);
}

bool MainWindow::focusNextPrevChild(bool next)
{
    QList<QWidget *> stops;
    collectStops(this, stops);
    if (stops.isEmpty())
        return false;
    const qsizetype here = stops.indexOf(focusWidget());
    const qsizetype count = stops.size();
    const qsizetype there = here < 0 ? (next ? 0 : count - 1) : (here + (next ? 1 : -1) + count) % count;
    stops[there]->setFocus(next ? Qt::TabFocusReason : Qt::BacktabFocusReason);
    return true;
}

void MainWindow::showShortcuts()
{
    const QList<std::pair<QString, QString>> keys = {
        {QStringLiteral("Ctrl+1 to 4"), tr("Overview, Risky users, Risk detections, Sign-ins")},
        {QStringLiteral("Ctrl+K"), tr("Go to a user, address, detection, view or command")},
        {QStringLiteral("Ctrl+F, /"), tr("Search")},
        {QStringLiteral("Ctrl+L, Ctrl+Shift+L"), tr("Filters, reset filters")},
        {QStringLiteral("[ and ]"), tr("Shorter, longer period")},
        {QStringLiteral("F, Shift+F"), tr("Show only this value, hide it")},
        {QStringLiteral("Up, Down, J, K"), tr("Move in the list")},
        {QStringLiteral("Space, Ctrl+A, Ctrl+Shift+A"), tr("Tick, all, none")},
        {QStringLiteral("Enter, Ctrl+Enter"), tr("To the details, in their own window")},
        {QStringLiteral("Alt+1 to 7, Alt+Up, Alt+Down"), tr("Tab of the details, previous and next row")},
        {QStringLiteral("Ctrl+D, Ctrl+Shift+D"), tr("Dismiss, confirm safe")},
        {QStringLiteral("Ctrl+Shift+C"), tr("Confirm compromised")},
        {QStringLiteral("Ctrl+Shift+R, Ctrl+B"), tr("Reset password, block or unblock")},
        {QStringLiteral("Ctrl+Z"), tr("Take the last decision back")},
        {QStringLiteral("Menu, Shift+F10"), tr("Menu of the row")},
        {QStringLiteral("C, Ctrl+C"), tr("Copy the cell, the rows")},
        {QStringLiteral("Ctrl+E"), tr("Export the list")},
        {QStringLiteral("Ctrl+Shift+E, F8, F9"), tr("Columns, chart, details")},
        {QStringLiteral("F5, F6"), tr("Refresh, next region")},
        {QStringLiteral("Alt+Left, Alt+Right"), tr("Back, forward")},
        {QStringLiteral("Ctrl+I, Ctrl+O"), tr("Import, open a directory")},
        {QStringLiteral("Ctrl+U, Ctrl+Shift+T"), tr("UTC or local time, light or dark")},
        {QStringLiteral("Ctrl+,"), tr("Settings")},
        {QStringLiteral("Ctrl+Shift+K"), tr("Lock")}};
    auto *sheet = new widgets::Popover(m_theme, this);
    sheet->setObjectName(QStringLiteral("shortcutSheet"));
    sheet->setAccessibleName(tr("Keyboard shortcuts"));
    sheet->content()->addWidget(new widgets::Label(m_theme, theme::TextStyle::PaneTitle, theme::Token::Text,
                                                   tr("Keyboard shortcuts"), sheet));
    auto *table = new widgets::FactTable(m_theme, sheet);
    table->setFacts(keys);
    table->setMinimumWidth(m_theme.scaled(460));
    sheet->content()->addWidget(table);
    sheet->content()->addWidget(new widgets::Label(
        m_theme, theme::TextStyle::Secondary, theme::Token::Text2,
        QStringLiteral("%1 %2").arg(m_product, QCoreApplication::applicationVersion()), sheet));
    sheet->openAt(m_topBar->helpButton());
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    for (const QUrl &url : event->mimeData()->urls())
        if (url.isLocalFile()) {
            event->acceptProposedAction();
            return;
        }
}

void MainWindow::dropEvent(QDropEvent *event)
{
    QStringList files;
    for (const QUrl &url : event->mimeData()->urls())
        if (url.isLocalFile())
            files << url.toLocalFile();
    if (files.isEmpty())
        return;
    event->acceptProposedAction();
    Q_EMIT filesDropped(files);
}

void MainWindow::resizeEvent(QResizeEvent *event)
{
    QMainWindow::resizeEvent(event);
    m_navigation->setCollapsed(width() < iconsBelow);
    m_topBar->setNarrow(width() < iconsBelow);
}

} // namespace riskdesk::window
