#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "common/wire/codec.hpp"
#include "common/wire/reader.hpp"

namespace json = boost::json;

namespace rollcall::wire
{

/// Probes that travel as their place in this list. Append; a place is never given to another.
static constexpr std::array<std::string_view, 12> numbered_probes{
    "cpu",        "load",         "memory", "swap",         "volume_usage", "disk_io",
    "network_io", "temperatures", "fans",   "agent_health", "file_ages",    "drive_temperatures"};

static void put_text(std::string& out, std::string_view text) { out += json::serialize(json::string_view(text)); }

/// 613e3 for 613000: as few characters as say the same. That form is read as a double, so a number that a double may
/// not hold keeps all its digits.
static void put_number(std::string& out, std::int64_t whole)
{
    static constexpr auto exact = static_cast<std::int64_t>(detail::exact_whole);
    if (whole > exact || whole < -exact) {
        fmt::format_to(std::back_inserter(out), "{}", whole);
        return;
    }
    int zeros = 0;
    for (; whole != 0 && whole % 10 == 0; whole /= 10)
        ++zeros;
    fmt::format_to(std::back_inserter(out), "{}", whole);
    if (zeros > 2)
        fmt::format_to(std::back_inserter(out), "e{}", zeros);
    else
        out.append(static_cast<std::size_t>(zeros), '0');
}

static void put_cell(std::string& out, Value const& value)
{
    out += ',';
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return put_number(out, *whole);
    auto const* const real = std::get_if<double>(&value);
    // JSON knows no infinity and no NaN (RFC 8259 §6); neither is a reading.
    if (real == nullptr || !std::isfinite(*real)) {
        auto const* const why = std::get_if<Unknown>(&value);
        return put_text(out, why == nullptr ? to_string(errc::io) : std::string_view(why->reason));
    }
    if (std::trunc(*real) == *real && std::fabs(*real) <= detail::exact_whole)
        return put_number(out, static_cast<std::int64_t>(*real));
    fmt::format_to(std::back_inserter(out), "{}", *real);
}

static void put_probe(std::string& out, std::string_view name)
{
    auto const* const place = std::ranges::find(numbered_probes, name);
    if (place == numbered_probes.end()) return put_text(out, name);
    fmt::format_to(std::back_inserter(out), "{}", place - numbered_probes.begin());
}

static void put_reading(std::string& out, Reading const& reading)
{
    out += '[';
    put_probe(out, reading.probe);
    bool const one =
        reading.samples.size() == 1 && reading.samples[0].key.empty() && !reading.samples[0].values.empty();
    for (auto const& sample : reading.samples) {
        if (!one) {
            out += ",[";
            put_text(out, sample.key);
        }
        for (auto const& value : sample.values)
            put_cell(out, value);
        if (!one) out += ']';
    }
    out += ']';
}

/// By hand: most of what ever travels is this, and Boost.JSON writes 1.5 as 1.5E0.
std::string detail::write_readings(Readings const& whole)
{
    auto out = fmt::format("[{},{}", whole.first, whole.taken_ms);
    std::int64_t after_ms = 0;
    for (auto const& reading : whole.readings) {
        if (std::exchange(after_ms, reading.after_ms) != reading.after_ms)
            fmt::format_to(std::back_inserter(out), ",{}", reading.after_ms);
        out += ',';
        put_reading(out, reading);
    }
    out += ']';
    return out;
}

static void read_probe(json::value const& json, std::string& out, detail::Path& path)
{
    if (json.is_string()) return detail::read_text(json, out, path);
    std::uint32_t place = 0;
    detail::read_integer(json, place, path);
    // One that we do not know is a newer agent's.
    out = place < numbered_probes.size() ? std::string(numbered_probes.at(place)) : fmt::format("probe {}", place);
}

static void read_reading(json::array const& json, Reading& out, detail::Path& path)
{
    if (json.empty()) return path.misfit("must begin with its probe");
    read_probe(json.front(), out.probe, path);
    if (json.size() == 1) return;
    bool const one = !json[1].is_array();
    if (one) out.samples.emplace_back();
    for (std::size_t i = 1; i < json.size() && path.ok(); ++i) {
        if (one)
            detail::read_cell(json[i], out.samples.front().values, path);
        else
            detail::read_sample(json[i], out.samples.emplace_back(), path);
    }
}

Result<Readings> detail::read_readings(json::array const& json)
{
    Readings whole;
    Path path("readings");
    if (json.size() < 2) {
        path.misfit("must begin with the first sequence and the time");
    } else {
        read_integer(json[0], whole.first, path);
        read_integer(json[1], whole.taken_ms, path);
    }
    std::int64_t after_ms = 0;
    for (std::size_t i = 2; i < json.size() && path.ok(); ++i) {
        Path::Step const step(path, std::to_string(i));
        if (auto const* const array = json[i].if_array()) {
            auto& reading = whole.readings.emplace_back();
            reading.after_ms = after_ms;
            read_reading(*array, reading, path);
        } else {
            read_integer(json[i], after_ms, path);
        }
    }
    if (!path.ok()) return fail(errc::bad_message, path.problem());
    return whole;
}

Readings pack(std::vector<Series> series)
{
    Readings whole;
    whole.first = series.front().sequence;
    whole.taken_ms = series.front().taken_ms;
    for (auto& one : series)
        whole.readings.push_back({std::move(one.probe), one.taken_ms - whole.taken_ms, std::move(one.samples)});
    return whole;
}

Result<std::vector<Series>> unpack(Readings readings)
{
    auto const refuse = [](std::string_view what) { return fail(errc::bad_message, "readings" + std::string(what)); };
    auto const count = readings.readings.size();
    if (count == 0 || count > limits::unacknowledged_records)
        return refuse(fmt::format(": must be 1 to {} of them", limits::unacknowledged_records));
    if (readings.first > std::numeric_limits<std::uint64_t>::max() - count)
        return refuse(".first: is beyond any range");
    if (readings.taken_ms < 0 || readings.taken_ms > limits::time_ms) return refuse(".taken_ms: is beyond any range");
    std::vector<Series> series;
    series.reserve(count);
    for (auto& one : readings.readings) {
        if (one.after_ms < -limits::time_ms || one.after_ms > limits::time_ms)
            return refuse(fmt::format(".{}: its time is beyond any range", series.size()));
        series.push_back({.sequence = readings.first + series.size(),
                          .probe = std::move(one.probe),
                          .taken_ms = readings.taken_ms + one.after_ms,
                          .samples = std::move(one.samples)});
    }
    return series;
}

} // namespace rollcall::wire
