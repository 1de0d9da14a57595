#include "platform/hand_over.hpp"

#include <cerrno>

#include <sys/statvfs.h>
#include <unistd.h>

#include "platform/posix/become.hpp"

namespace rollcall::platform
{

std::string_view system_name() noexcept { return "linux"; }

std::string_view architecture_name() noexcept
{
#if defined(__x86_64__)
    return "x86_64";
#elif defined(__aarch64__)
    return "arm64";
#else
    return "unknown";
#endif
}

Result<> check_may_run(std::string const& folder)
{
    struct statvfs facts {
    };
    if (::statvfs(folder.c_str(), &facts) != 0) return fail_errno(errno, folder);
    if ((facts.f_flag & ST_NOEXEC) != 0)
        return fail(errc::refused, folder +
                                       ": lies on a file system that is mounted with noexec, from which no program "
                                       "can be started: mount it without, or update by the package");
    return {};
}

Result<> keep_program(std::string const& part, std::string const& program) { return keep_file(part, program); }

Result<Succeeded> hand_over(Successor const& successor) { return fail(become(successor), "hand over"); }

bool has_keeper() { return false; }

void call_off() { ::alarm(0); }

} // namespace rollcall::platform
