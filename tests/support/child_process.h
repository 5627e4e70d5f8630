// childProcess: runs a part of a test in a process of its own, which SQLite's locks need (they belong to the
// process, and a forked copy of an open database is no honest second one). The test program starts itself
// again with "--child NAME ARGUMENTS…"; see childMain().
#pragma once

#include <QCoreApplication>
#include <QProcess>

#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace riskdesk::test {

using ChildParts = std::map<std::string, std::function<int(const std::vector<std::string> &)>>;

// The exit code when this process is a child, else -1.
inline int childMain(int argc, char **argv, const ChildParts &parts)
{
    if (argc < 3 || std::strcmp(argv[1], "--child") != 0)
        return -1;
    const auto part = parts.find(argv[2]);
    return part == parts.end() ? 127 : part->second(std::vector<std::string>(argv + 3, argv + argc));
}

inline void startChild(QProcess &process, const QString &part, const QStringList &arguments)
{
    process.start(QCoreApplication::applicationFilePath(), QStringList{"--child", part} + arguments);
}

// Its exit code; -2 when it died or hung.
inline int runChild(const QString &part, const QStringList &arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    startChild(process, part, arguments);
    return process.waitForFinished(60000) && process.exitStatus() == QProcess::NormalExit ? process.exitCode()
                                                                                          : -2;
}

} // namespace riskdesk::test
