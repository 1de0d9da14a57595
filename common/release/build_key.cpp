#include "common/release/build_key.hpp"

// Alone in its file: another key is one file compiled anew, and a program of the tests brings its own.
namespace rollcall::release
{

std::string_view build_key() noexcept { return ROLLCALL_UPDATE_KEY; }

} // namespace rollcall::release
