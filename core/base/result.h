// Result<T>: a value or an Error, with std::expected's names (GCC 12 has that only in C++23 mode).
//
//     Result<int> lines = countLines(path);
//     if (!lines)
//         return tl::unexpected(lines.error());
#pragma once

#include "core/base/error.h"

#include <tl/expected.hpp>

#include <utility>

namespace riskdesk {

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(Code code, std::string subject, std::string detail = {},
                                                std::source_location where = std::source_location::current())
{
    return tl::unexpected<Error>(Error{code, std::move(subject), std::move(detail), where});
}

} // namespace riskdesk
