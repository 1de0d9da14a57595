#pragma once

#include <string>
#include <string_view>

#include "platform/service_control.hpp"

/// A daemon of ours as launchd(8) is told of it.
namespace rollcall::platform
{

/// "com.rollcall.agent" of "RollcallAgent": a capital letter begins a part.
[[nodiscard]] std::string launchd_label(std::string_view service_name);

/// The file in /Library/LaunchDaemons (launchd.plist(5)). launchd knows no growing pauses: after a failure it waits for
/// a minute, the last of service_control.hpp's.
[[nodiscard]] std::string launchd_definition(ServiceSetup const& setup);

} // namespace rollcall::platform
