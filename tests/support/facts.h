// Facts: evidence by its outside names, as exports and stories see it.
#pragma once

#include "core/domain/evidence.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>
#include <string_view>

namespace riskdesk::test {

class Facts
{
public:
    explicit Facts(const Evidence &evidence)
        : Facts(evidence.listed())
    {}
    explicit Facts(std::vector<Fact> facts)
        : m_facts(std::move(facts))
    {}

    [[nodiscard]] std::optional<FactValue> find(std::string_view key) const
    {
        for (const auto &fact : m_facts)
            if (fact.key == key)
                return fact.value;
        return std::nullopt;
    }
    [[nodiscard]] double number(std::string_view key, double otherwise = 0) const
    {
        const auto value = find(key);
        if (value && std::holds_alternative<std::int64_t>(*value))
            return static_cast<double>(std::get<std::int64_t>(*value));
        return value && std::holds_alternative<double>(*value) ? std::get<double>(*value) : otherwise;
    }
    [[nodiscard]] std::string text(std::string_view key) const
    {
        const auto value = find(key);
        if (!value)
            return {};
        if (const auto *text = std::get_if<std::string>(&*value))
            return *text;
        if (const auto *flag = std::get_if<bool>(&*value))
            return *flag ? "true" : "false";
        if (const auto *time = std::get_if<Timestamp>(&*value))
            return time->toIso();
        return fmt::format("{}", number(key));
    }

private:
    std::vector<Fact> m_facts;
};

} // namespace riskdesk::test
