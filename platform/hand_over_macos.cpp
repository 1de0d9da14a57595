#include "platform/posix/hand_over.hpp"

#include <cerrno>

#include <sys/mount.h>
#include <sys/param.h>

namespace rollcall::platform
{

std::string_view system_name() noexcept { return "macos"; }

Result<> check_may_run(std::string const& folder)
{
    struct statfs facts {
    };
    if (::statfs(folder.c_str(), &facts) != 0) return fail_errno(errno, folder);
    if ((facts.f_flags & MNT_NOEXEC) != 0) return posix::no_programs_here(folder);
    return {};
}

} // namespace rollcall::platform
