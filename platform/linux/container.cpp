#include "platform/linux/container.hpp"

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

std::string container_manager(Root const& root)
{
    for (auto const* const file : {"/run/host/container-manager", "/run/systemd/container"})
        if (auto const name = procfs::read_word(root / file)) return *name;

    if (auto const environment = procfs::read_file(root / "/proc/1/environ")) {
        std::string_view rest = *environment;
        while (!rest.empty()) {
            auto const end = rest.find('\0');
            auto const entry = rest.substr(0, end);
            static constexpr std::string_view name = "container=";
            if (entry.starts_with(name) && entry.size() > name.size()) return std::string(entry.substr(name.size()));
            if (end == std::string_view::npos) break;
            rest.remove_prefix(end + 1);
        }
    }
    if (procfs::exists(root / "/run/.containerenv")) return "podman";
    if (procfs::exists(root / "/.dockerenv")) return "docker";
    if (procfs::exists(root / "/proc/vz") && !procfs::exists(root / "/proc/bc")) return "openvz";
    if (auto const release = procfs::read_word(root / "/proc/sys/kernel/osrelease");
        release && (release->find("Microsoft") != std::string::npos || release->find("WSL") != std::string::npos))
        return "wsl";
    return {};
}

} // namespace rollcall::platform
