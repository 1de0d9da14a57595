#include "platform/watch.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <limits>
#include <set>
#include <thread>

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "platform/linux/procfs.hpp"
#include "platform/linux/sdbus.hpp"

namespace rollcall::platform
{

namespace
{

/// A bus that went away is tried again this often.
constexpr auto bus_retry = std::chrono::seconds(10);

/// A folder, the names in it that mean something, and whom to tell.
struct WatchedFolder {
    std::string_view path;
    std::string_view name_prefix; ///< Empty: any name.
    std::array<std::string_view, 3> probes;
};

constexpr std::uint32_t folder_events =
    IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

constexpr std::array<WatchedFolder, 11> watched_folders = {{
    {"/run", "reboot-required", {"pending_reboot"}},
    {"/run", "reboot-needed", {"pending_reboot"}},
    {"/var/lib/pacman/local", "", {"software", "patches", "pending_reboot"}},
    {"/run", "utmp", {"sessions", "last_login"}},
    {"/var/lib/dpkg", "status", {"software", "patches", "pending_reboot"}},
    {"/var/lib/apt/lists", "", {"patches"}},
    {"/boot", "vmlinuz-", {"pending_reboot"}},
    {"/var/log", "wtmp", {"sessions", "last_login"}},
    {"/var/log", "lastlog", {"last_login"}},
    {"/etc", "hostname", {"os"}},
    {"/etc", "localtime", {"os"}},
}};

class LinuxChanges final : public Changes
{
public:
    ~LinuxChanges() override { stop_thread(); }

    Result<> start(Callback callback) override
    {
        if (thread_.joinable()) return fail(errc::conflict, "watch: started already");
        callback_ = std::move(callback);
        wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (wake_ < 0) return fail_errno(errno, "watch: eventfd");
        open_folders();
        open_netlink();
        mounts_ = ::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
        if (inotify_ < 0 && netlink_ < 0 && mounts_ < 0) {
            close_all();
            return fail(errc::not_supported, "watch: this system tells of no change");
        }
        stopping_ = false;
        thread_ = std::thread([this] { work(); });
        return {};
    }

    void stop() override { stop_thread(); }

private:
    void stop_thread()
    {
        if (!thread_.joinable()) return;
        stopping_ = true;
        std::uint64_t const one = 1;
        [[maybe_unused]] auto const wrote = ::write(wake_, &one, sizeof one);
        thread_.join();
        close_all();
    }

    void close_all()
    {
        for (int* const file : {&wake_, &inotify_, &netlink_, &mounts_}) {
            if (*file >= 0) ::close(*file);
            *file = -1;
        }
        folders_.clear();
    }

    void open_folders()
    {
        inotify_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (inotify_ < 0) return;
        for (auto const& folder : watched_folders) {
            // The same folder gets the same number again.
            int const number =
                ::inotify_add_watch(inotify_, std::string(folder.path).c_str(), folder_events | IN_ONLYDIR);
            if (number >= 0) folders_.emplace(number, &folder);
        }
    }

