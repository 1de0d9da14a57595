#include "common/wire/codec.hpp"
#include "tests/fuzz/fuzz.hpp"

/// The body of POST /enrol, and the answer to it.
FUZZ_TARGET(bytes)
{
    if (auto const request = rollcall::wire::decode_enrol_request(bytes)) {
        auto const again = rollcall::wire::decode_enrol_request(rollcall::wire::encode(*request));
        rollcall::fuzz::require(again && again->request_pem == request->request_pem, "a request survives its trip");
    }
    if (auto const answer = rollcall::wire::decode_enrol_answer(bytes)) {
        auto const again = rollcall::wire::decode_enrol_answer(rollcall::wire::encode(*answer));
        rollcall::fuzz::require(again && again->device_id == answer->device_id, "an answer survives its trip");
    }
}
