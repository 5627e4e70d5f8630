#include "ui/pages/lock_page.h"

#include "ui/models/format.h"
#include "ui/pages/sheet_parts.h"
#include "ui/pages/sign_in_form.h"

#include <QKeyEvent>
#include <QPainter>

namespace riskdesk::pages {

using theme::ButtonKind;
using theme::TextStyle;
using theme::Token;
using widgets::Label;
using widgets::Paragraph;

LockPage::LockPage(const theme::Theme &theme, const QString &name, bool others, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_form(new SignInForm(theme, name.isEmpty() ? tr("Sign in") : tr("Unlock"), this))
    , m_problem(problemLine(theme, this))
{
    setObjectName(QStringLiteral("lockPage"));
    const bool vouched = name.isEmpty();
    auto *card = new widgets::Card(theme, this);
    card->setFixedWidth(theme.scaled(460));
    auto *column = new QVBoxLayout(card);
    column->setContentsMargins(24, 20, 24, 20);
    column->setSpacing(10);
    auto *head = line(10);
    head->addWidget(new widgets::IconMark(theme, theme::Icon::Lock, Token::AccentText, 22, false, card));
    head->addWidget(new Label(theme, TextStyle::PaneTitle, Token::Text, tr("Locked"), card), 1);
    column->addLayout(head);
    column->addWidget(new Paragraph(
        theme, TextStyle::Body, Token::Text2,
        vouched ? tr("Nothing is shown until you ask for it. Your desktop account vouches for you; lock your "
                     "screen to keep others out.")
                : tr("What runs in the background goes on. The passphrase of \"%1\" shows the window as it "
                     "was; another operator may sign in instead.")
                      .arg(models::shown(name)),
        card));
    if (vouched) {
        auto *again = button(tr("Show again"), ButtonKind::Primary, card);
        again->setObjectName(QStringLiteral("showAgain"));
        connect(again, &QPushButton::clicked, this, &LockPage::showAgainAsked);
        auto *row = line();
        row->addWidget(again);
        row->addStretch();
        column->addLayout(row);
        m_first = again;
        if (others) {
            column->addSpacing(6);
            column->addWidget(
                new Label(theme, TextStyle::CardTitle, Token::Text, tr("Sign in as another operator"), card));
        }
    }
    m_form->setVisible(!vouched || others);
    m_form->setName(name);
    column->addWidget(m_form);
    column->addWidget(new widgets::Divider(theme, Qt::Horizontal, card));
    m_problem->setObjectName(QStringLiteral("lockProblem"));
    column->addWidget(m_problem);
    auto *close = widgets::linkButton(tr("Close the directory"), card);
    close->setObjectName(QStringLiteral("closeDirectory"));
    close->setAutoDefault(false);
    connect(close, &QPushButton::clicked, this, &LockPage::closeAsked);
    auto *foot = line();
    foot->addWidget(close);
    foot->addStretch();
    column->addLayout(foot);

    auto *whole = new QVBoxLayout(this);
    whole->addStretch(2);
    auto *middle = line(0); // an aligned card would get the height of one line for its paragraph
    middle->addStretch();
    middle->addWidget(card);
    middle->addStretch();
    whole->addLayout(middle);
    whole->addStretch(3);
}

void LockPage::begin()
{
    if (m_first != nullptr)
        m_first->setFocus(Qt::OtherFocusReason);
    else
        m_form->begin();
}

void LockPage::say(const QString &sentence)
{
    sayAt(m_problem, sentence);
}

void LockPage::keyPressEvent(QKeyEvent *event)
{
    const bool enters = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (auto *pressed = qobject_cast<QPushButton *>(window()->focusWidget()); enters && pressed != nullptr)
        pressed->click();
    event->accept(); // nothing behind it is reached
}

void LockPage::paintEvent(QPaintEvent *)
{
    QPainter(this).fillRect(rect(), m_theme.color(Token::Window));
}

} // namespace riskdesk::pages
