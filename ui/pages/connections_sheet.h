// ConnectionsSheet: where the accounts of the directory really live, and what waits to be done there, in a window of
// its own beside the console's. It shows the values it is given and says what a person asks for; it knows no
// connector and no directory. GUI thread.
//
// One thing at a time: the lists (connections; requests), the form of a connection, the passphrase of the secrets, or
// a sign-in with a code. Esc goes back one step.
#pragma once

#include "core/base/clock.h"

#include "ui/models/roles.h"
#include "ui/pages/connection_form.h"

#include <QDialog>
#include <QList>

#include <optional>

class QLineEdit;
class QPushButton;
class QStackedWidget;

namespace riskdesk::models {
class CellModel;
}

namespace riskdesk::widgets {
class CommandButton;
class EmptyState;
class SegmentedControl;
class TableView;
} // namespace riskdesk::widgets

namespace riskdesk::pages {

class DeviceCodePage;
class SaidLine;

struct Connection
{
    ConnectionSettings settings; // without secrets
    QString kindName;            // "Microsoft Entra ID"
    bool on = false;
    bool tells = false;   // sign-ins or users can be read from it
    bool signsIn = false; // a person signs in to it with a code
    std::optional<Timestamp> pulled;
    QString failure; // a sentence; empty: none
};

struct ProviderRequest
{
    QString id, what, user, connection;
    QString state;                             // "Waits", "Done", "Failed"
    models::Tone tone = models::Tone::Neutral; // of the state
    std::optional<Timestamp> at;               // when it is due, or was settled
    QString outcome;                           // a sentence
    bool open = false;                         // can be tried at once or given up
};

class ConnectionsSheet : public QDialog
{
    Q_OBJECT
public:
    ConnectionsSheet(const theme::Theme &theme, const QString &directory, const QList<ConnectionKind> &kinds,
                     QWidget *parent = nullptr);

    void setConnections(const QList<Connection> &connections); // the current row stays
    void setRequests(const QList<ProviderRequest> &requests);
    void showRequests();
    // Where the secrets are kept, a sentence; empty: not known yet.
    void setSecretsPlace(const QString &sentence);
    // Something takes a moment: what it is. Empty: over.
    void setBusy(const QString &what);
    // The answer to saveAsked(): done, or why not, at the field of that key.
    void saved(const QString &sentence);
    void refuse(const QString &key, const QString &sentence);
    // The secrets lie in a sealed file: a new passphrase, or the one it has. `problem`: what was wrong with the last.
    void askPassphrase(bool isNew, const QString &problem);
    void passphraseTaken(); // back to where it was asked for
    // The page of a sign-in to that connection, in front; and back to the lists with a sentence.
    DeviceCodePage &showSignIn(const QString &name);
    void signedIn(const QString &sentence);
    // A line below the lists, announced once.
    void tell(models::Tone tone, const QString &text);

Q_SIGNALS:
    void saveAsked(const ConnectionSettings &settings, bool isNew);
    void testAsked(const QString &name);
    void switchAsked(const QString &name, bool on);
    void removeAsked(const QString &name);
    void pullAsked(const QString &name);
    void signInAsked(const QString &name);
    void signInLeft(); // the person went back, or closed the window
    void retryAsked(const QString &request);
    void discardAsked(const QString &request);
    void passphraseGiven(const QString &passphrase);
    void passphraseRefused(); // the person went back

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void closeEvent(QCloseEvent *event) override;

private:
    [[nodiscard]] QWidget *makeMain();
    [[nodiscard]] QWidget *makeConnections();
    [[nodiscard]] QWidget *makeRequests();
    [[nodiscard]] QWidget *makeForm(const QList<ConnectionKind> &kinds);
    [[nodiscard]] QWidget *makePassphrase();
    [[nodiscard]] widgets::CommandButton *command(theme::Icon icon, const QString &text, const char *name,
                                                  QWidget *parent);
    void goBack();
    void showMain();
    void showForm(bool isNew);
    void submit();
    void giveWord();
    void askRemove();
    void refreshCommands();
    [[nodiscard]] const Connection *connection() const;
    [[nodiscard]] const ProviderRequest *request() const;

    const theme::Theme &m_theme;
    QStackedWidget *m_pages;
    QWidget *m_main = nullptr, *m_formPage = nullptr, *m_wordPage = nullptr;
    DeviceCodePage *m_signInPage = nullptr;

    widgets::SegmentedControl *m_which = nullptr;
    QStackedWidget *m_lists = nullptr;
    QList<Connection> m_connections;
    models::CellModel *m_connectionModel = nullptr;
    QStackedWidget *m_connectionList = nullptr;
    widgets::TableView *m_connectionTable = nullptr;
    widgets::EmptyState *m_noConnections = nullptr;
    widgets::CommandButton *m_new = nullptr, *m_change = nullptr, *m_test = nullptr, *m_switch = nullptr,
                           *m_pull = nullptr, *m_remove = nullptr, *m_signIn = nullptr;
    QList<ProviderRequest> m_requests;
    models::CellModel *m_requestModel = nullptr;
    QStackedWidget *m_requestList = nullptr;
    widgets::TableView *m_requestTable = nullptr;
    widgets::CommandButton *m_retry = nullptr, *m_discard = nullptr;
    widgets::Label *m_place = nullptr;
    SaidLine *m_said = nullptr;

    ConnectionForm *m_form = nullptr;
    widgets::Label *m_formTitle = nullptr;
    QPushButton *m_save = nullptr;
    bool m_formIsNew = true;

    widgets::Label *m_wordTitle = nullptr, *m_wordProblem = nullptr;
    widgets::Paragraph *m_wordAbout = nullptr;
    QLineEdit *m_word = nullptr, *m_again = nullptr;
    QWidget *m_againRow = nullptr;
    bool m_wordIsNew = false;
    QWidget *m_before = nullptr; // the page that was shown when the passphrase was asked for
    bool m_busy = false;
};

} // namespace riskdesk::pages
