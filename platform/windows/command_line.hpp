#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rollcall::platform
{

/// The one string that CreateProcessW takes, such that CommandLineToArgvW and the C runtime split it into exactly these
/// arguments again. The first one is the program: it is split by other rules, and holds no quote.
[[nodiscard]] std::wstring command_line(std::vector<std::wstring> const& arguments);

/// The other way round, as the C runtime does it ("Parsing C command-line arguments" of Microsoft's documentation). The
/// first word is the program.
[[nodiscard]] std::vector<std::wstring> split_command_line(std::wstring_view line);

/// What a program is named by, before anything is looked up.
enum class ProgramName {
    bare,     ///< One word: to be looked for in the system's folder only.
    absolute, ///< C:\folder\program.exe, or \\?\C:\...
    relative, ///< Would be looked for where we happen to stand: never run.
    script,   ///< .bat or .cmd: a shell would read its arguments, which no quoting makes safe.
    unusable  ///< Empty, or with characters that no file name has.
};
[[nodiscard]] ProgramName classify_program(std::string_view name);

/// Variables as CreateProcessW takes them: NAME=value, each with a NUL, one more at the end. To be given in
/// alphabetical order.
[[nodiscard]] std::wstring environment_block(std::vector<std::wstring> const& variables);

} // namespace rollcall::platform
