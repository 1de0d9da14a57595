#pragma once

#include <string_view>

namespace rollcall::collector
{

/// Tells the service manager how it goes ("READY=1", "STOPPING=1"): one datagram to $NOTIFY_SOCKET, as sd_notify(3)
/// describes it. Nothing happens where the variable is not set.
void notify_service_manager(std::string_view state);

} // namespace rollcall::collector
