// DetectorMemory: where the detectors' state lives between runs, and how a run goes back an hour.
//
// A MemoryWriter overwrites a part in detector_state and, where it is told to, keeps what it was before in
// detector_rewind, unless that part was kept already. The rewind point is the position up to which everything is
// contained in those kept parts; it moves forward when what is written began at least an hour before its end.
//
// Where sign-ins were deleted as old, what the memory was behind the newest of them is kept as a whole (kept_state): the
// beginning of whoever examines everything, a rewind point that never ages. What lies before it is judged no more.
//
// DetectorMemory is the reading half, of the thread that examines. While another thread writes a block, it
// may load(), after openReader(), but not while the memory itself is being written.
#pragma once

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/detect/state.h"
#include "core/domain/intelligence.h"
#include "core/domain/sign_in.h"
#include "core/store/connection.h"

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::run {

// Where the memory can be put back to: all up to there, and nothing behind it.
struct RewindPoint
{
    std::int64_t id = 0; // ascending with the position; 0: the kept beginning
    Position position{};
    [[nodiscard]] bool isKept() const { return id == 0; }
};

// The memory of all sign-ins up to a time, of which some were deleted.
struct KeptBeginning
{
    RewindPoint point; // behind every sign-in of that time
    // Findings on sign-ins up to there stay as they are. Later than the point where it was made of what was left.
    std::int64_t learntBy = beginningOfTime;
    std::int64_t lastRun = 0; // what a later import brought of the time before was never judged
};

// Ascending, without the kept beginning.
[[nodiscard]] Result<std::vector<RewindPoint>> rewindPoints(store::Connection &connection);
// Nothing where no sign-ins were deleted as old, or only before there was one.
[[nodiscard]] Result<std::optional<KeptBeginning>> keptBeginning(store::Connection &connection);

// What an engine saved, as values, to be written later.
class SavedParts final : public detect::StateSink
{
public:
    void save(detect::StatePart part, std::uint64_t id, std::string_view data) override;
    void writeTo(detect::StateSink &sink) const;

private:
    struct Part
    {
        detect::StatePart part;
        std::uint64_t id;
        std::string data;
    };
    std::deque<Part> m_parts; // in the order of the saves
};

// What stands beside a part, to tell that it is what was written.
[[nodiscard]] Digest128 partChecksum(std::uint64_t part, std::uint64_t id, std::string_view data);

class DetectorMemory final : public detect::StateSource
{
public:
    // The memory of a run is written so far behind its newest sign-in, and at its end.
    static constexpr std::array reachBackUs = {std::int64_t{24 * 3600} * 1'000'000,
                                               std::int64_t{3600} * 1'000'000};
    static constexpr std::int64_t mostDetour = 4;
    [[nodiscard]] static std::array<std::int64_t, reachBackUs.size()> writtenAt(std::int64_t newest);
    // A stretch that ends at `to` is to be kept from being final, in a run that ends at `newest`.
    [[nodiscard]] static bool keepsRewind(const Position &to, std::int64_t newest)
    {
        return to.at > writtenAt(newest).front();
    }

    [[nodiscard]] static Result<DetectorMemory> open(store::Connection &connection);
    DetectorMemory(DetectorMemory &&) noexcept;
    ~DetectorMemory() override;

    // One sentence per part whose bytes are not those that were written.
    [[nodiscard]] static Result<std::vector<std::string>> damaged(store::Connection &connection);

    [[nodiscard]] std::optional<Position> watermark() const { return m_watermark; }
    [[nodiscard]] const std::optional<KeptBeginning> &beginning() const { return m_beginning; }
    // The newest that lies before a time; nothing: it can only go back to the beginning.
    [[nodiscard]] std::optional<RewindPoint> rewindPointBefore(std::int64_t at) const;

    // Puts the memory back to that point, for load() at once; in the file MemoryWriter::rewind() does it. Before an
    // engine is made.
    void rewind(const RewindPoint &point);

    // Lets load() run beside a writer, on a connection of its own. OneMoment, for who only asks: as of its first call; the
    // kept beginning is that of this moment too, where the memory was put back to it.
    enum class Sees { WhatIsWritten, OneMoment };
    [[nodiscard]] Status openReader(Sees sees = Sees::WhatIsWritten);
    // The memory in the file is that of the run now.
    void written();
    [[nodiscard]] Status loaded() const { return m_loaded; } // the first failure of load()

    std::optional<std::string> load(detect::StatePart part, std::uint64_t id) override;

private:
    explicit DetectorMemory(store::Connection &connection);
    store::Connection *m_connection;
    std::optional<Position> m_watermark;
    std::vector<RewindPoint> m_points;
    std::optional<KeptBeginning> m_beginning;
    struct Reader; // what load() asks
    std::unique_ptr<Reader> m_reader;
    std::optional<std::int64_t> m_rewound; // the point that the file is not back at yet
    bool m_empty = false;                  // nothing is stored
    Status m_loaded;
};

} // namespace riskdesk::run
