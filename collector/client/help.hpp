#pragma once

#include <string>
#include <string_view>

#include "collector/client/commands.hpp"

/// What is made from the table of commands, besides the parser. Pure.
namespace rollcall::client
{

/// `rollcall --help`, and that of one command.
[[nodiscard]] std::string help();
[[nodiscard]] std::string help_of(Command const& command);

/// The completions of bash, zsh or fish.
[[nodiscard]] std::string completion(std::string_view shell);

/// rollcall(1), as troff (man(7)).
[[nodiscard]] std::string man_page();

} // namespace rollcall::client
