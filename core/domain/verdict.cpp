#include "core/domain/verdict.h"

#include "core/base/word_table.h"

namespace riskdesk {
namespace {

constexpr std::array answers = {
    Word{Reason::Raised, "raised", {}},
    Word{Reason::NotASuccess, "notASuccess", {}},
    Word{Reason::SwitchedOff, "switchedOff", {}},
    Word{Reason::SocialIdentity, "socialIdentity", {}},
    Word{Reason::NotInteractive, "notInteractive", {}},
    Word{Reason::Learning, "learning", {}},
    Word{Reason::NoEarlierSignIn, "noEarlierSignIn", {}},
    Word{Reason::SameNetwork, "sameNetwork", {}},
    Word{Reason::NotEvaluable, "notEvaluable", {}},
    Word{Reason::Trusted, "trusted", {}},
    Word{Reason::Familiar, "familiar", {}},
    Word{Reason::CommonHere, "commonHere", {}},
    Word{Reason::BelowThreshold, "belowThreshold", {}},
    Word{Reason::NotListed, "notListed", {}},
    Word{Reason::ListedAtAnotherTime, "listedAtAnotherTime", {}},
    Word{Reason::SharedByMany, "sharedByMany", {}},
    Word{Reason::ConfirmedBefore, "confirmedBefore", {}},
    Word{Reason::LikelyTheUser, "likelyTheUser", {}},
    Word{Reason::SetAside, "setAside", {}},
    Word{Reason::SameProvider, "sameProvider", {}},
};
static_assert(isComplete(answers, Reason::SameProvider));

} // namespace

std::string_view toText(Reason reason)
{
    return word(answers, reason).key;
}

} // namespace riskdesk
