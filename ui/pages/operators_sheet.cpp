#include "ui/pages/operators_sheet.h"

#include "ui/models/cell_model.h"
#include "ui/models/format.h"
#include "ui/pages/sheet_parts.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/popover.h"
#include "ui/widgets/controls/segmented.h"
#include "ui/widgets/table/table_view.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QShortcut>
#include <QStackedWidget>

#include <memory>

namespace riskdesk::pages {

using models::CellKind;
using models::Tone;
using theme::ButtonKind;
using theme::Icon;
using theme::TextStyle;
using theme::Token;
using widgets::Label;
using widgets::Paragraph;

OperatorsSheet::OperatorsSheet(const theme::Theme &theme, const QString &directory, const QString &desk,
                               const QList<RoleChoice> &roles, QWidget *parent)
    : QDialog(parent)
    , m_theme(theme)
    , m_desk(desk)
    , m_roles(roles)
    , m_pages(new QStackedWidget(this))
{
    setObjectName(QStringLiteral("operatorsSheet"));
    setWindowTitle(tr("Operators of %1").arg(directory));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->addWidget(m_pages);
    m_main = makeMain();
    m_formPage = makeForm();
    for (auto *page : {m_main, m_formPage})
        m_pages->addWidget(page);
    setMinimumSize(theme.scaled(720), theme.scaled(500));
    resize(theme.scaled(820), theme.scaled(560));
    setOperators({});
    m_add->setFocus();
}

QWidget *OperatorsSheet::makeMain()
{
    auto *page = new QWidget(this);
    auto *column = columnOf(page, 12);
    auto *card = new widgets::Card(m_theme, page);
    auto *inside = inCard(card);
    auto *head = line();
    head->addWidget(new Label(m_theme, TextStyle::CardTitle, Token::Text, tr("Operators"), card));
    head->addStretch();
    const auto command = [&](Icon icon, const QString &text, const char *id, auto run) {
        auto *made = new widgets::CommandButton(m_theme, icon, text, ButtonKind::Outlined, card);
        made->setObjectName(QLatin1String(id));
        connect(made, &widgets::CommandButton::triggered, this, run);
        connect(made, &widgets::CommandButton::refused, this,
                [this](const QString &reason) { tell(Tone::Notice, reason); });
        head->addWidget(made);
        return made;
    };
    m_remove = command(Icon::Trash, tr("Remove…"), "removeOperator", [this] { askRemove(); });
    m_changePassphrase = command(Icon::Key, tr("Passphrase…"), "changePassphrase",
                                 [this] { showForm(Form::Passphrase, current()->name, 0); });
    m_changeRole = command(Icon::Edit, tr("Role…"), "changeRole",
                           [this] { showForm(Form::Role, current()->name, current()->role); });
    m_add = command(Icon::Plus, tr("Add…"), "addOperator", [this] { showForm(Form::Add, {}, 1); });
    inside->addLayout(head);
    m_model = new models::CellModel({models::shortColumn(tr("Name"), 170, CellKind::Text),
                                     models::shortColumn(tr("Role"), 110, CellKind::Text),
                                     models::shortColumn(tr("Known by"), 190, CellKind::Text),
                                     models::shortColumn(tr("Added"), 100, CellKind::Time),
                                     models::shortColumn(tr("By"), 130, CellKind::Text)},
                                    this);
    m_list = new QStackedWidget(card);
    m_table = widgets::shortList(m_theme, m_model, tr("Operators"));
    m_table->setObjectName(QStringLiteral("operatorTable"));
    m_empty = new widgets::EmptyState(m_theme);
    m_empty->set(Icon::Person, tr("No operator is named"),
                 tr("Whoever works at the desktop account \"%1\" is administrator here. Once operators are "
                    "named, each "
                    "of them acts in their own name and role.")
                     .arg(models::shown(m_desk)),
                 {});
    m_list->addWidget(m_table);
    m_list->addWidget(m_empty);
    inside->addWidget(m_list, 1);
    connect(m_table, &widgets::TableView::currentRowChanged, this, &OperatorsSheet::showAllowed);
    connect(m_table, &widgets::TableView::escaped, this, &OperatorsSheet::goBack);
    auto *erase = new QShortcut(QKeySequence(Qt::Key_Delete), m_table);
    erase->setContext(Qt::WidgetShortcut);
    connect(erase, &QShortcut::activated, m_remove, &QPushButton::click);
    column->addWidget(card, 1);
    column->addWidget(new Paragraph(m_theme, TextStyle::Secondary, Token::Text2,
                                    tr("Roles guard against mistakes and name who acted. They do not stop "
                                       "somebody who can write the directory's file."),
                                    page));
    auto *foot = line();
    m_said = new SaidLine(m_theme, page);
    foot->addWidget(m_said, 1);
    auto *close = button(tr("Close"), ButtonKind::Outlined, page);
    connect(close, &QPushButton::clicked, this, &QWidget::close);
    foot->addWidget(close);
    column->addLayout(foot);
    return page;
}

QWidget *OperatorsSheet::makeForm()
{
    auto *page = new QWidget(this);
    auto *whole = columnOf(page, 12);
    auto *card = new widgets::Card(m_theme, page);
    auto *column = inCard(card);
    whole->addWidget(card, 1);
    m_title = new Label(m_theme, TextStyle::PaneTitle, Token::Text, {}, page);
    column->addWidget(m_title);
    m_first =
        new Paragraph(m_theme, TextStyle::Body, Token::Text2,
                      tr("This is the first one. Your own account \"%1\" becomes administrator with it, "
                         "unless it is the one you add: somebody has to be.")
                          .arg(models::shown(m_desk)),
                      page);
    m_first->setObjectName(QStringLiteral("firstNote"));
    column->addWidget(m_first);
    const auto row = [&](const QString &name) {
        auto *made = new QWidget(page);
        auto *inside = columnOf(made, 6);
        inside->addWidget(new Label(m_theme, TextStyle::Label, Token::Text2, name, made));
        column->addWidget(made);
        return made;
    };
    const auto field = [&](const QString &name, const char *id, QWidget *in, Label *problem) {
        auto *edit = new QLineEdit(in);
        edit->setObjectName(QLatin1String(id));
        edit->setAccessibleName(name);
        connect(edit, &QLineEdit::textEdited, problem, [problem] { sayAt(problem, {}); });
        in->layout()->addWidget(edit);
        return edit;
    };
    const auto problem = [&](QWidget *in, const char *id) {
        auto *made = problemLine(m_theme, in);
        made->setObjectName(QLatin1String(id));
        return made;
    };
    m_nameRow = row(tr("Name"));
    m_nameProblem = problem(m_nameRow, "nameProblem");
    m_name = field(tr("Name"), "operatorName", m_nameRow, m_nameProblem);
    m_name->setPlaceholderText(tr("As it stands in the audit log"));
    m_name->setMaxLength(64);
    m_nameRow->layout()->addWidget(m_nameProblem);
    m_roleRow = row(tr("Role"));
    QStringList names;
    for (const auto &role : m_roles)
        names << role.name;
    m_role = new widgets::SegmentedControl(m_theme, tr("Role"), names, m_roleRow);
    m_role->setObjectName(QStringLiteral("operatorRole"));
    m_roleRow->layout()->addWidget(m_role);
    m_meaning = new Label(m_theme, TextStyle::Secondary, Token::Text2, {}, m_roleRow);
    m_roleRow->layout()->addWidget(m_meaning);
    m_roleProblem = problem(m_roleRow, "roleProblem");
    m_roleRow->layout()->addWidget(m_roleProblem);
    m_knownRow = row(tr("Known by"));
    m_known = new widgets::SegmentedControl(m_theme, tr("Known by"),
                                            {tr("Desktop account"), tr("Passphrase")}, m_knownRow);
    m_known->setObjectName(QStringLiteral("operatorKnownBy"));
    m_knownRow->layout()->addWidget(m_known);
    m_accountRow = row(tr("Account"));
    m_accountProblem = problem(m_accountRow, "accountProblem");
    m_account = field(tr("Account"), "operatorAccount", m_accountRow, m_accountProblem);
    m_account->setPlaceholderText(tr("ana, or ana@host on that machine alone"));
    m_accountRow->layout()->addWidget(m_accountProblem);
    m_passphraseRow = row(tr("Passphrase"));
    m_passphraseProblem = problem(m_passphraseRow, "passphraseProblem");
    m_passphrase = field(tr("Passphrase"), "operatorPassphrase", m_passphraseRow, m_passphraseProblem);
    m_passphraseRow->layout()->addWidget(
        new Label(m_theme, TextStyle::Label, Token::Text2, tr("Once more"), m_passphraseRow));
    m_again = field(tr("Once more"), "operatorPassphraseAgain", m_passphraseRow, m_passphraseProblem);
    for (auto *edit : {m_passphrase, m_again})
        edit->setEchoMode(QLineEdit::Password);
    m_passphraseRow->layout()->addWidget(m_passphraseProblem);
    column->addStretch();
    m_formProblem = problem(page, "formProblem");
    column->addWidget(m_formProblem);
    connect(m_role, &widgets::SegmentedControl::chosen, this, &OperatorsSheet::showMeaning);
    connect(m_known, &widgets::SegmentedControl::chosen, this, &OperatorsSheet::showBinding);
    auto *foot = line();
    foot->addStretch();
    auto *cancel = button(tr("Cancel"), ButtonKind::Outlined, page);
    connect(cancel, &QPushButton::clicked, this, &OperatorsSheet::goBack);
    foot->addWidget(cancel);
    m_go = button({}, ButtonKind::Primary, page);
    m_go->setObjectName(QStringLiteral("commitOperator"));
    connect(m_go, &QPushButton::clicked, this, &OperatorsSheet::submit);
    foot->addWidget(m_go);
    whole->addLayout(foot);
    return page;
}

void OperatorsSheet::setOperators(const QList<ShownOperator> &operators)
{
    const auto *before = current();
    const auto name = before != nullptr ? before->name : QString();
    m_operators = operators;
    auto page = std::make_shared<models::CellPage>(m_model->columnCount());
    for (const auto &one : operators)
        page->add(one.name,
                  {models::textCell(models::shown(one.name)), models::textCell(m_roles.value(one.role).name),
                   models::textCell(one.account.isEmpty() ? tr("Passphrase")
                                                          : tr("Account %1").arg(models::shown(one.account))),
                   models::timeCell(one.added), models::textCell(models::shown(one.by))});
    m_model->setPage(std::move(page));
    for (qsizetype row = 0; row < operators.size(); ++row)
        if (operators[row].name == name)
            m_table->setCurrentRow(static_cast<int>(row));
    m_list->setCurrentWidget(operators.isEmpty() ? static_cast<QWidget *>(m_empty) : m_table);
    m_first->setVisible(m_form == Form::Add && operators.isEmpty());
    showAllowed();
}

const ShownOperator *OperatorsSheet::current() const
{
    const int row = m_table->currentRow();
    return row >= 0 && row < m_operators.size() ? &m_operators[row] : nullptr;
}

void OperatorsSheet::setRefusal(const QString &reason)
{
    m_refusal = reason;
    showAllowed();
}

void OperatorsSheet::showAllowed()
{
    const auto *one = current();
    const auto choose = one == nullptr ? tr("Choose an operator first.") : QString();
    const auto first = [this](const QString &otherwise) {
        return m_refusal.isEmpty() ? otherwise : m_refusal;
    };
    for (auto *button : {m_changeRole, m_changePassphrase, m_remove})
        button->setVisible(!m_operators.isEmpty());
    m_add->refuse(m_refusal);
    m_changeRole->refuse(first(choose));
    m_remove->refuse(first(choose));
    m_changePassphrase->refuse(first(one != nullptr && !one->account.isEmpty()
                                         ? tr("An account of the desktop has no passphrase here.")
                                         : choose));
}

void OperatorsSheet::askRemove()
{
    const auto *one = current();
    if (one == nullptr)
        return;
    widgets::confirmDanger(m_theme, this, m_remove, tr("Remove \"%1\"").arg(models::shown(one->name)),
                           tr("They may not act here any more. What they did stays in the audit log."),
                           tr("Remove"), [this, name = one->name] { Q_EMIT removeAsked(name); });
}

void OperatorsSheet::tell(Tone tone, const QString &text)
{
    m_said->tell(tone, text);
}

void OperatorsSheet::askPassphraseOf(const QString &name)
{
    m_onlyForm = true;
    showForm(Form::Passphrase, name, 0);
}

void OperatorsSheet::showForm(Form form, const QString &name, int role)
{
    tell(Tone::Neutral, {});
    forget();
    m_form = form;
    m_of = name;
    const auto shown = models::shown(name);
    m_title->setText(form == Form::Add    ? tr("New operator")
                     : form == Form::Role ? tr("Role of \"%1\"").arg(shown)
                                          : tr("New passphrase of \"%1\"").arg(shown));
    m_go->setText(form == Form::Add    ? tr("Add operator")
                  : form == Form::Role ? tr("Change role")
                                       : tr("Change passphrase"));
    m_name->clear();
    m_account->clear();
    m_role->setCurrent(role);
    m_known->setCurrent(0);
    m_first->setVisible(form == Form::Add && m_operators.isEmpty());
    m_nameRow->setVisible(form == Form::Add);
    m_roleRow->setVisible(form != Form::Passphrase);
    m_knownRow->setVisible(form == Form::Add);
    showMeaning();
    showBinding();
    m_pages->setCurrentWidget(m_formPage);
    if (form == Form::Add)
        m_name->setFocus(Qt::OtherFocusReason);
    else if (form == Form::Passphrase)
        m_passphrase->setFocus(Qt::OtherFocusReason);
    else
        m_go->setFocus(Qt::OtherFocusReason);
}

void OperatorsSheet::showMeaning()
{
    m_meaning->setText(m_roles.value(m_role->current()).meaning);
    sayAt(m_roleProblem, {});
}

void OperatorsSheet::showBinding()
{
    const bool passphrase = m_form == Form::Passphrase || (m_form == Form::Add && m_known->current() == 1);
    m_passphraseRow->setVisible(passphrase);
    m_accountRow->setVisible(m_form == Form::Add && !passphrase);
}

void OperatorsSheet::submit()
{
    if (m_waiting)
        return;
    for (auto *problem : {m_nameProblem, m_roleProblem, m_accountProblem, m_passphraseProblem, m_formProblem})
        sayAt(problem, {});
    const bool passphrase = !m_passphraseRow->isHidden();
    if (passphrase && m_passphrase->text() != m_again->text()) {
        sayAt(m_passphraseProblem, tr("The two passphrases differ."));
        m_again->setFocus(Qt::OtherFocusReason);
        return;
    }
    if (m_form == Form::Add && !passphrase && m_account->text().trimmed().isEmpty()) {
        refuse(Field::Account, tr("Type the account, or choose a passphrase."));
        return;
    }
    setWaiting(true);
    if (m_form == Form::Role)
        Q_EMIT roleAsked(m_of, m_role->current());
    else if (m_form == Form::Passphrase)
        Q_EMIT passphraseAsked(m_of, m_passphrase->text());
    else
        Q_EMIT addAsked(m_name->text(), m_role->current(),
                        passphrase ? QString() : m_account->text().trimmed(),
                        passphrase ? m_passphrase->text() : QString());
}

void OperatorsSheet::setWaiting(bool waiting)
{
    m_waiting = waiting;
    m_go->setEnabled(!waiting);
}

void OperatorsSheet::refuse(Field field, const QString &sentence)
{
    setWaiting(false);
    if (m_pages->currentWidget() == m_main) {
        tell(Tone::Bad, sentence);
        return;
    }
    sayAt(field == Field::Name         ? m_nameProblem
          : field == Field::Role       ? m_roleProblem
          : field == Field::Account    ? m_accountProblem
          : field == Field::Passphrase ? m_passphraseProblem
                                       : m_formProblem,
          sentence);
    auto *edit = field == Field::Name         ? m_name
                 : field == Field::Account    ? m_account
                 : field == Field::Passphrase ? m_passphrase
                                              : nullptr;
    if (edit != nullptr)
        edit->setFocus(Qt::OtherFocusReason);
    else
        m_go->setFocus(Qt::OtherFocusReason);
}

void OperatorsSheet::done(const QString &sentence)
{
    const bool form = m_pages->currentWidget() == m_formPage;
    if (form)
        goBack();
    tell(Tone::Good, sentence);
}

void OperatorsSheet::forget()
{
    setWaiting(false);
    m_passphrase->clear();
    m_again->clear();
    for (auto *problem : {m_nameProblem, m_roleProblem, m_accountProblem, m_passphraseProblem, m_formProblem})
        sayAt(problem, {});
}

void OperatorsSheet::goBack()
{
    if (m_pages->currentWidget() == m_main || m_onlyForm) {
        close();
        return;
    }
    forget();
    m_pages->setCurrentWidget(m_main);
    if (m_operators.isEmpty())
        m_add->setFocus(Qt::OtherFocusReason);
    else
        m_table->setFocus(Qt::OtherFocusReason);
}

void OperatorsSheet::keyPressEvent(QKeyEvent *event)
{
    const bool taken = takeKey(
        *this, *event, [this] { goBack(); },
        [this] {
            if (m_pages->currentWidget() == m_formPage)
                submit();
        });
    if (!taken)
        QDialog::keyPressEvent(event);
}

// Closed, or put away by a lock: a passphrase that was typed does not wait there.
void OperatorsSheet::hideEvent(QHideEvent *event)
{
    m_passphrase->clear();
    m_again->clear();
    QDialog::hideEvent(event);
}

} // namespace riskdesk::pages
