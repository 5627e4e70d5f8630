#include "core/query/filter/filter_sql.h"

#include "core/base/text.h"
#include "core/query/filter/fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::query {
namespace {

constexpr std::size_t mostValues = 10'000;

std::string upper(std::string_view text)
{
    std::string out(text);
    for (auto &c : out)
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 32);
    return out;
}

std::vector<std::uint8_t> bytes(const IpAddress &ip)
{
    return {ip.bytes.begin(), ip.bytes.end()};
}

std::string_view comparison(Test test)
{
    switch (test) {
    case Test::Less: return "<";
    case Test::LessOrEqual: return "<=";
    case Test::Greater: return ">";
    case Test::GreaterOrEqual: return ">=";
    case Test::Is:
    case Test::Contains:
    case Test::StartsWith:
    case Test::EndsWith: return "=";
    }
    return "=";
}

class Writer
{
public:
    Writer(Report report, Timestamp now)
        : m_report(report)
        , m_now(now)
    {}

    Status write(const Filter &filter)
    {
        switch (filter.kind) {
        case Filter::Kind::All: return writeList(filter.children, " AND ", "1");
        case Filter::Kind::Any: return writeList(filter.children, " OR ", "0");
        case Filter::Kind::Not:
            // Unknown is not a match, so its negation is.
            out += "((";
            if (filter.children.size() != 1)
                return fail(Code::WrongUsage, "filter", "NOT takes one condition");
            if (auto ok = write(filter.children[0]); !ok)
                return ok;
            out += ") IS NOT TRUE)";
            return {};
        case Filter::Kind::Match: return writeMatch(filter);
        case Filter::Kind::Search: return writeSearch(filter);
        }
        return {};
    }

    SqlText out;

private:
    Status writeList(const std::vector<Filter> &parts, std::string_view glue, std::string_view whenEmpty)
    {
        if (parts.empty()) {
            out += whenEmpty;
            return {};
        }
        out += "(";
        for (const auto &part : parts) {
            if (&part != parts.data())
                out += glue;
            if (auto ok = write(part); !ok)
                return ok;
        }
        out += ")";
        return {};
    }

    Status writeSearch(const Filter &filter)
    {
        const auto *words = filter.values.size() == 1 ? std::get_if<std::string>(&filter.values[0]) : nullptr;
        if (words == nullptr)
            return fail(Code::WrongUsage, "filter", "a search takes one text");
        const auto &from = source(m_report);
        const auto folded = foldForSearch(*words);
        out += "(instr(";
        out += from.search;
        out += ", ?) > 0";
        out.add(folded);
        const auto orAlso = [&](std::string_view sql) {
            out += " OR ";
            out += sql;
            out.add(folded);
        };
        if (!from.searchAddress.empty() && looksLikeAddress(folded))
            orAlso(from.searchAddress);
        if (!from.searchId.empty() && looksLikeId(folded))
            orAlso(from.searchId);
        out += ")";
        return {};
    }

    Status writeMatch(const Filter &filter)
    {
        const auto *field = findField(m_report, filter.field);
        if (field == nullptr)
            return fail(Code::WrongUsage, filter.field, "no such field");
        if (filter.values.empty()) {
            out += "0";
            return {};
        }
        out += field->within.empty() ? "(" : field->within;
        if (!field->within.empty())
            out += "(";
        for (const auto &value : filter.values) {
            if (&value != filter.values.data())
                out += " OR ";
            if (auto ok = writeValue(*field, filter.test, value); !ok)
                return ok;
        }
        out += field->within.empty() ? ")" : "))";
        return {};
    }

