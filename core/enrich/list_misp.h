// List MISP: threat lists as MISP JSON: an event, several of them, or the attributes that a search gives
// back.
//
// Addresses, autonomous systems, user agents, and e-mail addresses and names of users, where to_ids is set.
// Tags give TLP, confidence and who is behind it. What stands on one of MISP's warning lists (public
// resolvers, content networks) is refused. Source: MISP core format (draft-dulaunoy-misp-core-format).
#pragma once

#include "core/enrich/list_text.h"

#include <simdjson.h>

namespace riskdesk::enrich {

// False when it is no MISP JSON.
[[nodiscard]] bool readMisp(simdjson::dom::element root, Collector &out);

// The text of a member; empty when there is none.
[[nodiscard]] inline std::string_view textOf(simdjson::dom::element object, std::string_view key)
{
    std::string_view text;
    return object[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

} // namespace riskdesk::enrich
