#include "agent/update/words.hpp"

#include <fmt/format.h>

namespace rollcall::update
{

std::string for_people(Memory const& memory, std::string const& installed, std::string const& running,
                       bool takes_updates, bool paused)
{
    auto lines = fmt::format("installed    {}\nrunning      {}\n", installed, running.empty() ? "nothing" : running);
    if (memory.active) lines += fmt::format("confirmed    {}\n", to_string(*memory.active));
    if (memory.wanted) lines += fmt::format("on its way   {}\n", to_string(*memory.wanted));
    if (memory.trial)
        lines += fmt::format("on trial     {}, started {} times\n", to_string(memory.trial->version),
                             memory.trial->attempts);
    for (auto const& failure : memory.failures)
        lines += fmt::format("failed       {}: {}\n", to_string(failure.version), failure.reason);
    if (!takes_updates)
        lines += "updates      this build has no key for updates, so it takes none\n";
    else if (paused)
        lines += "updates      paused on this machine: rollcall-agent update --resume\n";
    return lines;
}

} // namespace rollcall::update
