// The rows of the reports: which columns there are and what each cell says.
#pragma once

#include "ui/models/list_model.h"

#include <memory>
#include <mutex>

namespace riskdesk::query {
class SignIns;
struct RiskyUserRow;
} // namespace riskdesk::query

namespace riskdesk::models {

// What the identity provider says of a user's risk: "At risk, High"; empty where it says nothing.
[[nodiscard]] QString atProvider(const query::RiskyUserRow &user);

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

// Rows come from columns in memory (core/query/sign_ins/sign_ins.h), which stay there as long as this source.
// An id is the generation in its upper and the row number in its lower half.
class SignInsSource final : public RowSource
{
public:
    [[nodiscard]] QList<Column> columns() const override;
    [[nodiscard]] Result<std::vector<std::int64_t>> readSpine(store::Connection &connection,
                                                              const query::Question &question,
                                                              std::stop_token stop) const override;
    [[nodiscard]] Result<std::shared_ptr<const RowPage>> readPage(store::Connection &connection,
                                                                  std::span<const std::int64_t> ids,
                                                                  std::stop_token stop) const override;
    [[nodiscard]] static std::uint64_t generationOf(std::int64_t id)
    {
        return static_cast<std::uint64_t>(id) >> 32;
    }
    [[nodiscard]] static std::uint32_t numberOf(std::int64_t id) { return static_cast<std::uint32_t>(id); }

private:
    [[nodiscard]] std::shared_ptr<query::SignIns> signIns(store::Connection &connection) const;
    mutable std::mutex m_mutex;
    mutable std::shared_ptr<query::SignIns> m_held;
};

class AuditSource final : public RowSource
{
public:
    [[nodiscard]] QList<Column> columns() const override;
    [[nodiscard]] Result<std::shared_ptr<const RowPage>> readPage(store::Connection &connection,
                                                                  std::span<const std::int64_t> ids,
                                                                  std::stop_token stop) const override;
};

// How a rejected record is mended, as the console can do it.
[[nodiscard]] QString rejectHint(std::string_view reason);

class RejectsSource final : public RowSource
{
public:
    [[nodiscard]] QList<Column> columns() const override;
    [[nodiscard]] Result<std::shared_ptr<const RowPage>> readPage(store::Connection &connection,
                                                                  std::span<const std::int64_t> ids,
                                                                  std::stop_token stop) const override;
};

} // namespace riskdesk::models
