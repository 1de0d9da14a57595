#include "platform/files.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class MacFiles final : public Files
{
public:
    [[nodiscard]] Result<std::vector<ListedFile>> list() const override
    {
        return fail(errc::not_supported, "files: macOS");
    }
};

} // namespace

std::unique_ptr<Files> make_files(Root const& /*root*/) { return std::make_unique<MacFiles>(); }

} // namespace rollcall::platform
