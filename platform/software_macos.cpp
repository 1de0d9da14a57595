#include "platform/software.hpp"

#include "platform/macos/applications.hpp"

namespace rollcall::platform
{

namespace
{

class MacSoftware final : public Software
{
public:
    explicit MacSoftware(Root root)
        : root_(std::move(root))
    {
    }
    [[nodiscard]] Result<std::vector<Package>> list() const override { return read_mac_software(root_); }

private:
    Root root_;
};

} // namespace

std::unique_ptr<Software> make_software(Root const& root) { return std::make_unique<MacSoftware>(root); }

} // namespace rollcall::platform
