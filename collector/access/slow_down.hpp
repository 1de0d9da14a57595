#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace rollcall::access
{

/// Makes guessing slow: after a few failures in a row the next try has to wait, twice as long each time.
///
/// A try counts as a failure from its beginning until it is said to have succeeded, so that many at once gain nothing.
///
/// Owns: its counters, of which there are never more than `keys`.  Threads: any.  Blocks: no.
class SlowDown
{
public:
    static constexpr int free_failures = 3;                      ///< That cost no waiting.
    static constexpr std::chrono::milliseconds first_wait{1000}; ///< After the failure that follows them.
    static constexpr std::chrono::milliseconds longest_wait{60'000};
    static constexpr std::chrono::milliseconds forget_after{900'000}; ///< Without a new failure.
    static constexpr std::size_t keys = 10'000; ///< Beyond it the one longest untouched is forgotten.

    /// Zero: go on, and the try is counted. Otherwise how long to wait; then nothing is counted.
    [[nodiscard]] std::chrono::milliseconds attempt(std::string_view key, std::chrono::milliseconds now);
    /// As attempt, but counts nothing: for what many honest peers do at once, with failed() where one did not succeed.
    [[nodiscard]] std::chrono::milliseconds wait(std::string_view key, std::chrono::milliseconds now) const;
    void failed(std::string_view key, std::chrono::milliseconds now);
    /// The try succeeded: everything before is forgiven.
    void forgive(std::string_view key);
    /// The try was no failure; what was before still counts.
    void take_back(std::string_view key);

    [[nodiscard]] std::size_t size() const;

private:
    struct Counter {
        int failures = 0;
        std::chrono::milliseconds last{};
        std::chrono::milliseconds blocked_until{};
    };
    void make_room();
    void count(Counter& counter, std::chrono::milliseconds now);
    [[nodiscard]] Counter& counter_of(std::string_view key, std::chrono::milliseconds now);

    mutable std::mutex mutex_;
    std::map<std::string, Counter, std::less<>> counters_;
};

/// What is counted for a peer: his address, or of IPv6 the first 64 bits, which is what one subscriber is given.
[[nodiscard]] std::string peer_key(std::string_view address);

} // namespace rollcall::access
