#include "platform/sessions.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <optional>

#include <pwd.h>
#include <sys/stat.h>
#include <utmpx.h>

#include <fmt/format.h>

#include "platform/macos/console.hpp"
#include "platform/macos/io_registry.hpp"

namespace rollcall::platform
{

namespace
{

template <std::size_t size>
std::string record_field(char const (&text)[size])
{
    return std::string(text, ::strnlen(text, size));
}

MacLogin login_of(utmpx const& record)
{
    static constexpr UnixMs ms_per_s = 1'000;
    static constexpr UnixMs us_per_ms = 1'000;
    return {.user = record_field(record.ut_user),
            .line = record_field(record.ut_line),
            .host = record_field(record.ut_host),
            .pid = record.ut_pid,
            .at_ms = UnixMs{record.ut_tv.tv_sec} * ms_per_s + record.ut_tv.tv_usec / us_per_ms};
}

/// The functions of utmpx keep one place for all threads.
std::mutex& utmpx_lock()
{
    static std::mutex lock;
    return lock;
}

std::vector<MacLogin> current_logins()
{
    std::lock_guard const guard(utmpx_lock());
    std::vector<MacLogin> logins;
    ::setutxent();
    while (auto const* const record = ::getutxent()) {
        if (record->ut_type != USER_PROCESS) continue;
        // Who was killed left the record behind.
        if (::kill(record->ut_pid, 0) != 0 && errno == ESRCH) continue;
        logins.push_back(login_of(*record));
    }
    ::endutxent();
    return logins;
}

/// The newest of the log of log-ins, which outlives a reboot.
std::optional<MacLogin> remembered_login()
{
    std::lock_guard const guard(utmpx_lock());
    static constexpr int newest_first = 0;
    static constexpr int most_records = 2'000;
    std::optional<MacLogin> found;
    ::setutxent_wtmp(newest_first);
    for (int i = 0; i < most_records && !found; ++i) {
        auto const* const record = ::getutxent_wtmp();
        if (record == nullptr) break;
        if (record->ut_type != USER_PROCESS) continue;
        auto login = login_of(*record);
        if (is_mac_person(login.user)) found = std::move(login);
    }
    ::endutxent_wtmp();
    return found;
}

std::string console_owner()
{
    struct stat facts {
    };
    if (::stat("/dev/console", &facts) != 0) return {};
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(facts.st_uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return {};
    return found->pw_name;
}

Fact<UnixMs> terminal_input(std::string const& line)
{
    static constexpr UnixMs ms_per_s = 1'000;
    static constexpr UnixMs ns_per_ms = 1'000'000;
    struct stat facts {
    };
    if (line.empty() || line.find('/') != std::string::npos)
        return fail(errc::bad_message, "sessions: no name of a terminal");
    auto const path = fmt::format("/dev/{}", line);
    if (::stat(path.c_str(), &facts) != 0) return fail_errno(errno, path);
    return UnixMs{facts.st_atimespec.tv_sec} * ms_per_s + facts.st_atimespec.tv_nsec / ns_per_ms;
}

Result<std::vector<ConsoleUser>> read_console_users()
{
    auto const value = io_root_property("IOConsoleUsers");
    if (value) return console_users(*value);
    // Nobody sits before a machine whose window server never ran.
    if (reason(value.error()) == to_string(errc::not_found)) return std::vector<ConsoleUser>{};
    return fail(value.error(), "sessions");
}

Result<std::int64_t> read_idle_ns()
{
    auto const services = io_services("IOHIDSystem", {"HIDIdleTime"});
    if (!services) return fail(services.error(), "sessions");
    for (auto const& service : *services)
        if (auto const idle_ns = service.integer("HIDIdleTime")) return *idle_ns;
    return fail(errc::not_supported, "sessions: no HIDIdleTime");
}

class MacSessions final : public Sessions
{
public:
    [[nodiscard]] Result<std::vector<Session>> list() const override
    {
        MacSessionFacts facts;
        facts.logins = current_logins();
        facts.console = read_console_users();
        facts.console_owner = console_owner();
        facts.idle_ns = read_idle_ns();
        facts.last_input = terminal_input;
        facts.now_ms = SystemClock{}.now_ms();
        return judge_mac_sessions(facts);
    }

    [[nodiscard]] Result<LastLogin> last_login() const override
    {
        auto newest = remembered_login();
        for (auto& login : current_logins())
            if (is_mac_person(login.user) && (!newest || login.at_ms > newest->at_ms)) newest = std::move(login);
        if (!newest) return fail(errc::not_found, "last_login: no log-in is on record");
        return LastLogin{
            .user = newest->user, .at_ms = newest->at_ms, .kind = mac_login_kind(*newest), .from = newest->host};
    }
};

} // namespace

std::unique_ptr<Sessions> make_sessions(Root const& /*root*/) { return std::make_unique<MacSessions>(); }

} // namespace rollcall::platform
