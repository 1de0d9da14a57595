#include "platform/posix/hand_over.hpp"

#include <cerrno>

#include <sys/statvfs.h>

namespace rollcall::platform
{

std::string_view system_name() noexcept { return "linux"; }

Result<> check_may_run(std::string const& folder)
{
    struct statvfs facts {
    };
    if (::statvfs(folder.c_str(), &facts) != 0) return fail_errno(errno, folder);
    if ((facts.f_flag & ST_NOEXEC) != 0) return posix::no_programs_here(folder);
    return {};
}

} // namespace rollcall::platform
