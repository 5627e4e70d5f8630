// Arena: memory for the texts of one chunk that are not found as they are in its bytes (unescaped, decoded,
// read from a cell). Freed all at once with its chunk; one thread at a time.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

class Arena
{
public:
    // `size` bytes nobody else uses, followed by at least 64 more that may be read and overwritten (simdjson
    // reads and writes in blocks).
    [[nodiscard]] char *allocate(std::size_t size)
    {
        const std::size_t need = size + padding;
        if (need > m_left) {
            const std::size_t block = need > blockSize / 4 ? need : blockSize;
            m_blocks.push_back(std::make_unique_for_overwrite<char[]>(block));
            if (block != blockSize)
                return m_blocks.back().get(); // its own block: the current one goes on being filled
            m_next = m_blocks.back().get();
            m_left = block;
        }
        char *at = m_next;
        m_next += size;
        m_left -= size;
        return at;
    }
    // Gives back the end of the allocation just made.
    void shrinkLast(char *at, std::size_t asked, std::size_t used)
    {
        if (at + asked == m_next) {
            m_next -= asked - used;
            m_left += asked - used;
        }
    }
    [[nodiscard]] std::string_view keep(std::string_view text)
    {
        if (text.empty())
            return {};
        char *at = allocate(text.size());
        std::memcpy(at, text.data(), text.size());
        return {at, text.size()};
    }

    static constexpr std::size_t padding = 64;

private:
    static constexpr std::size_t blockSize = std::size_t{64} << 10;
    std::vector<std::unique_ptr<char[]>> m_blocks;
    char *m_next = nullptr;
    std::size_t m_left = 0;
};

} // namespace riskdesk::ingest
