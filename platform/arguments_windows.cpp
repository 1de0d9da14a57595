#include "platform/arguments.hpp"

#include <windows.h>

#include "platform/windows/command_line.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

// Before Windows 10 1903, and so on Server 2016 and 2019, the manifest's activeCodePage is not heard.
std::vector<std::string> arguments(int /*count*/, char const* const* /*words*/)
{
    auto const all = split_command_line(::GetCommandLineW());
    std::vector<std::string> words;
    for (std::size_t number = 1; number < all.size(); ++number)
        words.push_back(utf8(all[number]));
    return words;
}

} // namespace rollcall::platform
