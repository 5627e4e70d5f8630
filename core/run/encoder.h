// Encoder: a parsed sign-in becomes a stored row; every text becomes the id of its dictionary.
//
// One thread (the one that drains the reader). Ids are given in order of first appearance and never change.
#pragma once

#include "core/domain/sign_in.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace riskdesk::store {
class Dictionaries;
}

namespace riskdesk::run {

class UserBook;

class Encoder
{
public:
    Encoder(store::Dictionaries &dictionaries, UserBook &users)
        : m_dictionaries(dictionaries)
        , m_users(users)
    {}
    // The file the next records come from.
    void setSource(std::string_view name);
    [[nodiscard]] SignInRow encode(const SignIn &signIn);

private:
    [[nodiscard]] std::uint32_t placeOf(const SignIn &signIn);
    store::Dictionaries &m_dictionaries;
    UserBook &m_users;
    std::uint32_t m_source = 0;
    std::string m_buffer;
};

// The sixteen bytes of "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"; false when the text is no such thing.
[[nodiscard]] bool parseGuid(std::string_view text, EventKey &key);

} // namespace riskdesk::run
