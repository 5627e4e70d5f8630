// Source: where the sign-ins of a trial come from. Two authors have written one each: the product's own
// sample (core/demo/sample.h), and a campus (tests/lab/campus), whose author had not read the detectors.
#pragma once

#include "core/demo/sample.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace riskdesk::lab {

// One thread, read once, in this order. The same seed gives the same bytes on every machine.
class Source
{
public:
    virtual ~Source() = default;
    [[nodiscard]] virtual std::vector<demo::SampleList> lists() const = 0;
    // Graph user objects, one per line.
    virtual void writeUsers(const demo::LineSink &sink) = 0;
    // Graph signIn objects, one per line, in event order.
    virtual void writeSignIns(const demo::LineSink &sink) = 0;
    // Complete after writeSignIns().
    [[nodiscard]] virtual const std::vector<demo::SampleLabel> &labels() const = 0;
};

struct Population
{
    std::string name;
    demo::SampleOptions options; // of a campus: users, days, seed and end
    double late = 0.01;          // share of records that arrive up to a day late
    double duplicate = 0.005;    // share that arrive twice
    std::vector<std::pair<std::string, double>>
        settings;       // of the directory, by key; others are at their default
    bool daily = false; // imported day by day, as a nightly job does, and not at once
};
// "service": as many sign-ins a person as a large consumer service sees (median two in four months, 28 at the
// 99th percentile); "shop": customers who come every third day; "campus": schools, a university and those who
// work there, with terms and holidays, in a log that ends on 19 January 2026.
[[nodiscard]] Population population(const std::string &name, unsigned users, unsigned days,
                                    std::uint64_t seed);
[[nodiscard]] std::unique_ptr<Source> sourceOf(const Population &population);

} // namespace riskdesk::lab
