#include "tests/lab/reference_formula.h"

namespace riskdesk::lab {
namespace {

// The published weights of the levels: of the address as guessed by the authors, of the user agent as they
// measured them.
constexpr std::array<double, 7> weights = {
    0.6, 0.3, 0.1, 0.5386653840551359, 0.2680451498625666, 0.18818295100109536, 0.0051065150812021525};

// What the published code makes of a user who was never seen with any level of the value.
constexpr double wholeNovelty = 4;

// Finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
std::uint64_t mixed(std::uint64_t x)
{
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

} // namespace

std::size_t ReferenceFormula::KeyHash::operator()(const Key &key) const
{
    return mixed(mixed(key.owner * 8 + key.level) ^ key.value);
}

std::array<std::uint64_t, ReferenceFormula::levels> ReferenceFormula::valuesOf(const ReferenceLogin &login)
{
    return {login.address, login.asn, login.country, login.agent, login.browser, login.system, login.device};
}

double ReferenceFormula::ofUser(std::uint32_t user) const
{
    const auto known = m_users.find(user);
    return known == m_users.end() ? 0 : known->second;
}

// How much likelier the value is for everybody than for this user: the sum over the levels of weight × share,
// once with everybody's counts and once with the user's own.
double ReferenceFormula::ratio(const Feature &feature, const ReferenceLogin &login) const
{
    const auto values = valuesOf(login);
    const double own = ofUser(login.user);
    double global = 0, local = 0, different = 1;
    for (std::size_t level = feature.first + 1; level < feature.first + feature.count; ++level)
        different += static_cast<double>(m_values[level].size());
    for (std::size_t level = feature.first; level < feature.first + feature.count; ++level) {
        const auto seen = m_values[level].find(values[level]);
        double share = seen == m_values[level].end() ? 0 : seen->second.count / m_logins;
        if (level == feature.first) {
            // Room for what nobody has used yet: as many unseen values as there are coarser ones, and one
            // more; once among all sign-ins and once among those with this very value.
            if (seen == m_values[level].end()) {
                share = 1 / (m_logins + different);
            } else {
                const auto &[count, coarser] = seen->second;
                share *=
                    (1 - different / (m_logins + different)) * (1 - (coarser + 1) / (count + coarser + 1));
            }
        }
        global += weights[level] * share;
        const auto known = m_ofUser.find({login.user, values[level], static_cast<std::uint32_t>(level)});
        if (known != m_ofUser.end())
            local += weights[level] * known->second / own;
    }
    return local > 0 ? global / local : wholeNovelty;
}

// p(user | attack) / p(user | legitimate): every user is attacked alike.
double ReferenceFormula::prior(std::uint32_t user) const
{
    const double own = ofUser(user);
    const double users = static_cast<double>(m_users.size()) + (own > 0 ? 0 : 1);
    return m_logins / (users * (own > 0 ? own : 1));
}

double ReferenceFormula::score(const ReferenceLogin &login) const
{
    return m_logins > 0 ? ratio(place, login) * ratio(agent, login) * prior(login.user) : 1;
}

double ReferenceFormula::scoreOfPlace(const ReferenceLogin &login) const
{
    return m_logins > 0 ? ratio(place, login) * prior(login.user) : 1;
}

double ReferenceFormula::scoreOfAgent(const ReferenceLogin &login) const
{
    return m_logins > 0 ? ratio(agent, login) * prior(login.user) : 1;
}

void ReferenceFormula::learn(const ReferenceLogin &login)
{
    const auto values = valuesOf(login);
    ++m_logins;
    ++m_users[login.user];
    for (std::size_t level = 0; level < levels; ++level) {
        ++m_values[level][values[level]].count;
        ++m_ofUser[{login.user, values[level], static_cast<std::uint32_t>(level)}];
    }
    for (const auto &feature : {place, agent})
        for (std::size_t level = feature.first + 1; level < feature.first + feature.count; ++level)
            if (m_together.insert({values[feature.first], values[level], static_cast<std::uint32_t>(level)})
                    .second)
                ++m_values[feature.first][values[feature.first]].coarser;
}

} // namespace riskdesk::lab
