// Reads a log into one list per kind, keeping the memory its views point into; for the tests of core/ingest.
#pragma once

#include "core/ingest/reader.h"

#include "tests/support/places.h"

#include <QByteArray>
#include <QFile>
#include <QTemporaryDir>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::test {

struct Collected
{
    Status status;
    std::vector<std::shared_ptr<const void>> owners;
    std::vector<SignIn> signIns;
    std::vector<UserRecord> users;
    std::vector<ProviderDetection> providerDetections;
    std::vector<ProviderRiskyUser> providerRiskyUsers;
    std::vector<PasswordRecord> passwords;
    std::vector<Reject> rejects;
    std::vector<std::string> notices;
    std::uint64_t read = 0, notSignIns = 0, warnings = 0, bytesDone = 0;

    [[nodiscard]] std::uint64_t kept() const
    {
        return signIns.size() + users.size() + providerDetections.size() + providerRiskyUsers.size() +
               passwords.size();
    }
    // One line of counts, so that a test can compare all of them at once and show what differs.
    [[nodiscard]] std::string counts() const
    {
        return "read " + std::to_string(read) + " signIns " + std::to_string(signIns.size()) + " users " +
               std::to_string(users.size()) + " detections " + std::to_string(providerDetections.size()) +
               " riskyUsers " + std::to_string(providerRiskyUsers.size()) + " notSignIns " +
               std::to_string(notSignIns) + " rejects " + std::to_string(rejects.size());
    }
};

template <typename T>
void append(std::vector<T> &to, const std::vector<T> &from)
{
    to.insert(to.end(), from.begin(), from.end());
}

inline Collected collect(const std::filesystem::path &file, const ingest::ReadOptions &options = {})
{
    Collected all;
    all.status = ingest::readFile(file, options, [&](ingest::ParsedBatch &&batch) -> Status {
        append(all.signIns, batch.signIns);
        append(all.users, batch.users);
        append(all.providerDetections, batch.providerDetections);
        append(all.providerRiskyUsers, batch.providerRiskyUsers);
        append(all.passwords, batch.passwords);
        append(all.rejects, batch.rejects);
        append(all.notices, batch.notices);
        all.read += batch.read;
        all.notSignIns += batch.notSignIns;
        all.warnings += batch.warnings;
        all.bytesDone = batch.bytesDone;
        all.owners.push_back(std::move(batch.owner));
        return {};
    });
    return all;
}

inline ingest::Format formatNamed(std::string_view key)
{
    return ingest::formatFromText(key).value();
}

inline std::filesystem::path ingestData(const std::string &name)
{
    return test::testData("ingest") / name;
}

// A folder for the files of one test.
class Folder
{
public:
    std::filesystem::path write(const std::string &name, std::string_view text)
    {
        const auto path = std::filesystem::path(m_folder.path().toStdString()) / name;
        QFile file(QString::fromStdString(path.string()));
        if (file.open(QIODevice::WriteOnly))
            file.write(text.data(), static_cast<qint64>(text.size()));
        return path;
    }
    [[nodiscard]] std::filesystem::path path(const std::string &name) const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }

private:
    QTemporaryDir m_folder;
};

inline Collected collectText(std::string_view text, const ingest::ReadOptions &options = {})
{
    Folder folder;
    return collect(folder.write("log", text), options);
}

// A Graph sign-in on one line, made of what a test cares about.
inline std::string graphSignIn(std::string_view id, std::string_view extra = {})
{
    return std::string(R"({"id":")") + std::string(id) +
           R"(","createdDateTime":"2026-03-18T14:26:00Z","userPrincipalName":"ana@example.org",)" +
           R"("userId":"6b1f0a52-0000-4000-8000-000000000001","appDisplayName":"Mail","ipAddress":"192.0.2.7",)" +
           R"("status":{"errorCode":0,"failureReason":"Other."})" + std::string(extra) + "}";
}

} // namespace riskdesk::test
