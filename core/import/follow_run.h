// FollowRun: logs that grow, imported piece by piece: what is there, then what is appended or comes beside it.
//
//     FollowRun follow(directory, {"audit.json", "logs"}, options, clock);
//     for (;;) {
//         auto look = follow.look(stop, progress);
//         … wait until something changes: log_watch.h …
//     }
//
// A look asks what has changed since the last one and imports that in one run; the next begins where this one ended.
//
//   lines    JSON with one object a line, and CSV: whole records are taken, a half-written last one waits. A file that
//            was replaced, cut or written over is read from its beginning. Of a named file that was moved away what
//            is still written to it is read too, until the one in its place is moved in turn; one that was renamed
//            within its folder goes on where it was.
//   others   gzip, zip, JSON in a list, standard input: imported once as a whole, as soon as two looks find it
//            unchanged (the first look of all takes what is there).
//
// Where a file was left is kept in memory only: begun anew, everything is read once more, and what is stored already is
// recognised. A look that fails, is cancelled or finds another import running leaves it where it was, so the next look
// tries the same again. One thread.
#pragma once

#include "core/import/import_run.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::run {

struct FollowLook
{
    std::optional<ImportSummary> summary; // of what was imported; none when there was nothing new
    std::vector<std::string> said; // whole sentences, each once: what cannot be followed, or is not there
    std::optional<Error> busy;     // another import runs; what waits is imported by a later look
    bool again = false;            // look again soon, whether or not something changes
};

class FollowRun
{
public:
    // Files and folders; a folder stands for the files below it, and "-" is standard input.
    FollowRun(Directory &directory, std::vector<std::filesystem::path> named, ImportOptions options,
              const Clock &clock);
    ~FollowRun();
    FollowRun(const FollowRun &) = delete;
    FollowRun &operator=(const FollowRun &) = delete;

    // Errors as importFiles() says, but StoreBusy.
    [[nodiscard]] Result<FollowLook> look(std::stop_token stop = {}, const ProgressSink &progress = {});

private:
    struct State;
    class Look;

    Directory &m_directory;
    std::vector<std::filesystem::path> m_named;
    ImportOptions m_options;
    const Clock &m_clock;
    std::unique_ptr<State> m_state; // as the last look that was done left it
    std::set<std::string> m_told;
};

} // namespace riskdesk::run
