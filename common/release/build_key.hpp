#pragma once

#include <string_view>

namespace rollcall::release
{

/// The public key whose releases this build takes (base64 of its raw 32 bytes), from CMake's ROLLCALL_UPDATE_KEY;
/// "" = it takes none.
[[nodiscard]] std::string_view build_key() noexcept;

} // namespace rollcall::release
