#include "platform/files.hpp"

#include "platform/paths.hpp"
#include "platform/posix/listed_files.hpp"

namespace rollcall::platform
{

namespace
{

class MacFiles final : public Files
{
public:
    explicit MacFiles(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<ListedFile>> list() const override
    {
        auto const paths = system_paths("rollcall-agent");
        if (!paths) return fail(paths.error(), "files");
        return posix::look_at_listed_files(root_, paths->config_dir + "/files");
    }

private:
    Root root_;
};

} // namespace

std::unique_ptr<Files> make_files(Root const& root) { return std::make_unique<MacFiles>(root); }

} // namespace rollcall::platform
