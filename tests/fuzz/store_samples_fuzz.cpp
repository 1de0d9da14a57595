#include "collector/store/samples.hpp"
#include "tests/fuzz/fuzz.hpp"

/// A blob of series samples, as it may come back from a damaged store.
FUZZ_TARGET(bytes)
{
    auto const samples = rollcall::store::decode_samples(bytes);
    if (!samples) return;
    auto const blob = rollcall::store::encode_samples(*samples);
    auto const again = rollcall::store::decode_samples(blob);
    rollcall::fuzz::require(again.has_value(), "what was accepted is accepted again");
    rollcall::fuzz::require(rollcall::store::encode_samples(*again) == blob, "and says the same");
}
