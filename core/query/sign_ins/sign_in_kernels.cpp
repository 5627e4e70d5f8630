#include "core/query/sign_ins/sign_in_kernels.h"

#include "core/base/text.h"
#include "core/domain/detection.h"

#include <algorithm>
#include <utility>

namespace riskdesk::query {
namespace {

// Not Column: that is a column of a report.
using SignInColumn = store::Column;
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
            case Test::Contains:
            case Test::StartsWith:
            case Test::EndsWith: return left == right;
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

// Both as they are compared.
bool passes(Test test, std::string_view text, std::string_view wanted)
{
    switch (test) {
    case Test::Contains: return text.find(wanted) != std::string_view::npos;
    case Test::StartsWith: return text.starts_with(wanted);
    case Test::EndsWith: return text.ends_with(wanted);
    default: return text == wanted;
    }
}

struct TextColumn
{
    std::string_view field;
    SignInColumn column;
    Dictionary dictionary;
};
constexpr std::array textColumns = {
    TextColumn{"failureReason", SignInColumn::FailureReason, Dictionary::FailureReason},
    TextColumn{"appDisplayName", SignInColumn::Application, Dictionary::Application},
    TextColumn{"resourceDisplayName", SignInColumn::Resource, Dictionary::Resource},
    TextColumn{"clientAppUsed", SignInColumn::ClientApp, Dictionary::ClientApp},
    TextColumn{"deviceId", SignInColumn::Device, Dictionary::Device},
    TextColumn{"operatingSystem", SignInColumn::OperatingSystem, Dictionary::OperatingSystem},
    TextColumn{"browser", SignInColumn::Browser, Dictionary::Browser},
    TextColumn{"userAgent", SignInColumn::UserAgent, Dictionary::UserAgent},
    TextColumn{"sessionId", SignInColumn::Session, Dictionary::Session},
    TextColumn{"sourceFile", SignInColumn::Source, Dictionary::Source},
};

struct CodeColumn
{
    std::string_view field;
    SignInColumn column;
};
constexpr std::array codeColumns = {
    CodeColumn{"result", SignInColumn::Outcome},
    CodeColumn{"failureKind", SignInColumn::Failure},
    CodeColumn{"isInteractive", SignInColumn::Interactive},
    CodeColumn{"mfa", SignInColumn::Mfa},
    CodeColumn{"identity", SignInColumn::Identity},
};

// The bytes that the words stand for, where nothing but a whole id answers the test; nothing: a part of one may.
std::optional<std::vector<EventKey>> wholeIds(Test test, const std::vector<std::string> &words)
{
    constexpr std::size_t longest = 36;
    std::vector<EventKey> ids;
    for (const auto &word : words) {
        const auto key = fromHex128(word);
        if (key && (requestId(EventIdKind::Guid, *key, {}) == word ||
                    requestId(EventIdKind::Made, *key, {}) == word))
            ids.push_back(*key);
        else if (test != Test::Is && word.size() <= longest)
            return std::nullopt;
    }
    return ids;
}

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
        const bool isNothing = std::holds_alternative<Nothing>(value) && field->kind != FieldKind::Text;
        const bool isSpelled = std::holds_alternative<std::string>(value) && !field->spelled.empty();
        const bool number = std::holds_alternative<std::int64_t>(value);
        const bool fits = isNothing || isSpelled             ? true
                          : field->kind == FieldKind::Text   ? std::holds_alternative<std::string>(value)
                          : field->kind == FieldKind::Enum   ? number
                          : field->kind == FieldKind::Number ? number || std::holds_alternative<double>(value)
                          : field->kind == FieldKind::Address
                              ? std::holds_alternative<Cidr>(value)
                              : std::holds_alternative<Moment>(value) || std::holds_alternative<Ago>(value);
        const bool compares =
            isNothing                                     ? filter.test == Test::Is
            : isSpelled || field->kind == FieldKind::Text ? filter.test == Test::Is || isOfText(filter.test)
            : field->kind == FieldKind::Address || (field->kind == FieldKind::Enum && !field->ordered)
                ? filter.test == Test::Is
                : !isOfText(filter.test);
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
        return std::any_of(folded.begin(), folded.end(),
                           [&](const std::string &wanted) { return passes(test, text, wanted); });
    };
    const WantsText folding = [&](std::string_view text) { return plain(foldForSearch(text)); };
    for (const auto &known : textColumns)
        if (known.field == field.name)
            return inDictionary(known.column, known.dictionary, folding);
    if (field.name == "id")
        return ofId(test, folded, folding);
    if (field.name == "correlationId")
        return ofCorrelation(test, folded, folding);
    if (field.name == "city")
        return ofPlace([&](const Place &place) { return folding(place.city); });
    if (field.name == "countryOrRegion")
        return ofPlace([&](const Place &place) {
            if (place.country.empty())
                return wantsEmpty;
            return std::any_of(values.begin(), values.end(), [&](const Value &v) {
                const auto &wanted = std::get<std::string>(v);
                if (test != Test::StartsWith && test != Test::EndsWith)
                    return equalsIgnoringCase(place.country, wanted);
                if (wanted.size() > place.country.size() || wanted.empty())
                    return false;
                const std::string_view country = place.country;
                return equalsIgnoringCase(test == Test::StartsWith
                                              ? country.substr(0, wanted.size())
                                              : country.substr(country.size() - wanted.size()),
                                          wanted);
            });
        });
    using UserText = SignIns::UserText;
    if (field.name == "user") // several texts joined by U+001F
        return ofUser(UserText::Search, [&](std::string_view text) {
            if (text.empty() || test == Test::Contains)
                return plain(text);
            const auto parts = split(text, '\x1f');
            return std::any_of(parts.begin(), parts.end(),
                               [&](std::string_view p) { return !p.empty() && plain(p); });
        });
    return ofUser(field.name == "userId"            ? UserText::Key
                  : field.name == "userDisplayName" ? UserText::Name
                                                    : UserText::Upn,
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
            m_connection, SignInColumn::ErrorCode,
            [&](std::uint32_t value) { return passes(test, static_cast<std::int32_t>(value), values); },
            m_stop);
    if (field.name == "asn") {
        return m_owner.m_columns.whereNumberElse(
            m_connection, SignInColumn::Asn, [&](std::uint32_t asn) { return passes(test, asn, values); },
            byAddress([&](const auto &fact) { return passes(test, fact.asn, values); }), m_stop);
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
        m_connection, SignInColumn::Ip, static_cast<std::uint32_t>(addresses.size()),
        [&](std::uint32_t id) {
            const auto ip = id == 0 ? IpAddress{} : m_texts.address(id);
            return std::any_of(filter.values.begin(), filter.values.end(), [&](const Value &v) {
                if (const auto *text = std::get_if<std::string>(&v))
                    return text->empty()
                               ? !ip.isKnown()
                               : ip.isKnown() && passes(filter.test, ip.toString(), foldForSearch(*text));
                if (std::holds_alternative<Nothing>(v))
                    return !ip.isKnown();
                return ip.isKnown() && std::get<Cidr>(v).contains(ip);
            });
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
            case Test::StartsWith:
            case Test::EndsWith: continue;
            }
        } else if (const auto *point = std::get_if<Moment>(&value)) {
            const auto &moment = *point;
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
            case Test::StartsWith:
            case Test::EndsWith: continue;
            }
        } else {
            continue; // every sign-in has a time
        }
        if (least > greatest)
            continue;
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
    auto rows = ofUser(SignIns::UserText::Search, plain);
    const auto also = [&](Rows more) {
        if (rows && more)
            *rows |= *more;
        else if (rows)
            rows = std::move(more);
    };
    also(inDictionary(SignInColumn::Application, Dictionary::Application, folding));
    also(ofPlace([&](const Place &place) { return folding(place.city); }));
    if (looksLikeAddress(word))
        also(m_owner.m_columns.where(
            m_connection, SignInColumn::Ip,
            static_cast<std::uint32_t>(m_texts.all(Dictionary::Address).size()),
            [&](std::uint32_t id) {
                const auto ip = m_texts.address(id);
                return ip.isKnown() && plain(ip.toString());
            },
            m_stop));
    if (looksLikeId(word))
        also(ofId(Test::Contains, {word}, folding));
    return rows;
}

