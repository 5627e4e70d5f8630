#include "core/base/desk.h"

#include <pwd.h>
#include <unistd.h>

#include <array>

namespace riskdesk {

const std::string &desktopAccount()
{
    static const std::string name = [] {
        std::array<char, 4096> buffer{};
        passwd entry{};
        passwd *found = nullptr;
        if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
            return std::string(found->pw_name);
        return "uid " + std::to_string(geteuid());
    }();
    return name;
}

const std::string &hostName()
{
    static const std::string name = [] {
        std::array<char, 256> buffer{};
        return gethostname(buffer.data(), buffer.size() - 1) == 0 ? std::string(buffer.data())
                                                                  : std::string();
    }();
    return name;
}

} // namespace riskdesk
