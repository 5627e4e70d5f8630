#include "core/domain/evidence.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>

namespace riskdesk {
namespace {

struct ResultWord
{
    SignalResult value;
    std::string_view key, display;
};
constexpr std::array words = {
    ResultWord{SignalResult::AsUsual, "asUsual", "As usual"},
    ResultWord{SignalResult::Rare, "rare", "Rare"},
    ResultWord{SignalResult::New, "new", "New"},
    ResultWord{SignalResult::NotPlausible, "notPlausible", "Not plausible"},
    ResultWord{SignalResult::OnList, "onList", "On list"},
    ResultWord{SignalResult::Unknown, "unknown", "Unknown"},
};

template <typename... F>
struct Overloaded : F...
{
    using F::operator()...;
};
template <typename... F>
Overloaded(F...) -> Overloaded<F...>;

} // namespace

std::string_view toText(SignalResult v)
{
    return words[static_cast<std::size_t>(v)].key;
}
std::string_view displayName(SignalResult v)
{
    return words[static_cast<std::size_t>(v)].display;
}

const FactValue *Evidence::find(std::string_view key) const
{
    for (const auto &fact : facts)
        if (fact.key == key)
            return &fact.value;
    return nullptr;
}

double Evidence::number(std::string_view key, double otherwise) const
{
    const auto *value = find(key);
    if (value == nullptr)
        return otherwise;
    if (const auto *i = std::get_if<std::int64_t>(value))
        return static_cast<double>(*i);
    if (const auto *d = std::get_if<double>(value))
        return *d;
    return otherwise;
}

std::string Evidence::text(std::string_view key) const
{
    const auto *value = find(key);
    if (value == nullptr)
        return {};
    return std::visit(Overloaded{[](std::int64_t i) { return std::to_string(i); },
                                 [](double d) { return fmt::format("{}", d); },
                                 [](const std::string &s) { return s; },
                                 [](Timestamp t) { return t.toIso(); },
                                 [](bool b) { return std::string(b ? "true" : "false"); }},
                      *value);
}

std::string Evidence::toJson() const
{
    std::string out = "{\"facts\":[";
    for (const auto &fact : facts) {
        if (out.back() != '[')
            out += ',';
        out += "{\"k\":" + jsonString(fact.key) + ',';
        out += std::visit(
            Overloaded{[](std::int64_t i) { return fmt::format("\"i\":{}", i); },
                       [](double d) { return fmt::format("\"d\":{}", std::isfinite(d) ? d : 0.0); },
                       [](const std::string &s) { return "\"s\":" + jsonString(s); },
                       [](Timestamp t) { return fmt::format("\"t\":{}", t.us); },
                       [](bool b) { return fmt::format("\"b\":{}", b); }},
            fact.value);
        out += '}';
    }
    out += "],\"signals\":[";
    for (const auto &signal : signals) {
        if (out.back() != '[')
            out += ',';
        out += fmt::format("{{\"k\":{},\"usual\":{},\"seen\":{},\"result\":{},\"bits\":{}",
                           jsonString(signal.key), jsonString(signal.usual), jsonString(signal.seen),
                           jsonString(toText(signal.result)), std::isfinite(signal.bits) ? signal.bits : 0.0);
        if (const auto &c = signal.counts)
            out += fmt::format(",\"counts\":[{},{},{},{},{},{}]", c->directory, c->directoryParent,
                               c->directoryChildren, c->user, c->userParent, c->userChildren);
        out += '}';
    }
    return out + "]}";
}

namespace {

std::optional<SignalCounts> countsOf(simdjson::simdjson_result<simdjson::dom::element> item)
{
    simdjson::dom::array list;
    if (item.get(list) != simdjson::SUCCESS || list.size() != 6)
        return std::nullopt;
    SignalCounts c;
    double *const to[] = {&c.directory, &c.directoryParent, &c.directoryChildren,
                          &c.user,      &c.userParent,      &c.userChildren};
    std::size_t i = 0;
    for (const auto number : list)
        if (number.get(*to[i++]) != simdjson::SUCCESS)
            return std::nullopt;
    return c;
}

} // namespace

Result<Evidence> Evidence::fromJson(std::string_view json)
{
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (const auto error = parser.parse(json.data(), json.size()).get(root); error != simdjson::SUCCESS)
        return fail(Code::Malformed, "evidence", simdjson::error_message(error));
    Evidence evidence;
    simdjson::dom::array list;
    if (root["facts"].get(list) == simdjson::SUCCESS) {
        for (const auto item : list) {
            Fact fact;
            std::string_view key;
            if (item["k"].get(key) != simdjson::SUCCESS)
                continue;
            fact.key = key;
            std::int64_t i;
            double d;
            std::string_view s;
            bool b;
            if (item["i"].get(i) == simdjson::SUCCESS)
                fact.value = i;
            else if (item["d"].get(d) == simdjson::SUCCESS)
                fact.value = d;
            else if (item["s"].get(s) == simdjson::SUCCESS)
                fact.value = std::string(s);
            else if (item["t"].get(i) == simdjson::SUCCESS)
                fact.value = Timestamp{i};
            else if (item["b"].get(b) == simdjson::SUCCESS)
                fact.value = b;
            evidence.facts.push_back(std::move(fact));
        }
    }
    if (root["signals"].get(list) == simdjson::SUCCESS) {
        for (const auto item : list) {
            Signal signal;
            std::string_view text;
            if (item["k"].get(text) == simdjson::SUCCESS)
                signal.key = text;
            if (item["usual"].get(text) == simdjson::SUCCESS)
                signal.usual = text;
            if (item["seen"].get(text) == simdjson::SUCCESS)
                signal.seen = text;
            if (item["result"].get(text) == simdjson::SUCCESS)
                for (const auto &word : words)
                    if (word.key == text)
                        signal.result = word.value;
            if (item["bits"].get(signal.bits) != simdjson::SUCCESS)
                signal.bits = 0;
            signal.counts = countsOf(item["counts"]);
            evidence.signals.push_back(std::move(signal));
        }
    }
    return evidence;
}

} // namespace riskdesk
