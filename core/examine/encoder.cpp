#include "core/examine/encoder.h"

#include "core/examine/row_preparer.h"
#include "core/examine/user_book.h"
#include "core/store/dictionary.h"

#include <array>

namespace riskdesk::run {
namespace {

constexpr std::uint8_t notHex = 0xff;
constexpr auto hexValues = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(notHex);
    for (unsigned i = 0; i < 10; ++i)
        table['0' + i] = static_cast<std::uint8_t>(i);
    for (unsigned i = 0; i < 6; ++i)
        table['a' + i] = table['A' + i] = static_cast<std::uint8_t>(10 + i);
    return table;
}();
// Where each byte's two digits stand.
constexpr std::array<std::uint8_t, 16> digitsAt = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

} // namespace

bool parseGuid(std::string_view text, EventKey &key)
{
    if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
        return false;
    // One look at the end instead of one at each digit.
    unsigned seen = 0;
    for (std::size_t i = 0; i < key.size(); ++i) {
        const unsigned high = hexValues[static_cast<std::uint8_t>(text[digitsAt[i]])];
        const unsigned low = hexValues[static_cast<std::uint8_t>(text[digitsAt[i] + 1U])];
        seen |= high | low;
        key[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return seen < 16;
}

void Encoder::setSource(std::string_view name)
{
    m_source = m_dictionaries.intern(Dictionary::Source, name);
}

void Encoder::encode(PreparedRows &prepared)
{
    // Column by column: each dictionary still meets its texts in the order of the rows.
    std::array<const std::uint32_t *, textColumns.size()> given{};
    for (std::size_t c = 0; c < textColumns.size(); ++c) {
        auto &byNumber = prepared.given->byNumber[c];
        for (const auto &text : prepared.columns[c].numbered)
            byNumber.push_back(m_dictionaries.intern(textColumns[c].kind, text));
        given[c] = byNumber.data();
    }
    m_ids.resize(prepared.rows.size());
    m_users.resolve(prepared.names, m_ids);
    for (std::size_t i = 0; i < prepared.rows.size(); ++i) {
        auto &row = prepared.rows[i];
        row.user = m_ids[i];
        row.source = m_source;
        for (std::size_t c = 0; c < textColumns.size(); ++c)
            if (textColumns[c].repeats)
                row.*textColumns[c].id = given[c][row.*textColumns[c].id];
    }
    for (std::size_t c = 0; c < textColumns.size(); ++c) {
        const auto &column = prepared.columns[c];
        m_ids.resize(column.unnumbered.size());
        m_dictionaries.intern(textColumns[c].kind, column.unnumbered, m_ids);
        for (std::size_t i = 0; i < m_ids.size(); ++i)
            prepared.rows[column.rows[i]].*textColumns[c].id = m_ids[i];
    }
}

} // namespace riskdesk::run
