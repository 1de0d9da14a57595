// Writes events down and offers them to whoever connects, 250 a second, until it is told to end (SIGTERM); then offers
// the rest, and ends with 0 once all of them are kept. 1: a promise was broken. 2: it could not work.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/un.h>

#include "common/core/ids.hpp"
#include "tests/kill/lines.hpp"

namespace
{

using namespace std::chrono_literals;
using rollcall::kill_test::Lines;

constexpr std::uint64_t events_per_second = 250;
/// Offered and not yet kept.
constexpr std::uint64_t window = 64;
constexpr int look_every_ms = 10;

volatile std::sig_atomic_t told_to_end = 0;

class Ledger
{
public:
    Ledger(std::string seed, int file, int listener)
        : seed_(std::move(seed))
        , file_(file)
        , listener_(listener)
    {
    }

    int run()
    {
        auto const start = std::chrono::steady_clock::now();
        for (;;) {
            auto const passed = std::chrono::steady_clock::now() - start;
            if (told_to_end == 0) {
                if (!write_down(static_cast<std::uint64_t>(passed / 1ms) * events_per_second / 1000)) return 2;
                ended_after_ = passed;
            } else if (kept_ == written_ && device_) {
                device_->send("end\n");
                std::printf("events=%llu ms=%lld\n", static_cast<unsigned long long>(written_),
                            static_cast<long long>(ended_after_ / 1ms));
                return 0;
            }
            offer();
            pollfd wait[]{{listener_, POLLIN, 0}, {device_ ? device_->file() : -1, POLLIN, 0}};
            if (::poll(wait, 2, look_every_ms) <= 0) continue;
            if (wait[1].revents != 0 && !listen()) return 1;
            if (wait[0].revents == 0) continue;
            while (device_) // Killed: what it had still confirmed counts.
                if (!listen()) return 1;
            greet();
        }
    }

private:
    std::string line(std::uint64_t number) const
    {
        auto const text = rollcall::sha256_hex(seed_ + ":" + std::to_string(number)).substr(0, 16);
        return std::to_string(number) + " " + text + "\n";
    }

    /// An event counts from here on.
    bool write_down(std::uint64_t up_to)
    {
        std::string lines;
        for (; written_ < up_to; ++written_)
            lines += line(written_ + 1);
        if (lines.empty()) return true;
        return ::write(file_, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()) &&
               ::fdatasync(file_) == 0;
    }

    void greet()
    {
        int const file = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (file < 0) return;
        device_ = std::make_unique<Lines>(file);
        known_ = false; // It says first what it has.
    }

    void offer()
    {
        std::string lines;
        while (device_ && known_ && offered_ < written_ && offered_ - kept_ < window)
            lines += line(++offered_);
        ever_offered_ = std::max(ever_offered_, offered_);
        if (!lines.empty() && !device_->send(lines)) device_.reset();
    }

    /// False: the device broke a promise.
    bool listen()
    {
        bool const there = device_->read_some();
        while (auto const said = device_->next())
            if (!take(*said)) return false;
        if (!there) device_.reset();
        return true;
    }

    bool take(std::string const& said)
    {
        auto const number = std::strtoull(said.c_str() + std::min<std::size_t>(said.size(), 5), nullptr, 10);
        if (said.starts_with("have ")) {
            if (number < kept_ || number > ever_offered_) {
                std::printf("broken: the spool has taken %llu events; %llu were confirmed, %llu offered\n", number,
                            static_cast<unsigned long long>(kept_), static_cast<unsigned long long>(ever_offered_));
                return false;
            }
            kept_ = offered_ = number;
            known_ = true;
            return true;
        }
        if (said.starts_with("kept ") && number == kept_ + 1 && number <= offered_) {
            kept_ = number;
            return true;
        }
        std::printf("broken: \"%s\" after %llu\n", said.c_str(), static_cast<unsigned long long>(kept_));
        return false;
    }

    std::string seed_;
    int file_;
    int listener_;
    std::unique_ptr<Lines> device_;
    bool known_ = false;
    std::uint64_t written_ = 0;
    std::uint64_t offered_ = 0; ///< To the device that is there now.
    std::uint64_t ever_offered_ = 0;
    std::uint64_t kept_ = 0; ///< Confirmed: in the spool, on the disk.
    std::chrono::steady_clock::duration ended_after_{};
};

} // namespace

int main(int count, char** words)
{
    if (count != 4) return 2;
    std::signal(SIGTERM, [](int) { told_to_end = 1; });
    int const file = ::open(words[1], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int const listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "%s", words[2]);
    if (file < 0 || listener < 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener, 4) != 0) {
        std::perror("kill_ledger");
        return 2;
    }
    return Ledger(words[3], file, listener).run();
}
