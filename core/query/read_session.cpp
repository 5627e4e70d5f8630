#include "core/query/read_session.h"

#include "core/query/sign_ins/sign_ins.h"

namespace riskdesk::query {

std::shared_ptr<ReadSession> ReadSession::of(store::Connection &connection)
{
    if (connection.attached() == nullptr)
        attach(connection, std::make_shared<ReadSession>());
    return std::static_pointer_cast<ReadSession>(connection.attached());
}

void ReadSession::attach(store::Connection &connection, std::shared_ptr<ReadSession> session)
{
    connection.attach(std::move(session));
}

std::shared_ptr<SignIns> ReadSession::signIns()
{
    const std::lock_guard lock(m_mutex);
    auto signIns = m_signIns.lock();
    if (signIns == nullptr)
        m_signIns = signIns = std::make_shared<SignIns>();
    return signIns;
}

} // namespace riskdesk::query
