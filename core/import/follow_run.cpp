#include "core/import/follow_run.h"

#include "core/base/open_files.h"
#include "core/import/followed_file.h"
#include "core/ingest/recognise.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

namespace riskdesk::run {
namespace fs = std::filesystem;

struct FollowRun::State
{
    FollowedFiles files;
    FollowedFiles former; // what a named file was before it was moved away
    bool looked = false;  // once at least
    bool inputDone = false;
};

// One look, on a copy of the state that takes its place when all of it was imported.
class FollowRun::Look
{
public:
    Look(FollowRun &run, FollowLook &look)
        : m_run(run)
        , m_look(look)
        , m_state(*run.m_state)
    {}

    Status find();
    [[nodiscard]] const ImportInput &input() const { return m_input; }
    [[nodiscard]] bool isEmpty() const { return m_input.files.empty() && m_input.parts.empty(); }
    State &&done()
    {
        m_state.looked = true;
        return std::move(m_state);
    }

private:
    struct Present
    {
        std::string name;
        bool named = false;
        FileStamp stamp;
    };
    using Here = std::map<fs::path, Present>;

    Status present(Here &here);
    void add(Here &here, const fs::path &path, std::string name, bool named);
    void follow(const Here &here);
    void forget(const Here &here);
    Status visit(const fs::path &path, FollowedFile &file);
    Status recognise(const fs::path &path, FollowedFile &file, const std::shared_ptr<OpenLog> &open,
                     bool settled);
    // False when the file is not what it was up to its place.
    Result<bool> takeRecords(FollowedFile &file, const std::shared_ptr<OpenLog> &open);
    void say(const std::string &key, std::string sentence)
    {
        if (m_run.m_told.insert(key).second)
            m_look.said.push_back(std::move(sentence));
    }

    FollowRun &m_run;
    FollowLook &m_look;
    State m_state;
    ImportInput m_input;
    std::vector<std::shared_ptr<OpenLog>> m_open; // what the parts are read from
};

void FollowRun::Look::add(Here &here, const fs::path &path, std::string name, bool named)
{
    struct stat about
    {};
    if (::stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode))
        return;
    here.insert_or_assign(path, Present{std::move(name), named, FileStamp::of(about)});
}

Status FollowRun::Look::present(Here &here)
{
    std::error_code ignored;
    // Named ones last: a file that is also below a folder is a named one, under one and the same path.
    for (const auto &path : m_run.m_named)
        if (fs::is_directory(path, ignored)) {
            const auto folder = fs::absolute(path / "", ignored).lexically_normal().parent_path();
            const auto files = ingest::filesIn(folder);
            if (!files) {
                say(path.string(), sentence(files.error()));
                continue;
            }
            for (const auto &file : *files)
                add(here, file, file.lexically_relative(folder.parent_path()).string(), false);
        }
    for (const auto &path : m_run.m_named) {
        if (path == "-") {
            if (!std::exchange(m_state.inputDone, true)) {
                m_input.files.push_back(path);
                say("-", "Standard input cannot be followed; it is imported once.");
            }
        } else if (!fs::exists(path, ignored)) {
            say(path.string(), fmt::format("\"{}\" is not there; it is waited for.", path.string()));
        } else if (!fs::is_directory(path, ignored)) {
            m_run.m_told.erase(path.string());
            if (auto ok = mayRead(path, "a sign-in log"); !ok && !m_state.looked)
                return ok;
            add(here, fs::absolute(path, ignored).lexically_normal(), path.filename().string(), true);
        }
    }
    return {};
}

// Records of files that have another name now go there.
void FollowRun::Look::follow(const Here &here)
{
    FollowedFiles moved;
    for (auto at = m_state.files.begin(); at != m_state.files.end();) {
        const auto now = here.find(at->first);
        if (now != here.end() && now->second.stamp.sameFile(at->second.seen)) {
            ++at;
            continue;
        }
        const auto to = std::find_if(here.begin(), here.end(), [&](const auto &entry) {
            const auto known = m_state.files.find(entry.first);
            return entry.second.stamp.sameFile(at->second.seen) &&
                   (known == m_state.files.end() || !known->second.seen.sameFile(entry.second.stamp));
        });
        if (to == here.end()) {
            ++at;
            continue;
        }
        auto record = m_state.files.extract(at++);
        record.mapped().name = to->second.name;
        record.mapped().named = to->second.named;
        if (!to->second.named)
            record.mapped().open.reset();
        record.key() = to->first;
        moved.insert(std::move(record));
    }
    for (auto &[path, file] : moved) {
        if (const auto old = m_state.files.find(path); old != m_state.files.end() && old->second.open)
            m_state.former.insert_or_assign(path, old->second);
        m_state.files.insert_or_assign(path, std::move(file));
    }
}

// What is not in its place any more.
void FollowRun::Look::forget(const Here &here)
{
    std::erase_if(m_state.files, [&](auto &entry) {
        auto &[path, file] = entry;
        const auto now = here.find(path);
        if (now != here.end() && now->second.stamp.sameFile(file.seen))
            return false;
        if (now == here.end() && file.open) // its place is empty, and it may still be written to
            return false;
        if (file.open)
            m_state.former.insert_or_assign(path, file);
        return true;
    });
}

