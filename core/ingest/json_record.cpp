#include "core/ingest/json_record.h"

#include "core/base/text.h"

#include <algorithm>
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

JsonRecord::JsonRecord(const Provider &provider)
    : m_provider(provider)
    , m_outer(tooBig)
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

JsonVerdict JsonRecord::readRow(std::string_view text, const std::vector<Meaning> &columns, Arena &arena,
                                Fields &fields)
{
    return readWhole<simdjson::ondemand::array>(
        text, arena, fields, [&](simdjson::ondemand::array &row) { return readCells(row, columns); });
}

error_code JsonRecord::readCells(simdjson::ondemand::array &row, const std::vector<Meaning> &columns)
{
    std::size_t column = 0;
    for (auto result : row) {
        Value cell;
        if (const auto error = std::move(result).get(cell))
            return error;
        const Meaning meaning = column < columns.size() ? columns[column] : Meaning();
        ++column;
        if (meaning.kind == Meaning::Kind::Ignored)
            continue;
        if (const auto error = readMember(meaning, cell, Level::Envelope))
            return error;
    }
    return SUCCESS;
}

void JsonRecord::readInner(const Meaning &meaning, std::string_view text, Arena &arena, Fields &fields)
{
    text = trim(text);
    if (text.empty() || text == "{}" || text == "[]")
        return;
    if (text.front() != '{' && text.front() != '[') {
        // Some exports write a plain value where others put an object.
        if (meaning.plain == nowhere)
            ++fields.unreadable;
        else if (meaning.plain != passedOver)
            fields.set(meaning.plain, text);
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
        error = readHolder(meaning, value, Level::Properties);
    if (error)
        ++fields.unreadable;
    m_parser = parser;
    m_arena = oldArena;
    m_fields = oldFields;
    m_end = oldEnd;
}

bool JsonRecord::readPart(const Meaning &meaning, std::string_view part, Arena &arena, Fields &fields)
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
           !document.get_value().get(value) && !readHolder(meaning, value, Level::Properties);
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
        const Meaning meaning = m_provider.meaningOf(0, keyOf(member));
        if (meaning.kind == Meaning::Kind::Ignored)
            continue;
        if (const auto error = readMember(meaning, member.value(), level))
            return error;
    }
    return SUCCESS;
}

error_code JsonRecord::readMember(const Meaning &meaning, Value &value, Level level)
{
    const char first = *value.raw_json_token().data();
    if (meaning.holdsFields()) {
        if (first == '{' || first == '[')
            return readHolder(meaning, value, level);
        std::string_view text;
        if (const auto error = textOf(value, text))
            return error;
        if (text.empty())
            return SUCCESS;
        if (m_parser == &m_inner) // JSON in JSON in JSON: nobody writes that
            ++m_fields->unreadable;
        else
            readInner(meaning, m_arena->keep(text), *m_arena, *m_fields);
        return SUCCESS;
    }
    std::string_view text;
    if (const auto error = textOf(value, text))
        return error;
    // The envelope may stand around or behind its properties; what the properties say wins.
    if (level == Level::Properties || !m_propertiesRead || !m_fields->has(meaning.slot))
        m_fields->set(meaning.slot, text);
    return SUCCESS;
}

error_code JsonRecord::readHolder(const Meaning &meaning, Value &value, Level level)
{
    switch (meaning.kind) {
    case Meaning::Kind::Record:
    case Meaning::Kind::WholeRecord: {
        m_propertiesRead = true;
        Object object;
        if (const auto error = value.get_object().get(object))
            return error;
        return level == Level::Envelope || m_parser == &m_inner ? readRecord(object, Level::Properties)
                                                                : SUCCESS;
    }
    case Meaning::Kind::Object: return readObject(value, meaning.place);
    case Meaning::Kind::Texts: return readTexts(value, meaning.slot);
    case Meaning::Kind::Objects: return gather(value, *meaning.gathering);
    case Meaning::Kind::Ignored:
    case Meaning::Kind::Text: break;
    }
    return SUCCESS;
}

error_code JsonRecord::readObject(Value &value, Place place)
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
        const Meaning meaning = m_provider.meaningOf(place, keyOf(member));
        if (meaning.kind == Meaning::Kind::Ignored)
            continue;
        if (const auto error = readMember(meaning, member.value(), Level::Properties))
            return error;
    }
    return SUCCESS;
}

error_code JsonRecord::readTexts(Value &value, Slot slot)
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
        if (!m_fields->has(slot))
            m_fields->set(slot, text);
    }
    return SUCCESS;
}

// Of an array; elements that are no objects are passed over, and so is what is no array.
error_code JsonRecord::gather(Value &value, const Gathering &gathering)
{
    simdjson::ondemand::array array;
    if (const auto error = value.get_array().get(array))
        return error == simdjson::INCORRECT_TYPE ? SUCCESS : error;
    for (auto result : array) {
        Value element;
        if (const auto error = std::move(result).get(element))
            return error;
        if (*element.raw_json_token().data() != '{')
            continue;
        Object object;
        if (const auto error = element.get_object().get(object))
            return error;
        if (const auto error = gatherFrom(object, gathering))
            return error;
    }
    return SUCCESS;
}

error_code JsonRecord::gatherFrom(Object &object, const Gathering &gathering)
{
    Gathering::Texts texts;
    for (auto result : object) {
        simdjson::ondemand::field member;
        if (const auto error = std::move(result).get(member))
            return error;
        const auto key = keyOf(member);
        const auto asked =
            std::find_if(gathering.members.begin(), gathering.members.end(), [&](std::string_view name) {
                return !name.empty() && equalsIgnoringCase(key, name);
            });
        if (asked == gathering.members.end())
            continue;
        auto &text = texts[static_cast<std::size_t>(asked - gathering.members.begin())];
        if (const auto error = textOf(member.value(), text))
            return error;
    }
    gathering.take(texts, *m_fields);
    return SUCCESS;
}

} // namespace riskdesk::ingest
