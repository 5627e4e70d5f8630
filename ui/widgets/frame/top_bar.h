// The bar above everything: mark and name, the open directory, the box that opens "Go to", theme, help,
// operator.
#pragma once

#include "ui/widgets/controls/basics.h"

namespace riskdesk::widgets {

// Looks like an input, opens the "Go to" list.
class GoToButton : public QAbstractButton
{
    Q_OBJECT
public:
    GoToButton(const Theme &theme, QWidget *parent);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
};

// Name and role with an avatar; opens the account menu.
class OperatorButton : public QAbstractButton
{
    Q_OBJECT
public:
    OperatorButton(const Theme &theme, QWidget *parent);
    void setOperator(const QString &name, const QString &role);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
    QString m_name;
    QString m_role;
};

class TopBar : public QWidget
{
    Q_OBJECT
public:
    TopBar(const Theme &theme, const QString &product, QWidget *parent = nullptr);

    void setDirectory(const QString &name);
    [[nodiscard]] QString directory() const { return m_directory->toolTip(); }
    // "Sample data", "Trial", "Read only"; empty hides it.
    void setChip(const QString &text, const QString &explanation = {});
    void setOperator(const QString &name, const QString &role);
    void setNarrow(bool narrow); // the product's name gives way
    [[nodiscard]] QPushButton *themeButton() const { return m_themeButton; }
    [[nodiscard]] QPushButton *helpButton() const { return m_help; }
    [[nodiscard]] QWidget *operatorButton() const { return m_operator; }
    [[nodiscard]] QWidget *goToButton() const { return m_goTo; }
    [[nodiscard]] QWidget *directoryButton() const { return m_directory; }

Q_SIGNALS:
    void goToAsked();
    void themeAsked();
    void helpAsked();
    void directoryAsked(QWidget *opener);
    void operatorAsked(QWidget *opener);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void refreshThemeButton();
    const Theme &m_theme;
    Label *m_product;
    QPushButton *m_directory;
    Label *m_chip;
    GoToButton *m_goTo;
    QPushButton *m_themeButton;
    QPushButton *m_help;
    OperatorButton *m_operator;
};

} // namespace riskdesk::widgets
