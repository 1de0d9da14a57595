#include <doctest/doctest.h>

#include "collector/view/api/curves.hpp"
#include "collector/view/api/limits.hpp"

using namespace rollcall;
using api::make_curves;

static store::StoredSeries reading(UnixMs at, std::vector<Value> values, std::string key = {})
{
    return {.taken_ms = at, .samples = {{.key = std::move(key), .values = std::move(values)}}};
}

static wire::Probe const& cpu()
{
    auto const* const probe = wire::find_probe("cpu");
    REQUIRE(probe);
    return *probe;
}

TEST_CASE("curves: a step holds mean, least and greatest, and null where nothing was read")
{
    auto const answer =
        make_curves(cpu(), {reading(0, {10.0}), reading(5, {20.0}), reading(30, {std::int64_t(7)})}, 0, 40, 4);
    CHECK(answer.step_ms == 10);
    REQUIRE(answer.curves.size() == cpu().columns.size());
    auto const& points = answer.curves[0].points;
    REQUIRE(points.size() == 4);
    CHECK(points[0].mean == 15.0);
    CHECK(points[0].min == 10.0);
    CHECK(points[0].max == 20.0);
    CHECK(points[1].at_ms == 10);
    CHECK_FALSE(points[1].mean);
    CHECK_FALSE(points[1].min);
    CHECK(points[3].mean == 7.0);
    CHECK_FALSE(answer.curves[1].points[0].mean);
}

TEST_CASE("curves: unknown is no number, and readings outside the span do not count")
{
    auto const answer =
        make_curves(cpu(), {reading(-1, {50.0}), reading(0, {Unknown{"timed_out"}}), reading(40, {50.0})}, 0, 40, 4);
    for (auto const& point : answer.curves[0].points)
        CHECK_FALSE(point.mean);
}

TEST_CASE("curves: more values than columns, and none at all, do no harm")
{
    CHECK(make_curves(cpu(), {reading(0, std::vector<Value>(50, Value(1.0)))}, 0, 10, 1).curves.size() ==
          cpu().columns.size());
    CHECK(make_curves(cpu(), {}, 0, 10, 1).curves.empty());
    CHECK(make_curves(cpu(), {reading(0, {1.0})}, 0, 1, 2000).curves[0].points.size() == 1);
}

TEST_CASE("curves: with many keys the steps become longer, so that the answer stays within its limit")
{
    store::StoredSeries wide{.taken_ms = 0, .samples = {}};
    for (int key = 0; key < 1000; ++key)
        wide.samples.push_back({.key = std::to_string(key), .values = {1.0}});
    auto const answer = make_curves(cpu(), {wide}, 0, 1'000'000, 2000);
    std::size_t points = 0;
    for (auto const& curve : answer.curves)
        points += curve.points.size();
    CHECK(points <= static_cast<std::size_t>(api::limits::answer_points));
    CHECK(answer.step_ms > 500);
}
