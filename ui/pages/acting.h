// Acting: who acts in a window, asked of the store each time anew, since an administrator may have changed it
// meanwhile. Not on the GUI thread.
#pragma once

#include "core/action/operators.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/directory/directory.h"
#include "core/store/connection.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace riskdesk::pages {

// The operator whose passphrase was right in this window; nothing: the desktop account speaks for itself.
using SignedIn = std::optional<action::NamedOperator>;

// The role is the one of now. NotAllowed where the account is no operator, and where who signed in is none any
// more or has got another passphrase since; other errors are the store's.
[[nodiscard]] Result<action::Operator> whoActs(store::Connection &connection, const Clock &clock,
                                               const SignedIn &signedIn);

// A change of the directory by whoever acts: change(connection, who) -> Result<T>. Opens it for writing.
template <typename Change>
auto changeAs(const std::filesystem::path &file, const Clock &clock, const SignedIn &signedIn, Change change)
    -> decltype(change(std::declval<store::Connection &>(), std::declval<const action::Operator &>()))
{
    auto directory = run::Directory::open(file);
    if (!directory)
        return tl::unexpected(directory.error());
    const auto who = whoActs(directory->connection(), clock, signedIn);
    if (!who)
        return tl::unexpected(who.error());
    return change(directory->connection(), *who);
}

// Who looks at details in a window, as a job on a reader's thread takes it along.
struct Onlooker
{
    std::filesystem::path file;
    const Clock &clock;
    SignedIn signedIn;

    // Written down where audit.logReading is on (core/action/read_log.h), else nothing: before it is shown.
    [[nodiscard]] Status sees(store::Connection &reader, std::string_view target) const;
};

struct Acting
{
    std::optional<action::Operator> who; // nobody: as whoActs() refuses
    std::vector<action::NamedOperator> named;
    std::chrono::minutes lockAfter{15}; // console.lockAfterMinutes; 0: never
};
// Errors are the store's.
[[nodiscard]] Result<Acting> readActing(store::Connection &connection, const Clock &clock,
                                        const SignedIn &signedIn);

} // namespace riskdesk::pages
