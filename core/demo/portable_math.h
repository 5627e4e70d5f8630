// Portable math: log, exp and cosine made only of operations that IEEE 754 rounds exactly, so that a sample
// is the same on every machine; the C library's differ in their last bits. Good to a few units in the last
// place within the ranges that random numbers need. Formulas: the usual power series after range reduction.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace riskdesk::demo {

// x > 0 and normal: 2^e · m with m around 1, and log m = 2 artanh((m - 1) / (m + 1)).
inline double portableLog(double x)
{
    const auto bits = std::bit_cast<std::uint64_t>(x);
    auto exponent = static_cast<int>(bits >> 52 & 0x7ff) - 1023;
    auto m = std::bit_cast<double>((bits & 0xfffffffffffffULL) | 0x3ff0000000000000ULL); // [1, 2)
    if (m > 1.4142135623730951) {
        m *= 0.5;
        ++exponent;
    }
    const double s = (m - 1) / (m + 1), square = s * s;
    double sum = 0;
    for (int k = 25; k >= 1; k -= 2)
        sum = sum * square + 1.0 / k;
    return exponent * 0.6931471805599453 + 2 * s * sum;
}

// |x| < 700: 2^k · e^r with |r| at most half of ln 2.
inline double portableExp(double x)
{
    const double k = std::floor(x / 0.6931471805599453 + 0.5);
    const double r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10; // ln 2 in two parts
    double sum = 1;
    for (int n = 15; n >= 1; --n)
        sum = 1 + sum * r / n;
    return std::ldexp(sum, static_cast<int>(k));
}

// cos(2πu) for u in [0, 1].
inline double portableCosine(double u)
{
    double turn = u > 0.5 ? 1 - u : u;
    const bool negative = turn > 0.25;
    if (negative)
        turn = 0.5 - turn;
    const double x = 6.283185307179586 * turn, square = x * x;
    double sum = 1;
    for (int n = 24; n >= 2; n -= 2)
        sum = 1 - sum * square / (n * (n - 1));
    return negative ? -sum : sum;
}

} // namespace riskdesk::demo
