// ByName: a connector whose users are found by their names alone, since the identifiers we have are another system's.
#pragma once

#include "core/connect/connector.h"

#include <memory>
#include <utility>

namespace riskdesk::connect {

class ByName final : public Connector
{
public:
    explicit ByName(std::unique_ptr<Connector> of)
        : m_of(std::move(of))
    {}
    [[nodiscard]] Response test() override { return own().test(); }
    [[nodiscard]] Response precondition(const Request &request, std::string &precondition) override
    {
        return own().precondition(named(request), precondition);
    }
    [[nodiscard]] Response perform(const Request &request) override { return own().perform(named(request)); }
    [[nodiscard]] Response reconcile(const Request &request, const std::string &precondition,
                                     Reconciled &outcome) override
    {
        return own().reconcile(named(request), precondition, outcome);
    }
    // Users without an identifier, so that an import knows them by name as well.
    [[nodiscard]] Response listUsers(const std::string &next, std::vector<ProviderUser> &users,
                                     std::string &following) override
    {
        auto response = own().listUsers(next, users, following);
        for (auto &user : users)
            user.id.clear();
        return response;
    }
    [[nodiscard]] Response pull(ProviderOperation what, const std::string &from, PulledPage &page) override
    {
        return own().pull(what, from, page);
    }

private:
    static Request named(Request request)
    {
        request.userId.clear();
        return request;
    }
    [[nodiscard]] Connector &own()
    {
        m_of->setStop(m_stop);
        return *m_of;
    }
    std::unique_ptr<Connector> m_of;
};

} // namespace riskdesk::connect
