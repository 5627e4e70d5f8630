// SecretStore: where the secrets of a directory lie, which is never the directory file.
//
// There are two: the keyring of the desktop (app/keychain_store.h) and a sealed file beside the directory
// (sealed_file.h), for desktops without a keyring, for scripts and for servers. A name says whose secret it
// is: "connector/3/clientSecret", "audit/key". What is stored under it are bytes, no text in particular.
//
// Every call may read a disk or ask another process, so none is made on the thread of the window. One thread
// at a time; two stores of the same place may be used at once, in one process or in several. No error holds
// anything of a secret.
//
// Errors of all calls: WrongUsage, a name or a secret that cannot be stored; NotFound, there is no such store
// here, take another (a name that is not stored is no error); NotAllowed, the store is locked and stays so.
#pragma once

#include "core/base/result.h"
#include "core/connect/secret.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::connect {

inline constexpr std::size_t longestSecretName = 200; // bytes
inline constexpr std::size_t longestSecret = 65536;

class SecretStore
{
public:
    virtual ~SecretStore() = default;

    [[nodiscard]] virtual std::string_view place() const = 0; // "keyring", "sealed file"
    // Nothing: no secret of that name.
    [[nodiscard]] virtual Result<std::optional<Secret>> get(std::string_view name) = 0;
    // In place of what was there under that name.
    [[nodiscard]] virtual Status set(std::string_view name, const Secret &secret) = 0;
    // In place of one that `is` says yes to; false, and nothing is stored, where another lies there, or none. At once,
    // where a store can do that; here somebody else may come between the look and the change.
    [[nodiscard]] virtual Result<bool>
    replace(std::string_view name, const std::function<bool(const Secret &)> &is, const Secret &secret)
    {
        const auto lies = get(name);
        if (!lies)
            return tl::unexpected(lies.error());
        if (!*lies || !is(**lies))
            return false;
        if (auto ok = set(name, secret); !ok)
            return tl::unexpected(ok.error());
        return true;
    }
    [[nodiscard]] virtual Status forget(std::string_view name) = 0;     // also when there is none
    [[nodiscard]] virtual Result<std::vector<std::string>> names() = 0; // ascending by byte
};

// One name of a store, which outlives it.
struct SecretPlace
{
    SecretStore *store = nullptr; // null: it is kept nowhere
    std::string name;
};

// What a store asks first: 1 to longestSecretName of a-z A-Z 0-9 / - _ and the full stop.
[[nodiscard]] inline Status checkSecretName(std::string_view name)
{
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
               c == '-' || c == '_' || c == '.';
    };
    if (name.empty() || name.size() > longestSecretName || !std::ranges::all_of(name, good))
        return fail(Code::WrongUsage, std::string(name.substr(0, longestSecretName)),
                    "a name of a secret has 1 to 200 letters, digits and / - _ .");
    return {};
}

// 1 to longestSecret bytes.
[[nodiscard]] inline Status checkSecret(std::string_view name, const Secret &secret)
{
    if (auto ok = checkSecretName(name); !ok)
        return ok;
    if (secret.empty() || secret.size() > longestSecret)
        return fail(Code::WrongUsage, std::string(name), "a secret has 1 to 65536 bytes");
    return {};
}

} // namespace riskdesk::connect
