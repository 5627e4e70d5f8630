// The rows of the two reports: which columns there are and what each cell says.
#pragma once

#include "ui/models/list_model.h"

namespace riskdesk::models {

class RiskyUsersSource final : public RowSource
{
public:
    [[nodiscard]] QList<Column> columns() const override;
    [[nodiscard]] Result<std::shared_ptr<const RowPage>> readPage(store::Connection &connection,
                                                                  std::span<const std::int64_t> ids,
                                                                  std::stop_token stop) const override;
};

class DetectionsSource final : public RowSource
{
public:
    [[nodiscard]] QList<Column> columns() const override;
    [[nodiscard]] Result<std::shared_ptr<const RowPage>> readPage(store::Connection &connection,
                                                                  std::span<const std::int64_t> ids,
                                                                  std::stop_token stop) const override;
};

} // namespace riskdesk::models
