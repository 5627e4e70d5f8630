#include "core/connect/oauth/provider_words.h"

#include "core/base/text.h"

namespace riskdesk::connect {

std::string providerWords(std::string_view text, std::initializer_list<std::string_view> secrets)
{
    constexpr std::size_t most = 300;
    for (const auto secret : secrets)
        if (!secret.empty() && text.find(secret) != std::string_view::npos)
            return {};
    text = trim(text);
    text = text.substr(0, text.find_first_of("\r\n"));
    text = trim(text.substr(0, text.find(" Trace ID:")));
    auto size = std::min(text.size(), most);
    while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
        --size; // not within a letter
    std::string words(text.substr(0, size));
    if (!isValidUtf8(words))
        return {};
    for (char &c : words)
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f)
            c = ' ';
    while (!words.empty() && (words.back() == '.' || words.back() == ' '))
        words.pop_back();
    return words;
}

} // namespace riskdesk::connect
