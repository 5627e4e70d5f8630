#include "core/connections/pull_run.h"

#include "core/base/text.h"
#include "core/import/nameless_file.h"
#include "core/ingest/growing_log.h"
#include "core/query/json_object.h"

#include <unistd.h>

#include <algorithm>
#include <array>
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
    ~Brought()
    {
        if (m_file >= 0)
            close(m_file);
    }
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

class Pull
{
public:
    Pull(Directory &directory, const action::ConnectorRow &row, connect::Connector &connector,
         std::stop_token stop, const ProgressSink &progress)
        : m_row(row)
        , m_connector(connector)
        , m_stop(std::move(stop))
        , m_progress(progress)
        , m_users(folderOf(directory))
        , m_signIns(folderOf(directory))
        , m_risk(folderOf(directory))
    {}

    [[nodiscard]] Status ask()
    {
        m_connector.setStop(m_stop);
        bool anyTold = false;
        for (const auto feed :
             {ProviderOperation::ListUsers, ProviderOperation::PullSignIns, ProviderOperation::PullRisk}) {
            if (!has(m_row.capabilities, feed))
                continue;
            m_refusesThis = false;
            const auto ok = feed == ProviderOperation::ListUsers ? askUsers()
                            : feed == ProviderOperation::PullSignIns
                                ? askRecords(feed, m_row.signInCursor, m_signIns, m_signInCursor)
                                : askRecords(feed, m_row.riskCursor, m_risk, m_riskCursor);
            anyTold = anyTold || ok;
            if (ok)
                continue;
            if (!m_refusesThis)
                return ok;
            if (m_refused.find(ok.error().detail) == std::string::npos)
                m_refused += (m_refused.empty() ? "" : " ") + ok.error().detail;
        }
        return anyTold || m_refused.empty() ? Status() : fail(Code::Provider, m_row.name, m_refused);
    }
    // One feed needs a licence or permission that the others do not.
    [[nodiscard]] const std::string &refused() const { return m_refused; }
    [[nodiscard]] Result<ImportInput> input()
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
        return input;
    }
    [[nodiscard]] std::uint64_t users() const { return m_users.records(); }
    [[nodiscard]] std::uint64_t records() const { return m_signIns.records() + m_risk.records(); }
    [[nodiscard]] Pulled told(Timestamp at) const
    {
        return {at, m_signInCursor, m_riskCursor, m_refused, true};
    }

private:
    static std::filesystem::path folderOf(Directory &directory)
    {
        const auto file = directory.file();
        return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    }
    [[nodiscard]] Status provided(const Response &response)
    {
        if (m_stop.stop_requested())
            return fail(Code::Cancelled, m_row.name);
        m_refusesThis = response.kind == Response::Kind::Refused && !response.wholeConnector;
        return response.done() ? Status() : fail(Code::Provider, m_row.name, response.sentence);
    }
    void tell() const
    {
        if (m_progress)
            m_progress({"pull", users() + records(), 0});
    }
    [[nodiscard]] Status askUsers()
    {
        std::string next;
        for (std::uint64_t page = 0; page < mostPages; ++page) {
            std::vector<connect::ProviderUser> users;
            std::string following;
            if (auto ok = provided(m_connector.listUsers(next, users, following)); !ok)
                return ok;
            for (const auto &user : users)
                if (auto ok = m_users.add(lineOf(user)); !ok)
                    return ok;
            tell();
            if (following.empty())
                return {};
            next = std::move(following);
        }
        return endless();
    }
    [[nodiscard]] Status askRecords(ProviderOperation what, std::string from, Brought &brought,
                                    std::optional<std::string> &cursor)
    {
        for (std::uint64_t number = 0; number < mostPages; ++number) {
            connect::PulledPage page;
            if (auto ok = provided(m_connector.pull(what, from, page)); !ok)
                return ok;
            for (auto &record : page.records)
                if (auto ok = brought.add(std::move(record)); !ok)
                    return ok;
            tell();
            if (page.next.empty()) {
                if (!page.cursor.empty())
                    cursor = std::move(page.cursor);
                return {};
            }
            from = std::move(page.next);
        }
        return endless();
    }
    [[nodiscard]] Status endless() const
    {
        return fail(Code::Provider, m_row.name, "The provider has more pages than anybody could read.");
    }

    const action::ConnectorRow &m_row;
    connect::Connector &m_connector;
    std::stop_token m_stop;
    const ProgressSink &m_progress;
    Brought m_users, m_signIns, m_risk;
    std::optional<std::string> m_signInCursor, m_riskCursor;
    bool m_refusesThis = false; // the answer read last: this feed, and nothing else
    std::string m_refused;
};

Status writePulled(Directory &directory, std::int64_t connector, const Pulled &what)
{
    auto transaction = store::Transaction::begin(directory.connection());
    if (!transaction)
        return tl::unexpected(transaction.error());
    if (auto ok = pulled(directory.connection(), connector, what); !ok)
        return ok;
    return transaction->commit();
}

Result<PullSummary> pullAndImport(Pull &pull, Directory &directory, const ImportOptions &options,
                                  const Clock &clock, std::stop_token stop, const ProgressSink &progress)
{
    if (auto ok = pull.ask(); !ok)
        return tl::unexpected(ok.error());
    auto input = pull.input();
    if (!input)
        return tl::unexpected(input.error());
    PullSummary summary;
    summary.users = pull.users();
    summary.records = pull.records();
    summary.refused = pull.refused();
    if (input->parts.empty())
        return summary;
    auto imported = importLogs(directory, *input, options, clock, stop, progress);
    if (!imported)
        return tl::unexpected(imported.error());
    if (imported->cancelled)
        return fail(Code::Cancelled, "");
    if (!imported->notRead.empty())
        return tl::unexpected(imported->notRead.front());
    summary.imported = std::move(*imported);
    return summary;
}

} // namespace

Result<PullSummary> pull(Directory &directory, const action::ConnectorRow &row, connect::Connector &connector,
                         const ImportOptions &options, const Clock &clock, std::stop_token stop,
                         const ProgressSink &progress)
{
    Pull pull(directory, row, connector, stop, progress);
    auto summary = pullAndImport(pull, directory, options, clock, stop, progress);
    if (!summary && (summary.error().code == Code::Cancelled || summary.error().code == Code::StoreBusy))
        return summary; // no failure of the connection
    Pulled what;
    if (summary)
        what = pull.told(clock.now());
    else
        what = {clock.now(), {}, {}, sentence(summary.error()), false};
    if (auto ok = writePulled(directory, row.id, what); !ok)
        return tl::unexpected(ok.error());
    return summary;
}

} // namespace riskdesk::run
