#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>

#include "common/core/result.hpp"

namespace rollcall::client
{

/// What a command finds around it: main.cpp gives it the process' own, a test what it wants to look at.
struct Surroundings {
    std::istream& in;
    std::ostream& out;
    std::ostream& error;
    /// Whether what goes to `out` is read by a terminal, which obeys control characters, and how wide that is.
    bool is_terminal = false;
    std::size_t width = 0; ///< 0: without limit.
    std::filesystem::path settings_file;
    /// Asks on the terminal without showing what is typed. errc::not_supported: there is none.
    std::function<Result<std::string>(std::string const& prompt)> ask_secret;
};

} // namespace rollcall::client
