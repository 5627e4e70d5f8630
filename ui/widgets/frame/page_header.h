// Title of a page with its record count, the range in words and the period control (24 h, 7 days, ...).
#pragma once

#include "ui/widgets/controls/basics.h"

namespace riskdesk::widgets {

class SegmentedControl;

class PageHeader : public QWidget
{
    Q_OBJECT
public:
    // No periods: none shown.
    PageHeader(const Theme &theme, const QString &title, const QStringList &periods,
               QWidget *parent = nullptr);

    void setTitle(const QString &title);
    void setCount(const QString &text); // "214 of 1,284"
    [[nodiscard]] QString count() const;
    void setRange(const QString &text); // "17 Feb to 18 Mar 2026"
    void setPeriod(int index);          // no signal
    // An arrow before the title that leads back: "Risky users".
    void setBack(const QString &text);
    [[nodiscard]] SegmentedControl *periods() const { return m_periods; }

Q_SIGNALS:
    void periodChosen(int index);
    void backPressed();

private:
    QPushButton *m_back;
    Label *m_title;
    Label *m_count;
    Label *m_range;
    SegmentedControl *m_periods;
};

} // namespace riskdesk::widgets
