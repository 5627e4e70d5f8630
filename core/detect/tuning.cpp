#include "core/detect/tuning.h"

#include <fmt/format.h>

namespace riskdesk::detect {
const TuningEntry *findTuning(std::string_view key)
{
    for (const auto &entry : tuningTable())
        if (entry.key == key)
            return &entry;
    return nullptr;
}

Tuning::Tuning()
{
    for (const auto &entry : tuningTable())
        set(entry.id, entry.standard);
}

Status Tuning::set(std::string_view key, double value)
{
    const auto *entry = findTuning(key);
    if (entry == nullptr)
        return fail(Code::NotFound, std::string(key), "no such setting");
    if (!(value >= entry->least && value <= entry->greatest))
        return fail(Code::WrongUsage, std::string(key),
                    fmt::format("the value must lie between {} and {}", entry->least, entry->greatest));
    set(entry->id, value);
    return {};
}

} // namespace riskdesk::detect
