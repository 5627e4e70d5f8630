// What a person asks for in the sheet of the connections: set up, tried, switched, removed, read; a request sent at
// once or given up.
#include "core/connect/oauth/device_set_up.h"
#include "core/connections/connections.h"
#include "core/connections/open_connector.h"
#include "core/connections/pull_run.h"
#include "core/connections/sign_in.h"
#include "core/directory/directory.h"

#include "app/console_connection_words.h"
#include "app/console_connections.h"
#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/pages/acting.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace riskdesk {
namespace {

using action::ConnectorRow;
using models::Tone;

connect::Settings settingsFrom(const QMap<QString, QString> &texts)
{
    connect::Settings settings;
    for (auto it = texts.constBegin(); it != texts.constEnd(); ++it)
        settings.emplace(it.key().toStdString(), it.value().toStdString());
    return settings;
}

connect::Secrets secretsFrom(const QMap<QString, QString> &texts)
{
    connect::Secrets secrets;
    for (auto it = texts.constBegin(); it != texts.constEnd(); ++it)
        secrets.emplace(it.key().toStdString(), connect::Secret::taking(it.value().toStdString()));
    return secrets;
}

} // namespace

void ConsoleConnections::save(const pages::ConnectionSettings &settings, bool isNew)
{
    if (!m_context.refusal.isEmpty()) {
        m_sheet->refuse({}, m_context.refusal);
        return;
    }
    if (m_lock != Lock::Open) {
        unlock([this, settings, isNew] { save(settings, isNew); }, false);
        return;
    }
    m_sheet->setBusy(tr("The connection is being saved."));
    work(
        [file = m_file, as = m_context.signedIn, settings, isNew, shared = m_secrets,
         &clock = m_context.clock](std::stop_token, const ProgressSink &) -> Result<ConnectorRow> {
            connect::LentSecrets store(shared);
            return pages::changeAs(
                file, clock, as,
                [&](store::Connection &db, const action::Operator &who) -> Result<ConnectorRow> {
                    auto secrets = secretsFrom(settings.secrets);
                    Result<ConnectorRow> row;
                    if (isNew) {
                        row = run::addConnection(db, clock, who, settings.kind.toStdString(),
                                                 settings.name.toStdString(), settingsFrom(settings.settings),
                                                 secrets);
                    } else {
                        row = run::connectionNamed(db, settings.name.toStdString());
                        const auto *kind = row ? connect::findKind(row->kind) : nullptr;
                        if (kind == nullptr)
                            return row ? tl::unexpected(Error{Code::Unsupported, row->name, row->kind}) : row;
                        auto all = run::secretsOf(*row, *kind, &store);
                        if (!all)
                            return tl::unexpected(all.error());
                        for (auto &[key, secret] : secrets)
                            all->insert_or_assign(key, secret.copy());
                        row = run::changeConnection(db, clock, who, row->name,
                                                    settingsFrom(settings.settings), *all);
                    }
                    if (!row)
                        return row;
                    if (auto ok = run::keepSecrets(db, *row, secrets, store); !ok) {
                        if (isNew) {
                            static_cast<void>(run::forgetSecrets(*row, store));
                            static_cast<void>(run::removeConnection(db, clock, who, row->name));
                        }
                        return tl::unexpected(ok.error());
                    }
                    return row;
                });
        },
        [this, file = m_file, isNew](Result<ConnectorRow> row) {
            if (file != m_file || !m_sheet)
                return;
            m_sheet->setBusy({});
            if (!row) {
                const auto &error = row.error();
                const bool ofName = error.code == Code::Conflict || error.subject.empty();
                m_sheet->refuse(ofName ? QStringLiteral("name") : models::text(error.subject),
                                models::errorText(error));
                return;
            }
            wake(); // what a refused secret held goes on
            m_sheet->saved(
                isNew ? tr("\"%1\" is set up. Test it, then switch it on.").arg(models::shown(row->name))
                      : tr("\"%1\" is changed.").arg(models::shown(row->name)));
            refresh();
        });
}

