#include <doctest/doctest.h>

#include "collector/ingest/apply.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/limits.hpp"

using namespace rollcall;
using namespace rollcall::ingest;
using wire::Lane;

static Snapshot two_services()
{
    return {{"a", Row{{"state", "running"}, {"expected", true}}},
            {"b", Row{{"state", "stopped"}, {"expected", false}}}};
}

static wire::State whole(Snapshot rows)
{
    wire::State state{.sequence = 1, .probe = "services", .taken_ms = 1000};
    state.digest = wire::digest(rows);
    state.rows = std::move(rows);
    return state;
}

static store::ProbeStatus status_of(Snapshot const& rows)
{
    return {.probe = "services", .digest = wire::digest(rows), .as_of_ms = 500, .unknown = "", .cut_rows = 0};
}

TEST_CASE("ingest: a record in its place moves the mark, a repeat does not")
{
    CHECK(place(Lane::event, 4, 5, 5, 0).mark == 5);
    CHECK_FALSE(place(Lane::event, 4, 5, 5, 0).missing);
    auto const again = place(Lane::event, 5, 5, 5, 0);
    CHECK(again.repeated);
    CHECK(again.mark == 5);
}

TEST_CASE("ingest: skipped events and series are noted as missing, skipped states are not")
{
    for (auto const lane : {Lane::event, Lane::series}) {
        auto const found = place(lane, 4, 8, 8, 77);
        REQUIRE(found.missing);
        CHECK(found.missing->first == 5);
        CHECK(found.missing->last == 7);
        CHECK(found.missing->reason == "missing");
        CHECK(found.missing->at_ms == 77);
        CHECK(found.mark == 8);
    }
    CHECK_FALSE(place(Lane::state, 4, 8, 8, 0).missing);
}

TEST_CASE("ingest: a gap that overlaps what is stored counts only beyond it")
{
    auto const found = place(Lane::series, 10, 5, 20, 0);
    CHECK_FALSE(found.repeated);
    CHECK_FALSE(found.missing);
    CHECK(found.mark == 20);
    CHECK(place(Lane::series, 20, 5, 20, 0).repeated);
}

TEST_CASE("ingest: the hello tells a restored disk from a restored backup")
{
    auto const well = greet(Lane::event, 5, {.first = 6, .next = 9}, 0);
    CHECK(well.mark == 5);
    CHECK_FALSE(well.agent_behind);
    CHECK_FALSE(well.missing);
    CHECK_FALSE(greet(Lane::event, 0, {.first = 1, .next = 1}, 0).agent_behind);
    CHECK(greet(Lane::event, 9, {.first = 4, .next = 9}, 0).agent_behind);
    auto const behind = greet(Lane::event, 5, {.first = 8, .next = 9}, 0);
    CHECK(behind.mark == 7);
    REQUIRE(behind.missing);
    CHECK(behind.missing->first == 6);
    CHECK(behind.missing->last == 7);
    CHECK(behind.missing->reason == "collector_behind");
    CHECK_FALSE(greet(Lane::state, 5, {.first = 8, .next = 9}, 0).missing);
}

