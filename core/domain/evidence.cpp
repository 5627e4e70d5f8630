#include "core/domain/evidence.h"

#include "core/base/text.h"
#include "core/base/word_table.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

namespace riskdesk {
namespace {

constexpr std::array results = {
    Word{SignalResult::AsUsual, "asUsual", {}}, Word{SignalResult::Rare, "rare", {}},
    Word{SignalResult::New, "new", {}},         Word{SignalResult::NotPlausible, "notPlausible", {}},
    Word{SignalResult::OnList, "onList", {}},   Word{SignalResult::Unknown, "unknown", {}},
};
static_assert(isComplete(results, SignalResult::Unknown));

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
    return word(results, v).key;
}
namespace {

class FactWriter
{
public:
    explicit FactWriter(std::vector<Fact> &out)
        : m_out(out)
    {}

    template <typename T>
    void operator()(std::string_view key, const std::optional<T> &value)
    {
        if (value)
            (*this)(key, *value);
    }
    template <typename T>
    void operator()(std::string_view key, const T &value)
    {
        if constexpr (std::is_enum_v<T>)
            add(key, std::string(toText(value)));
        else if constexpr (std::is_same_v<T, std::string>) {
            if (!value.empty())
                add(key, value);
        } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
            add(key, static_cast<std::int64_t>(value));
        else
            add(key, value);
    }

private:
    void add(std::string_view key, FactValue value) { m_out.push_back({std::string(key), std::move(value)}); }

    std::vector<Fact> &m_out;
};

class FactReader
{
public:
    explicit FactReader(const std::vector<Fact> &facts)
        : m_facts(facts)
    {}

    // How many members had a fact.
    [[nodiscard]] std::size_t read() const { return m_read; }

    template <typename T>
    void operator()(std::string_view key, std::optional<T> &value)
    {
        T read{};
        const auto before = m_read;
        (*this)(key, read);
        if (m_read != before)
            value = std::move(read);
    }
    template <typename T>
    void operator()(std::string_view key, T &value)
    {
        const auto fact =
            std::find_if(m_facts.begin(), m_facts.end(), [key](const Fact &f) { return f.key == key; });
        if (fact == m_facts.end())
            return;
        if constexpr (std::is_enum_v<T>) {
            if (const auto *text = std::get_if<std::string>(&fact->value))
                for (std::uint8_t i = 0; i < 32; ++i)
                    if (toText(static_cast<T>(i)) == *text) {
                        value = static_cast<T>(i);
                        ++m_read;
                        return;
                    }
        } else if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
            if (const auto *whole = std::get_if<std::int64_t>(&fact->value))
                set(value, *whole);
            else if (const auto *real = std::get_if<double>(&fact->value))
                set(value, *real);
        } else if (const auto *same = std::get_if<T>(&fact->value)) {
            value = *same;
            ++m_read;
        }
    }

private:
    // The file may have been changed by others: what does not fit is left out.
    template <typename T, typename N>
    void set(T &value, N number)
    {
        if constexpr (std::is_integral_v<T>) {
            const auto real = static_cast<double>(number);
            if (!(real >= static_cast<double>(std::numeric_limits<T>::min()) &&
                  real < std::ldexp(1.0, std::numeric_limits<T>::digits)))
                return;
        }
        value = static_cast<T>(number);
        ++m_read;
    }

