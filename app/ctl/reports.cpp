#include "app/ctl/reports.h"

#include "core/query/words/why.h"

#include "app/ctl/output.h"

#include <fmt/format.h>

namespace riskdesk::ctl {

std::string when(Timestamp t)
{
    return t.toIso().substr(0, 16).replace(10, 1, " ");
}

std::string typeName(const Detection &d)
{
    return d.type == DetectionType::Other ? d.typeText : std::string(info(d.type).displayName);
}

void printEvidence(const Evidence &evidence)
{
    if (evidence.signals.empty())
        return;
    Table table{{"  Signal", "Usual", "This sign-in", "Result", "Bits"}, {}};
    for (const auto &s : evidence.signals) {
        auto words = query::signalWords(evidence, s);
        table.rows.push_back({"  " + words.name, std::move(words.usual), std::move(words.seen),
                              std::move(words.result), s.bits == 0 ? "" : fmt::format("{:+.1f}", s.bits)});
    }
    printTable(table);
}

} // namespace riskdesk::ctl
