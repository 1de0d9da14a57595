#pragma once

#include <filesystem>

/// What tests have to know of the system they run on.
namespace rollcall::support
{

#ifdef _WIN32
inline constexpr bool on_windows = true;
#else
inline constexpr bool on_windows = false;
#endif

/// Nobody but its owner may read it, as its mode says. Windows has none: there the rights of the folder decide, which
/// tests/platform/windows/paths_test.cpp looks at.
inline bool is_private(std::filesystem::path const& path)
{
    using std::filesystem::perms;
    auto const others = std::filesystem::status(path).permissions() & (perms::group_all | perms::others_all);
    return on_windows || others == perms::none;
}

} // namespace rollcall::support
