#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// The words by which releases name this system and its processor: "linux", "x86_64".
[[nodiscard]] std::string_view system_name() noexcept;
[[nodiscard]] std::string_view architecture_name() noexcept;

/// May programs be started from this folder? errc::refused, with the remedy, where its file system forbids it.
[[nodiscard]] Result<> check_may_run(std::string const& folder);

/// What was written under the name `part` becomes `file`: on the disk with all its bytes, under its name in one step,
/// for its owner only, who may run it. Blocks.
[[nodiscard]] Result<> keep_file(std::string const& part, std::string const& file);

/// A program that takes our place.
struct Successor {
    std::string program;                ///< Its whole path.
    std::vector<std::string> arguments; ///< Without the program's name.
    /// Added to our environment; a variable without a value is taken out of it.
    std::vector<std::pair<std::string, std::string>> environment;
    std::chrono::seconds limit{}; ///< It is ended after this time, unless it called call_off(). Zero: it is not.
};

/// How a successor ended that was a process of its own.
struct Succeeded {
    int exit_code{};
    bool told_to_end{}; ///< We were asked to end, and had it end.
};

/// Runs another program in our place, with no other file of ours open than the standard ones, and without a shell.
///
/// Where a process can become another program (Linux, macOS) this does not return but with an error, the process stays
/// the same to whoever started it, and a limit ends it by SIGALRM. Windows has no such thing: there we stay what the
/// service manager knows, the other program is our child, what asks us to end is passed on to it, it ends with us, and
/// this returns once it has ended. errc::not_found, errc::permission_denied: it did not begin.
///
/// Threads: the main one, when nothing else works any more.  Blocks: on Windows until it has ended.
[[nodiscard]] Result<Succeeded> hand_over(Successor const& successor);

/// Are we a child that hand_over() started? Then what wants its place ends, with an exit code that says so, and the
/// parent starts it.
[[nodiscard]] bool has_keeper();

/// The limit under which we were started counts no more.
void call_off();

} // namespace rollcall::platform
