// The enumerations of the columns: the numbers that the store keeps, Graph's words for them and what people
// read (English). Short forms are for filters.
#pragma once

#include "core/query/filter/fields.h"

#include <span>
#include <string>
#include <string_view>

namespace riskdesk::query {

[[nodiscard]] std::span<const EnumWord> levels();
[[nodiscard]] std::span<const EnumWord> states();
[[nodiscard]] std::span<const EnumWord> timings();
[[nodiscard]] std::span<const EnumWord> activities();
[[nodiscard]] std::span<const EnumWord> yesNo();
[[nodiscard]] std::span<const EnumWord> enabled();
[[nodiscard]] std::span<const EnumWord> deleted();
[[nodiscard]] std::span<const EnumWord> learning();
[[nodiscard]] std::span<const EnumWord> outcomes();
[[nodiscard]] std::span<const EnumWord> identities();
[[nodiscard]] std::span<const EnumWord> mfas();
[[nodiscard]] std::span<const EnumWord> failures();
[[nodiscard]] std::span<const EnumWord> scopes();
[[nodiscard]] std::span<const EnumWord> types();
[[nodiscard]] std::span<const EnumWord> details();
[[nodiscard]] std::span<const EnumWord> ledgerKinds();

// SQL for what a type is sorted by: its place in the alphabet as people read it; `column` holds its number.
[[nodiscard]] std::string typeRank(std::string_view column);
// SQL for a type as scripts are told it: an imported one keeps its own text; `text` holds it.
[[nodiscard]] std::string typeWord(std::string_view column, std::string_view text);
// SQL for who keeps the password of user `u`: "local", or the provider's name.
inline constexpr std::string_view passwordKeeper = "CASE u.identity WHEN 1 THEN 'local' ELSE u.issuer END";
// SQL for the technique of a type, as MITRE ATT&CK numbers it.
[[nodiscard]] std::string mitreOf(std::string_view column);

} // namespace riskdesk::query
