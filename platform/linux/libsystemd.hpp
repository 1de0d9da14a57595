#pragma once

#include <string_view>

#include "platform/fact.hpp"

namespace rollcall::platform
{

/// libsystemd, loaded when it is first asked for and until the program ends: it also starts where that is absent.
/// not_supported where it is not installed; `what` is in need of it.
[[nodiscard]] Result<void*> load_libsystemd(std::string_view what);

} // namespace rollcall::platform
