// The detectors' memory kept in a map: saved by one engine, read by the next.
#pragma once

#include "core/detect/state.h"

#include <map>
#include <string>
#include <utility>

namespace riskdesk::test {

class MemoryState final : public detect::StateSource, public detect::StateSink
{
public:
    std::optional<std::string> load(detect::StatePart part, std::uint64_t id) override
    {
        const auto found = parts.find({part, id});
        return found == parts.end() ? std::nullopt : std::optional(found->second);
    }
    void save(detect::StatePart part, std::uint64_t id, std::string_view data) override
    {
        parts[{part, id}] = data;
    }

    std::map<std::pair<detect::StatePart, std::uint64_t>, std::string> parts;
};

} // namespace riskdesk::test
