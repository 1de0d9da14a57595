#include <algorithm>

#include "collector/store/block.hpp"
#include "collector/store/rollup.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace store = rollcall::store;

/// Blocks of readings and of roll-ups, as they may come back from a damaged store: as they stand there, and as what is
/// inside the compression, where a fuzzer would hardly come otherwise.
static void readings(std::string_view block)
{
    auto const first = store::decode_block(block);
    if (!first) return;
    auto const written = store::encode_block(*first, {});
    rollcall::fuzz::require(written.has_value(), "what was accepted can be written");
    auto const second = store::decode_block(*written);
    rollcall::fuzz::require(second.has_value(), "what was accepted is accepted again");
    auto const again = store::encode_block(*second, {});
    rollcall::fuzz::require(again && *again == *written, "and says the same");
    static_cast<void>(store::roll(*first, store::bucket_ms(store::Level::days)));
}

static bool lie_on(store::Rolled const& rolled, std::int64_t bucket_ms)
{
    static constexpr std::int64_t latest_ms = 253'402'300'800'000; // The year 10000.
    return std::ranges::all_of(rolled, [&](auto const& curve) {
        return std::ranges::all_of(curve.second, [&](store::Bucket const& bucket) {
            return bucket.at_ms >= 0 && bucket.at_ms < latest_ms && bucket.at_ms % bucket_ms == 0;
        });
    });
}

static void rolled(std::string_view block)
{
    auto const first = store::decode_rolled(block);
    if (!first) return;
    // The length of the buckets is not told: only those of our own levels, in our own times, can be written again.
    for (auto const level : store::rolled_levels) {
        if (!lie_on(*first, store::bucket_ms(level))) continue;
        auto const written = store::encode_rolled(*first, store::bucket_ms(level), {});
        rollcall::fuzz::require(written.has_value(), "what was accepted can be written");
        rollcall::fuzz::require(store::decode_rolled(*written).has_value(), "and is accepted again");
    }
}

FUZZ_TARGET(bytes)
{
    readings(bytes);
    rolled(bytes);
    auto const inside = "\x01" + store::compress(bytes);
    readings(inside);
    rolled(inside);
}
