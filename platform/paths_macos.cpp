#include "platform/paths.hpp"

#include <array>
#include <cstdint>
#include <filesystem>

#include <mach-o/dyld.h>
#include <sys/syslimits.h>

#include <fmt/format.h>

#include "platform/posix/private_files.hpp"

namespace rollcall::platform
{

Result<Paths> system_paths(std::string const& program)
{
    if (program.empty() || program.find('/') != std::string::npos)
        return fail(errc::bad_input, "paths: a program's name is one word");
    auto const home = "/Library/Application Support/Rollcall/" + program;
    return Paths{.config_dir = home + "/settings", .data_dir = home + "/data", .runtime_dir = "/var/run/" + program};
}

Result<std::string> own_program()
{
    std::array<char, PATH_MAX> path{};
    auto size = static_cast<std::uint32_t>(path.size());
    if (::_NSGetExecutablePath(path.data(), &size) != 0)
        return fail(errc::limit_exceeded, fmt::format("own program: its path has {} bytes", size));
    // As it was started: by links, or with dots in it.
    std::error_code failed;
    auto const real = std::filesystem::canonical(path.data(), failed);
    if (failed) return fail_errno(failed.value(), path.data());
    return real.string();
}

Result<> make_own_folder(std::string const& path) { return posix::make_private_folder(path); }

} // namespace rollcall::platform
