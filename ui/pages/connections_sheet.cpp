#include "ui/pages/connections_sheet.h"

#include "ui/models/cell_model.h"
#include "ui/models/format.h"
#include "ui/pages/device_code_page.h"
#include "ui/pages/sheet_parts.h"
#include "ui/widgets/controls/badges.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/popover.h"
#include "ui/widgets/controls/segmented.h"
#include "ui/widgets/table/table_view.h"

#include <QCloseEvent>
#include <QKeyEvent>
#include <QLineEdit>
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

ConnectionsSheet::ConnectionsSheet(const theme::Theme &theme, const QString &directory,
                                   const QList<ConnectionKind> &kinds, QWidget *parent)
    : QDialog(parent)
    , m_theme(theme)
    , m_pages(new QStackedWidget(this))
{
    setObjectName(QStringLiteral("connectionsSheet"));
    setWindowTitle(tr("Connections of %1").arg(directory));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->addWidget(m_pages);
    m_main = makeMain();
    m_formPage = makeForm(kinds);
    m_wordPage = makePassphrase();
    m_signInPage = new DeviceCodePage(theme, this);
    m_signInPage->setObjectName(QStringLiteral("deviceCodePage"));
    connect(m_signInPage, &DeviceCodePage::cancelled, this, &ConnectionsSheet::goBack);
    for (auto *page : {m_main, m_formPage, m_wordPage, static_cast<QWidget *>(m_signInPage)})
        m_pages->addWidget(page);
    setMinimumSize(theme.scaled(760), theme.scaled(560));
    resize(theme.scaled(960), theme.scaled(620));
    setConnections({});
    setRequests({});
    m_new->setFocus();
}

widgets::CommandButton *ConnectionsSheet::command(Icon icon, const QString &text, const char *name,
                                                  QWidget *parent)
{
    auto *made = new widgets::CommandButton(m_theme, icon, text, ButtonKind::Outlined, parent);
    made->setObjectName(QLatin1String(name));
    connect(made, &widgets::CommandButton::refused, this,
            [this](const QString &reason) { tell(Tone::Notice, reason); });
    return made;
}

QWidget *ConnectionsSheet::makeMain()
{
    auto *page = new QWidget(this);
    auto *column = columnOf(page, 12);
    m_which = new widgets::SegmentedControl(m_theme, tr("What is shown"), {tr("Connections"), tr("Requests")},
                                            page);
    m_which->setObjectName(QStringLiteral("which"));
    auto *head = line();
    head->addWidget(m_which);
    head->addStretch();
    column->addLayout(head);
    m_lists = new QStackedWidget(page);
    m_lists->addWidget(makeConnections());
    m_lists->addWidget(makeRequests());
    column->addWidget(m_lists, 1);
    connect(m_which, &widgets::SegmentedControl::chosen, this, [this](int index) {
        m_lists->setCurrentIndex(index);
        tell(Tone::Neutral, {});
    });
    m_place = new Label(m_theme, TextStyle::Secondary, Token::Text2, {}, page);
    column->addWidget(m_place);
    auto *foot = line();
    m_said = new SaidLine(m_theme, page);
    foot->addWidget(m_said, 1);
    auto *close = button(tr("Close"), ButtonKind::Outlined, page);
    connect(close, &QPushButton::clicked, this, &QWidget::close);
    foot->addWidget(close);
    column->addLayout(foot);
    return page;
}

