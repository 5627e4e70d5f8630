// The command that hands everything on: what is there, and then what changes, one object a line or one signed
// message a batch.
//
// A batch is read in one look at the file, handed over as a whole, and only then becomes the place to go on from. So
// whoever is killed in between repeats that batch at most, and loses nothing.

#include "core/query/changes.h"
#include "core/query/filter/filter_text.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include "app/ctl/commands.h"
#include "app/ctl/export_feed.h"
#include "app/ctl/export_sink.h"
#include "app/ctl/export_state.h"
#include "app/ctl/interrupt.h"

#include <fmt/format.h>

#include <condition_variable>
#include <memory>
#include <mutex>

namespace riskdesk::ctl {
namespace {

using query::Feed;

struct ExportCommand
{
    std::string what; // detections, users, signins, history
    std::optional<std::string> since, state;
    std::string filter;
    std::optional<std::string> webhook;
    std::string secretFile, caFile;
    bool follow = false;
    double every = 2; // seconds
};

// From the token to the end of what is there, and on while it is followed.
class Exporter
{
public:
    Exporter(store::Connection &connection, ExportFeed &feed, ExportSink &sink,
             const std::optional<StateFile> &state, std::stop_token stop)
        : m_connection(connection)
        , m_feed(feed)
        , m_sink(sink)
        , m_state(state)
        , m_stop(std::move(stop))
    {}

    // `rows`: of the first batch, where one was under way before; 0: as many as a batch may have.
    int run(std::optional<query::ChangeToken> since, std::size_t rows, const ExportCommand &options)
    {
        m_token = std::move(since);
        m_rows = rows;
        const int code = toTheEnd(options);
        if (m_token)
            fmt::print(stderr, "--since {}\n", m_token->toText());
        return code;
    }

private:
    enum class Done { More, AtEnd, Over };

    int toTheEnd(const ExportCommand &options)
    {
        for (;;) {
            // Asked before reading: what is committed in between is then seen as a change.
            const auto version = this->version();
            if (!version)
                return report(version.error());
            for (;;) {
                const auto done = batch();
                if (!done)
                    return done.error().code == Code::Cancelled && m_stop.stop_requested()
                               ? 0
                               : report(done.error());
                if (*done == Done::Over)
                    return 0;
                if (m_stop.stop_requested() || *done == Done::AtEnd)
                    break;
            }
            if (!options.follow)
                return 0;
            for (auto now = version; *now == *version;) {
                wait(options.every);
                if (m_stop.stop_requested())
                    return 0;
                if (const auto there = m_connection.stillThere(); !there)
                    return report(there.error());
                now = this->version();
                if (!now)
                    return report(now.error());
            }
        }
    }

    // Changes with every commit of somebody else. Connection::dataVersion() is of the last transaction here and
    // does not look.
    Result<std::int64_t> version()
    {
        store::Statement row(m_connection, "PRAGMA data_version");
        if (!row.step())
            return tl::unexpected(row.error());
        return row.int64(0);
    }

    Result<Done> batch()
    {
        // Cut as before, the batch that was under way is the same message once more.
        const auto rows = std::exchange(m_rows, 0);
        // A slow reader must not hold back the file's log, so the look at it is over when this returns.
        const auto batch = m_feed.read(m_token, rows > 0 ? rows : ExportFeed::mostRows, m_stop);
        if (!batch)
            return tl::unexpected(batch.error());
        if (m_state && m_sink.namesBatches() && !batch->objects.empty())
            if (auto ok = m_state->write({placeText(m_token), batch->rows, batch->next.toText()}); !ok)
                return tl::unexpected(ok.error());
        const auto handed = m_sink.hand(*batch, m_stop);
        if (!handed)
            return tl::unexpected(handed.error());
        if (*handed != ExportSink::Handed::Taken)
            return Done::Over;
        const bool moved = m_token != batch->next;
        m_token = batch->next;
        if (m_state && moved)
            if (auto ok = m_state->write({m_token->toText(), 0, {}}); !ok)
                return tl::unexpected(ok.error());
        return batch->more ? Done::More : Done::AtEnd;
    }

    void wait(double seconds)
    {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any never;
        never.wait_for(lock, m_stop, std::chrono::duration<double>(seconds), [] { return false; });
    }

