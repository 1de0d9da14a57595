#include "collector/gateway/turns.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rollcall::gateway
{

asio::awaitable<void> Signal::wait()
{
    auto const token = asio::as_tuple(asio::use_awaitable);
    while (!set_) {
        timer_.expires_at(std::chrono::steady_clock::time_point::max());
        co_await timer_.async_wait(token);
    }
}

asio::awaitable<void> Turns::wait(bool begun)
{
    Signal mine(executor_);
    (begun ? begun_ : fresh_).push_back(&mine);
    hand_out_later();
    co_await mine.wait();
}

void Turns::hand_out()
{
    posted_ = false;
    for (std::size_t i = 0; i < at_a_time && waiting() > 0; ++i) {
        auto& queue = begun_.empty() ? fresh_ : begun_;
        queue.front()->set();
        queue.pop_front();
    }
    if (waiting() > 0) hand_out_later();
}

/// Behind everything that is ready now.
void Turns::hand_out_later()
{
    if (posted_) return;
    posted_ = true;
    asio::post(executor_, [this] { hand_out(); });
}

} // namespace rollcall::gateway
