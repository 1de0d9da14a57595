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

/// For root the system's folders, for anybody else those of the user. `program` is "rollcall-agent" or
/// "rollcall-collector".
[[nodiscard]] Result<Paths> default_paths(std::string const& program);

} // namespace rollcall::platform
