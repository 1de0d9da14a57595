#include "platform/linux/apt.hpp"

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

/// "%3a" → ":"; anything malformed stays as it is.
std::string unescape(std::string_view text)
{
    auto const digit = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    };
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
            plain += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

std::string lower(std::string_view text)
{
    std::string small(text);
    for (auto& c : small)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return small;
}

} // namespace

bool is_security_origin(std::string_view origin)
{
    auto const small = lower(origin);
    std::string_view rest = small;
    // Each source reads label:version/suite; version may be missing.
    while (!rest.empty()) {
        auto const comma = rest.find(',');
        auto const source = procfs::trim(rest.substr(0, comma));
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        auto const label = source.substr(0, source.find(':'));
        auto const slash = source.rfind('/');
        auto const suite = slash == std::string_view::npos ? std::string_view{} : source.substr(slash + 1);
        if (label.ends_with("-security") || label.starts_with("ubuntuesm") || suite.ends_with("-security")) return true;
        if (suite == "security" || label == "security") return true;
    }
    return false;
}

std::vector<Patch> parse_apt_simulation(std::string_view output)
{
    std::vector<Patch> patches;
    for (auto const line : procfs::lines(output)) {
        static constexpr std::string_view head = "Inst ";
        if (!line.starts_with(head)) continue;
        auto rest = line.substr(head.size());
        Patch patch;
        auto const blank = rest.find(' ');
        if (blank == std::string_view::npos || blank == 0) continue;
        patch.package = std::string(rest.substr(0, blank));
        rest = procfs::trim(rest.substr(blank));
        if (rest.starts_with('[')) {
            auto const end = rest.find(']');
            if (end == std::string_view::npos) continue;
            patch.installed_version = std::string(rest.substr(1, end - 1));
            rest = procfs::trim(rest.substr(end + 1));
        }
        auto const close = rest.find(')');
        if (!rest.starts_with('(') || close == std::string_view::npos) continue;
        auto inside = rest.substr(1, close - 1);
        auto const after_version = inside.find(' ');
        patch.available_version = std::string(inside.substr(0, after_version));
        if (patch.available_version.empty()) continue;
        if (after_version != std::string_view::npos) {
            inside = inside.substr(after_version + 1);
            patch.origin = std::string(procfs::trim(inside.substr(0, inside.rfind('['))));
        }
        patch.security = is_security_origin(patch.origin);
        patches.push_back(std::move(patch));
    }
    return patches;
}

std::map<std::string, std::int64_t, std::less<>> parse_apt_uris(std::string_view output)
{
    std::map<std::string, std::int64_t, std::less<>> sizes;
    for (auto const line : procfs::lines(output)) {
        // 'http://mirror.example/…/tar_1.34_amd64.deb' tar_1.34+dfsg-1.2_amd64.deb 870996 SHA256:…
        auto const uri_end = line.size() > 1 && line.front() == '\'' ? line.find('\'', 1) : std::string_view::npos;
        if (uri_end == std::string_view::npos) continue;
        auto const parts = procfs::words(line.substr(uri_end + 1));
        if (parts.size() < 2) continue;
        auto const size = procfs::to_integer(parts[1]);
        auto const first = parts[0].find('_');
        auto const second = parts[0].find('_', first == std::string_view::npos ? first : first + 1);
        if (!size || *size < 0 || second == std::string_view::npos) continue;
        sizes.insert_or_assign(std::string(parts[0].substr(0, first)) + ' ' +
                                   unescape(parts[0].substr(first + 1, second - first - 1)),
                               *size);
    }
    return sizes;
}

} // namespace rollcall::platform
