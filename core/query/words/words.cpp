#include "core/query/words/words.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace riskdesk::query {
namespace {

std::string lowerFirst(std::string text)
{
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z')
        text[0] = static_cast<char>(text[0] + 32);
    return text;
}

// Facts come from logs, lists and people, and may hold line breaks.
std::string oneLine(std::string_view text)
{
    std::string out;
    bool blank = false;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) {
            blank = !out.empty();
            continue;
        }
        if (blank)
            out += ' ';
        blank = false;
        out += c;
    }
    return out;
}

class English final : public Words
{
public:
    std::string fact(std::string_view foreign) const override { return oneLine(foreign); }
    std::string number(double value, int decimals) const override
    {
        return decimals == 0 ? grouped(value) : fmt::format("{:.{}f}", value, decimals);
    }
    std::string distance(double km) const override { return grouped(km) + " km"; }
    std::string speed(double kmh) const override { return grouped(kmh) + " km/h"; }
    std::string duration(Microseconds span) const override { return query::duration(span); }
    std::string date(Timestamp t) const override { return t.toIso().substr(0, 10); }
    std::string time(Timestamp t) const override { return shortTime(t); }
    std::string name(DetectionType type) const override { return std::string(info(type).displayName); }
    std::string name(RiskLevel level) const override { return std::string(displayName(level)); }
    std::string name(RiskState state) const override { return std::string(displayName(state)); }
    std::string within(std::string name) const override { return lowerFirst(std::move(name)); }

private:
    std::string translated(const Phrase &phrase) const override
    {
        std::string out = phrase.source;
        if (phrase.n < 0)
            return out;
        const auto put = [&out](std::string_view what, std::string_view with) {
            for (auto at = out.find(what); at != std::string::npos; at = out.find(what, at + with.size()))
                out.replace(at, what.size(), with);
        };
        put("%Ln", grouped(static_cast<double>(phrase.n)));
        put("(s)", phrase.n == 1 ? "" : "s");
        return out;
    }
};

} // namespace

std::string Words::say(const Phrase &phrase, std::initializer_list<std::string> parts) const
{
    // In one pass: a part that holds "%1" itself stays as it is.
    const auto text = translated(phrase);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto part = i + 1 < text.size() && text[i] == '%' ? text[i + 1] - '1' : -1;
        if (part >= 0 && part < static_cast<int>(parts.size())) {
            out += parts.begin()[part];
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

const Words &english()
{
    static const English words;
    return words;
}

std::string grouped(double number)
{
    if (!std::isfinite(number))
        return "?";
    auto digits = fmt::format("{:.0f}", std::abs(number));
    for (std::size_t i = digits.size(); i > 3; i -= 3)
        digits.insert(i - 3, 1, ',');
    return number <= -0.5 ? '-' + digits : digits;
}

std::string duration(Microseconds span)
{
    const auto seconds = std::max<std::int64_t>(span.count(), 0) / 1'000'000;
    const auto minutes = seconds / 60;
    const auto hours = minutes / 60;
    if (seconds < 60)
        return fmt::format("{} s", seconds);
    if (hours < 1)
        return fmt::format("{} min", minutes);
    if (hours < 48)
        return minutes % 60 == 0 ? fmt::format("{} h", hours)
                                 : fmt::format("{} h {} min", hours, minutes % 60);
    const auto days = hours / 24;
    return fmt::format("{} days", grouped(static_cast<double>(days)));
}

std::string shortTime(Timestamp t)
{
    auto iso = t.toIso();
    if (iso.size() < 16)
        return iso;
    iso.resize(16);
    iso[10] = ' ';
    return iso + " UTC";
}

std::string shortened(std::string_view text, std::size_t characters)
{
    const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    std::size_t count = 0, cut = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!begins(text[i]))
            continue;
        ++count;
        if (count == characters)
            cut = i;
        if (count > characters)
            return std::string(trim(text.substr(0, cut))) + "…";
    }
    return std::string(text);
}

std::string wordsOf(std::string_view key)
{
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    std::string out;
    for (std::size_t i = 0; i < key.size();) {
        std::size_t end = i + 1;
        while (end < key.size() && key[end] != '_' &&
               (!upper(key[end]) || (upper(key[end - 1]) && (end + 1 == key.size() || !lower(key[end + 1])))))
            ++end;
        std::string word(key.substr(i, end - i));
        static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> spelt = {
            {{"ip", "IP"}, {"Ip", "IP"}, {"asn", "ASN"}, {"Asn", "ASN"}, {"vpn", "VPN"}, {"tor", "Tor"}}};
        for (const auto &[written, spelling] : spelt)
            if (written == word) {
                word = spelling;
                break;
            }
        const bool shortForm = word.size() > 1 && (upper(word[1]) || word == "Tor");
        out += (out.empty() ? "" : " ") + (shortForm ? word : lowerFirst(std::move(word)));
        i = end < key.size() && key[end] == '_' ? end + 1 : end;
    }
    return oneLine(out);
}

} // namespace riskdesk::query
