#include "core/base/error.h"

#include <fmt/format.h>

namespace riskdesk {

std::string_view toText(Code code)
{
    switch (code) {
    case Code::Cancelled: return "cancelled";
    case Code::WrongUsage: return "wrongUsage";
    case Code::NotFound: return "notFound";
    case Code::NotAllowed: return "notAllowed";
    case Code::Malformed: return "malformed";
    case Code::Unrecognised: return "unrecognised";
    case Code::TooLarge: return "tooLarge";
    case Code::Unsupported: return "unsupported";
    case Code::Conflict: return "conflict";
    case Code::StoreBusy: return "storeBusy";
    case Code::StoreCorrupt: return "storeCorrupt";
    case Code::StoreTooNew: return "storeTooNew";
    case Code::NotAStore: return "notAStore";
    case Code::ReadOnly: return "readOnly";
    case Code::DiskFull: return "diskFull";
    case Code::Io: return "io";
    case Code::Provider: return "provider";
    case Code::Bug: return "bug";
    }
    return "bug";
}

std::string sentence(const Error &error)
{
    const auto &s = error.subject;
    std::string because;
    if (!error.detail.empty())
        because = fmt::format(" ({})", error.detail);
    // A detail that is a whole sentence says it all.
    const bool whole = error.detail.ends_with('.');
    switch (error.code) {
    case Code::Cancelled: return "Cancelled. What was finished before is kept.";
    case Code::WrongUsage:
        return whole ? error.detail : fmt::format("\"{}\" cannot be used here.{}", s, because);
    case Code::NotFound: return fmt::format("\"{}\" was not found.{}", s, because);
    case Code::NotAllowed: return error.detail.empty() ? fmt::format("{} is not allowed.", s) : error.detail;
    case Code::Malformed: return fmt::format("\"{}\" is damaged or incomplete.{}", s, because);
    case Code::Unrecognised: return fmt::format("\"{}\" was not imported: {}.", s, error.detail);
    case Code::TooLarge: return fmt::format("\"{}\" is too large.{}", s, because);
    case Code::Unsupported: return fmt::format("\"{}\" is not supported.{}", s, because);
    case Code::Conflict:
        if (!error.detail.empty()) // what stands in the way
            return whole ? error.detail : fmt::format("\"{}\": {}. Nothing was done.", s, error.detail);
        return fmt::format("\"{}\" changed in the meantime; nothing was done.", s);
    case Code::StoreBusy:
        return fmt::format("The directory \"{}\" is in use.{} Try again when it is free.", s, because);
    case Code::StoreCorrupt:
        if (whole)
            return error.detail + " Nothing more is written to it; open it again.";
        return fmt::format("The directory \"{}\" is damaged.{} Restore a backup; nothing was changed.", s,
                           because);
    case Code::StoreTooNew:
        return fmt::format(
            "The directory \"{}\" was written by a newer version of Riskdesk.{} Update the program; "
            "nothing was changed.",
            s, because);
    case Code::NotAStore: return fmt::format("\"{}\" is not a Riskdesk directory.{}", s, because);
    case Code::ReadOnly: return fmt::format("\"{}\" cannot be written.{} Nothing was changed.", s, because);
    case Code::DiskFull:
        return fmt::format("The disk that holds \"{}\" is full. What was finished before is kept; "
                           "free some space and run it again.",
                           s);
    case Code::Io: return fmt::format("\"{}\" could not be read or written.{}", s, because);
    case Code::Provider: return error.detail;
    case Code::Bug: {
        const std::string_view file = error.where.file_name();
        return fmt::format("An internal error happened at {}, {} line {}.{}", s,
                           file.substr(file.rfind('/') + 1), error.where.line(), because);
    }
    }
    return s;
}

} // namespace riskdesk
