#include "platform/windows/uninstall_entries.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

/// Names come with blanks around them; the list's keys are without.
std::string trimmed(std::string_view text)
{
    static constexpr std::string_view blanks = " \t\r\n";
    auto const first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

auto identity(UninstallEntry const& entry)
{
    return std::tie(entry.display_name, entry.display_version, entry.publisher, entry.user);
}

Package package_of(UninstallEntry const& entry, std::string name)
{
    static constexpr std::int64_t bytes_per_kib = 1024;
    Package package;
    package.name = std::move(name);
    package.version = entry.display_version;
    if (entry.of_32_bit)
        package.architecture = std::string("x86");
    else
        package.architecture = fail(errc::not_supported, "software: the key does not say what it was built for");
    if (entry.publisher.empty())
        package.publisher = fail(errc::not_found, "software: no Publisher");
    else
        package.publisher = entry.publisher;
    if (entry.estimated_size_kib)
        package.size_bytes = std::int64_t{*entry.estimated_size_kib} * bytes_per_kib;
    else
        package.size_bytes = fail(errc::not_found, "software: no EstimatedSize");
    package.source = entry.windows_installer ? "msi" : "setup";
    return package;
}

/// What sets it apart from others of its name, in three steps.
std::string longer_name(UninstallEntry const& entry, int step)
{
    auto name = entry.display_name;
    if (!entry.user.empty()) name += fmt::format(" ({})", entry.user);
    if (entry.of_32_bit) name += " (x86)";
    if (step > 0 && !entry.display_version.empty()) name += fmt::format(" ({})", entry.display_version);
    if (step > 1) name += fmt::format(" ({})", entry.key);
    return name;
}

} // namespace

bool is_program(UninstallEntry const& entry)
{
    if (entry.system_component || trimmed(entry.display_name).empty() || !entry.parent_key_name.empty()) return false;
    // "Security Update", "Update Rollup", "Hotfix": of a program that is in the list itself.
    return entry.release_type.find("Update") == std::string::npos &&
           entry.release_type.find("Hotfix") == std::string::npos;
}

std::vector<Package> packages_of(std::vector<UninstallEntry> entries)
{
    std::erase_if(entries, [](auto const& entry) { return !is_program(entry); });
    for (auto& entry : entries) {
        entry.display_name = trimmed(entry.display_name);
        entry.display_version = trimmed(entry.display_version);
        entry.publisher = trimmed(entry.publisher);
    }
    // The one of 64 bits before its like of 32, and always in the same order.
    std::sort(entries.begin(), entries.end(), [](auto const& a, auto const& b) {
        return std::tuple_cat(identity(a), std::tie(a.of_32_bit, a.key)) <
               std::tuple_cat(identity(b), std::tie(b.of_32_bit, b.key));
    });
    // Installers write both branches, or a key of their own beside that of Windows Installer.
    entries.erase(std::unique(entries.begin(), entries.end(),
                              [](auto const& a, auto const& b) { return identity(a) == identity(b); }),
                  entries.end());

    std::vector<Package> packages;
    std::set<std::string, std::less<>> taken;
    for (auto first = entries.begin(); first != entries.end();) {
        auto const last = std::find_if(first, entries.end(),
                                       [&](auto const& other) { return other.display_name != first->display_name; });
        bool const alone = last - first == 1;
        for (; first != last; ++first) {
            auto name = alone ? first->display_name : longer_name(*first, 0);
            for (int step = 1; step <= 2 && taken.contains(name); ++step)
                name = longer_name(*first, step);
            if (taken.insert(name).second) packages.push_back(package_of(*first, std::move(name)));
        }
    }
    return packages;
}

} // namespace rollcall::platform
