#include "app/console_connections.h"

#include "core/connect/oauth/device_set_up.h"
#include "core/connect/sealed_file.h"
#include "core/connections/audit_anchor.h"
#include "core/connections/connections.h"
#include "core/connections/open_connector.h"
#include "core/directory/directory.h"
#include "core/ledger/risk_writer.h"

#include "app/console_connection_words.h"
#include "app/keychain_store.h"
#include "ui/models/error_text.h"
#include "ui/models/format.h"

#include <QMetaObject>

#include <algorithm>
#include <utility>

namespace riskdesk {
namespace {

using action::ConnectorRow;
using connect::SealedFile;
using connect::SealKey;
using models::Tone;

constexpr int mostShownRequests = 500;

bool hasSealedFile(const std::filesystem::path &file)
{
    std::error_code ignored;
    return std::filesystem::exists(SealedFile::beside(file), ignored);
}

} // namespace

struct ConsoleConnections::Shown
{
    std::vector<ConnectorRow> connections;
    std::vector<action::OutboxRow> requests;
    std::int64_t waiting = 0, failed = 0;
    double pullSeconds = 300;
};

ConsoleConnections::ConsoleConnections(pages::Context &context, window::MainWindow &window)
    : m_context(context)
    , m_window(window)
    , m_signIn(context.clock)
{
    // Not at once: the answer is delivered after finished().
    connect(&m_worker, &jobs::Writer::finished, this, &ConsoleConnections::next, Qt::QueuedConnection);
    m_pullTimer.setInterval(5000);
    connect(&m_pullTimer, &QTimer::timeout, this, &ConsoleConnections::pullDue);
    connect(&m_signIn, &ConsoleDeviceCode::signedIn, this, [this](const QString &sentence) {
        if (m_sheet)
            m_sheet->signedIn(sentence);
        refresh();
    });
    m_anchorTimer.setInterval(60'000);
    connect(&m_anchorTimer, &QTimer::timeout, this, &ConsoleConnections::anchor);
}

ConsoleConnections::~ConsoleConnections()
{
    m_queue.clear();
    delete m_sheet;
    delete m_passwords;
}

void ConsoleConnections::queue(std::function<void()> job)
{
    m_queue.push_back(std::move(job));
    next();
}

void ConsoleConnections::next()
{
    if (m_worker.isBusy() || m_queue.empty())
        return;
    const auto job = std::move(m_queue.front());
    m_queue.pop_front();
    job();
}

void ConsoleConnections::opened()
{
    delete m_sheet; // it is of the other directory
    close({});
    m_file = m_context.file;
    m_lock = Lock::Unknown;
    m_secrets.reset();
    m_failures.clear();
    m_lastTry.clear();
    m_auditTold = false;
    refresh();
}

void ConsoleConnections::close(std::function<void()> then)
{
    m_signIn.cancel();
    m_pullTimer.stop();
    m_anchorTimer.stop();
    m_connections.clear();
    m_context.carriedOver.clear();
    m_context.carried = 0;
    showFact();
    // A request in hand is waited for on the worker's thread.
    auto courier = std::shared_ptr<run::Courier>(std::move(m_courier));
    m_courier.reset();
    if (!courier && !then)
        return;
    work(
        [courier = std::move(courier), inUse = m_signIn.inUse()](std::stop_token,
                                                                 const ProgressSink &) mutable {
            const std::lock_guard lock(*inUse); // the sign-in that was cancelled lets go of the file
            courier.reset();
            return 0;
        },
        [then = std::move(then)](int) {
            if (then)
                then();
        });
}

void ConsoleConnections::storeChanged()
{
    refresh();
}

void ConsoleConnections::wake()
{
    if (m_courier)
        m_courier->wake();
}

void ConsoleConnections::refresh()
{
    if (!m_context.readers)
        return;
    m_reading = m_context.readers->ask(
        this, m_reading,
        [withRequests = !m_sheet.isNull()](store::Connection &db, std::stop_token) -> Result<Shown> {
            Shown shown;
            auto connections = action::connectors(db);
            if (!connections)
                return tl::unexpected(connections.error());
            shown.connections = std::move(*connections);
            if (withRequests) {
                auto requests = action::outbox(db, false, mostShownRequests);
                if (!requests)
                    return tl::unexpected(requests.error());
                shown.requests = std::move(*requests);
            }
            store::Statement counts(
                db, "SELECT count(*) FILTER (WHERE state <= 2), count(*) FILTER (WHERE state = 4) "
                    "FROM outbox");
            if (!counts.step())
                return tl::unexpected(counts.error());
            shown.waiting = counts.int64(0);
            shown.failed = counts.int64(1);
            auto every = ledger::storedSetting(db, "connections.pullSeconds", shown.pullSeconds);
            if (!every)
                return tl::unexpected(every.error());
            shown.pullSeconds = *every;
            return shown;
        },
        [this](Result<Shown> shown) {
            if (shown)
                publish(*shown);
            else if (m_sheet)
                m_sheet->tell(Tone::Bad, models::errorText(shown.error()));
        });
}

void ConsoleConnections::publish(const Shown &shown)
{
    m_connections = shown.connections;
    m_context.carriedOver.clear();
    m_context.carried = 0;
    for (const auto &row : m_connections) { // one of those that change accounts is on at most
        if ((row.capabilities & action::accountChanges) == 0)
            continue;
        if (row.active)
            m_context.carried = row.capabilities;
        if (row.active || m_context.carriedOver.isEmpty())
            m_context.carriedOver = models::text(row.name);
    }
    m_waiting = shown.waiting;
    m_failed = shown.failed;
    m_pullSeconds = shown.pullSeconds;
    if (m_sheet) {
        QList<pages::Connection> connections;
        for (const auto &row : shown.connections) {
            pages::Connection one;
            const auto *kind = connect::findKind(row.kind);
            one.settings.kind = models::text(row.kind);
            one.settings.name = models::text(row.name);
            for (const auto &[key, value] : run::settingsOf(row))
                one.settings.settings[models::text(key)] = models::text(value);
            one.kindName = kind != nullptr ? models::text(kind->displayName) : models::text(row.kind);
            one.on = row.active;
            one.tells = tells(row);
            one.signsIn = kind != nullptr && connect::signsIn(*kind);
            one.pulled = row.pulledAt;
            one.failure = models::text(row.sentence);
            connections << one;
        }
        m_sheet->setConnections(connections);
        QList<pages::ProviderRequest> requests;
        for (const auto &row : shown.requests) {
            const auto [state, tone] = stateText(row.state);
            requests << pages::ProviderRequest{QString::number(row.id),
                                               operationText(row.operation),
                                               models::text(row.userPrincipalName),
                                               models::text(row.connectorName),
                                               state,
                                               tone,
                                               row.finishedAt ? row.finishedAt : std::optional(row.dueAt),
                                               models::text(row.sentence),
                                               isOnItsWay(row.state) || row.state == OutboxState::Failed};
        }
        m_sheet->setRequests(requests);
    }
    minding();
    showFact();
}

void ConsoleConnections::showFact()
{
    using Side = widgets::StatusBar::Side;
    auto &facts = m_window.facts();
    QString text, more;
    std::optional<Tone> tone;
    const bool anyOn = std::ranges::any_of(m_connections, &ConnectorRow::active);
    if (anyOn && (m_lock == Lock::Sealed || m_lock == Lock::None)) {
        text = tr("Connections are locked");
        more = tr("What is decided waits until the passphrase of the secrets is given. Press to give it");
        tone = Tone::Notice;
    } else if (m_failed > 0 && anyOn) {
        text = tr("%Ln request(s) failed", nullptr, static_cast<int>(m_failed));
        more = tr("Press to see why");
        tone = Tone::Bad;
    } else if (m_waiting > 0 && anyOn && !m_heldBy.isEmpty()) {
        text = tr("%Ln request(s) held", nullptr, static_cast<int>(m_waiting));
        more = models::shown(m_heldBy) + u' ' + tr("Press to change the connection");
        tone = Tone::Bad;
    } else if (m_waiting > 0) {
        text = tr("%Ln request(s) on the way", nullptr, static_cast<int>(m_waiting));
        more = tr("To be done where the accounts live. Press to see them");
    } else if (anyOn) {
        text = tr("Connected");
        more = tr("Decisions are carried out where the accounts live. Press to see the connections");
    }
    facts.setFact(QStringLiteral("connections"), Side::Trailing, text, more, tone);
}

// Once the store of secrets is open, `then`. Silently: nobody is asked for a passphrase.
void ConsoleConnections::unlock(std::function<void()> then, bool silently)
{
    if (m_lock == Lock::Open) {
        then();
        return;
    }
    if (!silently)
        m_then = then;
    work(
        [file = m_file](std::stop_token,
                        const ProgressSink &) -> Result<std::shared_ptr<connect::LentSecrets::Shared>> {
            if (hasSealedFile(file))
                return nullptr; // with a passphrase
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            auto keyring = std::make_unique<KeychainStore>(models::text(directory->info().uuid));
            if (auto ok = keyring->available(); !ok)
                return tl::unexpected(ok.error());
            auto shared = std::make_shared<connect::LentSecrets::Shared>();
            shared->store = std::move(keyring);
            return shared;
        },
        [this, file = m_file, silently, then](Result<std::shared_ptr<connect::LentSecrets::Shared>> opened) {
            if (file != m_file)
                return;
            if (opened && *opened) {
                m_secrets = *opened;
                m_lock = Lock::Open;
                if (m_sheet)
                    m_sheet->setSecretsPlace(tr("Secrets are kept in the keyring of this desktop."));
                m_then = {};
                then();
                return;
            }
            if (!opened && opened.error().code != Code::NotFound) {
                m_lock = Lock::None; // a keyring that says no; a sealed file can be made
                showFact();
                if (m_sheet) {
                    m_sheet->setBusy({});
                    m_sheet->refuse({}, models::errorText(opened.error()));
                }
                return;
            }
            m_lock = opened ? Lock::Sealed : Lock::None;
            showFact();
            if (!silently && m_sheet) {
                m_sheet->setBusy({});
                m_sheet->askPassphrase(m_lock == Lock::None, {});
            }
        });
}

void ConsoleConnections::takePassphrase(const QString &passphrase)
{
    m_sheet->setBusy(tr("The secrets are being opened."));
    work(
        [file = m_file, text = passphrase.toStdString()](std::stop_token, const ProgressSink &) mutable
        -> Result<std::shared_ptr<connect::LentSecrets::Shared>> {
            const SealKey key{SealKey::Form::Passphrase, connect::Secret::taking(std::move(text))};
            auto sealed = hasSealedFile(file) ? SealedFile::open(SealedFile::beside(file), key)
                                              : SealedFile::make(SealedFile::beside(file), key);
            if (!sealed)
                return tl::unexpected(sealed.error());
            auto shared = std::make_shared<connect::LentSecrets::Shared>();
            shared->store = std::make_unique<SealedFile>(std::move(*sealed));
            return shared;
        },
        [this, file = m_file](Result<std::shared_ptr<connect::LentSecrets::Shared>> opened) {
            if (file != m_file || !m_sheet)
                return;
            m_sheet->setBusy({});
            if (!opened) {
                m_sheet->askPassphrase(m_lock == Lock::None, models::errorText(opened.error()));
                return;
            }
            m_secrets = std::move(*opened);
            m_lock = Lock::Open;
            m_sheet->setSecretsPlace(
                tr("Secrets are kept in a sealed file beside the directory; it is open."));
            m_sheet->passphraseTaken();
            showFact();
            minding();
            if (const auto then = std::exchange(m_then, {}))
                then();
        });
}

void ConsoleConnections::minding()
{
    const bool anyOn = std::ranges::any_of(m_connections, &ConnectorRow::active);
    if (!anyOn || !m_context.refusal.isEmpty()) {
        m_pullTimer.stop();
        if (m_courier)
            close({});
        return;
    }
    if (m_lock == Lock::Unknown) {
        m_lock = Lock::Sealed; // until it is known
        unlock([this] { minding(); }, true);
        return;
    }
    if (m_lock != Lock::Open)
        return;
    if (!m_anchorTimer.isActive()) {
        m_anchorTimer.start();
        anchor();
    }
    startCourier();
    if (std::ranges::any_of(m_connections, [](const auto &row) { return row.active && tells(row); })) {
        if (!m_pullTimer.isActive())
            m_pullTimer.start();
    } else {
        m_pullTimer.stop();
    }
}

void ConsoleConnections::startCourier()
{
    if (m_courier)
        return;
    run::CourierOptions options;
    options.holder = "riskdesk";
    options.settled = [this](const dispatch::Settled &settled) { // on the courier's thread
        const auto failure =
            settled.state == OutboxState::Failed ? models::text(settled.sentence) : QString();
        const auto password =
            settled.password != nullptr ? models::text(settled.password->reveal()) : QString();
        QMetaObject::invokeMethod(
            this,
            [this, user = models::text(settled.row.userPrincipalName), password, failure,
             connection = models::text(settled.row.connectorName),
             why = settled.held ? models::text(settled.sentence) : QString()] {
                tellHeld(connection, why);
                tellSettled(user, password, failure);
            },
            Qt::QueuedConnection);
    };
    options.trouble = [this](const Error &error) {
        QMetaObject::invokeMethod(
            this, [this, text = models::errorText(error)] { Q_EMIT failed(text, false); },
            Qt::QueuedConnection);
    };
    m_courier = std::make_unique<run::Courier>(
        m_file, m_context.clock,
        [shared = m_secrets]() -> Result<std::unique_ptr<connect::SecretStore>> {
            return std::make_unique<connect::LentSecrets>(shared);
        },
        std::move(options));
}

void ConsoleConnections::tellSettled(const QString &user, const QString &password, const QString &failure)
{
    if (!password.isEmpty()) {
        if (!m_passwords)
            m_passwords = new pages::PasswordsSheet(m_context.theme, &m_window);
        m_passwords->add(user, password);
        m_passwords->show();
        m_passwords->raise();
    }
    if (!failure.isEmpty())
        Q_EMIT failed(tr("%1: %2").arg(models::shown(user), models::shown(failure)), true);
    refresh();
}

void ConsoleConnections::tellHeld(const QString &connection, const QString &why)
{
    if (!why.isEmpty() && why != m_heldBy)
        Q_EMIT failed(tr("\"%1\" is refused; what is decided waits. %2")
                          .arg(models::shown(connection), models::shown(why)),
                      true);
    m_heldBy = why;
}

void ConsoleConnections::anchor()
{
    if (m_lock != Lock::Open || !m_context.refusal.isEmpty())
        return;
    work(
        [file = m_file, shared = m_secrets](std::stop_token, const ProgressSink &) -> Status {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            connect::LentSecrets store(shared);
            return run::moveAuditAnchor(directory->connection(), store);
        },
        [this, file = m_file](Status done) {
            if (file != m_file || done || m_auditTold)
                return;
            m_auditTold = true;
            Q_EMIT failed(models::errorText(done.error()), false);
        });
}

void ConsoleConnections::show()
{
    if (!m_context.readers)
        return;
    if (!m_sheet) {
        m_sheet =
            new pages::ConnectionsSheet(m_context.theme, m_context.directoryName, shownKinds(), &m_window);
        m_sheet->setAttribute(Qt::WA_DeleteOnClose);
        connect(m_sheet, &pages::ConnectionsSheet::saveAsked, this, &ConsoleConnections::save);
        connect(m_sheet, &pages::ConnectionsSheet::testAsked, this, &ConsoleConnections::test);
        connect(m_sheet, &pages::ConnectionsSheet::switchAsked, this, &ConsoleConnections::turn);
        connect(m_sheet, &pages::ConnectionsSheet::removeAsked, this, &ConsoleConnections::remove);
        connect(m_sheet, &pages::ConnectionsSheet::signInAsked, this, &ConsoleConnections::signIn);
        connect(m_sheet, &pages::ConnectionsSheet::signInLeft, &m_signIn, &ConsoleDeviceCode::cancel);
        connect(m_sheet, &pages::ConnectionsSheet::pullAsked, this,
                [this](const QString &name) { unlock([this, name] { pullNow(name, false); }, false); });
        connect(m_sheet, &pages::ConnectionsSheet::retryAsked, this,
                [this](const QString &id) { changeRequest(id, true); });
        connect(m_sheet, &pages::ConnectionsSheet::discardAsked, this,
                [this](const QString &id) { changeRequest(id, false); });
        connect(m_sheet, &pages::ConnectionsSheet::passphraseGiven, this,
                &ConsoleConnections::takePassphrase);
        connect(m_sheet, &pages::ConnectionsSheet::passphraseRefused, this, [this] { m_then = {}; });
        if (m_lock == Lock::Open)
            m_sheet->setSecretsPlace(
                m_secrets->store->place() == "keyring"
                    ? tr("Secrets are kept in the keyring of this desktop.")
                    : tr("Secrets are kept in a sealed file beside the directory; it is open."));
    }
    m_sheet->show();
    m_sheet->raise();
    m_sheet->activateWindow();
    refresh();
    const bool anyOn = std::ranges::any_of(m_connections, &ConnectorRow::active);
    if (anyOn && (m_lock == Lock::Sealed || m_lock == Lock::None))
        m_sheet->askPassphrase(m_lock == Lock::None, {});
}

void ConsoleConnections::showRequests()
{
    show();
    if (m_sheet)
        m_sheet->showRequests();
}

} // namespace riskdesk
