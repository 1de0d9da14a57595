#pragma once

#include <string_view>
#include <vector>

#include "common/core/result.hpp"

namespace rollcall::client
{

/// What the program's end means to a script. --help, the man page and README.md list them.
enum class Exit {
    done = 0,
    failed = 1,
    usage = 2,
    not_found = 3,
    not_logged_in = 4,
    not_allowed = 5,
    conflict = 6,
    not_reachable = 7,
};

struct ExitMeaning {
    Exit exit;
    std::string_view meaning;
};
[[nodiscard]] std::vector<ExitMeaning> const& exit_meanings();

/// What the program ends with after this error.
[[nodiscard]] Exit exit_of(Error const& error);

} // namespace rollcall::client
