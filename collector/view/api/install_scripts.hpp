#pragma once

#include <string_view>

namespace rollcall::api
{

/// The script of that system as it lies in installers/install, with its @NAME@ places; "" = there is none.
[[nodiscard]] std::string_view install_script(std::string_view system);

} // namespace rollcall::api
