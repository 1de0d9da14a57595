#pragma once

#include <chrono>
#include <string>
#include <string_view>

/// How the rules word numbers and spans. Pure.
namespace rollcall::rules
{

/// "30 s", "5 min", "7 days".
[[nodiscard]] std::string duration_text(std::chrono::seconds span);
/// With the unit of the column and at most one decimal: "97.3 %".
[[nodiscard]] std::string number_text(double number, std::string_view probe, std::string_view column);

} // namespace rollcall::rules
