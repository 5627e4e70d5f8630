#include "core/connect/kind.h"

#include "core/base/open_files.h"
#include "core/base/text.h"
#include "core/connect/by_name.h"
#include "core/connect/https_client.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace riskdesk::connect {
namespace {

tl::unexpected<Error> wrong(std::string_view key, std::string detail)
{
    return fail(Code::WrongUsage, std::string(key), std::move(detail));
}

Status checkForm(const SettingSpec &spec, const std::string &value)
{
    switch (spec.form) {
    case SettingSpec::Form::HttpsAddress:
        if (!HttpsAddress::parse(value))
            return wrong(spec.key, "it has to be an address like https://siem.example.com/hook");
        break;
    case SettingSpec::Form::File:
        if (auto ok = mayRead(value, "a file of certificates"); !ok)
            return wrong(spec.key, ok.error().detail);
        if (access(value.c_str(), R_OK) != 0)
            return wrong(spec.key, "the file cannot be read");
        break;
    case SettingSpec::Form::Text:
        if (spec.fits != nullptr && !spec.fits(value))
            return wrong(spec.key, std::string(spec.expected));
        break;
    case SettingSpec::Form::Secret: break;
    }
    return {};
}

constexpr std::string_view hiddenPath = "/...";

} // namespace

std::vector<std::string_view> secretKeys(const Kind &kind)
{
    std::vector<std::string_view> keys;
    for (const auto &spec : kind.settings) {
        if (spec.form == SettingSpec::Form::Secret)
            keys.push_back(spec.key);
        if (!spec.whole.empty())
            keys.push_back(spec.whole);
    }
    return keys;
}

std::string withoutPath(std::string_view address)
{
    const auto parsed = HttpsAddress::parse(address);
    return !parsed || parsed->path == "/" ? std::string(address) : parsed->origin() + std::string(hiddenPath);
}

Secrets takeSecretPaths(const Kind &kind, Settings &settings)
{
    Secrets secrets;
    for (const auto &spec : kind.settings) {
        const auto at = spec.whole.empty() ? settings.end() : settings.find(spec.key);
        if (at == settings.end())
            continue;
        auto shown = withoutPath(at->second);
        if (shown != at->second)
            secrets.emplace(std::string(spec.whole),
                            Secret::taking(std::exchange(at->second, std::move(shown))));
    }
    return secrets;
}

Status check(const Kind &kind, Settings &settings, const Secrets &secrets)
{
    for (auto &[key, value] : settings)
        value = std::string(trim(value));
    std::erase_if(settings, [](const auto &setting) { return setting.second.empty(); });
    const auto specOf = [&](std::string_view key) {
        const auto at = std::ranges::find(kind.settings, key, &SettingSpec::key);
        return at == kind.settings.end() ? nullptr : &*at;
    };
    for (const auto &[key, value] : settings) {
        const auto *spec = specOf(key);
        if (spec == nullptr)
            return wrong(key, "a connector of this kind has no such setting");
        if (spec->form == SettingSpec::Form::Secret)
            return wrong(key, "it is a secret and not to be stored with the settings");
        if (auto ok = checkForm(*spec, value); !ok)
            return ok;
    }
    const auto keys = secretKeys(kind);
    for (const auto &[key, secret] : secrets)
        if (std::ranges::find(keys, key) == keys.end())
            return wrong(key, "a connector of this kind has no such secret");
    for (const auto &spec : kind.settings) {
        const auto secret = secrets.find(spec.key);
        const bool given = spec.form == SettingSpec::Form::Secret
                               ? secret != secrets.end() && !secret->second.empty()
                               : settings.contains(spec.key);
        if (spec.needed && !given)
            return wrong(spec.key, "it is needed");
        if (!spec.whole.empty() && settings[std::string(spec.key)].ends_with(hiddenPath) &&
            !secrets.contains(spec.whole))
            return wrong(spec.key,
                         "its path is kept as a secret, which is not there; enter the whole address");
    }
    return {};
}

Result<std::unique_ptr<Connector>> open(const Kind &kind, SetUp &&setUp)
{
    if (auto ok = check(kind, setUp.settings, setUp.secrets); !ok)
        return tl::unexpected(ok.error());
    const auto by = setUp.settings.find(userByKey);
    const bool byName = by != setUp.settings.end() && by->second == "name";
    auto connector = kind.make(std::move(setUp));
    if (byName)
        return std::make_unique<ByName>(std::move(connector));
    return connector;
}

} // namespace riskdesk::connect
