#include "core/domain/ledger_event.h"

#include <array>

namespace riskdesk {
namespace {
struct Word
{
    std::string_view key, display;
};
constexpr std::array<Word, 22> words = {{{"", ""},
                                         {"detectionRaised", "Detection raised"},
                                         {"detectionFolded", "Seen again"},
                                         {"userDismissed", "User risk dismissed"},
                                         {"userConfirmedCompromised", "User confirmed compromised"},
                                         {"userConfirmedSafe", "User confirmed safe"},
                                         {"signInConfirmedCompromised", "Sign-in confirmed compromised"},
                                         {"signInConfirmedSafe", "Sign-in confirmed safe"},
                                         {"signInDismissed", "Sign-in risk dismissed"},
                                         {"detectionDismissed", "Detection dismissed"},
                                         {"detectionConfirmedSafe", "Detection confirmed safe"},
                                         {"detectionConfirmedCompromised", "Detection confirmed compromised"},
                                         {"passwordResetByAdmin", "Password reset by admin"},
                                         {"passwordResetByUser", "Password reset by user"},
                                         {"passwordChangedByUser", "Password changed by user"},
                                         {"mfaPassed", "Multifactor authentication passed"},
                                         {"resolvedElsewhere", "Remediated elsewhere"},
                                         {"blocked", "Sign-in blocked"},
                                         {"unblocked", "Sign-in unblocked"},
                                         {"aged", "Closed by age"},
                                         {"userDeleted", "User deleted"},
                                         {"undone", "Taken back"}}};
} // namespace

std::string_view toText(LedgerKind kind)
{
    const auto at = static_cast<std::size_t>(kind);
    return words[at < words.size() ? at : 0].key;
}
std::string_view displayName(LedgerKind kind)
{
    const auto at = static_cast<std::size_t>(kind);
    return words[at < words.size() ? at : 0].display;
}

} // namespace riskdesk
