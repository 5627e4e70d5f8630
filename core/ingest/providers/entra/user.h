// A user of the directory.
#pragma once

#include "core/ingest/name_table.h"
#include "core/ingest/provider.h"

#include <optional>
#include <span>

namespace riskdesk::ingest::entra {

class Record;

enum class UserField : Slot {
    DisplayName,
    Mail,
    MobilePhone,
    BusinessPhone,
    AccountEnabled,
    DeletedDateTime,
    LastPasswordChange,
    Count
};

[[nodiscard]] std::span<const Name> userNames();
[[nodiscard]] std::optional<Refusal> user(const Record &record, const Building &with);

} // namespace riskdesk::ingest::entra
