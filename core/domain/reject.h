// Reject: a record that could not be read. Kept, shown, exported, mended and imported again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace riskdesk {

struct Reject
{
    std::string file;
    std::uint64_t line = 0;   // from 1; 0: not known
    std::uint64_t column = 0; // from 1; 0: the whole record
    std::uint64_t offset = 0; // bytes
    std::string reason;       // stable key of rejectReason()
    std::string detail;       // the value that could not be read, and what was expected
    std::string excerpt;      // at most 400 bytes of the record, valid UTF-8
};

struct RejectReason
{
    std::string_view key;
    std::string_view displayName; // "No time"
    std::string_view hint;        // how the record is mended, a whole sentence; English
};
// By its key; one that is not known has no name and no hint.
[[nodiscard]] RejectReason rejectReason(std::string_view key);

} // namespace riskdesk
