// What a provider said of an error, made fit for a sentence of ours: one line, at most 300 bytes, valid UTF-8,
// nothing that steers a terminal, without the trace numbers that Entra adds behind it. Any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace riskdesk::connect {

// Empty when the text repeats one of `secrets` (those that are empty do not count).
[[nodiscard]] std::string providerWords(std::string_view text,
                                        std::initializer_list<std::string_view> secrets = {});

} // namespace riskdesk::connect
