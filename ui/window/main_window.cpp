#include "ui/window/main_window.h"

#include <QHBoxLayout>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace riskdesk::window {

using widgets::StatusBar;

namespace {

constexpr int iconsBelow = 1100;
constexpr qsizetype placesKept = 100;

} // namespace

MainWindow::MainWindow(theme::Theme &theme, const QString &product, QWidget *parent)
    : QMainWindow(parent)
    , m_theme(theme)
    , m_product(product)
    , m_topBar(new widgets::TopBar(theme, product, this))
    , m_navigation(new widgets::Navigation(theme, this))
    , m_stack(new QStackedWidget(this))
    , m_cover(new QStackedWidget(this))
    , m_statusBar(new StatusBar(theme, this))
{
    setWindowTitle(product);
    setWindowIcon(QIcon(QStringLiteral(":/riskdesk/icons/riskdesk.svg")));
    setMinimumSize(1024, 680);
    resize(1440, 900);
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
    column->addWidget(m_cover, 1);
    column->addWidget(m_statusBar);
    setCentralWidget(whole);

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
    key(QKeySequence(Qt::CTRL | Qt::Key_F), [this] {
        if (Page *page = currentPage())
            page->focusSearch();
    });
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
            setWindowTitle(title + QStringLiteral(" \u2013 ") + m_product);
    });
    connect(page, &Page::factsChanged, this, [this, page](const QStringList &facts) {
        if (page != currentPage())
            return;
        const int count = std::max(m_factCount, static_cast<int>(facts.size()));
        for (int i = 0; i < count; ++i)
            m_statusBar->setFact(QStringLiteral("page%1").arg(i), StatusBar::Side::Leading, facts.value(i));
        m_factCount = static_cast<int>(facts.size());
    });
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

void MainWindow::showPlace(const Place &place)
{
    Page *next = m_pages.value(place.section);
    Page *before = currentPage();
    if (next == nullptr)
        return;
    if (before != nullptr && before != next)
        before->leave();
    m_stack->setCurrentWidget(next);
    m_navigation->setCurrent(place.section, place.view);
    setWindowTitle(next->title() + QStringLiteral(" \u2013 ") + m_product);
    next->enter(place.view);
    Q_EMIT placeChanged(place.section, place.view);
}

void MainWindow::goBack()
{
    if (canGoBack())
        showPlace(m_history[--m_position]);
}

void MainWindow::goForward()
{
    if (canGoForward())
        showPlace(m_history[++m_position]);
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
        QWidget *target = region->focusPolicy() != Qt::NoFocus ? region : nullptr;
        for (QWidget *child = region->nextInFocusChain();
             target == nullptr && child != nullptr && child != region; child = child->nextInFocusChain())
            if (region->isAncestorOf(child) && (child->focusPolicy() & Qt::TabFocus) && child->isVisible() &&
                child->isEnabled())
                target = child;
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
}

void MainWindow::setDirectory(const QString &name)
{
    m_topBar->setDirectory(name);
}

void MainWindow::resizeEvent(QResizeEvent *event)
{
    QMainWindow::resizeEvent(event);
    m_navigation->setCollapsed(width() < iconsBelow);
    m_topBar->setNarrow(width() < iconsBelow);
}

} // namespace riskdesk::window
