#include "core/connect/oauth/id_token.h"

#include "core/connect/oauth/provider_words.h"

#include <simdjson.h>
#include <sodium.h>

namespace riskdesk::connect {
namespace {

constexpr std::size_t largestIdToken = 16384; // bytes

} // namespace

std::string whoSignedIn(std::string_view idToken)
{
    const auto first = idToken.find('.');
    const auto second = first == std::string_view::npos ? first : idToken.find('.', first + 1);
    if (second == std::string_view::npos || idToken.size() > largestIdToken)
        return {};
    const auto claims = idToken.substr(first + 1, second - first - 1);
    std::string text(claims.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char *>(text.data()), text.size(), claims.data(),
                          claims.size(), nullptr, &size, nullptr,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return {};
    text.resize(size);
    simdjson::dom::parser parser;
    simdjson::dom::element answer;
    if (parser.parse(text).get(answer) != simdjson::SUCCESS)
        return {};
    for (const char *claim : {"preferred_username", "email", "name"}) {
        std::string_view who;
        if (answer[claim].get(who) != simdjson::SUCCESS)
            continue;
        if (auto words = providerWords(who); !words.empty())
            return words;
    }
    return {};
}

} // namespace riskdesk::connect
