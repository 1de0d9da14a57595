#include <doctest/doctest.h>

#include "agent/spool/merge.hpp"

using namespace rollcall;

static wire::State change(std::string base, std::string digest, Snapshot rows, std::vector<std::string> removed = {})
{
    wire::State state;
    state.probe = "services";
    state.base = std::move(base);
    state.digest = std::move(digest);
    state.rows = std::move(rows);
    state.removed = std::move(removed);
    return state;
}

static Row row(std::string text) { return {{"state", Value(std::move(text))}}; }

TEST_CASE("merge: two changes that follow each other are one")
{
    auto const merged = spool::merge(change("A", "B", {{"x", row("1")}, {"y", row("1")}}, {"p", "q"}),
                                     change("B", "C", {{"y", row("2")}, {"p", row("3")}}, {"x", "r"}));
    REQUIRE(merged);
    CHECK(merged->base == "A");
    CHECK(merged->digest == "C");
    CHECK(merged->rows == Snapshot{{"y", row("2")}, {"p", row("3")}});
    CHECK(merged->removed == std::vector<std::string>{"q", "r", "x"});
}

TEST_CASE("merge: what follows a whole snapshot stays whole")
{
    auto const merged =
        spool::merge(change("", "B", {{"x", row("1")}, {"y", row("1")}}), change("B", "C", {{"z", row("2")}}, {"x"}));
    REQUIRE(merged);
    CHECK(merged->base.empty());
    CHECK(merged->removed.empty());
    CHECK(merged->rows == Snapshot{{"y", row("1")}, {"z", row("2")}});
}

TEST_CASE("merge: a whole snapshot takes the place of anything")
{
    auto unknown = change("A", "A", {});
    unknown.unknown = "timed_out";
    auto const whole = change("", "C", {{"x", row("1")}});
    CHECK(spool::merge(change("A", "B", {}), whole)->rows == whole.rows);
    CHECK(spool::merge(unknown, whole)->rows == whole.rows);
}

TEST_CASE("merge: what does not follow, or is not known, is kept apart")
{
    auto unknown = change("B", "B", {});
    unknown.unknown = "timed_out";
    auto const known = change("A", "B", {{"x", row("1")}});
    CHECK(!spool::merge(known, change("X", "C", {})));
    CHECK(!spool::merge(known, unknown));
    CHECK(!spool::merge(unknown, change("B", "C", {})));
    CHECK(spool::merge(unknown, unknown));
    auto other = change("B", "C", {});
    other.probe = "volumes";
    CHECK(!spool::merge(known, other));
}
