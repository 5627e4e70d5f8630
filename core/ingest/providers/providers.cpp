#include "core/ingest/providers/providers.h"

#include "core/base/text.h"
#include "core/ingest/field_map.h"

#include <array>

// One line per provider: its folder, which is its namespace too. The first that knows a log has it.
// clang-format off
#define RISKDESK_EACH_PROVIDER(provider) \
    provider(entra) \
    /* the last line */
// clang-format on

namespace riskdesk::ingest {

#define RISKDESK_DECLARE(folder)                                                                             \
    namespace folder {                                                                                       \
    const Provider &provider();                                                                              \
    }
RISKDESK_EACH_PROVIDER(RISKDESK_DECLARE)
#undef RISKDESK_DECLARE

// Not in the list: there is one for each map, and none of them knows a log by itself.
namespace mapped {
std::shared_ptr<const Provider> provider(const FieldMap &map);
}

Format formatOf(const FieldMap &map)
{
    return {.own = mapped::provider(map)};
}

std::span<const Provider *const> providers()
{
#define RISKDESK_LIST(folder) &folder::provider(),
    static const auto all = std::to_array<const Provider *>({RISKDESK_EACH_PROVIDER(RISKDESK_LIST)});
#undef RISKDESK_LIST
    return all;
}

const Provider &providerOf(const Format &format)
{
    return format.own ? *format.own : *providers()[format.provider];
}

const FormatInfo &infoOf(const Format &format)
{
    return providerOf(format).formats()[format.row];
}

std::string_view toText(const Format &format)
{
    return infoOf(format).key;
}

std::string_view displayName(const Format &format)
{
    return infoOf(format).name;
}

std::optional<Format> formatFromText(std::string_view text)
{
    for (std::uint8_t provider = 0; provider < providers().size(); ++provider) {
        const auto formats = providers()[provider]->formats();
        for (std::uint8_t row = 0; row < formats.size(); ++row)
            if (equalsIgnoringCase(formats[row].key, text))
                return Format{provider, row};
    }
    return std::nullopt;
}

} // namespace riskdesk::ingest
