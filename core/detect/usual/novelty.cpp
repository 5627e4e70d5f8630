#include "core/detect/usual/novelty.h"

#include "core/detect/shards.h"

#include <algorithm>
#include <cmath>

namespace riskdesk::detect {
namespace {

constexpr std::uint64_t noveltyPart = 7; // of StatePart::Global

// 0, 1, 2-3, 4-7, …
std::size_t stepOf(double count, std::size_t steps)
{
    return count < 1 ? 0 : std::min(static_cast<std::size_t>(std::ilogb(count)) + 1, steps - 1);
}

} // namespace

Novelty::Novelty(StateSource &source)
{
    static_cast<void>(readPart(source.load(StatePart::Global, noveltyPart), m));
}

void Novelty::Count::halve()
{
    all /= 2;
    fresh /= 2;
    expected /= 2;
}

std::uint16_t Novelty::cellOf(std::size_t level, double seen, double values)
{
    const std::size_t below = values < 0.5 ? 0 : 1 + stepOf(values / 2, valueSteps - 1);
    return static_cast<std::uint16_t>((level * seenSteps + stepOf(seen, seenSteps)) * valueSteps + below);
}

std::size_t Novelty::wholeOf(std::uint16_t cell)
{
    const std::size_t level = cell / (seenSteps * valueSteps);
    return cell % valueSteps == 0 ? levels + level : level;
}

double Novelty::chance(std::uint16_t cell, double expected) const
{
    const Count &c = m.cells[cell], &l = m.whole[wholeOf(cell)];
    const double usual = std::min(1.0, expected * (l.fresh + weight) / (l.expected + weight));
    return (c.fresh + weight * usual) / (c.all + weight);
}

void Novelty::count(std::uint16_t cell, double expected, bool isNew)
{
    Count &c = m.cells[cell], &l = m.whole[wholeOf(cell)];
    for (Count *one : {&c, &l}) {
        one->all += 1;
        one->fresh += isNew ? 1 : 0;
        if (one->all >= most)
            one->halve();
    }
    l.expected += expected;
    m_changed = true;
}

void Novelty::save(StateSink &sink)
{
    if (m_changed)
        sink.save(StatePart::Global, noveltyPart, writePart(m));
    m_changed = false;
}

void Novelty::Counts::write(StateWriter &out) const
{
    out.putSparse(cells);
    out.putSparse(whole);
}

bool Novelty::Counts::read(StateReader &in)
{
    const auto sound = [](const Count &c) {
        return c.all >= 0 && c.all < most && c.fresh >= 0 && c.fresh <= c.all && c.expected >= 0 &&
               c.expected <= c.all + 1;
    };
    return in.getSparse(cells) && in.getSparse(whole) && std::all_of(cells.begin(), cells.end(), sound) &&
           std::all_of(whole.begin(), whole.end(), sound);
}

} // namespace riskdesk::detect
