// Segments: up to 16 384 sign-ins, one blob per column, in the tables segment and segment_column.
//
// A column blob is
//   u8 format version (1) | u8 encoding | u8 element bytes | u8 packed bytes | u32 rows | u8[8] checksum |
//   body
// where the checksum is the first eight bytes of BLAKE2b-128 over the body. Encodings:
//   0 constant  body is one element
//   1 packed    body is the least value (8 bytes) and then each value minus it in `packed bytes` bytes,
//   little-endian 2 raw       body is the elements
// A reader refuses what it does not know (Code::Unsupported) and what does not match its checksum
// (Code::StoreCorrupt). Rows of a segment are in (event time, event key) order and never change; only a purge takes
// some out.
#pragma once

#include "core/base/result.h"
#include "core/domain/sign_in.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace riskdesk::store {

class Connection;

inline constexpr std::size_t rowsPerSegment = 16384;
inline constexpr int segmentVersion = 1;

// Numbers are stored; never reuse one.
enum class Column : std::uint8_t {
    At = 0,
    EventKey = 1,
    Correlation = 2,
    Offset = 3,
    User = 4,
    Ip = 5,
    UserAgent = 6,
    Browser = 7,
    OperatingSystem = 8,
    Device = 9,
    ClientApp = 10,
    Application = 11,
    Resource = 12,
    FailureReason = 13,
    EventIdText = 14,
    Session = 15,
    Place = 16,
    Asn = 17,
    Source = 18,
    AuthenticationMethod = 19,
    ProviderRisk = 20,
    Length = 21,
    ErrorCode = 22,
    Outcome = 23,
    Failure = 24,
    EventIdKind = 25,
    Mfa = 26,
    Identity = 27,
    Interactive = 28,
    Count = 29
};

struct SegmentInfo
{
    std::int64_t id = 0;
    std::uint32_t rows = 0;
    std::int64_t t0 = 0, t1 = 0; // microseconds
};

// A segment as it is stored, on no connection yet: may be made on any thread.
struct EncodedSegment
{
    std::vector<std::string> columns; // by Column
    std::size_t rows = 0;
    std::int64_t t0 = 0, t1 = 0;
};
// One row to rowsPerSegment rows; with others writeSegment() refuses it.
[[nodiscard]] EncodedSegment encodeSegment(std::span<const SignInRow> rows);

// Inside the caller's transaction; returns the segment's id.
[[nodiscard]] Result<std::int64_t> writeSegment(Connection &connection, std::int64_t run,
                                                const EncodedSegment &segment);
[[nodiscard]] Result<std::int64_t> writeSegment(Connection &connection, std::int64_t run,
                                                std::span<const SignInRow> rows);
// Other columns for a segment that is there, under its number. Inside the caller's transaction.
[[nodiscard]] Status rewriteSegment(Connection &connection, std::int64_t id, const EncodedSegment &segment);
// Inside the caller's transaction. Whoever asks for it afterwards is told that the file is damaged; one that is
// not there is no error.
[[nodiscard]] Status deleteSegment(Connection &connection, std::int64_t segment);
// By id.
[[nodiscard]] Result<std::vector<SegmentInfo>> segments(Connection &connection, std::int64_t afterId = 0);
[[nodiscard]] Result<std::vector<SignInRow>> readSegment(Connection &connection, std::int64_t segment);
[[nodiscard]] Result<std::vector<EventKey>> readEventKeys(Connection &connection, std::int64_t segment);
// A column of sixteen bytes: EventKey or Correlation.
[[nodiscard]] Result<std::vector<EventKey>> readKeys(Connection &connection, std::int64_t segment,
                                                     Column column);
// A numeric column, widened; appended to `values`.
[[nodiscard]] Status readColumn(Connection &connection, std::int64_t segment, Column column,
                                std::vector<std::int64_t> &values);

} // namespace riskdesk::store
