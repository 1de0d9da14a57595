#pragma once

#include <cstdint>

namespace rollcall::platform
{

/// A FILETIME (100 ns since 1601-01-01 UTC, its two halves joined) as milliseconds since 1970-01-01 UTC.
[[nodiscard]] constexpr std::int64_t unix_ms(std::uint64_t file_time)
{
    constexpr std::int64_t from_1601_to_1970_ms = 11'644'473'600'000;
    return static_cast<std::int64_t>(file_time / 10'000) - from_1601_to_1970_ms;
}

} // namespace rollcall::platform
