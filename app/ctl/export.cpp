// The command that hands everything on: what is there, and then what changes, one object a line.
//
// A batch is read in one look at the file, written to standard output as a whole, and only then becomes the place to
// go on from. So whoever is killed in between repeats that batch at most, and loses nothing.

#include "core/base/open_files.h"
#include "core/query/changes.h"
#include "core/query/filter/filter_text.h"
#include "core/query/json_object.h"
#include "core/query/read_session.h"
#include "core/query/reading.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/query/spine.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/history.h"
#include "core/query/tables/risky_users.h"
#include "core/query/tables/sign_ins.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <map>
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
    bool follow = false;
    double every = 2; // seconds
};

constexpr std::size_t batchRows = 512;

Error systemError(const std::string &subject)
{
    const int number = errno;
    return {number == ENOSPC ? Code::DiskFull : Code::Io, subject, std::strerror(number)};
}

// Everything, or the reason in errno.
bool writeAll(int descriptor, std::string_view text)
{
    while (!text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// The token in a file of its own. Replaced as a whole, so that a power cut leaves the old one or the new one.
class StateFile
{
public:
    explicit StateFile(std::filesystem::path path)
        : m_path(std::move(path))
    {}

    // Nothing when there is no such file.
    [[nodiscard]] Result<std::optional<std::string>> read() const
    {
        if (auto ok = mayRead(m_path, "a file of its own for the place"); !ok)
            return tl::unexpected(ok.error());
        errno = 0;
        std::ifstream file(m_path);
        if (!file) {
            if (errno == ENOENT)
                return std::nullopt;
            return tl::unexpected(systemError(m_path.string()));
        }
        std::string line;
        std::getline(file, line);
        return line;
    }

    [[nodiscard]] Status write(const std::string &token) const
    {
        const auto beside = m_path.string() + ".new";
        const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (file < 0)
            return tl::unexpected(systemError(beside));
        const bool whole = writeAll(file, token + '\n') && ::fsync(file) == 0;
        const auto error = systemError(beside);
        ::close(file);
        if (!whole) {
            ::unlink(beside.c_str());
            return tl::unexpected(error);
        }
        if (::rename(beside.c_str(), m_path.c_str()) != 0)
            return tl::unexpected(systemError(m_path.string()));
        const auto parent = m_path.has_parent_path() ? m_path.parent_path() : std::filesystem::path(".");
        const int folder = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0)
            return tl::unexpected(systemError(parent.string()));
        const bool synced = ::fsync(folder) == 0 || errno == EINVAL; // some file systems do not know it
        const auto why = systemError(parent.string());
        ::close(folder);
        return synced ? Status() : tl::unexpected(why);
    }

private:
    std::filesystem::path m_path;
};

Feed feedOf(std::string_view what)
{
    return what == "detections" ? Feed::Detections
           : what == "users"    ? Feed::Users
           : what == "signins"  ? Feed::SignIns
                                : Feed::History;
}

query::Report reportOf(Feed feed)
{
    return feed == Feed::Detections ? query::Report::Detections
           : feed == Feed::Users    ? query::Report::RiskyUsers
                                    : query::Report::SignIns;
}

// Rows as Graph's objects, those that the filter finds.
class Objects
{
public:
    Objects(store::Connection &connection, Feed feed, query::Filter filter, const Clock &clock)
        : m_connection(connection)
        , m_feed(feed)
        , m_clock(clock)
    {
        m_question.report = reportOf(feed);
        m_question.filter = std::move(filter);
    }

    // Inside the Reading in which the changes were read.
    [[nodiscard]] Result<std::string> lines(const query::Changes &changes, const std::stop_token &stop)
    {
        const auto now = query::referenceNow(m_connection, m_clock.now());
        if (!now)
            return tl::unexpected(now.error());
        m_question.now = now->now;
        std::vector<std::int64_t> rows;
        for (const auto &change : changes.rows)
            if (!change.removed)
                rows.push_back(change.row);
        auto objects = m_feed == Feed::Detections ? detections(rows, stop)
                       : m_feed == Feed::Users    ? users(rows, stop)
                       : m_feed == Feed::SignIns  ? signIns(rows, stop)
                                                  : history(rows, stop);
        if (!objects)
            return tl::unexpected(objects.error());
        std::string out;
        for (const auto &change : changes.rows) {
            if (change.removed) {
                out += query::JsonObject()
                           .text("id", change.id)
                           .raw("@removed", query::JsonObject().text("reason", "deleted").done())
                           .done();
                out += '\n';
            } else if (const auto found = objects->find(change.row); found != objects->end()) {
                out += found->second;
                out += '\n';
            }
        }
        return out;
    }

private:
    using ByRow = std::map<std::int64_t, std::string>;

    Result<std::vector<std::int64_t>> matching(std::vector<std::int64_t> rows, const std::stop_token &stop)
    {
        if (m_question.filter.isEverything())
            return rows;
        return query::matchingRows(m_connection, m_question, rows, stop);
    }

    Result<ByRow> detections(std::vector<std::int64_t> rows, const std::stop_token &stop)
    {
        const auto wanted = matching(std::move(rows), stop);
        if (!wanted)
            return tl::unexpected(wanted.error());
        const auto read = query::readDetections(m_connection, *wanted, stop);
        if (!read)
            return tl::unexpected(read.error());
        ByRow out;
        for (const auto &row : *read)
            out[row.rowid] = query::json(query::riskDetectionColumns(), row);
        return out;
    }

    Result<ByRow> users(std::vector<std::int64_t> rows, const std::stop_token &stop)
    {
        const auto wanted = matching(std::move(rows), stop);
        if (!wanted)
            return tl::unexpected(wanted.error());
        const auto read = query::readRiskyUsers(m_connection, *wanted, stop);
        if (!read)
            return tl::unexpected(read.error());
        ByRow out;
        for (const auto &row : *read)
            out[row.id] = query::json(query::riskyUserColumns(), row);
        return out;
    }

    Result<ByRow> signIns(const std::vector<std::int64_t> &rows, const std::stop_token &stop)
    {
        if (rows.empty())
            return ByRow();
        if (!m_signIns)
            m_signIns = query::ReadSession::of(m_connection)->signIns();
        // What is stored stays as it is, so the answer holds until there is more.
        if (static_cast<std::uint64_t>(rows.back()) >= m_found.total) {
            auto found = m_signIns->ask(m_connection, m_question, stop);
            if (!found)
                return tl::unexpected(found.error());
            m_found = std::move(*found);
            std::sort(m_found.rows.begin(), m_found.rows.end());
        }
        std::vector<std::uint32_t> wanted;
        for (const auto row : rows)
            if (std::binary_search(m_found.rows.begin(), m_found.rows.end(), static_cast<std::uint32_t>(row)))
                wanted.push_back(static_cast<std::uint32_t>(row));
        const auto read = m_signIns->read(m_connection, m_found.generation, wanted, stop);
        if (!read)
            return tl::unexpected(read.error());
        ByRow out;
        for (const auto &item : *read)
            out[item.number] = query::json(query::signInColumns(), item);
        return out;
    }

    Result<ByRow> history(const std::vector<std::int64_t> &rows, const std::stop_token &stop)
    {
        const auto read = query::readHistory(m_connection, rows, stop);
        if (!read)
            return tl::unexpected(read.error());
        ByRow out;
        for (const auto &item : *read)
            out[item.event.id] = query::json(query::historyColumns(), item);
        return out;
    }

    store::Connection &m_connection;
    Feed m_feed;
    const Clock &m_clock;
    query::Question m_question;
    std::shared_ptr<query::SignIns> m_signIns;
    query::SignInSpine m_found; // by number
};

// From the token to the end of what is there, and on while it is followed.
class Exporter
{
public:
    Exporter(store::Connection &connection, Feed feed, Objects &objects,
             const std::optional<StateFile> &state, std::stop_token stop)
        : m_connection(connection)
        , m_feed(feed)
        , m_objects(objects)
        , m_state(state)
        , m_stop(std::move(stop))
    {}

    int run(std::optional<query::ChangeToken> since, const ExportCommand &options)
    {
        m_token = std::move(since);
        const int code = toTheEnd(options);
        if (m_token)
            fmt::print(stderr, "--since {}\n", m_token->toText());
        return code;
    }

private:
    enum class Done { More, AtEnd, ReaderGone };

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
                if (*done == Done::ReaderGone)
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
        auto reading = query::Reading::begin(m_connection, m_stop);
        if (!reading)
            return tl::unexpected(reading.error());
        const auto changes = query::readChanges(m_connection, m_feed, m_token, batchRows, m_stop);
        if (!changes)
            return tl::unexpected(changes.error());
        const auto lines = m_objects.lines(*changes, m_stop);
        if (!lines)
            return tl::unexpected(lines.error());
        {
            const auto over = std::move(*reading); // a slow reader must not hold back the file's log
        }
        if (!writeAll(STDOUT_FILENO, *lines)) {
            if (errno == EPIPE)
                return Done::ReaderGone;
            return tl::unexpected(systemError("standard output"));
        }
        const bool moved = m_token != changes->next;
        m_token = changes->next;
        if (m_state && moved)
            if (auto ok = m_state->write(m_token->toText()); !ok)
                return tl::unexpected(ok.error());
        return changes->more ? Done::More : Done::AtEnd;
    }

    void wait(double seconds)
    {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any never;
        never.wait_for(lock, m_stop, std::chrono::duration<double>(seconds), [] { return false; });
    }

    store::Connection &m_connection;
    Feed m_feed;
    Objects &m_objects;
    const std::optional<StateFile> &m_state;
    std::stop_token m_stop;
    std::optional<query::ChangeToken> m_token;
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
    std::optional<StateFile> state;
    auto from = options.since;
    if (options.state) {
        state.emplace(*options.state);
        auto kept = state->read();
        if (!kept)
            return report(kept.error());
        from = std::move(*kept);
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
    }
    auto connection = store::openForReading(common.directory);
    // A directory of an older version is brought up to date by whoever first opens it for writing.
    if (!connection && connection.error().code == Code::Conflict)
        connection = store::openForWriting(common.directory);
    if (!connection)
        return report(connection.error());
    const StopOnInterrupt interrupt;
    Objects objects(*connection, feed, std::move(filter), common.clock);
    return Exporter(*connection, feed, objects, state, interrupt.token()).run(since, options);
}

} // namespace

void addExport(CommandLine &line)
{
    const auto asked = std::make_shared<ExportCommand>();
    auto *command = line.add("export", "every row, and then what changes, as one JSON object a line",
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
    line.addJson(command, "one object a line, as without it");
}

} // namespace riskdesk::ctl
