#include "platform/process.hpp"

namespace rollcall::platform
{

Result<Finished> run(Command const& /*command*/) { return fail(errc::not_supported, "process: Windows"); }

} // namespace rollcall::platform
