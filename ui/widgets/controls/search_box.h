// One-line search: magnifier, words, clear button, and a problem shown by sign and text, never by colour
// alone. typed() on every edit; committed() on Enter, when tokens become pills.
#pragma once

#include "ui/theme/theme.h"

#include <QLineEdit>
#include <QPushButton>

namespace riskdesk::widgets {

class SearchBox : public QLineEdit
{
    Q_OBJECT
public:
    SearchBox(const theme::Theme &theme, const QString &hint, QWidget *parent = nullptr);

    // Empty: none. The text also goes to the tool tip and the accessible description.
    void setProblem(const QString &problem);
    [[nodiscard]] QString problem() const { return m_problem; }

Q_SIGNALS:
    void typed(const QString &text);
    void committed(const QString &text);
    void problemChanged(const QString &problem);
    void escaped();       // Esc with nothing to clear
    void leftDownwards(); // Down: into the list below

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    const theme::Theme &m_theme;
    QPushButton *m_clear;
    QString m_problem;
};

} // namespace riskdesk::widgets
