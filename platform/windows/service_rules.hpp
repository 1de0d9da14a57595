#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/services.hpp"

namespace rollcall::platform
{

/// What the Service Control Manager says of one service, in its own numbers (SERVICE_STATUS_PROCESS,
/// QUERY_SERVICE_CONFIGW).
struct ScmFacts {
    std::string name;
    std::string label;
    std::uint32_t type{};
    std::uint32_t state{};
    std::uint32_t exit_code{};
    std::uint32_t specific_exit_code{};
    Fact<std::uint32_t> start;
    Fact<bool> delayed;   ///< SERVICE_CONFIG_DELAYED_AUTO_START_INFO.
    Fact<bool> triggered; ///< SERVICE_CONFIG_TRIGGER_INFO has a trigger that starts it.
    Fact<UnixMs> since_ms;
};

/// The rules of `state`, `expected` and `result`, apart from where the facts come from.
[[nodiscard]] Service judge_service(ScmFacts const& facts);

/// Services that start automatically, look whether there is work, and end: updaters and the like.
[[nodiscard]] bool is_short_worker(std::string_view name);

} // namespace rollcall::platform
