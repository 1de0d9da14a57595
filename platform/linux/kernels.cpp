#include "platform/linux/kernels.hpp"

#include "common/core/compare_versions.hpp"

namespace rollcall::platform
{

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

KernelRelease split_kernel_release(std::string_view release)
{
    // The flavour begins at the first piece after a dash that does not begin with a digit.
    auto dash = release.find('-');
    while (dash != std::string_view::npos && dash + 1 < release.size() && is_digit(release[dash + 1]))
        dash = release.find('-', dash + 1);
    KernelRelease split;
    split.version = std::string(release.substr(0, dash));
    if (dash != std::string_view::npos) split.flavour = std::string(release.substr(dash + 1));
    // Red Hat marks a flavour behind a plus: 5.14.0-503.el9.x86_64+debug.
    if (auto const plus = split.version.find('+'); plus != std::string::npos) {
        split.flavour = split.version.substr(plus + 1) + (split.flavour.empty() ? "" : "-" + split.flavour);
        split.version.resize(plus);
    }
    return split;
}

std::optional<std::string> newest_of_flavour(std::string_view running, std::vector<std::string> const& installed)
{
    auto const flavour = split_kernel_release(running).flavour;
    std::optional<std::string> newest;
    for (auto const& release : installed) {
        auto const split = split_kernel_release(release);
        if (split.flavour != flavour) continue;
        if (!newest || std::is_gt(compare_versions(split.version, split_kernel_release(*newest).version)))
            newest = release;
    }
    return newest;
}

} // namespace rollcall::platform
