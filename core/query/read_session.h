// ReadSession: what the readers of one directory file share in memory, its texts and the columns of its
// sign-ins.
//
// Whoever reads a file by several connections makes one and attaches it to each (ui/jobs/readers.h does); a
// connection that was given none makes its own at the first question. Held by the connections. of() and
// attach() by the thread of the connection, the rest by any thread.
#pragma once

#include "core/query/texts.h"
#include "core/store/connection.h"

#include <memory>
#include <mutex>

namespace riskdesk::query {

class SignIns;

class ReadSession
{
public:
    [[nodiscard]] static std::shared_ptr<ReadSession> of(store::Connection &connection);
    // For a connection to the same file, before its first question.
    static void attach(store::Connection &connection, std::shared_ptr<ReadSession> session);

    [[nodiscard]] const std::shared_ptr<Texts> &texts() const { return m_texts; }
    // In memory as long as somebody holds it.
    [[nodiscard]] std::shared_ptr<SignIns> signIns();

private:
    std::shared_ptr<Texts> m_texts = std::make_shared<Texts>();
    std::mutex m_mutex;
    std::weak_ptr<SignIns> m_signIns;
};

} // namespace riskdesk::query
