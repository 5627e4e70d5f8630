#include "ui/pages/sign_in_form.h"

#include "ui/pages/sheet_parts.h"

#include <QKeyEvent>
#include <QLineEdit>

namespace riskdesk::pages {

using theme::ButtonKind;
using theme::TextStyle;
using theme::Token;
using widgets::Label;

SignInForm::SignInForm(const theme::Theme &theme, const QString &verb, QWidget *parent)
    : QWidget(parent)
{
    auto *column = columnOf(this);
    const auto field = [&](const QString &name, const char *id) {
        column->addWidget(new Label(theme, TextStyle::Label, Token::Text2, name, this));
        auto *edit = new QLineEdit(this);
        edit->setObjectName(QLatin1String(id));
        edit->setAccessibleName(name);
        edit->setContextMenuPolicy(Qt::NoContextMenu); // a window of its own, which a lock keeps away
        column->addWidget(edit);
        connect(edit, &QLineEdit::textEdited, this, [this] { sayAt(m_problem, {}); });
        return edit;
    };
    m_name = field(tr("Name"), "signInName");
    m_name->setMaxLength(64);
    m_passphrase = field(tr("Passphrase"), "signInPassphrase");
    m_passphrase->setEchoMode(QLineEdit::Password);
    m_problem = problemLine(theme, this);
    m_problem->setObjectName(QStringLiteral("signInProblem"));
    column->addWidget(m_problem);
    column->addSpacing(4);
    auto *foot = line();
    foot->addStretch();
    m_go = button(verb, ButtonKind::Primary, this);
    m_go->setObjectName(QStringLiteral("signIn"));
    connect(m_go, &QPushButton::clicked, this, &SignInForm::submit);
    foot->addWidget(m_go);
    column->addLayout(foot);
}

void SignInForm::setName(const QString &name)
{
    m_name->setText(name);
}

void SignInForm::begin()
{
    (m_name->text().isEmpty() ? m_name : m_passphrase)->setFocus(Qt::OtherFocusReason);
}

void SignInForm::submit()
{
    if (m_waiting)
        return;
    auto *missing = m_name->text().trimmed().isEmpty() ? m_name
                    : m_passphrase->text().isEmpty()   ? m_passphrase
                                                       : nullptr;
    if (missing != nullptr) {
        sayAt(m_problem,
              missing == m_name ? tr("Type the name of the operator.") : tr("Type the passphrase."));
        missing->setFocus(Qt::OtherFocusReason);
        return;
    }
    sayAt(m_problem, {});
    setWaiting(true);
    const auto passphrase = m_passphrase->text();
    m_passphrase->clear();
    Q_EMIT given(m_name->text().trimmed(), passphrase);
}

// Neither field is disabled: the focus stays where it is.
void SignInForm::setWaiting(bool waiting)
{
    m_waiting = waiting;
    m_name->setReadOnly(waiting);
    m_passphrase->setReadOnly(waiting);
    m_go->setEnabled(!waiting);
}

void SignInForm::refuse(const QString &sentence)
{
    setWaiting(false);
    m_passphrase->clear();
    sayAt(m_problem, sentence);
    m_passphrase->setFocus(Qt::OtherFocusReason);
}

void SignInForm::forget()
{
    setWaiting(false);
    m_passphrase->clear();
    sayAt(m_problem, {});
}

void SignInForm::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        submit();
    else
        QWidget::keyPressEvent(event);
}

SignInSheet::SignInSheet(const theme::Theme &theme, QWidget *parent)
    : QDialog(parent)
    , m_form(new SignInForm(theme, tr("Sign in"), this))
{
    setObjectName(QStringLiteral("signInSheet"));
    setWindowTitle(tr("Sign in as another operator"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(12);
    column->addWidget(new widgets::Paragraph(theme, TextStyle::Body, Token::Text2,
                                             tr("Until you sign out, all that is done in this window is done "
                                                "in that operator's name and role."),
                                             this));
    column->addWidget(m_form);
    column->addStretch();
    resize(theme.scaled(420), sizeHint().height());
}

} // namespace riskdesk::pages
