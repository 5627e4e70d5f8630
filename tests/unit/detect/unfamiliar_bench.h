// An engine and a user, for the tests of unfamiliar sign-in properties.
#pragma once

#include "core/base/timestamp.h"
#include "core/detect/engine.h"
#include "core/detect/usual/features.h"

#include "tests/support/sign_in_builder.h"

#include <optional>
#include <string_view>

namespace riskdesk::detect::test {

using riskdesk::test::SignInBuilder;
using riskdesk::test::SignInWorld;

inline const Timestamp now = *Timestamp::fromIso("2026-03-18T14:00:00Z");
inline Timestamp daysBefore(double days)
{
    return {now.us - static_cast<std::int64_t>(days * 86400e6)};
}

struct Bench
{
    SignInWorld world;
    NoState none;
    Engine engine;

    explicit Bench(const Tuning &tuning = {})
        : engine(tuning, none, world)
    {}

    SignInBuilder home(std::string_view user = "ann")
    {
        return world.signIn(user)
            .ip("192.0.2.7")
            .place("Lisbon", "PT", 38.72, -9.14)
            .asn(64500, "Home Net")
            .agent("Chrome 122", "Windows 10");
    }
    SignInBuilder strange()
    {
        return world.signIn("ann")
            .ip("203.0.113.9")
            .place("Porto Alegre", "BR", -30.03, -51.22)
            .asn(64510)
            .agent("Firefox 110", "Linux", DeviceClass::Desktop);
    }
    void seed(int days, double last = 1)
    {
        for (int i = days; i > 0; --i)
            engine.examine(home().at(daysBefore(last + i - 1)).build());
    }
    std::optional<Finding> unfamiliar(const SignInBuilder &b)
    {
        for (const Finding &f : engine.examine(b.build()).findings)
            if (f.type == DetectionType::UnfamiliarFeatures)
                return f;
        return std::nullopt;
    }
    Verdict why(const SignInBuilder &b)
    {
        for (auto &e : engine.explain(b.build()))
            if (e.type == DetectionType::UnfamiliarFeatures)
                return e.verdict;
        return {};
    }
};

inline void learn(FeatureModel &model, const EnrichedSignIn &s)
{
    model.assess(s, 0);
    model.learn(s);
}

} // namespace riskdesk::detect::test
