// Reading: one consistent look at the store. Everything asked between begin() and the end of its scope sees
// the same moment, however many statements it takes, and our SQL functions are there:
//     rd_fold(text)      foldForSearch
//     rd_signin(blob, name)    a number of a stored sign-in, by its name in SignInRow; NULL when it is none
//     rd_text(dictionary, id)  text of a dictionary id; '' for NULL, 0 and unknown
// Nests: inside another transaction it joins it. `stop` interrupts what runs (Code::Cancelled).
#pragma once

#include "core/query/texts.h"
#include "core/store/connection.h"

#include <memory>
#include <stop_token>

namespace riskdesk::query {

class Reading
{
public:
    [[nodiscard]] static Result<Reading> begin(store::Connection &connection, std::stop_token stop = {});
    Reading(Reading &&other) noexcept;
    Reading &operator=(Reading &&) = delete;
    ~Reading();

    [[nodiscard]] const Texts &texts() const { return *m_texts; }
    [[nodiscard]] const std::shared_ptr<Texts> &sharedTexts() const { return m_texts; }

private:
    Reading(store::Connection &connection, std::shared_ptr<Texts> texts, bool owns, bool stoppable);
    store::Connection *m_connection;
    std::shared_ptr<Texts> m_texts;
    bool m_owns;
    bool m_stoppable;
};

} // namespace riskdesk::query
