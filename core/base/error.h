// Error: what went wrong, for three readers.
//
// The program reads `code`, support reads `detail` and `where`, and the person reads the sentence that the
// edge (ui or riskdeskctl) makes from `code` and `subject`. Core never translates and never prints.
#pragma once

#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>

namespace riskdesk {

enum class Code : std::uint16_t {
    Cancelled = 1, // the person or the program changed their mind
    WrongUsage,    // an argument, a filter text or a setting that cannot be understood
    NotFound,
    NotAllowed,   // the operator's role does not permit it
    Malformed,    // input that breaks its own format
    Unrecognised, // input whose format is not one we know; detail says what it looks like
    TooLarge,
    Unsupported, // known, and deliberately not done; detail says what
    Conflict,    // the state it would change is no longer the state it was asked for
    StoreBusy,   // another process holds the lease or the lock; detail names it
    StoreCorrupt,
    StoreTooNew, // written by a later version
    NotAStore,   // a file, but not one of ours
    ReadOnly,
    DiskFull,
    Io,
    Provider, // an identity provider refused it or did not answer; detail is a whole sentence
    Bug       // our own mistake; never caused by input
};

struct Error
{
    Code code = Code::Bug;
    std::string subject; // what it was about: a path, a user, a setting
    std::string detail;  // the library's own words, English, for the log and "Details"
    std::source_location where = std::source_location::current();
};

// The stable name of a code, as logged and printed with --json ("storeTooNew").
std::string_view toText(Code code);

// One English sentence with a next step, used by riskdeskctl; the console has its own, translated.
std::string sentence(const Error &error);

} // namespace riskdesk
