#include "core/ingest/provider.h"

namespace riskdesk::ingest {

Columns Provider::columnsOf(FormatRow, const Header &header, Layout) const
{
    Columns columns;
    columns.names = header;
    for (const auto &name : header)
        columns.meanings.push_back(meaningOf(0, name));
    return columns;
}

} // namespace riskdesk::ingest
