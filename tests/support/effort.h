// How often a test tries: all of it, and a third under a sanitizer, where a try costs several times as much and
// looks for faults of memory, not of reasoning.
#pragma once

namespace riskdesk::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int effortShare = 3;
#else
inline constexpr int effortShare = 1;
#endif
[[nodiscard]] constexpr int effort(int tries)
{
    return (tries + effortShare - 1) / effortShare;
}

} // namespace riskdesk::test