void ConsoleConnections::test(const QString &name)
{
    if (m_lock != Lock::Open) {
        unlock([this, name] { test(name); }, false);
        return;
    }
    m_sheet->setBusy(tr("\"%1\" is being reached…").arg(models::shown(name)));
    work(
        [file = m_file, name = name.toStdString(), shared = m_secrets,
         &clock = m_context.clock](std::stop_token stop, const ProgressSink &) -> Result<connect::Response> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            const auto row = run::connectionNamed(directory->connection(), name);
            if (!row)
                return tl::unexpected(row.error());
            connect::LentSecrets store(shared);
            auto connector = run::openConnector(*row, &store, clock);
            if (!connector)
                return tl::unexpected(connector.error());
            (*connector)->setStop(stop);
            return (*connector)->test();
        },
        [this, file = m_file, name](Result<connect::Response> response) {
            if (file != m_file || !m_sheet)
                return;
            m_sheet->setBusy({});
            if (!response)
                m_sheet->tell(Tone::Bad, models::errorText(response.error()));
            else if (response->done())
                m_sheet->tell(Tone::Good, tr("\"%1\" works. %2")
                                              .arg(models::shown(name), models::text(response->sentence))
                                              .trimmed());
            else
                m_sheet->tell(Tone::Bad, models::text(response->sentence));
        });
}

void ConsoleConnections::turn(const QString &name, bool on)
{
    if (!m_context.refusal.isEmpty()) {
        m_sheet->tell(Tone::Bad, m_context.refusal);
        return;
    }
    work(
        [file = m_file, as = m_context.signedIn, name = name.toStdString(), on,
         &clock = m_context.clock](std::stop_token, const ProgressSink &) -> Result<ConnectorRow> {
            return pages::changeAs(file, clock, as, [&](store::Connection &db, const action::Operator &who) {
                return run::switchConnection(db, clock, who, name, on);
            });
        },
        [this, file = m_file, on](Result<ConnectorRow> row) {
            if (file != m_file || !m_sheet)
                return;
            if (!row)
                m_sheet->tell(Tone::Bad, models::errorText(row.error()));
            else
                m_sheet->tell(Tone::Good,
                              on ? tr("What is decided from now on is carried out over \"%1\".")
                                       .arg(models::shown(row->name))
                                 : tr("Nothing is sent over \"%1\" any more; what waits for it stays.")
                                       .arg(models::shown(row->name)));
            refresh();
        });
}

void ConsoleConnections::remove(const QString &name)
{
    if (m_lock != Lock::Open) {
        unlock([this, name] { remove(name); }, false);
        return;
    }
    work(
        [file = m_file, as = m_context.signedIn, name = name.toStdString(), shared = m_secrets,
         &clock = m_context.clock](std::stop_token, const ProgressSink &) -> Result<ConnectorRow> {
            connect::LentSecrets store(shared);
            return pages::changeAs(
                file, clock, as,
                [&](store::Connection &db, const action::Operator &who) -> Result<ConnectorRow> {
                    auto row = run::removeConnection(db, clock, who, name);
                    if (!row)
                        return row;
                    if (auto ok = run::forgetSecrets(*row, store); !ok)
                        return tl::unexpected(ok.error());
                    return row;
                });
        },
        [this, file = m_file](Result<ConnectorRow> row) {
            if (file != m_file || !m_sheet)
                return;
            if (row)
                m_sheet->tell(Tone::Good, tr("\"%1\" is removed.").arg(models::shown(row->name)));
            else
                m_sheet->tell(Tone::Bad, models::errorText(row.error()));
            refresh();
        });
}

// The refresh token is a secret of the connection like another; that it was given is in the audit log, as a change of
// the connection that changes no setting.
void ConsoleConnections::signIn(const QString &name)
{
    if (!m_context.refusal.isEmpty()) {
        m_sheet->tell(Tone::Bad, m_context.refusal);
        return;
    }
    if (m_lock != Lock::Open) {
        unlock([this, name] { signIn(name); }, false);
        return;
    }
    auto prepare = [file = m_file, as = m_context.signedIn, name = name.toStdString(), shared = m_secrets,
                    &clock = m_context.clock]() -> Result<connect::DeviceCode::SetUp> {
        connect::LentSecrets store(shared);
        return pages::changeAs(file, clock, as, [&](store::Connection &db, const action::Operator &who) {
            return run::signInSetUp(db, who, name, store);
        });
    };
    auto keep = [file = m_file, as = m_context.signedIn, name = name.toStdString(), shared = m_secrets,
                 &clock = m_context.clock](const connect::Secret &refreshToken) -> Status {
        connect::LentSecrets store(shared);
        return pages::changeAs(file, clock, as, [&](store::Connection &db, const action::Operator &who) {
            return run::keepSignIn(db, clock, who, name, store, refreshToken);
        });
    };
    m_signIn.start(name, m_sheet->showSignIn(name), std::move(prepare), std::move(keep));
}

