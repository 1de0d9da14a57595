#pragma once

#include <cstdint>
#include <string_view>

#include "common/core/result.hpp"

namespace rollcall::platform
{

struct ProcessorCounts {
    std::int64_t sockets{};
    std::int64_t cores{};
    std::int64_t threads{};
};

/// What GetLogicalProcessorInformationEx(RelationAll) answers with on 64-bit Windows.
[[nodiscard]] Result<ProcessorCounts> parse_processor_information(std::string_view bytes);

} // namespace rollcall::platform
