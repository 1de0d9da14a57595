#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/fact.hpp"

namespace rollcall::platform
{

struct Package {
    std::string name; ///< Unique in the list: "libc6", or "libc6:i386" where two architectures are installed.
    std::string version;
    Fact<std::string> architecture;
    Fact<std::string> publisher;
    Fact<std::int64_t> size_bytes;
    std::string source; ///< The package manager that knows it: "dpkg", "rpm", "pacman", "snap", "flatpak".
};

/// Installed software.
///
/// Owns: nothing.  Threads: any.  Blocks: for one large file read, or for a program of the package manager.
class Software
{
public:
    virtual ~Software() = default;
    [[nodiscard]] virtual Result<std::vector<Package>> list() const = 0;
};

[[nodiscard]] std::unique_ptr<Software> make_software(Root const& root = {});

} // namespace rollcall::platform