QWidget *ConnectionsSheet::makeConnections()
{
    auto *card = new widgets::Card(m_theme, this);
    auto *column = inCard(card);
    auto *head = line();
    m_switch = command(Icon::Pulse, tr("Switch on"), "switchConnection", card);
    m_test = command(Icon::Check, tr("Test"), "testConnection", card);
    m_pull = command(Icon::Import, tr("Read now"), "pullConnection", card);
    m_signIn = command(Icon::Key, tr("Sign in…"), "signInConnection", card);
    m_change = command(Icon::Edit, tr("Change…"), "changeConnection", card);
    m_remove = command(Icon::Trash, tr("Remove…"), "removeConnection", card);
    m_new = command(Icon::Plus, tr("New connection…"), "newConnection", card);
    m_test->setHint(tr("Reach it and ask for what it is to do; nothing is changed there"));
    m_pull->setHint(tr("Users, sign-ins and risk, from where the last time ended"));
    m_signIn->setHint(tr("With a code that you enter in a browser"));
    for (auto *one : {m_switch, m_test, m_pull, m_signIn, m_change, m_remove})
        head->addWidget(one);
    head->addStretch();
    head->addWidget(m_new);
    column->addLayout(head);
    m_connectionModel = new models::CellModel({models::shortColumn(tr("Name"), 150, CellKind::Text),
                                               models::shortColumn(tr("Kind"), 170, CellKind::Text),
                                               models::shortColumn(tr("State"), 80, CellKind::Result),
                                               models::shortColumn(tr("Read last"), 110, CellKind::Time),
                                               models::shortColumn(tr("What is wrong"), 340, CellKind::Text)},
                                              this);
    m_connectionList = new QStackedWidget(card);
    m_connectionTable = widgets::shortList(m_theme, m_connectionModel, tr("Connections"));
    m_connectionTable->setObjectName(QStringLiteral("connectionTable"));
    m_noConnections = new widgets::EmptyState(m_theme);
    m_noConnections->set(
        Icon::Link, tr("Nothing is connected"),
        tr("What is decided here is recorded here and nowhere else. Connect the identity provider, and "
           "blocking, new passwords and the end of sessions are carried out there."),
        {});
    m_connectionList->addWidget(m_connectionTable);
    m_connectionList->addWidget(m_noConnections);
    column->addWidget(m_connectionList, 1);
    connect(m_connectionTable, &widgets::TableView::currentRowChanged, this,
            &ConnectionsSheet::refreshCommands);
    connect(m_connectionTable, &widgets::TableView::escaped, this, &ConnectionsSheet::goBack);
    connect(m_new, &widgets::CommandButton::triggered, this, [this] { showForm(true); });
    connect(m_change, &widgets::CommandButton::triggered, this, [this] { showForm(false); });
    connect(m_remove, &widgets::CommandButton::triggered, this, &ConnectionsSheet::askRemove);
    const auto forCurrent = [this](widgets::CommandButton *of, auto signal) {
        connect(of, &widgets::CommandButton::triggered, this, [this, signal] {
            if (const auto *one = connection(); one != nullptr)
                Q_EMIT(this->*signal)(one->settings.name);
        });
    };
    forCurrent(m_test, &ConnectionsSheet::testAsked);
    forCurrent(m_pull, &ConnectionsSheet::pullAsked);
    forCurrent(m_signIn, &ConnectionsSheet::signInAsked);
    connect(m_switch, &widgets::CommandButton::triggered, this, [this] {
        if (const auto *one = connection(); one != nullptr)
            Q_EMIT switchAsked(one->settings.name, !one->on);
    });
    return card;
}

QWidget *ConnectionsSheet::makeRequests()
{
    auto *card = new widgets::Card(m_theme, this);
    auto *column = inCard(card);
    auto *head = line();
    m_retry = command(Icon::Refresh, tr("Send now"), "retryRequest", card);
    m_discard = command(Icon::Trash, tr("Give up"), "discardRequest", card);
    m_retry->setHint(tr("Tries it at once, also after it failed"));
    m_discard->setHint(tr("It is not sent any more"));
    head->addWidget(m_retry);
    head->addWidget(m_discard);
    head->addStretch();
    column->addLayout(head);
    m_requestModel = new models::CellModel({models::shortColumn(tr("Request"), 130, CellKind::Text),
                                            models::shortColumn(tr("User"), 190, CellKind::Text),
                                            models::shortColumn(tr("Connection"), 120, CellKind::Text),
                                            models::shortColumn(tr("State"), 90, CellKind::Result),
                                            models::shortColumn(tr("When"), 100, CellKind::Time),
                                            models::shortColumn(tr("What came of it"), 300, CellKind::Text)},
                                           this);
    m_requestList = new QStackedWidget(card);
    m_requestTable = widgets::shortList(m_theme, m_requestModel, tr("Requests"));
    m_requestTable->setObjectName(QStringLiteral("requestTable"));
    auto *none = new widgets::EmptyState(m_theme);
    none->set(Icon::Check, tr("No requests"),
              tr("What is decided for a connected directory waits here until it is done there."), {});
    m_requestList->addWidget(m_requestTable);
    m_requestList->addWidget(none);
    column->addWidget(m_requestList, 1);
    connect(m_requestTable, &widgets::TableView::currentRowChanged, this, [this] {
        refreshCommands();
        if (const auto *one = request(); one != nullptr) // in full, where the cell is cut
            tell(one->outcome.isEmpty() ? Tone::Neutral : one->tone, models::shown(one->outcome));
    });
    connect(m_requestTable, &widgets::TableView::escaped, this, &ConnectionsSheet::goBack);
    connect(m_retry, &widgets::CommandButton::triggered, this, [this] {
        if (const auto *one = request(); one != nullptr)
            Q_EMIT retryAsked(one->id);
    });
    connect(m_discard, &widgets::CommandButton::triggered, this, [this] {
        if (const auto *one = request(); one != nullptr)
            Q_EMIT discardAsked(one->id);
    });
    return card;
}

