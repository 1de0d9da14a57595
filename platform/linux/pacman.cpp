#include "platform/linux/pacman.hpp"

#include <map>

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

std::vector<Patch> parse_pacman_upgrades(std::string_view output)
{
    std::vector<Patch> patches;
    for (auto const line : procfs::lines(output)) {
        auto const words = procfs::words(procfs::trim(line));
        // With "[ignored]" behind, it is one word more.
        if (words.size() != 4 || words[2] != "->") continue;
        Patch patch;
        patch.package = std::string(words[0]);
        patch.installed_version = std::string(words[1]);
        patch.available_version = std::string(words[3]);
        patch.security = fail(errc::not_supported, "pacman: it does not tell");
        patch.size_bytes = fail(errc::not_supported, "pacman: it does not tell");
        patches.push_back(std::move(patch));
    }
    return patches;
}

std::optional<Package> parse_pacman_desc(std::string_view text)
{
    std::map<std::string_view, std::string_view> fields;
    std::string_view field;
    for (auto const line : procfs::lines(text)) {
        auto const word = procfs::trim(line);
        if (word.empty())
            field = {};
        else if (field.empty() && word.size() > 2 && word.front() == '%' && word.back() == '%')
            field = word;
        else if (!field.empty())
            fields.emplace(field, word); // The first line counts.
    }
    Package package;
    package.name = fields["%NAME%"];
    package.version = fields["%VERSION%"];
    package.source = "pacman";
    if (package.name.empty() || package.version.empty()) return std::nullopt;
    auto const text_of = [&](std::string_view name) -> Fact<std::string> {
        auto const found = fields.find(name);
        if (found == fields.end()) return fail(errc::not_found, "pacman: field missing");
        return std::string(found->second);
    };
    package.architecture = text_of("%ARCH%");
    package.publisher = text_of("%PACKAGER%");
    auto const size = procfs::to_integer(fields["%SIZE%"]);
    // Packages without a single file say nothing.
    if (size && *size >= 0)
        package.size_bytes = *size;
    else
        package.size_bytes = fail(errc::not_found, "pacman: size");
    return package;
}

} // namespace rollcall::platform
