#include "platform/software.hpp"

#include "platform/linux/dpkg.hpp"
#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

/// A Debian with every package there is has about 70 MB.
constexpr std::size_t status_bytes = 256UL * 1024 * 1024;

class LinuxSoftware final : public Software
{
public:
    explicit LinuxSoftware(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<Package>> list() const override
    {
        auto const text = procfs::read_file(root_ / "/var/lib/dpkg/status", status_bytes);
        if (!text && reason(text.error()) == to_string(errc::not_found))
            return fail(errc::not_supported, "software: no package manager that we know (dpkg)");
        if (!text) return fail(text.error(), "software");
        return parse_dpkg_status(*text);
    }

private:
    Root root_;
};

} // namespace

std::unique_ptr<Software> make_software(Root const& root) { return std::make_unique<LinuxSoftware>(root); }

} // namespace rollcall::platform
