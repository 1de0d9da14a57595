#include "platform/service_host.hpp"

#include <cstdlib>
#include <cstring>
#include <string>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

/// The protocol of sd_notify(3): datagrams of NAME=value lines to a socket named in the environment.
class NotifySocket final : public ServiceHost
{
public:
    NotifySocket()
    {
        auto const* const path = std::getenv("NOTIFY_SOCKET");
        if (path == nullptr || (path[0] != '/' && path[0] != '@') || std::strlen(path) >= sizeof address_.sun_path)
            return;
        auto const size = std::strlen(path);
        address_.sun_family = AF_UNIX;
        std::memcpy(address_.sun_path, path, size);
        if (path[0] == '@') address_.sun_path[0] = 0; // A name outside the file system.
        address_size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size);
        socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        auto const* const period = std::getenv("WATCHDOG_USEC");
        auto const* const whom = std::getenv("WATCHDOG_PID");
        bool const ours = whom == nullptr || procfs::to_integer(whom) == std::int64_t{::getpid()};
        if (period != nullptr && ours)
            watchdog_ = std::chrono::microseconds(static_cast<std::int64_t>(procfs::to_number(period).value_or(0)));
    }
    ~NotifySocket() override
    {
        if (socket_ >= 0) ::close(socket_);
    }
    NotifySocket(NotifySocket const&) = delete;
    NotifySocket& operator=(NotifySocket const&) = delete;

    void ready() override { send("READY=1"); }
    void stopping() override { send("STOPPING=1"); }
    void status(std::string_view line) override { send(fmt::format("STATUS={}", line.substr(0, line.find('\n')))); }
    void alive() override { send("WATCHDOG=1"); }
    void on_stop(std::function<void()> /*wanted*/) override {} // It sends SIGTERM.
    [[nodiscard]] bool has_journal() const override
    {
        // Device and inode of the journal's end of the pipe (systemd.exec(5)); what we were started by may have
        // redirected us since.
        auto const* const stream = std::getenv("JOURNAL_STREAM");
        struct stat facts {
        };
        return stream != nullptr && ::fstat(STDERR_FILENO, &facts) == 0 &&
               fmt::format("{}:{}", facts.st_dev, facts.st_ino) == stream;
    }
    [[nodiscard]] std::chrono::microseconds watchdog_period() const override { return watchdog_; }

private:
    void send(std::string_view text) const
    {
        if (socket_ < 0) return;
        // A notice that is lost is no failure of ours.
        [[maybe_unused]] auto const sent = ::sendto(socket_, text.data(), text.size(), MSG_NOSIGNAL,
                                                    reinterpret_cast<sockaddr const*>(&address_), address_size_);
    }

    sockaddr_un address_{};
    socklen_t address_size_{};
    int socket_{-1};
    std::chrono::microseconds watchdog_{};
};

} // namespace

std::unique_ptr<ServiceHost> make_service_host() { return std::make_unique<NotifySocket>(); }

} // namespace rollcall::platform
