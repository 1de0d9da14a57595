#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "agent/snapshot/diff.hpp"

using namespace rollcall;
using snapshot::diff;

namespace
{

rc::Gen<Value> any_value()
{
    return rc::gen::oneOf(
        rc::gen::just(Value(unknown(errc::timed_out))),
        rc::gen::map(rc::gen::arbitrary<bool>(), [](bool value) { return Value(value); }),
        rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t value) { return Value(value); }),
        rc::gen::map(rc::gen::inRange(-1000, 1000), [](int value) { return Value(value / 4.0); }),
        rc::gen::map(rc::gen::arbitrary<std::string>(), [](std::string value) { return Value(std::move(value)); }));
}

/// A map of few keys, so that two of them have much in common.
template <class Map>
rc::Gen<Map> any_map(rc::Gen<typename Map::mapped_type> value)
{
    using Pairs = std::vector<std::pair<std::string, typename Map::mapped_type>>;
    auto const name = rc::gen::elementOf(std::vector<std::string>{"", "a", "b", "c", "d"});
    return rc::gen::map(rc::gen::container<Pairs>(rc::gen::pair(name, std::move(value))),
                        [](Pairs const& pairs) { return Map(pairs.begin(), pairs.end()); });
}

rc::Gen<Snapshot> any_snapshot() { return any_map<Snapshot>(any_map<Row>(any_value())); }

} // namespace

TEST_CASE("diff: what is applied to the old snapshot makes the new one")
{
    CHECK(rc::check("apply(diff(a, b), a) == b", [] {
        auto const before = *any_snapshot();
        auto const after = *any_snapshot();
        RC_ASSERT(snapshot::apply(diff(before, after), before) == after);
    }));
}

TEST_CASE("diff: a change is empty if and only if nothing changed")
{
    CHECK(rc::check("diff(a, b).empty() == (a == b)", [] {
        auto const before = *any_snapshot();
        auto const after = *any_snapshot();
        RC_ASSERT(diff(before, after).empty() == (before == after));
        RC_ASSERT(diff(before, before).empty());
    }));
}

TEST_CASE("diff: a changed row travels whole, an equal one not at all, a vanished one by its key")
{
    Snapshot const before = {
        {"/", {{"size", std::int64_t{1}}, {"ok", true}}}, {"/data", {{"size", std::int64_t{2}}}}, {"/old", {}}};
    Snapshot const after = {
        {"/", {{"size", std::int64_t{9}}, {"ok", true}}}, {"/data", {{"size", std::int64_t{2}}}}, {"/new", {}}};
    auto const change = diff(before, after);
    CHECK(change.rows.size() == 2);
    CHECK(change.rows.at("/").size() == 2);
    CHECK(change.rows.contains("/new"));
    CHECK(change.removed == std::vector<std::string>{"/old"});
}

TEST_CASE("diff: unknown is a value: from known to unknown, and another reason, are changes")
{
    auto const row = [](Value value) { return Snapshot{{"", {{"x", std::move(value)}}}}; };
    CHECK_FALSE(diff(row(std::int64_t{0}), row(unknown(errc::timed_out))).empty());
    CHECK_FALSE(diff(row(unknown(errc::not_found)), row(unknown(errc::timed_out))).empty());
    CHECK_FALSE(diff(row(false), row(std::int64_t{0})).empty());
    CHECK_FALSE(diff(row(std::string()), row(unknown(errc::not_found))).empty());
}

TEST_CASE("diff: applying twice, or to what lacks a removed row, changes nothing more")
{
    Snapshot const before = {{"a", {}}};
    Snapshot const after = {{"b", {{"x", true}}}};
    auto const change = diff(before, after);
    CHECK(snapshot::apply(change, snapshot::apply(change, before)) == after);
    CHECK(snapshot::apply(change, {}) == after);
}
