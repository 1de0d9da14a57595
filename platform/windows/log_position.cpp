#include "platform/windows/log_position.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

constexpr std::string_view position_word = "record ";

constexpr std::array<std::string_view, 8> login_providers = {"LsaSrv",
                                                             "LSA",
                                                             "NETLOGON",
                                                             "SAM",
                                                             "TermService",
                                                             "Microsoft-Windows-Winlogon",
                                                             "Microsoft-Windows-TerminalServices",
                                                             "Microsoft-Windows-Directory-Services-SAM"};

} // namespace

std::string to_text(LogPosition position) { return fmt::format("{}{}", position_word, position.record_id); }

std::optional<LogPosition> parse_log_position(std::string_view text)
{
    if (!text.starts_with(position_word)) return std::nullopt;
    text.remove_prefix(position_word.size());
    LogPosition position;
    auto const [stop, error] = std::from_chars(text.data(), text.data() + text.size(), position.record_id);
    if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
    return position;
}

bool is_error_level(std::uint32_t level)
{
    static constexpr std::uint32_t error_level = 2; // WINEVENT_LEVEL_ERROR
    return level == critical_level || level == error_level;
}

bool is_about_logins(std::string_view provider)
{
    return provider.starts_with("Microsoft-Windows-Security-") ||
           std::any_of(login_providers.begin(), login_providers.end(),
                       [&](std::string_view one) { return provider.starts_with(one); });
}

} // namespace rollcall::platform
