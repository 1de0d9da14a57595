#include <limits>
#include <set>

#include <doctest/doctest.h>

#include "common/wire/catalogue.hpp"

using namespace rollcall::wire;

static bool is_snake_case(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

TEST_CASE("catalogue: every name is snake_case and stands once")
{
    std::set<std::string_view> names;
    for (auto const& probe : probes()) {
        CAPTURE(probe.name);
        CHECK(is_snake_case(probe.name));
        CHECK(names.insert(probe.name).second);
        std::set<std::string_view> columns;
        for (auto const& column : probe.columns) {
            CAPTURE(column.name);
            CHECK(is_snake_case(column.name));
            CHECK(columns.insert(column.name).second);
            CHECK_FALSE(column.label.empty());
            CHECK(column.meaning.ends_with('.'));
        }
    }
    for (auto const& event : event_types())
        CHECK(names.insert(event.name).second);
}

TEST_CASE(
    "catalogue: a series has numbers only, a state no fractions, and every time limit is shorter than the cadence")
{
    for (auto const& probe : probes()) {
        CAPTURE(probe.name);
        CHECK(probe.limit < probe.every);
        if (probe.kind == Kind::state) {
            // Boost.JSON 1.81 does not return every fraction exactly, and both sides compare digests of states.
            for (auto const& column : probe.columns)
                CHECK(column.type != Type::real);
            continue;
        }
        for (auto const& column : probe.columns)
            CHECK((column.type == Type::real || column.type == Type::integer));
    }
}

TEST_CASE("catalogue: a name with the unit in it has that unit")
{
    for (auto const& probe : probes())
        for (auto const& column : probe.columns) {
            CAPTURE(column.name);
            if (column.name.ends_with("_bytes")) CHECK(column.unit == Unit::bytes);
            if (column.name.ends_with("_percent")) CHECK(column.unit == Unit::percent);
            if (column.name.ends_with("_bytes_per_s")) CHECK(column.unit == Unit::bytes_per_s);
            if (column.name.ends_with("_ms")) CHECK(column.type == Type::time_ms);
        }
}

TEST_CASE("catalogue: what is not there is not found")
{
    CHECK(find_probe("cpu") != nullptr);
    CHECK(find_probe("cpus") == nullptr);
    CHECK(find_column(*find_probe("cpu"), "used_percent") != nullptr);
    CHECK(find_column(*find_probe("cpu"), "") == nullptr);
    CHECK(find_event_type("boot") != nullptr);
}

TEST_CASE(
    "catalogue: a history tells of states only, each with words for what comes and goes, and of none without news")
{
    for (auto const& probe : probes()) {
        CAPTURE(probe.name);
        CHECK_FALSE(probe.appeared.empty());
        CHECK_FALSE(probe.vanished.empty());
        if (!is_told(probe)) continue;
        CHECK(probe.kind == Kind::state);
        CHECK(std::ranges::any_of(probe.columns, &Column::news));
    }
    CHECK(is_told(*find_probe("software")));
    CHECK_FALSE(is_told(*find_probe("processes")));
    CHECK_FALSE(is_told(*find_probe("sessions")));
    CHECK_FALSE(is_told(*find_probe("cpu")));
}

TEST_CASE("catalogue: a reading is told as exactly as anybody sees it")
{
    CHECK(rounded(12.345, Unit::percent) == 12.3);
    CHECK(rounded(1.005, Unit::none) == doctest::Approx(1.0).epsilon(0.01));
    CHECK(rounded(613'056.4, Unit::bytes_per_s) == 613'000.0);
    CHECK(rounded(999.6, Unit::bytes_per_s) == 1000.0);
    CHECK(rounded(9'996.0, Unit::bytes_per_s) == 10'000.0);
    CHECK(rounded(0.4, Unit::bytes_per_s) == 0.0);
    CHECK(rounded(-1'234'567.0, Unit::bytes_per_s) == -1'230'000.0);
    CHECK(rounded(std::int64_t{24'696'061'952}, Unit::bytes) == 24'700'000'000);
    CHECK(rounded(std::int64_t{4096}, Unit::bytes) == 4096);
    CHECK(rounded(std::int64_t{123'456}, Unit::count) == 123'456);
    CHECK(rounded(std::numeric_limits<std::int64_t>::max(), Unit::bytes) == std::numeric_limits<std::int64_t>::max());
}
