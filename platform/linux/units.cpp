#include "platform/linux/units.hpp"

#include <algorithm>

namespace rollcall::platform
{

namespace
{

Fact<std::string> start_type_of(std::string_view unit_file_state, bool pulled_in)
{
    if (unit_file_state.starts_with("enabled")) return std::string("automatic");
    if (unit_file_state.starts_with("masked")) return std::string("masked");
    if (unit_file_state == "disabled") return std::string("disabled");
    if (unit_file_state == "generated") return std::string(pulled_in ? "automatic" : "manual");
    if (unit_file_state.empty() || unit_file_state == "bad") return fail(errc::not_found, "systemd: no unit file");
    // static, indirect, alias, linked, transient: somebody else starts it.
    return std::string("manual");
}

/// It ended by itself, and well: the process was gone before the unit left "active". When somebody stops it, the
/// unit leaves "active" first.
bool ended_by_itself(UnitFacts const& unit)
{
    return unit.process_exit_mono_us != 0 && unit.process_exit_mono_us <= unit.active_exit_mono_us;
}

std::string state_of(UnitFacts const& unit)
{
    if (unit.active_state == "failed") return "failed";
    if (unit.active_state == "activating") return "starting";
    if (unit.active_state == "deactivating") return "stopping";
    if (unit.active_state == "active" && unit.sub_state == "exited") return "finished";
    if (unit.active_state == "active" || unit.active_state == "reloading" || unit.active_state == "refreshing")
        return "running";
    bool const ran = unit.state_change_us != 0 && unit.result == "success" && unit.condition_result;
    if (ran && (unit.type == "oneshot" || ended_by_itself(unit))) return "finished";
    return "stopped";
}

bool expected_of(UnitFacts const& unit, std::set<std::string, std::less<>> const& active_units)
{
    auto const active = [&](std::string const& name) { return active_units.contains(name); };
    bool const enabled = unit.unit_file_state.starts_with("enabled") || unit.unit_file_state == "generated";
    if (!enabled || unit.load_state != "loaded") return false;
    if (unit.type == "oneshot") return false;
    // Enabled by an alias only (D-Bus activation), or for a target that is not reached (sleep, a device).
    if (std::none_of(unit.wanted_by.begin(), unit.wanted_by.end(), active)) return false;
    // A socket, timer or path that works starts it when it is needed.
    if (std::any_of(unit.triggered_by.begin(), unit.triggered_by.end(), active)) return false;
    // Installed but not started since this boot, or its conditions say that it is not for this machine.
    if (unit.condition_us == 0 || !unit.condition_result) return false;
    if (unit.active_state == "active" && unit.sub_state == "exited") return false;
    bool const ended_well = unit.active_state == "inactive" && unit.result == "success";
    return !(ended_well && ended_by_itself(unit));
}

} // namespace

Service judge_unit(UnitFacts const& unit, std::set<std::string, std::less<>> const& active_units)
{
    Service service;
    service.name = unit.name;
    service.label = unit.description;
    service.state = state_of(unit);
    service.start_type = start_type_of(unit.unit_file_state, !unit.wanted_by.empty());
    if (unit.load_state == "masked") service.start_type = std::string("masked");
    service.expected = expected_of(unit, active_units);
    if (unit.state_change_us != 0)
        service.since_ms = static_cast<UnixMs>(unit.state_change_us / 1000);
    else
        service.since_ms = fail(errc::not_found, "systemd: no change in this boot");
    if (unit.result.empty())
        service.result = fail(errc::not_found, "systemd: never ran");
    else
        service.result = unit.result;
    return service;
}

Service judge_unit_file(std::string_view name, std::string_view unit_file_state)
{
    Service service;
    service.name = std::string(name);
    service.label = std::string(name);
    service.state = std::string("stopped");
    service.start_type = start_type_of(unit_file_state, false);
    service.expected = false;
    service.since_ms = fail(errc::not_found, "systemd: not loaded");
    service.result = fail(errc::not_found, "systemd: never ran");
    return service;
}

} // namespace rollcall::platform
