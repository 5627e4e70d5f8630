// Numbers with their change against the period before; pressing one opens what it counts. Red only where the
// change is worse for the customer; arrow and words say the same.
#pragma once

#include "ui/models/roles.h"
#include "ui/widgets/controls/basics.h"

namespace riskdesk::widgets {

struct Kpi
{
    QString id;
    QString title;
    QString value;                             // "3 h 12 m"
    QString change;                            // "+12 vs prior 30 d"
    models::Tone tone = models::Tone::Neutral; // of the change
    int direction = 0;                         // arrow: 1 up, -1 down, 0 none
    QString explanation;                       // tool tip: what is counted
    QString shortTitle = {};                   // where there is no room for the title
};

class KpiButton : public QAbstractButton
{
    Q_OBJECT
public:
    KpiButton(const Theme &theme, QWidget *parent);
    void set(const Kpi &kpi);
    [[nodiscard]] QString shownTitle() const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
    Kpi m_kpi;
};

// A card of numbers with room for a chart at the end.
class KpiStrip : public Card
{
    Q_OBJECT
public:
    explicit KpiStrip(const Theme &theme, QWidget *parent = nullptr);
    void setKpis(const QList<Kpi> &kpis);
    // Takes the widget; placed after the numbers.
    void setTail(QWidget *tail);

Q_SIGNALS:
    void pressed(const QString &id);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
    QList<KpiButton *> m_buttons;
    QStringList m_ids;
    QWidget *m_tail = nullptr;
};

} // namespace riskdesk::widgets
