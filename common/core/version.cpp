#include "common/core/version.hpp"

// Alone in its file: the tests link the same agent with other versions, for which one object differs.
namespace rollcall
{

std::string_view version() noexcept { return ROLLCALL_VERSION; }

} // namespace rollcall
