#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "agent/update/decide.hpp"
#include "common/core/clock.hpp"
#include "common/core/result.hpp"

namespace rollcall::agent
{

/// Which program this is, and which one the package installed. A program that took over was told the latter.
struct Self {
    release::Version running;
    release::Version installed;
    std::string installed_program; ///< Its whole path.
    bool took_over = false;
};
[[nodiscard]] Result<Self> find_self();

/// How the work of one program ended.
struct WorkEnd {
    int exit_code{};
    bool change = false; ///< It ended so that another program may take over (update::Hooks::change).
    bool failed = false; ///< It could not begin.
};

struct Succession {
    std::filesystem::path folder;       ///< State folder.
    std::string key;                    ///< release::build_key()
    std::vector<std::string> arguments; ///< For the program that takes over: those we were called with.
    update::Limits limits;
    Clock const* clock = nullptr;
    /// The agent itself, until it ends.
    std::function<WorkEnd(Self const&)> work;
    /// Another program of ours writes into the log from now on (false), or we do again (true).
    std::function<void(bool ours)> keep_log;
    /// Waits so long before a program that ended on its trial is started again. False: told to end.
    std::function<bool(std::chrono::milliseconds)> wait;
};

/// What a child says with its exit code: start the program whose turn it is now.
inline constexpr int exit_change = 75;

/// Runs whichever program's turn it is: a newer one of the state folder, signed, whole and not given up, or ourselves.
/// Where another one takes over, this may not return (platform::hand_over). Who else works in the folder is left alone.
/// The result is the exit code.
[[nodiscard]] int run_newest(Succession const& succession);

} // namespace rollcall::agent
