// A generated sample cut into files, and a directory that imports them: what the replay, what-if and
// suppression tests play on.
#pragma once

#include "core/import/import_run.h"
#include "core/lists/intelligence.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include "tests/support/number.h"
#include "tests/support/restless_people.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace riskdesk::test {

inline const Timestamp worldEnd = Timestamp::fromCivil(2026, 3, 19);
inline const FixedClock worldClock(worldEnd);

class ReplayWorld
{
public:
    explicit ReplayWorld(unsigned users = 200, unsigned days = 60, std::size_t files = 4, bool trial = false)
    {
        auto options = test::restlessPeople(users, days, worldEnd);
        options.seed = 11;
        demo::Sample sample(options);
        std::vector<std::string> lines;
        sample.writeSignIns([&](std::string_view line) { lines.emplace_back(line); });
        for (std::size_t i = 0; i < files; ++i) {
            const auto name = path("part" + std::to_string(i) + ".ndjson");
            std::ofstream out(name);
            for (auto n = lines.size() * i / files; n < lines.size() * (i + 1) / files; ++n)
                out << lines[n];
            m_files.push_back(name);
        }
        for (const auto &list : sample.lists()) {
            std::ofstream(path(list.name)) << list.text;
            m_lists.push_back(list);
        }
        const auto file = path("t.riskdesk");
        if (!store::createDirectory(file, {"T", trial, false, worldEnd}))
            qFatal("no directory");
        m_directory.emplace(std::move(*run::Directory::open(file)));
        for (const auto &list : m_lists) {
            enrich::ListDefaults defaults;
            defaults.kind = list.networkClass;
            defaults.provider = list.provider;
            if (!run::addList(connection(), worldClock, {}, list.kind, path(list.name), list.name, defaults))
                qFatal("no list");
        }
    }
    // The sample's files one after another, each a run of its own.
    std::uint64_t importAll()
    {
        std::uint64_t stored = 0;
        for (const auto &file : m_files) {
            const auto done = run::importFiles(*m_directory, {file}, {}, worldClock, {}, {});
            if (!done || !done->notRead.empty())
                qFatal("not imported");
            stored += done->stored;
        }
        return stored;
    }
    run::Directory &directory() { return *m_directory; }
    store::Connection &connection() { return m_directory->connection(); }
    [[nodiscard]] std::string path(const std::string &name) const
    {
        return m_folder.filePath(QString::fromStdString(name)).toStdString();
    }
    std::int64_t number(std::string_view sql) { return test::number(connection(), sql); }

private:
    QTemporaryDir m_folder;
    std::vector<std::string> m_files;
    std::vector<demo::SampleList> m_lists;
    std::optional<run::Directory> m_directory;
};

} // namespace riskdesk::test
