#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/macos/plist.hpp"
#include "platform/services.hpp"

/// What launchd runs: its own list, and the property lists that define its daemons (launchd.plist(5)).
namespace rollcall::platform
{

/// A row of `launchctl print system`.
struct LaunchdRow {
    std::string label;
    std::int64_t pid{};             ///< 0: it does not run.
    std::optional<int> last_status; ///< Of its last end; negative: the signal. Nothing: it did not end yet.
};

struct LaunchdList {
    std::vector<LaunchdRow> rows;
    std::map<std::string, bool, std::less<>> disabled; ///< What somebody switched off or on, over its definition.
};

/// The blocks "services" and "disabled services", which stand one level deep; the same names deeper are passed over.
/// Only numbers and labels are read, no words. bad_message: there is no block of services with a row in it.
[[nodiscard]] Result<LaunchdList> parse_launchctl_print(std::string_view text);

/// When launchd keeps a daemon running.
enum class KeepAlive {
    no,
    always,
    unless_it_ends_well, ///< SuccessfulExit false, or Crashed true, alone.
    on_conditions,       ///< Anything else: a path, another job, a demand.
};

struct LaunchdDaemon {
    std::string label;
    bool disabled{};
    bool run_at_load{};
    bool limited{}; ///< Loaded on some machines or kinds of sessions only.
    bool once{};    ///< LaunchOnlyOnce.
    KeepAlive keep_alive{KeepAlive::no};
    bool of_system{}; ///< From the sealed part of the system, where nobody can switch off what is needed.
};

/// bad_message where it has no label.
[[nodiscard]] Result<LaunchdDaemon> launchd_daemon(plist::Value const& definition);

/// Labels of one instance, which nobody meets twice: with an address, a process number or a UUID in them.
[[nodiscard]] bool is_passing_label(std::string_view label);

/// The rules of `state`, `start_type`, `expected` and `result`. `row`: nothing where launchd did not load it;
/// `daemon`: nothing where no file defines it. One of them is there.
[[nodiscard]] Service judge_launchd_service(LaunchdRow const* row, LaunchdDaemon const* daemon,
                                            std::optional<bool> disabled);

/// All of them by name.
[[nodiscard]] std::vector<Service> launchd_services(LaunchdList const& list, std::vector<LaunchdDaemon> const& daemons);

} // namespace rollcall::platform
