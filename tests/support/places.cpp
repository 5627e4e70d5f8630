#include "tests/support/places.h"

#include <algorithm>
#include <cstdlib>

namespace riskdesk::test {

std::filesystem::path testData(const std::string &relative)
{
    return RISKDESK_TEST_DATA "/" + relative;
}

std::filesystem::path sharedData(const std::string &relative)
{
    return RISKDESK_SHARED_DATA "/" + relative;
}

std::filesystem::path peerRules()
{
    return RISKDESK_PEER_RULES;
}

std::string riskdeskctl()
{
    return RISKDESK_CTL;
}

std::filesystem::path graphClient()
{
    return RISKDESK_GRAPH_CLIENT;
}

std::string sqliteModule()
{
#ifdef RISKDESK_SQLITE_MODULE
    return RISKDESK_SQLITE_MODULE;
#else
    return {};
#endif
}

int rounds(int usual)
{
    const char *said = std::getenv("RISKDESK_ROUNDS");
    return said != nullptr ? std::max(std::atoi(said), 1) : usual;
}

} // namespace riskdesk::test
