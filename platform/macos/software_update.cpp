#include "platform/macos/software_update.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "platform/texts.hpp"

namespace rollcall::platform
{

namespace
{

constexpr std::size_t most_updates = 1'000;
constexpr std::size_t longest_line = 4'096;

/// "868648KiB", "868648K" or "868648 KiB": to bytes.
Fact<std::int64_t> update_size(std::string_view text)
{
    static constexpr std::int64_t kib = 1'024;
    static constexpr std::int64_t most_kib = INT64_MAX / kib;
    auto const digits = text.substr(0, text.find_first_not_of("0123456789"));
    auto const unit = texts::trim(text.substr(digits.size()));
    auto const number = texts::to_integer(digits);
    if (!number || *number > most_kib || (unit != "K" && unit != "KiB"))
        return fail(errc::not_supported, "softwareupdate: no size in KiB");
    return *number * kib;
}

bool is_restart(std::string_view action)
{
    return action == "restart" || action == "shut down" || action == "shutdown";
}

/// The text between a field's name and the next field. Titles may hold commas, so that fields are sought by name.
std::optional<std::string_view> update_field(std::string_view line, std::string_view name)
{
    auto const at = line.rfind(name);
    if (at == std::string_view::npos) return std::nullopt;
    auto value = line.substr(at + name.size());
    auto end = value.size();
    for (std::string_view const next : {", Version: ", ", Size: ", ", Recommended: ", ", Action: "})
        end = std::min(end, value.find(next));
    value = texts::trim(value.substr(0, end));
    while (value.ends_with(','))
        value = texts::trim(value.substr(0, value.size() - 1));
    return value;
}

/// "Title: T, Version: V, Size: 868648KiB, Recommended: YES, Action: restart,".
bool read_details(std::string_view line, MacUpdate& update)
{
    static constexpr std::string_view title = "Title: ";
    if (!line.starts_with(title)) return false;
    auto const end = line.rfind(", Version: ");
    update.title = texts::trim(line.substr(title.size(), end == std::string_view::npos ? end : end - title.size()));
    if (end == std::string_view::npos) update.title = update_field(line, title).value_or("");
    update.version = update_field(line, ", Version: ").value_or("");
    update.size_bytes = update_size(update_field(line, ", Size: ").value_or(""));
    update.restarts = is_restart(update_field(line, ", Action: ").value_or(""));
    return true;
}

/// "iTunes (12.8.2), 273614K [recommended] [restart]", as before macOS 10.15.
bool read_old_details(std::string_view line, MacUpdate& update)
{
    auto const close = line.rfind("), ");
    auto const open = close == std::string_view::npos ? close : line.rfind(" (", close);
    if (open == std::string_view::npos) return false;
    update.title = texts::trim(line.substr(0, open));
    update.version = texts::trim(line.substr(open + 2, close - open - 2));
    auto const rest = line.substr(close + 3);
    update.size_bytes = update_size(rest.substr(0, rest.find(' ')));
    update.restarts =
        rest.find("[restart]") != std::string_view::npos || rest.find("[shut down]") != std::string_view::npos;
    return true;
}

bool is_of_system(MacUpdate const& update)
{
    return update.title.starts_with("macOS ") || update.title.starts_with("Mac OS X ") ||
           update.title.starts_with("OS X ");
}

/// Apple tells it in the title, or not at all.
Fact<bool> is_security_update(MacUpdate const& update)
{
    static constexpr std::array<std::string_view, 5> words = {
        "Security Update", "Security Response", "Background Security Improvement", "XProtect", "Gatekeeper"};
    for (auto const word : words)
        if (update.title.find(word) != std::string::npos || update.label.find(word) != std::string::npos) return true;
    return fail(errc::not_supported, "softwareupdate: it does not tell what an update is for");
}

RebootSignal asks_for_restart(std::string name, std::string why, std::string detail, Fact<UnixMs> since_ms)
{
    RebootSignal signal;
    signal.name = std::move(name);
    signal.pending = true;
    signal.reason = std::move(why);
    signal.detail = std::move(detail);
    signal.since_ms = std::move(since_ms);
    return signal;
}

} // namespace

Result<std::vector<MacUpdate>> parse_softwareupdate_list(std::string_view text)
{
    std::vector<MacUpdate> updates;
    bool nothing_new = false;
    bool wants_details = false;
    bool old_form = false;
    for (auto const raw : texts::lines(text)) {
        auto const line = texts::trim(raw.substr(0, longest_line));
        if (line.find("Scan finished with error") != std::string_view::npos)
            return fail(errc::io, fmt::format("softwareupdate: {}", line.substr(0, 200)));
        if (line.find("No new software available") != std::string_view::npos) nothing_new = true;
        bool const marked = line.starts_with("* ") || line.starts_with("- ");
        static constexpr std::string_view label = "Label: ";
        if (marked && (line.substr(2).starts_with(label) || raw.starts_with("   "))) {
            if (updates.size() >= most_updates)
                return fail(errc::limit_exceeded, fmt::format("softwareupdate: more than {} updates", most_updates));
            old_form = !line.substr(2).starts_with(label);
            MacUpdate update;
            update.label = texts::trim(line.substr(2 + (old_form ? 0 : label.size())));
            update.size_bytes = fail(errc::not_supported, "softwareupdate: no details");
            if (update.label.empty()) return fail(errc::bad_message, "softwareupdate: an update without a label");
            updates.push_back(std::move(update));
            wants_details = true;
        } else if (wants_details) {
            // Lines of a log may stand between the two.
            auto& update = updates.back();
            if (old_form ? read_old_details(line, update) : read_details(line, update)) wants_details = false;
        }
    }
    if (updates.empty() && !nothing_new)
        return fail(errc::bad_message, "softwareupdate: neither updates nor that there are none");
    return updates;
}

Result<std::vector<MacUpdate>> recommended_updates(plist::Value const& settings)
{
    bool const scanned = settings.date_ms("LastSuccessfulDate") || settings.date_ms("LastFullSuccessfulDate") ||
                         settings.date_ms("LastBackgroundSuccessfulDate");
    auto const* const list = settings.find("RecommendedUpdates");
    if (list == nullptr && !scanned) return fail(errc::not_yet_read, "softwareupdate: no scan was made yet");
    std::vector<MacUpdate> updates;
    for (auto const& entry : settings.array("RecommendedUpdates")) {
        MacUpdate update;
        update.title = entry.text("Display Name");
        update.version = entry.text("Display Version");
        update.label = entry.text("Identifier");
        if (update.label.empty()) update.label = entry.text("Product Key");
        if (update.title.empty() && update.label.empty())
            return fail(errc::bad_message, "softwareupdate: a recommended update without a name");
        update.size_bytes = fail(errc::not_supported, "softwareupdate: the list of the last scan has no sizes");
        if (updates.size() >= most_updates)
            return fail(errc::limit_exceeded, fmt::format("softwareupdate: more than {} updates", most_updates));
        updates.push_back(std::move(update));
    }
    return updates;
}

std::vector<Patch> mac_patches(std::vector<MacUpdate> const& updates, std::string_view system_version)
{
    std::vector<Patch> patches;
    std::set<std::string> names;
    std::set<std::string> labels;
    for (auto const& update : updates) {
        Patch patch;
        patch.package = update.title.empty() ? update.label : update.title;
        // Of one title there may be two; what has the same label, too, is the same.
        if (!names.insert(patch.package).second) {
            patch.package = fmt::format("{} [{}]", patch.package, update.label);
            if (!labels.insert(update.label).second || !names.insert(patch.package).second) continue;
        }
        labels.insert(update.label);
        if (is_of_system(update)) patch.installed_version = system_version;
        patch.available_version = update.version;
        patch.security = is_security_update(update);
        patch.size_bytes = update.size_bytes;
        patch.origin = "Apple Software Update";
        patches.push_back(std::move(patch));
    }
    return patches;
}

RebootSignal disk_encryption_restart(Result<std::string> const& fdesetup_status)
{
    static constexpr auto name = "disk_encryption_restart";
    if (!fdesetup_status) return unknown_signal(name, fail(fdesetup_status.error(), "reboot"));
    for (auto const line : texts::lines(*fdesetup_status)) {
        if (!line.starts_with("FileVault is ")) continue;
        bool const waits = line.find("needs to be restarted") != std::string_view::npos ||
                           line.find("after the next restart") != std::string_view::npos;
        if (!waits) return nothing_pending(name);
        return asks_for_restart(name, "FileVault waits for a restart", std::string(texts::trim(line)),
                                fail(errc::not_supported, "reboot: fdesetup tells no time"));
    }
    return unknown_signal(name, fail(errc::bad_message, "reboot: fdesetup says nothing of FileVault"));
}

RebootSignal system_build_older(Result<std::string> const& running_build, Result<std::string> const& installed_build,
                                Fact<UnixMs> const& installed_ms)
{
    static constexpr auto name = "system_build_older";
    if (!running_build) return unknown_signal(name, fail(running_build.error(), "reboot: build that runs"));
    if (!installed_build) return unknown_signal(name, fail(installed_build.error(), "reboot: build that is installed"));
    if (running_build->empty() || installed_build->empty())
        return unknown_signal(name, fail(errc::bad_message, "reboot: a build without a number"));
    if (*running_build == *installed_build) return nothing_pending(name);
    return asks_for_restart(name, "An installed system waits for a restart",
                            fmt::format("{} → {}", *running_build, *installed_build), installed_ms);
}

RebootSignal update_at_log_out(Result<UnixMs> const& file_changed_ms)
{
    static constexpr auto name = "update_at_log_out";
    if (!file_changed_ms && reason(file_changed_ms.error()) == to_string(errc::not_found)) return nothing_pending(name);
    if (!file_changed_ms) return unknown_signal(name, fail(file_changed_ms.error(), "reboot"));
    return asks_for_restart(name, "A fetched update is installed at the next log-out or restart",
                            "/var/db/.SoftwareUpdateAtLogout", *file_changed_ms);
}

RebootSignal updates_that_restart(Result<std::vector<MacUpdate>> const& updates)
{
    static constexpr auto name = "updates_that_restart";
    if (!updates) return unknown_signal(name, fail(updates.error(), "reboot"));
    auto signal = nothing_pending(name);
    std::string titles;
    for (auto const& update : *updates)
        if (update.restarts)
            titles += (titles.empty() ? "" : ", ") + (update.title.empty() ? update.label : update.title);
    signal.detail = std::move(titles);
    return signal;
}

} // namespace rollcall::platform
