#pragma once

#include <string_view>
#include <vector>

#include "collector/store/records.hpp"
#include "collector/view/api/resources.hpp"

/// From what probes saw to the columns of the Devices view. Pure. A probe that no column comes from changes nothing.
namespace rollcall::view
{

/// Every observed column is unknown: not_yet_read.
void make_unread(api::DeviceRow& row);

/// The columns that come from this state probe: from its rows, or unknown with its status' reason.
void derive_state(api::DeviceRow& row, store::ProbeStatus const& status, Snapshot const& rows);

/// The probe was read again at `as_of_ms` and nothing had changed.
void derive_checked(api::DeviceRow& row, std::string_view probe, UnixMs as_of_ms);

/// The columns that come from this series probe; an older reading than the one shown changes nothing.
void derive_series(api::DeviceRow& row, std::string_view probe, std::vector<wire::Sample> const& samples,
                   UnixMs taken_ms);

/// Probes that derive_state and derive_series know: what the boot has to read.
[[nodiscard]] std::vector<std::string_view> const& derived_state_probes();
[[nodiscard]] std::vector<std::string_view> const& derived_series_probes();

} // namespace rollcall::view
