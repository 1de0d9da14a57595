#include "platform/linux/needs_restarting.hpp"

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

std::string updated_packages(std::string_view output)
{
    std::string list;
    for (auto const line : procfs::lines(output)) {
        auto const words = procfs::words(procfs::trim(line));
        // dnf 4 writes "* kernel", dnf 5 adds "(since …)" to it.
        if (words.size() < 2 || words[0] != "*") continue;
        if (!list.empty()) list += ", ";
        list += words[1];
    }
    return list;
}

} // namespace rollcall::platform
