#include "platform/paths.hpp"

namespace rollcall::platform
{

Result<Paths> default_paths(std::string const& /*program*/) { return fail(errc::not_supported, "paths: Windows"); }

} // namespace rollcall::platform
