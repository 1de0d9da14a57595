#include "platform/linux/bundles.hpp"

#include <map>

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

static std::string_view unquote(std::string_view text)
{
    if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
        return text.substr(1, text.size() - 2);
    return text;
}

std::optional<Package> parse_snap(std::string_view yaml)
{
    std::map<std::string_view, std::string_view> fields;
    for (auto const line : procfs::lines(yaml)) {
        // Indented lines belong to something further in.
        if (line.empty() || line.front() == ' ' || line.front() == '\t' || line.front() == '#') continue;
        auto const colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        fields.emplace(procfs::trim(line.substr(0, colon)), unquote(procfs::trim(line.substr(colon + 1))));
    }
    Package package;
    package.name = fields["name"];
    package.version = fields["version"];
    if (package.name.empty() || package.version.empty()) return std::nullopt;
    package.source = "snap";
    package.architecture = fail(errc::not_supported, "snap: not told");
    package.publisher = fail(errc::not_supported, "snap: not told");
    package.size_bytes = fail(errc::not_supported, "snap: not told");
    return package;
}

std::vector<Package> parse_flatpak_list(std::string_view output)
{
    std::vector<Package> packages;
    for (auto const& fields : procfs::tab_table<4>(output)) {
        if (fields[0].empty()) continue;
        Package package;
        package.name = std::string(fields[0]);
        package.version = std::string(fields[1]);
        package.architecture = std::string(fields[2]);
        package.publisher = std::string(fields[3]);
        package.size_bytes = fail(errc::not_supported, "flatpak: it rounds");
        package.source = "flatpak";
        packages.push_back(std::move(package));
    }
    return packages;
}

} // namespace rollcall::platform
