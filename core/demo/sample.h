// Sample: a believable population and the attacks on it, as the log an identity provider would have written.
//
// Our own generator; the same seed, size and end give the same bytes on every machine. Sign-ins stream out in
// event order as Graph signIn objects, one per line, so a year of a large shop costs no memory. Detections
// are never made here: the engine has to find them. Labels say what was hidden.
#pragma once

#include "core/base/timestamp.h"
#include "core/domain/intelligence.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::demo {

struct SampleOptions
{
    unsigned users = 4000;
    unsigned days = 90;
    std::uint64_t seed = 1;
    Timestamp end;     // exclusive
    bool full = false; // records of about two kilobytes, with policies, as busy tenants write them
};

struct SampleList
{
    ListKind kind;
    std::string name;
    NetworkClass networkClass = NetworkClass::Unknown; // of a plain anonymizer list
    std::string provider;
    std::string text; // the file's content
};

// What was hidden: "spray.attempt", "spray.hit", "takeover.naive", "takeover.vpn", "takeover.sameProvider",
// "travel.attacker", "anonymous.tor", "malware", "threat", "falsePositive.range".
struct SampleLabel
{
    std::string eventId;
    std::string userPrincipalName;
    std::string kind;
};

using LineSink = std::function<void(std::string_view)>; // a line with its line feed

class Sample
{
public:
    explicit Sample(const SampleOptions &options);
    ~Sample();
    // Graph user objects, one per line.
    void writeUsers(const LineSink &sink) const;
    // Sign-ins in event order, at most `limit`. Returns how many.
    std::uint64_t writeSignIns(const LineSink &sink, std::uint64_t limit = UINT64_MAX);
    [[nodiscard]] std::vector<SampleList> lists() const;
    [[nodiscard]] const std::vector<SampleLabel> &labels() const; // complete after writeSignIns()

private:
    struct Data;
    std::unique_ptr<Data> m;
};

} // namespace riskdesk::demo
