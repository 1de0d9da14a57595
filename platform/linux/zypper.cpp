#include "platform/linux/zypper.hpp"

#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

std::string without_entities(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, char>, 5> entities = {
        {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};
    std::string plain;
    while (!text.empty()) {
        std::size_t used = 0;
        for (auto const& [entity, c] : entities)
            if (text.starts_with(entity)) {
                plain += c;
                used = entity.size();
            }
        if (used == 0) {
            plain += text.front();
            used = 1;
        }
        text.remove_prefix(used);
    }
    return plain;
}

/// `name="value"` within a start tag; empty where it is not there.
std::string attribute(std::string_view tag, std::string_view name)
{
    auto const wanted = fmt::format(" {}=\"", name);
    auto const begin = tag.find(wanted);
    if (begin == std::string_view::npos) return {};
    auto const value = tag.substr(begin + wanted.size());
    auto const end = value.find('"');
    return end == std::string_view::npos ? std::string() : without_entities(value.substr(0, end));
}

/// Calls `each(start tag, everything up to the next update)` for every element `update`.
template <class Each>
void for_each_update(std::string_view output, Each each)
{
    static constexpr std::string_view mark = "<update ";
    auto at = output.find(mark);
    while (at != std::string_view::npos) {
        auto const next = output.find(mark, at + mark.size());
        auto const element = output.substr(at, next == std::string_view::npos ? next : next - at);
        if (auto const end = element.find('>'); end != std::string_view::npos) each(element.substr(0, end), element);
        at = next;
    }
}

} // namespace

std::vector<Patch> parse_zypper_updates(std::string_view output)
{
    std::vector<Patch> patches;
    std::vector<std::string> architectures;
    std::map<std::string, int, std::less<>> times;
    for_each_update(output, [&](std::string_view tag, std::string_view element) {
        Patch patch;
        patch.package = attribute(tag, "name");
        patch.available_version = attribute(tag, "edition");
        patch.installed_version = attribute(tag, "edition-old");
        if (patch.package.empty() || patch.available_version.empty() || attribute(tag, "kind") != "package") return;
        static constexpr std::string_view source = "<source ";
        if (auto const at = element.find(source); at != std::string_view::npos)
            patch.origin = attribute(element.substr(at, element.find('>', at) - at), "alias");
        patch.size_bytes = fail(errc::not_supported, "zypper: it tells no sizes");
        architectures.push_back(attribute(tag, "arch"));
        ++times[patch.package];
        patches.push_back(std::move(patch));
    });
    for (std::size_t i = 0; i < patches.size(); ++i)
        if (times[patches[i].package] > 1) patches[i].package += "." + architectures[i];
    return patches;
}

std::vector<std::string> parse_zypper_patches(std::string_view output)
{
    std::vector<std::string> names;
    for_each_update(output, [&](std::string_view tag, std::string_view /*element*/) {
        if (attribute(tag, "kind") != "patch" || attribute(tag, "category") != "security") return;
        if (auto const status = attribute(tag, "status"); !status.empty() && status != "needed") return;
        // It becomes a word of a command line.
        if (auto name = attribute(tag, "name"); !name.empty() && name.front() != '-') names.push_back(std::move(name));
    });
    return names;
}

std::set<std::string, std::less<>> parse_zypper_conflicts(std::string_view output)
{
    static constexpr std::array<std::string_view, 8> architectures = {".noarch",  ".x86_64", ".i586",    ".i686",
                                                                      ".aarch64", ".s390x",  ".ppc64le", ".armv7hl"};
    std::set<std::string, std::less<>> names;
    for (auto const line : procfs::lines(output)) {
        auto words = procfs::words(procfs::trim(line));
        // One stands behind the head, several stand below it: "Conflicts   : bash < 5.1-2".
        if (words.size() == 5 && words[0] == "Conflicts" && words[1] == ":")
            words.erase(words.begin(), words.begin() + 2);
        if (words.size() != 3 || words[1] != "<" || words[0].starts_with("srcpackage:")) continue;
        names.emplace(words[0]);
        for (auto const end : architectures)
            if (words[0].ends_with(end)) names.emplace(words[0].substr(0, words[0].size() - end.size()));
    }
    return names;
}

bool lacks_zypper_repositories(std::string_view output)
{
    return output.find("No repositories defined") != std::string_view::npos;
}

} // namespace rollcall::platform
