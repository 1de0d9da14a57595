#pragma once

#include <string>
#include <vector>

#include "platform/macos/plist.hpp"

/// The I/O Registry, in which the kernel of macOS keeps its drivers and what they tell. IOKit and CoreFoundation are
/// loaded at run time; where they are missing, everything is not_supported. Included by *_macos.cpp only.
namespace rollcall::platform
{

/// Each service of a class, with those of `keys` that it has; what it has not is looked for in its parents.
///
/// Threads: any.  Blocks: for calls into the kernel.
[[nodiscard]] Result<std::vector<plist::Value>> io_services(std::string const& service_class,
                                                            std::vector<std::string> const& keys);

/// A property of the registry's root, such as "IOConsoleUsers". not_found: it has none.
[[nodiscard]] Result<plist::Value> io_root_property(std::string const& key);

} // namespace rollcall::platform
