#pragma once

#include <cstddef>

#include "collector/store/records.hpp"
#include "collector/view/api/resources.hpp"
#include "collector/view/filter/evaluate.hpp"

/// The columns of the Devices and Alerts lists, as filters name them. Pure.
namespace rollcall::view
{

/// Of devices: their own columns, and every table.
[[nodiscard]] filter::Subject const& device_subject();
/// Of alerts: their own columns, those of the device with "device." in front, and every table likewise.
[[nodiscard]] filter::Subject const& alert_subject();

/// What stands in a device's column; points into the row.
[[nodiscard]] filter::Cell device_cell(api::DeviceRow const& row, std::size_t place);
/// The same of an alert and its device.
[[nodiscard]] filter::Cell alert_cell(store::Alert const& alert, api::DeviceRow const& device, std::size_t place);
/// How many columns of an alert stand before those of its device.
[[nodiscard]] std::size_t alert_own_columns();

} // namespace rollcall::view
