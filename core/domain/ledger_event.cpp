#include "core/domain/ledger_event.h"

#include "core/base/word_table.h"

namespace riskdesk {
namespace {

constexpr std::array words = {
    Word{LedgerKind::DetectionRaised, "detectionRaised", Risk::tr("Detection raised")},
    Word{LedgerKind::DetectionFolded, "detectionFolded", Risk::tr("Detection repeated")},
    Word{LedgerKind::UserDismissed, "userDismissed", Risk::tr("Risk dismissed")},
    Word{LedgerKind::UserConfirmedCompromised, "userConfirmedCompromised",
         Risk::tr("User confirmed compromised")},
    Word{LedgerKind::UserConfirmedSafe, "userConfirmedSafe", Risk::tr("User confirmed safe")},
    Word{LedgerKind::SignInConfirmedCompromised, "signInConfirmedCompromised",
         Risk::tr("Sign-in confirmed compromised")},
    Word{LedgerKind::SignInConfirmedSafe, "signInConfirmedSafe", Risk::tr("Sign-in confirmed safe")},
    Word{LedgerKind::SignInDismissed, "signInDismissed", Risk::tr("Sign-in risk dismissed")},
    Word{LedgerKind::DetectionDismissed, "detectionDismissed", Risk::tr("Detection dismissed")},
    Word{LedgerKind::DetectionConfirmedSafe, "detectionConfirmedSafe", Risk::tr("Detection confirmed safe")},
    Word{LedgerKind::DetectionConfirmedCompromised, "detectionConfirmedCompromised",
         Risk::tr("Detection confirmed compromised")},
    Word{LedgerKind::PasswordResetByAdmin, "passwordResetByAdmin", Risk::tr("Password reset by admin")},
    Word{LedgerKind::PasswordResetByUser, "passwordResetByUser", Risk::tr("Password reset by user")},
    Word{LedgerKind::PasswordChangedByUser, "passwordChangedByUser", Risk::tr("Password changed by user")},
    Word{LedgerKind::MfaPassed, "mfaPassed", Risk::tr("Multifactor authentication passed")},
    Word{LedgerKind::ResolvedElsewhere, "resolvedElsewhere", Risk::tr("Remediated elsewhere")},
    Word{LedgerKind::Blocked, "blocked", Risk::tr("Sign-in blocked")},
    Word{LedgerKind::Unblocked, "unblocked", Risk::tr("Sign-in allowed again")},
    Word{LedgerKind::Aged, "aged", Risk::tr("Closed by age")},
    Word{LedgerKind::UserDeleted, "userDeleted", Risk::tr("User deleted")},
    Word{LedgerKind::Undone, "undone", Risk::tr("Taken back")},
    Word{LedgerKind::SessionsRevoked, "sessionsRevoked", Risk::tr("Sign-in sessions revoked")},
    Word{LedgerKind::Withdrawn, "withdrawn", Risk::tr("Finding withdrawn")},
    Word{LedgerKind::Reopened, "reopened", Risk::tr("Detection open again")},
};
static_assert(isComplete(words, LedgerKind::Reopened));

// The file may have been changed by others.
bool isKnown(LedgerKind kind)
{
    return word(words, kind).value == kind;
}

} // namespace

std::string_view toText(LedgerKind kind)
{
    return isKnown(kind) ? word(words, kind).key : std::string_view();
}
std::string_view displayName(LedgerKind kind)
{
    return isKnown(kind) ? word(words, kind).display : std::string_view();
}

} // namespace riskdesk
