// List indicators: threat lists as JSON, a STIX 2.1 bundle or a MISP event.
//
// Of STIX patterns, equality of ipv4-addr:value, ipv6-addr:value and a user agent, and AND of those inside
// one observation; everything else is counted as unsupported, never half understood. Sources: OASIS STIX 2.1
// section 9 (patterning), MISP core format (draft-dulaunoy-misp-core-format).
#pragma once

#include "core/enrich/list_text.h"

#include <string_view>

namespace riskdesk::enrich {

// Code::Malformed when it is not JSON, Code::Unrecognised when it is JSON of another kind.
[[nodiscard]] Status readIndicators(std::string_view json, Collector &out);

// One STIX pattern into network and user agent of `entry`; false when it says more than that.
[[nodiscard]] bool readPattern(std::string_view pattern, ListEntry &entry);

} // namespace riskdesk::enrich
