#include "common/core/version.hpp"

#include "common/release/build_key.hpp"

// In the place of the library's own, which is not linked then.
namespace rollcall
{

std::string_view version() noexcept { return ROLLCALL_AGENT_OF_TEST; }

namespace release
{

std::string_view build_key() noexcept { return ROLLCALL_UPDATE_KEY; }

} // namespace release

} // namespace rollcall
