// Urgent list: people who need somebody now, a line each: who, why in one sentence, level, for how long, and
// the one command that helps. Pressing the line opens the person.
#pragma once

#include "ui/widgets/controls/badges.h"
#include "ui/widgets/controls/basics.h"

#include <QPushButton>

class QVBoxLayout;

namespace riskdesk::widgets {

struct Urgent
{
    QString id;
    QString name;
    QString reason; // one line
    QString whole;  // with what the line leaves out
    RiskLevel level = RiskLevel::High;
    QString age;     // "open 6 min"
    QString command; // "Reset password"
};

class UrgentEntry : public QAbstractButton
{
    Q_OBJECT
public:
    UrgentEntry(const Theme &theme, QWidget *parent);
    void set(const Urgent &urgent);
    [[nodiscard]] const Urgent &urgent() const { return m_urgent; }
    [[nodiscard]] QPushButton *commandButton() const { return m_command; }
    [[nodiscard]] bool isReasonCut() const; // too long for its line; the tool tip has it whole
    [[nodiscard]] QSize sizeHint() const override { return {420, m_theme.scaled(46)}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {300, m_theme.scaled(42)}; }

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    [[nodiscard]] qreal reasonWidth() const;
    const Theme &m_theme;
    Urgent m_urgent;
    QPushButton *m_command;
};

class UrgentList : public QWidget
{
    Q_OBJECT
public:
    explicit UrgentList(const Theme &theme, QWidget *parent = nullptr);
    // Entries are used again: a list read anew takes neither the focus nor a click that has begun.
    void setUrgent(const QList<Urgent> &urgent, const QString &none);
    [[nodiscard]] const QList<UrgentEntry *> &entries() const { return m_entries; }

Q_SIGNALS:
    void pressed(const QString &id);
    void commandPressed(const QString &id, QWidget *opener);

private:
    const Theme &m_theme;
    QVBoxLayout *m_column;
    Label *m_none;
    QList<UrgentEntry *> m_entries;
};

} // namespace riskdesk::widgets
