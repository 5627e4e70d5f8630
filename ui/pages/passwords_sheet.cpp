#include "ui/pages/passwords_sheet.h"

#include "ui/models/cell_model.h"
#include "ui/models/format.h"
#include "ui/pages/sheet_parts.h"
#include "ui/widgets/table/table_view.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>

#include <memory>

namespace riskdesk::pages {

using theme::ButtonKind;
using theme::TextStyle;
using theme::Token;

PasswordsSheet::PasswordsSheet(const theme::Theme &theme, QWidget *parent)
    : QDialog(parent)
    , m_theme(theme)
    , m_model(
          new models::CellModel({models::shortColumn(tr("User"), 260, models::CellKind::Text),
                                 models::shortColumn(tr("Temporary password"), 240, models::CellKind::Text)},
                                this))
{
    setObjectName(QStringLiteral("passwordsSheet"));
    setWindowTitle(tr("Temporary passwords"));
    setAttribute(Qt::WA_DeleteOnClose);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(12);
    column->addWidget(new widgets::Paragraph(theme, TextStyle::Body, Token::Text2,
                                             tr("Each holds for one sign-in, then the user chooses another. "
                                                "Hand them on by a way you trust: they are in this "
                                                "window until it is closed, and nowhere else."),
                                             this));
    auto *card = new widgets::Card(
        theme, this); // without its edge the list is hardly told from the window in the dark
    m_table = widgets::shortList(theme, m_model, tr("Temporary passwords"));
    m_table->setObjectName(QStringLiteral("passwordTable"));
    connect(m_table, &widgets::TableView::escaped, this, &QWidget::close);
    inCard(card)->addWidget(m_table);
    column->addWidget(card, 1);
    m_said =
        new widgets::Label(theme, TextStyle::Body, Token::Ok, {}, this); // a line of its own: names are long
    column->addWidget(m_said);
    auto *foot = line();
    foot->addStretch();
    auto *one = button(tr("Copy password"), ButtonKind::Primary, this);
    one->setObjectName(QStringLiteral("copyPassword"));
    connect(one, &QPushButton::clicked, this, [this] { copy(false); });
    auto *all = button(tr("Copy all"), ButtonKind::Outlined, this);
    all->setObjectName(QStringLiteral("copyAllPasswords"));
    connect(all, &QPushButton::clicked, this, [this] { copy(true); });
    auto *close = button(tr("Close"), ButtonKind::Outlined, this);
    connect(close, &QPushButton::clicked, this, &QWidget::close);
    for (auto *made : {one, all, close})
        foot->addWidget(made);
    column->addLayout(foot);
    setMinimumSize(theme.scaled(640), theme.scaled(380));
}

void PasswordsSheet::add(const QString &user, const QString &password)
{
    m_rows << Row{user, password};
    auto page = std::make_shared<models::CellPage>(m_model->columnCount());
    for (qsizetype row = 0; row < m_rows.size(); ++row)
        page->add(QString::number(row), {models::textCell(models::shown(m_rows[row].user)),
                                         models::textCell(m_rows[row].password)});
    m_model->setPage(std::move(page));
    m_table->setCurrentRow(static_cast<int>(m_rows.size()) - 1);
}

void PasswordsSheet::copy(bool all)
{
    const int current = m_table->currentRow();
    QStringList lines;
    for (qsizetype row = 0; row < m_rows.size(); ++row)
        if (all)
            lines << m_rows[row].user + QLatin1Char('\t') + m_rows[row].password;
        else if (row == current)
            lines << m_rows[row].password;
    if (lines.isEmpty())
        return;
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
    m_said->setText(
        all ? tr("All of them are in the clipboard.")
            : tr("The password of %1 is in the clipboard.").arg(models::shown(m_rows[current].user)));
    widgets::announce(m_said, m_said->text());
}

void PasswordsSheet::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        close();
    else if (event->matches(QKeySequence::Copy))
        copy(false);
    else
        QDialog::keyPressEvent(event);
}

} // namespace riskdesk::pages
