// Real logs for tests that want them; absent in a newcomer's clone, and then those tests say so and skip.
#pragma once

#include "tests/support/places.h"

#define SKIP_WITHOUT_SHARED(relative)                                                                        \
    if (!std::filesystem::exists(riskdesk::test::sharedData(relative)))                                      \
    QSKIP("the folder of real logs is not here: " relative)