    store::Connection &m_connection;
    ExportFeed &m_feed;
    ExportSink &m_sink;
    const std::optional<StateFile> &m_state;
    std::stop_token m_stop;
    std::optional<query::ChangeToken> m_token;
    std::size_t m_rows = 0;
};

int exportChanges(const Common &common, const ExportCommand &options)
{
    const auto feed = feedOf(options.what);
    query::Filter filter;
    if (!options.filter.empty()) {
        if (feed == Feed::History)
            return report({Code::WrongUsage, "--filter", "history is told whole"});
        auto parsed = query::parseFilter(reportOf(feed), options.filter);
        if (!parsed)
            return report(parsed.error().toError());
        filter = std::move(*parsed);
    }
    auto sink = standardOutputSink();
    if (options.webhook) {
        auto made =
            webhookSink({*options.webhook, options.secretFile, options.caFile, options.what, options.filter},
                        common.clock);
        if (!made)
            return report(made.error());
        sink = std::move(*made);
    }
    std::optional<StateFile> state;
    auto from = options.since;
    std::size_t sending = 0;
    bool begins = false;
    if (options.state) {
        state.emplace(*options.state);
        const auto kept = state->read();
        if (!kept)
            return report(kept.error());
        if (*kept) {
            sending = (*kept)->sending;
            begins = (*kept)->token == StateFile::beginning;
            // Who was told the first batch has to hear what of it was removed since, so it is not begun anew.
            if (!begins || sending > 0)
                from = begins ? (*kept)->until : (*kept)->token;
        }
    }
    std::optional<query::ChangeToken> since;
    // An empty text is not a place either: to begin anew without a word would tell everything twice.
    if (from) {
        auto token = query::ChangeToken::fromText(*from, feed);
        if (!token) {
            if (state)
                token.error().subject = *options.state;
            return report(token.error());
        }
        since = *token;
        if (begins)
            since->position = since->rows = 0;
    }
    auto connection = store::openForReading(common.directory);
    // A directory of an older version is brought up to date by whoever first opens it for writing.
    if (!connection && connection.error().code == Code::Conflict)
        connection = store::openForWriting(common.directory);
    if (!connection)
        return report(connection.error());
    const StopOnInterrupt interrupt;
    ExportFeed rows(*connection, feed, std::move(filter), common.clock);
    return Exporter(*connection, rows, *sink, state, interrupt.token()).run(since, sending, options);
}

} // namespace

void addExport(CommandLine &line)
{
    const auto asked = std::make_shared<ExportCommand>();
    auto *command =
        line.add("export", "every row, and then what changes, as one JSON object a line or to a webhook",
                 [asked](const Common &common, Format) { return exportChanges(common, *asked); });
    command->add_option("what", asked->what, "of what")
        ->required()
        ->check(CLI::IsMember({"detections", "users", "signins", "history"}));
    command->add_flag("--follow", asked->follow, "go on with what changes, until Ctrl+C");
    auto *since = command->add_option("--since", asked->since,
                                      "go on behind the place that an earlier export told on standard error; "
                                      "without it from the beginning");
    command
        ->add_option("--state", asked->state,
                     "a file that keeps the place after each batch and begins there the next time")
        ->type_name("FILE")
        ->excludes(since);
    command->add_option("--filter", asked->filter,
                        "only rows that match while they are read: level:high country:vn; what is removed is "
                        "always told");
    command->add_option("--every", asked->every, "seconds between two looks for changes")
        ->check(CLI::Range(0.1, 86400.0));
    auto *webhook = command
                        ->add_option("--webhook", asked->webhook,
                                     "post each batch to this https address, signed, instead of printing it")
                        ->type_name("URL");
    auto *secret = command
                       ->add_option("--secret-file", asked->secretFile,
                                    "a file with the secret that the messages are signed with")
                       ->type_name("FILE")
                       ->needs(webhook);
    webhook->needs(secret);
    command
        ->add_option("--ca-file", asked->caFile,
                     "certificates to trust for --webhook, as PEM, instead of this machine's")
        ->type_name("FILE")
        ->needs(webhook);
    line.needs(command, action::Permission::Read);
    line.showsPeople(command);
    line.addJson(command, "one object a line, as without it");
}

} // namespace riskdesk::ctl