    void open_netlink()
    {
        netlink_ = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
        if (netlink_ < 0) return;
        sockaddr_nl address{};
        address.nl_family = AF_NETLINK;
        address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
        if (::bind(netlink_, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0) return;
        ::close(netlink_);
        netlink_ = -1;
    }

    void tell(std::string_view probe)
    {
        if (!probe.empty() && !stopping_) callback_(probe);
    }

    // --- the thread ---

    void work()
    {
        using Steady = std::chrono::steady_clock;
        std::optional<sdbus::Bus> bus;
        auto next_try = Steady::now();
        bool had_bus = false;
        while (!stopping_) {
            if (!bus && Steady::now() >= next_try) {
                bus = connect();
                next_try = Steady::now() + bus_retry;
                // What happened meanwhile was not heard.
                if (bus && had_bus)
                    for (auto const* const probe : {"services", "sessions", "last_login"})
                        tell(probe);
                had_bus = had_bus || bus.has_value();
            }
            if (bus && !process(*bus)) {
                bus.reset();
                continue;
            }
            wait(bus, next_try);
        }
    }

    void wait(std::optional<sdbus::Bus> const& bus, std::chrono::steady_clock::time_point next_try)
    {
        std::array<pollfd, 5> ready = {pollfd{wake_, POLLIN, 0}, pollfd{inotify_, POLLIN, 0},
                                       pollfd{netlink_, POLLIN, 0}, pollfd{mounts_, POLLPRI, 0}, pollfd{-1, 0, 0}};
        if (bus) {
            int const events = bus->lib().sd_bus_get_events(bus->raw());
            ready[4] = {bus->lib().sd_bus_get_fd(bus->raw()), static_cast<short>(std::max(events, 0)), 0};
        }
        if (::poll(ready.data(), ready.size(), patience_ms(bus, next_try)) <= 0) return;
        if (ready[1].revents != 0) read_inotify();
        if (ready[2].revents != 0) read_netlink();
        if (ready[3].revents != 0) reread_mounts();
    }

    static int patience_ms(std::optional<sdbus::Bus> const& bus, std::chrono::steady_clock::time_point next_try)
    {
        if (!bus) {
            // Without systemd there is no bus worth asking for again.
            if (!procfs::exists("/run/systemd/system")) return -1;
            auto const left = std::chrono::ceil<std::chrono::milliseconds>(next_try - std::chrono::steady_clock::now());
            return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
        }
        std::uint64_t until_us = 0;
        if (bus->lib().sd_bus_get_timeout(bus->raw(), &until_us) < 0) return -1;
        if (until_us == std::numeric_limits<std::uint64_t>::max()) return -1;
        timespec time{};
        ::clock_gettime(CLOCK_MONOTONIC, &time);
        auto const now_us =
            static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_nsec) / 1000;
        static constexpr std::uint64_t longest_ms = 60'000;
        return until_us <= now_us ? 0 : static_cast<int>(std::min((until_us - now_us) / 1000 + 1, longest_ms));
    }

    void read_inotify()
    {
        alignas(inotify_event) std::array<char, 16384> buffer{};
        std::set<std::string_view> probes;
        for (;;) {
            auto const got = ::read(inotify_, buffer.data(), buffer.size());
            if (got <= 0) break;
            for (char const* at = buffer.data(); at < buffer.data() + got;) {
                auto const* const event = reinterpret_cast<inotify_event const*>(at);
                at += sizeof(inotify_event) + event->len;
                std::string_view const name = event->len > 0 ? event->name : "";
                bool const lost = (event->mask & IN_Q_OVERFLOW) != 0;
                for (auto const& [number, folder] : folders_)
                    if (lost || (number == event->wd && name.starts_with(folder->name_prefix)))
                        probes.insert(folder->probes.begin(), folder->probes.end());
            }
        }
        for (auto const probe : probes)
            tell(probe);
    }

    void read_netlink()
    {
        std::array<char, 16384> buffer{};
        bool heard = false;
        while (::recv(netlink_, buffer.data(), buffer.size(), 0) > 0 || errno == ENOBUFS)
            heard = true;
        if (!heard) return;
        tell("network_interfaces");
        tell("addresses");
    }

    /// The kernel marks the open file when mounts change; reading it takes the mark away.
    void reread_mounts()
    {
        std::array<char, 16384> buffer{};
        ::lseek(mounts_, 0, SEEK_SET);
        while (::read(mounts_, buffer.data(), buffer.size()) > 0) {
        }
        tell("volumes");
        tell("volume_usage");
    }

    // --- the bus ---

