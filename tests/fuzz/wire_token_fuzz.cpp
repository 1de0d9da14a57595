#include "common/wire/codec.hpp"
#include "tests/fuzz/fuzz.hpp"

/// What a person pasted as a token.
FUZZ_TARGET(bytes)
{
    auto const token = rollcall::wire::decode_token(bytes);
    if (!token) return;
    auto const again = rollcall::wire::decode_token(rollcall::wire::encode_token(*token));
    rollcall::fuzz::require(again && again->address == token->address && again->secret == token->secret,
                            "a token survives its trip");
}
