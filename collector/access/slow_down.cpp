#include "collector/access/slow_down.hpp"

#include <algorithm>
#include <array>

#include <boost/asio/ip/address.hpp>

#include "common/core/ids.hpp"

namespace rollcall::access
{

std::chrono::milliseconds SlowDown::attempt(std::string_view key, std::chrono::milliseconds now)
{
    std::lock_guard const lock(mutex_);
    auto& counter = counter_of(key, now);
    if (now < counter.blocked_until) return counter.blocked_until - now;
    count(counter, now);
    return std::chrono::milliseconds(0);
}

std::chrono::milliseconds SlowDown::wait(std::string_view key, std::chrono::milliseconds now) const
{
    std::lock_guard const lock(mutex_);
    auto const found = counters_.find(key);
    if (found == counters_.end() || now >= found->second.blocked_until) return std::chrono::milliseconds(0);
    return found->second.blocked_until - now;
}

void SlowDown::failed(std::string_view key, std::chrono::milliseconds now)
{
    std::lock_guard const lock(mutex_);
    count(counter_of(key, now), now);
}

SlowDown::Counter& SlowDown::counter_of(std::string_view key, std::chrono::milliseconds now)
{
    auto found = counters_.find(key);
    if (found == counters_.end()) {
        make_room();
        found = counters_.emplace(key, Counter{}).first;
    }
    auto& counter = found->second;
    if (counter.failures > 0 && now - counter.last > forget_after) counter = {};
    return counter;
}

void SlowDown::count(Counter& counter, std::chrono::milliseconds now)
{
    counter.last = now;
    ++counter.failures;
    if (counter.failures <= free_failures) return;
    auto const doublings = std::min(counter.failures - free_failures - 1, 16);
    counter.blocked_until = now + std::min(first_wait * (1 << doublings), longest_wait);
}

void SlowDown::forgive(std::string_view key)
{
    std::lock_guard const lock(mutex_);
    if (auto const found = counters_.find(key); found != counters_.end()) counters_.erase(found);
}

void SlowDown::take_back(std::string_view key)
{
    std::lock_guard const lock(mutex_);
    auto const found = counters_.find(key);
    if (found == counters_.end()) return;
    found->second.blocked_until = {};
    if (--found->second.failures <= 0) counters_.erase(found);
}

std::size_t SlowDown::size() const
{
    std::lock_guard const lock(mutex_);
    return counters_.size();
}

void SlowDown::make_room()
{
    if (counters_.size() < keys) return;
    counters_.erase(std::min_element(counters_.begin(), counters_.end(),
                                     [](auto const& a, auto const& b) { return a.second.last < b.second.last; }));
}

std::string peer_key(std::string_view address)
{
    std::string text(address.substr(0, address.find('%')));
    boost::system::error_code failure;
    auto const parsed = boost::asio::ip::make_address_v6(text, failure);
    if (failure) return text;
    auto const bytes = parsed.to_bytes();
    if (parsed.is_v4_mapped()) return to_hex(bytes);
    return to_hex(std::span(bytes).first(8)) + "/64";
}

} // namespace rollcall::access
