#pragma once

#include <memory>
#include <string>

#include "platform/files.hpp"

namespace rollcall::platform
{

/// The topic `files` with its list in this file.
[[nodiscard]] std::unique_ptr<Files> make_listed_files(std::string list_file);

} // namespace rollcall::platform
