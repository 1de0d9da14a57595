#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/fact.hpp"

namespace rollcall::platform
{

struct Patch {
    std::string package;
    std::string installed_version; ///< Empty for a new dependency.
    std::string available_version;
    Fact<bool> security;
    Fact<std::int64_t> size_bytes; ///< Still to be downloaded.
    std::string origin;            ///< "Debian-Security:12/stable-security".
};

/// What the package manager would install now, without asking any server; on Windows its Update Agent asks one.
///
/// Owns: the last answer and what it was based on; as long as the package lists, the installed packages and the
/// configuration have not changed, it answers from there.
/// Threads: one at a time.  Blocks: for seconds of low-priority work in child processes.
class Patches
{
public:
    virtual ~Patches() = default;
    /// not_yet_read: no package list was ever downloaded, so nobody can know.
    [[nodiscard]] virtual Result<std::vector<Patch>> list() = 0;
};

[[nodiscard]] std::unique_ptr<Patches> make_patches(Root const& root = {});

} // namespace rollcall::platform
