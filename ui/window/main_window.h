// The one window: top bar, navigation, the page of the moment, status bar. It knows places and widths; what a
// page shows is the page's. Width rules (ui.md 2.1): below 1100 px the navigation becomes icons and the
// product's name gives way; never smaller than 1024x680.
#pragma once

#include "ui/theme/theme.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/frame/navigation.h"
#include "ui/widgets/frame/status_bar.h"
#include "ui/widgets/frame/top_bar.h"
#include "ui/window/page.h"

#include <QHash>
#include <QMainWindow>
#include <QPointer>

class QHBoxLayout;
class QShortcut;
class QStackedWidget;

namespace riskdesk::window {

class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    MainWindow(theme::Theme &theme, const QString &product, QWidget *parent = nullptr);

    // Sections in the order they are added; the window owns the page. Settings and the like after
    // addSpring().
    void addPage(theme::Icon icon, Page *page);
    void addDivider() { m_navigation->addDivider(); }
    void addSpring() { m_navigation->addSpring(); }
    void setCurrent(const QString &section, const QString &view = {});
    [[nodiscard]] Page *currentPage() const;
    [[nodiscard]] Page *page(const QString &section) const { return m_pages.value(section); }
    // Instead of the pages: first run, a locked file. Null returns to the pages. The window takes it over.
    void setOverlay(QWidget *overlay);
    // Everything is hidden behind this page, the title too; keys and dropped files do nothing but what the page
    // makes of them. Null gives all back, with the focus where it was. The window takes the page over.
    void setLock(QWidget *page);
    [[nodiscard]] bool isLocked() const { return m_lockPage != nullptr; }

    void setDirectory(const QString &name);
    // A line below the top bar, for what concerns the whole window: the outcome of an import, a file that
    // could not be read. Stays until it is closed or replaced; empty text hides it.
    [[nodiscard]] widgets::MessageBar &message() const { return *m_message; }
    [[nodiscard]] widgets::TopBar &topBar() const { return *m_topBar; }
    [[nodiscard]] widgets::Navigation &navigation() const { return *m_navigation; }
    [[nodiscard]] widgets::StatusBar &facts() const { return *m_statusBar; }

    [[nodiscard]] bool canGoBack() const { return m_position > 0; }
    [[nodiscard]] bool canGoForward() const { return m_position + 1 < m_history.size(); }

public Q_SLOTS:
    void goBack();
    void goForward();
    void nextRegion(bool forward = true);
    void showShortcuts();
    void toggleTheme();

Q_SIGNALS:
    void placeChanged(const QString &section, const QString &view);
    void filesDropped(const QStringList &files);

protected:
    void resizeEvent(QResizeEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    // Tab goes in reading order, however late a part was made.
    bool focusNextPrevChild(bool next) override;

private:
    struct Place
    {
        QString section;
        QString view;
    };
    void showFacts(const QStringList &facts);
    void showPlace(const Place &place, bool back = false);
    void setTitle(const QString &place);

    theme::Theme &m_theme;
    QString m_product;
    widgets::TopBar *m_topBar;
    widgets::Navigation *m_navigation;
    QStackedWidget *m_stack;
    QStackedWidget *m_cover;
    QStackedWidget *m_outer; // all of it, or the page of a lock
    QWidget *m_lockPage = nullptr;
    QPointer<QWidget> m_beforeLock; // had the focus
    QList<QPointer<QShortcut>> m_silenced;
    QString m_place; // of the title
    widgets::MessageBar *m_message;
    QHBoxLayout *m_messageLine;
    widgets::StatusBar *m_statusBar;
    QHash<QString, Page *> m_pages;
    QHash<const Page *, QStringList> m_facts; // said last by each page
    QList<Place> m_history;
    qsizetype m_position = -1;
    int m_factCount = 0;
};

} // namespace riskdesk::window
