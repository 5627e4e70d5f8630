// The list of places at the leading edge: sections with counts, the saved views of the active section below
// it, a line, and settings at the bottom. Collapsed it shows 56 px of icons with names in the tool tips. One
// tab stop; Up and Down move, Enter opens.
#pragma once

#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QList>
#include <QScrollArea>

class QVBoxLayout;

namespace riskdesk::widgets {

class NavigationItem;

class Navigation : public QWidget
{
    Q_OBJECT
public:
    struct View
    {
        QString id;
        QString text;
        qint64 count = -1; // -1: none shown
    };

    explicit Navigation(const theme::Theme &theme, QWidget *parent = nullptr);

    void addSection(const QString &id, theme::Icon icon, const QString &text);
    void addDivider();
    // Sections added after this stand at the bottom.
    void addSpring();
    void setCount(const QString &section, qint64 count);
    // Saved views, shown while the section is active.
    void setViews(const QString &section, const QList<View> &views);
    // Marks the place; no signal.
    void setCurrent(const QString &section, const QString &view = {});
    [[nodiscard]] QString currentSection() const { return m_section; }
    [[nodiscard]] QString currentView() const { return m_view; }
    void setCollapsed(bool collapsed);
    [[nodiscard]] bool isCollapsed() const { return m_collapsed; }

    static constexpr int wideWidth = 220;
    static constexpr int narrowWidth = 56;
    // "9,999+" above that; locale's separators.
    [[nodiscard]] static QString countText(qint64 count);

Q_SIGNALS:
    void opened(const QString &section, const QString &view);
    void viewMenuAsked(const QString &section, const QString &view, const QPoint &globalPosition);

protected:
    void paintEvent(QPaintEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Section
    {
        QString id;
        NavigationItem *item = nullptr;
        QWidget *viewBox = nullptr;
        QList<NavigationItem *> views;
    };
    void refresh();
    [[nodiscard]] Section *find(const QString &id);
    [[nodiscard]] QList<NavigationItem *> reachable() const;

    const theme::Theme &m_theme;
    QVBoxLayout *m_column;
    QList<Section> m_sections;
    QString m_section;
    QString m_view;
    bool m_collapsed = false;
};

class NavigationItem : public QAbstractButton
{
    Q_OBJECT
public:
    NavigationItem(const theme::Theme &theme, theme::Icon icon, const QString &text, bool sub,
                   QWidget *parent);

    QString section;
    QString view;
    void setCount(qint64 count);
    void setActive(bool active);
    void setCollapsed(bool collapsed);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void refresh();
    const theme::Theme &m_theme;
    theme::Icon m_icon;
    bool m_sub;
    bool m_active = false;
    bool m_collapsed = false;
    qint64 m_count = -1;
};

} // namespace riskdesk::widgets
