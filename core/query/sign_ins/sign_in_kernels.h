// Kernels: a filter tree evaluated over the columns of all sign-ins. A dictionary's text is looked at once,
// whatever the number of rows. Held equal to filter_sql by tests/properties/tst_two_evaluators.cpp.
#pragma once

#include "core/query/filter/fields.h"
#include "core/query/sign_ins/sign_ins.h"

#include <functional>

namespace riskdesk::query {

class SignInKernels
{
public:
    // `owner` is locked by the caller.
    SignInKernels(SignIns &owner, store::Connection &connection, const Texts &texts, Timestamp now,
                  std::stop_token stop);
    // Code::WrongUsage like filter_sql.
    [[nodiscard]] Result<store::RowSet> evaluate(const Filter &filter);

private:
    using Rows = Result<store::RowSet>;
    using WantsText = std::function<bool(std::string_view)>;

    Rows node(const Filter &filter, std::size_t depth);
    Rows list(const Filter &filter, std::size_t depth);
    Rows match(const Filter &filter);
    Rows search(const Filter &filter);
    Rows textMatch(const Field &field, Test test, const std::vector<Value> &values);
    Rows numberMatch(const Field &field, Test test, const std::vector<Value> &values);
    Rows addressMatch(const Filter &filter);
    Rows timeMatch(const Field &field, Test test, const std::vector<Value> &values);
    Rows inDictionary(store::Column column, Dictionary dictionary, const WantsText &wanted);
    Rows ofUser(SignIns::UserText what, const WantsText &wanted);
    Rows ofPlace(const std::function<bool(const Place &)> &wanted);
    // `words`: what is looked for, folded.
    Rows ofId(Test test, const std::vector<std::string> &words, const WantsText &wanted);
    Rows ofCorrelation(Test test, const std::vector<std::string> &words, const WantsText &wanted);
    // Of a column of sixteen bytes; asked for every row.
    Rows ofKeys(store::Column column, const std::function<bool(std::size_t row, const EventKey &)> &wanted);
    Rows ofRisk(const std::function<bool(const SignInRisk &)> &wanted);
    // What is known of addresses, for rows that do not say it themselves.
    [[nodiscard]] store::SignInColumns::ByAddress
    byAddress(std::function<bool(const SignIns::AddressFact &)> wanted);
    [[nodiscard]] store::RowSet none() const { return store::RowSet(m_owner.m_columns.rows()); }

    SignIns &m_owner;
    store::Connection &m_connection;
    const Texts &m_texts;
    Timestamp m_now;
    std::stop_token m_stop;
};

} // namespace riskdesk::query
