#include "core/connections/pull_run.h"

#include "core/action/operators.h"
#include "core/base/text.h"
#include "core/import/nameless_file.h"
#include "core/ingest/growing_log.h"
#include "core/query/json_object.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace riskdesk::run {
namespace {

using connect::Response;

// A page is not asked for without end: a provider that always has one more is broken.
constexpr std::uint64_t mostPages = 1'000'000;

// What one question brought, a record a line.
class Brought
{
public:
    explicit Brought(std::filesystem::path folder)
        : m_folder(std::move(folder))
    {}
    ~Brought() { clear(); }
    Brought(const Brought &) = delete;
    Brought &operator=(const Brought &) = delete;

    [[nodiscard]] Status add(std::string record)
    {
        if (m_file < 0) {
            auto made = namelessFile(m_folder);
            if (!made)
                return tl::unexpected(made.error());
            m_file = *made;
        }
        // Between JSON's tokens any blank is as good as another; within its texts there is no line end.
        std::ranges::replace_if(
            record, [](char c) { return c == '\n' || c == '\r'; }, ' ');
        record += '\n';
        m_size += record.size();
        ++m_records;
        m_waiting += record;
        return m_waiting.size() < std::size_t{1} << 20 ? Status() : write();
    }
    // Nothing where there is none.
    [[nodiscard]] Result<std::optional<ingest::LogPart>> part(std::string name)
    {
        if (m_records == 0)
            return std::nullopt;
        if (auto ok = write(); !ok)
            return tl::unexpected(ok.error());
        std::string head(std::min<std::uint64_t>(m_size, ingest::headBytes), '\0');
        if (pread(m_file, head.data(), head.size(), 0) != static_cast<ssize_t>(head.size()))
            return fail(Code::Io, m_folder.string(), "what was pulled cannot be read again");
        auto growth = ingest::growingLog(head, head.size() == m_size, std::nullopt);
        if (!growth)
            return tl::unexpected(growth.error());
        if (growth->kind != ingest::Growth::Kind::Pieces)
            return fail(Code::Unrecognised, std::move(name), "no records of a kind that is known here");
        ingest::LogPart part;
        part.descriptor = m_file;
        part.name = std::move(name);
        part.log = growth->log;
        part.begin = growth->log->begin;
        part.end = m_size;
        part.linesBefore = growth->log->lines;
        return part;
    }
    [[nodiscard]] std::uint64_t records() const { return m_records; }
    [[nodiscard]] std::uint64_t size() const { return m_size; } // bytes
    void clear()
    {
        if (m_file >= 0)
            close(m_file);
        m_file = -1;
        m_size = m_records = 0;
        m_waiting.clear();
    }

private:
    [[nodiscard]] Status write() { return append(m_file, std::exchange(m_waiting, {}), m_folder); }

    std::filesystem::path m_folder;
    int m_file = -1;
    std::uint64_t m_size = 0, m_records = 0;
    std::string m_waiting;
};

// As Graph writes a user.
std::string lineOf(const connect::ProviderUser &user)
{
    query::JsonObject json;
    if (!user.id.empty())
        json.text("id", user.id);
    json.text("userPrincipalName", user.userPrincipalName)
        .textOrNull("displayName", user.displayName)
        .textOrNull("mail", user.mail);
    if (user.enabled)
        json.flag("accountEnabled", *user.enabled);
    return json.done();
}

template <typename Write>
Status inTransaction(Directory &directory, const Write &write)
{
    auto transaction = store::Transaction::begin(directory.connection());
    if (!transaction)
        return tl::unexpected(transaction.error());
    if (auto ok = write(directory.connection()); !ok)
        return ok;
    return transaction->commit();
}

// Of two imports one after the other.
ImportSummary together(const ImportSummary &first, ImportSummary then)
{
    for (const auto number :
         {&ImportSummary::read, &ImportSummary::stored, &ImportSummary::signIns, &ImportSummary::duplicates,
          &ImportSummary::notSignIns, &ImportSummary::rejected, &ImportSummary::warnings,
          &ImportSummary::undecidedDates, &ImportSummary::detections, &ImportSummary::withdrawn,
          &ImportSummary::silenced})
        then.*number += first.*number;
    then.seconds += first.seconds;
    for (const auto &notice : first.notices)
        if (std::ranges::find(then.notices, notice) == then.notices.end())
            then.notices.push_back(notice);
    return then;
}

// How one question ended, after all that waiting could mend.
enum class Answer : std::uint8_t {
    Told,
    RefusesThis, // this feed, and nothing else
    RefusesAll,
    NotNow,
    Stopped
};

class Pull
{
public:
    Pull(Directory &directory, const action::ConnectorRow &row, connect::Connector &connector,
         const ImportOptions &importing, const Clock &clock, std::stop_token stop,
         const ProgressSink &progress, const PullOptions &options)
        : m_directory(directory)
        , m_row(row)
        , m_connector(connector)
        , m_importing(importing)
        , m_clock(clock)
        , m_stop(std::move(stop))
        , m_progress(progress)
        , m_options(options)
        , m_users(folderOf(directory))
        , m_signIns(folderOf(directory))
        , m_risk(folderOf(directory))
    {}

