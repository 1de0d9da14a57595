#include "platform/paths.hpp"

#include <filesystem>

#include "platform/posix/private_files.hpp"

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

Result<> make_own_folder(std::string const& path) { return posix::make_private_folder(path); }

} // namespace rollcall::platform
