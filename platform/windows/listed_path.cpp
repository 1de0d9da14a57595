#include "platform/windows/listed_path.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

namespace rollcall::platform
{

std::vector<std::string> listed_paths(std::string_view text)
{
    static constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    static constexpr std::string_view blanks = " \t\r";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    std::set<std::string> paths;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        line = line.substr(0, line.find_last_not_of(blanks) + 1);
        if (!line.empty() && !line.starts_with('#')) paths.emplace(line);
    }
    return {paths.begin(), paths.end()};
}

/// CON, NUL, COM1 and their like are devices in every folder, with whatever extension (Naming Files, Paths, and
/// Namespaces).
static bool is_device_name(std::string_view part)
{
    static constexpr std::array<std::string_view, 4> devices = {"con", "prn", "aux", "nul"};
    auto name = std::string(part.substr(0, part.find('.')));
    name.erase(name.find_last_not_of(' ') + 1);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char one) { return one >= 'A' && one <= 'Z' ? static_cast<char>(one - 'A' + 'a') : one; });
    bool const is_port =
        name.size() == 4 && (name.starts_with("com") || name.starts_with("lpt")) && name[3] >= '0' && name[3] <= '9';
    return is_port || std::find(devices.begin(), devices.end(), name) != devices.end();
}

Result<> check_listed_path(std::string_view path)
{
    /// What a row's key may hold on the wire.
    static constexpr std::size_t longest = 512;
    auto const refuse = [&] {
        return fail(errc::bad_input,
                    fmt::format(R"(files: {}: a line is a whole path of this machine (C:\...) of at most {} bytes)",
                                path.substr(0, longest), longest));
    };
    bool const has_drive = path.size() >= 3 && path.size() <= longest &&
                           ((path[0] >= 'A' && path[0] <= 'Z') || (path[0] >= 'a' && path[0] <= 'z')) &&
                           path[1] == ':' && (path[2] == '\\' || path[2] == '/');
    if (!has_drive) return refuse();
    auto rest = path.substr(3);
    // A colon would name a stream within a file, and patterns name more than one.
    if (rest.find_first_of(":*?\"<>|") != std::string_view::npos ||
        std::any_of(rest.begin(), rest.end(), [](char one) { return static_cast<unsigned char>(one) < ' '; }))
        return refuse();
    while (!rest.empty()) {
        auto const end = std::min(rest.find_first_of("\\/"), rest.size());
        if (is_device_name(rest.substr(0, end))) return refuse();
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}

} // namespace rollcall::platform
