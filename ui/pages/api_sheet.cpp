#include "ui/pages/api_sheet.h"

#include "ui/models/cell_model.h"
#include "ui/models/format.h"
#include "ui/pages/sheet_parts.h"
#include "ui/widgets/controls/badges.h"
#include "ui/widgets/controls/basics.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/popover.h"
#include "ui/widgets/controls/segmented.h"
#include "ui/widgets/controls/switch.h"
#include "ui/widgets/table/table_view.h"

#include <QCheckBox>
#include <QClipboard>
#include <QFontDatabase>
#include <QGridLayout>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <memory>

namespace riskdesk::pages {
namespace {

using models::CellKind;
using models::Tone;
using theme::ButtonKind;
using theme::Icon;
using theme::TextStyle;
using theme::Token;
using widgets::Label;
using widgets::Paragraph;

// What a token may last, in days; nothing: until it is revoked.
constexpr std::array<std::optional<int>, 5> lifetimes{7, 30, 90, 365, std::nullopt};
constexpr int usualLifetime = 2;

constexpr int nameLimit = 64; // characters

models::Cell timeOrNever(const std::optional<Timestamp> &time)
{
    return time ? models::timeCell(time) : models::Cell(ApiSheet::tr("Never"));
}

// "User.Read.All +2"; the rest by tool tip.
models::Cell scopesCell(const QStringList &scopes)
{
    return models::textCell(scopes.value(0))
        .with(models::ChipRole, static_cast<int>(scopes.size() - 1))
        .with(Qt::ToolTipRole, models::plainTip(scopes.join(u'\n')))
        .with(Qt::AccessibleTextRole, scopes.join(QStringLiteral(", ")));
}

} // namespace

ApiSheet::ApiSheet(const theme::Theme &theme, const QString &directory, const QList<ApiScope> &scopes,
                   QWidget *parent)
    : QDialog(parent)
    , m_theme(theme)
    , m_pages(new QStackedWidget(this))
{
    setObjectName(QStringLiteral("apiSheet"));
    setWindowTitle(tr("API and tokens of %1").arg(directory));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->addWidget(m_pages);
    m_main = makeMain();
    m_form = makeForm(scopes);
    m_secretPage = makeSecret();
    for (auto *page : {m_main, m_form, m_secretPage})
        m_pages->addWidget(page);
    setMinimumSize(theme.scaled(760), theme.scaled(560));
    resize(theme.scaled(920), theme.scaled(620));
    setState({});
    setTokens({});
    m_switch->setFocus();
}

QWidget *ApiSheet::makeMain()
{
    auto *page = new QWidget(this);
    auto *column = columnOf(page, 12);
    column->addWidget(makeServing());
    auto *card = new widgets::Card(m_theme, page);
    auto *inside = inCard(card);
    auto *head = line();
    head->addWidget(new Label(m_theme, TextStyle::CardTitle, Token::Text, tr("Tokens"), card));
    head->addStretch();
    m_revoke = new widgets::CommandButton(m_theme, Icon::Trash, tr("Revoke…"), ButtonKind::Outlined, card);
    m_revoke->setObjectName(QStringLiteral("revokeToken"));
    m_new = new widgets::CommandButton(m_theme, Icon::Plus, tr("New token…"), ButtonKind::Outlined, card);
    m_new->setObjectName(QStringLiteral("newToken"));
    m_revoke->setHint(tr("The token of the chosen row opens nothing any more (Delete)"));
    connect(m_new, &widgets::CommandButton::triggered, this, &ApiSheet::showForm);
    connect(m_revoke, &widgets::CommandButton::triggered, this, &ApiSheet::askRevoke);
    head->addWidget(m_revoke);
    head->addWidget(m_new);
    inside->addLayout(head);
    m_model = new models::CellModel({models::shortColumn(tr("Name"), 130, CellKind::Text),
                                     models::shortColumn(tr("Scopes"), 300, CellKind::TextChip),
                                     models::shortColumn(tr("Created"), 90, CellKind::Time),
                                     models::shortColumn(tr("Expires"), 90, CellKind::Time),
                                     models::shortColumn(tr("Last used"), 90, CellKind::Time),
                                     models::shortColumn(tr("Standing"), 90, CellKind::Result)},
                                    this);
    m_list = new QStackedWidget(card);
    m_table = widgets::shortList(m_theme, m_model, tr("Tokens"));
    m_table->setObjectName(QStringLiteral("tokenTable"));
    m_empty = new widgets::EmptyState(m_theme);
    m_empty->set(Icon::Key, tr("No tokens yet"),
                 tr("A script shows one with every request. Make one for each script, so that each can be "
                    "revoked alone."),
                 {});
    m_list->addWidget(m_table);
    m_list->addWidget(m_empty);
    inside->addWidget(m_list, 1);
    connect(m_table, &widgets::TableView::currentRowChanged, this, &ApiSheet::showRevocable);
    connect(m_table, &widgets::TableView::escaped, this, &ApiSheet::goBack);
    auto *erase = new QShortcut(QKeySequence(Qt::Key_Delete), m_table);
    erase->setContext(Qt::WidgetShortcut);
    connect(erase, &QShortcut::activated, m_revoke, &QPushButton::click);
    column->addWidget(card, 1);
    auto *foot = line();
    m_said = new SaidLine(m_theme, page);
    foot->addWidget(m_said, 1);
    auto *close = button(tr("Close"), ButtonKind::Outlined, page);
    connect(close, &QPushButton::clicked, this, &QWidget::close);
    foot->addWidget(close);
    column->addLayout(foot);
    return page;
}

QWidget *ApiSheet::makeServing()
{
    auto *card = new widgets::Card(m_theme, this);
    auto *column = inCard(card);
    auto *row = line();
    m_switch = new widgets::Switch(m_theme, tr("Serve the API"), card);
    m_switch->setObjectName(QStringLiteral("serveSwitch"));
    row->addWidget(m_switch);
    row->addStretch();
    row->addWidget(new Label(m_theme, TextStyle::Label, Token::Text2, tr("Address"), card));
    m_address = new QLineEdit(card);
    m_address->setObjectName(QStringLiteral("apiAddress"));
    m_address->setAccessibleName(tr("Address and port"));
    m_address->setFixedWidth(m_theme.scaled(220));
    row->addWidget(m_address);
    column->addLayout(row);
    column->addWidget(new Paragraph(m_theme, TextStyle::Body, Token::Text2,
                                    tr("Scripts made for Microsoft Graph read and decide here, over HTTPS "
                                       "and with a token; the lists show it at once."),
                                    card));
    m_note = new widgets::MessageBar(m_theme, card);
    m_note->setObjectName(QStringLiteral("apiNote"));
    m_note->setMinimumHeight(m_theme.scaled(30));
    column->addWidget(m_note);
    m_facts = new QWidget(card);
    auto *grid = new QGridLayout(m_facts);
    grid->setContentsMargins(0, 4, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(0);
    grid->setColumnStretch(1, 1);
    int at = 0;
    const auto fact = [&](const QString &name, const char *id, const QString &copyName, const QString &said) {
        auto *value = new Label(m_theme, TextStyle::Body, Token::Text, {}, m_facts);
        value->setObjectName(QLatin1String(id));
        auto *copier = widgets::iconButton(m_theme, Icon::Copy, copyName, m_facts);
        copier->setObjectName(QLatin1String(id) + QStringLiteral("Copy"));
        connect(copier, &QPushButton::clicked, this, [this, value, said] { copy(value->text(), said); });
        grid->addWidget(new Label(m_theme, TextStyle::Secondary, Token::Text2, name, m_facts), at, 0);
        grid->addWidget(value, at, 1);
        grid->addWidget(copier, at++, 2);
        return value;
    };
    m_url = fact(tr("URL"), "apiUrl", tr("Copy the URL"), tr("The URL is in the clipboard."));
    m_certificate = fact(tr("Certificate"), "apiCertificate", tr("Copy the path of the certificate"),
                         tr("The path of the certificate is in the clipboard."));
    m_fingerprint = fact(tr("SHA-256"), "apiFingerprint", tr("Copy the fingerprint of the certificate"),
                         tr("The fingerprint is in the clipboard."));
    m_fingerprint->setStyle(TextStyle::Secondary); // 95 characters on one line
    column->addWidget(m_facts);
    connect(m_switch, &QAbstractButton::clicked, this,
            [this](bool on) { Q_EMIT switched(on, m_address->text().trimmed()); });
    connect(m_address, &QLineEdit::textEdited, this, [this](const QString &text) {
        m_state.problem.clear(); // it was of another address
        Q_EMIT addressEdited(text.trimmed());
        showNote();
    });
    return card;
}

QWidget *ApiSheet::makeForm(const QList<ApiScope> &scopes)
{
    auto *page = new QWidget(this);
    auto *whole = columnOf(page, 12);
    auto *card = new widgets::Card(m_theme, page);
    auto *column = inCard(card);
    whole->addWidget(card, 1);
    column->addWidget(new Label(m_theme, TextStyle::PaneTitle, Token::Text, tr("New token"), page));
    column->addSpacing(8);
    column->addWidget(new Label(m_theme, TextStyle::Label, Token::Text2, tr("Name"), page));
    m_name = new QLineEdit(page);
    m_name->setObjectName(QStringLiteral("tokenName"));
    m_name->setAccessibleName(tr("Name"));
    m_name->setPlaceholderText(tr("The script that uses it, such as siem or nightly-report"));
    m_name->setMaxLength(nameLimit);
    column->addWidget(m_name);
    m_nameProblem = problemLine(m_theme, page);
    m_nameProblem->setObjectName(QStringLiteral("nameProblem"));
    column->addWidget(m_nameProblem);
    column->addSpacing(8);
    column->addWidget(new Label(m_theme, TextStyle::Label, Token::Text2, tr("What it may do"), page));
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(16);
    grid->setVerticalSpacing(6);
    grid->setColumnStretch(1, 1);
    int at = 0;
    for (const auto &scope : scopes) {
        auto *box = new QCheckBox(scope.text, page);
        box->setAccessibleDescription(scope.meaning);
        connect(box, &QCheckBox::toggled, this, [this] { sayAt(m_scopeProblem, {}); });
        m_scopes << box;
        grid->addWidget(box, at, 0);
        grid->addWidget(new Label(m_theme, TextStyle::Secondary, Token::Text2, scope.meaning, page), at++, 1);
    }
    column->addLayout(grid);
    m_scopeProblem = problemLine(m_theme, page);
    m_scopeProblem->setObjectName(QStringLiteral("scopeProblem"));
    column->addWidget(m_scopeProblem);
    column->addSpacing(8);
    column->addWidget(new Label(m_theme, TextStyle::Label, Token::Text2, tr("Expires after"), page));
    QStringList words;
    for (const auto &days : lifetimes)
        words << (days ? tr("%Ln day(s)", nullptr, *days) : tr("Never"));
    m_days = new widgets::SegmentedControl(m_theme, tr("Expires after"), words, page);
    m_days->setObjectName(QStringLiteral("tokenDays"));
    column->addWidget(m_days);
    column->addStretch();
    m_formProblem = problemLine(m_theme, page);
    m_formProblem->setObjectName(QStringLiteral("formProblem"));
    column->addWidget(m_formProblem);
    auto *foot = line();
    foot->addStretch();
    auto *cancel = button(tr("Cancel"), ButtonKind::Outlined, page);
    connect(cancel, &QPushButton::clicked, this, &ApiSheet::goBack);
    foot->addWidget(cancel);
    auto *create = button(tr("Create token"), ButtonKind::Primary, page);
    connect(create, &QPushButton::clicked, this, &ApiSheet::submit);
    foot->addWidget(create);
    whole->addLayout(foot);
    connect(m_name, &QLineEdit::textEdited, this, [this] { sayAt(m_nameProblem, {}); });
    return page;
}

QWidget *ApiSheet::makeSecret()
{
    auto *page = new QWidget(this);
    auto *whole = columnOf(page, 12);
    auto *card = new widgets::Card(m_theme, page);
    auto *column = inCard(card);
    whole->addWidget(card, 1);
    m_secretTitle = new Label(m_theme, TextStyle::PaneTitle, Token::Text, {}, page);
    column->addWidget(m_secretTitle);
    column->addWidget(new Paragraph(m_theme, TextStyle::Body, Token::Text2,
                                    tr("Copy it now and keep it where the script finds it: it is not shown "
                                       "again. The directory keeps only a digest of it."),
                                    page));
    column->addSpacing(8);
    auto *row = line();
    m_secret = new QLineEdit(page);
    m_secret->setObjectName(QStringLiteral("tokenSecret"));
    m_secret->setAccessibleName(tr("Token"));
    m_secret->setReadOnly(true);
    m_secret->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    row->addWidget(m_secret, 1);
    m_copySecret = button(tr("Copy"), ButtonKind::Primary, page);
    m_copySecret->setObjectName(QStringLiteral("secretCopy"));
    m_copySecret->setAccessibleName(tr("Copy the token"));
    m_copySecret->setIcon(m_theme.icon(Icon::Copy, Token::OnAccent));
    connect(m_copySecret, &QPushButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(m_secret->text());
        m_secretCopied->setText(tr("The token is in the clipboard."));
        widgets::announce(m_secretCopied, m_secretCopied->text());
    });
    row->addWidget(m_copySecret);
    column->addLayout(row);
    m_secretCopied = new Label(m_theme, TextStyle::Secondary, Token::Ok, {}, page);
    column->addWidget(m_secretCopied);
    column->addSpacing(8);
    column->addWidget(
        new Paragraph(m_theme, TextStyle::Body, Token::Text2,
                      tr("The script sends it with every request in the header \"Authorization\", "
                         "behind the word \"Bearer\", and trusts the certificate."),
                      page));
    column->addStretch();
    auto *foot = line();
    foot->addStretch();
    auto *done = button(tr("Done"), ButtonKind::Outlined, page);
    connect(done, &QPushButton::clicked, this, &ApiSheet::goBack);
    foot->addWidget(done);
    whole->addLayout(foot);
    return page;
}

void ApiSheet::setAddress(const QString &listen)
{
    m_address->setText(listen);
}

void ApiSheet::setAddressNote(Tone tone, const QString &note)
{
    m_addressTone = tone;
    m_addressNote = note;
    showNote();
}

void ApiSheet::setState(const ApiState &state)
{
    using Phase = ApiState::Phase;
    m_state = state;
    m_switch->setChecked(state.phase == Phase::On || state.phase == Phase::Starting);
    // While it is switched the focus must stay where it is, so the switch itself is never disabled.
    m_address->setEnabled(state.phase == Phase::Off);
    m_address->setToolTip(state.phase == Phase::Off ? QString()
                                                    : tr("Switch the API off to change its address."));
    m_url->setText(state.url);
    m_certificate->setText(state.certificate);
    m_fingerprint->setText(state.fingerprint);
    m_facts->setVisible(state.phase == Phase::On);
    showNote();
    if (state.phase == Phase::Starting)
        tell(Tone::Neutral, tr("The API starts."));
    else if (state.phase == Phase::Stopping)
        tell(Tone::Neutral, tr("The API stops when what is being answered is answered."));
    else
        tell(Tone::Neutral, {});
}

// A failed start says more than what may be said of an address.
void ApiSheet::showNote()
{
    const bool failed = !m_state.problem.isEmpty();
    const auto &text = failed ? m_state.problem : m_addressNote;
    using Kind = widgets::MessageBar::Kind;
    if (text != m_note->text() || m_note->isHidden() != text.isEmpty())
        m_note->setMessage(failed || m_addressTone == Tone::Bad ? Kind::Error : Kind::Warning, text, {},
                           false);
}

void ApiSheet::setTokens(const QList<ApiToken> &tokens)
{
    const auto *before = current();
    const auto id = before != nullptr ? before->id : QString();
    m_tokens = tokens;
    auto page = std::make_shared<models::CellPage>(m_model->columnCount());
    for (const auto &token : tokens) {
        page->add(token.id,
                  {models::textCell(models::shown(token.name)), scopesCell(token.scopes),
                   models::timeCell(token.created), timeOrNever(token.expires), timeOrNever(token.lastUsed),
                   models::textCell(token.standing).with(models::ToneRole, static_cast<int>(token.tone))});
    }
    m_model->setPage(std::move(page));
    for (qsizetype row = 0; row < tokens.size(); ++row)
        if (!id.isEmpty() && tokens[row].id == id)
            m_table->setCurrentRow(static_cast<int>(row));
    m_list->setCurrentWidget(tokens.isEmpty() ? static_cast<QWidget *>(m_empty) : m_table);
    showRevocable();
}

const ApiToken *ApiSheet::current() const
{
    const int row = m_table->currentRow();
    return row >= 0 && row < m_tokens.size() ? &m_tokens[row] : nullptr;
}

void ApiSheet::showRevocable()
{
    const auto *token = current();
    m_revoke->setVisible(!m_tokens.isEmpty());
    m_revoke->refuse(token == nullptr    ? tr("Choose a token first.")
                     : !token->revocable ? tr("It is revoked already.")
                                         : QString());
}

void ApiSheet::askRevoke()
{
    const auto *token = current();
    if (token == nullptr || !token->revocable)
        return;
    widgets::confirmDanger(
        m_theme, this, m_revoke, tr("Revoke \"%1\"").arg(models::shown(token->name)),
        tr("Scripts that use it are refused from now on. This cannot be undone; they need a new token."),
        tr("Revoke"), [this, raw = token->name] { Q_EMIT revokeAsked(raw); });
}

void ApiSheet::tell(Tone tone, const QString &text)
{
    m_said->tell(tone, text);
}

void ApiSheet::copy(const QString &text, const QString &said)
{
    QGuiApplication::clipboard()->setText(text);
    tell(Tone::Good, said);
}

void ApiSheet::showForm()
{
    tell(Tone::Neutral, {});
    m_name->clear();
    for (auto *box : m_scopes)
        box->setChecked(false);
    m_days->setCurrent(usualLifetime);
    for (auto *problem : {m_nameProblem, m_scopeProblem, m_formProblem})
        sayAt(problem, {});
    m_pages->setCurrentWidget(m_form);
    m_name->setFocus(Qt::OtherFocusReason);
}

void ApiSheet::submit()
{
    for (auto *problem : {m_nameProblem, m_scopeProblem, m_formProblem})
        sayAt(problem, {});
    QStringList scopes;
    for (const auto *box : m_scopes)
        if (box->isChecked())
            scopes << box->text();
    if (scopes.isEmpty()) {
        sayAt(m_scopeProblem, tr("Tick what the token may do; without that it would open nothing."));
        m_scopes.first()->setFocus(Qt::OtherFocusReason);
        return;
    }
    Q_EMIT createAsked(m_name->text(), scopes, lifetimes[static_cast<std::size_t>(m_days->current())]);
}

void ApiSheet::refuseToken(Refused what, const QString &sentence)
{
    sayAt(what == Refused::Name ? m_nameProblem : m_formProblem, sentence);
    if (what == Refused::Name)
        m_name->setFocus(Qt::OtherFocusReason);
}

void ApiSheet::showSecret(const QString &name, const QString &secret)
{
    m_secretTitle->setText(tr("The token \"%1\" is made").arg(models::shown(name)));
    m_secret->setText(secret);
    m_secret->setCursorPosition(0);
    m_secretCopied->setText({});
    m_pages->setCurrentWidget(m_secretPage);
    m_copySecret->setFocus(Qt::OtherFocusReason);
}

void ApiSheet::showMain()
{
    m_secret->clear();
    m_pages->setCurrentWidget(m_main);
    m_new->setFocus(Qt::OtherFocusReason);
}

void ApiSheet::goBack()
{
    if (m_pages->currentWidget() == m_main)
        close();
    else
        showMain();
}

void ApiSheet::keyPressEvent(QKeyEvent *event)
{
    const bool taken = takeKey(
        *this, *event, [this] { goBack(); },
        [this] {
            if (m_pages->currentWidget() == m_form)
                submit();
            else if (m_pages->currentWidget() == m_secretPage)
                m_copySecret->click();
        });
    if (!taken)
        QDialog::keyPressEvent(event);
}

} // namespace riskdesk::pages
