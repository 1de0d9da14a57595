#include "platform/watch.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <list>
#include <memory>
#include <thread>

#include <fcntl.h>
#include <net/route.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/posix/child.hpp"

namespace rollcall::platform
{

namespace
{

/// A file or folder, and whom to tell when it changes. One that does not exist is left out.
struct WatchedPath {
    char const* path;
    std::array<std::string_view, 3> probes;
};

constexpr std::array<WatchedPath, 7> watched_paths = {{
    {"/Applications", {"software"}},
    {"/var/db/receipts", {"software", "pending_reboot", "patches"}},
    {"/Library/Preferences", {"patches", "pending_reboot", "firewall"}},
    {"/Library/LaunchDaemons", {"services"}},
    {"/Library/Keychains", {"certificates"}},
    {"/var/run/utmpx", {"sessions", "last_login"}},
    {"/Library/Updates", {"patches", "pending_reboot"}},
}};

constexpr std::array<std::string_view, 3> mount_probes = {"volumes", "disks", "disk_encryption"};
constexpr std::array<std::string_view, 3> network_probes = {"addresses", "network_interfaces"};

/// What an event's number in udata means beyond those of watched_paths.
constexpr std::uintptr_t mounts_event = watched_paths.size();
constexpr std::uintptr_t network_event = watched_paths.size() + 1;
constexpr std::uintptr_t stop_ident = 1;

class MacChanges final : public Changes
{
public:
    ~MacChanges() override { stop(); }

    Result<> start(Callback callback) override
    {
        queue_.reset(::kqueue());
        if (queue_.get() < 0) return fail_errno(errno, "watch: kqueue");
        if (!add(stop_ident, EVFILT_USER, EV_CLEAR, 0, 0)) return fail_errno(errno, "watch: kqueue");
        bool heard = false;
        for (std::size_t i = 0; i < watched_paths.size(); ++i) {
            int const file = ::open(watched_paths[i].path, O_EVTONLY | O_CLOEXEC);
            if (file < 0) continue;
            files_.emplace_back(file);
            static constexpr std::uint32_t changes = NOTE_WRITE | NOTE_EXTEND | NOTE_ATTRIB | NOTE_LINK;
            heard = add(static_cast<std::uintptr_t>(file), EVFILT_VNODE, EV_CLEAR, changes, i) || heard;
        }
        // The kernel itself tells of mounts.
        heard = add(0, EVFILT_FS, EV_CLEAR, 0, mounts_event) || heard;
        network_.reset(::socket(PF_ROUTE, SOCK_RAW, PF_UNSPEC));
        if (network_.get() >= 0 && ::fcntl(network_.get(), F_SETFL, O_NONBLOCK) == 0 &&
            ::fcntl(network_.get(), F_SETFD, FD_CLOEXEC) == 0)
            heard = add(static_cast<std::uintptr_t>(network_.get()), EVFILT_READ, 0, 0, network_event) || heard;
        if (!heard) return fail(errc::not_supported, "watch: nothing here can be watched");
        thread_ = std::thread([this, told = std::move(callback)] { listen(told); });
        return {};
    }

    void stop() override
    {
        if (!thread_.joinable()) return;
        struct kevent event {
        };
        EV_SET(&event, stop_ident, EVFILT_USER, 0, NOTE_TRIGGER, 0, nullptr);
        (void)::kevent(queue_.get(), &event, 1, nullptr, 0, nullptr);
        thread_.join();
    }

private:
    bool add(std::uintptr_t ident, std::int16_t filter, std::uint16_t flags, std::uint32_t what, std::uintptr_t number)
    {
        struct kevent event {
        };
        event.ident = ident;
        event.filter = filter;
        event.flags = static_cast<std::uint16_t>(EV_ADD | EV_ENABLE | flags);
        event.fflags = what;
        event.udata = reinterpret_cast<void*>(number);
        return ::kevent(queue_.get(), &event, 1, nullptr, 0, nullptr) == 0;
    }

    void listen(Callback const& callback)
    {
        for (;;) {
            struct kevent event {
            };
            int const got = ::kevent(queue_.get(), nullptr, 0, &event, 1, nullptr);
            if (got < 0 && errno == EINTR) continue;
            if (got < 1 || event.filter == EVFILT_USER) return;
            auto const number = reinterpret_cast<std::uintptr_t>(event.udata);
            if (number == network_event && !drain()) return;
            auto const& probes = number == mounts_event    ? mount_probes
                                 : number == network_event ? network_probes
                                                           : watched_paths[number].probes;
            for (auto const probe : probes)
                if (!probe.empty()) callback(probe);
        }
    }

    /// The messages themselves say less than a reading. False: the socket broke, and would wake us without end.
    [[nodiscard]] bool drain() const
    {
        std::array<char, 4096> message{};
        for (;;) {
            auto const got = ::read(network_.get(), message.data(), message.size());
            if (got > 0 || (got < 0 && (errno == EINTR || errno == ENOBUFS))) continue;
            return got < 0 && errno == EAGAIN;
        }
    }

    posix::Descriptor queue_;
    posix::Descriptor network_;
    std::list<posix::Descriptor> files_;
    std::thread thread_;
};

} // namespace

std::unique_ptr<Changes> make_changes() { return std::make_unique<MacChanges>(); }

} // namespace rollcall::platform
