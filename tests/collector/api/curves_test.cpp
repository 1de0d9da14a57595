#include <doctest/doctest.h>

#include "collector/view/api/curves.hpp"
#include "collector/view/api/limits.hpp"

using namespace rollcall;
using api::choose_level;
using api::make_curves;
using store::Level;

static constexpr std::int64_t hour_ms = 3'600'000;
static constexpr std::int64_t day_ms = 24 * hour_ms;

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

TEST_CASE("curves: each reading is a point at its time; one that never came tears the line, a late one does not")
{
    auto const answer = make_curves(
        cpu(), {reading(0, {10.0}), reading(31'000, {std::int64_t(20)}), reading(90'000, {7.0})}, 0, 100'000);
    CHECK(answer.resolution == "reading");
    CHECK(answer.step_ms == 15'000);
    REQUIRE(answer.curves.size() == cpu().columns.size());
    auto const& points = answer.curves[0].points;
    REQUIRE(points.size() == 4);
    CHECK(points[0].mean == 10.0);
    CHECK(points[0].min == 10.0);
    CHECK(points[0].readings == 1);
    CHECK(points[1].at_ms == 31'000);
    CHECK(points[1].max == 20.0);
    CHECK(points[2].at_ms == 46'000);
    CHECK_FALSE(points[2].mean);
    CHECK(points[3].mean == 7.0);
    CHECK(answer.curves[1].points.empty());
}

TEST_CASE("curves: unknown is no number, and readings outside the span do not count")
{
    auto const answer =
        make_curves(cpu(), {reading(-1, {50.0}), reading(0, {Unknown{"timed_out"}}), reading(40, {50.0})}, 0, 40);
    REQUIRE(answer.curves[0].points.size() == 1);
    CHECK_FALSE(answer.curves[0].points[0].mean);
    CHECK(answer.curves[0].points[0].unknown == 1);
    CHECK(answer.curves[0].points[0].readings == 0);
}

TEST_CASE("curves: more values than columns, and none at all, do no harm")
{
    CHECK(make_curves(cpu(), {reading(0, std::vector<Value>(50, Value(1.0)))}, 0, 10).curves.size() ==
          cpu().columns.size());
    CHECK(make_curves(cpu(), {}, 0, 10).curves.empty());
    store::Rolled beyond;
    beyond[{"", 50}] = {{.at_ms = 0, .count = 1}};
    CHECK(make_curves(cpu(), beyond, Level::hours, 0, hour_ms).curves.empty());
}

TEST_CASE("curves: roll-ups come in even steps with mean, least and greatest, and null where nothing was read")
{
    store::Rolled rolled;
    rolled[{"", 0}] = {{.at_ms = 0, .count = 20, .unknowns = 1, .mean = 5, .min = 1, .max = 9},
                       {.at_ms = 2 * hour_ms, .count = 0, .unknowns = 3}};
    auto const answer = make_curves(cpu(), rolled, Level::hours, 10, 3 * hour_ms);
    CHECK(answer.resolution == "1h");
    CHECK(answer.step_ms == hour_ms);
    CHECK(answer.meaning.find("least and the greatest") != std::string::npos);
    REQUIRE(answer.curves.size() == 1);
    auto const& points = answer.curves[0].points;
    REQUIRE(points.size() == 3);
    CHECK(points[0].at_ms == 0);
    CHECK(points[0].mean == 5.0);
    CHECK(points[0].min == 1.0);
    CHECK(points[0].max == 9.0);
    CHECK(points[0].readings == 20);
    CHECK(points[0].unknown == 1);
    CHECK(points[1].at_ms == hour_ms);
    CHECK_FALSE(points[1].mean);
    CHECK_FALSE(points[2].mean);
    CHECK(points[2].unknown == 3);
}

TEST_CASE("curves: what does not fit into the answer is counted, not dropped silently")
{
    store::Rolled wide;
    store::StoredSeries raw{.taken_ms = 0, .samples = {}};
    for (int key = 0; key < 300; ++key) {
        wide[{std::to_string(key), 0}] = {{.at_ms = 0, .count = 1, .mean = 1, .min = 1, .max = 1}};
        raw.samples.push_back({.key = std::to_string(key), .values = {1.0}});
    }
    auto const rolled = make_curves(cpu(), wide, Level::hours, 0, 1000 * hour_ms);
    CHECK(rolled.curves.size() == 100);
    CHECK(rolled.left_out == 200);
    std::vector<store::StoredSeries> const readings(400, raw);
    auto const exact = make_curves(cpu(), readings, 0, 10);
    CHECK(exact.left_out == 200);
    CHECK(exact.curves.size() == 300 * cpu().columns.size() - 200);
}

TEST_CASE("curves: the finest resolution is chosen that fits and is still kept")
{
    store::Retention const keep;
    auto const now = 1000 * day_ms;
    auto const last = [&](std::int64_t span) { return choose_level(cpu(), now - span, now, now, 1000, keep); };
    CHECK(last(hour_ms / 12) == Level::readings);
    CHECK(last(hour_ms) == Level::readings);
    CHECK(last(day_ms) == Level::five_minutes);
    CHECK(last(7 * day_ms) == Level::hours);
    CHECK(last(30 * day_ms) == Level::hours);
    CHECK(last(365 * day_ms) == Level::days);
    CHECK(last(5 * 366 * day_ms) == Level::days);
    auto const back = [&](std::int64_t ago) {
        return choose_level(cpu(), now - ago, now - ago + hour_ms, now, 1000, keep);
    };
    CHECK(back(13 * day_ms) == Level::readings);
    CHECK(back(20 * day_ms) == Level::five_minutes);
    CHECK(back(100 * day_ms) == Level::hours);
    CHECK(back(800 * day_ms) == Level::days);
    CHECK(choose_level(cpu(), now - hour_ms, now, now, 10, keep) == Level::hours);
    for (auto const& word : api::resolutions())
        CHECK(api::to_string(*api::level_from(word)) == word);
    CHECK_FALSE(api::level_from("10min"));
}
