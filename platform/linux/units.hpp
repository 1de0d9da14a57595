#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "platform/services.hpp"

namespace rollcall::platform
{

/// What systemd says about one service, as its D-Bus properties name it (org.freedesktop.systemd1(5)).
struct UnitFacts {
    std::string name;
    std::string description;
    std::string load_state;      ///< "loaded", "not-found", "masked" …
    std::string active_state;    ///< "active", "inactive", "failed", "activating", "deactivating", "reloading" …
    std::string sub_state;       ///< "running", "exited", "dead", "auto-restart" …
    std::string unit_file_state; ///< "enabled", "static", "disabled", "masked" …; empty = none.
    std::string type;            ///< "simple", "oneshot", "dbus" …
    std::string result;          ///< "success", "exit-code" …
    std::vector<std::string> wanted_by; ///< With required_by: what pulls it in at boot.
    std::vector<std::string> triggered_by;
    bool condition_result{};
    std::uint64_t
        condition_us{}; ///< When its conditions were last checked = when it was last to start; 0 = never in this boot.
    std::uint64_t state_change_us{};      ///< 0 = never in this boot.
    std::uint64_t active_exit_mono_us{};  ///< When it last left "active".
    std::uint64_t process_exit_mono_us{}; ///< When its main process last ended.
};

/// The rule of `expected` and of the words for states, apart from where the facts come from.
/// `active_units`: names of all units that are active, to tell whether its triggers and targets work.
[[nodiscard]] Service judge_unit(UnitFacts const& unit, std::set<std::string, std::less<>> const& active_units);

/// A service that systemd knows only as a file.
[[nodiscard]] Service judge_unit_file(std::string_view name, std::string_view unit_file_state);

} // namespace rollcall::platform
