#include "core/query/filter/fields.h"

#include "core/base/text.h"

#include <algorithm>

namespace riskdesk::query {
namespace {

bool isOneOf(std::string_view forms, std::string_view word)
{
    if (forms.empty())
        return false;
    const auto parts = split(forms, '|');
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view p) { return equalsIgnoringCase(p, word); });
}

class Nearest
{
public:
    explicit Nearest(std::string_view word)
        : m_word(foldCase(word.substr(0, 40)))
    {}
    void offer(std::string_view candidate)
    {
        const auto folded = foldCase(candidate);
        // A word being typed counts as near to what it begins.
        const auto far = m_word.size() >= 3 && folded.starts_with(m_word) ? 1 : editDistance(m_word, folded);
        if (far < m_distance && far * 2 < std::max(m_word.size(), std::size_t{3})) {
            m_distance = far;
            m_best = candidate;
        }
    }
    void offerAll(std::string_view forms)
    {
        if (!forms.empty())
            for (const auto form : split(forms, '|'))
                offer(form);
    }
    [[nodiscard]] std::string best() const { return std::string(m_best); }

private:
    std::string m_word;
    std::string_view m_best;
    std::size_t m_distance = 3;
};

} // namespace

const Field *findField(Report report, std::string_view name)
{
    const auto table = fields(report);
    for (const auto &field : table)
        if (equalsIgnoringCase(field.name, name))
            return &field;
    for (const auto &field : table)
        if (isOneOf(field.shortForms, name))
            return &field;
    return nullptr;
}

std::string nearestField(Report report, std::string_view name)
{
    Nearest nearest(name);
    for (const auto &field : fields(report)) {
        nearest.offerAll(field.shortForms);
        nearest.offer(field.name);
    }
    return nearest.best();
}

std::string nearestProperty(Report report, std::string_view name)
{
    Nearest nearest(name);
    for (const auto &column : columns(report))
        nearest.offer(column.property);
    return nearest.best();
}

std::string_view wordOf(const Field &field, std::int64_t value)
{
    for (const auto &word : field.words)
        if (word.value == value)
            return word.key;
    return {};
}

std::optional<std::int64_t> valueOf(const Field &field, std::string_view word)
{
    for (const auto &w : field.words)
        if (equalsIgnoringCase(w.key, word) || equalsIgnoringCase(w.display, word))
            return w.value;
    for (const auto &w : field.words)
        if (isOneOf(w.shortForms, word))
            return w.value;
    return std::nullopt;
}

std::string nearestWord(const Field &field, std::string_view word)
{
    Nearest nearest(word);
    for (const auto &w : field.words) {
        nearest.offer(w.key);
        nearest.offerAll(w.shortForms);
    }
    return nearest.best();
}

bool looksLikeAddress(std::string_view word)
{
    return word.find_first_of(".:") != std::string_view::npos &&
           word.find_first_not_of("0123456789abcdef.:") == std::string_view::npos;
}

bool looksLikeId(std::string_view word)
{
    return word.size() >= 6 && word.find(' ') == std::string_view::npos &&
           word.find_first_of("0123456789") != std::string_view::npos;
}

const Field *findSortable(Report report, std::string_view name)
{
    for (const auto &field : sortable(report))
        if (equalsIgnoringCase(field.name, name))
            return &field;
    if (const auto *field = findField(report, name);
        field != nullptr && !equalsIgnoringCase(field->name, name))
        return findSortable(report, field->name);
    return nullptr;
}

} // namespace riskdesk::query
