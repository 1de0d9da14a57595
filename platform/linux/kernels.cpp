#include "platform/linux/kernels.hpp"

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

std::strong_ordering compare_versions(std::string_view a, std::string_view b)
{
    auto const rank = [](std::string_view text) {
        if (text.empty() || is_digit(text.front())) return 0;
        if (text.front() == '~') return -1;
        auto const c = static_cast<unsigned char>(text.front());
        bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter ? int{c} : int{c} + 256;
    };
    while (!a.empty() || !b.empty()) {
        while ((!a.empty() && !is_digit(a.front())) || (!b.empty() && !is_digit(b.front()))) {
            if (rank(a) != rank(b)) return rank(a) <=> rank(b);
            a.remove_prefix(1);
            b.remove_prefix(1);
        }
        auto const number = [](std::string_view& text) {
            while (!text.empty() && text.front() == '0')
                text.remove_prefix(1);
            std::size_t size = 0;
            while (size < text.size() && is_digit(text[size]))
                ++size;
            auto const digits = text.substr(0, size);
            text.remove_prefix(size);
            return digits;
        };
        auto const left = number(a);
        auto const right = number(b);
        if (left.size() != right.size()) return left.size() <=> right.size();
        if (left != right) return left.compare(right) <=> 0;
    }
    return std::strong_ordering::equal;
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
