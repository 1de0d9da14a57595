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

static void rolled(std::string_view block)
{
    auto const first = store::decode_rolled(block);
    if (!first) return;
    auto const written = store::encode_rolled(*first, store::bucket_ms(store::Level::hours), {});
    rollcall::fuzz::require(written.has_value(), "what was accepted can be written");
    rollcall::fuzz::require(store::decode_rolled(*written).has_value(), "and is accepted again");
}

FUZZ_TARGET(bytes)
{
    readings(bytes);
    rolled(bytes);
    auto const inside = "\x01" + store::compress(bytes);
    readings(inside);
    rolled(inside);
}
