// The number that SQL answers with. A question that has none ends the test: it would compare -1 with -1.
#pragma once

#include "core/store/statement.h"

#include <QtGlobal>

#include <cstdint>
#include <string>
#include <string_view>

namespace riskdesk::test {

template <typename... Values>
[[nodiscard]] std::int64_t number(store::Connection &connection, std::string_view sql,
                                  const Values &...values)
{
    store::Statement row(connection, sql);
    row.bind(values...);
    if (!row.step())
        qFatal("%s: %s", std::string(sql).c_str(), row.ok() ? "no row" : row.error().detail.c_str());
    return row.int64(0);
}

} // namespace riskdesk::test
