#include "collector/view/api/curves.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "collector/store/store.hpp"
#include "collector/view/api/limits.hpp"

namespace rollcall::api
{

namespace
{

constexpr std::array all_levels{store::Level::readings, store::Level::five_minutes, store::Level::hours,
                                store::Level::days};

std::optional<double> number(Value const& value)
{
    if (auto const* const real = std::get_if<double>(&value)) return *real;
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
    return std::nullopt;
}

Point point_of(UnixMs at_ms, Value const& value)
{
    Point point{.at_ms = at_ms};
    if (auto const read = number(value)) {
        point.mean = point.min = point.max = *read;
        point.readings = 1;
    } else if (std::holds_alternative<Unknown>(value)) {
        point.unknown = 1;
    }
    return point;
}

Point point_of(store::Bucket const& bucket)
{
    Point point{.at_ms = bucket.at_ms, .readings = bucket.count, .unknown = bucket.unknowns};
    if (bucket.count > 0) {
        point.mean = bucket.mean;
        point.min = bucket.min;
        point.max = bucket.max;
    }
    return point;
}

std::string_view meaning_of(store::Level level)
{
    switch (level) {
    case store::Level::readings:
        return "Each point is one reading, at the time it was taken; mean, min and max are that reading.";
    case store::Level::five_minutes:
        return "Each point covers the 5 minutes from at_ms on: the mean of its readings, the least and the greatest.";
    case store::Level::hours:
        return "Each point covers the hour from at_ms on: the mean of its readings, the least and the greatest.";
    case store::Level::days:
        return "Each point covers the day (UTC) from at_ms on: the mean of its readings, the least and the greatest.";
    }
    return "";
}

std::int64_t kept_ms(store::Level level, store::Retention const& retention)
{
    auto const days = [&] {
        switch (level) {
        case store::Level::readings:
            return retention.readings;
        case store::Level::five_minutes:
            return retention.five_minutes;
        case store::Level::hours:
            return retention.hours;
        case store::Level::days:
            return retention.days;
        }
        return retention.days;
    }();
    return std::chrono::milliseconds(days).count();
}

SeriesAnswer answer_of(wire::Probe const& probe, store::Level level, UnixMs from_ms, UnixMs to_ms)
{
    return {.probe = std::string(probe.name),
            .from_ms = from_ms,
            .to_ms = to_ms,
            .resolution = std::string(to_string(level)),
            .step_ms = step_ms(probe, level),
            .meaning = std::string(meaning_of(level)),
            .left_out = 0,
            .curves = {}};
}

} // namespace

std::vector<std::string> resolutions()
{
    std::vector<std::string> words;
    words.reserve(all_levels.size());
    for (auto const level : all_levels)
        words.emplace_back(to_string(level));
    return words;
}

std::string_view to_string(store::Level level)
{
    switch (level) {
    case store::Level::readings:
        return "reading";
    case store::Level::five_minutes:
        return "5min";
    case store::Level::hours:
        return "1h";
    case store::Level::days:
        return "1d";
    }
    return "";
}

std::optional<store::Level> level_from(std::string_view word)
{
    for (auto const level : all_levels)
        if (to_string(level) == word) return level;
    return std::nullopt;
}

std::int64_t step_ms(wire::Probe const& probe, store::Level level)
{
    if (level != store::Level::readings) return store::bucket_ms(level);
    return std::max<std::int64_t>(1, std::chrono::milliseconds(probe.every).count());
}

std::int64_t count_points(wire::Probe const& probe, store::Level level, UnixMs from_ms, UnixMs to_ms)
{
    auto const step = step_ms(probe, level);
    return (to_ms - from_ms + step - 1) / step;
}

store::Level choose_level(wire::Probe const& probe, UnixMs from_ms, UnixMs to_ms, UnixMs now_ms, std::int64_t points,
                          store::Retention const& retention)
{
    for (auto const level : all_levels) {
        bool const is_kept = from_ms >= now_ms - kept_ms(level, retention);
        if (is_kept && count_points(probe, level, from_ms, to_ms) <= points) return level;
    }
    return store::Level::days;
}

SeriesAnswer make_curves(wire::Probe const& probe, std::vector<store::StoredSeries> const& readings, UnixMs from_ms,
                         UnixMs to_ms)
{
    auto answer = answer_of(probe, store::Level::readings, from_ms, to_ms);
    // A reading that comes late tears no line; one that never came does.
    auto const torn_ms = answer.step_ms * 5 / 2;
    auto const columns = probe.columns.size();
    std::map<std::string, std::vector<Curve>, std::less<>> keys;
    for (auto const& reading : readings) {
        if (reading.taken_ms < from_ms || reading.taken_ms >= to_ms) continue;
        for (auto const& sample : reading.samples) {
            auto& curves = keys[sample.key];
            curves.resize(columns);
            for (std::size_t column = 0; column < std::min(columns, sample.values.size()); ++column) {
                auto& points = curves[column].points;
                if (!points.empty() && reading.taken_ms - points.back().at_ms > torn_ms)
                    points.push_back({.at_ms = points.back().at_ms + answer.step_ms});
                points.push_back(point_of(reading.taken_ms, sample.values[column]));
            }
        }
    }
    std::int64_t points = 0;
    for (auto& [key, curves] : keys)
        for (std::size_t column = 0; column < columns; ++column) {
            points += static_cast<std::int64_t>(curves[column].points.size());
            if (points > limits::answer_points) {
                ++answer.left_out;
                continue;
            }
            answer.curves.push_back({.key = key,
                                     .column = std::string(probe.columns[column].name),
                                     .points = std::move(curves[column].points)});
        }
    return answer;
}

SeriesAnswer make_curves(wire::Probe const& probe, store::Rolled const& rolled, store::Level level, UnixMs from_ms,
                         UnixMs to_ms)
{
    auto answer = answer_of(probe, level, from_ms, to_ms);
    auto const begin = store::floor_to(from_ms, answer.step_ms);
    auto const steps = static_cast<std::size_t>((to_ms - begin + answer.step_ms - 1) / answer.step_ms);
    for (auto const& [curve, buckets] : rolled) {
        auto const& [key, column] = curve;
        if (column >= probe.columns.size()) continue;
        if ((answer.curves.size() + 1) * steps > static_cast<std::size_t>(limits::answer_points)) {
            ++answer.left_out;
            continue;
        }
        Curve made{.key = key, .column = std::string(probe.columns[column].name), .points = {}};
        made.points.resize(steps);
        for (std::size_t i = 0; i < steps; ++i)
            made.points[i].at_ms = begin + static_cast<std::int64_t>(i) * answer.step_ms;
        for (auto const& bucket : buckets) {
            auto const place = (bucket.at_ms - begin) / answer.step_ms;
            if (bucket.at_ms >= begin && place < static_cast<std::int64_t>(steps))
                made.points[static_cast<std::size_t>(place)] = point_of(bucket);
        }
        answer.curves.push_back(std::move(made));
    }
    return answer;
}

Result<SeriesAnswer> read_curves(sqlite::Database& db, std::string_view device_id, wire::Probe const& probe,
                                 store::Level level, UnixMs from_ms, UnixMs to_ms)
{
    if (level == store::Level::readings) {
        auto const readings = store::series_between(db, device_id, probe.name, from_ms, to_ms);
        if (!readings) return readings.error();
        return make_curves(probe, *readings, from_ms, to_ms);
    }
    auto const rolled = store::rolled_between(db, device_id, probe.name, level, from_ms, to_ms);
    if (!rolled) return rolled.error();
    return make_curves(probe, *rolled, level, from_ms, to_ms);
}

} // namespace rollcall::api
