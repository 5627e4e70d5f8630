// Members: the names of a JSON object and the beginnings of their values, for recognising whose log it is in.
//
// The object may be cut off or broken. Views into the text. Any thread; takes hostile text.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

class Members
{
public:
    explicit Members(std::string_view text);
    // Whatever the case.
    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
    [[nodiscard]] bool hasAny(std::initializer_list<std::string_view> names) const;
    // The beginning of the value contains `part`.
    [[nodiscard]] bool says(std::string_view name, std::string_view part) const;
    // A text without its quotes, escapes as they stand; empty when it is none.
    [[nodiscard]] std::string_view text(std::string_view name) const;
    // The first names, to be shown.
    [[nodiscard]] std::string names(std::size_t most) const;
    [[nodiscard]] bool empty() const { return m_members.empty(); }

private:
    struct Member
    {
        std::string_view name, value;
    };
    [[nodiscard]] const Member *find(std::string_view name) const;
    std::vector<Member> m_members;
};

} // namespace riskdesk::ingest
