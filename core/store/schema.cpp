#include "core/store/schema.h"

namespace riskdesk::store {
} // namespace riskdesk::store
