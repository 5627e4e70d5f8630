#include "app/console_api.h"

#include "core/directory/directory.h"
#include "core/serve/access_tokens.h"
#include "core/serve/service.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/pages/acting.h"

#include <QSettings>
#include <QUrl>

#include <utility>

namespace riskdesk {
namespace {

using models::Tone;
using Phase = pages::ApiState::Phase;

QString standardAddress()
{
    return models::text(serve::ServiceSettings{}.listen);
}

QString standingWord(serve::TokenStanding standing)
{
    switch (standing) {
    case serve::TokenStanding::Good: return ConsoleApi::tr("Valid");
    case serve::TokenStanding::Expired: return ConsoleApi::tr("Expired");
    case serve::TokenStanding::Revoked: return ConsoleApi::tr("Revoked");
    case serve::TokenStanding::Unknown: break;
    }
    return {};
}

pages::ApiToken shownToken(const serve::AccessToken &token, Timestamp now)
{
    const auto standing = serve::standingOf(token, now);
    pages::ApiToken row;
    row.id = QString::number(token.id);
    row.name = models::text(token.name);
    row.scopes = models::text(token.scopes.toText()).split(u' ', Qt::SkipEmptyParts);
    row.created = token.createdAt;
    row.expires = token.expiresAt;
    row.lastUsed = token.lastUsedAt;
    row.standing = standingWord(standing);
    row.tone = standing == serve::TokenStanding::Good      ? Tone::Good
               : standing == serve::TokenStanding::Expired ? Tone::Notice
                                                           : Tone::Neutral;
    row.revocable = standing != serve::TokenStanding::Revoked;
    return row;
}

} // namespace

struct ConsoleApi::Held
{
    std::unique_ptr<serve::Service> service;
};

struct ConsoleApi::Facts
{
    std::string url, certificate, fingerprint;
    bool reachesOthers = false;
};

ConsoleApi::ConsoleApi(pages::Context &context, window::MainWindow &window)
    : m_context(context)
    , m_window(window)
    , m_held(std::make_shared<Held>())
{
    // Not at once: the answer is delivered after finished().
    connect(&m_worker, &jobs::Writer::finished, this, &ConsoleApi::next, Qt::QueuedConnection);
}

ConsoleApi::~ConsoleApi()
{
    m_queue.clear();
    delete m_sheet;
}

void ConsoleApi::queue(std::function<void()> job)
{
    m_queue.push_back(std::move(job));
    next();
}

void ConsoleApi::next()
{
    if (m_worker.isBusy() || m_queue.empty())
        return;
    const auto job = std::move(m_queue.front());
    m_queue.pop_front();
    job();
}

QString ConsoleApi::key(const char *name) const
{
    std::error_code ignored;
    const auto file = QString::fromStdString(std::filesystem::absolute(m_context.file, ignored).string());
    return QStringLiteral("api/%1/%2")
        .arg(QString::fromLatin1(QUrl::toPercentEncoding(file)), QLatin1String(name));
}

void ConsoleApi::remember(bool on, const QString &listen)
{
    m_context.settings->setValue(key("on"), on);
    m_context.settings->setValue(key("listen"), listen);
}

void ConsoleApi::opened()
{
    delete m_sheet; // its tokens are the other directory's
    close({});
    m_listen = m_context.settings->value(key("listen"), standardAddress()).toString();
    if (m_context.settings->value(key("on"), false).toBool())
        start(m_listen, true);
}

void ConsoleApi::close(std::function<void()> then)
{
    if (m_state.phase != Phase::Off) {
        stop(std::move(then));
        return;
    }
    // What was wanted before may still be under way.
    if (then)
        queue([this, then = std::move(then)] {
            m_worker.run(
                {}, this, [](std::stop_token, const ProgressSink &) { return 0; }, [then](int) { then(); });
        });
}

void ConsoleApi::start(const QString &listen, bool byItself)
{
    m_listen = listen;
    // What lies under the file's name may be another file now.
    if (!m_context.refusal.isEmpty()) {
        didNotStart(m_context.refusal, byItself);
        return;
    }
    publish({Phase::Starting, {}, {}, {}, {}});
    serve::ServiceSettings settings;
    settings.directory = m_context.file;
    settings.listen = listen.toStdString();
    settings.grace = grace;
    queue([this, settings, byItself, wish = ++m_wish] {
        m_worker.run(
            {}, this,
            [held = m_held, settings, &clock = m_context.clock](std::stop_token,
                                                                const ProgressSink &) -> Result<Facts> {
                auto service = serve::Service::start(settings, clock);
                if (!service)
                    return tl::unexpected(service.error());
                held->service = std::move(*service);
                const auto &of = *held->service;
                return Facts{of.url(), of.certificate().string(), of.fingerprint(), of.reachesOthers()};
            },
            [this, byItself, wish](Result<Facts> facts) {
                if (wish != m_wish)
                    return; // it is being stopped
                if (facts) {
                    m_reachesOthers = facts->reachesOthers;
                    publish({Phase::On,
                             {},
                             models::text(facts->url),
                             models::text(facts->certificate),
                             models::text(facts->fingerprint)});
                    return;
                }
                didNotStart(models::errorText(facts.error()), byItself);
            });
    });
}

void ConsoleApi::didNotStart(const QString &why, bool byItself)
{
    publish({Phase::Off, why, {}, {}, {}});
    if (!byItself) // a port that is taken this time need not be the next
        remember(false, m_listen);
    if (!m_sheet)
        Q_EMIT failed(why);
}

void ConsoleApi::stop(std::function<void()> then)
{
    publish({Phase::Stopping, {}, {}, {}, {}});
    queue([this, then = std::move(then), wish = ++m_wish] {
        m_worker.run(
            {}, this,
            [held = m_held](std::stop_token, const ProgressSink &) {
                if (held->service)
                    held->service->stop();
                held->service.reset();
                return 0;
            },
            [this, then, wish](int) {
                if (wish == m_wish)
                    publish({});
                if (then)
                    then();
            });
    });
}

void ConsoleApi::publish(const pages::ApiState &state)
{
    m_state = state;
    const bool on = state.phase == Phase::On;
    m_window.facts().setFact(
        QStringLiteral("api"), widgets::StatusBar::Side::Trailing, on ? tr("API on") : QString(),
        on ? tr("Scripts reach this directory at %1. Press to see the address and the tokens").arg(state.url)
           : QString(),
        on && m_reachesOthers ? std::optional(Tone::Notice) : std::nullopt);
    if (m_sheet)
        m_sheet->setState(state);
}

void ConsoleApi::noteAddress(const QString &listen)
{
    if (!m_sheet)
        return;
    const auto where = serve::listenAddress(listen.toStdString());
    if (!where)
        m_sheet->setAddressNote(Tone::Bad, models::errorText(where.error()));
    else
        m_sheet->setAddressNote(Tone::Notice,
                                where->isLoopback()
                                    ? QString()
                                    : tr("Other machines can reach this address. Whoever has a token reads "
                                         "what its scopes allow, from wherever they are."));
}

void ConsoleApi::show()
{
    if (!m_context.readers)
        return;
    if (!m_sheet) {
        QList<pages::ApiScope> scopes;
        for (const auto &entry : serve::scopeTable())
            scopes << pages::ApiScope{models::text(entry.text), models::text(entry.meaning)};
        m_sheet = new pages::ApiSheet(m_context.theme, m_context.directoryName, scopes, &m_window);
        m_sheet->setAttribute(Qt::WA_DeleteOnClose);
        m_sheet->setAddress(m_listen);
        m_sheet->setState(m_state);
        noteAddress(m_listen);
        connect(m_sheet, &pages::ApiSheet::switched, this, [this](bool on, const QString &listen) {
            remember(on, listen);
            if (on)
                start(listen, false);
            else
                stop();
        });
        connect(m_sheet, &pages::ApiSheet::addressEdited, this, &ConsoleApi::noteAddress);
        connect(m_sheet, &pages::ApiSheet::createAsked, this, &ConsoleApi::createToken);
        connect(m_sheet, &pages::ApiSheet::revokeAsked, this, &ConsoleApi::revokeToken);
    }
    m_sheet->show();
    m_sheet->raise();
    m_sheet->activateWindow();
    readTokens();
}

void ConsoleApi::storeChanged()
{
    if (m_sheet)
        readTokens();
}

void ConsoleApi::readTokens()
{
    m_reading = m_context.readers->ask(
        m_sheet, m_reading, [](store::Connection &db, std::stop_token) { return serve::accessTokens(db); },
        [this](Result<std::vector<serve::AccessToken>> tokens) {
            if (!m_sheet)
                return;
            if (!tokens) {
                m_sheet->tell(Tone::Bad, models::errorText(tokens.error()));
                return;
            }
            QList<pages::ApiToken> rows;
            for (const auto &token : *tokens)
                rows << shownToken(token, m_context.clock.now());
            m_sheet->setTokens(rows);
        });
}

void ConsoleApi::createToken(const QString &name, const QStringList &scopes, std::optional<int> days)
{
    if (!m_context.refusal.isEmpty()) {
        m_sheet->refuseToken(pages::ApiSheet::Refused::All, m_context.refusal);
        return;
    }
    if (std::exchange(m_changing, true))
        return; // Enter was pressed twice
    queue([this, file = m_context.file, name, scopes, days] {
        m_worker.run(
            {}, this,
            [file, as = m_context.signedIn, name = name.toStdString(),
             scopes = scopes.join(u' ').toStdString(), days,
             &clock = m_context.clock](std::stop_token, const ProgressSink &) -> Result<serve::NewToken> {
                const auto wanted = serve::Scopes::parse(scopes);
                if (!wanted)
                    return tl::unexpected(wanted.error());
                return pages::changeAs(file, clock, as,
                                       [&](store::Connection &db, const action::Operator &who) {
                                           return serve::createToken(db, clock, who, name, *wanted, days);
                                       });
            },
            [this, file](Result<serve::NewToken> made) {
                m_changing = false;
                if (file != m_context.file)
                    return;
                if (!m_sheet) // closed meanwhile; a secret that nobody saw would be lost
                    show();
                if (!made) {
                    using Refused = pages::ApiSheet::Refused;
                    const auto code = made.error().code;
                    m_sheet->refuseToken(code == Code::WrongUsage || code == Code::Conflict ? Refused::Name
                                                                                            : Refused::All,
                                         models::errorText(made.error()));
                    return;
                }
                m_sheet->showSecret(models::text(made->token.name), models::text(made->secret.reveal()));
                readTokens();
            });
    });
}

void ConsoleApi::revokeToken(const QString &name)
{
    if (!m_context.refusal.isEmpty()) {
        m_sheet->tell(Tone::Bad, m_context.refusal);
        return;
    }
    queue([this, file = m_context.file, name] {
        m_worker.run(
            {}, this,
            [file, as = m_context.signedIn, name = name.toStdString(),
             &clock = m_context.clock](std::stop_token, const ProgressSink &) -> Result<serve::AccessToken> {
                return pages::changeAs(file, clock, as,
                                       [&](store::Connection &db, const action::Operator &who) {
                                           return serve::revokeToken(db, clock, who, name);
                                       });
            },
            [this, name](Result<serve::AccessToken> revoked) {
                if (!m_sheet)
                    return;
                if (revoked)
                    m_sheet->tell(Tone::Good, tr("\"%1\" is revoked.").arg(models::shown(name)));
                else
                    m_sheet->tell(Tone::Bad, models::errorText(revoked.error()));
                readTokens();
            });
    });
}

} // namespace riskdesk