    [[nodiscard]] std::optional<sdbus::Bus> connect()
    {
        if (!procfs::exists("/run/systemd/system")) return std::nullopt;
        auto opened = sdbus::Bus::open_system();
        if (!opened) return std::nullopt;
        auto& bus = *opened;
        static constexpr auto systemd = "org.freedesktop.systemd1";
        static constexpr auto logind = "org.freedesktop.login1";
        static constexpr auto properties = "org.freedesktop.DBus.Properties";
        auto const listen = [&](char const* sender, char const* path, char const* interface, char const* member,
                                sd_bus_message_handler_t handler) {
            return bus.lib().sd_bus_match_signal(bus.raw(), nullptr, sender, path, interface, member, handler, this) >=
                   0;
        };
        bool good = true;
        for (auto const* const member : {"UnitNew", "UnitRemoved", "JobRemoved", "UnitFilesChanged"})
            good = listen(systemd, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", member, &on_unit) &&
                   good;
        good = listen(systemd, nullptr, properties, "PropertiesChanged", &on_unit_properties) && good;
        for (auto const* const member : {"SessionNew", "SessionRemoved"})
            good = listen(logind, "/org/freedesktop/login1", "org.freedesktop.login1.Manager", member, &on_session) &&
                   good;
        good = listen(logind, nullptr, properties, "PropertiesChanged", &on_session_properties) && good;
        if (!good) return std::nullopt;
        // systemd sends signals about units only while somebody has asked for them.
        if (!bus.call(systemd, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "Subscribe", ""))
            return std::nullopt;
        return std::move(bus);
    }

    /// Everything that arrived, then one notice per probe. False where the connection ended.
    bool process(sdbus::Bus& bus)
    {
        heard_.clear();
        int code = 0;
        do
            code = bus.lib().sd_bus_process(bus.raw(), nullptr);
        while (code > 0 && !stopping_);
        for (auto const probe : heard_)
            tell(probe);
        return code >= 0;
    }

    /// The unit a signal's path is about: "/org/freedesktop/systemd1/unit/cron_2eservice".
    static bool is_service_path(sdbus::Library const& lib, sd_bus_message* message)
    {
        auto const* const path = lib.sd_bus_message_get_path(message);
        return path != nullptr && std::string_view(path).ends_with("_2eservice");
    }

    static bool names_service(sdbus::Library const& lib, sd_bus_message* message)
    {
        std::string_view const member = lib.sd_bus_message_get_member(message);
        if (member == "UnitFilesChanged") return true;
        // UnitNew and UnitRemoved (name, path); JobRemoved (number, path, name, result).
        char const* name = nullptr;
        if (member == "JobRemoved" && lib.sd_bus_message_skip(message, "uo") < 0) return true;
        if (lib.sd_bus_message_read_basic(message, 's', &name) < 0 || name == nullptr) return true;
        return std::string_view(name).ends_with(".service");
    }

    static int on_unit(sd_bus_message* message, void* self, sd_bus_error* /*error*/)
    {
        auto const lib = sdbus::library();
        if (lib && names_service(**lib, message)) static_cast<LinuxChanges*>(self)->heard_.insert("services");
        return 0;
    }
    static int on_unit_properties(sd_bus_message* message, void* self, sd_bus_error* /*error*/)
    {
        auto const lib = sdbus::library();
        if (lib && is_service_path(**lib, message)) static_cast<LinuxChanges*>(self)->heard_.insert("services");
        return 0;
    }
    static int on_session(sd_bus_message* /*message*/, void* self, sd_bus_error* /*error*/)
    {
        auto& heard = static_cast<LinuxChanges*>(self)->heard_;
        heard.insert("sessions");
        heard.insert("last_login");
        return 0;
    }
    static int on_session_properties(sd_bus_message* message, void* self, sd_bus_error* /*error*/)
    {
        auto const lib = sdbus::library();
        auto const* const path = lib ? (*lib)->sd_bus_message_get_path(message) : nullptr;
        // Also seats and users change; what we show stands in sessions.
        if (path != nullptr && std::string_view(path).find("/session/") != std::string_view::npos)
            static_cast<LinuxChanges*>(self)->heard_.insert("sessions");
        return 0;
    }

    Callback callback_;
    std::thread thread_;
    std::atomic<bool> stopping_{false};
    int wake_{-1};
    int inotify_{-1};
    int netlink_{-1};
    int mounts_{-1};
    std::multimap<int, WatchedFolder const*> folders_;
    std::set<std::string_view> heard_; ///< Of the thread alone.
};

} // namespace

std::unique_ptr<Changes> make_changes() { return std::make_unique<LinuxChanges>(); }

} // namespace rollcall::platform
