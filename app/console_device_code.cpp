#include "app/console_device_code.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"

#include <optional>
#include <utility>

namespace riskdesk {

using connect::DeviceCode;
using models::Tone;

namespace {

constexpr int tickMilliseconds = 250;

QString whyItEnded(const connect::Response &response)
{
    if (response.code == "access_denied")
        return ConsoleDeviceCode::tr("The sign-in was declined in the browser.");
    if (response.code == "expired_token")
        return ConsoleDeviceCode::tr("The code expired before anybody signed in.");
    if (response.code == "invalid_client" || response.code == "unauthorized_client")
        return ConsoleDeviceCode::tr(
            "The provider refuses this client: check its id, and that it may sign in "
            "with a code.");
    return models::shown(response.sentence); // "login.example cannot be reached."
}

} // namespace

struct ConsoleDeviceCode::Sign
{
    std::optional<DeviceCode> code;
    DeviceCode::Shown shown;
    bool hasCode = false; // shown on the page
};

struct ConsoleDeviceCode::Polled
{
    DeviceCode::State state = DeviceCode::State::Pending;
    connect::Response response;
    std::string who; // signed in, if it is known
    Status kept;
};

ConsoleDeviceCode::ConsoleDeviceCode(const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
{
    m_timer.setInterval(tickMilliseconds);
    connect(&m_timer, &QTimer::timeout, this, &ConsoleDeviceCode::tick);
    // Not at once: the answer is delivered after finished().
    connect(
        &m_worker, &jobs::Writer::finished, this,
        [this] {
            if (std::exchange(m_waits, false) && m_sign)
                askForCode();
        },
        Qt::QueuedConnection);
}

ConsoleDeviceCode::~ConsoleDeviceCode() = default;

void ConsoleDeviceCode::start(const QString &connection, pages::DeviceCodePage &page, Prepare prepare,
                              Keep keep)
{
    cancel();
    m_connection = connection;
    m_page = &page;
    m_prepare = std::move(prepare);
    m_keep = std::move(keep);
    disconnect(&page, &pages::DeviceCodePage::anotherAsked, this, nullptr);
    connect(&page, &pages::DeviceCodePage::anotherAsked, this, &ConsoleDeviceCode::anew);
    anew();
}

void ConsoleDeviceCode::cancel()
{
    m_sign.reset();
    m_timer.stop();
    m_worker.cancel();
    m_waits = false;
}

void ConsoleDeviceCode::anew()
{
    cancel();
    if (!m_page)
        return;
    m_sign = std::make_shared<Sign>();
    m_page->begin(m_connection);
    m_troubled = false;
    m_waits = m_worker.isBusy();
    if (!m_waits)
        askForCode();
}

void ConsoleDeviceCode::askForCode()
{
    m_worker.run(
        {}, this,
        [sign = m_sign, prepare = m_prepare, inUse = m_inUse,
         &clock = m_clock](std::stop_token stop, const ProgressSink &) -> Result<connect::Response> {
            {
                const std::lock_guard lock(*inUse);
                if (stop.stop_requested())
                    return tl::unexpected(Error{Code::Cancelled, {}, {}});
                auto setUp = prepare();
                if (!setUp)
                    return tl::unexpected(setUp.error());
                sign->code.emplace(std::move(*setUp), clock);
            }
            return sign->code->start(stop, sign->shown);
        },
        [this, sign = m_sign](Result<connect::Response> answer) {
            if (sign != m_sign) // another one, or none, meanwhile
                return;
            if (!answer)
                return fail(models::errorText(answer.error()));
            if (!answer->done())
                return fail(whyItEnded(*answer));
            if (!m_page)
                return cancel();
            sign->hasCode = true;
            m_page->showCode(models::text(sign->shown.verificationUri), models::text(sign->shown.userCode));
            m_timer.start();
            tick();
        });
}

void ConsoleDeviceCode::tick()
{
    if (!m_sign || !m_sign->hasCode)
        return;
    if (!m_page)
        return cancel();
    const auto now = m_clock.now();
    m_page->setLeft(m_sign->shown.until - now);
    if (!m_worker.isBusy() && (now >= m_sign->shown.until || now >= m_sign->code->nextPoll()))
        poll();
}

void ConsoleDeviceCode::poll()
{
    m_worker.run(
        {}, this,
        [sign = m_sign, keep = m_keep, inUse = m_inUse](std::stop_token stop,
                                                        const ProgressSink &) -> Polled {
            auto answer = sign->code->poll(stop);
            Polled polled{answer.state, std::move(answer.response), std::move(answer.tokens.who), {}};
            if (polled.state != DeviceCode::State::Granted)
                return polled;
            if (answer.tokens.refresh.empty()) {
                polled.state = DeviceCode::State::Ended;
                polled.response = connect::Response::refused(
                    "noRefreshToken", "The provider lets nobody stay signed in: it gave no refresh token.");
                return polled;
            }
            const std::lock_guard lock(*inUse);
            if (!stop.stop_requested())
                polled.kept = keep(answer.tokens.refresh);
            return polled;
        },
        [this, sign = m_sign](const Polled &polled) {
            if (sign == m_sign)
                take(polled);
        });
}

void ConsoleDeviceCode::take(const Polled &polled)
{
    switch (polled.state) {
    case DeviceCode::State::Pending:
        if (!m_page)
            return;
        if (polled.response.kind ==
            connect::Response::Kind::RetryAfter) { // asked again by itself, less often
            m_troubled = true;
            m_page->note(Tone::Notice, models::shown(polled.response.sentence));
        } else if (std::exchange(m_troubled, false)) {
            m_page->wait();
        }
        return;
    case DeviceCode::State::Ended: return fail(whyItEnded(polled.response));
    case DeviceCode::State::Granted: break;
    }
    if (!polled.kept)
        return fail(models::errorText(polled.kept.error()));
    cancel();
    Q_EMIT signedIn(polled.who.empty() ? tr("You are signed in.")
                                       : tr("Signed in as %1.").arg(models::shown(polled.who)));
}

void ConsoleDeviceCode::fail(const QString &sentence)
{
    cancel();
    if (m_page)
        m_page->fail(sentence);
}

} // namespace riskdesk
