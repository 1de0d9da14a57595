#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "common/core/result.hpp"

namespace rollcall::client
{

/// A column of a list: its name is that of filters and CSV, too.
struct ListColumn {
    std::string name;
    std::string label;
    bool is_number = false;
    /// Of an item of the API's list; "unknown" where nobody knows.
    std::string (*read)(boost::json::object const&) = nullptr;
};

[[nodiscard]] std::vector<ListColumn> const& device_columns();
[[nodiscard]] std::vector<ListColumn> const& alert_columns();
[[nodiscard]] std::vector<ListColumn> const& customer_columns();

/// Those that are shown where nobody chooses.
[[nodiscard]] std::string_view usual_device_columns();
[[nodiscard]] std::string_view usual_alert_columns();
[[nodiscard]] std::string_view usual_customer_columns();

/// The columns that `names` names, with commas between. errc::bad_input: there is no such column.
[[nodiscard]] Result<std::vector<ListColumn>> choose(std::vector<ListColumn> const& all, std::string_view names);

/// Columns that lists are sorted by.
[[nodiscard]] std::vector<std::string> const& device_orders();
[[nodiscard]] std::vector<std::string> const& alert_orders();
[[nodiscard]] std::vector<std::string> const& customer_orders();

/// A text of an object; "" where it is absent, null or none.
[[nodiscard]] std::string text_of(boost::json::object const& object, std::string_view field);

} // namespace rollcall::client
