#pragma once

#include <string>

#include "platform/fact.hpp"

namespace rollcall::platform
{

/// The container manager we run under, by the signs container managers leave on purpose
/// (https://systemd.io/CONTAINER_INTERFACE); empty where there is none.
[[nodiscard]] std::string container_manager(Root const& root);

} // namespace rollcall::platform
