#pragma once

#include "collector/updates/board.hpp"
#include "collector/view/api/resources.hpp"

namespace rollcall::view
{

/// What offers go by, of a device's row.
[[nodiscard]] inline updates::Facts update_facts(api::DeviceRow const& row)
{
    return {.id = row.id,
            .customer_id = row.customer_id,
            .version = row.agent_version,
            .system = row.os_family.value.value_or("")};
}

} // namespace rollcall::view
