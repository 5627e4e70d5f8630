// riskdeskctl: everything the console does, for scripts.

#include "app/ctl/commands.h"

#include <csignal>

int main(int argc, char **argv)
{
    using namespace riskdesk::ctl;
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
