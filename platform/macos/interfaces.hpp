#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// A row of the kernel's list of interfaces, with counters of 64 bits (NET_RT_IFLIST2).
struct MacInterface {
    std::string name;
    std::string mac; ///< Empty where it has none.
    bool is_loopback{};
    bool up{};
    std::int64_t mtu{};
    std::int64_t bit_per_s{};
    std::uint64_t received_bytes{};
    std::uint64_t sent_bytes{};
};

/// Included by *_macos.cpp only.
[[nodiscard]] Result<std::vector<MacInterface>> read_interfaces();

} // namespace rollcall::platform
