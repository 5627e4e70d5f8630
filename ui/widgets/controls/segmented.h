// A row of choices of which one holds: periods, "is / is not", list or grid. Left and Right move, one tab
// stop.
#pragma once

#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QList>

namespace riskdesk::widgets {

class Segment;

class SegmentedControl : public QWidget
{
    Q_OBJECT
public:
    SegmentedControl(const theme::Theme &theme, const QString &name, const QStringList &choices,
                     QWidget *parent = nullptr);

    void setCurrent(int index); // without a signal
    [[nodiscard]] int current() const { return m_current; }
    void setChoiceText(int index, const QString &text);

Q_SIGNALS:
    void chosen(int index);

protected:
    void paintEvent(QPaintEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void choose(int index);
    const theme::Theme &m_theme;
    QList<Segment *> m_segments;
    int m_current = 0;
};

class Segment : public QAbstractButton
{
    Q_OBJECT
public:
    Segment(const theme::Theme &theme, const QString &text, QWidget *parent);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const theme::Theme &m_theme;
};

} // namespace riskdesk::widgets
