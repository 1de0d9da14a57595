#include "platform/files.hpp"

#include "platform/posix/listed_files.hpp"

namespace rollcall::platform
{

namespace
{

class LinuxFiles final : public Files
{
public:
    explicit LinuxFiles(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<ListedFile>> list() const override
    {
        return posix::look_at_listed_files(root_, "/etc/rollcall-agent/files");
    }

private:
    Root root_;
};

} // namespace

std::unique_ptr<Files> make_files(Root const& root) { return std::make_unique<LinuxFiles>(root); }

} // namespace rollcall::platform
