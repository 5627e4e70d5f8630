// OperatorsSheet: who may act in the directory, in a window of its own beside the console's. It shows the values it
// is given and says what a person asks for; it knows no directory. GUI thread.
//
// One thing at a time: the list, or a form: a new operator, another role, another passphrase. What was typed stays
// in the form until what was asked for is done or given up; a passphrase no longer. Esc goes back one step.
#pragma once

#include "core/base/clock.h"

#include "ui/models/roles.h"
#include "ui/theme/theme.h"

#include <QDialog>
#include <QList>
#include <QString>

class QLineEdit;
class QPushButton;
class QStackedWidget;

namespace riskdesk::models {
class CellModel;
}

namespace riskdesk::widgets {
class CommandButton;
class EmptyState;
class Label;
class Paragraph;
class SegmentedControl;
class TableView;
} // namespace riskdesk::widgets

namespace riskdesk::pages {

class SaidLine;

struct ShownOperator
{
    QString name;
    int role = 0;    // index of `roles` below
    QString account; // of the desktop; empty: known by a passphrase
    Timestamp added;
    QString by;
};

struct RoleChoice
{
    QString name;    // "Reader"
    QString meaning; // a sentence
};

class OperatorsSheet : public QDialog
{
    Q_OBJECT
public:
    // `roles`: from the least to the greatest. `desk`: the account of the desktop.
    OperatorsSheet(const theme::Theme &theme, const QString &directory, const QString &desk,
                   const QList<RoleChoice> &roles, QWidget *parent = nullptr);

    // The row of the moment stays where its operator does.
    void setOperators(const QList<ShownOperator> &operators);
    // Why nothing may be changed here; empty: it may.
    void setRefusal(const QString &reason);
    // Only the form of that passphrase; the sheet closes with it.
    void askPassphraseOf(const QString &name);
    // The answers to what was asked for: what was wrong, beside its field, or done.
    enum class Field { Name, Role, Account, Passphrase, All };
    void refuse(Field field, const QString &sentence);
    void done(const QString &sentence);
    // A line below the list, announced once.
    void tell(models::Tone tone, const QString &text);

Q_SIGNALS:
    // One of account and passphrase is empty.
    void addAsked(const QString &name, int role, const QString &account, const QString &passphrase);
    void roleAsked(const QString &name, int role);
    void passphraseAsked(const QString &name, const QString &passphrase);
    void removeAsked(const QString &name);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    enum class Form { Add, Role, Passphrase };
    [[nodiscard]] QWidget *makeMain();
    [[nodiscard]] QWidget *makeForm();
    [[nodiscard]] const ShownOperator *current() const;
    void showForm(Form form, const QString &name, int role);
    void showBinding();
    void showMeaning();
    void showAllowed();
    void askRemove();
    void submit();
    void setWaiting(bool waiting);
    void goBack();
    void forget(); // passphrases, and what was said of the fields

    const theme::Theme &m_theme;
    const QString m_desk;
    const QList<RoleChoice> m_roles;
    QStackedWidget *m_pages;
    QWidget *m_main = nullptr, *m_formPage = nullptr;

    QList<ShownOperator> m_operators;
    QString m_refusal;
    models::CellModel *m_model = nullptr;
    QStackedWidget *m_list = nullptr;
    widgets::TableView *m_table = nullptr;
    widgets::EmptyState *m_empty = nullptr;
    widgets::CommandButton *m_add = nullptr, *m_changeRole = nullptr, *m_changePassphrase = nullptr,
                           *m_remove = nullptr;
    SaidLine *m_said = nullptr;

    Form m_form = Form::Add;
    QString m_of; // whose role or passphrase
    bool m_onlyForm = false, m_waiting = false;
    widgets::Label *m_title = nullptr;
    QWidget *m_nameRow = nullptr, *m_roleRow = nullptr, *m_knownRow = nullptr, *m_accountRow = nullptr,
            *m_passphraseRow = nullptr;
    QLineEdit *m_name = nullptr, *m_account = nullptr, *m_passphrase = nullptr, *m_again = nullptr;
    widgets::SegmentedControl *m_role = nullptr, *m_known = nullptr;
    widgets::Label *m_meaning = nullptr;
    widgets::Paragraph *m_first = nullptr;
    widgets::Label *m_nameProblem = nullptr, *m_roleProblem = nullptr, *m_accountProblem = nullptr,
                   *m_passphraseProblem = nullptr, *m_formProblem = nullptr;
    QPushButton *m_go = nullptr;
};

} // namespace riskdesk::pages
