// Switch: on or off, for what applies at once; what applies with a button has a tick box. A tick box to
// keyboard and screen readers: one tab stop, Space.
#pragma once

#include "ui/theme/theme.h"

#include <QCheckBox>

namespace riskdesk::widgets {

class Switch : public QCheckBox
{
    Q_OBJECT
public:
    Switch(const theme::Theme &theme, const QString &text, QWidget *parent = nullptr);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;
    [[nodiscard]] bool hitButton(const QPoint &at) const override { return rect().contains(at); }

private:
    const theme::Theme &m_theme;
};

} // namespace riskdesk::widgets
