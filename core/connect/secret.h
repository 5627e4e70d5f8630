// Secret: a password, key or token that is never printed.
//
// The bytes lie in memory of libsodium's own: locked (not swapped), between guard pages, kept out of core
// dumps and wiped when freed (doc.libsodium.org/memory_management). Where the limit of locked memory is
// reached the rest still holds. It has no operator<< and cannot be formatted or turned into a std::string by
// accident; reveal() is the one way to the text, and the view ends with the Secret. Movable; copies are made
// with copy(). One thread at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace riskdesk::connect {

class Secret
{
public:
    Secret() = default;
    explicit Secret(std::string_view text);
    // Takes the text over and wipes what it came in.
    [[nodiscard]] static Secret taking(std::string &&text);
    Secret(Secret &&other) noexcept;
    Secret &operator=(Secret &&other) noexcept;
    Secret(const Secret &) = delete;
    Secret &operator=(const Secret &) = delete;
    ~Secret();

    [[nodiscard]] Secret copy() const { return Secret(reveal()); }
    [[nodiscard]] bool empty() const { return m_size == 0; }
    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] std::string_view reveal() const { return {m_bytes, m_size}; }
    // In constant time for equal lengths.
    friend bool operator==(const Secret &a, const Secret &b);

private:
    void clear();
    char *m_bytes = nullptr;
    std::size_t m_size = 0;
};

// A password for one use, drawn from the operating system's randomness: groups of letters and digits that
// cannot be mixed up when read aloud, with all four kinds of characters in it (about 95 bits).
[[nodiscard]] Secret makeTemporaryPassword();

// Overwrites and empties a text that held a secret.
void wipe(std::string &text);

} // namespace riskdesk::connect
