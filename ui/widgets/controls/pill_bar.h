// Search, pills, "Add filter" and "Reset" on one line; pills wrap when there is no room. The
// bar shows conditions and says what was pressed; the page decides what they mean.
#pragma once

#include "ui/widgets/controls/basics.h"

namespace riskdesk::widgets {

class FilterPill;
class FlowLayout;
class SearchBox;

class PillBar : public QWidget
{
    Q_OBJECT
public:
    PillBar(const Theme &theme, const QString &searchHint, QWidget *parent = nullptr);

    FilterPill *addPill(const QString &field, const QString &name); // before "Add filter"
    void removePill(const QString &field);
    [[nodiscard]] FilterPill *pill(const QString &field) const;
    [[nodiscard]] QList<FilterPill *> pills() const { return m_pills; }
    [[nodiscard]] SearchBox *search() const { return m_search; }
    [[nodiscard]] QPushButton *addButton() const { return m_add; }
    // Ctrl+L
    void focusPills();

Q_SIGNALS:
    void pillOpened(riskdesk::widgets::FilterPill *pill);
    void pillRemoved(riskdesk::widgets::FilterPill *pill);
    void pillMenuAsked(riskdesk::widgets::FilterPill *pill, const QPoint &globalPosition);
    void addAsked(QWidget *opener);
    void resetAsked();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    const Theme &m_theme;
    SearchBox *m_search;
    FlowLayout *m_flow;
    QPushButton *m_add;
    QPushButton *m_reset;
    Label *m_problem;
    QList<FilterPill *> m_pills;
};

} // namespace riskdesk::widgets