QWidget *ConnectionsSheet::makeForm(const QList<ConnectionKind> &kinds)
{
    auto *page = new QWidget(this);
    auto *whole = columnOf(page, 12);
    auto *card = new widgets::Card(m_theme, page);
    auto *column = inCard(card);
    whole->addWidget(card, 1);
    m_formTitle = new Label(m_theme, TextStyle::PaneTitle, Token::Text, {}, page);
    column->addWidget(m_formTitle);
    column->addSpacing(4);
    m_form = new ConnectionForm(m_theme, kinds, page);
    column->addWidget(m_form, 1);
    auto *foot = line();
    foot->addStretch();
    auto *cancel = button(tr("Cancel"), ButtonKind::Outlined, page);
    connect(cancel, &QPushButton::clicked, this, &ConnectionsSheet::goBack);
    foot->addWidget(cancel);
    m_save = button(tr("Save"), ButtonKind::Primary, page);
    m_save->setObjectName(QStringLiteral("saveConnection"));
    connect(m_save, &QPushButton::clicked, this, &ConnectionsSheet::submit);
    connect(m_form, &ConnectionForm::submitted, this, &ConnectionsSheet::submit);
    foot->addWidget(m_save);
    whole->addLayout(foot);
    return page;
}

QWidget *ConnectionsSheet::makePassphrase()
{
    auto *page = new QWidget(this);
    auto *whole = columnOf(page, 12);
    auto *card = new widgets::Card(m_theme, page);
    auto *column = inCard(card);
    whole->addWidget(card, 1);
    m_wordTitle = new Label(m_theme, TextStyle::PaneTitle, Token::Text, {}, page);
    column->addWidget(m_wordTitle);
    m_wordAbout = new Paragraph(m_theme, TextStyle::Body, Token::Text2, {}, page);
    column->addWidget(m_wordAbout);
    column->addSpacing(8);
    const auto field = [&](const QString &name, const char *id, QWidget *parent, QVBoxLayout *into) {
        into->addWidget(new Label(m_theme, TextStyle::Label, Token::Text2, name, parent));
        auto *edit = new QLineEdit(parent);
        edit->setObjectName(QLatin1String(id));
        edit->setAccessibleName(name);
        edit->setEchoMode(QLineEdit::Password);
        connect(edit, &QLineEdit::textEdited, this, [this] { sayAt(m_wordProblem, {}); });
        into->addWidget(edit);
        return edit;
    };
    m_word = field(tr("Passphrase"), "passphrase", page, column);
    m_againRow = new QWidget(page);
    auto *again = columnOf(m_againRow);
    m_again = field(tr("Once more"), "passphraseAgain", m_againRow, again);
    column->addWidget(m_againRow);
    m_wordProblem = problemLine(m_theme, page);
    m_wordProblem->setObjectName(QStringLiteral("passphraseProblem"));
    column->addWidget(m_wordProblem);
    column->addStretch();
    auto *foot = line();
    foot->addStretch();
    auto *cancel = button(tr("Cancel"), ButtonKind::Outlined, page);
    connect(cancel, &QPushButton::clicked, this, &ConnectionsSheet::goBack);
    foot->addWidget(cancel);
    auto *done = button(tr("Continue"), ButtonKind::Primary, page);
    done->setObjectName(QStringLiteral("givePassphrase"));
    connect(done, &QPushButton::clicked, this, &ConnectionsSheet::giveWord);
    foot->addWidget(done);
    whole->addLayout(foot);
    return page;
}

void ConnectionsSheet::setConnections(const QList<Connection> &connections)
{
    const auto *before = connection();
    const auto name = before != nullptr ? before->settings.name : QString();
    m_connections = connections;
    auto page = std::make_shared<models::CellPage>(m_connectionModel->columnCount());
    for (const auto &one : connections)
        page->add(
            one.settings.name,
            {models::textCell(models::shown(one.settings.name)), models::textCell(one.kindName),
             models::textCell(one.on ? tr("On") : tr("Off"))
                 .with(models::ToneRole, static_cast<int>(one.on ? Tone::Good : Tone::Neutral)),
             one.pulled ? models::timeCell(one.pulled) : models::Cell(one.tells ? tr("Never") : QString()),
             models::textCell(models::shown(one.failure))});
    m_connectionModel->setPage(std::move(page));
    int current = connections.isEmpty() ? -1 : 0;
    for (qsizetype row = 0; row < connections.size(); ++row)
        if (connections[row].settings.name == name)
            current = static_cast<int>(row);
    m_connectionTable->setCurrentRow(current);
    m_connectionList->setCurrentWidget(connections.isEmpty() ? static_cast<QWidget *>(m_noConnections)
                                                             : m_connectionTable);
    refreshCommands();
}

