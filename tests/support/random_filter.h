// Random filters for properties: any field of a report, any test its kind knows, values that meet the data.
#pragma once

#include "core/query/filter/fields.h"
#include "core/query/filter/filter.h"

#include "tests/support/small_directory.h"

#include <random>

namespace riskdesk::test {

// What no filter text can say too, or only what it can.
enum class Saying : bool { AsText, Anything };

class RandomFilter
{
public:
    RandomFilter(query::Report report, unsigned seed, Saying saying = Saying::AsText)
        : m_report(report)
        , m_saying(saying)
        , m_random(seed)
    {}

    std::uint32_t below(std::size_t n) { return static_cast<std::uint32_t>(m_random() % n); }

    query::Filter match()
    {
        using namespace query;
        const auto all = fields(m_report);
        const auto &field = all[below(all.size())];
        auto test = field.kind == FieldKind::Text ? (below(2) == 0 ? Test::Is : Test::Contains) : Test::Is;
        if (field.name == "countryOrRegion") // part of a name reads as the codes of countries
            test = Test::Is;
        const bool compares =
            field.ordered || field.kind == FieldKind::Time || field.kind == FieldKind::Number;
        if (compares && below(2) == 0)
            test = static_cast<Test>(2 + below(4));
        const bool ofText = field.kind == FieldKind::Text || !field.spelled.empty();
        if (m_saying == Saying::Anything && below(4) == 0) {
            if (ofText)
                return Filter::match(field.name, below(2) == 0 ? Test::StartsWith : Test::EndsWith,
                                     {spelling(field), spelling(field)});
            return Filter::match(field.name, Test::Is, {value(field), Nothing{}});
        }
        if (m_saying == Saying::Anything && field.kind == FieldKind::Address && below(3) == 0)
            return below(2) == 0 ? Filter::match(field.name, Test::Is, {Nothing{}})
                                 : Filter::match(field.name, below(2) == 0 ? Test::Is : Test::Contains,
                                                 {spelling(field)});
        std::vector<Value> values;
        for (auto n = 1 + below(3); n > 0; --n)
            values.push_back(value(field));
        return Filter::match(field.name, test, values);
    }

    query::Filter search()
    {
        static constexpr std::array words = {"mari", "ozt", "198.51", "2001:db8", "sao", "portal", "event-1",
                                             "\"",   "-x",  "a:b",    "",         "=",   ","};
        return query::Filter::search(words.at(below(words.size())));
    }

    query::Filter term()
    {
        auto part = below(6) == 0 ? search() : match();
        return below(4) == 0 ? query::Filter::negate(std::move(part)) : part;
    }

    query::Filter tree(int depth = 3)
    {
        if (depth == 0 || below(3) == 0)
            return term();
        std::vector<query::Filter> parts;
        for (auto n = below(4); n > 0; --n)
            parts.push_back(tree(depth - 1));
        auto whole =
            below(2) == 0 ? query::Filter::all(std::move(parts)) : query::Filter::any(std::move(parts));
        return below(4) == 0 ? query::Filter::negate(std::move(whole)) : whole;
    }

private:
    // A text, or a part of one.
    query::Value spelling(const query::Field &field)
    {
        static constexpr std::array parts = {"198.51.", "2001:DB8::", ".7", "3", "", "198.51.100.7", "beta"};
        if (field.kind != query::FieldKind::Text)
            return std::string(parts.at(below(parts.size())));
        auto text = std::get<std::string>(value(field));
        const auto cut = below(4);
        if (cut == 0 || text.size() < 3 || !isValidUtf8(text.substr(0, 2)))
            return text;
        return cut == 1 ? text.substr(0, 2) : text;
    }

    query::Value value(const query::Field &field)
    {
        using namespace query;
        static constexpr std::array texts = {
            "",      "mari",    "Mariana Duarte", "lisbon",     "SÃO",    "pt",         "br", "",
            "Alpha", "ç",       "beta",           "storefront", "a,b",    "say \"hi\"", "=x", "-y",
            "@shop", "c100003", "Event-7",        "%",          "python", "user1"};
        switch (field.kind) {
        case FieldKind::Text: return std::string(texts.at(below(texts.size())));
        case FieldKind::Enum: return field.words[below(field.words.size())].value;
        case FieldKind::Number: {
            static constexpr std::array<std::int64_t, 7> numbers = {0, -1,    50125, 64500, 4'200'000'000,
                                                                    3, 100251};
            if (below(5) == 0)
                return 50124.5;
            return numbers.at(below(numbers.size()));
        }
        case FieldKind::Time: {
            const auto days = static_cast<std::int64_t>(below(12));
            if (below(2) == 0)
                return Ago{Microseconds(days * dayUs / 4)};
            const Timestamp from{smallNow.us - smallNow.us % dayUs - days * dayUs};
            if (below(2) == 0)
                return Moment{from, {from.us + dayUs}};
            if (m_saying == Saying::Anything && below(4) == 0)
                return Moment{from, from};
            const Timestamp moment{smallNow.us - days * dayUs / 4};
            return Moment{moment, {moment.us + 1}};
        }
        case FieldKind::Address: {
            static constexpr std::array ranges = {"198.51.100.0/24",  "198.51.100.7", "2001:db8::/32",
                                                  "0.0.0.0/0",        "::/0",         "10.0.0.0/8",
                                                  "198.51.101.128/25"};
            return *Cidr::parse(ranges.at(below(ranges.size())));
        }
        }
        return std::int64_t{0};
    }

    query::Report m_report;
    Saying m_saying;
    std::mt19937 m_random;
};

} // namespace riskdesk::test
