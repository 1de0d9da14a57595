#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::platform
{

/// "6.1.0-28-cloud-amd64" is version "6.1.0-28" of flavour "cloud-amd64".
struct KernelRelease {
    std::string version;
    std::string flavour;
};
[[nodiscard]] KernelRelease split_kernel_release(std::string_view release);

/// The newest of `installed` of the running one's flavour; nothing where none has it.
[[nodiscard]] std::optional<std::string> newest_of_flavour(std::string_view running,
                                                           std::vector<std::string> const& installed);

} // namespace rollcall::platform
