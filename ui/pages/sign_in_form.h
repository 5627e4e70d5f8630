// SignInForm: a name and a passphrase, and what was wrong with them. It knows no directory: who uses it looks at
// what was given and answers with accept() or refuse(). SignInSheet is a window with one. GUI thread.
#pragma once

#include "ui/theme/theme.h"

#include <QDialog>
#include <QString>
#include <QWidget>

class QLineEdit;
class QPushButton;

namespace riskdesk::widgets {
class Label;
}

namespace riskdesk::pages {

class SignInForm : public QWidget
{
    Q_OBJECT
public:
    SignInForm(const theme::Theme &theme, const QString &verb, QWidget *parent = nullptr);

    void setName(const QString &name);
    void begin();                         // the focus to what is to be typed first
    void refuse(const QString &sentence); // the name stays, the passphrase is typed anew
    void forget();                        // nothing of a passphrase stays

Q_SIGNALS:
    void given(const QString &name, const QString &passphrase);

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void submit();
    void setWaiting(bool waiting);
    QLineEdit *m_name, *m_passphrase;
    widgets::Label *m_problem;
    QPushButton *m_go;
    bool m_waiting = false; // for the answer
};

class SignInSheet : public QDialog
{
    Q_OBJECT
public:
    explicit SignInSheet(const theme::Theme &theme, QWidget *parent = nullptr);
    [[nodiscard]] SignInForm &form() const { return *m_form; }

private:
    SignInForm *m_form;
};

} // namespace riskdesk::pages
