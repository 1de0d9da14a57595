#include "platform/linux/dpkg.hpp"

#include <limits>

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

struct Paragraph {
    std::string_view name;
    std::string_view status;
    std::string_view version;
    std::string_view architecture;
    std::string_view maintainer;
    std::string_view installed_size;
};

Fact<std::string> text_or_missing(std::string_view text)
{
    if (text.empty()) return fail(errc::not_found, "dpkg: field missing");
    return std::string(text);
}

Fact<std::int64_t> bytes_of(std::string_view kibibytes)
{
    static constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / 1024);
    auto const number = procfs::to_number(kibibytes);
    if (!number || *number > most) return fail(errc::not_found, "dpkg: Installed-Size");
    return static_cast<std::int64_t>(*number) * 1024;
}

void add(std::vector<Package>& packages, Paragraph const& seen)
{
    auto const status = procfs::words(seen.status);
    if (seen.name.empty() || seen.version.empty() || status.size() != 3 || status[2] != "installed") return;
    packages.push_back({.name = std::string(seen.name),
                        .version = std::string(seen.version),
                        .architecture = text_or_missing(seen.architecture),
                        .publisher = text_or_missing(seen.maintainer),
                        .size_bytes = bytes_of(seen.installed_size),
                        .source = "dpkg"});
}

} // namespace

std::vector<Package> parse_dpkg_status(std::string_view text)
{
    std::vector<Package> packages;
    Paragraph seen;
    while (!text.empty()) {
        auto const end = text.find('\n');
        auto const line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty()) {
            add(packages, seen);
            seen = {};
            continue;
        }
        if (line.front() == ' ' || line.front() == '\t') continue;
        auto const colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        auto const field = line.substr(0, colon);
        auto const value = procfs::trim(line.substr(colon + 1));
        if (field == "Package")
            seen.name = value;
        else if (field == "Status")
            seen.status = value;
        else if (field == "Version")
            seen.version = value;
        else if (field == "Architecture")
            seen.architecture = value;
        else if (field == "Maintainer")
            seen.maintainer = value;
        else if (field == "Installed-Size")
            seen.installed_size = value;
    }
    add(packages, seen);

    std::map<std::string, int, std::less<>> times;
    for (auto const& package : packages)
        ++times[package.name];
    for (auto& package : packages)
        if (times[package.name] > 1 && package.architecture) package.name += ":" + *package.architecture;
    return packages;
}

} // namespace rollcall::platform
