#include "core/ingest/json_record.h"

#include "core/base/text.h"

#include <cstring>
#include <utility>

namespace riskdesk::ingest {

using simdjson::error_code;
using simdjson::SUCCESS;

namespace {

constexpr std::size_t tooBig = std::size_t{128} << 20; // capacity; the chunker stops records long before

std::string_view withoutBlanks(std::string_view token)
{
    while (!token.empty() && static_cast<unsigned char>(token.back()) <= 0x20)
        token.remove_suffix(1);
    return token;
}

} // namespace

JsonRecord::JsonRecord()
    : m_outer(tooBig)
    , m_inner(tooBig)
{
    m_outer.threaded = false;
    m_inner.threaded = false;
}

template <typename Root, typename Read>
JsonVerdict JsonRecord::readWhole(std::string_view text, Arena &arena, Fields &fields, Read read)
{
    m_parser = &m_outer;
    m_arena = &arena;
    m_fields = &fields;
    m_end = text.data() + text.size();
    m_propertiesRead = false;
    JsonVerdict verdict;
    const auto failed = [&](error_code error, std::size_t position) {
        verdict.ok = false;
        verdict.incomplete =
            error == simdjson::INCOMPLETE_ARRAY_OR_OBJECT || error == simdjson::UNCLOSED_STRING;
        verdict.wrongEncoding = error == simdjson::UTF8_ERROR;
        verdict.position = position;
        verdict.detail = simdjson::error_message(error);
        return verdict;
    };
    simdjson::ondemand::document document;
    if (const auto error =
            m_outer.iterate(text.data(), text.size(), text.size() + Arena::padding).get(document))
        return failed(error, std::string_view::npos);
    Root root;
    if (const auto error = document.get<Root>().get(root))
        return failed(error, 0);
    if (const auto error = read(root)) {
        const char *at = nullptr;
        const bool known = document.current_location().get(at) == SUCCESS && at >= text.data() && at < m_end;
        return failed(error, known ? static_cast<std::size_t>(at - text.data()) : std::string_view::npos);
    }
    verdict.used = text.size();
    if (const char *at = nullptr;
        document.current_location().get(at) == SUCCESS && at > text.data() && at < m_end)
        verdict.used = static_cast<std::size_t>(at - text.data());
    return verdict;
}

JsonVerdict JsonRecord::read(std::string_view text, Arena &arena, Fields &fields)
{
    return readWhole<Object>(text, arena, fields,
                             [this](Object &object) { return readRecord(object, Level::Envelope); });
}

JsonVerdict JsonRecord::readRow(std::string_view text, const std::vector<Field> &columns, Arena &arena,
                                Fields &fields)
{
    return readWhole<simdjson::ondemand::array>(
        text, arena, fields, [&](simdjson::ondemand::array &row) { return readCells(row, columns); });
}

error_code JsonRecord::readCells(simdjson::ondemand::array &row, const std::vector<Field> &columns)
{
    std::size_t column = 0;
    for (auto result : row) {
        Value cell;
        if (const auto error = std::move(result).get(cell))
            return error;
        const Field field = column < columns.size() ? columns[column] : Field::None;
        ++column;
        if (field == Field::None)
            continue;
        if (const auto error = readMember(field, cell, Level::Envelope))
            return error;
    }
    return SUCCESS;
}

void JsonRecord::readInner(Field field, std::string_view text, Arena &arena, Fields &fields)
{
    text = trim(text);
    if (text.empty() || text == "{}" || text == "[]")
        return;
    if (text.front() != '{' && text.front() != '[') {
        // Some exports write a plain value where others put an object.
        if (field == Field::Location)
            fields.set(Field::LocationText, text);
        else if (field == Field::Status)
            fields.set(Field::StatusText, text);
        else if (field != Field::MfaDetail && field != Field::AuthenticationDetails &&
                 field != Field::InitiatedBy)
            ++fields.unreadable;
        return;
    }
    auto *const parser = std::exchange(m_parser, &m_inner);
    auto *const oldArena = std::exchange(m_arena, &arena);
    auto *const oldFields = std::exchange(m_fields, &fields);
    const char *const oldEnd = std::exchange(m_end, text.data() + text.size());
    simdjson::ondemand::document document;
    Value value;
    error_code error = m_inner.iterate(text.data(), text.size(), text.size() + Arena::padding).get(document);
    if (!error)
        error = document.get_value().get(value);
    if (!error)
        error = readHolder(field, value, Level::Properties);
    if (error)
        ++fields.unreadable;
    m_parser = parser;
    m_arena = oldArena;
    m_fields = oldFields;
    m_end = oldEnd;
}

bool JsonRecord::readPart(Field field, std::string_view part, Arena &arena, Fields &fields)
{
    // What stands behind the part must not look as if it belonged to it.
    char *const copy = arena.allocate(part.size() + 1);
    std::memcpy(copy, part.data(), part.size());
    copy[part.size()] = 0;
    const std::string_view text(copy, part.size());
    m_parser = &m_outer;
    m_arena = &arena;
    m_fields = &fields;
    m_end = text.data() + text.size();
    simdjson::ondemand::document document;
    Value value;
    return !m_outer.iterate(text.data(), text.size(), text.size() + Arena::padding).get(document) &&
           !document.get_value().get(value) && !readHolder(field, value, Level::Properties);
}

std::string_view JsonRecord::keyOf(simdjson::ondemand::field &field) const
{
    const char *key = field.key().raw();
    if (key >= m_end)
        return {};
    const auto *close =
        static_cast<const char *>(std::memchr(key, '"', static_cast<std::size_t>(m_end - key)));
    return close ? std::string_view(key, static_cast<std::size_t>(close - key)) : std::string_view();
}

error_code JsonRecord::textOf(Value &value, std::string_view &text)
{
    text = {};
    // A colon in a list can lead simdjson past the end, where it sees tokens that are none.
    std::string_view token = value.raw_json_token();
    if (token.data() >= m_end || token.size() > static_cast<std::size_t>(m_end - token.data()))
        return simdjson::TAPE_ERROR;
    token = withoutBlanks(token);
    if (token.empty())
        return simdjson::TAPE_ERROR;
    switch (token.front()) {
    case '"': {
        if (token.size() < 2 || token.back() != '"')
            return simdjson::STRING_ERROR;
        if (std::memchr(token.data(), '\\', token.size()) == nullptr) {
            text = token.substr(1, token.size() - 2);
            return SUCCESS;
        }
        simdjson::ondemand::raw_json_string raw;
        if (const auto error = value.get_raw_json_string().get(raw))
            return error;
        // simdjson writes in blocks of up to 64 bytes.
        char *const at = m_arena->allocate(token.size());
        auto *to = reinterpret_cast<std::uint8_t *>(at);
        if (const auto error = m_parser->unescape(raw, to).get(text))
            return error;
        m_arena->shrinkLast(at, token.size(), text.size());
        return SUCCESS;
    }
    case '{':
    case '[': return SUCCESS;
    case 'n': return token == "null" ? SUCCESS : simdjson::N_ATOM_ERROR;
    case 't': text = token; return token == "true" ? SUCCESS : simdjson::T_ATOM_ERROR;
    case 'f': text = token; return token == "false" ? SUCCESS : simdjson::F_ATOM_ERROR;
    default:
        text = token;
        return (token.front() >= '0' && token.front() <= '9') || token.front() == '-' ? SUCCESS
                                                                                      : simdjson::TAPE_ERROR;
    }
}

error_code JsonRecord::readRecord(Object &object, Level level)
{
    for (auto result : object) {
        simdjson::ondemand::field member;
        if (const auto error = std::move(result).get(member))
            return error;
        const Field field = fieldNamed(Scope::Record, keyOf(member));
        if (field == Field::None)
            continue;
        if (const auto error = readMember(field, member.value(), level))
            return error;
    }
    return SUCCESS;
}

error_code JsonRecord::readMember(Field field, Value &value, Level level)
{
    const char first = *value.raw_json_token().data();
    if (holdsFields(field)) {
        if (first == '{' || first == '[')
            return readHolder(field, value, level);
        std::string_view text;
        if (const auto error = textOf(value, text))
            return error;
        if (text.empty())
            return SUCCESS;
        if (m_parser == &m_inner) // JSON in JSON in JSON: nobody writes that
            ++m_fields->unreadable;
        else
            readInner(field, m_arena->keep(text), *m_arena, *m_fields);
        return SUCCESS;
    }
    std::string_view text;
    if (const auto error = textOf(value, text))
        return error;
    // The envelope may stand around or behind its properties; what the properties say wins.
    if (level == Level::Properties || !m_propertiesRead || !m_fields->has(field))
        m_fields->set(field, text);
    return SUCCESS;
}

error_code JsonRecord::readHolder(Field field, Value &value, Level level)
{
    switch (field) {
    case Field::Properties:
    case Field::AuditData: {
        m_propertiesRead = true;
        Object object;
        if (const auto error = value.get_object().get(object))
            return error;
        return level == Level::Envelope || m_parser == &m_inner ? readRecord(object, Level::Properties)
                                                                : SUCCESS;
    }
    case Field::Status: return readScope(value, Scope::Status);
    case Field::DeviceDetail: return readScope(value, Scope::DeviceDetail);
    case Field::Location: return readScope(value, Scope::Location);
    case Field::GeoCoordinates: return readScope(value, Scope::GeoCoordinates);
    case Field::MfaDetail: return readScope(value, Scope::MfaDetail);
    case Field::AuthenticationDetails: return readSteps(value);
    case Field::Identities: return readIdentities(value);
    case Field::SignInEventTypes: return readFirstTexts(value, Field::SignInEventType);
    case Field::BusinessPhones: return readFirstTexts(value, Field::BusinessPhone);
    case Field::ExtendedProperties:
    case Field::DeviceProperties: return readNameValues(value);
    case Field::Actor: return readActors(value);
    case Field::InitiatedBy: return readInitiator(value);
    case Field::TargetResources: return readTargets(value);
    default: return SUCCESS;
    }
}

error_code JsonRecord::readScope(Value &value, Scope scope)
{
    Object object;
    if (const auto error = value.get_object().get(object)) {
        if (error != simdjson::INCORRECT_TYPE)
            return error;
        ++m_fields->unreadable;
        return SUCCESS;
    }
    for (auto result : object) {
        simdjson::ondemand::field member;
        if (const auto error = std::move(result).get(member))
            return error;
        const Field field = fieldNamed(scope, keyOf(member));
        if (field == Field::None)
            continue;
        if (const auto error = readMember(field, member.value(), Level::Properties))
            return error;
    }
    return SUCCESS;
}

namespace {

// Calls `each` with the objects of an array; other elements are passed over.
template <typename Each>
error_code forEachObject(simdjson::ondemand::value &value, Each &&each)
{
    simdjson::ondemand::array array;
    if (const auto error = value.get_array().get(array))
        return error == simdjson::INCORRECT_TYPE ? SUCCESS : error;
    for (auto result : array) {
        simdjson::ondemand::value element;
        if (const auto error = std::move(result).get(element))
            return error;
        if (*element.raw_json_token().data() != '{')
            continue;
        simdjson::ondemand::object object;
        if (const auto error = element.get_object().get(object))
            return error;
        if (const auto error = each(object))
            return error;
    }
    return SUCCESS;
}

} // namespace

error_code JsonRecord::readNameValues(Value &value)
{
    return forEachObject(value, [&](Object &object) {
        std::string_view name, text;
        for (auto result : object) {
            simdjson::ondemand::field member;
            if (const auto error = std::move(result).get(member))
                return error;
            const auto key = keyOf(member);
            const bool isName = equalsIgnoringCase(key, "Name");
            if (!isName && !equalsIgnoringCase(key, "Value"))
                continue;
            if (const auto error = textOf(member.value(), isName ? name : text))
                return error;
        }
        if (const Field field = fieldNamed(Scope::NameValue, name); field != Field::None)
            m_fields->set(field, text);
        return SUCCESS;
    });
}

error_code JsonRecord::readActors(Value &value)
{
    // Type 0 is the directory's own id of the user; 5 is the principal name, 3 a passport id.
    return forEachObject(value, [&](Object &object) {
        std::string_view id, type;
        for (auto result : object) {
            simdjson::ondemand::field member;
            if (const auto error = std::move(result).get(member))
                return error;
            const auto key = keyOf(member);
            const bool isId = equalsIgnoringCase(key, "ID");
            if (!isId && !equalsIgnoringCase(key, "Type"))
                continue;
            if (const auto error = textOf(member.value(), isId ? id : type))
                return error;
        }
        if (type == "0" && !m_fields->has(Field::ActorId))
            m_fields->set(Field::ActorId, id);
        return SUCCESS;
    });
}

error_code JsonRecord::readIdentities(Value &value)
{
    return forEachObject(value, [&](Object &object) {
        std::string_view type, issuer;
        for (auto result : object) {
            simdjson::ondemand::field member;
            if (const auto error = std::move(result).get(member))
                return error;
            const auto key = keyOf(member);
            const bool isType = equalsIgnoringCase(key, "signInType");
            if (!isType && !equalsIgnoringCase(key, "issuer"))
                continue;
            if (const auto error = textOf(member.value(), isType ? type : issuer))
                return error;
        }
        if (equalsIgnoringCase(type, "federated"))
            m_fields->set(Field::FederatedIssuer, issuer.empty() ? type : issuer);
        else
            m_fields->set(Field::LocalSignInType, type);
        return SUCCESS;
    });
}

error_code JsonRecord::readFirstTexts(Value &value, Field field)
{
    simdjson::ondemand::array array;
    if (const auto error = value.get_array().get(array))
        return error == simdjson::INCORRECT_TYPE ? SUCCESS : error;
    for (auto result : array) {
        Value element;
        if (const auto error = std::move(result).get(element))
            return error;
        std::string_view text;
        if (const auto error = textOf(element, text))
            return error;
        if (!m_fields->has(field))
            m_fields->set(field, text);
    }
    return SUCCESS;
}

namespace {

bool mentions(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

// What one step says of the second factor: "fresh", "earlier", or nothing. The words are those that Entra
// writes into authenticationDetails.
std::string_view mfaEvidence(std::string_view method, std::string_view succeeded, std::string_view detail,
                             std::string_view requirement)
{
    if (!equalsIgnoringCase(succeeded, "true"))
        return {};
    if (mentions(detail, "satisfied by claim") || equalsIgnoringCase(method, "Previously satisfied") ||
        equalsIgnoringCase(method, "Satisfied by token"))
        return "earlier";
    if (mentions(detail, "MFA completed") || mentions(detail, "MFA successfully completed") ||
        mentions(detail, "satisfied by strong authentication"))
        return "fresh";
    const bool second = mentions(requirement, "ultifactor") || mentions(requirement, "ultiFactor");
    return second && !method.empty() && !equalsIgnoringCase(method, "Password") ? "fresh"
                                                                                : std::string_view();
}

} // namespace

error_code JsonRecord::readSteps(Value &value)
{
    return forEachObject(value, [&](Object &object) {
        std::string_view method, succeeded, detail, requirement;
        for (auto result : object) {
            simdjson::ondemand::field member;
            if (const auto error = std::move(result).get(member))
                return error;
            const auto key = keyOf(member);
            auto *const text = equalsIgnoringCase(key, "authenticationMethod")             ? &method
                               : equalsIgnoringCase(key, "succeeded")                      ? &succeeded
                               : equalsIgnoringCase(key, "authenticationStepResultDetail") ? &detail
                               : equalsIgnoringCase(key, "authenticationStepRequirement")  ? &requirement
                                                                                           : nullptr;
            if (text == nullptr)
                continue;
            if (const auto error = textOf(member.value(), *text))
                return error;
        }
        if (!m_fields->has(Field::AuthenticationMethod))
            m_fields->set(Field::AuthenticationMethod, method);
        const auto evidence = mfaEvidence(method, succeeded, detail, requirement);
        if ((*m_fields)[Field::MfaEvidence] != "fresh")
            m_fields->set(Field::MfaEvidence, evidence);
        return SUCCESS;
    });
}

// {"user": {"id", "userPrincipalName"}, "app": {"displayName", "servicePrincipalId"}}, either of them null.
error_code JsonRecord::readInitiator(Value &value)
{
    Object object;
    if (const auto error = value.get_object().get(object))
        return error == simdjson::INCORRECT_TYPE ? SUCCESS : error;
    for (auto result : object) {
        simdjson::ondemand::field side;
        if (const auto error = std::move(result).get(side))
            return error;
        const bool isUser = equalsIgnoringCase(keyOf(side), "user");
        if (*side.value().raw_json_token().data() != '{')
            continue;
        Object who;
        if (const auto error = side.value().get_object().get(who))
            return error;
        for (auto inner : who) {
            simdjson::ondemand::field member;
            if (const auto error = std::move(inner).get(member))
                return error;
            const auto key = keyOf(member);
            const Field field = isUser && equalsIgnoringCase(key, "id") ? Field::InitiatorId
                                : equalsIgnoringCase(key, isUser ? "userPrincipalName" : "displayName")
                                    ? Field::InitiatorName
                                    : Field::None;
            if (field == Field::None)
                continue;
            std::string_view text;
            if (const auto error = textOf(member.value(), text))
                return error;
            if (isUser || !m_fields->has(field))
                m_fields->set(field, text);
        }
    }
    return SUCCESS;
}

// The first user among the targets.
error_code JsonRecord::readTargets(Value &value)
{
    return forEachObject(value, [&](Object &object) {
        std::string_view type, id, name;
        for (auto result : object) {
            simdjson::ondemand::field member;
            if (const auto error = std::move(result).get(member))
                return error;
            const auto key = keyOf(member);
            auto *const text = equalsIgnoringCase(key, "type")                ? &type
                               : equalsIgnoringCase(key, "id")                ? &id
                               : equalsIgnoringCase(key, "userPrincipalName") ? &name
                                                                              : nullptr;
            if (text == nullptr)
                continue;
            if (const auto error = textOf(member.value(), *text))
                return error;
        }
        if (!equalsIgnoringCase(type, "User") || m_fields->has(Field::TargetId) ||
            m_fields->has(Field::TargetName))
            return SUCCESS;
        m_fields->set(Field::TargetId, id);
        m_fields->set(Field::TargetName, name);
        return SUCCESS;
    });
}

} // namespace riskdesk::ingest
