#include "core/ingest/members.h"

#include "core/base/text.h"
#include "core/ingest/field_rules.h"
#include "core/ingest/json_scanner.h"

#include <algorithm>

namespace riskdesk::ingest {
namespace {

constexpr std::size_t mostNames = 400;
constexpr std::size_t valueBytes = 400; // of a value, which is enough to look for a word

std::size_t closingQuote(std::string_view text, std::size_t at)
{
    for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\')
            ++at;
    return std::min(at, text.size());
}

} // namespace

Members::Members(std::string_view text)
{
    std::size_t depth = 0;
    for (std::size_t at = 0; at < text.size() && m_members.size() < mostNames; ++at) {
        const char c = text[at];
        if (c == '"') {
            const auto end = closingQuote(text, at);
            const auto string = text.substr(at + 1, end - at - 1);
            std::size_t next = end + 1;
            while (next < text.size() && isBlank(text[next]))
                ++next;
            if (depth == 1 && next < text.size() && text[next] == ':') {
                ++next;
                while (next < text.size() && isBlank(text[next]))
                    ++next;
                m_members.push_back({string, text.substr(next, valueBytes)});
            }
            at = end;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && (depth == 0 || --depth == 0)) {
            break;
        }
    }
}

bool Members::hasAny(std::initializer_list<std::string_view> names) const
{
    return std::any_of(names.begin(), names.end(), [this](std::string_view n) { return has(n); });
}

bool Members::says(std::string_view name, std::string_view part) const
{
    const auto *member = find(name);
    if (member == nullptr)
        return false;
    const auto value = member->value;
    const bool isText = !value.empty() && value.front() == '"';
    return value.substr(0, isText ? closingQuote(value, 0) : value.size()).find(part) !=
           std::string_view::npos;
}

std::string_view Members::text(std::string_view name) const
{
    const auto *member = find(name);
    return member != nullptr && member->value.starts_with('"')
               ? member->value.substr(1, closingQuote(member->value, 0) - 1)
               : std::string_view();
}

std::string Members::names(std::size_t most) const
{
    std::string out;
    for (std::size_t i = 0; i < std::min(most, m_members.size()); ++i)
        out += (i > 0 ? ", " : "") + excerptOf(m_members[i].name, 40);
    return m_members.size() > most ? out + ", …" : out;
}

const Members::Member *Members::find(std::string_view name) const
{
    const auto at = std::find_if(m_members.begin(), m_members.end(),
                                 [&](const Member &m) { return equalsIgnoringCase(m.name, name); });
    return at == m_members.end() ? nullptr : &*at;
}

} // namespace riskdesk::ingest
