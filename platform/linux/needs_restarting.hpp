#pragma once

#include <string>
#include <string_view>

namespace rollcall::platform
{

/// The packages that `needs-restarting --reboothint` lists, "  * kernel" a line, with commas between.
[[nodiscard]] std::string updated_packages(std::string_view output);

} // namespace rollcall::platform
