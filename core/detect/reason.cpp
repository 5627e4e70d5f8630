#include "core/detect/detector.h"

#include <array>

namespace riskdesk::detect {
namespace {

struct Word
{
    Reason reason;
    std::string_view key, display;
};

constexpr std::array words = {
    Word{Reason::Raised, "raised", "Raised"},
    Word{Reason::NotASuccess, "notASuccess", "Not a successful sign-in"},
    Word{Reason::SwitchedOff, "switchedOff", "Switched off"},
    Word{Reason::SocialIdentity, "socialIdentity", "Password kept by another party"},
    Word{Reason::NotInteractive, "notInteractive", "Not interactive"},
    Word{Reason::Learning, "learning", "Learning"},
    Word{Reason::NoEarlierSignIn, "noEarlierSignIn", "No earlier sign-in to compare with"},
    Word{Reason::SameNetwork, "sameNetwork", "Same network as before"},
    Word{Reason::NotEvaluable, "notEvaluable", "Cannot be evaluated"},
    Word{Reason::Trusted, "trusted", "Trusted location"},
    Word{Reason::Familiar, "familiar", "Familiar"},
    Word{Reason::CommonHere, "commonHere", "Common in this directory"},
    Word{Reason::BelowThreshold, "belowThreshold", "Below the threshold"},
    Word{Reason::NotListed, "notListed", "Not listed"},
    Word{Reason::ListedAtAnotherTime, "listedAtAnotherTime", "Listed at another time"},
    Word{Reason::SharedByMany, "sharedByMany", "Shared by many users"},
    Word{Reason::ConfirmedBefore, "confirmedBefore", "Confirmed safe before"},
    Word{Reason::LikelyTheUser, "likelyTheUser", "More likely the user"},
    Word{Reason::SetAside, "setAside", "Indicator set aside"},
    Word{Reason::SameProvider, "sameProvider", "Own devices behind gateways of one country"},
};
static_assert([] {
    for (std::size_t i = 0; i < words.size(); ++i)
        if (static_cast<std::size_t>(words[i].reason) != i)
            return false;
    return words.back().reason == Reason::SameProvider;
}());

const Word &word(Reason reason)
{
    const auto index = static_cast<std::size_t>(reason);
    return words[index < words.size() ? index : 0];
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

} // namespace riskdesk::detect
