#include "platform/windows/update_list.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

/// The classification "Security Updates" (IUpdate::Categories; "WSUS Classification GUIDs").
constexpr std::string_view security_updates = "0fa1201d-4330-4fa8-8ae9-b877473b6441";

bool same_guid(std::string_view a, std::string_view b)
{
    auto const small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return small(x) == small(y); });
}

Fact<bool> is_security(AvailableUpdate const& update)
{
    if (!update.severity.empty()) return true;
    auto const& all = update.categories;
    if (std::any_of(all.begin(), all.end(), [](auto const& one) { return same_guid(one.id, security_updates); }))
        return true;
    if (!update.categories_known) return fail(errc::io, "patches: its categories could not be read");
    return false;
}

std::string origin_of(AvailableUpdate const& update, std::string_view source)
{
    std::string origin(source);
    for (auto const& category : update.categories)
        if (category.type == "UpdateClassification") {
            origin += fmt::format(": {}", category.name);
            break;
        }
    if (!update.severity.empty()) origin += fmt::format(" ({})", update.severity);
    return origin;
}

/// The title, with the numbers of its articles that are not in it.
std::string name_with_articles(std::string name, std::vector<std::string> const& kb_ids)
{
    for (auto const& id : kb_ids)
        if (!id.empty() && name.find(id) == std::string::npos) name += fmt::format(" (KB{})", id);
    return name;
}

std::string version_of(UpdateTitle const& title, std::vector<std::string> const& kb_ids)
{
    if (!title.version.empty()) return title.version;
    std::string list;
    for (auto const& id : kb_ids)
        list += fmt::format("{}KB{}", list.empty() ? "" : ", ", id);
    return list;
}

} // namespace

UpdateTitle split_update_title(std::string_view title)
{
    // "Security Intelligence Update for Microsoft Defender Antivirus - KB2267602 (Version 1.401.123.0) - Current …"
    static constexpr std::string_view mark = "(Version ";
    auto const begin = title.find(mark);
    auto const end = begin == std::string_view::npos ? begin : title.find(')', begin);
    if (end == std::string_view::npos) return {.name = std::string(title), .version = {}};
    auto const version = title.substr(begin + mark.size(), end - begin - mark.size());
    if (version.empty() || version.find_first_not_of("0123456789.") != std::string_view::npos)
        return {.name = std::string(title), .version = {}};
    auto before = title.substr(0, begin);
    while (before.ends_with(' '))
        before.remove_suffix(1);
    return {.name = fmt::format("{}{}", before, title.substr(end + 1)), .version = std::string(version)};
}

std::vector<Patch> patches_of(std::vector<AvailableUpdate> const& updates, std::string_view source)
{
    static constexpr std::size_t id_letters = 8;
    std::vector<Patch> patches;
    std::set<std::string, std::less<>> taken;
    for (auto const& update : updates) {
        auto const title = split_update_title(update.title);
        Patch patch;
        patch.package = name_with_articles(title.name, update.kb_ids);
        if (patch.package.empty()) patch.package = update.id;
        // Drivers of one maker share a title.
        if (taken.contains(patch.package)) patch.package += fmt::format(" [{}]", update.id.substr(0, id_letters));
        if (!taken.insert(patch.package).second) continue;
        patch.available_version = version_of(title, update.kb_ids);
        patch.security = is_security(update);
        if (update.downloaded)
            patch.size_bytes = std::int64_t{0};
        else
            patch.size_bytes = update.download_bytes;
        patch.origin = origin_of(update, source);
        patches.push_back(std::move(patch));
    }
    return patches;
}

} // namespace rollcall::platform
