// MemoryWriter: writes the detectors' memory (core/examine/detector_memory.h says how it lies in the file).
//
// All of it inside a transaction of the caller: beginBlock(), save() of each part that changed, endBlock().
// One thread, the one that writes.
#pragma once

#include "core/base/result.h"
#include "core/detect/engine.h"
#include "core/detect/state.h"
#include "core/examine/detector_memory.h"
#include "core/store/statement.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace riskdesk::run {

class MemoryWriter final : public detect::StateSink
{
public:
    explicit MemoryWriter(store::Connection &connection);

    // Empties the memory, as if no sign-in had ever been examined.
    [[nodiscard]] Status forget();
    // Puts it back to that point; those before it stay. Back at the kept beginning there is none.
    [[nodiscard]] Status rewind(const RewindPoint &point);
    // Before the saves of a stretch: `from` is what the memory in the file knows (nothing: nothing). Without
    // `keepsRewind` there is no rewind point until a later stretch makes one.
    [[nodiscard]] Status beginBlock(std::optional<Position> from, bool keepsRewind);
    void save(detect::StatePart part, std::uint64_t id, std::string_view data) override;
    [[nodiscard]] Status endBlock(Position to); // after the saves
    // A sign-in of that time is stored which the memory does not know; until the memory of all is written.
    [[nodiscard]] Status leaveUnsettled(std::int64_t at);
    [[nodiscard]] Status settled();

    // `engine` knows all up to there, and began at the one before. Rewind points that lie before it go, as what follows
    // them is not all there any more.
    [[nodiscard]] Status keepBeginning(const KeptBeginning &beginning, detect::Engine &engine);
    // Takes the part of a user who is purged out of the kept beginning. Where the user's number is going to be given
    // again, nothing may be left of it in what users share: then nothing is kept any more.
    [[nodiscard]] Status forgetKept(std::uint32_t user);

private:
    [[nodiscard]] Status addPoint(const Position &from);
    [[nodiscard]] Status thinPoints(const Position &to);

    store::Connection &m_connection;
    store::Statement m_keep, m_write;    // a part each, thousands of times a block
    std::optional<std::int64_t> m_point; // what is overwritten is kept with it
    Status m_saved;                      // the first failure of save(), reported by endBlock()
};

} // namespace riskdesk::run
