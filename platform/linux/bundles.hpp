#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/software.hpp"

/// Programs that come with all they need: snaps and flatpaks.
namespace rollcall::platform
{

/// A snap's meta/snap.yaml: the plain values at its outermost level. Nothing where name or version is missing.
[[nodiscard]] std::optional<Package> parse_snap(std::string_view yaml);

/// `flatpak list --system --columns=application,version,arch,origin`: a line each, tabs between. An application that
/// does not tell its version has an empty one.
[[nodiscard]] std::vector<Package> parse_flatpak_list(std::string_view output);

} // namespace rollcall::platform
