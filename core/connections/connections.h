// Connections: where the accounts of a directory really live, and how to get there.
//
// A connection is of a kind (core/connect/kind.h) and has settings; its secrets lie elsewhere
// (core/connect/secret_store.h) under secretName(). While it is on, it takes the operations it is capable of:
// the outbox asks (outbox.h). What was sent over one that is removed stays in the outbox, with its name.
//
// The one writer of the table `connector`, but for what a pull brings (pulled(), pulledUntil()). A change is one
// transaction with its audit record and needs Permission::Connections. On the connection's thread, never inside a
// transaction. Errors that are not named are the store's.
#pragma once

#include "core/action/outbox.h"
#include "core/action/permissions.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/connect/kind.h"
#include "core/connect/secret_store.h"
#include "core/store/connection.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::run {

using action::ConnectorRow;
using action::Operator;

inline constexpr std::size_t longestConnectionName = 64; // characters

// "connector/3/clientSecret"
[[nodiscard]] std::string secretName(std::int64_t connection, std::string_view key);
// Damaged ones are empty. Without a path that is a secret (SettingSpec::whole), even where it is stored as a setting:
// so it was before it was a secret, and changeConnection() takes it from there.
[[nodiscard]] connect::Settings settingsOf(const ConnectorRow &row);
// As they are stored, for a connector.
[[nodiscard]] connect::Settings storedSettings(const ConnectorRow &row);

// `secrets`: which are there, or will be: their keys are checked, nothing of them is written. Nor is a path that is a
// secret: the row that comes back still has it, for keepSecrets(), to whom it is always to be given. It begins switched
// off, so that its secrets can be put in their place and it can be tried before anything is sent over it.
// NotAllowed; WrongUsage for a kind there is not, for a name that is none and for settings that are not of the
// kind; Conflict when the name is taken.
[[nodiscard]] Result<ConnectorRow> addConnection(store::Connection &connection, const Clock &clock,
                                                 const Operator &who, std::string_view kind,
                                                 std::string_view name, connect::Settings settings,
                                                 const connect::Secrets &secrets);
// All settings anew. The errors of addConnection(), and NotFound.
[[nodiscard]] Result<ConnectorRow> changeConnection(store::Connection &connection, const Clock &clock,
                                                    const Operator &who, std::string_view name,
                                                    connect::Settings settings,
                                                    const connect::Secrets &secrets);
// NotAllowed, NotFound; Conflict when another one that is on takes the same changes of accounts.
[[nodiscard]] Result<ConnectorRow> switchConnection(store::Connection &connection, const Clock &clock,
                                                    const Operator &who, std::string_view name, bool on);
// Its secrets are the caller's to forget. NotAllowed, NotFound; Conflict while requests wait to be sent over it.
[[nodiscard]] Result<ConnectorRow> removeConnection(store::Connection &connection, const Clock &clock,
                                                    const Operator &who, std::string_view name);
// NotFound with a sentence.
[[nodiscard]] Result<ConnectorRow> connectionNamed(store::Connection &connection, std::string_view name);

// Puts them in their place, and what of the row's settings is a secret; who has the connection open then opens it anew. Not inside a transaction.
[[nodiscard]] Status keepSecrets(store::Connection &connection, const ConnectorRow &row,
                                 const connect::Secrets &secrets, connect::SecretStore &store);
// All that the kind can have, there or not; goes on after a failure, and returns the first.
[[nodiscard]] Status forgetSecrets(const ConnectorRow &row, connect::SecretStore &store);

// What came of a pull. Inside the caller's transaction.
struct Pulled
{
    Timestamp at;
    std::string failure; // a sentence; empty: it succeeded
    bool told = false;   // it came to its end, maybe without a feed that was refused
};
[[nodiscard]] Status pulled(store::Connection &connection, std::int64_t connector, const Pulled &what);
// Where the next pull begins; nothing: as it was. Inside the caller's transaction.
[[nodiscard]] Status pulledUntil(store::Connection &connection, std::int64_t connector,
                                 const std::optional<std::string> &signInCursor,
                                 const std::optional<std::string> &riskCursor);

// The newest event of the ledger that it was told of; nothing: it was told of none yet.
[[nodiscard]] Result<std::optional<std::int64_t>> toldUntil(store::Connection &connection,
                                                            std::int64_t connector);
// It was told of the ledger so far, or, without a number, could not be: why, a sentence. A transaction of its own.
[[nodiscard]] Status toldOf(store::Connection &connection, std::int64_t connector,
                            const std::optional<std::int64_t> &ledger, const std::string &failure,
                            Timestamp at);

} // namespace riskdesk::run
