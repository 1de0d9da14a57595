#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/software.hpp"

namespace rollcall::platform
{

/// One key below …\CurrentVersion\Uninstall ("Uninstall Registry Key" of Windows Installer), as far as it says
/// anything.
struct UninstallEntry {
    std::string key;
    std::string display_name;
    std::string display_version;
    std::string publisher;
    std::string parent_key_name;
    std::string release_type;
    std::optional<std::uint32_t> estimated_size_kib;
    bool system_component{};
    bool windows_installer{};
    bool of_32_bit{};
    std::string user; ///< Whose it alone is; empty for everybody's.
};

/// A program, and not a part or an update of one.
[[nodiscard]] bool is_program(UninstallEntry const& entry);

/// The list of programs; each name once, for names are the keys of the list. Where several have the same name, they are
/// told apart by what differs.
[[nodiscard]] std::vector<Package> packages_of(std::vector<UninstallEntry> entries);

} // namespace rollcall::platform
