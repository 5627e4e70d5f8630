#include "core/base/huge_pages.h"

#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <string_view>

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if __GLIBC_PREREQ(2, 35)
#define RISKDESK_TELLS_GLIBC
#endif
#endif

namespace riskdesk {

#ifdef RISKDESK_TELLS_GLIBC
void useHugePages(char **argv)
{
    constexpr const char *name = "GLIBC_TUNABLES", *wanted = "glibc.malloc.hugetlb=1";
    if (const char *set = std::getenv(name); set != nullptr) {
        if (set == std::string_view(wanted))
            unsetenv(name); // it has been read; what is started from here is another's affair
        return;
    }
    char path[PATH_MAX]; // by its own name, under which `ps` shows it
    const auto length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0 || setenv(name, wanted, 0) != 0)
        return;
    path[length] = '\0';
    execv(path, argv);
    unsetenv(name); // it could not be started again: it goes on as it is
}
#else
void useHugePages(char **) {}
#endif

} // namespace riskdesk