Status FollowRun::Look::find()
{
    Here here;
    if (auto ok = present(here); !ok)
        return ok;
    follow(here);
    forget(here);
    for (auto &[path, file] : m_state.former)
        if (file.kind == FollowedFile::Kind::Pieces)
            if (auto ok = takeRecords(file, file.open); !ok)
                return tl::unexpected(ok.error());
    for (const auto &[path, now] : here) {
        auto &file = m_state.files[path];
        file.name = now.name;
        file.named = now.named;
        const bool same = file.seen == now.stamp;
        if (same && !file.pending)
            continue;
        if (auto ok = visit(path, file); !ok)
            return ok;
    }
    // Those whose place is empty.
    for (auto &[path, file] : m_state.files)
        if (file.open && !here.contains(path) && file.kind == FollowedFile::Kind::Pieces)
            if (auto ok = takeRecords(file, file.open); !ok)
                return tl::unexpected(ok.error());
    return {};
}

Status FollowRun::Look::visit(const fs::path &path, FollowedFile &file)
{
    auto open = file.open;
    if (!open) {
        if (!mayRead(path, "a sign-in log")) { // the open directory may well lie among its logs
            file.kind = FollowedFile::Kind::Over;
            return {};
        }
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (descriptor < 0) {
            say(path.string(),
                fmt::format("\"{}\" cannot be read ({}).", path.string(), std::strerror(errno)));
            return {};
        }
        open = std::make_shared<OpenLog>(descriptor);
        if (file.named)
            file.open = open;
    }
    struct stat about
    {};
    if (::fstat(open->descriptor(), &about) != 0 || !S_ISREG(about.st_mode))
        return {};
    const auto now = FileStamp::of(about);
    const bool settled = !m_state.looked || file.seen == now;
    file.seen = now;
    file.pending = false;
    if (file.kind == FollowedFile::Kind::Over)
        return {};
    if (file.kind == FollowedFile::Kind::Pieces) {
        const auto same = takeRecords(file, open);
        if (!same)
            return tl::unexpected(same.error());
        if (*same)
            return {};
        file.kind = FollowedFile::Kind::New;
    }
    return recognise(path, file, open, settled);
}

Status FollowRun::Look::recognise(const fs::path &path, FollowedFile &file,
                                  const std::shared_ptr<OpenLog> &open, bool settled)
{
    using Kind = ingest::Growth::Kind;
    const auto head = open->bytes(0, ingest::headBytes);
    const bool whole = file.seen.size <= head.size();
    const auto growth = ingest::growingLog(head, whole, m_run.m_options.format);
    // Who is it, so that a sentence is said again of another file under its name.
    const auto key = fmt::format("{} {}", path.string(), file.seen.inode);
    if (!growth) {
        auto error = growth.error();
        error.subject = path.string();
        say(key, sentence(error));
        if (!whole)
            file.kind = FollowedFile::Kind::Over;
        return {};
    }
    switch (growth->kind) {
    case Kind::Early: return {};
    case Kind::Whole:
        if (!settled) {
            file.pending = m_look.again = true;
            return {};
        }
        m_input.files.push_back(path);
        file.kind = FollowedFile::Kind::Over;
        say(key,
            fmt::format("\"{}\" cannot be followed, as it is not one record a line; it is imported once.",
                        path.string()));
        return {};
    case Kind::Pieces: break;
    }
    file.begin(growth->log);
    const auto ok = takeRecords(file, open);
    return ok ? Status() : tl::unexpected(ok.error());
}

Result<bool> FollowRun::Look::takeRecords(FollowedFile &file, const std::shared_ptr<OpenLog> &open)
{
    const auto part = file.take(*open);
    if (!part)
        return tl::unexpected(part.error());
    if (!*part)
        return false;
    if ((*part)->end > (*part)->begin) {
        m_input.parts.push_back(**part);
        m_open.push_back(open);
    }
    return true;
}

FollowRun::FollowRun(Directory &directory, std::vector<std::filesystem::path> named, ImportOptions options,
                     const Clock &clock)
    : m_directory(directory)
    , m_named(std::move(named))
    , m_options(std::move(options))
    , m_clock(clock)
    , m_state(std::make_unique<State>())
{}

FollowRun::~FollowRun() = default;

Result<FollowLook> FollowRun::look(std::stop_token stop, const ProgressSink &progress)
{
    FollowLook result;
    Look look(*this, result);
    if (auto ok = look.find(); !ok)
        return tl::unexpected(ok.error());
    if (!look.isEmpty()) {
        auto summary = importLogs(m_directory, look.input(), m_options, m_clock, std::move(stop), progress);
        if (!summary && summary.error().code == Code::StoreBusy) {
            result.busy = summary.error();
            result.again = true;
            return result;
        }
        if (!summary)
            return tl::unexpected(summary.error());
        result.summary = std::move(*summary);
        if (result.summary->cancelled)
            return result;
    }
    *m_state = look.done();
    return result;
}

} // namespace riskdesk::run
