// Phrases by key: which words stand for a code that is stored.
#pragma once

#include "core/query/words/words.h"

#include <array>
#include <optional>
#include <string_view>

namespace riskdesk::query {

struct Named
{
    std::string_view key;
    Phrase phrase;
};

template <std::size_t n>
[[nodiscard]] std::optional<Phrase> phraseFor(const std::array<Named, n> &table, std::string_view key)
{
    for (const auto &word : table)
        if (word.key == key)
            return word.phrase;
    return std::nullopt;
}

} // namespace riskdesk::query
