// Writes exactly N Graph sign-ins of about two kilobytes to standard output, one per line:
//   make_signins N [users] [seed]
#include "core/demo/sample.h"

#include <cstdio>
#include <cstdlib>

int main(int argc, char **argv)
{
    using namespace riskdesk;
    if (argc < 2)
        return 2;
    const auto wanted = std::strtoull(argv[1], nullptr, 10);
    demo::SampleOptions options;
    options.users = argc > 2 ? static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10)) : 20000;
    options.seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
    options.end = Timestamp::fromCivil(2026, 3, 19);
    options.full = true;
    // About 0.65 sign-ins a user and day; begin early enough to have more than enough of them.
    options.days = static_cast<unsigned>(static_cast<double>(wanted) / (0.5 * options.users)) + 30;
    demo::Sample sample(options);
    const auto written = sample.writeSignIns(
        [](std::string_view line) { std::fwrite(line.data(), 1, line.size(), stdout); }, wanted);
    if (written != wanted)
        std::fprintf(stderr, "only %llu sign-ins were made\n", static_cast<unsigned long long>(written));
    return written == wanted ? 0 : 1;
}
