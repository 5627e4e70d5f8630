#include "core/connect/secret.h"

#include <sodium.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace riskdesk::connect {
namespace {

void ready()
{
    [[maybe_unused]] static const int once = sodium_init();
}

} // namespace

Secret::Secret(std::string_view text)
{
    if (text.empty())
        return;
    ready();
    m_bytes = static_cast<char *>(sodium_malloc(text.size()));
    if (m_bytes == nullptr)
        throw std::bad_alloc();
    std::memcpy(m_bytes, text.data(), text.size());
    m_size = text.size();
}

Secret Secret::taking(std::string &&text)
{
    Secret secret(text);
    wipe(text);
    return secret;
}

Secret::Secret(Secret &&other) noexcept
    : m_bytes(std::exchange(other.m_bytes, nullptr))
    , m_size(std::exchange(other.m_size, 0))
{}

Secret &Secret::operator=(Secret &&other) noexcept
{
    if (this != &other) {
        clear();
        m_bytes = std::exchange(other.m_bytes, nullptr);
        m_size = std::exchange(other.m_size, 0);
    }
    return *this;
}

Secret::~Secret()
{
    clear();
}

void Secret::clear()
{
    if (m_bytes != nullptr)
        sodium_free(m_bytes); // wipes
    m_bytes = nullptr;
    m_size = 0;
}

bool operator==(const Secret &a, const Secret &b)
{
    return a.m_size == b.m_size && (a.m_size == 0 || sodium_memcmp(a.m_bytes, b.m_bytes, a.m_size) == 0);
}

Secret makeTemporaryPassword()
{
    ready();
    // Without l, I, O, 0, 1.
    constexpr std::string_view kinds[] = {"abcdefghijkmnopqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ",
                                          "23456789"};
    std::string text;
    std::array<std::size_t, 3> seen{};
    do {
        wipe(text);
        text.reserve(24);
        seen = {};
        for (int i = 0; i < 16; ++i) {
            if (i > 0 && i % 4 == 0)
                text += '-'; // the fourth kind
            auto at = randombytes_uniform(
                static_cast<std::uint32_t>(kinds[0].size() + kinds[1].size() + kinds[2].size()));
            std::size_t kind = 0;
            while (at >= kinds[kind].size())
                at -= static_cast<std::uint32_t>(kinds[kind++].size());
            text += kinds[kind][at];
            ++seen[kind];
        }
    } while (seen[0] == 0 || seen[1] == 0 || seen[2] == 0);
    return Secret::taking(std::move(text));
}

void wipe(std::string &text)
{
    if (!text.empty())
        sodium_memzero(text.data(), text.size());
    text.clear();
}

} // namespace riskdesk::connect
