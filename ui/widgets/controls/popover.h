// A sheet that opens at the control that asked for it and closes with Esc, a click elsewhere, or close(). The
// focus goes to the first field and returns to where it was: a shortcut pressed in the list leads back to the
// list. Shadow and round corners are painted here.
//
// ConfirmPopover asks before an action: what will happen, a reason, a note. Enter commits; the button carries
// the verb; there is no "OK". Digits choose a reason while the note is not being written.
#pragma once

#include "ui/widgets/controls/basics.h"

#include <QPointer>

#include <functional>

class QCheckBox;
class QPlainTextEdit;
class QPushButton;
class QRadioButton;
class QVBoxLayout;

namespace riskdesk::widgets {

class Popover : public QWidget
{
    Q_OBJECT
public:
    explicit Popover(const Theme &theme, QWidget *parent = nullptr);

    // Where the content goes; margins are set.
    [[nodiscard]] QVBoxLayout *content() const { return m_content; }
    // Below the opener, or above it where there is no room; never off the screen.
    void openAt(QWidget *opener);
    static constexpr int shadow = 20; // margin around the sheet

Q_SIGNALS:
    void closed();

protected:
    // Again where it belongs, after its content has changed.
    void place();
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    [[nodiscard]] const Theme &theme() const { return m_theme; }

private:
    const Theme &m_theme;
    QVBoxLayout *m_content;
    QPointer<QWidget> m_opener;
    QPointer<QWidget> m_before; // had the focus
};

struct ConfirmSpec
{
    QString title;       // "Dismiss risk of 3 users"
    QString effect;      // "Level becomes None, 9 detections dismissed. Passwords stay as they are."
    QStringList reasons; // radio buttons; empty: none
    struct Tick
    {
        QString text;
        bool ticked = false;
        QString refused; // why it may not be ticked; empty: allowed
    };
    QList<Tick> ticks; // what else to do: reset password, end sessions, block
    bool noteAsked = true;
    bool noteRequired = false;
    QString commit;      // "Dismiss risk of 3 users"
    bool danger = false; // cannot be taken back
    QString link;        // "Reset password instead"; empty: none
    int reason = 0;      // chosen at first
};

class ConfirmPopover : public Popover
{
    Q_OBJECT
public:
    ConfirmPopover(const Theme &theme, const ConfirmSpec &spec, QWidget *parent = nullptr);

    // What the decision will do, once that is known: title and button, and the words beneath. With `refused`
    // there is nothing to commit.
    void setOutlook(const QString &title, const QString &commit, const QString &effect, bool refused);
    [[nodiscard]] int reason() const;
    [[nodiscard]] QString note() const;
    [[nodiscard]] QList<bool> ticks() const;
    static constexpr int noteLimit = 4000;

Q_SIGNALS:
    void committed(int reason, const QString &note, const QList<bool> &ticks);
    void linkPressed();

protected:
    void keyPressEvent(QKeyEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void commit();
    bool m_noteRequired;
    Label *m_title;
    Paragraph *m_effect;
    QPushButton *m_go = nullptr;
    QList<QRadioButton *> m_reasons;
    QList<QCheckBox *> m_ticks;
    QPlainTextEdit *m_note = nullptr;
    Label *m_problem = nullptr;
};

// Asks before a step that cannot be taken back, without a note. `go` runs as long as `parent` lives.
void confirmDanger(const Theme &theme, QWidget *parent, QWidget *opener, const QString &title,
                   const QString &effect, const QString &commit, std::function<void()> go);

} // namespace riskdesk::widgets
