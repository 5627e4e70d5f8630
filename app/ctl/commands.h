// The commands of riskdeskctl, a source for each subject. Data goes to standard output, messages to standard
// error; the exit codes are CommandLine's.
#pragma once

#include "app/ctl/command_line.h"

namespace riskdesk::run {
class Directory;
}
namespace riskdesk::query {
class JsonObject;
}

namespace riskdesk::ctl {

void addData(CommandLine &line);  // init, sample, import, verify
void addIntel(CommandLine &line); // lists and what became of them
void addList(CommandLine &line);
void addExport(CommandLine &line);
void addDigest(CommandLine &line); // what came up in a week
void addShow(CommandLine &line);
void addHistory(CommandLine &line);
void addExplain(CommandLine &line);
void addActions(CommandLine &line); // dismiss, block, …, undo, redo
void addSql(CommandLine &line);
void addWhatIf(CommandLine &line);
void addSuppress(CommandLine &line);
void addSettings(CommandLine &line);
void addToken(CommandLine &line);                    // bearer tokens of the API
void addOperators(CommandLine &line);                // who may act
void addMap(CommandLine &line);                      // how logs are read that nobody knows
void addServe(CommandLine &line);                    // the API
void addConnect(CommandLine &line);                  // where the accounts live
void addSignIn(CommandLine &line, CLI::App *family); // of connect: a person signs in to a connection
void addSync(CommandLine &line);                     // what a connection has to tell
void addOutbox(CommandLine &line);                   // what waits to be done there
void addBackup(CommandLine &line);
void addRetain(CommandLine &line);
void addConvert(CommandLine &line); // of a trial directory
void addPurge(CommandLine &line);
void addDocuments(CommandLine &line); // completion, man: made of all the others
void addPropose(CommandLine &line, CLI::App *settings);
void addApplySettings(CommandLine &line, CLI::App *settings);

// A list or a rule that came or went: what is stored is looked at again, and a sentence says what was found.
// With `json` no sentence but its member "reread": {signIns, detections, silenced, usersAtRisk, notices}, or
// null when it did not come to an end.
int lookAgain(run::Directory &directory, const Common &common, query::JsonObject *json = nullptr);

} // namespace riskdesk::ctl
