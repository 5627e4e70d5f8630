#include "core/domain/intelligence.h"

#include <array>

namespace riskdesk {
namespace {
constexpr std::array<std::pair<ListKind, std::string_view>, 8> kinds = {{{ListKind::Anonymizer, "anonymizer"},
                                                                         {ListKind::Malware, "malware"},
                                                                         {ListKind::Threat, "threat"},
                                                                         {ListKind::Trusted, "trusted"},
                                                                         {ListKind::Places, "places"},
                                                                         {ListKind::Asn, "asn"},
                                                                         {ListKind::Mobile, "mobile"},
                                                                         {ListKind::Warning, "warning"}}};
}

std::string_view toText(ListKind kind)
{
    for (const auto &[k, text] : kinds)
        if (k == kind)
            return text;
    return "";
}

std::optional<ListKind> listKindFromText(std::string_view text)
{
    for (const auto &[k, t] : kinds)
        if (t == text)
            return k;
    return std::nullopt;
}

} // namespace riskdesk
