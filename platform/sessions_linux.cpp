#include "platform/sessions.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "platform/linux/logind.hpp"
#include "platform/linux/procfs.hpp"
#include "platform/linux/sdbus.hpp"
#include "platform/linux/utmp.hpp"

namespace rollcall::platform
{

namespace
{

constexpr auto login_name = "org.freedesktop.login1";
constexpr auto login_path = "/org/freedesktop/login1";

/// The newest records of a long wtmp suffice, in whole records.
constexpr std::size_t wtmp_tail_bytes = 1024 * utmp_record_bytes;
/// lastlog is as long as the largest user number asks for; it has holes, and beyond this size we leave it alone.
constexpr std::size_t lastlog_bytes = 64UL * 1024 * 1024;

/// The last `limit` bytes of a file of records.
Result<std::string> read_tail(std::string const& path, std::size_t limit)
{
    int const file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail_errno(errno, path);
    struct stat facts {
    };
    std::string content;
    if (::fstat(file, &facts) == 0) {
        auto const size = static_cast<std::size_t>(facts.st_size) / utmp_record_bytes * utmp_record_bytes;
        content.resize(std::min(size, limit));
        auto const got = ::pread(file, content.data(), content.size(), static_cast<off_t>(size - content.size()));
        content.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    }
    ::close(file);
    return content;
}

UnixMs now() { return SystemClock{}.now_ms(); }

class LinuxSessions final : public Sessions
{
public:
    explicit LinuxSessions(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<Session>> list() const override
    {
        if (root_.live()) {
            auto sessions = from_logind();
            if (sessions || reason(sessions.error()) != to_string(errc::not_supported)) return sessions;
        }
        return from_utmp();
    }

    [[nodiscard]] Result<LastLogin> last_login() const override
    {
        std::optional<LastLogin> newest;
        bool asked = false;
        auto const consider = [&](LastLogin login) {
            if (!newest || login.at_ms > newest->at_ms) newest = std::move(login);
        };
        auto const consider_record = [&](LoginRecord const& record) {
            consider(
                {.user = record.user, .at_ms = record.at_ms, .kind = login_kind(record), .from = remote_host(record)});
        };
        if (auto const bytes = read_tail(root_ / "/var/log/wtmp", wtmp_tail_bytes)) {
            asked = true;
            for (auto const& record : parse_utmp(*bytes))
                consider_record(record);
        }
        if (auto const bytes = procfs::read_file(root_ / "/var/log/lastlog", lastlog_bytes)) {
            asked = true;
            auto const passwd = procfs::read_file(root_ / "/etc/passwd");
            if (auto const record = newest_lastlog(*bytes, parse_passwd(passwd ? *passwd : std::string())))
                consider_record(*record);
        }
        if (auto const sessions = list()) {
            asked = true;
            for (auto const& session : *sessions)
                if (session.since_ms)
                    consider(
                        {.user = session.user, .at_ms = *session.since_ms, .kind = session.kind, .from = session.from});
        }
        if (!asked) return fail(errc::not_supported, "last_login: neither logind nor wtmp nor lastlog");
        if (!newest) return fail(errc::not_found, "last_login: no log-in is on record");
        return *std::move(newest);
    }

private:
    [[nodiscard]] static std::string remote_host(LoginRecord const& record)
    {
        return login_kind(record) == "remote" ? record.from : std::string();
    }

    [[nodiscard]] static Result<std::vector<Session>> from_logind()
    {
        // Asking for it would start it where nothing manages log-ins.
        if (!procfs::exists("/run/systemd/system")) return fail(errc::not_supported, "sessions: no logind");
        auto bus = sdbus::Bus::open_system();
        if (!bus) return fail(bus.error(), "sessions");
        auto reply = bus->call(login_name, login_path, "org.freedesktop.login1.Manager", "ListSessions", "");
        if (!reply) return fail(reply.error(), "sessions");
        std::vector<std::string> paths;
        if (reply->enter('a', "(susso)")) {
            while (reply->enter('r', "susso")) {
                reply->skip("suss");
                paths.push_back(reply->text('o'));
                reply->leave();
            }
            reply->leave();
        }
        if (!reply->good()) return fail(errc::bad_message, "sessions: ListSessions: an answer of another form");

        std::vector<Session> sessions;
        for (auto const& path : paths) {
            auto const seen = ask(*bus, path);
            // It may have ended since it was listed.
            if (!seen || !is_persons_session(*seen)) continue;
            sessions.push_back(judge_session(*seen, terminal_input(seen->terminal), now()));
        }
        return sessions;
    }

    [[nodiscard]] static Result<LogindSession> ask(sdbus::Bus& bus, std::string const& path)
    {
        auto reply = bus.call(login_name, path.c_str(), "org.freedesktop.DBus.Properties", "GetAll", "s",
                              "org.freedesktop.login1.Session");
        if (!reply) return reply.error();
        LogindSession session;
        std::map<std::string_view, std::string*> const texts = {
            {"Id", &session.id},           {"Name", &session.user},       {"Class", &session.session_class},
            {"Type", &session.type},       {"State", &session.state},     {"TTY", &session.terminal},
            {"Display", &session.display}, {"Desktop", &session.desktop}, {"RemoteHost", &session.remote_host}};
        std::map<std::string_view, bool*> const truths = {{"Remote", &session.remote},
                                                          {"Active", &session.active},
                                                          {"IdleHint", &session.idle_hint},
                                                          {"LockedHint", &session.locked_hint}};
        std::map<std::string_view, std::uint64_t*> const numbers = {{"IdleSinceHint", &session.idle_since_us},
                                                                    {"Timestamp", &session.since_us}};
        if (!reply->enter('a', "{sv}")) return fail(errc::bad_message, "logind: an answer of another form");
        while (reply->enter('e', "sv")) {
            auto const name = reply->text();
            auto const type = reply->variant_type();
            auto const text = texts.find(name);
            auto const truth = truths.find(name);
            auto const number = numbers.find(name);
            bool const wanted = (type == "s" && text != texts.end()) || (type == "b" && truth != truths.end()) ||
                                (type == "t" && number != numbers.end()) || (type == "u" && name == "VTNr") ||
                                (type == "(so)" && name == "Seat");
            if (!wanted) {
                reply->skip("v");
            } else {
                reply->enter('v', type.c_str());
                if (type == "s")
                    *text->second = reply->text();
                else if (type == "b")
                    *truth->second = reply->boolean();
                else if (type == "t")
                    *number->second = reply->number();
                else if (type == "u")
                    session.vt = static_cast<std::uint32_t>(reply->number('u'));
                else {
                    reply->enter('r', "so");
                    session.seat = reply->text();
                    reply->skip("o");
                    reply->leave();
                }
                reply->leave();
            }
            reply->leave();
        }
        if (!reply->good()) return fail(errc::bad_message, "logind: an answer of another form");
        return session;
    }

    /// A terminal's access time is its last input, as w(1) has it.
    [[nodiscard]] static LastInput terminal_input(std::string const& terminal)
    {
        if (terminal.empty() || terminal.find("..") != std::string::npos)
            return fail(errc::not_found, "sessions: no terminal to look at");
        struct stat facts {
        };
        auto const path = "/dev/" + terminal;
        if (::stat(path.c_str(), &facts) != 0) return Result<UnixMs>(fail_errno(errno, path));
        return UnixMs{facts.st_atim.tv_sec} * 1000 + facts.st_atim.tv_nsec / 1'000'000;
    }

    [[nodiscard]] Result<std::vector<Session>> from_utmp() const
    {
        auto const bytes = procfs::read_file(root_ / "/run/utmp");
        if (!bytes && reason(bytes.error()) == to_string(errc::not_found))
            return fail(errc::not_supported, "sessions: neither logind nor utmp");
        if (!bytes) return fail(bytes.error(), "sessions");
        std::vector<Session> sessions;
        for (auto const& record : parse_utmp(*bytes)) {
            // A log-in that crashed leaves its record behind.
            if (root_.live() && !procfs::exists(fmt::format("/proc/{}", record.pid))) continue;
            Session session;
            session.id = record.terminal + "-" + std::to_string(record.pid);
            session.user = record.user;
            session.kind = login_kind(record);
            session.from = remote_host(record);
            session.terminal = record.terminal;
            session.since_ms = record.at_ms;
            if (session.kind == "desktop")
                session.last_input_ms = fail(errc::not_supported, "utmp: a desktop's input is not told");
            else if (root_.live())
                session.last_input_ms = terminal_input(record.terminal);
            else
                session.last_input_ms = fail(errc::not_found, "sessions: no terminal to look at");
            session.state = state_by_input(session.last_input_ms, now());
            sessions.push_back(std::move(session));
        }
        return sessions;
    }

    Root root_;
};

} // namespace

std::unique_ptr<Sessions> make_sessions(Root const& root) { return std::make_unique<LinuxSessions>(root); }

} // namespace rollcall::platform
