// LockPage: what stands in the window while it is locked. It shows nothing of the directory but the name of who
// locked it. GUI thread.
#pragma once

#include "ui/theme/theme.h"

#include <QWidget>

namespace riskdesk::widgets {
class Label;
}

namespace riskdesk::pages {

class SignInForm;

class LockPage : public QWidget
{
    Q_OBJECT
public:
    // `name`: who has to give a passphrase; empty: the desktop account acts, which has none. `others`: somebody in
    // this directory has one, so that another one can sign in.
    LockPage(const theme::Theme &theme, const QString &name, bool others, QWidget *parent = nullptr);

    [[nodiscard]] SignInForm &form() const { return *m_form; }
    void begin();                      // the focus to where one goes on
    void say(const QString &sentence); // why the directory cannot be closed now

Q_SIGNALS:
    void showAgainAsked(); // only without a passphrase
    void closeAsked();     // the directory

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    const theme::Theme &m_theme;
    SignInForm *m_form;
    QWidget *m_first = nullptr;
    widgets::Label *m_problem;
};

} // namespace riskdesk::pages
