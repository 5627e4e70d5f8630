// LentSecrets: one open store of secrets for several threads, one call at a time. Each thread holds one of these.
#pragma once

#include "core/connect/secret_store.h"

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace riskdesk::connect {

class LentSecrets final : public SecretStore
{
public:
    struct Shared
    {
        std::mutex mutex;
        std::unique_ptr<SecretStore> store; // never null once it is lent
    };
    explicit LentSecrets(std::shared_ptr<Shared> shared)
        : m_shared(std::move(shared))
    {}
    [[nodiscard]] std::string_view place() const override { return m_shared->store->place(); }
    [[nodiscard]] Result<std::optional<Secret>> get(std::string_view name) override
    {
        const std::lock_guard lock(m_shared->mutex);
        return m_shared->store->get(name);
    }
    [[nodiscard]] Status set(std::string_view name, const Secret &secret) override
    {
        const std::lock_guard lock(m_shared->mutex);
        return m_shared->store->set(name, secret);
    }
    [[nodiscard]] Result<bool> replace(std::string_view name, const std::function<bool(const Secret &)> &is,
                                       const Secret &secret) override
    {
        const std::lock_guard lock(m_shared->mutex);
        return m_shared->store->replace(name, is, secret);
    }
    [[nodiscard]] Status forget(std::string_view name) override
    {
        const std::lock_guard lock(m_shared->mutex);
        return m_shared->store->forget(name);
    }
    [[nodiscard]] Result<std::vector<std::string>> names() override
    {
        const std::lock_guard lock(m_shared->mutex);
        return m_shared->store->names();
    }

private:
    std::shared_ptr<Shared> m_shared;
};

} // namespace riskdesk::connect
