#include "core/query/filter/filter.h"

#include <algorithm>
#include <utility>

namespace riskdesk::query {

bool equal(const Value &a, const Value &b)
{
    if (a.index() != b.index())
        return false;
    if (const auto *range = std::get_if<Cidr>(&a)) {
        const auto &other = std::get<Cidr>(b);
        return range->first == other.first && range->last == other.last && range->bits == other.bits;
    }
    return std::visit(
        [&b]<typename T>(const T &left) {
            if constexpr (std::is_same_v<T, Cidr>)
                return true; // done above
            else
                return left == std::get<T>(b);
        },
        a);
}

Filter Filter::all(std::vector<Filter> parts)
{
    Filter f;
    f.children = std::move(parts);
    return f;
}

Filter Filter::any(std::vector<Filter> parts)
{
    Filter f;
    f.kind = Kind::Any;
    f.children = std::move(parts);
    return f;
}

Filter Filter::negate(Filter part)
{
    Filter f;
    f.kind = Kind::Not;
    f.children.push_back(std::move(part));
    return f;
}

Filter Filter::match(std::string_view field, Test test, std::vector<Value> values)
{
    Filter f;
    f.kind = Kind::Match;
    f.field = field;
    f.test = test;
    f.values = std::move(values);
    return f;
}

Filter Filter::search(std::string_view words)
{
    Filter f;
    f.kind = Kind::Search;
    f.values.emplace_back(std::string(words));
    return f;
}

std::size_t Filter::depth() const
{
    std::size_t deepest = 0;
    for (const auto &child : children)
        deepest = std::max(deepest, child.depth());
    return deepest + 1;
}

bool operator==(const Filter &a, const Filter &b)
{
    return a.kind == b.kind && a.field == b.field && (a.kind != Filter::Kind::Match || a.test == b.test) &&
           std::equal(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(), equal) &&
           a.children == b.children;
}

Filter without(const Filter &filter, std::string_view field)
{
    const auto about = [field](const Filter &part) {
        const Filter &inner =
            part.kind == Filter::Kind::Not && part.children.size() == 1 ? part.children[0] : part;
        return inner.kind == Filter::Kind::Match && inner.field == field;
    };
    if (about(filter))
        return {};
    if (filter.kind != Filter::Kind::All)
        return filter;
    Filter rest;
    std::copy_if(filter.children.begin(), filter.children.end(), std::back_inserter(rest.children),
                 [&](const Filter &part) { return !about(part); });
    return rest;
}

Filter with(const Filter &filter, Filter condition)
{
    if (filter.isEverything())
        return condition;
    Filter both = filter.kind == Filter::Kind::All ? filter : Filter::all({filter});
    both.children.push_back(std::move(condition));
    return both;
}

} // namespace riskdesk::query
