#include "platform/linux/rpm.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "common/core/compare_versions.hpp"
#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

using Fields = std::array<std::string_view, 5>;

/// Lines of five fields with tabs between; others, and those without name or version, are skipped.
std::vector<Fields> table(std::string_view output)
{
    auto rows = procfs::tab_table<std::tuple_size_v<Fields>>(output);
    std::erase_if(rows, [](Fields const& row) { return row[0].empty() || row[2].empty(); });
    return rows;
}

Fact<std::int64_t> size_in(std::string_view text)
{
    auto const number = procfs::to_integer(text);
    if (!number || *number < 0) return fail(errc::not_found, "rpm: size");
    return *number;
}

/// rpm writes this where a field is empty.
Fact<std::string> field_or_missing(std::string_view text)
{
    if (text.empty() || text == "(none)") return fail(errc::not_found, "rpm: field missing");
    return std::string(text);
}

/// "1:5.1-2" → "5.1-2": file names and advisories have no epoch.
std::string_view without_epoch(std::string_view version)
{
    auto const colon = version.find(':');
    return colon == std::string_view::npos ? version : version.substr(colon + 1);
}

std::string nevra(Fields const& row) { return fmt::format("{}-{}.{}", row[0], without_epoch(row[2]), row[1]); }

} // namespace

std::vector<Package> parse_rpm_list(std::string_view output)
{
    std::vector<Package> packages;
    auto const rows = table(output);
    std::map<std::string_view, std::set<std::string_view>> architectures;
    std::map<std::pair<std::string_view, std::string_view>, int> versions;
    for (auto const& row : rows) {
        architectures[row[0]].insert(row[1]);
        ++versions[{row[0], row[1]}];
    }
    for (auto const& row : rows) {
        // Keys of the vendors are listed among the packages.
        if (row[0] == "gpg-pubkey") continue;
        std::string name(row[0]);
        if (architectures[row[0]].size() > 1) name += fmt::format(".{}", row[1]);
        if (versions[{row[0], row[1]}] > 1) name += fmt::format(" {}", row[2]);
        packages.push_back({.name = std::move(name),
                            .version = std::string(row[2]),
                            .architecture = field_or_missing(row[1]),
                            .publisher = field_or_missing(row[3]),
                            .size_bytes = size_in(row[4]),
                            .source = "rpm"});
    }
    return packages;
}

std::vector<Patch> parse_dnf_upgrades(std::string_view output, std::string_view installed)
{
    // Of several installed kernels the newest is the one that is followed.
    std::map<std::pair<std::string_view, std::string_view>, std::string_view> present;
    for (auto const& row : table(installed)) {
        auto& version = present[{row[0], row[1]}];
        if (version.empty() || std::is_gt(compare_versions(row[2], version))) version = row[2];
    }
    auto const rows = table(output);
    std::map<std::string_view, int> times;
    for (auto const& row : rows)
        ++times[row[0]];
    std::vector<Patch> patches;
    for (auto const& row : rows) {
        Patch patch;
        patch.package = std::string(row[0]);
        if (times[row[0]] > 1) patch.package += fmt::format(".{}", row[1]);
        if (auto const found = present.find({row[0], row[1]}); found != present.end())
            patch.installed_version = std::string(found->second);
        patch.available_version = std::string(row[2]);
        patch.origin = std::string(row[3]);
        patch.size_bytes = size_in(row[4]);
        patches.push_back(std::move(patch));
    }
    return patches;
}

bool lacks_dnf_cache(std::string_view output, std::string_view errors)
{
    return errors.find("no cache for") != std::string_view::npos && table(output).empty();
}

std::set<std::string, std::less<>> parse_dnf_advisories(std::string_view output)
{
    static constexpr std::array<std::string_view, 9> architectures = {
        ".noarch", ".x86_64", ".i686", ".i586", ".aarch64", ".armv7hl", ".ppc64le", ".s390x", ".riscv64"};
    std::set<std::string, std::less<>> found;
    for (auto const line : procfs::lines(output))
        for (auto const word : procfs::words(line))
            if (std::any_of(architectures.begin(), architectures.end(), [&](auto end) { return word.ends_with(end); }))
                found.emplace(word);
    return found;
}

void mark_security(std::vector<Patch>& patches, std::set<std::string, std::less<>> const& advised,
                   std::string_view upgrades)
{
    auto const rows = table(upgrades);
    // The same lines in the same order.
    for (std::size_t i = 0; i < std::min(patches.size(), rows.size()); ++i)
        patches[i].security = advised.contains(nevra(rows[i]));
}

} // namespace rollcall::platform
