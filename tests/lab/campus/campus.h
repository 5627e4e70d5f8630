// Campus: a population of other habits than those of the product's own sample, and the attacks on it.
//
// Schools, a university with a dormitory, a hospital and a depot that work in shifts, students in countries
// where the phone comes first, and remote workers. Who they are: people.h; what they do: life.h; what is done
// to them: attackers.h. No list declares the campus's own networks as trusted.
#pragma once

#include "tests/lab/campus/attackers.h"
#include "tests/lab/population.h"

namespace riskdesk::lab {

class Campus : public Source
{
public:
    // Users, days, seed and end count; habits and attacks are the campus's own.
    explicit Campus(const demo::SampleOptions &options);

    [[nodiscard]] std::vector<demo::SampleList> lists() const override { return campusLists(); }
    void writeUsers(const demo::LineSink &sink) override;
    void writeSignIns(const demo::LineSink &sink) override;
    [[nodiscard]] const std::vector<demo::SampleLabel> &labels() const override { return m_labels; }

private:
    void write(const Event &event, const demo::LineSink &sink);

    int m_first, m_end; // days
    Life m_life;
    Attackers m_attackers;
    demo::Random m_ids;
    std::vector<demo::SampleLabel> m_labels;
};

} // namespace riskdesk::lab