SignInKernels::Rows SignInKernels::inDictionary(SignInColumn column, Dictionary dictionary,
                                                const WantsText &wanted)
{
    const auto texts = m_texts.all(dictionary);
    return m_owner.m_columns.where(
        m_connection, column, static_cast<std::uint32_t>(texts.size()),
        [&](std::uint32_t id) { return wanted(texts[id]); }, m_stop);
}

SignInKernels::Rows SignInKernels::ofUser(SignIns::UserText what, const WantsText &wanted)
{
    const auto users = m_owner.usersWhere(m_connection, what, wanted);
    if (!users)
        return tl::unexpected(users.error());
    return m_owner.m_columns.where(
        m_connection, SignInColumn::User, static_cast<std::uint32_t>(users->size()),
        [&](std::uint32_t id) { return (*users)[id] != 0; }, m_stop);
}

SignInKernels::Rows SignInKernels::ofPlace(const std::function<bool(const Place &)> &wanted)
{
    const auto texts = m_texts.all(Dictionary::Place);
    std::vector<bool> answer(texts.size());
    for (std::size_t id = 0; id < texts.size(); ++id)
        answer[id] = wanted(Place::decode(texts[id]));
    const auto known = [&answer](std::uint32_t place) { return place < answer.size() && answer[place]; };
    return m_owner.m_columns.whereElse(
        m_connection, SignInColumn::Place, static_cast<std::uint32_t>(answer.size()), known,
        byAddress([&](const auto &fact) { return known(fact.place); }), m_stop);
}

