#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collector/store/records.hpp"

/// Words that lists show, sort and filter by.
namespace rollcall::view
{

[[nodiscard]] std::vector<std::string> device_types();
[[nodiscard]] std::vector<std::string> os_families();
[[nodiscard]] std::vector<std::string> severities(); ///< The least first.
[[nodiscard]] std::vector<std::string> alert_categories();
[[nodiscard]] std::vector<std::string> alert_statuses();

[[nodiscard]] std::string_view word_of(store::Severity severity);
[[nodiscard]] std::string_view word_of(store::AlertStatus status);

} // namespace rollcall::view
