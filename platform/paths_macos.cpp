#include "platform/paths.hpp"

namespace rollcall::platform
{

Result<Paths> system_paths(std::string const& /*program*/) { return fail(errc::not_supported, "paths: macOS"); }

Result<std::string> own_program() { return fail(errc::not_supported, "paths: macOS"); }

Result<> make_own_folder(std::string const& /*path*/) { return fail(errc::not_supported, "paths: macOS"); }

} // namespace rollcall::platform
