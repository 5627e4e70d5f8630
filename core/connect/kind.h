// Kind: what there is to know of a sort of connector before one of them is set up.
//
// A kind is a folder of its own, core/connect/<kind>, and a row of kinds.cpp. The dialog and the commands
// that set one up, what is checked before it is stored, and the dispatcher that opens it all read the row.
// Settings are stored with the directory; a secret never is, it comes from the keyring or the sealed file.
// Any thread.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/connect/connector.h"
#include "core/connect/secret.h"
#include "core/connect/secret_store.h"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::connect {

struct SettingSpec
{
    enum class Form : std::uint8_t {
        Text,
        HttpsAddress, // "https://host[:port][/path]", without user, query and fragment
        File,         // that can be read, and is no directory file (core/base/open_files.h)
        Secret
    };
    std::string_view key; // "url"
    Form form = Form::Text;
    bool needed = true;
    std::string_view title, meaning; // English; a heading and a sentence
    // Of a Text that not every text is, and what is said then: "it has to be …".
    bool (*fits)(const std::string &) = nullptr;
    std::string_view expected = {};
    // Of an HttpsAddress whose path and query let in whoever knows them: the secret that holds all of it. The setting
    // then shows no more than its host.
    std::string_view whole = {};
};

// A setting of every kind that changes accounts: open() sees to it, and connectors need not know.
inline constexpr std::string_view userByKey = "userBy";
inline constexpr SettingSpec userBy{
    userByKey,
    SettingSpec::Form::Text,
    false,
    "Users are found by",
    "\"id\" unless it says \"name\": for a directory whose sign-ins come from another "
    "system, whose identifiers this one does not know.",
    [](const std::string &text) { return text == "id" || text == "name"; },
    "it has to be id or name"};

using Settings = std::map<std::string, std::string, std::less<>>;
using Secrets = std::map<std::string, Secret, std::less<>>;

// What a connector is made of. The clock outlives it, and so does the store of the secrets.
struct SetUp
{
    Settings settings;
    Secrets secrets;
    const Clock &clock;
    SecretPlace refreshToken = {}; // where it lies, of kinds that are signed in to
};

struct Kind
{
    std::string_view key, displayName; // "webhook", stored; "Webhook"
    ProviderCapabilities capabilities = 0;
    std::string_view proof; // a sentence: what it was tried against
    std::span<const SettingSpec> settings;
    std::unique_ptr<Connector> (*make)(SetUp &&);
};

// The kinds there are, in the order in which they are offered.
[[nodiscard]] std::span<const Kind> kinds();
[[nodiscard]] const Kind *findKind(std::string_view key); // as it is stored; none: nullptr

// The keys of all secrets that a kind can have.
[[nodiscard]] std::vector<std::string_view> secretKeys(const Kind &kind);
// "https://host/..." for one whose path is a secret; the same again for that, and for one without a path.
[[nodiscard]] std::string withoutPath(std::string_view address);
// No path that is a secret is among them any more; where there is one it comes back as the secret that holds it.
[[nodiscard]] Secrets takeSecretPaths(const Kind &kind, Settings &settings);

// Blanks around a value go; what is empty counts as not given. Code::WrongUsage with the setting's key as
// subject: unknown, missing, or not of its form; a secret among the settings is refused, so that none is
// stored by mistake.
[[nodiscard]] Status check(const Kind &kind, Settings &settings, const Secrets &secrets);
// check() and make(). The same errors.
[[nodiscard]] Result<std::unique_ptr<Connector>> open(const Kind &kind, SetUp &&setUp);

} // namespace riskdesk::connect
