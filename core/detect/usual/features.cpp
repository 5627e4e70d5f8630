#include "core/detect/usual/features.h"

#include "core/detect/network_kind.h"
#include "core/detect/usual/browser_release.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <tuple>
#include <utility>
#include <vector>

namespace riskdesk::detect {
namespace {

constexpr std::array<std::uint64_t, 2> rootNode = {mixBits(1), mixBits(2)};
constexpr std::uint64_t textTag = std::uint64_t{1} << 40; // a log's own word, not one of the agent reader
constexpr unsigned releaseShift = 64 - releaseBits;       // above textTag
constexpr std::uint64_t v4Tag = std::uint64_t{1} << 56, v6Tag = std::uint64_t{2} << 56;
constexpr double angle(Minute m)
{
    return 2 * std::numbers::pi * static_cast<double>(m % minutesPerDay) / minutesPerDay;
}

// What is expected below a new parent, before the directory has taught better.
constexpr double newBelowNew = 0.9;

constexpr Minute believableUpdate =
    minutesPerDay; // none comes between two sign-ins of a day, as far as one sees

// What EnrichedSignIn::deviceKey() was made of.
constexpr bool isDeviceId(std::uint64_t key)
{
    return key >> 40 == 1;
}
constexpr bool isAgentText(std::uint64_t key)
{
    return key >> 40 == 2;
}

std::size_t chainOf(std::size_t level)
{
    return level < placeLevels ? 0 : 1;
}

std::uint64_t networkValue(const IpAddress &ip)
{
    if (!ip.isKnown())
        return 0;
    if (ip.isV4())
        return v4Tag | ip.v4() >> 8;
    std::uint64_t first48 = 0;
    for (std::size_t i = 0; i < 6; ++i)
        first48 = first48 << 8 | ip.bytes[i];
    return v6Tag | first48;
}

std::string networkText(std::uint64_t value)
{
    if ((value & v4Tag) != 0)
        return IpAddress::fromV4(static_cast<std::uint32_t>(value & 0xffffff) << 8).toString() + "/24";
    IpAddress ip;
    for (std::size_t i = 0; i < 6; ++i)
        ip.bytes[i] = static_cast<std::uint8_t>(value >> (40 - 8 * i));
    return ip.toString() + "/48";
}

std::string kindText(std::uint64_t value)
{
    switch (static_cast<DeviceClass>(value)) {
    case DeviceClass::Desktop: return "desktop";
    case DeviceClass::Mobile: return "mobile";
    case DeviceClass::Tablet: return "tablet";
    case DeviceClass::Bot: return "bot";
    case DeviceClass::Other: return "other";
    case DeviceClass::Unknown: break;
    }
    return {};
}

std::string valueText(Level level, std::uint64_t value, const Names &names)
{
    const auto id = static_cast<std::uint32_t>(value);
    const bool tagged = (value & textTag) != 0;
    switch (level) {
    case Country: return unpackCountry(static_cast<CountryCode>(value));
    case Asn: return fmt::format("AS{}", value);
    case Network: return networkText(value);
    case Address: return names.address(id).toString();
    case Kind: return kindText(value);
    case System: return names.text(tagged ? Dictionary::OperatingSystem : Dictionary::AgentSystem, id);
    case Browser: return names.text(tagged ? Dictionary::Browser : Dictionary::AgentBrowser, id);
    case Device: return names.text(tagged ? Dictionary::Device : Dictionary::UserAgent, id);
    }
    return {};
}

constexpr std::string_view levelKey[levels] = {"country",    "asn",    "network", "address",
                                               "deviceKind", "system", "browser", "device"};

std::uint32_t rowKey(std::uint64_t parent, std::size_t level)
{
    return (static_cast<std::uint32_t>(parent >> 32) & ~7U) | static_cast<std::uint32_t>(level);
}

std::uint64_t nodeBelow(std::uint64_t parent, std::uint64_t value, std::size_t level)
{
    return mixBits(parent ^ mixBits(value * levels + level + 1)) | 1;
}

// Everything but the values, from the values.
void link(FeatureKeys &k)
{
    for (std::size_t level = 0; level < levels; ++level) {
        const bool first = level == 0 || level == placeLevels;
        const auto before = level - 1;
        k.above[level] = first           ? std::int8_t{-1}
                         : k.has(before) ? static_cast<std::int8_t>(before)
                                         : k.above[before];
        k.parent[level] =
            k.above[level] < 0 ? rootNode[chainOf(level)] : k.node[static_cast<std::size_t>(k.above[level])];
        k.key[level] = rowKey(k.parent[level], level);
        if (k.has(level))
            k.node[level] = nodeBelow(k.parent[level], k.value[level], level);
    }
}

} // namespace

std::string deviceText(const Names &names, std::uint64_t key, std::uint32_t browser, std::uint32_t system)
{
    const std::string b = names.text(Dictionary::AgentBrowser, browser),
                      s = names.text(Dictionary::AgentSystem, system);
    if (!b.empty() || !s.empty())
        return b.empty() ? s : s.empty() ? b : b + ", " + s;
    const auto id = static_cast<std::uint32_t>(key);
    return key >> 40 == 1 ? names.text(Dictionary::Device, id) : names.text(Dictionary::UserAgent, id);
}

FeatureKeys featureKeys(const EnrichedSignIn &s, bool placeHidden)
{
    FeatureKeys k;
    k.value = {placeHidden ? CountryCode{0} : s.country,
               s.asn,
               placeHidden ? 0 : networkValue(s.ip),
               placeHidden ? 0 : s.row.ip,
               static_cast<std::uint64_t>(s.deviceClass),
               s.agentSystem != 0           ? s.agentSystem
               : s.row.operatingSystem != 0 ? textTag | s.row.operatingSystem
                                            : 0,
               s.agentBrowser != 0  ? s.agentBrowser | std::uint64_t{s.release} << releaseShift
               : s.row.browser != 0 ? textTag | s.row.browser
                                    : 0,
               s.row.device != 0 || s.row.userAgent != 0 ? s.deviceKey() : 0};
    link(k);
    return k;
}

FeatureModel::FeatureModel(const Tuning &tuning, TenantCounts &tenant, Novelty &novelty, Profiles &profiles)
    : m_tuning(tuning)
    , m_tenant(tenant)
    , m_novelty(novelty)
    , m_profiles(profiles)
{
    retuned();
}

void FeatureModel::retuned()
{
    m_halfLife = static_cast<float>(m_tuning[Tune::UnfamiliarHalfLifeDays] * minutesPerDay);
    m_keep = daysToMinutes(m_tuning[Tune::UnfamiliarKeepDays]);
    m_expected = {}; // whether a network hides its place is tuned too
}

FeatureKeys FeatureModel::keysOf(const EnrichedSignIn &signIn) const
{
    return featureKeys(signIn, hidesPlace(signIn, m_tuning) != NetworkClass::Unknown);
}

// Where the sign-in's own path does not lead to its network in the user's memory, one that does stands in: of
// those that contradict least what the sign-in tells the deepest, then the newest.
void FeatureModel::fillIn(const UserProfile &profile, Minute now)
{
    FeatureKeys &k = m_score.keys;
    if (!k.has(Network))
        return;
    bool remembered = false;
    for (const FeatureRow &row : profile.features) {
        if (row.key == k.key[Network] && row.value == k.value[Network] && k.has(Country) && k.has(Asn) &&
            since(row.last, now) <= m_keep)
            return; // as told
        remembered |= (row.level() == Network && row.value == k.value[Network]) ||
                      (row.level() == Address && row.value == k.value[Address] && k.has(Address));
    }
    if (!remembered)
        return;
    struct Path
    {
        std::array<std::uint64_t, placeLevels> value{};
        std::uint64_t node = rootNode[0];
        std::size_t deepest = Country;
        Minute last = 0;
    };
    std::vector<Path> paths(1);
    for (std::size_t level = Country; level < placeLevels; ++level)
        for (std::size_t i = 0, before = paths.size(); i < before; ++i)
            for (const FeatureRow &row : profile.features)
                if (row.key == rowKey(paths[i].node, level) && since(row.last, now) <= m_keep &&
                    (row.value == k.value[level] || level <= Asn)) {
                    Path path = paths[i];
                    path.value[level] = row.value;
                    path.node = nodeBelow(path.node, row.value, level);
                    path.deepest = level;
                    path.last = row.last;
                    paths.push_back(path);
                }
    const Path *best = nullptr;
    const auto agreement = [&](const Path &path) { // levels told and remembered alike, less those that differ
        int sum = 0;
        for (const std::size_t level : {Country, Asn})
            sum += !k.has(level) || path.value[level] == 0 ? 0 : path.value[level] == k.value[level] ? 1 : -1;
        return sum;
    };
    const auto order = [&](const Path &path) {
        const int told = (path.value[Country] != 0) + (path.value[Asn] != 0);
        return std::tuple(agreement(path), told, path.deepest, path.last, path.node);
    };
    for (const Path &path : paths)
        if (path.deepest >= Network && (best == nullptr || order(path) > order(*best)))
            best = &path;
    if (best == nullptr)
        return;
    for (const std::size_t level : {Country, Asn}) {
        m_score.filledIn[level] = k.value[level] != best->value[level];
        k.value[level] = best->value[level];
    }
    link(k);
}

// One pass over the user's rows answers every level.
void FeatureModel::match(const UserProfile &profile, Minute now)
{
    const FeatureKeys &k = m_score.keys;
    m_row.fill(-1);
    m_children.fill(0);
    m_expired = false;
    Familiarity &f = m_score.familiarity;
    unsigned known = 0; // values seen before, below whatever parent
    const auto release = static_cast<std::uint32_t>(k.value[Browser] >> releaseShift);
    const bool agentOnly = isAgentText(k.value[Device]);
    Minute before = 0; // when what may have been updated was last seen
    bool newerKnown = false;
    Minute newer = 0; // when a newer release was last seen
    for (std::size_t i = 0; i < profile.features.size(); ++i) {
        const FeatureRow &row = profile.features[i];
        const std::size_t level = row.level();
        const bool same = row.value == k.value[level];
        if (since(row.last, now) > m_keep) {
            m_expired = true;
            continue;
        }
        if (row.key == k.key[level]) {
            ++m_children[level];
            if (same)
                m_row[level] = static_cast<int>(i);
            const auto had = static_cast<std::uint32_t>(row.value >> releaseShift);
            if (level == Browser && isNewerRelease(release, had)) {
                newerKnown = true;
                newer = std::max(newer, row.last);
            }
            if (((level == Browser && isNewerRelease(had, release)) ||
                 (level == Device && agentOnly && isAgentText(row.value))) &&
                row.last >= before) {
                before = row.last;
                if (level == Browser)
                    m_score.updatedFrom = static_cast<std::uint32_t>(row.value);
            }
        }
        known |= static_cast<unsigned>(same) << level;
    }
    f.networkKnown = (known >> Network & 1) != 0;
    f.addressKnown = (known >> Address & 1) != 0;
    f.countryKnown = (known >> Country & 1) != 0 || f.networkKnown || f.addressKnown;
    // A log that names no device: the browser on its system stands in, as in deviceKey().
    f.deviceKnown = k.has(Device)    ? (known >> Device & 1) != 0
                    : k.has(Browser) ? m_row[Browser] >= 0
                                     : k.has(System) && m_row[System] >= 0;
    const double every = m_tuning[Tune::UnfamiliarUpdateDays] * minutesPerDay;
    if (!f.deviceKnown && before != 0 && !newerKnown && every > 0 && (agentOnly || !k.has(Device)) &&
        since(before, now) >= believableUpdate) {
        m_score.updateChance = 1 - std::exp(-static_cast<double>(since(before, now)) / every);
        f.deviceKnown = true;
    } else {
        m_score.updatedFrom = 0;
    }
    if (m_row[Browser] >= 0 && (agentOnly || !k.has(Device)) && every > 0) {
        const Minute last = profile.features[static_cast<std::size_t>(m_row[Browser])].last;
        if (newer > last && since(last, now) >= every) {
            m_score.leftBehind = since(last, now);
            f.deviceKnown = false;
        }
    }
}

// Whatever the parent: of this value, as the user is remembered with it.
double FeatureModel::usedBelowAnyParent(const UserProfile &profile, std::size_t level, Minute now) const
{
    double used = 0;
    for (const FeatureRow &row : profile.features)
        if (row.level() == level && row.value == m_score.keys.value[level] && since(row.last, now) <= m_keep)
            used += static_cast<double>(decayed(row.count, row.last, now, m_halfLife));
    return used;
}

void FeatureModel::countNovelty(const EnrichedSignIn &signIn, bool teaches)
{
    const FeatureScore &s = m_score;
    if (!teaches) {
        UserProfile &profile = m_profiles.of(signIn.row.user);
        const auto strange = static_cast<std::uint32_t>(
            mixBits(s.keys.node[Asn] ^ mixBits(s.keys.node[Country] ^ mixBits(s.keys.node[System]))) >> 32);
        if (strange == profile.strange)
            return;
        profile.strange = strange;
        profile.changed = true;
    }
    for (std::size_t level = 0; level < levels; ++level) {
        // What may be an update has a chance of its own.
        const bool mayBeUpdate = s.updateChance > 0 && (level == Browser || level == Device);
        if (s.chances[level].counts && !mayBeUpdate)
            m_novelty.count(s.chances[level].cell, s.chances[level].formula, s.chances[level].isNew);
    }
}

// Leases end and browsers are updated every few weeks: alone neither makes a sign-in somebody else's.
bool isCoarse(const FeatureScore &s, std::size_t level)
{
    switch (level) {
    case Network: return !s.keys.has(Asn);
    case Address: return !s.keys.has(Asn) && !s.keys.has(Network);
    case Browser: return s.updateChance == 0;
    case Device: return isDeviceId(s.keys.value[Device]) || (!s.keys.has(System) && !s.keys.has(Browser));
    default: return true;
    }
}

void FeatureModel::scoreChains(const UserProfile &profile, Minute now)
{
    FeatureScore &s = m_score;
    const double kappa = m_tuning[Tune::UnfamiliarKappa];
    const bool learnt = m_tuning.on(Tune::UnfamiliarLearnNovelty), backsOff = m_tuning.has(Part::BackOff);
    std::array<double, levels> used{}, children{};
    std::array<GlobalCount, levels> global{};
    std::array<double, 2> rootUsed{}, rootChildren{};
    std::array<GlobalCount, 2> rootGlobal{};
    for (std::size_t chain = 0; chain < 2; ++chain) {
        const ChainRoot &root = profile.roots[chain];
        const float fade = decayed(1, root.last, now, m_halfLife);
        rootUsed[chain] = root.count * fade;
        rootChildren[chain] = root.children * fade;
        rootGlobal[chain] = m_tenant.at(rootNode[chain], now, m_halfLife);
    }
    for (std::size_t level = 0; level < levels; ++level) {
        if (!s.keys.has(level))
            continue;
        const bool isLeft = s.leftBehind != 0 && (level == Browser || level == Device);
        if (m_row[level] >= 0 && !isLeft) {
            const FeatureRow &row = profile.features[static_cast<std::size_t>(m_row[level])];
            const float fade = decayed(1, row.last, now, m_halfLife);
            used[level] = row.count * fade;
            children[level] = row.children * fade;
        }
        global[level] = m_tenant.at(s.keys.node[level], now, m_halfLife);
        const auto up = static_cast<std::size_t>(std::max<int>(s.keys.above[level], 0));
        const bool atRoot = s.keys.above[level] < 0;
        const std::size_t chain = chainOf(level);
        const GlobalCount &q = atRoot ? rootGlobal[chain] : global[up];
        double parentUsed = std::max(atRoot ? rootUsed[chain] : used[up], used[level]);
        const double firstSights = atRoot ? rootChildren[chain] : children[up];
        const double kept = std::max({1.0, firstSights, static_cast<double>(m_children[level])});
        // An evicted parent may count less than its child; a share is never above one.
        const double alike = 1.0 / (static_cast<double>(q.children) + 1.0);
        const double g = backsOff ? std::min(1.0, (static_cast<double>(global[level].count) + alike) /
                                                      (static_cast<double>(q.count) + 1.0))
                                  : alike;
        FeatureScore::Chance &chance = s.chances[level];
        double own = used[level], t = kept;
        if (!atRoot && m_row[up] < 0) {
            own = usedBelowAnyParent(profile, level, now);
            parentUsed = std::max(rootUsed[chain], own);
            chance.cell = Novelty::cellOf(level, parentUsed, 0);
            chance.formula = newBelowNew;
        } else {
            chance.cell = Novelty::cellOf(level, parentUsed, t);
            chance.formula = kappa * t / (parentUsed + kappa * t);
        }
        chance.isNew = own <= 0;
        chance.counts = parentUsed > 0;
        if (chance.counts) {
            const double fresh = std::clamp(
                learnt ? m_novelty.chance(chance.cell, chance.formula) : chance.formula, 1e-6, 0.999);
            t = parentUsed * fresh / ((1 - fresh) * kappa);
        }
        double u = (own + kappa * t * g) / (parentUsed + kappa * t);
        // The chance is that of the one level where the update shows; what lies below it is as new as it.
        if (m_row[level] < 0 && (level == Browser || (level == Device && m_row[Browser] >= 0)))
            u = std::max(u, std::min(g, s.updateChance)); // what was never seen does not reassure
        s.bits[level] = std::log2(g / u);
        s.counts[level] = {global[level].count, q.count, static_cast<double>(q.children), own, parentUsed, t};
        s.isNew[level] = m_row[level] < 0 || isLeft;
        (chain == 0 ? s.familiarity.placeBits : s.familiarity.deviceBits) += s.bits[level];
        (chain == 0 ? s.newPlace : s.newDevice) |= s.isNew[level] && isCoarse(s, level);
    }
}

// Few people's own sign-ins come from rented servers, and many an attacker's. One that stands between the user and the
// sign-in page, or has the user's session, shows the user's own agent: its likeness says nothing there, unlike a device's
// id. But a company's filter or its desktops stand there too, and then many of the directory come the same way: additive
// smoothing, in sign-ins.
double FeatureModel::hostingBits(const UserProfile &profile) const
{
    constexpr double usualHere = 10;
    const FeatureScore &s = m_score;
    const auto of = s.keys.has(Asn) ? Asn : Network;
    if (!s.keys.has(of) || profile.knows(of, s.keys.value[of]))
        return 0;
    const auto narrow = s.keys.has(Network) ? Network : of;
    const double most = m_tuning[Tune::UnfamiliarHostingBits];
    const double copied =
        isDeviceId(s.keys.value[Device]) || most == 0 ? 0 : std::max(0.0, -s.familiarity.deviceBits);
    return (most + copied) * usualHere / (usualHere + s.counts[narrow].directory);
}

void FeatureModel::scoreAttack(const EnrichedSignIn &signIn, const UserProfile &profile)
{
    FeatureScore &s = m_score;
    // The share of failures that are not hostile, as bits: odds 0.5 are one bit, 0.94 four.
    s.addressBits =
        std::clamp(-std::log2(std::max(1e-6, 1 - s.addressOdds)), 0.0, m_tuning[Tune::UnfamiliarIpOddsBits]);
    const ListMatch *anonymizer = anonymizerAt(signIn, m_tuning);
    if (anonymizer != nullptr && anonymizer->entry->kind != NetworkClass::Relay)
        s.anonymizerBits = m_tuning[Tune::UnfamiliarAnonymizerBits];
    else if (anonymizer == nullptr && signIn.facts->networkClass == NetworkClass::Hosting)
        s.hostingBits = hostingBits(profile);
    if (signIn.automated)
        s.automatedBits = m_tuning[Tune::UnfamiliarAutomatedBits];
    if (signIn.row.device != 0)
        s.deviceIdBits = s.familiarity.deviceKnown ? -m_tuning[Tune::UnfamiliarKnownDeviceBits]
                                                   : m_tuning[Tune::UnfamiliarUnknownDeviceBits];
    if (profile.hourWeight > 0) {
        const double length = std::hypot(profile.hourSine, profile.hourCosine);
        s.hourConcentration = std::min(1.0, length / static_cast<double>(profile.hourWeight));
        if (s.hourConcentration > m_tuning[Tune::UnfamiliarHourConcentration]) {
            const double usual = std::atan2(profile.hourSine, profile.hourCosine);
            const double apart = angle(minuteOf(signIn.at())) - usual;
            s.hourBits = m_tuning[Tune::UnfamiliarHourBits] * s.hourConcentration * (1 - std::cos(apart)) / 2;
        }
    }
}

void FeatureModel::expect(const EnrichedSignIn &signIn)
{
    Expected &expected = m_expected[signIn.row.eventKey[0] % mostExpected];
    expected.eventKey = signIn.row.eventKey;
    expected.at = signIn.row.at;
    expected.keys = keysOf(signIn);
    for (const auto node : expected.keys.node)
        m_tenant.prefetch(node);
}

const FeatureScore &FeatureModel::assess(const EnrichedSignIn &signIn, double addressOdds)
{
    const Minute now = minuteOf(signIn.at());
    const UserProfile &profile = m_profiles.of(signIn.row.user);
    m_score = FeatureScore();
    const Expected &expected = m_expected[signIn.row.eventKey[0] % mostExpected];
    m_score.keys = expected.at == signIn.row.at && expected.eventKey == signIn.row.eventKey ? expected.keys
                                                                                            : keysOf(signIn);
    m_score.addressOdds = addressOdds >= 0 && addressOdds <= 1 ? addressOdds : 0;
    m_score.familiarity.learning = featureLearning(profile, m_tuning, now).needed != 0;
    fillIn(profile, now);
    match(profile, now);
    scoreChains(profile, now);
    scoreAttack(signIn, profile);
    const Familiarity &f = m_score.familiarity;
    m_score.total = f.placeBits + f.deviceBits + m_score.addressBits + m_score.anonymizerBits +
                    m_score.hostingBits + m_score.automatedBits + m_score.deviceIdBits + m_score.hourBits;
    return m_score;
}

void FeatureModel::upsert(UserProfile &profile, std::size_t level, Minute now)
{
    const FeatureKeys &k = m_score.keys;
    auto &rows = profile.features;
    if (m_row[level] >= 0) {
        FeatureRow &row = rows[static_cast<std::size_t>(m_row[level])];
        const float fade = decayed(1, row.last, now, m_halfLife);
        row.children *= fade;
        addOne(row.count, row.last, now, m_halfLife);
        return;
    }
    FeatureRow fresh;
    fresh.value = k.value[level];
    fresh.key = k.key[level];
    fresh.count = 1;
    fresh.last = now;
    if (k.above[level] < 0)
        profile.roots[chainOf(level)].children += 1;
    else if (const int up = m_row[static_cast<std::size_t>(k.above[level])]; up >= 0)
        rows[static_cast<std::size_t>(up)].children += 1;

    // The least used makes room: smallest count, then longest unseen; never by the value itself.
    std::size_t used = 0, least = rows.size();
    const auto lessUsed = [this, now](const FeatureRow &a, const FeatureRow &b) {
        const float x = decayed(a.count, a.last, now, m_halfLife),
                    y = decayed(b.count, b.last, now, m_halfLife);
        return x != y ? x < y : a.last < b.last;
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].level() != level)
            continue;
        ++used;
        if (least == rows.size() || lessUsed(rows[i], rows[least]))
            least = i;
    }
    if (used >= static_cast<std::size_t>(m_tuning[Tune::UnfamiliarValuesPerLevel])) {
        rows[least] = fresh;
        m_row[level] = static_cast<int>(least);
    } else {
        if (rows.size() == rows.capacity())
            rows.reserve(rows.size() + 8); // grows by little: there are many users
        rows.push_back(fresh);
        m_row[level] = static_cast<int>(rows.size()) - 1;
    }
}

