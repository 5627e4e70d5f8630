#include "core/query/sign_ins/sign_in_kernels.h"

#include "core/base/text.h"
#include "core/domain/detection.h"

#include <algorithm>
#include <utility>

namespace riskdesk::query {
namespace {

using store::Column;
using store::RowSet;

tl::unexpected<Error> doesNotFit(const Field &field)
{
    return fail(Code::WrongUsage, std::string(field.name), "the value does not fit the field");
}

// True when a value passes any of the comparisons.
template <typename Number>
bool passes(Test test, Number value, const std::vector<Value> &values)
{
    return std::any_of(values.begin(), values.end(), [&](const Value &v) {
        const auto compare = [&](auto wanted) {
            const auto left = static_cast<double>(value);
            const auto right = static_cast<double>(wanted);
            switch (test) {
            case Test::Less: return left < right;
            case Test::LessOrEqual: return left <= right;
            case Test::Greater: return left > right;
            case Test::GreaterOrEqual: return left >= right;
            case Test::Is:
            case Test::Contains: return left == right;
            }
            return false;
        };
        if (const auto *whole = std::get_if<std::int64_t>(&v))
            return compare(*whole);
        if (const auto *real = std::get_if<double>(&v))
            return compare(*real);
        return false;
    });
}

struct TextColumn
{
    std::string_view field;
    Column column;
    Dictionary dictionary;
};
constexpr std::array textColumns = {
    TextColumn{"failureReason", Column::FailureReason, Dictionary::FailureReason},
    TextColumn{"appDisplayName", Column::Application, Dictionary::Application},
    TextColumn{"resourceDisplayName", Column::Resource, Dictionary::Resource},
    TextColumn{"clientAppUsed", Column::ClientApp, Dictionary::ClientApp},
    TextColumn{"deviceId", Column::Device, Dictionary::Device},
    TextColumn{"operatingSystem", Column::OperatingSystem, Dictionary::OperatingSystem},
    TextColumn{"browser", Column::Browser, Dictionary::Browser},
    TextColumn{"userAgent", Column::UserAgent, Dictionary::UserAgent},
    TextColumn{"sessionId", Column::Session, Dictionary::Session},
    TextColumn{"sourceFile", Column::Source, Dictionary::Source},
};

struct CodeColumn
{
    std::string_view field;
    Column column;
};
constexpr std::array codeColumns = {
    CodeColumn{"result", Column::Outcome},
    CodeColumn{"failureKind", Column::Failure},
    CodeColumn{"isInteractive", Column::Interactive},
    CodeColumn{"mfa", Column::Mfa},
    CodeColumn{"identity", Column::Identity},
};

} // namespace

SignInKernels::SignInKernels(SignIns &owner, store::Connection &connection, const Texts &texts, Timestamp now,
                             std::stop_token stop)
    : m_owner(owner)
    , m_connection(connection)
    , m_texts(texts)
    , m_now(now)
    , m_stop(std::move(stop))
{}

Result<RowSet> SignInKernels::evaluate(const Filter &filter)
{
    return node(filter, 1);
}

SignInKernels::Rows SignInKernels::node(const Filter &filter, std::size_t depth)
{
    if (depth > deepestFilter)
        return fail(Code::WrongUsage, "filter", "nested too deeply");
    if (m_stop.stop_requested())
        return fail(Code::Cancelled, "sign-ins");
    switch (filter.kind) {
    case Filter::Kind::All:
    case Filter::Kind::Any: return list(filter, depth);
    case Filter::Kind::Not: {
        if (filter.children.size() != 1)
            return fail(Code::WrongUsage, "filter", "NOT takes one condition");
        auto rows = node(filter.children[0], depth + 1);
        return rows ? Rows(~*rows) : rows;
    }
    case Filter::Kind::Match: return match(filter);
    case Filter::Kind::Search: return search(filter);
    }
    return none();
}

SignInKernels::Rows SignInKernels::list(const Filter &filter, std::size_t depth)
{
    const bool all = filter.kind == Filter::Kind::All;
    RowSet rows(m_owner.m_columns.rows(), all);
    for (const auto &child : filter.children) {
        const auto part = node(child, depth + 1);
        if (!part)
            return part;
        if (all)
            rows &= *part;
        else
            rows |= *part;
    }
    return rows;
}

SignInKernels::Rows SignInKernels::match(const Filter &filter)
{
    const auto *field = findField(Report::SignIns, filter.field);
    if (field == nullptr)
        return fail(Code::WrongUsage, filter.field, "no such field");
    if (filter.values.empty())
        return none();
    for (const auto &value : filter.values) {
        const bool number = std::holds_alternative<std::int64_t>(value);
        const bool fits = field->kind == FieldKind::Text     ? std::holds_alternative<std::string>(value)
                          : field->kind == FieldKind::Enum   ? number
                          : field->kind == FieldKind::Number ? number || std::holds_alternative<double>(value)
                          : field->kind == FieldKind::Address
                              ? std::holds_alternative<Cidr>(value)
                              : std::holds_alternative<Moment>(value) || std::holds_alternative<Ago>(value);
        const bool compares =
            field->kind == FieldKind::Text ? filter.test == Test::Is || filter.test == Test::Contains
            : field->kind == FieldKind::Address || (field->kind == FieldKind::Enum && !field->ordered)
                ? filter.test == Test::Is
                : filter.test != Test::Contains;
        if (!fits || !compares)
            return doesNotFit(*field);
    }
    switch (field->kind) {
    case FieldKind::Text: return textMatch(*field, filter.test, filter.values);
    case FieldKind::Enum:
    case FieldKind::Number: return numberMatch(*field, filter.test, filter.values);
    case FieldKind::Time: return timeMatch(*field, filter.test, filter.values);
    case FieldKind::Address: return addressMatch(filter);
    }
    return none();
}

SignInKernels::Rows SignInKernels::textMatch(const Field &field, Test test, const std::vector<Value> &values)
{
    std::vector<std::string> folded;
    bool wantsEmpty = false;
    for (const auto &value : values) {
        const auto &text = std::get<std::string>(value);
        wantsEmpty = wantsEmpty || text.empty();
        if (!text.empty())
            folded.push_back(foldForSearch(text));
    }
    // Of folded text.
    const auto plain = [&](std::string_view text) {
        if (text.empty())
            return wantsEmpty;
        return std::any_of(folded.begin(), folded.end(), [&](const std::string &wanted) {
            return test == Test::Is ? text == wanted : text.find(wanted) != std::string_view::npos;
        });
    };
    const WantsText folding = [&](std::string_view text) { return plain(foldForSearch(text)); };
    for (const auto &known : textColumns)
        if (known.field == field.name)
            return inDictionary(known.column, known.dictionary, folding);
    if (field.name == "id")
        return ofId(folding);
    if (field.name == "correlationId")
        return ofCorrelation(folding);
    if (field.name == "city")
        return ofPlace([&](const Place &place) { return folding(place.city); });
    if (field.name == "countryOrRegion")
        return ofPlace([&](const Place &place) {
            if (place.country.empty())
                return wantsEmpty;
            return std::any_of(values.begin(), values.end(), [&](const Value &v) {
                return equalsIgnoringCase(place.country, std::get<std::string>(v));
            });
        });
    if (auto ok = m_owner.loadUsers(m_connection, m_texts); !ok)
        return tl::unexpected(ok.error());
    const auto &users = m_owner.m_users;
    if (field.name == "user") // several texts joined by U+001F
        return ofUser(users.search, [&](std::string_view text) {
            if (text.empty() || test == Test::Contains)
                return plain(text);
            const auto parts = split(text, '\x1f');
            return std::any_of(parts.begin(), parts.end(),
                               [&](std::string_view p) { return !p.empty() && plain(p); });
        });
    return ofUser(field.name == "userId"            ? users.key
                  : field.name == "userDisplayName" ? users.name
                                                    : users.upn,
                  plain);
}

SignInKernels::Rows SignInKernels::numberMatch(const Field &field, Test test,
                                               const std::vector<Value> &values)
{
    for (const auto &known : codeColumns)
        if (known.field == field.name)
            return m_owner.m_columns.where(
                m_connection, known.column, 256,
                [&](std::uint32_t code) { return passes(test, code, values); }, m_stop);
    if (field.name == "errorCode")
        return m_owner.m_columns.whereNumber(
            m_connection, Column::ErrorCode,
            [&](std::uint32_t value) { return passes(test, static_cast<std::int32_t>(value), values); },
            m_stop);
    if (field.name == "asn") {
        if (auto ok = m_owner.loadFacts(m_connection); !ok)
            return tl::unexpected(ok.error());
        const auto &facts = m_owner.m_facts;
        std::vector<std::uint8_t> byAddress(std::max<std::size_t>(1, facts.size()), 0);
        for (std::size_t ip = 0; ip < byAddress.size(); ++ip)
            byAddress[ip] = passes(test, ip < facts.size() ? facts[ip].asn : 0, values) ? 1 : 0;
        return m_owner.m_columns.whereNumberElse(
            m_connection, Column::Asn, [&](std::uint32_t asn) { return passes(test, asn, values); },
            byAddress, m_stop);
    }
    return ofRisk([&](const SignInRisk &risk) {
        const auto value = field.name == "riskLevelDuringSignIn" ? static_cast<int>(risk.during)
                           : field.name == "riskLevelAggregated" ? static_cast<int>(risk.aggregated)
                           : field.name == "riskState"           ? static_cast<int>(risk.state)
                                                                 : static_cast<int>(risk.detail);
        return passes(test, value, values);
    });
}

SignInKernels::Rows SignInKernels::addressMatch(const Filter &filter)
{
    const auto addresses = m_texts.all(Dictionary::Address);
    return m_owner.m_columns.where(
        m_connection, Column::Ip, static_cast<std::uint32_t>(addresses.size()),
        [&](std::uint32_t id) {
            if (id == 0)
                return false;
            const auto ip = m_texts.address(id);
            return ip.isKnown() &&
                   std::any_of(filter.values.begin(), filter.values.end(),
                               [&](const Value &v) { return std::get<Cidr>(v).contains(ip); });
        },
        m_stop);
}

SignInKernels::Rows SignInKernels::timeMatch(const Field &, Test test, const std::vector<Value> &values)
{
    auto rows = none();
    for (const auto &value : values) {
        std::int64_t least = INT64_MIN, greatest = INT64_MAX; // inclusive
        if (const auto *ago = std::get_if<Ago>(&value)) {
            const auto since = m_now.us - ago->span.count();
            switch (test) {
            case Test::Less: least = since + 1; break;
            case Test::Greater: greatest = since - 1; break;
            case Test::GreaterOrEqual: greatest = since; break;
            case Test::Is:
            case Test::LessOrEqual:
            case Test::Contains: least = since; break;
            }
        } else {
            const auto &moment = std::get<Moment>(value);
            switch (test) {
            case Test::Less: greatest = moment.from.us - 1; break;
            case Test::LessOrEqual: greatest = moment.until.us - 1; break;
            case Test::Greater: least = moment.until.us; break;
            case Test::GreaterOrEqual: least = moment.from.us; break;
            case Test::Is:
            case Test::Contains:
                least = moment.from.us;
                greatest = moment.until.us - 1;
                break;
            }
        }
        const auto part = m_owner.m_columns.between(m_connection, least, greatest, m_stop);
        if (!part)
            return part;
        rows |= *part;
    }
    return rows;
}

SignInKernels::Rows SignInKernels::search(const Filter &filter)
{
    const auto *words = filter.values.size() == 1 ? std::get_if<std::string>(&filter.values[0]) : nullptr;
    if (words == nullptr)
        return fail(Code::WrongUsage, "filter", "a search takes one text");
    const auto word = foldForSearch(*words);
    const auto plain = [&](std::string_view text) { return text.find(word) != std::string_view::npos; };
    const WantsText folding = [&](std::string_view text) { return plain(foldForSearch(text)); };
    if (auto ok = m_owner.loadUsers(m_connection, m_texts); !ok)
        return tl::unexpected(ok.error());
    auto rows = ofUser(m_owner.m_users.search, plain);
    const auto also = [&](Rows more) {
        if (rows && more)
            *rows |= *more;
        else if (rows)
            rows = std::move(more);
    };
    also(inDictionary(Column::Application, Dictionary::Application, folding));
    also(ofPlace([&](const Place &place) { return folding(place.city); }));
    if (looksLikeAddress(word))
        also(m_owner.m_columns.where(
            m_connection, Column::Ip, static_cast<std::uint32_t>(m_texts.all(Dictionary::Address).size()),
            [&](std::uint32_t id) {
                const auto ip = m_texts.address(id);
                return ip.isKnown() && plain(ip.toString());
            },
            m_stop));
    if (looksLikeId(word))
        also(ofId(folding));
    return rows;
}

SignInKernels::Rows SignInKernels::inDictionary(Column column, Dictionary dictionary, const WantsText &wanted)
{
    const auto texts = m_texts.all(dictionary);
    return m_owner.m_columns.where(
        m_connection, column, static_cast<std::uint32_t>(texts.size()),
        [&](std::uint32_t id) { return wanted(texts[id]); }, m_stop);
}

SignInKernels::Rows SignInKernels::ofUser(const std::vector<std::string> &folded, const WantsText &wanted)
{
    return m_owner.m_columns.where(
        m_connection, Column::User, static_cast<std::uint32_t>(folded.size()),
        [&](std::uint32_t id) { return wanted(folded[id]); }, m_stop);
}

SignInKernels::Rows SignInKernels::ofPlace(const std::function<bool(const Place &)> &wanted)
{
    if (auto ok = m_owner.loadFacts(m_connection); !ok)
        return tl::unexpected(ok.error());
    const auto texts = m_texts.all(Dictionary::Place);
    std::vector<bool> answer(texts.size());
    for (std::size_t id = 0; id < texts.size(); ++id)
        answer[id] = wanted(Place::decode(texts[id]));
    const auto &facts = m_owner.m_facts;
    std::vector<std::uint8_t> byAddress(std::max<std::size_t>(1, facts.size()), 0);
    for (std::size_t ip = 0; ip < byAddress.size(); ++ip) {
        const auto place = ip < facts.size() ? facts[ip].place : 0;
        byAddress[ip] = place < answer.size() && answer[place] ? 1 : 0;
    }
    return m_owner.m_columns.whereElse(
        m_connection, Column::Place, static_cast<std::uint32_t>(answer.size()),
        [&](std::uint32_t id) { return answer[id]; }, byAddress, m_stop);
}

SignInKernels::Rows SignInKernels::ofId(const WantsText &wanted)
{
    auto rows = none();
    const auto kinds = m_owner.m_columns.ids(m_connection, Column::EventIdKind, m_stop);
    if (!kinds)
        return tl::unexpected(kinds.error());
    const auto ids = m_owner.m_columns.ids(m_connection, Column::EventIdText, m_stop);
    if (!ids)
        return tl::unexpected(ids.error());
    for (std::size_t s = 0; s < m_owner.m_segments.size(); ++s) {
        if (m_stop.stop_requested())
            return fail(Code::Cancelled, "sign-ins");
        const auto keys = store::readEventKeys(m_connection, m_owner.m_segments[s].id);
        if (!keys)
            return tl::unexpected(keys.error());
        for (std::uint32_t i = 0; i < keys->size(); ++i) {
            const auto row = m_owner.m_firstRows[s] + i;
            if (wanted(requestId(static_cast<EventIdKind>((*kinds)[row]), (*keys)[i],
                                 m_texts.text(Dictionary::EventId, (*ids)[row]))))
                rows.add(row);
        }
    }
    return rows;
}

SignInKernels::Rows SignInKernels::ofCorrelation(const WantsText &wanted)
{
    auto rows = none();
    for (std::size_t s = 0; s < m_owner.m_segments.size(); ++s) {
        if (m_stop.stop_requested())
            return fail(Code::Cancelled, "sign-ins");
        const auto stored = store::readSegment(m_connection, m_owner.m_segments[s].id);
        if (!stored)
            return tl::unexpected(stored.error());
        for (std::uint32_t i = 0; i < stored->size(); ++i) {
            const auto &key = (*stored)[i].correlation;
            if (wanted(key == EventKey{} ? std::string() : requestId(EventIdKind::Guid, key, {})))
                rows.add(m_owner.m_firstRows[s] + i);
        }
    }
    return rows;
}

SignInKernels::Rows SignInKernels::ofRisk(const std::function<bool(const SignInRisk &)> &wanted)
{
    if (auto ok = m_owner.loadRisk(m_connection, m_stop); !ok)
        return tl::unexpected(ok.error());
    const bool without = wanted(SignInRisk{});
    RowSet rows(m_owner.m_columns.rows());
    for (const auto &[row, risk] : m_owner.m_risk)
        if (wanted(risk) != without)
            rows.add(row);
    return without ? ~rows : rows;
}

} // namespace riskdesk::query
