// People who change their devices and travel more than most: a small world with much to find.
#pragma once

#include "core/demo/sample.h"

namespace riskdesk::test {

// `end`: exclusive, as in SampleOptions.
[[nodiscard]] inline demo::SampleOptions restlessPeople(unsigned users, unsigned days, Timestamp end)
{
    demo::SampleOptions options;
    options.users = users;
    options.days = days;
    options.seed = 5;
    options.end = end;
    options.habits.newDevice = 0.03;
    options.habits.journey = 0.006;
    return options;
}

} // namespace riskdesk::test
