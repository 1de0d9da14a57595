#include "platform/macos/sysctl.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/sysctl.h>

#include <fmt/format.h>

namespace rollcall::platform
{

Fact<std::string> sysctl_text(char const* name)
{
    std::array<char, 1024> text{};
    auto size = text.size();
    if (::sysctlbyname(name, text.data(), &size, nullptr, 0) != 0)
        return fail_errno(errno, fmt::format("sysctl {}", name));
    std::string word(text.data(), ::strnlen(text.data(), size));
    if (word.empty()) return fail(errc::not_found, fmt::format("sysctl {}: empty", name));
    return word;
}

Fact<std::int64_t> sysctl_number(char const* name)
{
    std::int64_t wide = 0;
    auto size = sizeof wide;
    if (::sysctlbyname(name, &wide, &size, nullptr, 0) != 0) return fail_errno(errno, fmt::format("sysctl {}", name));
    if (size == sizeof wide) return wide;
    std::int32_t narrow = 0;
    if (size != sizeof narrow) return fail(errc::bad_message, fmt::format("sysctl {}: {} bytes", name, size));
    std::memcpy(&narrow, &wide, sizeof narrow);
    return std::int64_t{narrow};
}

Result<std::vector<char>> sysctl_table(std::vector<int> name, char const* step)
{
    static constexpr std::size_t most = 64UL * 1024 * 1024;
    for (int tries = 0; tries < 5; ++tries) {
        std::size_t size = 0;
        auto const count = static_cast<unsigned>(name.size());
        if (::sysctl(name.data(), count, nullptr, &size, nullptr, 0) != 0) return fail_errno(errno, step);
        size += size / 4 + 1024;
        if (size > most) return fail(errc::limit_exceeded, fmt::format("{}: {} bytes", step, size));
        std::vector<char> table(size);
        if (::sysctl(name.data(), count, table.data(), &size, nullptr, 0) == 0) {
            table.resize(size);
            return table;
        }
        if (errno != ENOMEM) return fail_errno(errno, step);
    }
    return fail(errc::busy, fmt::format("{}: it grows faster than it is read", step));
}

} // namespace rollcall::platform
