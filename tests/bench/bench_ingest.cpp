// Our reader of Graph sign-ins against QJsonDocument, both taking the same fields from the same generated log
// of about two kilobytes a record. The checksums of both must agree, or the figures mean nothing.
#include "core/ingest/reader.h"

#include <QByteArray>
#include <QDateTime>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

using namespace riskdesk;

namespace {

constexpr int records = 50000;

std::string record(int i)
{
    std::string policies;
    for (int p = 0; p < 4; ++p)
        policies += fmt::format(
            R"({}{{"id":"3fa9321f-1213-47c8-87be-{:012x}","displayName":"Policy number {}","enforcedGrantControls":["Mfa"],"enforcedSessionControls":[],"result":"notApplied"}})",
            p > 0 ? "," : "", p, p);
    return fmt::format(
        R"({{"id":"d70d10b6-221a-4840-899d-{:012x}","createdDateTime":"2026-03-{:02}T{:02}:{:02}:02.1234567Z","userDisplayName":"Person {}","userPrincipalName":"person{}@fabrikam.example","userId":"bbcfc3c5-0b93-4135-9ef9-{:012x}","appId":"9199bf20-a13f-4107-85dc-02114787ef48","appDisplayName":"One Outlook Web","ipAddress":"203.0.{}.{}","ipAddressFromResourceProvider":null,"clientAppUsed":"Browser","userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36","correlationId":"845e7924-e581-7853-4d9d-{:012x}","conditionalAccessStatus":"success","originalRequestId":"","isInteractive":true,"tokenIssuerName":"","tokenIssuerType":"AzureAD","processingTimeInMilliseconds":161,"riskDetail":"none","riskLevelAggregated":"none","riskLevelDuringSignIn":"none","riskState":"none","riskEventTypes_v2":[],"resourceDisplayName":"Office 365 Exchange Online","resourceId":"00000002-0000-0ff1-ce00-000000000000","authenticationRequirement":"singleFactorAuthentication","status":{{"errorCode":{},"failureReason":"Other.","additionalDetails":null}},"deviceDetail":{{"deviceId":"c2a1d5d2-0000-4000-8000-{:012x}","displayName":"","operatingSystem":"Windows 10","browser":"Chrome 122.0.0","isCompliant":false,"isManaged":false,"trustType":null}},"location":{{"city":"London","state":"England","countryOrRegion":"GB","geoCoordinates":{{"altitude":null,"latitude":51.5074,"longitude":-0.1278}}}},"appliedConditionalAccessPolicies":[{}]}})"
        "\n",
        i, i % 28 + 1, i % 24, i % 60, i % 5000, i % 5000, i % 5000, i % 250, i % 251, i,
        i % 10 == 0 ? 50126 : 0, i % 5000, policies);
}

// The same records as lines, and as a page of Graph.
struct Logs
{
    QTemporaryDir folder;
    std::string lines, list;
    std::uintmax_t bytes = 0;

    Logs()
        : lines(folder.path().toStdString() + "/lines.ndjson")
        , list(folder.path().toStdString() + "/list.json")
    {
        std::ofstream asLines(lines), asList(list);
        asList << "{\"value\":[";
        for (int i = 0; i < records; ++i) {
            const auto text = record(i);
            asLines << text;
            asList << (i > 0 ? "," : "") << text;
        }
        asList << "]}";
        asLines.flush();
        bytes = static_cast<std::uintmax_t>(asLines.tellp());
    }
};

Logs &logs()
{
    static Logs all;
    return all;
}

struct Sum
{
    std::uint64_t records = 0, failures = 0, characters = 0;
    std::int64_t time = 0;
    bool operator==(const Sum &) const = default;
};

Sum readOurs(const std::string &file, unsigned threads)
{
    Sum sum;
    ingest::ReadOptions options;
    options.threads = threads;
    const auto status = ingest::readFile(file, options, [&](ingest::ParsedBatch &&batch) -> Status {
        for (const auto &s : batch.signIns) {
            ++sum.records;
            sum.failures += s.outcome == Outcome::Failure ? 1U : 0U;
            sum.time += s.at.us / 1000000;
            for (const auto text :
                 {s.eventId, s.userId, s.userPrincipalName, s.userDisplayName, s.userAgent, s.browser,
                  s.operatingSystem, s.deviceId, s.clientApp, s.application, s.resource, s.city, s.state,
                  s.country, s.correlationId, s.providerRiskLevel, s.providerRiskState})
                sum.characters += text.size();
        }
        return {};
    });
    if (!status)
        std::abort();
    return sum;
}

Sum readQt(const std::string &path)
{
    Sum sum;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        const auto o =
            QJsonDocument::fromJson(QByteArray::fromRawData(line.data(), static_cast<qsizetype>(line.size())))
                .object();
        const auto device = o["deviceDetail"].toObject(), place = o["location"].toObject();
        ++sum.records;
        sum.failures += o["status"].toObject()["errorCode"].toInt() != 0 ? 1U : 0U;
        sum.time += QDateTime::fromString(o["createdDateTime"].toString().left(19) + "Z", Qt::ISODate)
                        .toSecsSinceEpoch();
        for (const auto *key :
             {"id", "userId", "userPrincipalName", "userDisplayName", "userAgent", "clientAppUsed",
              "appDisplayName", "resourceDisplayName", "correlationId", "riskLevelDuringSignIn", "riskState"})
            sum.characters += static_cast<std::uint64_t>(o[QLatin1String(key)].toString().size());
        for (const auto *key : {"browser", "operatingSystem", "deviceId"})
            sum.characters += static_cast<std::uint64_t>(device[QLatin1String(key)].toString().size());
        for (const auto *key : {"city", "state", "countryOrRegion"})
            sum.characters += static_cast<std::uint64_t>(place[QLatin1String(key)].toString().size());
    }
    return sum;
}

const Sum &expected()
{
    static const Sum sum = readQt(logs().lines);
    return sum;
}

void report(benchmark::State &state)
{
    state.SetItemsProcessed(state.iterations() * records);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(logs().bytes));
}

void riskdesk_lines(benchmark::State &state)
{
    const Sum &sum = expected(); // also warms the page cache
    for (auto _ : state)
        if (!(readOurs(logs().lines, static_cast<unsigned>(state.range(0))) == sum))
            return state.SkipWithError("the two readers disagree");
    report(state);
}

void riskdesk_list(benchmark::State &state)
{
    const Sum &sum = expected(); // also warms the page cache
    for (auto _ : state)
        if (!(readOurs(logs().list, static_cast<unsigned>(state.range(0))) == sum))
            return state.SkipWithError("the two readers disagree");
    report(state);
}

void qjsondocument_lines(benchmark::State &state)
{
    const Sum &sum = expected(); // also warms the page cache
    for (auto _ : state)
        if (!(readQt(logs().lines) == sum))
            return state.SkipWithError("the reader disagrees with itself");
    report(state);
}

} // namespace

BENCHMARK(riskdesk_lines)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(riskdesk_list)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(qjsondocument_lines)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();
