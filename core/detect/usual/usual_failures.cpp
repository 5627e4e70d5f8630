#include "core/detect/usual/usual_failures.h"

#include "core/detect/event_time.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace riskdesk::detect {
namespace {

constexpr std::size_t mostNetworks = 4096;
constexpr double leastVolume = 100; // attempts before a network says anything
constexpr double halfLifeDays = 30;

} // namespace

void UsualFailures::count(const SignInRow &row, std::uint32_t asn, bool failed)
{
    m_newest = row.at;
    m_newestKey = row.eventKey;
    const auto day = floorDivide(row.at, dayUs);
    if (m_day != INT64_MIN && day > m_day) {
        const double fade = std::exp2(-static_cast<double>(day - m_day) / halfLifeDays);
        for (auto &[number, volume] : m_volumes) {
            volume.attempts *= fade;
            volume.failures *= fade;
        }
        std::erase_if(m_volumes, [](const auto &v) { return v.second.attempts < 0.01; });
    }
    m_day = std::max(m_day, day);
    // It moves slowly, and it is asked for at every failure of an attack.
    if (const auto hour = floorDivide(row.at, hourUs); hour > m_hour) {
        m_hour = hour;
        weigh();
    }
    if (asn == 0)
        return;
    if (m_volumes.size() >= mostNetworks && !m_volumes.contains(asn))
        makeRoom();
    auto &volume = m_volumes[asn];
    volume.attempts += 1;
    volume.failures += failed ? 1 : 0;
}

void UsualFailures::weigh()
{
    struct Network
    {
        double attempts, failures;
        std::uint32_t asn;
    };
    std::vector<Network> networks;
    for (const auto &[asn, v] : m_volumes)
        if (v.attempts >= leastVolume)
            networks.push_back({v.attempts, v.failures, asn});
    if (networks.empty()) {
        m_share = -1;
        return;
    }
    std::sort(networks.begin(), networks.end(), [](const Network &a, const Network &b) {
        return a.attempts != b.attempts ? a.attempts < b.attempts : a.asn < b.asn;
    });
    const auto share = [&](std::size_t i) { return networks[i].failures / networks[i].attempts; };
    m_share = (share((networks.size() - 1) / 2) + share(networks.size() / 2)) / 2;
}

void UsualFailures::makeRoom()
{
    std::vector<double> sizes;
    for (const auto &[asn, volume] : m_volumes)
        sizes.push_back(volume.attempts);
    const auto cut = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 4);
    std::nth_element(sizes.begin(), cut, sizes.end());
    std::erase_if(m_volumes, [&](const auto &entry) { return entry.second.attempts <= *cut; });
}

void UsualFailures::write(StateWriter &out) const
{
    out.put(m_newest);
    out.put(m_newestKey);
    out.put(m_day);
    out.put(m_hour);
    out.put(m_share);
    std::vector<std::pair<std::uint32_t, Volume>> order(m_volumes.begin(), m_volumes.end());
    std::sort(order.begin(), order.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    out.put(static_cast<std::uint32_t>(order.size()));
    for (const auto &[asn, volume] : order) {
        out.put(asn);
        out.put(volume);
    }
}

bool UsualFailures::read(StateReader &in)
{
    std::uint32_t count = 0;
    if (!in.get(m_newest) || !in.get(m_newestKey) || !in.get(m_day) || !in.get(m_hour) || !in.get(m_share) ||
        !in.get(count) || count > mostNetworks)
        return false;
    for (std::uint32_t asn = 0; count > 0; --count) {
        Volume volume;
        if (!in.get(asn) || !in.get(volume) || !std::isfinite(volume.attempts) ||
            !std::isfinite(volume.failures))
            return false;
        m_volumes[asn] = volume;
    }
    return std::isfinite(m_share);
}

} // namespace riskdesk::detect
