// A map for a log that nobody knows, guessed from its first records: by the names of its fields and by what stands
// in them. A proposal for a person to look at, never used by itself. Any thread.
#pragma once

#include "core/base/result.h"
#include "core/ingest/field_map.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

struct MapProposal
{
    FieldMap map;                       // what was not found in it is empty
    std::vector<std::string> unsure;    // whole sentences
    [[nodiscard]] bool complete() const // it can be used as it is
    {
        return checkedMap(map).has_value();
    }
};

// `name` is what the map is to be called. Errors as readFile() says, and Code::Unrecognised when no record could be
// found.
[[nodiscard]] Result<MapProposal> proposeMap(const std::filesystem::path &file, std::string_view name);

} // namespace riskdesk::ingest
