#include "app/console_connection_words.h"

#include "core/connect/kind.h"
#include "core/connect/oauth/device_set_up.h"

#include "app/console_connections.h"
#include "ui/models/format.h"

namespace riskdesk {

using models::Tone;

namespace {

constexpr ProviderCapabilities telling = bit(ProviderOperation::ListUsers) |
                                         bit(ProviderOperation::PullSignIns) |
                                         bit(ProviderOperation::PullRisk);

QString doesText(ProviderCapabilities capabilities)
{
    using O = ProviderOperation;
    QStringList words;
    const auto add = [&](O operation, const QString &word) {
        if (has(capabilities, operation))
            words << word;
    };
    add(O::Block, ConsoleConnections::tr("blocks sign-in"));
    add(O::ResetPassword, ConsoleConnections::tr("resets passwords"));
    add(O::RevokeSessions, ConsoleConnections::tr("ends sessions"));
    add(O::DismissRisk, ConsoleConnections::tr("is told what is decided"));
    add(O::ListUsers, ConsoleConnections::tr("tells its users"));
    add(O::PullSignIns, ConsoleConnections::tr("tells its sign-ins"));
    return words.isEmpty() ? ConsoleConnections::tr("Nothing leaves this machine.")
                           : ConsoleConnections::tr("It %1.").arg(words.join(QStringLiteral(", ")));
}

} // namespace

bool tells(const action::ConnectorRow &row)
{
    return (row.capabilities & telling) != 0;
}

QString operationText(ProviderOperation operation)
{
    switch (operation) {
    case ProviderOperation::ResetPassword: return ConsoleConnections::tr("Reset password");
    case ProviderOperation::Block: return ConsoleConnections::tr("Block sign-in");
    case ProviderOperation::Unblock: return ConsoleConnections::tr("Unblock sign-in");
    case ProviderOperation::RevokeSessions: return ConsoleConnections::tr("End sessions");
    case ProviderOperation::DismissRisk: return ConsoleConnections::tr("Tell: risk dismissed");
    case ProviderOperation::ConfirmCompromised: return ConsoleConnections::tr("Tell: compromised");
    case ProviderOperation::ConfirmSafe: return ConsoleConnections::tr("Tell: safe");
    default: return ConsoleConnections::tr("Notice");
    }
}

std::pair<QString, Tone> stateText(OutboxState state)
{
    switch (state) {
    case OutboxState::Held: return {ConsoleConnections::tr("Held"), Tone::Neutral};
    case OutboxState::Waiting: return {ConsoleConnections::tr("Waits"), Tone::Notice};
    case OutboxState::Sending: return {ConsoleConnections::tr("On its way"), Tone::Neutral};
    case OutboxState::Done: return {ConsoleConnections::tr("Done"), Tone::Good};
    case OutboxState::Failed: return {ConsoleConnections::tr("Failed"), Tone::Bad};
    case OutboxState::TakenBack: return {ConsoleConnections::tr("Taken back"), Tone::Neutral};
    case OutboxState::Discarded: return {ConsoleConnections::tr("Given up"), Tone::Neutral};
    }
    return {};
}

QList<pages::ConnectionKind> shownKinds()
{
    QList<pages::ConnectionKind> kinds;
    for (const auto &kind : connect::kinds()) {
        if (kind.settings.empty())
            continue; // what happens without any connection
        pages::ConnectionKind one{models::text(kind.key),
                                  models::text(kind.displayName),
                                  doesText(kind.capabilities),
                                  models::text(kind.proof),
                                  {}};
        for (const auto &of : kind.settings) {
            if (of.key == connect::refreshTokenKey)
                continue; // nobody types it: a sign-in brings it
            one.fields << pages::ConnectionField{models::text(of.key), models::text(of.title),
                                                 models::text(of.meaning), of.needed,
                                                 of.form == connect::SettingSpec::Form::Secret};
        }
        kinds << one;
    }
    return kinds;
}

} // namespace riskdesk
