// One condition of the filter as a pill: "Country: Any v", or set and tinted: "Country: Indonesia, Vietnam
// x". Name in normal and value in bold type; the remove area is separate. Pressing opens, Delete removes.
#pragma once

#include "ui/theme/theme.h"

#include <QAbstractButton>

namespace riskdesk::widgets {

class FilterPill : public QAbstractButton
{
    Q_OBJECT
public:
    FilterPill(const theme::Theme &theme, const QString &field, const QString &name,
               QWidget *parent = nullptr);

    [[nodiscard]] QString field() const { return m_field; }
    [[nodiscard]] QString name() const { return m_name; }
    // Empty values: not set. Long lists are cut: "Brazil, India +3".
    void setValues(const QStringList &values, bool negated = false);
    [[nodiscard]] bool isSet() const { return !m_values.isEmpty(); }
    [[nodiscard]] QStringList values() const { return m_values; }
    [[nodiscard]] bool isNegated() const { return m_negated; }
    void setTurnedOff(bool off);
    void setOpen(bool open);
    [[nodiscard]] QSize sizeHint() const override;
    // Where the line is short only the first of several values is named.
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void openAsked();
    void removeAsked();

protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    [[nodiscard]] QString label() const;
    [[nodiscard]] QString valueText(qsizetype named) const;
    [[nodiscard]] QSize sizeOf(qsizetype named) const;
    [[nodiscard]] QRect removeArea() const;
    void refresh();

    const theme::Theme &m_theme;
    QString m_field;
    QString m_name;
    QStringList m_values;
    bool m_negated = false;
    bool m_off = false;
    bool m_open = false;
    bool m_overRemove = false;
};

} // namespace riskdesk::widgets