    Status writeValue(const Field &field, Test test, const Value &value)
    {
        if (std::holds_alternative<Nothing>(value) && test == Test::Is && field.kind != FieldKind::Text) {
            out += fmt::format("{} IS NULL", field.sql);
            return {};
        }
        if (const auto *text = std::get_if<std::string>(&value);
            text != nullptr && !field.spelled.empty() && (test == Test::Is || isOfText(test)))
            return writeText(field.spelled, Storage::Fold, test, *text);
        switch (field.kind) {
        case FieldKind::Text:
            if (const auto *text = std::get_if<std::string>(&value);
                text != nullptr && (test == Test::Is || isOfText(test)))
                return writeText(field.sql, field.storage, test, *text);
            break;
        case FieldKind::Enum:
            if (const auto *number = std::get_if<std::int64_t>(&value);
                number != nullptr && (test == Test::Is || (field.ordered && !isOfText(test)))) {
                if (field.storage == Storage::Bits) {
                    out += fmt::format("({} & ?) <> 0", field.sql);
                    out.add(*number >= 0 && *number < 63 ? std::int64_t{1} << *number : 0);
                } else {
                    out += fmt::format("{} {} ?", field.sql, comparison(test));
                    out.add(*number);
                }
                return {};
            }
            break;
        case FieldKind::Number:
            if (isOfText(test))
                break;
            if (const auto *number = std::get_if<std::int64_t>(&value)) {
                out += fmt::format("{} {} ?", field.sql, comparison(test));
                out.add(*number);
                return {};
            }
            if (const auto *real = std::get_if<double>(&value)) {
                out += fmt::format("{} {} ?", field.sql, comparison(test));
                out.add(*real);
                return {};
            }
            break;
        case FieldKind::Time: return writeTime(field, test, value);
        case FieldKind::Address:
            if (const auto *range = std::get_if<Cidr>(&value); range != nullptr && test == Test::Is) {
                out += fmt::format("{} BETWEEN ? AND ?", field.sql);
                out.add(bytes(range->first));
                out.add(bytes(range->last));
                return {};
            }
            break;
        }
        return fail(Code::WrongUsage, std::string(field.name), "the value does not fit the field");
    }

    Status writeText(std::string_view sql, Storage storage, Test test, const std::string &text)
    {
        if (text.empty()) {
            out += fmt::format("coalesce({}, '') = ''", sql);
            return {};
        }
        // Several parts, each between two marks: any of them may be equal, begin or end so.
        const auto among = [&](std::string_view mark, const std::string &wanted) {
            const bool begins = test == Test::Is || test == Test::StartsWith;
            const bool ends = test == Test::Is || test == Test::EndsWith;
            out += fmt::format("instr({0} || {1} || {0}, ?) > 0", mark, sql);
            const std::string character(1, mark == "' '" ? ' ' : '\x1f');
            out.add((begins ? character : "") + wanted + (ends ? character : ""));
        };
        const auto atEdge = [&](const std::string &of, const std::string &wanted, std::string_view collate) {
            out += test == Test::StartsWith ? fmt::format("substr({}, 1, length(?)) = ?{}", of, collate)
                                            : fmt::format("substr({}, -length(?)) = ?{}", of, collate);
            out.add(wanted);
            out.add(wanted);
        };
        const bool edge = test == Test::StartsWith || test == Test::EndsWith;
        switch (storage) {
        case Storage::Folded:
            if (test == Test::Contains) {
                out += fmt::format("instr({}, ?) > 0", sql);
                out.add(foldForSearch(text));
            } else {
                among("char(31)", foldForSearch(text));
            }
            return {};
        case Storage::Words:
            // Part of a word means nothing.
            if (test == Test::Contains)
                test = Test::Is;
            among("' '", upper(text));
            return {};
        case Storage::Fold:
            if (edge) {
                atEdge(fmt::format("rd_fold({})", sql), foldForSearch(text), "");
                return {};
            }
            out += test == Test::Is ? fmt::format("rd_fold({}) = ?", sql)
                                    : fmt::format("instr(rd_fold({}), ?) > 0", sql);
            out.add(foldForSearch(text));
            return {};
        case Storage::Plain:
        case Storage::Bits:
        case Storage::Blob:
            // Codes and ids: equal whatever the letter case, never a part in the middle.
            if (edge) {
                atEdge(std::string(sql), text, " COLLATE NOCASE");
                return {};
            }
            out += fmt::format("{} = ? COLLATE NOCASE", sql);
            out.add(text);
            return {};
        }
        return {};
    }

