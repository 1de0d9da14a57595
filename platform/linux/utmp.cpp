#include "platform/linux/utmp.hpp"

#include <cstring>

#include <lastlog.h>
#include <utmp.h>

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

static_assert(sizeof(struct utmp) == utmp_record_bytes, "utmp(5) of another layout");
static_assert(sizeof(struct lastlog) == lastlog_record_bytes, "lastlog(8) of another layout");

/// A field of fixed size that may lack its final zero.
template <std::size_t size>
static std::string field(char const (&text)[size])
{
    return std::string(text, ::strnlen(text, size));
}

std::vector<LoginRecord> parse_utmp(std::string_view bytes)
{
    std::vector<LoginRecord> records;
    for (; bytes.size() >= sizeof(struct utmp); bytes.remove_prefix(sizeof(struct utmp))) {
        struct utmp raw {
        };
        std::memcpy(&raw, bytes.data(), sizeof raw);
        if (raw.ut_type != USER_PROCESS || raw.ut_user[0] == 0) continue;
        // Seconds have 32 bits here; without sign they last until 2106.
        auto const seconds = static_cast<std::uint32_t>(raw.ut_tv.tv_sec);
        records.push_back({.pid = raw.ut_pid,
                           .id = field(raw.ut_id),
                           .user = field(raw.ut_user),
                           .terminal = field(raw.ut_line),
                           .from = field(raw.ut_host),
                           .at_ms = UnixMs{seconds} * 1000 + raw.ut_tv.tv_usec / 1000});
    }
    return records;
}

std::string login_kind(LoginRecord const& record)
{
    // Desktops write their display (":0") as terminal or host.
    if (record.terminal.starts_with(':') || record.from.starts_with(':')) return "desktop";
    if (!record.from.empty()) return "remote";
    return "console";
}

std::optional<LoginRecord> newest_lastlog(std::string_view bytes, std::map<std::uint32_t, std::string> const& users)
{
    std::optional<LoginRecord> newest;
    for (auto const& [number, name] : users) {
        auto const offset = std::uint64_t{number} * sizeof(struct lastlog);
        if (offset + sizeof(struct lastlog) > bytes.size()) continue;
        struct lastlog raw {
        };
        std::memcpy(&raw, bytes.data() + offset, sizeof raw);
        auto const at_ms = UnixMs{static_cast<std::uint32_t>(raw.ll_time)} * 1000;
        if (at_ms == 0 || (newest && newest->at_ms >= at_ms)) continue;
        newest = LoginRecord{.user = name, .terminal = field(raw.ll_line), .from = field(raw.ll_host), .at_ms = at_ms};
    }
    return newest;
}

std::map<std::uint32_t, std::string> parse_passwd(std::string_view text)
{
    std::map<std::uint32_t, std::string> users;
    for (auto const line : procfs::lines(text)) {
        auto const first = line.find(':');
        auto const second = first == std::string_view::npos ? first : line.find(':', first + 1);
        auto const third = second == std::string_view::npos ? second : line.find(':', second + 1);
        if (third == std::string_view::npos || first == 0) continue;
        auto const number = procfs::to_number(line.substr(second + 1, third - second - 1));
        if (number && *number <= UINT32_MAX)
            users.emplace(static_cast<std::uint32_t>(*number), std::string(line.substr(0, first)));
    }
    return users;
}

} // namespace rollcall::platform