void FeatureModel::learn(const EnrichedSignIn &signIn)
{
    const Minute now = minuteOf(signIn.at());
    UserProfile &profile = m_profiles.of(signIn.row.user);
    const FeatureKeys &keys = m_score.keys;
    profile.changed = true;
    if (m_expired) {
        std::erase_if(profile.features, [&](const FeatureRow &row) { return since(row.last, now) > m_keep; });
        profile.features.shrink_to_fit();
        match(profile, now);
    }
    m_tenant.prepare(now, m_halfLife);

    for (std::size_t chain = 0; chain < 2; ++chain) {
        const auto begin = chain * placeLevels;
        const auto end = begin + placeLevels;
        if (std::none_of(keys.value.begin() + static_cast<std::ptrdiff_t>(begin),
                         keys.value.begin() + static_cast<std::ptrdiff_t>(end),
                         [](auto v) { return v != 0; }))
            continue;
        ChainRoot &root = profile.roots[chain];
        root.children *= decayed(1, root.last, now, m_halfLife);
        addOne(root.count, root.last, now, m_halfLife);
        m_tenant.add(rootNode[chain], 0, now, m_halfLife);
        for (std::size_t level = begin; level < end; ++level)
            if (keys.has(level)) {
                upsert(profile, level, now);
                m_tenant.add(keys.node[level], keys.parent[level], now, m_halfLife);
            }
    }
    const double theta = angle(now);
    const auto alpha = static_cast<float>(m_tuning[Tune::UnfamiliarHourAlpha]);
    profile.hourSine += alpha * (static_cast<float>(std::sin(theta)) - profile.hourSine);
    profile.hourCosine += alpha * (static_cast<float>(std::cos(theta)) - profile.hourCosine);
    profile.hourWeight += alpha * (1 - profile.hourWeight);
}

