#include "core/domain/detection.h"

namespace riskdesk {

std::string detectionId(DetectionType type, std::string_view userKey, std::string_view requestIdOrScope)
{
    std::string content(toText(type));
    content += '\x1f';
    content += userKey;
    content += '\x1f';
    content += requestIdOrScope;
    return toHex(blake2b256(content));
}

std::string requestId(EventIdKind kind, const EventKey &key, std::string_view eventIdText)
{
    if (kind == EventIdKind::Text)
        return std::string(eventIdText);
    auto hex = toHex(key);
    if (kind == EventIdKind::Guid)
        for (const std::size_t at : {8u, 13u, 18u, 23u})
            hex.insert(at, 1, '-');
    return hex;
}

} // namespace riskdesk
