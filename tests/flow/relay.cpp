#include "tests/flow/relay.hpp"

#include <array>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/loopback.hpp"

namespace rollcall::flow
{

namespace
{

/// How soon the loop sees what another thread has changed.
constexpr int look_every_ms = 5;

void hurry(int socket)
{
    int const at_once = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
}

/// Both ends of one connection. Only the loop closes them, so that no number is reused under its hands.
struct Pair {
    std::array<int, 2> ends{-1, -1};
    std::array<bool, 2> over{}; ///< Nothing more comes from this end.
    bool forgotten = false;     ///< What comes is lost.

    [[nodiscard]] bool done() const { return over[0] && over[1]; }
    void carry(std::size_t from)
    {
        std::array<char, 65'536> piece{};
        auto const size = ::recv(ends[from], piece.data(), piece.size(), 0);
        if (size <= 0) {
            over[from] = true;
            if (forgotten) return;
            ::shutdown(ends[1 - from], SHUT_WR);
            return;
        }
        for (ssize_t sent = forgotten ? size : 0; sent < size;) {
            auto const step =
                ::send(ends[1 - from], piece.data() + sent, static_cast<std::size_t>(size - sent), MSG_NOSIGNAL);
            if (step <= 0) return end();
            sent += step;
        }
    }
    void end()
    {
        for (int const one : ends)
            ::shutdown(one, SHUT_RDWR);
        over = {true, true};
    }
};

} // namespace

struct Relay::State {
    support::Listening const listening = support::listen_anywhere();

    std::mutex mutex; ///< Guards what follows.
    std::uint16_t collector = 0;
    bool is_cut = false;
    bool stopping = false;
    std::list<Pair> pairs;

    std::thread thread;

    void accept_one()
    {
        int const came = ::accept4(listening.socket, nullptr, nullptr, SOCK_CLOEXEC);
        if (came < 0) return;
        int const on = is_cut ? -1 : support::dial(collector);
        if (on < 0) {
            ::close(came);
            return;
        }
        hurry(came);
        hurry(on);
        pairs.push_back({.ends = {came, on}, .over = {}, .forgotten = false});
    }

    void run()
    {
        std::vector<pollfd> asked;
        for (;;) {
            asked.assign(1, {.fd = listening.socket, .events = POLLIN, .revents = 0});
            {
                std::lock_guard const lock(mutex);
                if (stopping) return;
                std::erase_if(pairs, [](Pair const& pair) {
                    if (!pair.done()) return false;
                    ::close(pair.ends[0]);
                    ::close(pair.ends[1]);
                    return true;
                });
                for (auto const& pair : pairs)
                    for (std::size_t end = 0; end < 2; ++end)
                        asked.push_back({.fd = pair.over[end] ? -1 : pair.ends[end], .events = POLLIN, .revents = 0});
            }
            ::poll(asked.data(), asked.size(), look_every_ms);
            std::lock_guard const lock(mutex);
            // Only this loop adds and removes pairs, so they stand in the order in which they were asked.
            std::size_t at = 1;
            for (auto& pair : pairs)
                for (std::size_t end = 0; end < 2; ++end, ++at)
                    if (asked[at].revents != 0 && !pair.over[end]) pair.carry(end);
            if (asked[0].revents != 0) accept_one();
        }
    }
};

Relay::Relay()
    : state_(std::make_unique<State>())
{
    state_->thread = std::thread([this] { state_->run(); });
}

Relay::~Relay()
{
    {
        std::lock_guard const lock(state_->mutex);
        state_->stopping = true;
    }
    state_->thread.join();
    for (auto const& pair : state_->pairs)
        for (int const one : pair.ends)
            ::close(one);
    ::close(state_->listening.socket);
}

std::uint16_t Relay::port() const { return state_->listening.port; }

void Relay::lead_to(std::uint16_t port)
{
    std::lock_guard const lock(state_->mutex);
    state_->collector = port;
}

void Relay::cut()
{
    std::lock_guard const lock(state_->mutex);
    state_->is_cut = true;
    for (auto& pair : state_->pairs)
        pair.end();
}

void Relay::forget()
{
    std::lock_guard const lock(state_->mutex);
    for (auto& pair : state_->pairs)
        pair.forgotten = true;
}

void Relay::restore()
{
    std::lock_guard const lock(state_->mutex);
    state_->is_cut = false;
}

} // namespace rollcall::flow
