// The commands of riskdeskctl, one function each. Data goes to standard output, messages to standard error;
// the return value is the exit code: 0 done, 1 failed, 2 wrong usage, 3 done with rejects, 4 not allowed.
#pragma once

#include "core/base/clock.h"
#include "core/base/limits.h"

#include "app/ctl_output.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace riskdesk::run {
class Directory;
}

namespace riskdesk::ctl {

struct Common
{
    std::filesystem::path directory;
    std::string actor; // --as, else the desktop account
    const Clock &clock;
};

struct InitOptions
{
    std::string name;
    bool trial = false;
};
int init(const Common &common, const InitOptions &options);

struct SampleOptions
{
    unsigned users = 4000, days = 90;
    std::uint64_t seed = 1;
    std::string end;
};
int sample(const Common &common, const SampleOptions &options);

struct ImportCommand
{
    std::vector<std::string> files;
    std::string format, timeZone, dates;
    unsigned threads = 2;
    bool json = false;
};
int import(const Common &common, const ImportCommand &options);

struct IntelCommand
{
    std::string kind, file, name, anonymizerKind, provider, from, until;
};
int intelAdd(const Common &common, const IntelCommand &options);
int intelReread(const Common &common);
int intelList(const Common &common, Format format);
int intelRemove(const Common &common, const std::string &idOrName);
int intelAccept(const Common &common, const std::string &idOrName);
int intelSetAside(const Common &common, Format format);
int intelRelease(const Common &common, const std::string &indicator, const std::string &reason);
int intelRollback(const Common &common, const std::string &idOrName);

struct ListCommand
{
    std::string report; // users, detections, signins, campaigns, rejects, audit
    std::string filter, order;
    std::uint64_t top = 50;
    bool all = false;
    Format format = Format::Table;
};
int list(const Common &common, const ListCommand &options);
int show(const Common &common, const std::string &what, const std::string &id, Format format);
int history(const Common &common, const std::string &user, Format format);
int explain(const Common &common, const std::string &signIn, Format format);

struct ActCommand
{
    std::string action; // dismiss, confirm-compromised, …
    std::vector<std::string> targets;
    bool signIns = false, detections = false;
    std::string reason, note;
};
int act(const Common &common, const ActCommand &options);
int undo(const Common &common, std::int64_t command);

struct SqlCommand
{
    std::string text;
    bool all = false;                    // no limit on rows
    double seconds = limits::sqlSeconds; // the question is given up after
    Format format = Format::Table;
};
int sql(const Common &common, const SqlCommand &options);

struct WhatIfCommand
{
    std::vector<std::string> set, trust; // KEY=VALUE; networks, AS numbers, countries
    std::vector<std::string> suppress;   // rules: "user=anna type=unlikelyTravel"
    std::string since;
    std::uint64_t limit = 50; // changed detections shown
    bool json = false;
};
int whatIf(const Common &common, const WhatIfCommand &options);

struct SuppressCommand
{
    std::string user, network, asn, agent, agentPart, application, type;
    std::string until, reason;
};
int suppressAdd(const Common &common, const SuppressCommand &options);
int suppressList(const Common &common, Format format);
int suppressRemove(const Common &common, std::int64_t id);
// A list or a rule that came or went: what is stored is looked at again.
int lookAgain(run::Directory &directory, const Common &common);

int propose(const Common &common, const std::string &budget, Format format);
int settings(const Common &common, const std::string &assignment, Format format);
int verify(const Common &common, Format format);

} // namespace riskdesk::ctl
