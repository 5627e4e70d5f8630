// riskdeskctl: everything the console does, for scripts.

#include "core/base/huge_pages.h"

#include "app/ctl/commands.h"

#include <algorithm>
#include <csignal>
#include <iterator>
#include <string_view>

namespace {

// Words of commands that may hold much, and that a second start of eight milliseconds is nothing to.
bool holdsMuch(std::string_view word)
{
    static constexpr std::string_view words[] = {"import", "settle", "sync", "whatif", "serve"};
    return std::ranges::find(words, word) != std::end(words);
}

} // namespace

int main(int argc, char **argv)
{
    using namespace riskdesk::ctl;
    if (std::any_of(argv + 1, argv + argc, holdsMuch))
        riskdesk::useHugePages(argv);
    std::signal(SIGPIPE, SIG_IGN);
    CommandLine line;
    addData(line);
    addIntel(line);
    addList(line);
    addExport(line);
    addDigest(line);
    addShow(line);
    addHistory(line);
    addExplain(line);
    addActions(line);
    addSql(line);
    addWhatIf(line);
    addSuppress(line);
    addSettings(line);
    addMap(line);
    addToken(line);
    addOperators(line);
    addServe(line);
    addConnect(line);
    addSync(line);
    addOutbox(line);
    addBackup(line);
    addRetain(line);
    addConvert(line);
    addPurge(line);
    addDocuments(line);
    return line.run(argc, argv);
}
