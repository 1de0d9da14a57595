#include "platform/windows/network_table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>

namespace rollcall::platform
{

Result<std::string> mac_text(std::span<std::uint8_t const> bytes)
{
    if (bytes.empty() || std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == 0; }))
        return fail(errc::not_found, "network: no hardware address");
    std::string text;
    for (auto const byte : bytes)
        text += fmt::format("{}{:02x}", text.empty() ? "" : ":", byte);
    return text;
}

Result<std::int64_t> link_speed(std::uint64_t bits_per_s)
{
    static constexpr std::uint64_t mega = 1'000'000;
    if (bits_per_s < mega || bits_per_s == UINT64_MAX) return fail(errc::not_found, "network: the link has no speed");
    return static_cast<std::int64_t>(bits_per_s / mega);
}

bool is_local_address(std::span<std::uint8_t const> address)
{
    static constexpr std::size_t v6_bytes = 16;
    if (address.size() != v6_bytes)
        return address.size() >= 2 && (address[0] == 127 || (address[0] == 169 && address[1] == 254));
    static constexpr std::array<std::uint8_t, v6_bytes> loopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return (address[0] == 0xFE && (address[1] & 0xC0) == 0x80) ||
           std::equal(address.begin(), address.end(), loopback.begin());
}

} // namespace rollcall::platform