store::SignInColumns::ByAddress
SignInKernels::byAddress(std::function<bool(const SignIns::AddressFact &)> wanted)
{
    return [this, wanted = std::move(wanted)]() -> Result<std::vector<std::uint8_t>> {
        if (auto ok = m_owner.loadFacts(m_connection); !ok)
            return tl::unexpected(ok.error());
        const auto &facts = m_owner.m_facts;
        std::vector<std::uint8_t> answers(std::max<std::size_t>(1, facts.size()));
        for (std::size_t ip = 0; ip < answers.size(); ++ip)
            answers[ip] = wanted(ip < facts.size() ? facts[ip] : SignIns::AddressFact{}) ? 1 : 0;
        return answers;
    };
}

SignInKernels::Rows SignInKernels::ofKeys(SignInColumn column,
                                          const std::function<bool(std::size_t, const EventKey &)> &wanted)
{
    auto rows = none();
    for (std::size_t s = 0; s < m_owner.m_segments.size(); ++s) {
        if (m_stop.stop_requested())
            return fail(Code::Cancelled, "sign-ins");
        const auto keys = store::readKeys(m_connection, m_owner.m_segments[s].id, column);
        if (!keys)
            return tl::unexpected(keys.error());
        for (std::size_t i = 0; i < keys->size(); ++i)
            if (wanted(m_owner.m_firstRows[s] + i, (*keys)[i]))
                rows.add(m_owner.m_firstRows[s] + i);
    }
    return rows;
}

SignInKernels::Rows SignInKernels::ofId(Test test, const std::vector<std::string> &words,
                                        const WantsText &wanted)
{
    const auto texts = m_texts.all(Dictionary::EventId);
    auto rows = m_owner.m_columns.where(
        m_connection, SignInColumn::EventIdText, static_cast<std::uint32_t>(texts.size()),
        [&](std::uint32_t id) { return id != 0 && wanted(texts[id]); }, m_stop);
    const auto whole = wholeIds(test, words);
    if (!rows || (whole && whole->empty()))
        return rows;
    if (whole) {
        const auto keyed = ofKeys(SignInColumn::EventKey, [&](std::size_t, const EventKey &key) {
            return std::ranges::find(*whole, key) != whole->end();
        });
        if (!keyed)
            return keyed;
        for (const auto row : keyed->list()) { // few: how each is written is looked up
            const auto stored = m_owner.m_columns.row(m_connection, row);
            if (!stored)
                return tl::unexpected(stored.error());
            const auto written = requestId(stored->eventIdKind, stored->eventKey, {});
            if (std::ranges::find(words, written) != words.end())
                rows->add(row);
        }
        return rows;
    }
    const auto ofKind = [&](EventIdKind kind) {
        return m_owner.m_columns.where(
            m_connection, SignInColumn::EventIdKind, 256,
            [&](std::uint32_t code) { return code == static_cast<std::uint32_t>(kind); }, m_stop);
    };
    const auto guids = ofKind(EventIdKind::Guid), made = ofKind(EventIdKind::Made);
    if (!guids || !made)
        return guids ? made : guids;
    const auto keyed = ofKeys(SignInColumn::EventKey, [&](std::size_t row, const EventKey &key) {
        return guids->contains(row)  ? wanted(requestId(EventIdKind::Guid, key, {}))
               : made->contains(row) ? wanted(requestId(EventIdKind::Made, key, {}))
                                     : false;
    });
    if (!keyed)
        return keyed;
    *rows |= *keyed;
    return rows;
}

SignInKernels::Rows SignInKernels::ofCorrelation(Test test, const std::vector<std::string> &words,
                                                 const WantsText &wanted)
{
    const auto whole = wholeIds(test, words);
    const bool wantsNone = wanted({});
    return ofKeys(SignInColumn::Correlation, [&](std::size_t, const EventKey &key) {
        if (key == EventKey{})
            return wantsNone;
        return (!whole || std::ranges::find(*whole, key) != whole->end()) &&
               wanted(requestId(EventIdKind::Guid, key, {}));
    });
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
