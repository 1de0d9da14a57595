#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// How a program that worked for a service manager ended.
struct ServiceEnd {
    int exit_code{};
    /// Should the service manager start it again? No: it did what it was told, or only a person can mend what is wrong.
    bool start_again{};
};

/// Runs `body` as the service `name` where the system's service manager started this program and talks to it through
/// the program itself (Windows); anywhere else, and for a person at a terminal, just runs it. The result is the exit
/// code for main(). The body makes a ServiceHost: until ready() the service is starting, and what asks it to end comes
/// by on_stop().
/// Threads: the main one; the body may run on another.  Blocks: until the body ends.
[[nodiscard]] int run_as_service(std::string const& name, std::function<ServiceEnd()> const& body);

/// A service of ours as the system's service manager is to know it.
struct ServiceSetup {
    std::string name;         ///< One word: RollcallAgent.
    std::string display_name; ///< What lists of services show.
    std::string description;
    std::vector<std::string> command; ///< The program's whole path, and its arguments.
};

/// Tells the service manager of it: it starts with the system, as the system itself, and again 5, 30 and then 60 s
/// after it failed (macOS: 60 s). One that is there already is told anew, and on macOS started anew if it ran; else it
/// is not started. errc::refused where others than administrators could change the program; errc::not_found where there
/// is none; errc::not_supported where the installation package does that (Linux); permission_denied.
[[nodiscard]] Result<> install_service(ServiceSetup const& setup);

/// Ends it, waits for its process to be gone, and takes it from the service manager. errc::not_found; errc::timed_out
/// where it did not end in time, and then it stays; errc::not_supported as above.
[[nodiscard]] Result<> uninstall_service(std::string const& name,
                                         std::chrono::milliseconds limit = std::chrono::seconds(30));

} // namespace rollcall::platform
