// Skip token: a position in a list as the opaque text of $skiptoken (page.h says what a position promises).
// It is bound by a keyed digest to what was asked, so that one that was altered, or comes from another list,
// filter or order, is refused. It is hex, so it stands in an address as it is. Any thread.
#pragma once

#include "core/query/page.h"

#include <optional>
#include <string>
#include <string_view>

namespace riskdesk::query {

// A token of more characters was not made here, or by somebody who sorts by books.
inline constexpr std::size_t longestSkipToken = 64 * 1024;

// `asked`: whatever must be the same for the next page. `secret`: known to those who may make tokens.
[[nodiscard]] std::string encodeSkipToken(const Position &position, std::string_view asked,
                                          std::string_view secret);
// Nothing: it was not made by encodeSkipToken() from the same two texts.
[[nodiscard]] std::optional<Position> decodeSkipToken(std::string_view token, std::string_view asked,
                                                      std::string_view secret);

} // namespace riskdesk::query
