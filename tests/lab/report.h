// Report: the laboratory's findings as one page of Markdown, targets beside the figures and misses named.
#pragma once

#include "tests/lab/trial.h"

#include <string>
#include <vector>

namespace riskdesk::lab {

struct Ablation
{
    std::string name;
    std::vector<Trial> trials; // with what is found under it
};

// `trials`: the same population under several seeds.
[[nodiscard]] std::string report(const Population &population, const std::vector<Trial> &trials,
                                 const std::vector<Ablation> &ablations, const std::string &tree);

} // namespace riskdesk::lab
