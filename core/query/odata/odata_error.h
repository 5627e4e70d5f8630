// What is wrong with a query option of Microsoft Graph, as Graph says it: a code for programs, a sentence for
// people. The sentence is English and names the property or the literal; position and length say where, in
// bytes of the option's value.
#pragma once

#include "core/base/result.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace riskdesk::query {

struct ODataError
{
    enum class Kind : std::uint8_t {
        Bad,        // cannot be understood, names something that is not there, or does not fit
        Unsupported // good OData that this does not do
    };
    Kind kind = Kind::Bad;
    std::string option; // "$filter"
    std::string sentence;
    std::size_t position = 0, length = 0;

    // error.code of the answer.
    [[nodiscard]] std::string_view code() const
    {
        return kind == Kind::Bad ? "BadRequest" : "Request_UnsupportedQuery";
    }
    // error.message of the answer.
    [[nodiscard]] std::string message() const
    {
        return length == 0 && position == 0
                   ? fmt::format("Invalid {}: {}", option, sentence)
                   : fmt::format("Invalid {}: {} (at character {})", option, sentence, position + 1);
    }
    // Code::WrongUsage, for the command line.
    [[nodiscard]] Error toError() const { return Error{Code::WrongUsage, option, message()}; }
};

template <typename T>
using ODataResult = tl::expected<T, ODataError>;

} // namespace riskdesk::query