std::string FeatureModel::usual(const EnrichedSignIn &signIn, Level level, const Names &names) const
{
    const Minute now = minuteOf(signIn.at());
    std::map<std::string, float> counts; // the same value below two parents is one
    for (const FeatureRow &row : m_profiles.of(signIn.row.user).features)
        if (row.level() == level && since(row.last, now) <= m_keep)
            if (std::string text = valueText(level, row.value, names); !text.empty())
                counts[std::move(text)] += decayed(row.count, row.last, now, m_halfLife);
    std::vector<std::pair<std::string, float>> order(counts.begin(), counts.end());
    std::stable_sort(order.begin(), order.end(),
                     [](const auto &a, const auto &b) { return a.second > b.second; });
    std::string text;
    for (std::size_t i = 0; i < order.size() && i < 5; ++i)
        text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", order[i].first,
                            std::max(1L, std::lround(order[i].second)));
    return text;
}

std::string FeatureModel::seen(const EnrichedSignIn &signIn, Level level, const Names &names) const
{
    const FeatureKeys keys = keysOf(signIn);
    if (!keys.has(level))
        return {};
    if (level == Address && signIn.ip.isKnown())
        return signIn.ip.toString();
    if (level == Asn && !signIn.facts->organisation.empty())
        return fmt::format("AS{} {}", signIn.asn, signIn.facts->organisation);
    return valueText(level, keys.value[level], names);
}

