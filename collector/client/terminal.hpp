#pragma once

#include <cstddef>
#include <string>

#include "common/core/result.hpp"

/// The terminal that the program was started from.
///
/// Threads: one.  Blocks: ask_secret() does, until somebody has typed.
namespace rollcall::client
{

/// Whether standard output is one, and how many places a line of it has; 0: nobody knows.
[[nodiscard]] bool is_terminal();
[[nodiscard]] std::size_t terminal_width();

/// Asks on it, whatever standard input is, without showing what is typed. errc::not_supported: there is none.
[[nodiscard]] Result<std::string> ask_secret(std::string const& prompt);

} // namespace rollcall::client
