#include "core/domain/verdict.h"

#include <array>

namespace riskdesk {
namespace {

struct ReasonWord
{
    Reason reason;
    std::string_view key, display;
};

constexpr std::array reasonWords = {
    ReasonWord{Reason::Raised, "raised", "Raised"},
    ReasonWord{Reason::NotASuccess, "notASuccess", "Not a successful sign-in"},
    ReasonWord{Reason::SwitchedOff, "switchedOff", "Switched off"},
    ReasonWord{Reason::SocialIdentity, "socialIdentity", "Password kept by another party"},
    ReasonWord{Reason::NotInteractive, "notInteractive", "Not interactive"},
    ReasonWord{Reason::Learning, "learning", "Learning"},
    ReasonWord{Reason::NoEarlierSignIn, "noEarlierSignIn", "No earlier sign-in to compare with"},
    ReasonWord{Reason::SameNetwork, "sameNetwork", "Same network as before"},
    ReasonWord{Reason::NotEvaluable, "notEvaluable", "Cannot be evaluated"},
    ReasonWord{Reason::Trusted, "trusted", "Trusted location"},
    ReasonWord{Reason::Familiar, "familiar", "Familiar"},
    ReasonWord{Reason::CommonHere, "commonHere", "Common in this directory"},
    ReasonWord{Reason::BelowThreshold, "belowThreshold", "Below the threshold"},
    ReasonWord{Reason::NotListed, "notListed", "Not listed"},
    ReasonWord{Reason::ListedAtAnotherTime, "listedAtAnotherTime", "Listed at another time"},
    ReasonWord{Reason::SharedByMany, "sharedByMany", "Shared by many users"},
    ReasonWord{Reason::ConfirmedBefore, "confirmedBefore", "Confirmed safe before"},
    ReasonWord{Reason::LikelyTheUser, "likelyTheUser", "More likely the user"},
    ReasonWord{Reason::SetAside, "setAside", "Indicator set aside"},
    ReasonWord{Reason::SameProvider, "sameProvider", "Own devices behind gateways of one country"},
};
static_assert([] {
    for (std::size_t i = 0; i < reasonWords.size(); ++i)
        if (static_cast<std::size_t>(reasonWords[i].reason) != i)
            return false;
    return reasonWords.back().reason == Reason::SameProvider;
}());

const ReasonWord &word(Reason reason)
{
    const auto index = static_cast<std::size_t>(reason);
    return reasonWords[index < reasonWords.size() ? index : 0];
}

} // namespace

std::string_view toText(Reason reason)
{
    return word(reason).key;
}
std::string_view displayName(Reason reason)
{
    return word(reason).display;
}

} // namespace riskdesk
