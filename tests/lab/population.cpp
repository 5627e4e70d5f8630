#include "tests/lab/population.h"

#include "tests/lab/campus/campus.h"

namespace riskdesk::lab {
namespace {

class SampleSource : public Source
{
public:
    explicit SampleSource(const demo::SampleOptions &options)
        : m_sample(options)
    {}
    [[nodiscard]] std::vector<demo::SampleList> lists() const override { return m_sample.lists(); }
    void writeUsers(const demo::LineSink &sink) override { m_sample.writeUsers(sink); }
    void writeSignIns(const demo::LineSink &sink) override { m_sample.writeSignIns(sink); }
    [[nodiscard]] const std::vector<demo::SampleLabel> &labels() const override { return m_sample.labels(); }

private:
    demo::Sample m_sample;
};

} // namespace

Population population(const std::string &name, unsigned users, unsigned days, std::uint64_t seed)
{
    Population p;
    p.name = name;
    auto &o = p.options;
    o.users = users;
    o.days = days;
    o.seed = seed;
    o.end = Timestamp::fromCivil(2026, 3, 19);
    if (name == "campus") { // the autumn term, New Year and the first exams
        o.end = Timestamp::fromCivil(2026, 1, 20);
        return p;
    }
    auto &h = o.habits;
    h.vpn = 0.03;
    h.newDevice = 0.01;
    h.journey = 0.003;
    h.move = 0.03;
    h.household = 0.25;
    h.companyVpn = 0.1;
    h.placeError = true;
    h.incidents = true;
    auto &a = o.attacks;
    a.targeted = a.cookie = a.weekly = a.learning = 8;
    a.everySpray = true;
    a.onceEach = true;
    if (name == "service") {
        // Median 2 and 90th percentile 9 sign-ins in 120 days: a logarithm spread by ln(9/2) / 1.28.
        h.signIns = 2.0 / 120;
        h.spread = 1.17;
        a.leastSignIns = 9.0 / days;
    } else {
        a.leastSignIns = 24.0 / days;
    }
    return p;
}

std::unique_ptr<Source> sourceOf(const Population &population)
{
    if (population.name == "campus")
        return std::make_unique<Campus>(population.options);
    return std::make_unique<SampleSource>(population.options);
}

} // namespace riskdesk::lab
