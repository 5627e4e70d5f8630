#include "core/connect/oauth/device_set_up.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::connect {
namespace {

std::string settingOr(const Settings &settings, std::string_view key, std::string_view standard)
{
    const auto at = settings.find(key);
    return std::string(at == settings.end() || at->second.empty() ? standard : std::string_view(at->second));
}

} // namespace

bool signsIn(const Kind &kind)
{
    return std::ranges::any_of(kind.settings, [](const SettingSpec &of) {
        return of.key == refreshTokenKey && of.form == SettingSpec::Form::Secret;
    });
}

DeviceCode::SetUp deviceSetUp(const Settings &settings, const Secrets &secrets)
{
    DeviceCode::SetUp made;
    auto login = HttpsAddress::parse(settingOr(settings, "loginUrl", "https://login.microsoftonline.com"))
                     .value_or(HttpsAddress());
    while (login.path.ends_with('/'))
        login.path.pop_back();
    const auto folder =
        fmt::format("{}/{}/oauth2/v2.0/", login.path, percentEncoded(settingOr(settings, "tenant", {})));
    made.deviceAddress = made.tokenAddress = login;
    made.deviceAddress.path = folder + "devicecode";
    made.tokenAddress.path = folder + "token";
    made.caFile = settingOr(settings, "caFile", {});
    made.clientId = settingOr(settings, "clientId", {});
    const auto graph = HttpsAddress::parse(settingOr(settings, "graphUrl", "https://graph.microsoft.com"))
                           .value_or(HttpsAddress());
    made.scope = graph.origin() + "/.default offline_access openid profile";
    if (const auto secret = secrets.find("clientSecret"); secret != secrets.end())
        made.clientSecret = secret->second.copy();
    return made;
}

} // namespace riskdesk::connect
