#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::access
{

/// Characters of a password that a person chooses.
inline constexpr std::size_t password_min_characters = 12;
inline constexpr std::size_t password_max_characters = 256;

/// nullopt: it will do. Otherwise a sentence that says why not.
[[nodiscard]] std::optional<std::string> password_fault(std::string_view fresh, std::string_view name,
                                                        std::string_view current);

/// 80 random bits in four groups of letters and digits that are hard to mistake.
[[nodiscard]] std::string make_first_password();

} // namespace rollcall::access
