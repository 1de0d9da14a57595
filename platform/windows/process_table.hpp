#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// One process as the system keeps it, also of another user and of the system itself.
struct ProcessEntry {
    std::uint64_t id{};
    std::u16string name;     ///< "svchost.exe"; empty for the idle process.
    std::uint64_t created{}; ///< FILETIME; zero where the system does not say.
    std::uint64_t user_100ns{};
    std::uint64_t kernel_100ns{};
    std::uint64_t resident_bytes{};
    std::uint64_t private_resident_bytes{}; ///< Zero where the system does not say.
    std::uint32_t threads{};
    std::uint32_t handles{};
};

/// Reads what NtQuerySystemInformation(SystemProcessInformation) of a 64-bit Windows wrote. Names stand in the same
/// bytes, by their address: `address` is where the bytes were when it wrote them. What points outside is bad_message.
[[nodiscard]] Result<std::vector<ProcessEntry>> parse_process_table(std::span<std::byte const> bytes,
                                                                    std::uint64_t address);

/// The table of this moment (Windows only).
[[nodiscard]] Result<std::vector<ProcessEntry>> read_process_table();

} // namespace rollcall::platform
