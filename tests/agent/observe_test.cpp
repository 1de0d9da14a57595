#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "agent/observe.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/limits.hpp"

using namespace rollcall;

namespace
{

constexpr UnixMs now = 1'800'000'000'000;

wire::Probe const& probe(std::string_view name) { return *wire::find_probe(name); }

spool::Stored stored(std::string name, Snapshot rows, std::string unknown = "")
{
    auto digest = wire::digest(rows);
    return {.probe = std::move(name),
            .taken_ms = now - 1,
            .digest = std::move(digest),
            .unknown = std::move(unknown),
            .rows = std::move(rows)};
}

Snapshot service(std::string state)
{
    return {{"cron.service", {{"state", Value(state)}, {"since_ms", Value(now - 5)}}}};
}

} // namespace

TEST_CASE("observe: the first look is told whole, the same look not at all, a change as a change")
{
    auto const a = service("running");
    auto first = agent::observe(probe("services"), a, std::nullopt, std::nullopt, now);
    REQUIRE(first.change);
    CHECK(first.change->base.empty());
    CHECK(first.change->rows == a);
    CHECK(first.events.empty());

    CHECK(!agent::observe(probe("services"), a, stored("services", a), std::nullopt, now).change);

    auto const b = service("failed");
    auto const changed = agent::observe(probe("services"), b, stored("services", a), std::nullopt, now);
    REQUIRE(changed.change);
    CHECK(changed.change->base == wire::digest(a));
    CHECK(changed.change->digest == wire::digest(b));
    REQUIRE(changed.events.size() == 1);
    CHECK(changed.events[0].name == "service_failed");
}

TEST_CASE("observe: a failure is told once with its reason, and its end even where nothing else changed")
{
    auto const a = service("running");
    auto const failed = fail(errc::timed_out, "services: too long");
    auto const told = agent::observe(probe("services"), failed, stored("services", a), std::nullopt, now);
    REQUIRE(told.change);
    CHECK(told.change->unknown == "timed_out");
    CHECK(told.change->digest == wire::digest(a));
    CHECK(told.change->rows.empty());
    CHECK(!agent::observe(probe("services"), failed, stored("services", a, "timed_out"), std::nullopt, now).change);
    auto const again = agent::observe(probe("services"), a, stored("services", a, "timed_out"), std::nullopt, now);
    REQUIRE(again.change);
    CHECK(again.change->unknown.empty());
    CHECK(again.change->base == again.change->digest);
    CHECK(agent::observe(probe("services"), failed, std::nullopt, std::nullopt, now).change->base.empty());
}

TEST_CASE("observe: another boot id is a boot, the first one is only remembered")
{
    Snapshot const os{{"", {{"boot_id", Value(std::string("b2"))}, {"boot_ms", Value(now - 60'000)}}}};
    auto const first = agent::observe(probe("os"), os, std::nullopt, std::nullopt, now);
    CHECK(first.events.empty());
    CHECK(first.boot_id == "b2");
    auto const booted = agent::observe(probe("os"), os, std::nullopt, "b1", now);
    REQUIRE(booted.events.size() == 1);
    CHECK(booted.events[0].name == "boot");
    CHECK(booted.events[0].at_ms == now - 60'000);
    CHECK(!agent::observe(probe("os"), os, std::nullopt, "b2", now).boot_id);
}

TEST_CASE("observe: a series is numbers in the order of the columns; what is not known stays unknown")
{
    auto const& memory = probe("memory");
    Row row;
    for (auto const& column : memory.columns)
        row.emplace(column.name, Value(std::int64_t{1}));
    auto const first = std::string(memory.columns[0].name);
    row[first] = unknown(errc::permission_denied);
    auto const seen = agent::observe(memory, Snapshot{{"", row}}, std::nullopt, std::nullopt, now);
    REQUIRE(seen.series);
    REQUIRE(seen.series->samples.size() == 1);
    CHECK(seen.series->samples[0].values.size() == memory.columns.size());
    CHECK(seen.series->samples[0].values[0] == unknown(errc::permission_denied));

    for (auto& [name, value] : row)
        value = unknown(errc::not_yet_read);
    CHECK(!agent::observe(memory, Snapshot{{"", row}}, std::nullopt, std::nullopt, now).series);
    auto const failed = agent::observe(memory, fail(errc::timed_out, "x"), std::nullopt, std::nullopt, now);
    REQUIRE(failed.series);
    CHECK(failed.series->samples[0].values[0] == unknown(errc::timed_out));
    CHECK(!agent::observe(probe("disk_io"), fail(errc::timed_out, "x"), std::nullopt, std::nullopt, now).series);
}

TEST_CASE("observe: a reading is told as exactly as anybody sees it, and no more")
{
    auto const told = [](std::string const& name, std::string const& column, double value) {
        auto const& declared = probe(name);
        auto const seen = agent::observe(declared, Snapshot{{"", {{column, value}}}}, std::nullopt, std::nullopt, now);
        for (std::size_t at = 0; at < declared.columns.size(); ++at)
            if (declared.columns[at].name == column) return seen.series->samples[0].values[at];
        return unknown(errc::not_found);
    };
    CHECK(told("cpu", "used_percent", 12.3456) == Value(12.3));
    CHECK(told("cpu", "used_percent", 99.97) == Value(100.0));
    CHECK(told("disk_io", "read_bytes_per_s", 1234.56) == Value(1230.0));
    CHECK(told("load", "load_1", 0.384) == Value(0.38));
}

TEST_CASE("observe: a hundred thousand rows are cut to what a message can carry, and counted")
{
    Snapshot rows;
    for (int i = 0; i < 100'000; ++i)
        rows["package-" + std::to_string(i)] = {{"version", Value(std::string(300, 'x'))}};
    auto const seen = agent::observe(probe("software"), rows, std::nullopt, std::nullopt, now);
    REQUIRE(seen.change);
    CHECK(seen.change->rows.size() + seen.change->cut_rows == 100'000);
    CHECK(seen.change->rows.size() <= wire::limits::snapshot_rows);
    CHECK(wire::encode(wire::FromAgent(*seen.change)).size() < wire::limits::message_bytes);
    CHECK(seen.change->digest == wire::digest(seen.rows));
}
