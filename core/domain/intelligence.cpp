#include "core/domain/intelligence.h"

#include "core/base/word_table.h"

namespace riskdesk {
namespace {

constexpr std::array kinds = {
    Word{ListKind::Anonymizer, "anonymizer", {}}, Word{ListKind::Malware, "malware", {}},
    Word{ListKind::Threat, "threat", {}},         Word{ListKind::Trusted, "trusted", {}},
    Word{ListKind::Places, "places", {}},         Word{ListKind::Asn, "asn", {}},
    Word{ListKind::Mobile, "mobile", {}},         Word{ListKind::Warning, "warning", {}},
};
static_assert(isComplete(kinds, ListKind::Warning));

} // namespace

std::string_view toText(ListKind kind)
{
    const auto &row = word(kinds, kind);
    return row.value == kind ? row.key : std::string_view();
}

std::optional<ListKind> listKindFromText(std::string_view text)
{
    return fromText(kinds, text);
}

} // namespace riskdesk
