#include "app/ctl/export_sink.h"

#include "core/base/digest.h"
#include "core/base/open_files.h"
#include "core/connect/webhook/delivery.h"
#include "core/connect/webhook/signature.h"

#include "app/ctl/export_state.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <random>

namespace riskdesk::ctl {
namespace {

class StandardOutputSink final : public ExportSink
{
public:
    Result<Handed> hand(const ExportBatch &batch, const std::stop_token &) override
    {
        std::string lines;
        for (const auto &object : batch.objects)
            lines.append(object).push_back('\n');
        if (writeAll(STDOUT_FILENO, lines))
            return Handed::Taken;
        if (errno == EPIPE)
            return Handed::ReaderGone;
        return tl::unexpected(systemError("standard output"));
    }
    bool namesBatches() const override { return false; }
};

std::string shownWait(Microseconds time)
{
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    return milliseconds < 10'000 ? fmt::format("{:.1f} s", static_cast<double>(milliseconds) / 1000)
                                 : fmt::format("{} s", milliseconds / 1000);
}

class WebhookSink final : public ExportSink
{
public:
    WebhookSink(connect::Delivery::To &&to, const WebhookTarget &target, const Clock &clock)
        : m_type("riskdesk." + target.what)
        , m_filter(target.filter)
        , m_clock(clock)
        , m_random(std::random_device()())
        , m_delivery(std::move(to), clock,
                     {wait, [this] { return std::uniform_real_distribution<>()(m_random); }})
    {}

    Result<Handed> hand(const ExportBatch &batch, const std::stop_token &stop) override
    {
        if (batch.objects.empty())
            return Handed::Taken;
        std::string data = "[";
        for (const auto &object : batch.objects)
            data.append(data.size() > 1 ? "," : "").append(object);
        data += ']';
        using Kind = connect::Delivery::Outcome::Kind;
        const auto outcome =
            m_delivery.post(idOf(batch), connect::messageBody(m_type, m_clock.now(), data), stop);
        if (outcome.kind == Kind::Taken)
            return Handed::Taken;
        if (outcome.kind == Kind::Stopped)
            return Handed::Stopped;
        return fail(Code::Conflict, m_type,
                    fmt::format("{} Nothing behind the place {} was taken.", outcome.sentence,
                                placeText(batch.from)));
    }
    bool namesBatches() const override { return true; }

private:
    // The same for the same stretch of the feed, whoever sends it and when. Not of the whole tokens: what they
    // hold besides the place, of one that began anew, depends on when that was.
    [[nodiscard]] std::string idOf(const ExportBatch &batch) const
    {
        const auto &to = batch.next;
        const auto from = batch.from.value_or(query::ChangeToken());
        return "rd_" +
               toHex(blake2b128(fmt::format("{} {} {}.{} {}.{} {}", static_cast<int>(to.feed), to.directory,
                                            from.position, from.rows, to.position, to.rows, m_filter)));
    }
    static void wait(Microseconds time, const std::string &why, const std::stop_token &stop)
    {
        fmt::print(stderr, "riskdeskctl: {} Waiting {}.\n", why, shownWait(time));
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any never;
        never.wait_for(lock, stop, time, [] { return false; });
    }

    std::string m_type, m_filter;
    const Clock &m_clock;
    std::mt19937_64 m_random;
    connect::Delivery m_delivery;
};

Result<connect::Secret> secretIn(const std::string &path)
{
    if (auto ok = mayRead(path, "a file with the signing secret"); !ok)
        return tl::unexpected(ok.error());
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return errno == ENOENT ? fail(Code::NotFound, path) : tl::unexpected(systemError(path));
    constexpr std::size_t most = 4096;
    std::string text(most + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || (file.fail() && !file.eof())) {
        connect::wipe(text);
        return tl::unexpected(systemError(path));
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    const bool tooLong = text.size() > most;
    if (text.ends_with('\n'))
        text.pop_back();
    if (text.ends_with('\r'))
        text.pop_back();
    auto secret = connect::Secret::taking(std::move(text));
    if (secret.empty() || tooLong)
        return fail(Code::WrongUsage, path,
                    secret.empty()
                        ? fmt::format("The file \"{}\" is empty; it should hold the signing secret.", path)
                        : fmt::format("The file \"{}\" is too long to be a signing secret.", path));
    return secret;
}

} // namespace

std::unique_ptr<ExportSink> standardOutputSink()
{
    return std::make_unique<StandardOutputSink>();
}

Result<std::unique_ptr<ExportSink>> webhookSink(const WebhookTarget &target, const Clock &clock)
{
    auto address = connect::HttpsAddress::parse(target.url);
    if (!address)
        return fail(Code::WrongUsage, target.url, "a receiver's address begins with https://");
    if (!target.caFile.empty()) {
        if (auto ok = mayRead(target.caFile, "a certificate file"); !ok)
            return tl::unexpected(ok.error());
        if (::access(target.caFile.c_str(), R_OK) != 0)
            return tl::unexpected(systemError(target.caFile));
    }
    auto secret = secretIn(target.secretFile);
    if (!secret)
        return tl::unexpected(secret.error());
    return std::make_unique<WebhookSink>(
        connect::Delivery::To{std::move(*address), target.caFile, std::move(*secret)}, target, clock);
}

} // namespace riskdesk::ctl
