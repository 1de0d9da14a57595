#include "platform/arguments.hpp"

namespace rollcall::platform
{

std::vector<std::string> arguments(int count, char const* const* words)
{
    if (count < 1) return {};
    return {words + 1, words + count};
}

} // namespace rollcall::platform