void ConsoleConnections::changeRequest(const QString &id, bool retry)
{
    work(
        [file = m_file, as = m_context.signedIn, id = id.toLongLong(), retry,
         &clock = m_context.clock](std::stop_token, const ProgressSink &) -> Status {
            return pages::changeAs(file, clock, as,
                                   [&](store::Connection &db, const action::Operator &who) -> Status {
                                       return retry ? action::retryRow(db, clock, who, id)
                                                    : action::discardRow(db, clock, who, id);
                                   });
        },
        [this, file = m_file, retry](Status done) {
            if (file != m_file || !m_sheet)
                return;
            if (!done)
                m_sheet->tell(Tone::Bad, models::errorText(done.error()));
            else
                m_sheet->tell(Tone::Good, retry ? tr("It is sent now.") : tr("It is not sent any more."));
            wake();
            refresh();
        });
}

// Doubling from the usual time, at most an hour, while it fails.
void ConsoleConnections::pullDue()
{
    if (m_context.writer.isBusy())
        return;
    const auto now = m_context.clock.now().us / 1'000'000;
    for (const auto &row : m_connections) {
        const auto name = models::text(row.name);
        if (!row.active || !tells(row))
            continue;
        const double wait = std::min(3600.0, m_pullSeconds * std::exp2(std::min(10, m_failures.value(name))));
        const auto last =
            std::max<qint64>(m_lastTry.value(name), row.pulledAt ? row.pulledAt->us / 1'000'000 : 0);
        if (static_cast<double>(now - last) >= wait) {
            pullNow(name, true);
            return;
        }
    }
}

void ConsoleConnections::pullNow(const QString &name, bool byItself)
{
    if (!m_context.refusal.isEmpty()) {
        if (m_sheet)
            m_sheet->tell(Tone::Bad, m_context.refusal);
        return;
    }
    m_lastTry[name] = m_context.clock.now().us / 1'000'000;
    const bool started = m_context.writer.run(
        tr("Reading from %1").arg(models::shown(name)), this,
        [file = m_file, as = m_context.signedIn, name = name.toStdString(), shared = m_secrets,
         &clock = m_context.clock](std::stop_token stop,
                                   const ProgressSink &progress) -> Result<run::PullSummary> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            const auto who = pages::whoActs(directory->connection(), clock, as);
            if (!who)
                return tl::unexpected(who.error());
            if (auto ok = action::allowed(who->role, action::Permission::Import); !ok)
                return tl::unexpected(ok.error());
            const auto row = run::connectionNamed(directory->connection(), name);
            if (!row)
                return tl::unexpected(row.error());
            connect::LentSecrets store(shared);
            auto connector = run::openConnector(*row, &store, clock);
            if (!connector)
                return tl::unexpected(connector.error());
            run::ImportOptions options;
            options.who = *who;
            return run::pull(*directory, *row, **connector, options, clock, stop, progress);
        },
        [this, file = m_file, name, byItself](Result<run::PullSummary> done) {
            if (file != m_file)
                return;
            if (done)
                m_failures.remove(name);
            else if (done.error().code != Code::Cancelled && done.error().code != Code::StoreBusy)
                ++m_failures[name];
            if (m_sheet && !byItself) {
                if (!done)
                    m_sheet->tell(Tone::Bad, models::errorText(done.error()));
                else
                    m_sheet->tell(done->refused.empty() ? Tone::Good : Tone::Notice,
                                  ((done->imported ? tr("%Ln record(s) are new.", nullptr,
                                                        static_cast<int>(done->imported->stored))
                                                   : tr("It has nothing new to tell.")) +
                                   QLatin1Char(' ') + models::text(done->refused))
                                      .trimmed());
            } else if (!done && m_failures.value(name) == 1) { // said once, not every time
                Q_EMIT failed(tr("\"%1\" could not be read. %2")
                                  .arg(models::shown(name), models::errorText(done.error())),
                              false);
            }
            if (done && done->imported && done->imported->stored > 0)
                Q_EMIT pulled();
            refresh();
        });
    if (!started && m_sheet && !byItself)
        m_sheet->tell(Tone::Notice, tr("Wait until \"%1\" is done.").arg(m_context.writer.title()));
}

} // namespace riskdesk
