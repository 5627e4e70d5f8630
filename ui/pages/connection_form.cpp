#include "ui/pages/connection_form.h"

#include "ui/pages/sheet_parts.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLineEdit>

namespace riskdesk::pages {

using theme::TextStyle;
using theme::Token;
using widgets::Label;
using widgets::Paragraph;

ConnectionForm::ConnectionForm(const theme::Theme &theme, const QList<ConnectionKind> &kinds, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_kinds(kinds)
{
    auto *whole = columnOf(this);
    whole->addWidget(new Label(theme, TextStyle::Label, Token::Text2, tr("Where the accounts live"), this));
    m_kind = new QComboBox(this);
    m_kind->setObjectName(QStringLiteral("connectionKind"));
    m_kind->setAccessibleName(tr("Kind"));
    for (const auto &kind : m_kinds)
        m_kind->addItem(kind.name, kind.key);
    whole->addWidget(m_kind);
    m_about = new Paragraph(theme, TextStyle::Secondary, Token::Text2, {}, this);
    whole->addWidget(m_about);
    whole->addSpacing(4);
    whole->addWidget(new Label(theme, TextStyle::Label, Token::Text2, tr("Name"), this));
    m_name = new QLineEdit(this);
    m_name->setObjectName(QStringLiteral("connectionName"));
    m_name->setAccessibleName(tr("Name"));
    m_name->setMaxLength(64);
    m_name->setPlaceholderText(tr("What it is called here"));
    whole->addWidget(m_name);
    m_nameProblem = problemLine(theme, this);
    m_nameProblem->setObjectName(QStringLiteral("connectionNameProblem"));
    whole->addWidget(m_nameProblem);
    whole->addSpacing(4);
    m_fieldsHolder = new QWidget;
    columnOf(m_fieldsHolder);
    auto *scroll = new widgets::ScrollPane(theme, m_fieldsHolder, this);
    whole->addWidget(scroll, 1);
    m_problem = problemLine(theme, this);
    m_problem->setObjectName(QStringLiteral("connectionProblem"));
    whole->addWidget(m_problem);
    connect(m_kind, &QComboBox::currentIndexChanged, this,
            [this] { showKind(m_kind->currentData().toString()); });
    connect(m_name, &QLineEdit::textEdited, this, [this] { sayAt(m_nameProblem, {}); });
    connect(m_name, &QLineEdit::returnPressed, this, &ConnectionForm::submitted);
    if (!m_kinds.isEmpty())
        showKind(m_kinds.first().key);
}

const ConnectionKind *ConnectionForm::kind() const
{
    for (const auto &one : m_kinds)
        if (one.key == m_kind->currentData().toString())
            return &one;
    return nullptr;
}

void ConnectionForm::showKind(const QString &key)
{
    delete m_fieldArea;
    m_fields.clear();
    clearProblems();
    m_fieldArea = new QWidget;
    auto *column = columnOf(m_fieldArea, 2);
    column->setContentsMargins(0, 0, 12, 0);
    for (const auto &one : m_kinds) {
        if (one.key != key)
            continue;
        m_about->setText(one.does + QLatin1Char(' ') + one.proof);
        for (const auto &of : one.fields) {
            Field field{of, new QLineEdit(m_fieldArea), nullptr};
            column->addWidget(new Label(
                m_theme, TextStyle::Label, Token::Text2,
                of.needed || (of.secret && !m_isNew) ? of.title : tr("%1 (may be left empty)").arg(of.title),
                m_fieldArea));
            field.edit->setObjectName(QStringLiteral("setting.") + of.key);
            field.edit->setAccessibleName(of.title);
            field.edit->setAccessibleDescription(of.meaning);
            if (of.secret) {
                field.edit->setEchoMode(QLineEdit::Password);
                if (!m_isNew)
                    field.edit->setPlaceholderText(tr("Stays as it is when left empty"));
            }
            column->addWidget(field.edit);
            column->addWidget(
                new Label(m_theme, TextStyle::Secondary, Token::Text2, of.meaning, m_fieldArea));
            field.problem = problemLine(m_theme, m_fieldArea);
            field.problem->setObjectName(QStringLiteral("problem.") + of.key);
            column->addWidget(field.problem);
            column->addSpacing(6);
            connect(field.edit, &QLineEdit::textEdited, this,
                    [problem = field.problem] { sayAt(problem, {}); });
            connect(field.edit, &QLineEdit::returnPressed, this, &ConnectionForm::submitted);
            m_fields << field;
        }
    }
    column->addStretch();
    m_fieldsHolder->layout()->addWidget(m_fieldArea);
}

void ConnectionForm::begin()
{
    m_isNew = true;
    m_kind->setEnabled(true);
    m_name->setEnabled(true);
    m_name->clear();
    m_kind->setCurrentIndex(0);
    showKind(m_kind->currentData().toString());
    m_kind->setFocus(Qt::OtherFocusReason);
}

void ConnectionForm::change(const ConnectionSettings &settings)
{
    m_isNew = false;
    m_kind->setCurrentIndex(m_kind->findData(settings.kind));
    showKind(settings.kind);
    m_kind->setEnabled(false);
    m_name->setText(settings.name);
    m_name->setEnabled(false);
    for (const auto &field : m_fields)
        if (!field.of.secret)
            field.edit->setText(settings.settings.value(field.of.key));
    if (!m_fields.isEmpty())
        m_fields.first().edit->setFocus(Qt::OtherFocusReason);
}

ConnectionSettings ConnectionForm::content() const
{
    ConnectionSettings content;
    content.kind = m_kind->currentData().toString();
    content.name = m_name->text().trimmed();
    for (const auto &field : m_fields)
        if (const auto text = field.edit->text(); !text.trimmed().isEmpty())
            (field.of.secret ? content.secrets : content.settings)[field.of.key] =
                field.of.secret ? text : text.trimmed();
    return content;
}

void ConnectionForm::refuse(const QString &key, const QString &sentence)
{
    clearProblems();
    if (key == QLatin1String("name")) {
        sayAt(m_nameProblem, sentence);
        m_name->setFocus(Qt::OtherFocusReason);
        return;
    }
    for (const auto &field : m_fields)
        if (field.of.key == key) {
            sayAt(field.problem, sentence);
            field.edit->setFocus(Qt::OtherFocusReason);
            return;
        }
    sayAt(m_problem, sentence);
}

void ConnectionForm::clearProblems()
{
    for (auto *problem : {m_nameProblem, m_problem})
        sayAt(problem, {});
    for (const auto &field : m_fields)
        sayAt(field.problem, {});
}

void ConnectionForm::setBusy(bool busy)
{
    m_fieldsHolder->setEnabled(!busy);
}

void ConnectionForm::forgetSecrets()
{
    for (const auto &field : m_fields)
        if (field.of.secret)
            field.edit->clear();
}

} // namespace riskdesk::pages
