// Limits: the largest of everything that comes from outside, in one place, so that memory is bounded whatever
// somebody wrote into a file.
//
// What is larger is refused with a reason and counted, never cut in silence; reading goes on behind it. They
// are far above what honest files hold. Read by core/ingest, core/enrich, the journeys and app, on any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace riskdesk::limits {

// Logs. The longest records in use are those of the Unified Audit Log, under 100 KiB.
inline constexpr std::size_t recordBytes = std::size_t{1} << 20; // longer: one reject, "tooLong"
inline constexpr std::size_t fieldBytes = std::size_t{32} << 10; // longer: left empty, one warning

// Records that could not be read: so many are kept as examples, the others are counted.
inline constexpr std::uint64_t rejectsOfAKind = 200; // of one file for one reason
inline constexpr std::size_t rejectsOfARun = 20'000; // of all files of one import
inline constexpr std::size_t rejectKinds = 5'000;    // pairs of file and reason counted apart

// Lists. The largest public ones hold under two million networks.
inline constexpr std::uintmax_t listBytes = std::uintmax_t{256} << 20;
inline constexpr std::size_t listLineBytes = std::size_t{64} << 10; // longer: one reject, "tooLong"
inline constexpr std::size_t listEntries = 2'000'000;               // different ones

// Answers of `riskdeskctl sql`.
inline constexpr std::uint64_t sqlRows = 10'000; // printed unless asked for all
inline constexpr double sqlSeconds = 60;         // unless told otherwise
inline constexpr int sqlValueBytes = 64 << 20;   // of one text or blob
inline constexpr std::size_t sqlQuestionBytes = 1'000'000;

} // namespace riskdesk::limits
