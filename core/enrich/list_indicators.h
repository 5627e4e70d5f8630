// List indicators: threat lists as JSON, a STIX 2.1 bundle or MISP (list_misp.h).
//
// Of STIX patterns, equality of an address, the number of an autonomous system, a user agent, or the name or
// e-mail address of a user, and AND of those inside one observation; everything else is counted as
// unsupported, never half understood. Markings, identities and relationships of the bundle give TLP, licence,
// source and the actor behind an indicator. Sources: OASIS STIX 2.1 sections 7 and 9.
#pragma once

#include "core/enrich/list_text.h"

#include <string_view>

namespace riskdesk::enrich {

// Code::Malformed when it is not JSON, Code::Unrecognised when it is JSON of another kind.
[[nodiscard]] Status readIndicators(std::string_view json, Collector &out);

// A MISP warning list: {"name", "type", "version", "list": [network, …]}. The same codes.
[[nodiscard]] Status readWarningList(std::string_view json, Collector &out);

// One STIX pattern into the fields of `entry`; false when it says more than that, and `unsupported` is what.
[[nodiscard]] bool readPattern(std::string_view pattern, ListEntry &entry,
                               std::string *unsupported = nullptr);

} // namespace riskdesk::enrich
