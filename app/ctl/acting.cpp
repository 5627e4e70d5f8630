#include "app/ctl/acting.h"

#include "core/base/open_files.h"
#include "core/store/schema.h"

#include "app/ctl/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace riskdesk::ctl {
namespace {

constexpr std::size_t room = action::longestPassphrase + 2; // its end of line, and one that is too many

// Bytes of a secret. They never move, so that no copy is left behind.
class Typed
{
public:
    Typed() { m_text.reserve(room); }
    ~Typed() { connect::wipe(m_text); }
    Typed(const Typed &) = delete;
    Typed &operator=(const Typed &) = delete;

    bool add(char byte)
    {
        if (m_text.size() == room)
            return false;
        m_text.push_back(byte);
        return true;
    }
    void takeBack() // a character of UTF-8
    {
        while (!m_text.empty() && (static_cast<unsigned char>(m_text.back()) & 0xc0) == 0x80)
            m_text.pop_back();
        if (!m_text.empty())
            m_text.pop_back();
    }
    void clear() { connect::wipe(m_text); }
    [[nodiscard]] Result<connect::Secret> done()
    {
        if (!m_text.empty() && m_text.back() == '\r')
            m_text.pop_back();
        if (m_text.size() > action::longestPassphrase)
            return fail(Code::WrongUsage, "",
                        fmt::format("A passphrase has at most {} bytes.", action::longestPassphrase));
        if (m_text.empty())
            return fail(Code::WrongUsage, "", "The passphrase is empty.");
        return connect::Secret::taking(std::move(m_text));
    }

private:
    std::string m_text;
};

// Bytes come as they are typed and are not shown. Signals of the keyboard too, so that the terminal is set
// back before one of them ends the program.
class Unseen
{
public:
    Unseen()
    {
        if (tcgetattr(STDIN_FILENO, &m_before) != 0)
            return;
        auto now = m_before;
        now.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG);
        now.c_cc[VMIN] = 1;
        now.c_cc[VTIME] = 0;
        m_set = tcsetattr(STDIN_FILENO, TCSAFLUSH, &now) == 0;
    }
    ~Unseen()
    {
        if (m_set)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &m_before);
    }
    Unseen(const Unseen &) = delete;
    Unseen &operator=(const Unseen &) = delete;
    [[nodiscard]] bool isSet() const { return m_set; }

private:
    termios m_before{};
    bool m_set = false;
};

struct Descriptor
{
    int number;
    ~Descriptor()
    {
        if (number >= 0)
            ::close(number);
    }
};

ssize_t readByte(int descriptor, char &byte)
{
    ssize_t got = 0;
    do {
        got = ::read(descriptor, &byte, 1);
    } while (got < 0 && errno == EINTR);
    return got;
}

} // namespace

Result<connect::Secret> passphraseOf(const std::filesystem::path &file)
{
    if (auto ok = mayRead(file, "a passphrase"); !ok)
        return tl::unexpected(ok.error());
    const Descriptor open{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    if (open.number < 0)
        return fail(errno == ENOENT ? Code::NotFound : Code::Io, file.string(), std::strerror(errno));
    Typed text;
    char byte = 0;
    ssize_t got = 0;
    while ((got = readByte(open.number, byte)) > 0 && byte != '\n')
        if (!text.add(byte))
            break;
    if (got < 0)
        return fail(Code::Io, file.string(), std::strerror(errno));
    return text.done();
}

Result<connect::Secret> typedPassphrase(const std::string &prompt, std::string_view otherwise)
{
    constexpr char interrupt = 3, end = 4, kill = 21, back = 8, rubout = 127;
    const auto noTerminal = [&] {
        return fail(
            Code::NotAllowed, "passphrase",
            fmt::format("{} is needed, and there is no terminal to type it on. Give {}.", prompt, otherwise));
    };
    if (!isTerminal(STDIN_FILENO))
        return noTerminal();
    const Unseen unseen;
    if (!unseen.isSet())
        return noTerminal();
    fmt::print(stderr, "{}: ", prompt);
    std::fflush(stderr);
    Typed text;
    char byte = 0;
    bool cancelled = false;
    while (!cancelled && readByte(STDIN_FILENO, byte) > 0 && byte != '\n' && byte != '\r') {
        if (byte == interrupt || byte == end)
            cancelled = true;
        else if (byte == kill)
            text.clear();
        else if (byte == back || byte == rubout)
            text.takeBack();
        else
            text.add(byte);
    }
    fmt::print(stderr, "\n");
    if (cancelled)
        return fail(Code::Cancelled, "passphrase");
    return text.done();
}

Result<action::Operator> actingOperator(const std::filesystem::path &directory,
                                        const std::optional<std::string> &name,
                                        const std::filesystem::path &passphraseFile, const Clock &clock)
{
    auto connection = store::openForReading(directory);
    // A directory of an older version is brought up to date by whoever first opens it for writing.
    if (!connection && connection.error().code == Code::Conflict)
        connection = store::openForWriting(directory);
    if (!connection)
        return tl::unexpected(connection.error());
    action::Asking asking;
    asking.name = name;
    connect::Secret secret;
    if (name) {
        const auto needed = action::needsPassphrase(*connection, *name);
        if (!needed)
            return tl::unexpected(needed.error());
        if (*needed) {
            auto given = passphraseFile.empty() ? typedPassphrase(fmt::format("Passphrase of \"{}\"", *name))
                                                : passphraseOf(passphraseFile);
            if (!given)
                return tl::unexpected(given.error());
            secret = std::move(*given);
            asking.passphrase = secret.reveal();
            // What is wrong is written down.
            auto writing = store::openForWriting(directory);
            if (writing)
                connection = std::move(writing);
            else if (writing.error().code != Code::ReadOnly)
                return tl::unexpected(writing.error());
        }
    }
    return action::whoIsIt(*connection, clock, asking);
}

} // namespace riskdesk::ctl
