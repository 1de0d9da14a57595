#include "collector/view/api/curves.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "collector/view/api/limits.hpp"

namespace rollcall::api
{

namespace
{

/// What was read of one column of one key within one step.
struct Step {
    double sum = 0;
    double min = 0;
    double max = 0;
    std::int64_t count = 0;

    void add(double value)
    {
        min = count == 0 ? value : std::min(min, value);
        max = count == 0 ? value : std::max(max, value);
        sum += value;
        ++count;
    }
};

} // namespace

static std::optional<double> number(Value const& value)
{
    if (auto const* real = std::get_if<double>(&value)) return *real;
    if (auto const* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
    return std::nullopt;
}

SeriesAnswer make_curves(wire::Probe const& probe, std::vector<store::StoredSeries> const& readings, UnixMs from_ms,
                         UnixMs to_ms, std::int64_t points)
{
    std::map<std::string, std::size_t, std::less<>> keys;
    for (auto const& reading : readings)
        for (auto const& sample : reading.samples)
            keys.emplace(sample.key, 0);
    std::size_t place = 0;
    for (auto& [key, at] : keys)
        at = place++;

    auto const columns = probe.columns.size();
    auto const curves = static_cast<std::int64_t>(std::max<std::size_t>(1, keys.size() * columns));
    points = std::clamp<std::int64_t>(std::min(points, limits::answer_points / curves), 1, limits::curve_points);
    auto const span = std::max<std::int64_t>(1, to_ms - from_ms);
    auto const step_ms = (span + points - 1) / points;
    auto const steps = static_cast<std::size_t>((span + step_ms - 1) / step_ms);

    std::vector<Step> table(keys.size() * columns * steps);
    for (auto const& reading : readings) {
        if (reading.taken_ms < from_ms || reading.taken_ms >= to_ms) continue;
        auto const step = static_cast<std::size_t>((reading.taken_ms - from_ms) / step_ms);
        for (auto const& sample : reading.samples) {
            auto const row = keys.find(sample.key)->second;
            for (std::size_t column = 0; column < std::min(columns, sample.values.size()); ++column)
                if (auto const value = number(sample.values[column]))
                    table[(row * columns + column) * steps + step].add(*value);
        }
    }

    SeriesAnswer answer{
        .probe = std::string(probe.name), .from_ms = from_ms, .to_ms = to_ms, .step_ms = step_ms, .curves = {}};
    for (auto const& [key, row] : keys) {
        for (std::size_t column = 0; column < columns; ++column) {
            Curve curve{.key = key, .column = std::string(probe.columns[column].name), .points = {}};
            curve.points.reserve(steps);
            for (std::size_t step = 0; step < steps; ++step) {
                auto const& seen = table[(row * columns + column) * steps + step];
                Point point{.at_ms = from_ms + static_cast<std::int64_t>(step) * step_ms};
                if (seen.count > 0) {
                    point.mean = seen.sum / static_cast<double>(seen.count);
                    point.min = seen.min;
                    point.max = seen.max;
                }
                curve.points.push_back(point);
            }
            answer.curves.push_back(std::move(curve));
        }
    }
    return answer;
}

} // namespace rollcall::api
