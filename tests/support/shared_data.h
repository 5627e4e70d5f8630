// Real logs for tests that want them; absent in a newcomer's clone, and then those tests say so and skip.
#pragma once

#include <filesystem>
#include <string>

namespace riskdesk::test {

inline std::filesystem::path sharedData(const std::string &relative)
{
    return std::filesystem::path(RISKDESK_SHARED_DATA) / relative;
}

} // namespace riskdesk::test

#define SKIP_WITHOUT_SHARED(relative)                                                                        \
    if (!std::filesystem::exists(riskdesk::test::sharedData(relative)))                                      \
    QSKIP("the folder of real logs is not here: " relative)