Signal FeatureModel::signal(const EnrichedSignIn &signIn, Level level, const Names &names) const
{
    constexpr double rare = 0.05; // of the user's sign-ins below the same parent
    Signal row;
    row.key = levelKey[level];
    row.usual = usual(signIn, level, names);
    row.seen = seen(signIn, level, names);
    row.bits = m_score.bits[level];
    if (m_score.keys.has(level))
        row.counts = m_score.counts[level];
    if (!m_score.keys.has(level) || m_score.filledIn[level])
        row.result = SignalResult::Unknown;
    else if (m_score.isNew[level] && m_row[level] >= 0) // left behind
        row.result = SignalResult::Rare;
    else if (m_score.isNew[level])
        row.result = SignalResult::New;
    else
        row.result = m_score.counts[level].user < rare * m_score.counts[level].userParent
                         ? SignalResult::Rare
                         : SignalResult::AsUsual;
    return row;
}

Signal FeatureModel::hourSignal(const EnrichedSignIn &signIn) const
{
    const UserProfile &profile = m_profiles.of(signIn.row.user);
    const auto clock = [](double minutes) {
        const int m =
            static_cast<int>(std::lround(minutes + minutesPerDay)) % static_cast<int>(minutesPerDay);
        return fmt::format("{:02}:{:02}", m / 60, m % 60);
    };
    Signal row;
    row.key = "localTime";
    row.seen = clock(minuteOf(signIn.at()) % minutesPerDay);
    row.bits = m_score.hourBits;
    if (m_score.hourConcentration <= m_tuning[Tune::UnfamiliarHourConcentration])
        return row; // no habit
    row.usual =
        clock(std::atan2(profile.hourSine, profile.hourCosine) / (2 * std::numbers::pi) * minutesPerDay);
    row.result = m_score.hourBits > m_tuning[Tune::UnfamiliarHourBits] / 2 ? SignalResult::Rare
                                                                           : SignalResult::AsUsual;
    return row;
}

} // namespace riskdesk::detect