    [[nodiscard]] Result<PullSummary> run()
    {
        m_connector.setStop(m_stop);
        bool anyTold = false, notNow = false;
        auto end = Answer::Told;
        for (const auto feed :
             {ProviderOperation::ListUsers, ProviderOperation::PullSignIns, ProviderOperation::PullRisk}) {
            if (!has(m_row.capabilities, feed))
                continue;
            const auto ended = feed == ProviderOperation::ListUsers ? askUsers()
                               : feed == ProviderOperation::PullSignIns
                                   ? askRecords(feed, m_row.signInCursor, m_signIns, m_signInCursor)
                                   : askRecords(feed, m_row.riskCursor, m_risk, m_riskCursor);
            if (!ended)
                return tl::unexpected(ended.error());
            anyTold |= *ended == Answer::Told;
            notNow |= *ended == Answer::NotNow;
            if (*ended == Answer::RefusesAll || *ended == Answer::Stopped) {
                end = *ended;
                break;
            }
        }
        // What was brought is kept, however it ended; a stop that met the import is not made to wait for it again.
        if (!m_importStopped)
            if (auto ok = handOver({}); !ok)
                return tl::unexpected(ok.error());
        m_summary.goesOn = notNow || end != Answer::Told;
        if (m_summary.goesOn && m_summary.records > 0)
            say(fmt::format("{} {} brought; the next pull goes on there.", m_summary.records,
                            m_summary.records == 1 ? "record was" : "records were"));
        m_summary.refused = m_said;
        const bool moved = m_summary.records > 0;
        if (end == Answer::Stopped && !moved)
            return fail(Code::Cancelled, m_row.name);
        if (end == Answer::RefusesAll || (notNow && !moved) || (!anyTold && !moved && !m_said.empty()))
            return fail(Code::Provider, m_row.name, m_said);
        return std::move(m_summary);
    }
    [[nodiscard]] bool stopped() const { return m_stop.stop_requested(); }

private:
    static std::filesystem::path folderOf(Directory &directory)
    {
        const auto file = directory.file();
        return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    }
    void say(const std::string &sentence)
    {
        if (m_said.find(sentence) == std::string::npos)
            m_said += (m_said.empty() ? "" : " ") + sentence;
    }
    // Asks until it is told or waiting mends it no more. To read changes nothing, so it may be asked again.
    template <typename Question>
    [[nodiscard]] Answer ask(const Question &question)
    {
        for (std::uint32_t tries = 1;; ++tries) {
            const Response response = question();
            if (m_stop.stop_requested())
                return Answer::Stopped;
            if (response.done())
                return Answer::Told;
            if (response.kind == Response::Kind::Refused) {
                say(response.sentence);
                return response.wholeConnector ? Answer::RefusesAll : Answer::RefusesThis;
            }
            const auto wait = response.wait.value_or(m_options.base * (1U << std::min(tries - 1, 16U)));
            if (tries >= m_options.tries || wait > m_options.longestWait) {
                say(response.sentence);
                return Answer::NotNow;
            }
            sleep(wait);
            if (m_stop.stop_requested())
                return Answer::Stopped;
        }
    }
    void sleep(Microseconds time)
    {
        if (m_options.sleep)
            return m_options.sleep(time);
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any never;
        never.wait_for(lock, m_stop, time, [] { return false; });
    }
    void tell() const
    {
        if (m_progress)
            m_progress({"pull",
                        m_summary.users + m_summary.records + m_users.records() + m_signIns.records() +
                            m_risk.records(),
                        0});
    }
    [[nodiscard]] Result<Answer> askUsers()
    {
        std::string next;
        for (std::uint64_t page = 0; page < mostPages; ++page) {
            std::vector<connect::ProviderUser> users;
            std::string following;
            const auto answer = ask([&] { return m_connector.listUsers(next, users, following); });
            if (answer != Answer::Told)
                return answer;
            for (const auto &user : users)
                if (auto ok = m_users.add(lineOf(user)); !ok)
                    return tl::unexpected(ok.error());
            tell();
            if (following.empty())
                return answer;
            next = std::move(following);
            if (auto stopped = handOverWhenFull(); !stopped || *stopped)
                return stopped ? Result<Answer>(Answer::Stopped) : tl::unexpected(stopped.error());
        }
        return endless();
    }
    [[nodiscard]] Result<Answer> askRecords(ProviderOperation what, std::string from, Brought &brought,
                                            std::optional<std::string> &cursor)
    {
        for (std::uint64_t number = 0; number < mostPages; ++number) {
            connect::PulledPage page;
            const auto answer = ask([&] { return m_connector.pull(what, from, page); });
            if (answer != Answer::Told)
                return answer;
            for (auto &record : page.records)
                if (auto ok = brought.add(std::move(record)); !ok)
                    return tl::unexpected(ok.error());
            tell();
            const bool last = page.next.empty();
            from = last ? std::move(page.cursor) : std::move(page.next);
            if (!from.empty())
                cursor = from;
            if (last)
                return answer;
            if (auto stopped = handOverWhenFull(); !stopped || *stopped)
                return stopped ? Result<Answer>(Answer::Stopped) : tl::unexpected(stopped.error());
        }
        return endless();
    }
    [[nodiscard]] Answer endless()
    {
        say("The provider has more pages than anybody could read.");
        return Answer::NotNow;
    }
    // Whether it was stopped meanwhile.
    [[nodiscard]] Result<bool> handOverWhenFull()
    {
        if (m_users.size() + m_signIns.size() + m_risk.size() < m_options.batchBytes)
            return false;
        if (auto ok = handOver(m_stop); !ok)
            return tl::unexpected(ok.error());
        return m_importStopped;
    }
    // Imports what was brought, and only then moves the cursors behind it.
    [[nodiscard]] Status handOver(std::stop_token stop)
    {
        ImportInput input;
        for (const auto &[brought, what] :
             {std::pair(&m_users, "users"), std::pair(&m_signIns, "sign-ins"), std::pair(&m_risk, "risk")}) {
            auto part = brought->part(m_row.name + ": " + what);
            if (!part)
                return tl::unexpected(part.error());
            if (*part)
                input.parts.push_back(std::move(**part));
        }
        if (!input.parts.empty()) {
            auto imported = importLogs(m_directory, input, m_importing, m_clock, std::move(stop), m_progress);
            if (!imported)
                return tl::unexpected(imported.error());
            m_importStopped = imported->cancelled;
            if (m_importStopped)
                return {};
            if (!imported->notRead.empty())
                return tl::unexpected(imported->notRead.front());
            m_summary.imported =
                m_summary.imported ? together(*m_summary.imported, *imported) : std::move(*imported);
        }
        m_summary.users += m_users.records();
        m_summary.records += m_signIns.records() + m_risk.records();
        for (auto *brought : {&m_users, &m_signIns, &m_risk})
            brought->clear();
        if (!m_signInCursor && !m_riskCursor)
            return {};
        return inTransaction(m_directory, [&](store::Connection &connection) {
            return pulledUntil(connection, m_row.id, std::exchange(m_signInCursor, {}),
                               std::exchange(m_riskCursor, {}));
        });
    }

