// Sorter: puts row numbers in the order of any column of the sign-in list. Texts are ranked once per
// dictionary and kept; rows are then sorted by a small number (radix), so the number of rows costs little.
#pragma once

#include "core/query/sign_ins/sign_ins.h"

#include <functional>
#include <span>

namespace riskdesk::query {

class SignInSorter
{
public:
    // `owner` is locked by the caller.
    SignInSorter(SignIns &owner, store::Connection &connection, const Texts &texts, std::stop_token stop);
    // Newest first when `order` is empty; ties newest first, then by row number. Code::WrongUsage.
    [[nodiscard]] Status sort(std::vector<std::uint32_t> &rows, const std::vector<SortKey> &order);

private:
    using Keys = Result<std::vector<std::uint32_t>>; // by position in rows; emptyKey: no value, always last

    Keys keys(const std::vector<std::uint32_t> &rows, std::string_view column);
    Keys byDictionary(const std::vector<std::uint32_t> &rows, store::Column column, Dictionary dictionary);
    Keys byCode(const std::vector<std::uint32_t> &rows, store::Column column);
    Keys byUser(const std::vector<std::uint32_t> &rows, std::span<const std::string> texts);
    Keys byAddress(const std::vector<std::uint32_t> &rows);
    Keys byPlace(const std::vector<std::uint32_t> &rows, bool city);
    Keys byNetwork(const std::vector<std::uint32_t> &rows);
    Keys byRisk(const std::vector<std::uint32_t> &rows,
                const std::function<std::uint32_t(const SignInRisk &)> &key);
    const std::vector<std::uint32_t> &ranks(Dictionary dictionary, int variant,
                                            const std::function<std::string(std::string_view)> &sortText);

    SignIns &m_owner;
    store::Connection &m_connection;
    const Texts &m_texts;
    std::stop_token m_stop;
};

} // namespace riskdesk::query
