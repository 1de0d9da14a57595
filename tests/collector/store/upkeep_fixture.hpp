#pragma once

#include <string>

#include "collector/store/upkeep.hpp"
#include "tests/collector/store/fixture.hpp"
#include "tests/support/manual_clock.hpp"

namespace rollcall::test
{

inline constexpr UnixMs day_ms = 86'400'000;

/// A store with an upkeep whose steps the test takes.
struct UpkeepFixture : StoreFixture {
    support::ManualClock clock;
    store::Upkeep upkeep{{.store = *store, .clock = clock, .retention = {}}};

    UpkeepFixture() { seen(); }

    [[nodiscard]] UnixMs now() const { return clock.now_ms(); }

    /// The device is there: the collector's clock is as right as it seems.
    void seen() const
    {
        write([&](sqlite::Database& db) { return store::set_last_seen(db, "pc", now(), ""); });
    }

    /// Until there is nothing to do. How many steps that took.
    int settle()
    {
        int steps = 0;
        for (;; ++steps) {
            auto const more = upkeep.step();
            REQUIRE(more);
            if (!*more) return steps;
            REQUIRE(steps < 10'000);
        }
    }
    /// A round through everything, later.
    int round()
    {
        clock.advance(store::round_every);
        return settle();
    }

    void add_event(std::uint64_t sequence, UnixMs at_ms) const
    {
        write([&](sqlite::Database& db) {
            return store::add_event(db, "pc", "e", {.sequence = sequence, .name = "boot", .at_ms = at_ms});
        });
    }

    [[nodiscard]] std::int64_t count(std::string const& table) const
    {
        std::int64_t rows = -1;
        read([&](sqlite::Database& db) -> Result<> {
            auto query = db.prepare("SELECT count(*) FROM " + table);
            if (!query) return query.error();
            auto const row = query->step();
            if (!row) return row.error();
            rows = query->integer(0);
            return {};
        });
        return rows;
    }
};

} // namespace rollcall::test
