// Logs that are recognised and not read, so that a person is told whose log it is: "an Okta system log".
//
// When a provider gets a folder in core/ingest/providers, its line goes from the tables here. Asked after the
// providers, by core/ingest/recognise.cpp. Any thread; takes hostile text. Empty: nobody knows it.
#pragma once

#include "core/ingest/members.h"

#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

[[nodiscard]] std::string_view notReadRecord(const Members &record);
[[nodiscard]] std::string_view notReadText(std::string_view head);
[[nodiscard]] std::string_view notReadTable(const std::vector<std::string> &header);

} // namespace riskdesk::ingest
