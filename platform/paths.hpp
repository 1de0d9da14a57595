#pragma once

#include <string>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// Where a program of ours keeps what is its own, unless it is told otherwise.
struct Paths {
    std::string config_dir;  ///< Settings, written by people.
    std::string data_dir;    ///< Identity, spool, database: must survive everything.
    std::string runtime_dir; ///< Sockets and the like, gone after a reboot.
};

/// The system's folders for one of its programs, whoever asks. `program` is "rollcall-agent" or "rollcall-collector".
[[nodiscard]] Result<Paths> system_paths(std::string const& program);

/// The whole path of the program that runs.
[[nodiscard]] Result<std::string> own_program();

/// Makes a folder of ours, and those above it that are missing, so that nobody but us and who looks after the machine
/// may enter it. One that is there already is closed to others; errc::refused where it belongs to somebody else.
[[nodiscard]] Result<> make_own_folder(std::string const& path);

} // namespace rollcall::platform