TEST_CASE("ingest: a stamp is corrected only by a clock that is off, and is never in our future")
{
    CHECK(corrected(1000, 4000, 100'000) == 1000);
    CHECK(corrected(50'000, 6000, 100'000) == 44'000);
    CHECK(corrected(50'000, -6000, 100'000) == 56'000);
    CHECK(corrected(200'000, 0, 100'000) == 100'000);
    CHECK(corrected(INT64_MIN, INT64_MAX, 100'000) == 0);
    CHECK(corrected(INT64_MAX, INT64_MIN, 100'000) == 100'000);
}

TEST_CASE("ingest: a first whole snapshot is all new")
{
    auto const outcome = apply(whole(two_services()), {}, {}, 1000);
    CHECK(outcome.what == What::changed);
    CHECK(outcome.changed.size() == 2);
    CHECK(outcome.removed.empty());
    CHECK(outcome.status.as_of_ms == 1000);
    CHECK(outcome.status.digest == wire::digest(two_services()));
}

TEST_CASE("ingest: a whole snapshot is compared with what is stored")
{
    auto const before = two_services();
    auto after = before;
    after.erase("a");
    after["b"]["state"] = "running";
    after["c"] = Row{{"state", "running"}};
    auto const outcome = apply(whole(after), status_of(before), before, 1000);
    CHECK(outcome.what == What::changed);
    CHECK(outcome.changed.size() == 2);
    CHECK(outcome.removed == std::vector<std::string>{"a"});
    CHECK(outcome.after == after);
}

TEST_CASE("ingest: the history tells what came, went and changed, but not what the first reading found")
{
    auto const before = two_services();
    CHECK(apply(whole(before), {}, {}, 1000).quiet.size() == 2);
    // Its first readings failed, so this is the first one all the same.
    store::ProbeStatus const failed{.probe = "services", .as_of_ms = 500, .unknown = "timed_out"};
    CHECK(apply(whole(before), failed, {}, 1000).quiet.size() == 2);
    auto after = before;
    after.erase("a");
    after["b"]["state"] = "running";
    after["c"] = Row{{"state", "running"}};
    CHECK(apply(whole(after), status_of(before), before, 1000).quiet.empty());
    // After nothing at all was there, what comes is new.
    CHECK(apply(whole(before), status_of({}), {}, 1000).quiet.empty());
}

TEST_CASE("ingest: the history tells nothing of values that change all the time, nor of what became known")
{
    auto before = two_services();
    before["a"]["since_ms"] = 100;
    before["a"]["start_type"] = unknown(errc::permission_denied);
    auto after = before;
    after["a"]["since_ms"] = 200;
    after["a"]["start_type"] = "automatic";
    after["b"]["label"] = "a column that was not told before";
    auto const outcome = apply(whole(after), status_of(before), before, 1000);
    CHECK(outcome.what == What::changed);
    CHECK(outcome.changed.size() == 2);
    CHECK(outcome.quiet == std::set<std::string, std::less<>>{"a", "b"});
    auto again = after;
    again["a"]["start_type"] = "manual";
    again["a"]["since_ms"] = unknown(errc::timed_out);
    CHECK(apply(whole(again), status_of(after), after, 1000).quiet.empty());
}

TEST_CASE("ingest: of probes whose story events tell, the history tells no rows")
{
    Snapshot const before{{"1", Row{{"user", "ada"}}}, {"2", Row{{"user", "bob"}}}};
    Snapshot const after{{"1", Row{{"user", "eve"}}}, {"3", Row{{"user", "bob"}}}};
    auto state = whole(after);
    state.probe = "sessions";
    auto status = status_of(before);
    status.probe = "sessions";
    auto const outcome = apply(state, status, before, 1000);
    CHECK(outcome.changed.size() == 2);
    CHECK(outcome.quiet == std::set<std::string, std::less<>>{"1", "2", "3"});
}

TEST_CASE("ingest: as many rows as are taken may change at once")
{
    Snapshot rows;
    for (std::size_t i = 0; i < wire::limits::snapshot_rows; ++i)
        rows["s" + std::to_string(i)] = Row{{"state", "running"}};
    CHECK(apply(whole(rows), {}, {}, 1000).quiet.size() == wire::limits::snapshot_rows);
    auto const gone = apply(whole({}), status_of(rows), rows, 1000);
    CHECK(gone.removed.size() == wire::limits::snapshot_rows);
    CHECK(gone.quiet.empty());
}

TEST_CASE("ingest: a change applies to the state it was made of, and to no other")
{
    auto const before = two_services();
    auto after = before;
    after["a"]["state"] = "failed";
    after.erase("b");
    wire::State change{.sequence = 2, .probe = "services", .taken_ms = 1000};
    change.base = wire::digest(before);
    change.digest = wire::digest(after);
    change.rows = {{"a", after["a"]}};
    change.removed = {"b", "never_there"};
    auto const outcome = apply(change, status_of(before), before, 1000);
    CHECK(outcome.what == What::changed);
    CHECK(outcome.after == after);
    CHECK(outcome.removed == std::vector<std::string>{"b"});

    CHECK(apply(change, status_of(Snapshot{}), {}, 1000).what == What::resync);
    CHECK(apply(change, {}, {}, 1000).what == What::resync);
    auto damaged = before;
    damaged["b"]["state"] = "else";
    damaged["c"] = {};
    CHECK(apply(change, status_of(before), damaged, 1000).what == What::resync);
}

TEST_CASE("ingest: what is already held is only read again")
{
    auto const rows = two_services();
    auto const outcome = apply(whole(rows), status_of(rows), {}, 1000);
    CHECK(outcome.what == What::unchanged);
    CHECK(outcome.status.as_of_ms == 1000);
}

TEST_CASE("ingest: a failed reading keeps the digest and says why")
{
    wire::State state{.sequence = 1, .probe = "services", .taken_ms = 1000, .unknown = "timed_out"};
    auto const rows = two_services();
    auto const outcome = apply(state, status_of(rows), rows, 1000);
    CHECK(outcome.what == What::unknown);
    CHECK(outcome.status.unknown == "timed_out");
    CHECK(outcome.status.digest == wire::digest(rows));
    CHECK(outcome.status.as_of_ms == 500);
}

TEST_CASE("ingest: columns of a newer agent are kept, since the digest is over them")
{
    auto rows = two_services();
    rows["a"]["colour"] = "blue";
    auto const outcome = apply(whole(rows), {}, {}, 1000);
    CHECK(outcome.what == What::changed);
    CHECK(outcome.after == rows);
}

TEST_CASE("ingest: what does not fit is bad and says where; a newer agent's probe is foreign")
{
    auto rows = two_services();
    rows["a"]["expected"] = "yes";
    auto const outcome = apply(whole(rows), {}, {}, 1000);
    CHECK(outcome.what == What::bad);
    CHECK(outcome.error.find("services.a.expected") != std::string::npos);

    auto lying = whole(two_services());
    lying.digest = "0";
    CHECK(apply(lying, {}, {}, 1000).what == What::bad);

    auto strange = whole(two_services());
    strange.probe = "tea_kettle";
    CHECK(apply(strange, {}, {}, 1000).what == What::foreign);
    strange.probe = "cpu";
    CHECK(apply(strange, {}, {}, 1000).what == What::foreign);
}

TEST_CASE("ingest: a probe of 100,000 rows is refused, not stored by half")
{
    Snapshot rows;
    for (int i = 0; i < 100'000; ++i)
        rows[std::to_string(i)] = Row{{"state", "running"}};
    auto const outcome = apply(whole(rows), {}, {}, 1000);
    CHECK(outcome.what == What::bad);
    CHECK(outcome.error.find("100000") != std::string::npos);
}

TEST_CASE("ingest: samples are numbers of at most the declared columns")
{
    std::string error;
    wire::Series series{.sequence = 1,
                        .probe = "load",
                        .taken_ms = 1,
                        .samples = {{"", {std::int64_t{1}, 2.5, unknown(errc::io), 4.0}}}};
    CHECK(check(series, error) == What::changed);
    CHECK(series.samples[0].values == std::vector<Value>{1.0, 2.5, unknown(errc::io)});
    series.samples[0].values[1] = "two";
    CHECK(check(series, error) == What::bad);
    CHECK(error == "load..load_5: must be a number");
    series.samples[0] = {std::string(600, 'x'), {1.0}};
    CHECK(check(series, error) == What::bad);
    series.samples[0] = {"\xff", {1.0}};
    CHECK(check(series, error) == What::bad);
    series.probe = "services";
    CHECK(check(series, error) == What::foreign);
}

TEST_CASE("ingest: an event's detail is checked by its declaration")
{
    std::string error;
    wire::Event event{.sequence = 1, .name = "boot", .at_ms = 1, .detail = {{"boot_id", "x"}, {"novel", 1}}};
    CHECK(check(event, error) == What::changed);
    CHECK(event.detail.size() == 1);
    event.detail["boot_ms"] = "yesterday";
    CHECK(check(event, error) == What::bad);
    CHECK(error.find("boot_ms") != std::string::npos);
    event.name = "sneeze";
    CHECK(check(event, error) == What::foreign);
}

TEST_CASE("ingest: the probes that are needed are those that differ or could not be read")
{
    std::vector<store::ProbeStatus> const stored{{.probe = "os", .digest = "1"},
                                                 {.probe = "services", .digest = "2"},
                                                 {.probe = "patches", .digest = "3", .unknown = "timed_out"}};
    CHECK(needed({{"os", "1"}, {"services", "x"}, {"patches", "3"}, {"volumes", "4"}, {"novel", "5"}, {"cpu", "6"}},
                 stored) == std::vector<std::string>{"patches", "services", "volumes"});
}
