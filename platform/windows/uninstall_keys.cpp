#include "platform/windows/uninstall_keys.hpp"

#include <utility>

#include <fmt/format.h>

#include "platform/windows/registry.hpp"

namespace rollcall::platform
{

namespace
{

constexpr auto uninstall_path = "Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall";
constexpr std::size_t most_programs = 100'000;

std::string text_or_empty(Registry const& key, std::string_view name)
{
    auto text = key.text(name);
    return text ? *std::move(text) : std::string();
}

/// Some installers write a number as text.
bool is_set(Registry const& key, std::string_view name)
{
    if (auto const number = key.number(name)) return *number != 0;
    return text_or_empty(key, name) == "1";
}

/// Empty where the branch is not there.
Result<> add_branch(Result<Registry> const& branch, UninstallEntry const& origin, std::vector<UninstallEntry>& entries)
{
    if (!branch && reason(branch.error()) == to_string(errc::not_found)) return {};
    if (!branch) return fail(branch.error(), "software");
    auto const names = branch->keys(most_programs);
    if (!names) return fail(names.error(), "software");
    for (auto const& name : *names) {
        auto const key = branch->open(name);
        if (!key) continue; // Uninstalled since it was listed, or with a name that no text can hold.
        auto entry = origin;
        entry.key = name;
        entry.display_name = text_or_empty(*key, "DisplayName");
        if (entry.display_name.empty()) continue;
        entry.display_version = text_or_empty(*key, "DisplayVersion");
        entry.publisher = text_or_empty(*key, "Publisher");
        entry.parent_key_name = text_or_empty(*key, "ParentKeyName");
        entry.release_type = text_or_empty(*key, "ReleaseType");
        entry.system_component = is_set(*key, "SystemComponent");
        entry.windows_installer = is_set(*key, "WindowsInstaller");
        if (auto const size = key->number("EstimatedSize")) entry.estimated_size_kib = *size;
        entries.push_back(std::move(entry));
    }
    return {};
}

/// Persons': local and of a domain (S-1-5-21), or of Entra ID (S-1-12-1); not services', and not a hive of classes.
bool is_persons_hive(std::string_view sid)
{
    return (sid.starts_with("S-1-5-21-") || sid.starts_with("S-1-12-1-")) && !sid.ends_with("_Classes");
}

/// The folder of the profile names its user. Asking for the account's name may ask a domain controller, and wait.
std::string user_of(UninstallPlaces const& places, std::string const& sid)
{
    auto const profile =
        Registry::open(places.machine, fmt::format("{}SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\{}",
                                                   places.prefix, sid));
    if (!profile) return sid;
    auto const folder = text_or_empty(*profile, "ProfileImagePath");
    auto const name = folder.substr(folder.find_last_of("\\/") + 1);
    return name.empty() ? sid : name;
}

} // namespace

Result<std::vector<UninstallEntry>> read_uninstall_keys(UninstallPlaces const& places)
{
    std::vector<UninstallEntry> entries;
    auto const path = places.prefix + uninstall_path;
    UninstallEntry wide;
    if (auto const added = add_branch(Registry::open(places.machine, path), wide, entries); !added)
        return added.error();
    UninstallEntry narrow;
    narrow.of_32_bit = true;
    if (auto const added = add_branch(Registry::open(places.machine, path, RegistryView::bits32), narrow, entries);
        !added)
        return added.error();

    auto const users = Registry::open(places.users, "");
    if (!users) return fail(users.error(), "software: users");
    auto const sids = users->keys();
    if (!sids) return fail(sids.error(), "software: users");
    for (auto const& sid : *sids) {
        if (!is_persons_hive(sid)) continue;
        UninstallEntry own;
        own.user = user_of(places, sid);
        // Not for us, or its user logged out meanwhile: the machine's own programs are an answer all the same.
        (void)add_branch(users->open(fmt::format("{}\\{}", sid, uninstall_path)), own, entries);
    }
    return entries;
}

} // namespace rollcall::platform
