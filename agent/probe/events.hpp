#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/value.hpp"
#include "common/wire/messages.hpp"

/// What happened between two looks at the machine. Pure; sequences are left to the spool.
namespace rollcall::probe
{

/// log_in, log_out, lock and unlock from two successive snapshots of `sessions`.
[[nodiscard]] std::vector<wire::Event> session_events(Snapshot const& before, Snapshot const& after, UnixMs now_ms);

/// service_failed from two successive snapshots of `services`.
[[nodiscard]] std::vector<wire::Event> service_events(Snapshot const& before, Snapshot const& after, UnixMs now_ms);

/// boot, where the boot id of `os` is another than the remembered one. Nothing remembered: the first look ever, no
/// event.
[[nodiscard]] std::optional<wire::Event> boot_event(std::optional<std::string> const& remembered_boot_id,
                                                    Snapshot const& os, UnixMs now_ms);

/// The boot id in a snapshot of `os`, for remembering.
[[nodiscard]] std::optional<std::string> boot_id_of(Snapshot const& os);

} // namespace rollcall::probe
