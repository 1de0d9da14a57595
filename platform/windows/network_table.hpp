#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "platform/fact.hpp"

/// What Windows says of network cards, as facts.
namespace rollcall::platform
{

/// "52:54:00:12:34:56"; not_found where there is none.
[[nodiscard]] Result<std::string> mac_text(std::span<std::uint8_t const> bytes);

/// Megabits of a link's bits per second; not_found for none and for the all-ones of links that do not know.
[[nodiscard]] Result<std::int64_t> link_speed(std::uint64_t bits_per_s);

/// Is it fe80::/10, 169.254/16 or loopback? Bytes in network order, 4 or 16 of them.
[[nodiscard]] bool is_local_address(std::span<std::uint8_t const> address);

} // namespace rollcall::platform
