// The field maps of a directory: how logs are read that nobody knows (core/ingest/field_map.h), kept by name.
//
// The one writer of the tables `field_map` and `field_map_entry`. Adding and removing are one transaction with
// their audit record and need Permission::Settings. Names are compared without case. On the connection's thread.
// Errors that are not named are the store's.
#pragma once

#include "core/action/permissions.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/ingest/field_map.h"
#include "core/store/connection.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::run {

inline constexpr std::size_t mostFieldMaps = 1000;

struct KeptMap
{
    std::int64_t id = 0;
    ingest::FieldMap map;
    Timestamp createdAt;
    std::string createdBy;
};

// Code::NotAllowed. WrongUsage as checkedMap() says. Conflict when there is one of that name, TooLarge when there
// are mostFieldMaps.
[[nodiscard]] Result<KeptMap> addFieldMap(store::Connection &connection, const Clock &clock,
                                          const action::Operator &who, ingest::FieldMap map);
// By name.
[[nodiscard]] Result<std::vector<KeptMap>> fieldMaps(store::Connection &connection);
// Code::NotFound.
[[nodiscard]] Result<KeptMap> fieldMap(store::Connection &connection, std::string_view name);
// What was read by it stays. Code::NotAllowed, NotFound.
[[nodiscard]] Result<KeptMap> removeFieldMap(store::Connection &connection, const Clock &clock,
                                             const action::Operator &who, std::string_view name);

} // namespace riskdesk::run
