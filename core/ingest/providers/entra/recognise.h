// Whether a log is Entra's, and in which of its formats. Any thread; takes hostile text.
#pragma once

#include "core/ingest/provider.h"
#include "core/ingest/providers/entra/formats.h"

#include <optional>
#include <string_view>

namespace riskdesk::ingest::entra {

[[nodiscard]] std::optional<Log> logOfRecord(const Members &record);
[[nodiscard]] std::optional<Log> logOfHeader(const Provider::Header &header);
// By the "@odata.context" of a page of Graph's.
[[nodiscard]] std::optional<Log> logOfEmptyPage(std::string_view head);

} // namespace riskdesk::ingest::entra