void ConnectionsSheet::setRequests(const QList<ProviderRequest> &requests)
{
    const auto *before = request();
    const auto id = before != nullptr ? before->id : QString();
    m_requests = requests;
    auto page = std::make_shared<models::CellPage>(m_requestModel->columnCount());
    qsizetype open = 0;
    int current = -1;
    for (const auto &one : requests) {
        if (one.id == id)
            current = static_cast<int>(page->size());
        open += one.open ? 1 : 0;
        page->add(one.id, {models::textCell(one.what), models::textCell(models::shown(one.user)),
                           models::textCell(models::shown(one.connection)),
                           models::textCell(one.state).with(models::ToneRole, static_cast<int>(one.tone)),
                           models::timeCell(one.at), models::textCell(models::shown(one.outcome))});
    }
    m_requestModel->setPage(std::move(page));
    if (current >= 0)
        m_requestTable->setCurrentRow(current);
    m_requestList->setCurrentIndex(requests.isEmpty() ? 1 : 0);
    m_which->setChoiceText(1, open == 0 ? tr("Requests") : tr("Requests (%1)").arg(open));
    refreshCommands();
}

void ConnectionsSheet::showRequests()
{
    m_which->setCurrent(1);
    m_lists->setCurrentIndex(1);
}

const Connection *ConnectionsSheet::connection() const
{
    const int row = m_connectionTable->currentRow();
    return row >= 0 && row < m_connections.size() ? &m_connections[row] : nullptr;
}

const ProviderRequest *ConnectionsSheet::request() const
{
    const int row = m_requestTable->currentRow();
    return row >= 0 && row < m_requests.size() ? &m_requests[row] : nullptr;
}

void ConnectionsSheet::refreshCommands()
{
    const auto *one = connection();
    const auto none = m_busy           ? tr("Something else is under way.")
                      : one == nullptr ? tr("Choose a connection first.")
                                       : QString();
    for (auto *of : {m_switch, m_test, m_change, m_remove, m_pull, m_signIn}) {
        of->setVisible(!m_connections.isEmpty());
        of->refuse(none);
    }
    m_signIn->setVisible(one != nullptr && one->signsIn);
    if (none.isEmpty() && !one->tells)
        m_pull->refuse(tr("Nothing can be read from it."));
    m_switch->setWord(one != nullptr && one->on ? tr("Switch off") : tr("Switch on"));
    m_new->refuse(m_busy ? tr("Something else is under way.") : QString());
    const auto *asked = request();
    const auto noRequest = asked == nullptr ? tr("Choose a request first.")
                           : !asked->open   ? tr("It is settled.")
                                            : QString();
    m_retry->refuse(noRequest);
    m_discard->refuse(noRequest);
}

void ConnectionsSheet::setSecretsPlace(const QString &sentence)
{
    m_place->setText(sentence);
}

void ConnectionsSheet::setBusy(const QString &what)
{
    if (m_busy && what.isEmpty())
        tell(Tone::Neutral, {});
    m_busy = !what.isEmpty();
    m_form->setBusy(m_busy);
    m_save->setEnabled(!m_busy);
    if (m_busy)
        tell(Tone::Neutral, what);
    refreshCommands();
}

void ConnectionsSheet::askRemove()
{
    const auto *one = connection();
    if (one == nullptr)
        return;
    widgets::confirmDanger(
        m_theme, this, m_remove, tr("Remove \"%1\"").arg(models::shown(one->settings.name)),
        tr("Its settings and secrets are forgotten. What was sent over it stays in the history."),
        tr("Remove"), [this, name = one->settings.name] { Q_EMIT removeAsked(name); });
}

void ConnectionsSheet::tell(Tone tone, const QString &text)
{
    m_said->tell(tone, text);
}

