// Timestamp: microseconds since 1970-01-01T00:00:00Z. Always UTC; zones exist only at the edge.
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace riskdesk {

using Microseconds = std::chrono::microseconds;

struct Timestamp
{
    std::int64_t us = 0;

    friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
    friend constexpr Timestamp operator+(Timestamp t, Microseconds d) { return {t.us + d.count()}; }
    friend constexpr Timestamp operator-(Timestamp t, Microseconds d) { return {t.us - d.count()}; }
    friend constexpr Microseconds operator-(Timestamp a, Timestamp b) { return Microseconds(a.us - b.us); }

    // "2026-03-18T14:26:00Z"; fraction digits only when there are any, without trailing zeros.
    // Never fails; beyond the years -32767 to 32767 the year is not told.
    [[nodiscard]] std::string toIso() const;
    // ISO 8601 in UTC or with an offset, 0 to 9 fraction digits (finer than a microsecond is cut off),
    // 'T' or blank, an hour with or without its leading zero. A missing zone means UTC.
    // Code::Malformed otherwise. Log formats have more spellings: core/ingest/time_reader.h.
    [[nodiscard]] static Result<Timestamp> fromIso(std::string_view text);
    // Days since the epoch and the civil date; proleptic Gregorian.
    [[nodiscard]] static Timestamp fromCivil(int year, unsigned month, unsigned day, int hour = 0,
                                             int minute = 0, int second = 0, int microsecond = 0);
};

} // namespace riskdesk
