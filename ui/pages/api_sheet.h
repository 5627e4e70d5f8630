// ApiSheet: the switch of the API and its tokens, in a window of its own beside the console's, so that what
// scripts do is seen there meanwhile. It shows the values it is given and says what a person asks for; it knows
// no server and no directory. GUI thread.
//
// One thing at a time: the switch with the list of tokens, the form of a new one, or its secret, which is in
// the sheet until it is left and nowhere else. Esc goes back one step.
#pragma once

#include "core/base/clock.h"

#include "ui/models/roles.h"
#include "ui/theme/theme.h"

#include <QDialog>
#include <QList>
#include <QString>
#include <QStringList>

#include <optional>

class QCheckBox;
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
class MessageBar;
class SegmentedControl;
class Switch;
class TableView;
} // namespace riskdesk::widgets

namespace riskdesk::pages {

class SaidLine;

struct ApiState
{
    enum class Phase { Off, Starting, On, Stopping };
    Phase phase = Phase::Off;
    QString problem;                       // why it is off although it was wanted: a sentence; empty: none
    QString url, certificate, fingerprint; // while it is on
};

struct ApiToken
{
    QString id; // of the row
    QString name;
    QStringList scopes;
    Timestamp created;
    std::optional<Timestamp> expires, lastUsed; // nothing: never
    QString standing;                           // "Valid"
    models::Tone tone = models::Tone::Neutral;  // of the standing
    bool revocable = false;
};

struct ApiScope
{
    QString text;    // "User.Read.All"
    QString meaning; // a sentence
};

class ApiSheet : public QDialog
{
    Q_OBJECT
public:
    ApiSheet(const theme::Theme &theme, const QString &directory, const QList<ApiScope> &scopes,
             QWidget *parent = nullptr);

    void setAddress(const QString &listen); // no signal
    // Beside the address, a sentence: what is wrong with it (Bad), or who reaches it (Notice). Empty: nothing.
    void setAddressNote(models::Tone tone, const QString &note);
    void setState(const ApiState &state);
    // The row of the moment stays where its token does.
    void setTokens(const QList<ApiToken> &tokens);
    // The answer to createAsked(): the secret, or why not, beside the name or for the whole form.
    void showSecret(const QString &name, const QString &secret);
    enum class Refused { Name, All };
    void refuseToken(Refused what, const QString &sentence);
    // A line below the tokens, announced once.
    void tell(models::Tone tone, const QString &text);

Q_SIGNALS:
    void switched(bool on, const QString &listen);
    void addressEdited(const QString &listen);
    // `days`: nothing: it does not expire.
    void createAsked(const QString &name, const QStringList &scopes, std::optional<int> days);
    void revokeAsked(const QString &name);

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    [[nodiscard]] QWidget *makeMain();
    [[nodiscard]] QWidget *makeServing();
    [[nodiscard]] QWidget *makeForm(const QList<ApiScope> &scopes);
    [[nodiscard]] QWidget *makeSecret();
    void goBack();
    void showMain();
    void showForm();
    void submit();
    void askRevoke();
    void showRevocable();
    void showNote();
    [[nodiscard]] const ApiToken *current() const;
    void copy(const QString &text, const QString &said);

    const theme::Theme &m_theme;
    QStackedWidget *m_pages;
    QWidget *m_main = nullptr, *m_form = nullptr, *m_secretPage = nullptr;

    widgets::Switch *m_switch = nullptr;
    QLineEdit *m_address = nullptr;
    widgets::MessageBar *m_note = nullptr;
    models::Tone m_addressTone = models::Tone::Neutral;
    QString m_addressNote;
    ApiState m_state;
    QWidget *m_facts = nullptr;
    widgets::Label *m_url = nullptr, *m_certificate = nullptr, *m_fingerprint = nullptr;

    QList<ApiToken> m_tokens;
    models::CellModel *m_model = nullptr;
    QStackedWidget *m_list = nullptr;
    widgets::TableView *m_table = nullptr;
    widgets::EmptyState *m_empty = nullptr;
    widgets::CommandButton *m_new = nullptr, *m_revoke = nullptr;
    SaidLine *m_said = nullptr;

    QLineEdit *m_name = nullptr;
    widgets::Label *m_nameProblem = nullptr, *m_scopeProblem = nullptr, *m_formProblem = nullptr;
    QList<QCheckBox *> m_scopes;
    widgets::SegmentedControl *m_days = nullptr;

    widgets::Label *m_secretTitle = nullptr;
    QLineEdit *m_secret = nullptr;
    QPushButton *m_copySecret = nullptr;
    widgets::Label *m_secretCopied = nullptr;
};

} // namespace riskdesk::pages
