// ConsoleConnections: the connections of the open directory in the console: the sheet that sets them up, the courier
// that carries what waits to be done there, and the reading of what the provider has to tell, again and again.
//
// Secrets lie in the sealed file beside the directory where there is one, else in the keyring of the desktop where one
// runs, else in a sealed file that is made. A sealed file is opened with a passphrase, asked for when it is first
// needed; until then what waits stays, and the status bar says so. Everything that reads a disk, asks a keyring or a
// provider runs on a thread of its own, one after the other; an import for the other writer does not hold it up. GUI
// thread. What a person asks for in the sheet is in console_connection_asks.cpp.
#pragma once

#include "core/action/operators.h"
#include "core/connect/lent_secrets.h"
#include "core/connections/courier.h"

#include "app/console_device_code.h"
#include "ui/jobs/writer.h"
#include "ui/pages/connections_sheet.h"
#include "ui/pages/context.h"
#include "ui/pages/passwords_sheet.h"
#include "ui/window/main_window.h"

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QTimer>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace riskdesk {

class ConsoleConnections : public QObject
{
    Q_OBJECT
public:
    ConsoleConnections(pages::Context &context, window::MainWindow &window);
    ~ConsoleConnections() override;

    void opened();                          // another directory
    void close(std::function<void()> then); // nothing of ours has its file open any more
    void show();
    void showRequests();
    void storeChanged();
    void wake(); // something was decided here

Q_SIGNALS:
    // Something that nobody is watching went wrong: a sentence, and whether the requests show it.
    void failed(const QString &sentence, bool ofRequest);
    void pulled(); // something new was read

private:
    struct Shown; // what the sheet and the status bar tell, read at once
    // Sealed: a sealed file is there; None: neither that nor a keyring that opens.
    enum class Lock { Unknown, Open, Sealed, None };
    void queue(std::function<void()> job);
    void next();
    template <typename Work, typename Deliver>
    void work(Work work, Deliver deliver)
    {
        queue([this, work = std::move(work), deliver = std::move(deliver)]() mutable {
            m_worker.run({}, this, std::move(work), std::move(deliver));
        });
    }
    void refresh();
    void publish(const Shown &shown);
    void unlock(std::function<void()> then, bool maySilently);
    void takePassphrase(const QString &passphrase);
    void minding(); // starts or ends courier and reading, as the connections are
    void startCourier();
    void save(const pages::ConnectionSettings &settings, bool isNew);
    void test(const QString &name);
    void turn(const QString &name, bool on);
    void remove(const QString &name);
    void signIn(const QString &name);
    void changeRequest(const QString &id, bool retry);
    void pullNow(const QString &name, bool byItself);
    void pullDue();
    void tellSettled(const QString &user, const QString &password, const QString &failure);
    // A connection is refused, and all that waits for it with it: said once. Empty: something got through again.
    void tellHeld(const QString &connection, const QString &why);
    void showFact();
    void anchor(); // the audit log's newest record, outside of the file

    pages::Context &m_context;
    window::MainWindow &m_window;
    QPointer<pages::ConnectionsSheet> m_sheet;
    QPointer<pages::PasswordsSheet> m_passwords;
    std::vector<action::ConnectorRow> m_connections;
    std::int64_t m_waiting = 0, m_failed = 0; // requests
    QString m_heldBy;                         // why those that wait are held; empty: they are not
    double m_pullSeconds = 300;
    Lock m_lock = Lock::Unknown;
    std::shared_ptr<connect::LentSecrets::Shared> m_secrets;
    std::function<void()> m_then; // once they are open
    std::filesystem::path m_file; // the directory all this is of
    std::unique_ptr<run::Courier> m_courier;
    QTimer m_pullTimer, m_anchorTimer;
    bool m_auditTold = false;       // that it was changed
    QHash<QString, int> m_failures; // of reading, in a row
    QHash<QString, qint64> m_lastTry;
    jobs::Ticket m_reading;
    ConsoleDeviceCode m_signIn;
    std::deque<std::function<void()>> m_queue;
    jobs::Writer m_worker; // goes first, and waits for what it does
};

} // namespace riskdesk