    Status writeTime(const Field &field, Test test, const Value &value)
    {
        const auto compare = [&](std::string_view op, std::int64_t us) {
            out += fmt::format("{} {} ?", field.sql, op);
            out.add(us);
        };
        if (const auto *ago = std::get_if<Ago>(&value)) {
            const auto since = m_now.us - ago->span.count();
            switch (test) {
            case Test::Less: compare(">", since); return {};
            case Test::Is:
            case Test::LessOrEqual: compare(">=", since); return {};
            case Test::Greater: compare("<", since); return {};
            case Test::GreaterOrEqual: compare("<=", since); return {};
            case Test::Contains:
            case Test::StartsWith:
            case Test::EndsWith: break;
            }
        } else if (const auto *moment = std::get_if<Moment>(&value)) {
            switch (test) {
            case Test::Less: compare("<", moment->from.us); return {};
            case Test::LessOrEqual: compare("<", moment->until.us); return {};
            case Test::Greater: compare(">=", moment->until.us); return {};
            case Test::GreaterOrEqual: compare(">=", moment->from.us); return {};
            case Test::Is:
                out += "(";
                compare(">=", moment->from.us);
                out += " AND ";
                compare("<", moment->until.us);
                out += ")";
                return {};
            case Test::Contains:
            case Test::StartsWith:
            case Test::EndsWith: break;
            }
        }
        return fail(Code::WrongUsage, std::string(field.name), "the value does not fit the field");
    }

    Report m_report;
    Timestamp m_now;
};

std::size_t valueCount(const Filter &filter)
{
    std::size_t count = filter.values.size();
    for (const auto &child : filter.children)
        count += valueCount(child);
    return count;
}

} // namespace

SqlText &SqlText::operator+=(const SqlText &more)
{
    text += more.text;
    values.insert(values.end(), more.values.begin(), more.values.end());
    return *this;
}

void SqlText::bindTo(store::Statement &statement) const
{
    int index = 0;
    for (const auto &value : values) {
        ++index;
        std::visit(
            [&]<typename T>(const T &v) {
                if constexpr (std::is_same_v<T, std::vector<std::uint8_t>>)
                    statement.bindOne(index, std::span<const std::uint8_t>(v));
                else
                    statement.bindOne(index, v);
            },
            value);
    }
}

Result<SqlText> filterSql(Report report, const Filter &filter, Timestamp now)
{
    if (filter.depth() > deepestFilter)
        return fail(Code::WrongUsage, "filter", "nested too deeply");
    if (valueCount(filter) > mostValues)
        return fail(Code::WrongUsage, "filter", "more than 10,000 values");
    Writer writer(report, now);
    if (auto ok = writer.write(filter); !ok)
        return tl::unexpected(ok.error());
    return std::move(writer.out);
}

Result<SqlText> fromWhere(const Question &question)
{
    const auto &from = source(question.report);
    SqlText sql;
    sql += "FROM ";
    sql += from.from;
    sql += " WHERE ";
    if (!from.condition.empty()) {
        sql += from.condition;
        sql += " AND ";
    }
    if (!from.time.empty() && question.period.from) {
        sql += fmt::format("{} >= ? AND ", from.time);
        sql.add(question.period.from->us);
    }
    if (!from.time.empty() && question.period.until) {
        sql += fmt::format("{} < ? AND ", from.time);
        sql.add(question.period.until->us);
    }
    auto where = filterSql(question.report, question.filter, question.now);
    if (!where)
        return tl::unexpected(where.error());
    sql += *where;
    return sql;
}

Result<std::vector<SortTerm>> sortTerms(Report report, const std::vector<SortKey> &order)
{
    std::vector<SortTerm> terms;
    for (const auto &key : order) {
        const auto *column = findSortable(report, key.column);
        if (column == nullptr)
            return fail(Code::WrongUsage, key.column, "no column to sort by");
        if (column->sort.emptyLast)
            terms.push_back({fmt::format("(coalesce({}, '') = '')", column->sort.first), false});
        terms.push_back({std::string(column->sort.first), key.descending});
        if (!column->sort.second.empty())
            terms.push_back({std::string(column->sort.second), key.descending});
    }
    terms.push_back({std::string(source(report).id), false});
    return terms;
}

Result<std::string> orderBy(Report report, const std::vector<SortKey> &order)
{
    const auto terms = sortTerms(report, order);
    if (!terms)
        return tl::unexpected(terms.error());
    std::string sql = "ORDER BY ";
    for (const auto &term : *terms)
        sql += fmt::format("{}{}{}", &term == terms->data() ? "" : ", ", term.sql,
                           term.descending ? " DESC" : "");
    return sql;
}

} // namespace riskdesk::query
