#pragma once

#include <cstddef>
#include <cstdint>

/// Every limit of the filter language; README.md of this folder explains them to people.
namespace rollcall::filter::limits
{

/// Longest expression.
inline constexpr std::size_t text_bytes = 4000;
/// Longest text that something is compared with.
inline constexpr std::size_t value_bytes = 256;
/// Conditions of one expression, and values between the brackets of one `in`.
inline constexpr std::size_t conditions = 50;
inline constexpr std::size_t values = 100;
/// Brackets and `not` within one another.
inline constexpr std::size_t depth = 16;
/// Names that an error proposes.
inline constexpr std::size_t nearest = 3;
/// Greatest number that count() is compared with.
inline constexpr double count = 1e9;

} // namespace rollcall::filter::limits
