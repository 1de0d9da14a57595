#include <boost/json.hpp>

#include "common/wire/codec.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace wire = rollcall::wire;

/// Rows and snapshots as they stand in messages, in the spool and in the store. What is no number to JSON (infinity)
/// becomes unknown when it is written first; from then on nothing may change.
FUZZ_TARGET(bytes)
{
    boost::system::error_code failed;
    auto const json = boost::json::parse(bytes, failed);
    if (failed) return;
    if (auto const row = wire::row_from_json(json)) {
        auto const written = wire::to_json(*row);
        auto const again = wire::row_from_json(written);
        rollcall::fuzz::require(again && wire::to_json(*again) == written, "a row survives its trip");
    }
    if (auto const snapshot = wire::snapshot_from_json(json)) {
        auto const first = wire::snapshot_from_json(wire::to_json(*snapshot));
        rollcall::fuzz::require(first.has_value(), "a snapshot that was written is read again");
        auto const second = wire::snapshot_from_json(wire::to_json(*first));
        rollcall::fuzz::require(second && wire::digest(*second) == wire::digest(*first), "a snapshot keeps its digest");
        for (auto const& probe : wire::probes()) {
            auto copy = *snapshot;
            static_cast<void>(wire::check(copy, probe));
        }
    }
}