void ConnectionsSheet::showForm(bool isNew)
{
    const auto *one = connection();
    if (!isNew && one == nullptr)
        return;
    tell(Tone::Neutral, {});
    m_formIsNew = isNew;
    m_formTitle->setText(isNew ? tr("New connection")
                               : tr("Change \"%1\"").arg(models::shown(one->settings.name)));
    m_pages->setCurrentWidget(m_formPage);
    if (isNew)
        m_form->begin();
    else
        m_form->change(one->settings);
}

void ConnectionsSheet::submit()
{
    if (m_busy)
        return;
    const auto content = m_form->content();
    if (content.name.isEmpty()) {
        m_form->refuse(QStringLiteral("name"), tr("A connection needs a name."));
        return;
    }
    Q_EMIT saveAsked(content, m_formIsNew);
}

void ConnectionsSheet::saved(const QString &sentence)
{
    m_form->forgetSecrets();
    showMain();
    tell(Tone::Good, sentence);
}

void ConnectionsSheet::refuse(const QString &key, const QString &sentence)
{
    if (m_pages->currentWidget() == m_formPage)
        m_form->refuse(key, sentence);
    else
        tell(Tone::Bad, sentence);
}

void ConnectionsSheet::askPassphrase(bool isNew, const QString &problem)
{
    if (m_pages->currentWidget() != m_wordPage)
        m_before = m_pages->currentWidget();
    m_wordIsNew = isNew;
    m_wordTitle->setText(isNew ? tr("A passphrase for the secrets") : tr("The passphrase of the secrets"));
    m_wordAbout->setText(
        isNew
            ? tr("No keyring runs on this desktop, so the secrets of connections are kept in a sealed file "
                 "beside the "
                 "directory. Whoever has the passphrase opens it; nobody can bring it back when it is lost.")
            : tr("The secrets of connections are kept in a sealed file beside the directory. It stays open "
                 "until the "
                 "console is closed."));
    m_againRow->setVisible(isNew);
    m_word->clear();
    m_again->clear();
    sayAt(m_wordProblem, problem);
    m_pages->setCurrentWidget(m_wordPage);
    m_word->setFocus(Qt::OtherFocusReason);
}

void ConnectionsSheet::passphraseTaken()
{
    m_word->clear();
    m_again->clear();
    if (m_pages->currentWidget() == m_wordPage)
        m_pages->setCurrentWidget(m_before != nullptr ? m_before : m_main);
}

DeviceCodePage &ConnectionsSheet::showSignIn(const QString &name)
{
    tell(Tone::Neutral, {});
    m_pages->setCurrentWidget(m_signInPage);
    m_signInPage->begin(name);
    return *m_signInPage;
}

void ConnectionsSheet::signedIn(const QString &sentence)
{
    m_signInPage->forget();
    if (m_pages->currentWidget() == m_signInPage)
        showMain();
    tell(Tone::Good, sentence);
}

void ConnectionsSheet::giveWord()
{
    if (m_word->text().isEmpty()) {
        sayAt(m_wordProblem, tr("The passphrase is empty."));
        return;
    }
    if (m_wordIsNew && m_word->text() != m_again->text()) {
        sayAt(m_wordProblem, tr("The two passphrases differ."));
        m_again->setFocus(Qt::OtherFocusReason);
        return;
    }
    Q_EMIT passphraseGiven(m_word->text());
}

void ConnectionsSheet::showMain()
{
    m_pages->setCurrentWidget(m_main);
    if (m_connections.isEmpty())
        m_new->setFocus(Qt::OtherFocusReason);
    else
        m_connectionTable->setFocus(Qt::OtherFocusReason);
}

void ConnectionsSheet::goBack()
{
    if (m_pages->currentWidget() == m_wordPage) {
        passphraseTaken();
        Q_EMIT passphraseRefused();
    } else if (m_pages->currentWidget() == m_signInPage) {
        m_signInPage->forget();
        showMain();
        Q_EMIT signInLeft();
    } else if (m_pages->currentWidget() == m_formPage) {
        m_form->forgetSecrets();
        showMain();
    } else {
        close();
    }
}

void ConnectionsSheet::keyPressEvent(QKeyEvent *event)
{
    const bool taken = takeKey(
        *this, *event, [this] { goBack(); },
        [this] {
            if (m_pages->currentWidget() == m_wordPage)
                giveWord();
        });
    if (!taken)
        QDialog::keyPressEvent(event);
}

void ConnectionsSheet::closeEvent(QCloseEvent *event)
{
    if (m_pages->currentWidget() == m_signInPage)
        Q_EMIT signInLeft();
    QDialog::closeEvent(event);
}

} // namespace riskdesk::pages
