#pragma once

#include <chrono>

namespace rollcall::support
{

/// The longest any wait for what must happen may take, on the slowest machine with the slowest sanitizer and others
/// beside it. No speed is asserted by it: it only ends what would hang.
inline constexpr std::chrono::seconds patience{60};

} // namespace rollcall::support
