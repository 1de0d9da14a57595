#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>

#include "collector/store/retention.hpp"
#include "collector/store/store.hpp"
#include "common/core/age_clock.hpp"
#include "common/core/clock.hpp"

namespace rollcall::store
{

/// Between two rounds through all devices.
inline constexpr std::chrono::milliseconds round_every = std::chrono::minutes(10);
/// Between two looks at the clock.
inline constexpr std::chrono::milliseconds look_every = std::chrono::minutes(1);
/// Between two samples of the store's size.
inline constexpr std::chrono::milliseconds size_every = std::chrono::hours(1);
/// After a step that failed.
inline constexpr std::chrono::milliseconds pause_after_failure = std::chrono::seconds(10);
/// Devices that one step looks through, and rows that one step deletes: each step is one short work of the writer.
inline constexpr std::int64_t devices_per_step = 64;
inline constexpr std::int64_t rows_per_step = 500;
/// Blocks are large: so many of them in one step.
inline constexpr std::int64_t blocks_per_step = 50;
/// A series is sealed when its oldest reading is as old as this, and then up to the last full hour before
/// `seal_margin` ago: bigger bites cost less, and what is about to be asked for most is quickest to read.
inline constexpr std::chrono::milliseconds seal_after = std::chrono::hours(3);
inline constexpr std::chrono::milliseconds seal_margin = std::chrono::minutes(30);

/// Keeps the store small, in steps so short that nobody waits for them: seals readings into blocks, rolls them up, and
/// deletes what is older than the retention says. Looks through all devices every `round_every`; where it finds work,
/// it goes on step by step until that is done.
///
/// Owns: its thread.  Threads: start(), stop() and step() from one; figures() any.
/// Blocks: step() does, on one reading or one work of the writer.
class Upkeep
{
public:
    struct Options {
        Store& store;
        Clock const& clock;
        Retention retention;
    };

    explicit Upkeep(Options options);
    ~Upkeep();
    Upkeep(Upkeep const&) = delete;
    Upkeep& operator=(Upkeep const&) = delete;

    /// From now on a thread of its own takes the steps.
    void start();
    /// After the step it is at. Idempotent.
    void stop();

    /// One step. True: there is more to do at once; false: nothing before the next look or round.
    [[nodiscard]] Result<bool> step();

    /// Since the start.
    struct Figures {
        std::array<std::uint64_t, all_expiring.size()> deleted{}; ///< Rows, or blocks, by Expiring.
        std::uint64_t sealed_readings{};
        std::uint64_t sealed_values{};
        std::uint64_t waiting{}; ///< Works that the last look found and that are not done.
        std::uint64_t failures{};
        std::optional<double> bytes_per_day; ///< How fast the store grows, as of the last sample.
        bool clock_ahead{};                  ///< The clock leapt ahead and is not believed yet: nothing grows old.
    };
    [[nodiscard]] Figures figures() const;

private:
    struct SeriesToSeal {
        std::string device_id;
        std::string probe;
    };
    using Task = std::variant<Expired, SeriesToSeal>;

    void run();
    Result<> look();
    Result<> sample_size();
    Result<bool> plan();
    Result<> work();
    Result<> clean(Expired what);
    Result<> seal(SeriesToSeal what);
    [[nodiscard]] Expired expired(Expiring kind, std::string device_id = {}, std::string probe = {}) const;

    Options options_;

    // --- the stepping thread's ---
    std::optional<AgeClock> clock_;
    std::optional<std::chrono::milliseconds> looked_;
    std::optional<std::chrono::milliseconds> sampled_;
    std::optional<std::chrono::milliseconds> round_began_;
    bool in_round_ = false;
    std::string after_; ///< The round has looked through the devices up to this one.
    std::deque<Task> tasks_;

    std::array<std::atomic<std::uint64_t>, all_expiring.size()> deleted_{};
    std::atomic<std::uint64_t> sealed_readings_ = 0;
    std::atomic<std::uint64_t> sealed_values_ = 0;
    std::atomic<std::uint64_t> waiting_ = 0;
    std::atomic<std::uint64_t> failures_ = 0;
    std::atomic<bool> clock_ahead_ = false;

    mutable std::mutex mutex_;
    std::optional<double> bytes_per_day_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace rollcall::store