    const std::vector<Fact> &m_facts;
    std::size_t m_read = 0;
};

std::string factsJson(const std::vector<Fact> &facts)
{
    std::string out = "[";
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
    return out + ']';
}

std::vector<Fact> readFacts(const simdjson::dom::element &root)
{
    std::vector<Fact> facts;
    simdjson::dom::array list;
    if (root["facts"].get(list) != simdjson::SUCCESS)
        return facts;
    for (const auto item : list) {
        Fact fact;
        std::string_view s;
        std::int64_t i;
        double d;
        bool b;
        if (item["k"].get(s) != simdjson::SUCCESS)
            continue;
        fact.key = s;
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
        else
            continue;
        facts.push_back(std::move(fact));
    }
    return facts;
}

// What explains that there is no finding is told, and never read again.
template <typename Facts>
concept isOfAFinding = requires
{
    Facts::type;
};

// The facts that any finding may have.
template <typename Self, typename Visitor>
void visitShared(Self &evidence, Visitor &&visitor)
{
    visitor("decidedAt", evidence.decidedAt);
    visitor("notFoundSince", evidence.notFoundSince);
    visitor("additionalInfo", evidence.additionalInfo);
}

// A type beyond the newest would have no row, no detector and no test.
template <typename... Facts>
constexpr bool knowsTypesOf(const std::variant<Facts...> *)
{
    const auto isKnown = []<typename F>(const F *) {
        if constexpr (isOfAFinding<F>)
            return F::type <= newestDetectionType;
        return true;
    };
    return (isKnown(static_cast<const Facts *>(nullptr)) && ...);
}
static_assert(knowsTypesOf(static_cast<const FindingFacts *>(nullptr)),
              "newestDetectionType is not the newest");

} // namespace

FindingFacts noFacts(DetectionType type)
{
    switch (type) {
    case DetectionType::UnlikelyTravel: return UnlikelyTravelEvidence();
    case DetectionType::AnonymizedIPAddress: return AnonymizedIpEvidence();
    case DetectionType::MalwareInfectedIPAddress: return MalwareInfectedIpEvidence();
    case DetectionType::UnfamiliarFeatures: return UnfamiliarFeaturesEvidence();
    case DetectionType::PasswordSpray: return PasswordSprayEvidence();
    case DetectionType::InvestigationsThreatIntelligence: return ThreatIntelligenceEvidence();
    case DetectionType::AdminConfirmedUserCompromised: return AdminConfirmedEvidence();
    case DetectionType::Other: break;
    }
    return {};
}

std::string CampaignFacts::toJson() const
{
    std::vector<Fact> facts;
    visit(*this, FactWriter(facts));
    return "{\"facts\":" + factsJson(facts) + ",\"signals\":[]}";
}

void CampaignFacts::readJson(std::string_view json)
{
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (parser.parse(json.data(), json.size()).get(root) == simdjson::SUCCESS) {
        const auto facts = readFacts(root);
        visit(*this, FactReader(facts));
    }
}

std::vector<Fact> Evidence::listed() const
{
    std::vector<Fact> out;
    std::visit(
        [&out]<typename Facts>(const Facts &known) {
            if constexpr (!std::is_same_v<Facts, std::monostate>)
                Facts::visit(known, FactWriter(out));
        },
        facts);
    visitShared(*this, FactWriter(out));
    return out;
}

std::string Evidence::toJson() const
{
    std::string out = "{\"facts\":" + factsJson(listed()) + ",\"signals\":[";
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

Result<Evidence> Evidence::fromJson(DetectionType type, std::string_view json)
{
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (const auto error = parser.parse(json.data(), json.size()).get(root); error != simdjson::SUCCESS)
        return fail(Code::Malformed, "evidence", simdjson::error_message(error));
    Evidence evidence;
    const auto facts = readFacts(root);
    FactReader reader(facts);
    evidence.facts = noFacts(type);
    std::visit(
        [&reader]<typename Facts>(Facts &known) {
            if constexpr (isOfAFinding<Facts>)
                Facts::visit(known, reader);
        },
        evidence.facts);
    if (reader.read() == 0)
        evidence.facts = {};
    visitShared(evidence, reader);
    simdjson::dom::array list;
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
                signal.result = fromText(results, text).value_or(SignalResult::Unknown);
            if (item["bits"].get(signal.bits) != simdjson::SUCCESS)
                signal.bits = 0;
            signal.counts = countsOf(item["counts"]);
            evidence.signals.push_back(std::move(signal));
        }
    }
    return evidence;
}

} // namespace riskdesk
