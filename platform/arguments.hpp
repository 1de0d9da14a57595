#pragma once

#include <string>
#include <vector>

namespace rollcall::platform
{

/// The words after the program's name, as UTF-8. main() is told on some systems only what of them has a place in the
/// code page of the system's language: there they are read anew.
[[nodiscard]] std::vector<std::string> arguments(int count, char const* const* words);

} // namespace rollcall::platform
