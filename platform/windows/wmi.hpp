#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// What a property of a row says. Null and the kinds that nobody here asks for are not in the row.
using WmiValue = std::variant<bool, std::int64_t, std::string>;
using WmiRow = std::map<std::string, WmiValue, std::less<>>;

/// The rows of a query of Windows Management Instrumentation, with the named properties of each. `space`: a namespace,
/// "root\\cimv2". not_supported where the namespace or the class does not exist; timed_out where it does not answer
/// within `limit` (connecting to it may take two minutes more, which COM itself limits).
[[nodiscard]] Result<std::vector<WmiRow>> query_wmi(std::string_view space, std::string_view query,
                                                    std::vector<std::string> const& properties,
                                                    std::chrono::milliseconds limit);

/// The property where it is there and of that kind; nullptr otherwise.
template <class T>
[[nodiscard]] T const* wmi_value(WmiRow const& row, std::string_view property)
{
    auto const found = row.find(property);
    return found == row.end() ? nullptr : std::get_if<T>(&found->second);
}

} // namespace rollcall::platform