    Directory &m_directory;
    const action::ConnectorRow &m_row;
    connect::Connector &m_connector;
    const ImportOptions &m_importing;
    const Clock &m_clock;
    std::stop_token m_stop;
    const ProgressSink &m_progress;
    const PullOptions &m_options;
    Brought m_users, m_signIns, m_risk;                      // and not yet handed over
    std::optional<std::string> m_signInCursor, m_riskCursor; // behind what was brought
    bool m_importStopped = false;
    std::string m_said;
    PullSummary m_summary; // of what was handed over
};

} // namespace

Result<PullSummary> pull(Directory &directory, const action::ConnectorRow &row, connect::Connector &connector,
                         const ImportOptions &options, const Clock &clock, std::stop_token stop,
                         const ProgressSink &progress, const PullOptions &how)
{
    if (auto ok = action::allowedNow(directory.connection(), options.who, Permission::Import); !ok)
        return tl::unexpected(ok.error());
    Pull pull(directory, row, connector, options, clock, std::move(stop), progress, how);
    auto summary = pull.run();
    // Neither a stop nor another import is a failure of the connection.
    if (summary ? summary->goesOn && pull.stopped()
                : summary.error().code == Code::Cancelled || summary.error().code == Code::StoreBusy)
        return summary;
    const Pulled what{clock.now(), summary ? summary->refused : sentence(summary.error()),
                      summary && !summary->goesOn};
    if (auto ok = inTransaction(
            directory, [&](store::Connection &connection) { return pulled(connection, row.id, what); });
        !ok)
        return tl::unexpected(ok.error());
    return summary;
}

} // namespace riskdesk::run
