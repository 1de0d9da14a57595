#include "platform/paths.hpp"

#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

namespace rollcall::platform
{

/// The environment's folder where it is an absolute path (XDG Base Directory Specification), else below HOME.
static std::string user_folder(char const* variable, std::string const& home, std::string_view otherwise)
{
    auto const* const set = std::getenv(variable);
    if (set != nullptr && set[0] == '/') return set;
    return fmt::format("{}/{}", home, otherwise);
}

Result<Paths> default_paths(std::string const& program)
{
    if (program.empty() || program.find('/') != std::string::npos)
        return fail(errc::bad_input, "paths: a program's name is one word");
    if (::geteuid() == 0)
        return Paths{
            .config_dir = "/etc/" + program, .data_dir = "/var/lib/" + program, .runtime_dir = "/run/" + program};
    auto const* const home = std::getenv("HOME");
    if (home == nullptr || home[0] != '/')
        return fail(errc::not_found, "paths: HOME is not set: name the folders on the command line");
    auto const* const runtime = std::getenv("XDG_RUNTIME_DIR");
    Paths paths;
    paths.config_dir = user_folder("XDG_CONFIG_HOME", home, ".config") + "/" + program;
    paths.data_dir = user_folder("XDG_DATA_HOME", home, ".local/share") + "/" + program;
    paths.runtime_dir =
        runtime != nullptr && runtime[0] == '/' ? fmt::format("{}/{}", runtime, program) : paths.data_dir + "/run";
    return paths;
}

} // namespace rollcall::platform
