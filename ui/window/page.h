// What the main window needs of a page. Pages are made by the application and owned by the window once added.
#pragma once

#include <QList>
#include <QString>
#include <QWidget>

namespace riskdesk::window {

class Page : public QWidget
{
    Q_OBJECT
public:
    using QWidget::QWidget;

    // Key of its section in the navigation: "users".
    [[nodiscard]] virtual QString id() const = 0;
    [[nodiscard]] virtual QString title() const = 0;
    // Shown or left; a page does its reading in enter() and may free memory in leave().
    virtual void enter(const QString &view) { Q_UNUSED(view) }
    virtual void leave() {}
    // The saved view it shows; empty: none.
    [[nodiscard]] virtual QString view() const { return {}; }
    // Where the focus goes when the page is opened by key: its list.
    virtual void focusContent() {}
    // Ctrl+F and "/".
    virtual void focusSearch() {}
    // F6 walks over these, in reading order.
    [[nodiscard]] virtual QList<QWidget *> regions() const { return {}; }
    virtual void refresh() {}

Q_SIGNALS:
    // Facts at the leading side of the status bar: "214 users", "1 selected".
    void factsChanged(const QStringList &facts);
    void titleChanged(const QString &title);
    void viewChanged(const QString &view); // it shows another one by itself, or none any more
    // To another place: section and saved view, or "section/id".
    void goTo(const QString &section, const QString &view);
};

} // namespace riskdesk::window
