#pragma once

#include <string>
#include <string_view>

#include "common/wire/messages.hpp"

namespace rollcall::wire
{

/// What a machine is, beside one that is known.
enum class Sameness {
    same,    ///< The machine that is known, or nothing says otherwise.
    rebuilt, ///< Its disks are all in there, around another board: repaired, or the disks were moved.
    other    ///< Nothing of it is left, or half of its mirrored disks: what stood there was copied.
};
/// A network card is not asked about, so changing it is nothing. Pure.
[[nodiscard]] Sameness compare(Hardware const& known, Hardware const& now);

/// Does it fit the limits? A sentence that names field and limit where it does not; "" where it does.
[[nodiscard]] std::string misfit(Hardware const& hardware);

/// Its words in one text: the id (or "-"), then the disks. For keeping, not for the wire.
[[nodiscard]] std::string to_text(Hardware const& hardware);
/// What is no such text is an empty Hardware.
[[nodiscard]] Hardware hardware_from_text(std::string_view text);

} // namespace rollcall::wire
