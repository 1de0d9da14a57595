#include "platform/windows/reboot_signals.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "platform/windows/registry.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

/// The clock may be set a little right after the boot; by so much a key may look older than it is.
constexpr std::chrono::milliseconds boot_slack = std::chrono::minutes(2);
/// So many files are named; of others only the number is told.
constexpr std::size_t most_named_files = 5;

bool is_absent_key(Error const& why) { return reason(why) == to_string(errc::not_found); }

RebootSignal asks(std::string name, std::string why, std::string detail, Registry const& key)
{
    RebootSignal signal;
    signal.name = std::move(name);
    signal.pending = true;
    signal.reason = std::move(why);
    signal.detail = std::move(detail);
    signal.since_ms = key.written_unix_ms();
    return signal;
}

/// The key itself is the sign, whatever is in it.
RebootSignal by_key(RebootPlaces const& places, std::string name, std::string_view path, std::string_view why)
{
    auto const key = Registry::open(places.root, fmt::format("{}{}", places.prefix, path));
    if (!key && is_absent_key(key.error())) return nothing_pending(std::move(name));
    if (!key) return unknown_signal(std::move(name), fail(key.error(), "reboot"));
    auto const written_ms = key->written_unix_ms();
    // Both keys are gone after a boot that did its work; one that is left over asks for nothing.
    if (written_ms && *written_ms < places.boot_ms - boot_slack.count()) {
        auto signal = nothing_pending(std::move(name));
        signal.detail = std::string("The sign is older than the last boot");
        return signal;
    }
    return asks(std::move(name), std::string(why), {}, *key);
}

RebootSignal computer_name(RebootPlaces const& places)
{
    static constexpr auto name = "computer_name";
    auto const folder = places.prefix + "SYSTEM\\CurrentControlSet\\Control\\ComputerName\\";
    auto const next = Registry::open(places.root, folder + "ComputerName");
    if (!next) return unknown_signal(name, fail(next.error(), "reboot: ComputerName"));
    auto const active = Registry::open(places.root, folder + "ActiveComputerName");
    if (!active) return unknown_signal(name, fail(active.error(), "reboot: ActiveComputerName"));
    auto const next_name = next->text("ComputerName");
    if (!next_name) return unknown_signal(name, fail(next_name.error(), "reboot: ComputerName"));
    auto const active_name = active->text("ComputerName");
    if (!active_name) return unknown_signal(name, fail(active_name.error(), "reboot: ActiveComputerName"));
    auto const wide_next = utf16(*next_name);
    auto const wide_active = utf16(*active_name);
    auto const same = ::CompareStringOrdinal(wide_next.data(), static_cast<int>(wide_next.size()), wide_active.data(),
                                             static_cast<int>(wide_active.size()), TRUE) == CSTR_EQUAL;
    if (same) return nothing_pending(name);
    return asks(name, "The computer's new name needs a reboot", fmt::format("{} → {}", *active_name, *next_name),
                *next);
}

RebootSignal update_exe_volatile(RebootPlaces const& places)
{
    static constexpr auto name = "update_exe_volatile";
    auto const key = Registry::open(places.root, places.prefix + "SOFTWARE\\Microsoft\\Updates");
    if (!key && is_absent_key(key.error())) return nothing_pending(name);
    if (!key) return unknown_signal(name, fail(key.error(), "reboot: Updates"));
    auto const flags = key->number("UpdateExeVolatile");
    if (!flags && is_absent_key(flags.error())) return nothing_pending(name);
    if (!flags) return unknown_signal(name, fail(flags.error(), "reboot: UpdateExeVolatile"));
    if (*flags == 0) return nothing_pending(name);
    return asks(name, "An installed update needs a reboot", fmt::format("UpdateExeVolatile = {}", *flags), *key);
}

/// "\??\C:\a" → "C:\a"; a "!" before it lets the new file replace an old one (MoveFileEx).
std::string_view plain_path(std::string_view path)
{
    if (path.starts_with('!')) path.remove_prefix(1);
    static constexpr std::string_view native = "\\??\\";
    if (path.starts_with(native)) path.remove_prefix(native.size());
    return path;
}

/// Never a reason by itself: updaters that clean up after themselves fill it every day.
RebootSignal file_renames(RebootPlaces const& places)
{
    static constexpr auto name = "pending_file_renames";
    auto const key = Registry::open(places.root, places.prefix + "SYSTEM\\CurrentControlSet\\Control\\Session Manager");
    if (!key) return unknown_signal(name, fail(key.error(), "reboot: Session Manager"));
    auto const renames = key->texts("PendingFileRenameOperations");
    if (!renames && is_absent_key(renames.error())) return nothing_pending(name);
    if (!renames) return unknown_signal(name, fail(renames.error(), "reboot: PendingFileRenameOperations"));
    auto signal = nothing_pending(name);
    // Pairs: from, to; an empty "to" deletes.
    std::size_t const count = (renames->size() + 1) / 2;
    if (count == 0) return signal;
    std::string list = fmt::format("{} files change at the next boot: ", count);
    for (std::size_t i = 0; i < std::min(count, most_named_files); ++i)
        list += fmt::format("{}{}", i == 0 ? "" : ", ", plain_path((*renames)[i * 2]));
    if (count > most_named_files) list += " …";
    signal.detail = std::move(list);
    return signal;
}

} // namespace

std::vector<RebootSignal> reboot_signals(RebootPlaces const& places)
{
    std::vector<RebootSignal> signals;
    signals.push_back(by_key(places, "windows_update",
                             "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired",
                             "Windows Update needs a reboot"));
    signals.push_back(by_key(places, "component_servicing",
                             "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending",
                             "Changed components of Windows need a reboot"));
    signals.push_back(computer_name(places));
    signals.push_back(update_exe_volatile(places));
    signals.push_back(file_renames(places));
    return signals;
}

} // namespace rollcall::platform
