// Records for both readers of JSON, and whether they agree about one.
#pragma once

#include "core/ingest/json_record.h"
#include "core/ingest/plain_json.h"
#include "core/ingest/providers/providers.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plain_records {

using namespace riskdesk::ingest;

inline std::string padded(std::string_view text)
{
    return std::string(text) + std::string(Arena::padding, '\0');
}

inline bool sameFields(const Fields &a, const Fields &b)
{
    for (std::size_t slot = 0; slot < Fields::slots; ++slot)
        if (a[static_cast<Slot>(slot)] != b[static_cast<Slot>(slot)])
            return false;
    return a.unreadable == b.unreadable;
}

// As the provider of the records below knows them.
struct Readers
{
    const Provider &provider = providerOf(*formatFromText("graphSignIns"));
    JsonRecord full{provider};
    PlainJson plain{provider, full};
    Arena arena;
};

enum class Said { Nothing, TheSame, SomethingElse };

inline Said plainly(Readers &readers, std::string_view text)
{
    const auto memory = padded(text);
    const std::string_view record(memory.data(), text.size());
    Fields quick, full;
    if (!readers.plain.read(record, readers.arena, quick))
        return Said::Nothing;
    const auto verdict = readers.full.read(record, readers.arena, full);
    return verdict.ok && verdict.used == record.size() && sameFields(quick, full) ? Said::TheSame
                                                                                  : Said::SomethingElse;
}

inline const std::vector<std::string> &records()
{
    static const std::vector<std::string> all = {
        R"({"id":"7","createdDateTime":"2026-03-18T14:26:00Z","userPrincipalName":"ana@fabrikam.example","isInteractive":true,"autonomousSystemNumber":64500,"status":{"errorCode":0,"failureReason":"Other.","additionalDetails":null},"location":{"city":"Lisboa","state":"","countryOrRegion":"PT","geoCoordinates":{"altitude":null,"latitude":38.7,"longitude":-9.1}},"appliedConditionalAccessPolicies":[{"id":"1","enforced":["Mfa",[]]},{}]})",
        R"({"id":"8","location":null,"status":{},"deviceDetail":{"deviceId":"","browser":"Chrome 122"},"unknown":{"a":{"b":[1,"}",2]}},"mfaDetail":null,"userDisplayName":"Zoë Åström"})",
        R"({"time":"2026-03-18T14:27:00Z","category":"SignInLogs","callerIpAddress":"192.0.2.1","properties":{"id":"9","createdDateTime":"2026-03-18T14:26:01Z","signInEventTypes":["interactiveUser"],"authenticationDetails":[{"authenticationMethod":"Password","succeeded":true},{"authenticationMethod":"Text message"}],"authenticationMethodsUsed":[]},"resultType":"0","id":"envelope","correlationId":"late"})",
        R"({"Operation": "UserLoggedIn", "Actor": [{"ID": "abc", "Type": 0}], "ExtendedProperties": [{"Name": "UserAgent", "Value": "curl"}], "DeviceProperties": [], "ClientIP": "192.0.2.7"})",
        R"({"id":"10","businessPhones":["+351 1"],"identities":[{"signInType":"federated","issuer":"google.com"}],"accountEnabled":false})",
        R"({"id":"11","id":"12","ID":"13","Status":{"errorCode":50126,"errorCode":1},"resultType":"","userId":"a}"})",
        R"({})"};
    return all;
}

// What the quick reader must not judge, and why.
inline const std::vector<std::pair<const char *, std::string>> &oddRecords()
{
    static const std::vector<std::pair<const char *, std::string>> all = {
        {"an escape", R"({"id":"a\u0041"})"},
        {"a line end", "{\"id\":\"a\",\n\"appId\":\"b\"}"},
        {"a tab in a text", "{\"id\":\"a\tb\"}"},
        {"bytes that are not UTF-8", "{\"id\":\"\xe9\"}"},
        {"JSON in a text", R"({"status":"{}"})"},
        {"a list where an object belongs", R"({"status":[1]})"},
        {"a second object", R"({"id":"a"}{"id":"b"})"},
        {"the end of another one", R"({"id":"a"}})"},
        {"no end", R"({"id":"a","status":{"errorCode":0})"},
        {"a comma too many", R"({"id":"a",})"},
        {"a comma too few", R"({"id":"a" "appId":"b"})"},
        {"a word JSON does not have", R"({"id":nul})"},
        {"an open text", R"({"id":"a})"},
        {"an open list", R"({"id":"a","other":["b"})"},
        {"a name without a value", R"({"id"})"},
        {"nothing", ""},
    };
    return all;
}

} // namespace plain_records
