#include "core/domain/reject.h"

#include <array>

namespace riskdesk {
namespace {

constexpr std::array reasons = {
    RejectReason{"noTime", "No time",
                 "Give the record a time as ISO 8601 with its zone, such as 2026-03-18T14:26:00Z. Where days "
                 "stand before months, say so when importing (--dates dmy)."},
    RejectReason{"noUser", "No user", "Give the record a userId or a userPrincipalName."},
    RejectReason{"noOutcome", "No outcome",
                 "Give the record a status.errorCode (0 for success), or an operation that says how the "
                 "sign-in ended."},
    RejectReason{"notJson", "Not JSON",
                 "Mend the quotes, commas or braces at the place named, or export the record again."},
    RejectReason{"wrongColumns", "Cells and header differ",
                 "Put cells that hold a separator, a quote or a line break in quotes, so that the row has as "
                 "many cells as the header."},
    RejectReason{"truncated", "Ends in the middle",
                 "The file ends inside this record: download or copy it again."},
    RejectReason{"tooLong", "Too long", "Shorten the record, or leave out the fields that nobody needs."},
    RejectReason{"damagedArchive", "Archive damaged", "Download or pack the archive again."},
    RejectReason{"notRecognised", "Not recognised",
                 "Import the sign-in log itself; README lists the kinds of files that are read."},
};

} // namespace

RejectReason rejectReason(std::string_view key)
{
    for (const auto &reason : reasons)
        if (reason.key == key)
            return reason;
    return {key, {}, {}};
}

} // namespace riskdesk
