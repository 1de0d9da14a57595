#pragma once

#include <cstddef>
#include <deque>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

/// How coroutines of one loop wait for each other. Inside the gateway only.
namespace rollcall::gateway
{

namespace asio = boost::asio;

/// Lets a coroutine wait for something that happens on its own loop.
class Signal
{
public:
    explicit Signal(asio::any_io_executor const& executor)
        : timer_(executor)
    {
    }
    void set()
    {
        set_ = true;
        timer_.cancel();
    }
    void reset() { set_ = false; }
    asio::awaitable<void> wait();

private:
    asio::steady_timer timer_;
    bool set_ = false;
};

/// Hands out turns to what costs much of the processor (the steps of TLS handshakes), a few at a time: everything else
/// that is ready on the loop comes in between. So thousands that connect at once do not keep those connected waiting.
///
/// What was begun comes before what is new: a handshake that the peer gave up half-way was work for nothing.
///
/// Owns: who waits.  Threads: the loop's.  Blocks: no.
class Turns
{
public:
    /// Steps of up to a millisecond each that run before others have their turn.
    static constexpr std::size_t at_a_time = 4;

    explicit Turns(asio::any_io_executor executor)
        : executor_(std::move(executor))
    {
    }
    Turns(Turns const&) = delete;
    Turns& operator=(Turns const&) = delete;

    /// Returns when it is the caller's turn.
    asio::awaitable<void> wait(bool begun);
    [[nodiscard]] std::size_t waiting() const { return begun_.size() + fresh_.size(); }

private:
    void hand_out();
    void hand_out_later();

    asio::any_io_executor executor_;
    std::deque<Signal*> begun_; ///< Each lives in the coroutine that waits.
    std::deque<Signal*> fresh_;
    bool posted_ = false;
};

} // namespace rollcall::gateway
