// Where the tests find what they need; absolute paths, set by the build.
#pragma once

#include <filesystem>
#include <string>

namespace riskdesk::test {

[[nodiscard]] std::filesystem::path testData(const std::string &relative = {}); // tests/data
[[nodiscard]] std::filesystem::path sharedData(const std::string &relative);    // real logs; may be absent
[[nodiscard]] std::filesystem::path peerRules();                                // tests/lab/peer_rules
[[nodiscard]] std::string riskdeskctl();                                        // the program
[[nodiscard]] std::filesystem::path graphClient(); // tests/graph_client, where it is installed
// How often kills and parallel processes are tried: `usual`, or what RISKDESK_ROUNDS says, for a long run by
// hand.
[[nodiscard]] int rounds(int usual);
[[nodiscard]] std::string sqliteModule(); // empty where it is not built (under sanitizers)

} // namespace riskdesk::test
