#pragma once

#include <string_view>

#include "platform/files.hpp"

namespace rollcall::platform::posix
{

/// What the topic `files` promises, for the list in `list_file`: one path a line; empty lines and lines that begin
/// with # say nothing.
[[nodiscard]] Result<std::vector<ListedFile>> look_at_listed_files(Root const& root, std::string_view list_file);

} // namespace rollcall::platform::posix
