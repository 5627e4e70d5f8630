// Targets: what the engine has set itself, beside what a set of trials reached. README.md says where each
// comes from.
#pragma once

#include "tests/lab/figure.h"
#include "tests/lab/trial.h"

#include <string>
#include <vector>

namespace riskdesk::lab {

enum class Verdict : std::uint8_t {
    Met,            // the whole interval is on the right side of the bound
    Missed,         // all of it is on the wrong side
    WithinInterval, // the bound lies in it
    NotMeasured     // there was nothing to measure
};

struct Target
{
    std::string name;
    Figure reached;
    double bound = 0;
    bool atLeast = true; // else at most
    bool percent = true; // how bound and figure are told
    int decimals = 3;    // of a figure that is no percentage
};

[[nodiscard]] Verdict verdict(const Target &target);
[[nodiscard]] std::vector<Target> targets(const std::vector<Trial> &trials);
// The table in Markdown, with its heading.
[[nodiscard]] std::string targetTable(const std::vector<Target> &targets);

} // namespace riskdesk::lab
