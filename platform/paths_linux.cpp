#include "platform/paths.hpp"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rollcall::platform
{

Result<Paths> system_paths(std::string const& program)
{
    if (program.empty() || program.find('/') != std::string::npos)
        return fail(errc::bad_input, "paths: a program's name is one word");
    return Paths{.config_dir = "/etc/" + program, .data_dir = "/var/lib/" + program, .runtime_dir = "/run/" + program};
}

Result<std::string> own_program()
{
    std::error_code failed;
    auto const path = std::filesystem::read_symlink("/proc/self/exe", failed); // proc(5)
    if (failed) return fail_errno(failed.value(), "/proc/self/exe");
    return path.string();
}

Result<> make_own_folder(std::string const& path)
{
    std::error_code failed;
    std::filesystem::create_directories(path, failed);
    if (failed) return fail_errno(failed.value(), path);
    // The very folder that is looked at is the one that is closed.
    int const folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return fail_errno(errno, path);
    struct stat facts {
    };
    int error = ::fstat(folder, &facts) == 0 ? 0 : errno;
    bool const foreign = error == 0 && facts.st_uid != ::geteuid() && facts.st_uid != 0;
    if (error == 0 && !foreign && ::fchmod(folder, S_IRWXU) != 0) error = errno;
    ::close(folder);
    if (foreign) return fail(errc::refused, path + ": belongs to another user: chown it to the one we run as");
    if (error != 0) return fail_errno(error, path);
    return {};
}

} // namespace rollcall::platform
