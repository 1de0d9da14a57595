#pragma once

#include <span>
#include <string_view>

#include "platform/certificates.hpp"

namespace rollcall::platform::posix
{

/// A folder, and where a link in it may lead: beyond may be the system's authorities.
struct ServerFolder {
    std::string_view folder;
    std::string_view within;
};

/// What the topic `certificates` promises, for these folders. permission_denied where nothing was found and one of them
/// is closed to us.
[[nodiscard]] Result<std::vector<Certificate>> certificates_in(Root const& root, std::span<ServerFolder const> folders);

} // namespace rollcall::platform::posix
