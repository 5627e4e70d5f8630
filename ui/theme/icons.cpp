#include "ui/theme/icons.h"

#include <QString>

#include <algorithm>
#include <array>

namespace riskdesk::theme {

namespace {

struct Entry
{
    std::string_view file; // a literal
    bool filled;
};

// In the order of Icon.
constexpr std::array<Entry, static_cast<std::size_t>(Icon::Count)> entries{
    {{"anonymous", false},    {"arrow_down", false},    {"arrow_left", false},  {"arrow_right", false},
     {"arrow_up", false},     {"audit", true},          {"bell", true},         {"block", true},
     {"bookmark", true},      {"bookmark_add", false},  {"browser", false},     {"calendar", false},
     {"chart", false},        {"check", false},         {"check_circle", true}, {"chevron_down", false},
     {"chevron_left", false}, {"chevron_right", false}, {"chevron_up", false},  {"circle", false},
     {"clock", false},        {"close", false},         {"columns", false},     {"copy", false},
     {"database", false},     {"detections", true},     {"device", false},      {"dismiss", true},
     {"download", false},     {"edit", false},          {"error_mark", true},   {"export", true},
     {"eye", false},          {"filter", false},        {"filter_off", false},  {"flask", false},
     {"folder", false},       {"globe", false},         {"help", false},        {"import", true},
     {"info", true},          {"intelligence", false},  {"investigate", false}, {"key", false},
     {"link", false},         {"location", false},      {"lock", false},        {"malware", false},
     {"mark", false},         {"minus", false},         {"moon", false},        {"more", false},
     {"network", false},      {"note", false},          {"note_add", false},    {"overview", true},
     {"person", true},        {"person_add", false},    {"person_check", true}, {"phone", false},
     {"pin", false},          {"plus", false},          {"pulse", false},       {"redo", false},
     {"refresh", false},      {"search", false},        {"settings", true},     {"shield_alert", true},
     {"shield_check", true},  {"shield_error", true},   {"signins", true},      {"signout", false},
     {"sort", false},         {"speed", false},         {"spray", false},       {"sun", false},
     {"tag", false},          {"trash", false},         {"travel", false},      {"unblock", false},
     {"undo", false},         {"unfamiliar", false},    {"users", true},        {"warning", true},
     {"window", false}}};

} // namespace

bool hasFilledForm(Icon icon)
{
    return entries.at(static_cast<std::size_t>(icon)).filled;
}

Icon iconNamed(std::string_view name)
{
    const auto entry =
        std::find_if(entries.begin(), entries.end(), [name](const Entry &e) { return e.file == name; });
    return entry == entries.end() ? Icon::Detections : static_cast<Icon>(entry - entries.begin());
}

QString iconPath(Icon icon, bool filled)
{
    const Entry &entry = entries.at(static_cast<std::size_t>(icon));
    return QStringLiteral(":/riskdesk/icons/%1%2.svg")
        .arg(QLatin1String(entry.file.data()),
             filled && entry.filled ? QStringLiteral("_filled") : QString());
}

} // namespace riskdesk::theme
