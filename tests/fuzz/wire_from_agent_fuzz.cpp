#include "common/wire/codec.hpp"
#include "tests/fuzz/fuzz.hpp"

/// Whatever is accepted means the same after another trip.
FUZZ_TARGET(bytes)
{
    auto const first = rollcall::wire::decode_from_agent(bytes);
    if (!first) return;
    auto const text = rollcall::wire::encode(*first);
    auto const second = rollcall::wire::decode_from_agent(text);
    rollcall::fuzz::require(second.has_value(), "what was accepted is accepted again");
    rollcall::fuzz::require(rollcall::wire::encode(*second) == text, "and says the same");
}
