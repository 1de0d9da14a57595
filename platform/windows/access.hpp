#pragma once

#include <string>

#include <windows.h>

#include "common/core/result.hpp"
#include "platform/windows/handle.hpp"

/// Who may do what with a file or a folder of ours.
namespace rollcall::platform
{

/// "S-1-5-18".
[[nodiscard]] Result<std::string> sid_text(PSID sid);
/// The one whom this program runs as.
[[nodiscard]] Result<std::string> own_sid();
/// Are we the system itself, or an administrator who has said so?
[[nodiscard]] bool is_elevated();

/// For what only we, the system and the administrators may read and write: us only where we are neither of the two.
/// Nothing of it comes from the folder above. `below`: what is in the folder has the same.
[[nodiscard]] Result<LocalMemory<void>> private_descriptor(bool below);

/// errc::refused where it belongs neither to us nor to the system nor to the administrators: whoever owns a thing may
/// always give himself rights.
[[nodiscard]] Result<> check_owner(HANDLE file);

/// errc::refused, with the remedy, where anybody else owns it, may read it, change it or put something in its place.
[[nodiscard]] Result<> check_private(HANDLE file);

/// errc::refused where anybody but us, the system, the administrators and the installer of Windows may change it or put
/// something in its place: for programs that the system runs, and their folders. Everybody may read those.
[[nodiscard]] Result<> check_unchangeable(HANDLE file);

} // namespace rollcall::platform
