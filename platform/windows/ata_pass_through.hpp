#pragma once

#include <string>
#include <string_view>

#include "platform/smart.hpp"

namespace rollcall::platform
{

/// ATA_PASS_THROUGH_EX of 64-bit Windows, with room for a sector behind it where the command answers with one.
[[nodiscard]] std::string ata_request(AtaCommand const& command, std::uint32_t limit_s);

/// The same bytes after IOCTL_ATA_PASS_THROUGH. not_supported: the drive does not know the command; io: it failed.
[[nodiscard]] Result<AtaAnswer> parse_ata_answer(std::string_view bytes, AtaCommand const& command);

} // namespace rollcall::platform
