#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/fact.hpp"

/// The files of one process in /proc (proc(5)).
namespace rollcall::platform
{

struct ProcStat {
    std::int64_t id{};
    std::string name;
    std::uint64_t cpu_ticks{};   ///< User and system.
    std::uint64_t start_ticks{}; ///< After the machine's boot.
    std::uint64_t resident_pages{};
};

/// /proc/PID/stat; nothing where it makes no sense.
[[nodiscard]] std::optional<ProcStat> parse_proc_stat(std::string_view text);

struct ProcStatus {
    Fact<std::int64_t> resident_bytes;
    Fact<std::int64_t> anonymous_bytes;
    Fact<std::int64_t> threads;
    Fact<std::uint32_t> user; ///< The effective user's number.
};

/// /proc/PID/status; what it lacks is not_found.
[[nodiscard]] ProcStatus parse_proc_status(std::string_view text);

} // namespace rollcall::platform
