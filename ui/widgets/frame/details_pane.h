// The pane below a list: who or what (avatar or icon, name, level, state, facts), its commands, tabs with
// counts, "1 of 214" with previous and next, and the content of the tab. Content comes from the page. While
// several rows are selected it says so instead, without commands of its own, which would be about one of them.
#pragma once

#include "ui/widgets/controls/badges.h"
#include "ui/widgets/controls/command_bar.h"

#include <optional>

class QStackedWidget;
class QTabBar;

namespace riskdesk::widgets {

struct PaneSubject
{
    QString title;
    QString initials; // avatar; empty: icon instead
    theme::Icon icon = theme::Icon::Detections;
    std::optional<RiskLevel> level;
    std::optional<RiskState> state;
    QStringList facts; // "mariana@..", "ID c482911", "Local account"
};

// Avatar or icon tile, title with level and state, facts below it.
class SubjectHeader : public QWidget
{
    Q_OBJECT
public:
    explicit SubjectHeader(const Theme &theme, QWidget *parent = nullptr);
    void setSubject(const PaneSubject &subject);
    [[nodiscard]] QSize sizeHint() const override { return {420, m_theme.scaled(44)}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {200, m_theme.scaled(44)}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
    PaneSubject m_subject;
};

class DetailsPane : public Card
{
    Q_OBJECT
public:
    explicit DetailsPane(const Theme &theme, QWidget *parent = nullptr);

    void setSubject(const PaneSubject &subject);
    // "3 users selected", what is known of them and what commands do; an empty title shows the subject again,
    // which may have been set meanwhile.
    void setSeveral(const QString &title, const QStringList &facts = {}, const QString &sentence = {});
    [[nodiscard]] bool isOfSeveral() const { return m_several; }
    // The first is the primary one; what does not fit goes behind "...".
    void setCommands(const QList<Command> &commands, const QList<Command> &moreCommands);
    void setRefused(const QString &id, const QString &reason);
    [[nodiscard]] QWidget *anchor(const QString &id) const;

    // The pane owns the content. Returns the index.
    int addTab(const QString &title, QWidget *content);
    void setTabCount(int index, qint64 count); // -1: no count
    void setTabShown(int index, bool shown);
    void setCurrentTab(int index);
    [[nodiscard]] int currentTab() const;
    [[nodiscard]] int tabCount() const { return static_cast<int>(m_titles.size()); }
    // "1 of 214"
    void setPosition(qint64 row, qint64 rows);
    // The buttons for an own window and for closing.
    void setWindowButtonsShown(bool shown);
    [[nodiscard]] QTabBar *tabs() const { return m_tabs; }

Q_SIGNALS:
    void triggered(const QString &id);
    void tabChosen(int index);
    void previousAsked();
    void nextAsked();
    void ownWindowAsked();
    void closeAsked();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void openMore();
    void fitCommands();

    const Theme &m_theme;
    SubjectHeader *m_header;
    PaneSubject m_subject; // what the header shows when it is not of several
    bool m_several = false;
    Paragraph *m_sentence;
    QWidget *m_commandBox;
    QList<std::pair<Command, CommandButton *>> m_commands;
    QList<Command> m_more;
    QPushButton *m_moreButton;
    QPushButton *m_windowButton;
    QPushButton *m_closeButton;
    Divider *m_buttonLine;
    QTabBar *m_tabs;
    QStringList m_titles;
    QStackedWidget *m_stack;
    Label *m_position;
    QPushButton *m_previous;
    QPushButton *m_next;
};

} // namespace riskdesk::widgets
