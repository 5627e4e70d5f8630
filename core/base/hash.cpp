#include "core/base/hash.h"

#include <random>

namespace riskdesk {

const std::uint64_t hashSeed = std::uint64_t{std::random_device{}()} << 32 | std::random_device{}();

} // namespace riskdesk
