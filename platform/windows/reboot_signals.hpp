#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <windows.h>

#include "platform/reboot.hpp"

namespace rollcall::platform
{

/// Where Windows says that it wants a reboot. A test plants the keys elsewhere.
struct RebootPlaces {
    HKEY root{HKEY_LOCAL_MACHINE};
    std::string prefix; ///< Before each path, with its "\" at the end.
    /// The last real boot: what was written before it has been answered.
    UnixMs boot_ms{};
};

/// Every signal there is, asked or not.
[[nodiscard]] std::vector<RebootSignal> reboot_signals(RebootPlaces const& places);

} // namespace rollcall::platform
