#include "collector/store/rollup.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "collector/store/block.hpp"
#include "collector/store/packing.hpp"

namespace rollcall::store
{

namespace
{

constexpr char rollup_format_1 = 1;
constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::int64_t longest_bucket_ms = 366 * day_ms;

std::optional<double> number(Value const& value)
{
    if (auto const* const real = std::get_if<double>(&value)) return *real;
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
    return std::nullopt;
}

void join(Bucket& into, Bucket const& more)
{
    into.unknowns += more.unknowns;
    if (more.count == 0) return;
    if (into.count == 0) {
        into.mean = more.mean;
        into.min = more.min;
        into.max = more.max;
    } else {
        auto const share = static_cast<double>(more.count) / static_cast<double>(into.count + more.count);
        into.mean += (more.mean - into.mean) * share;
        into.min = std::min(into.min, more.min);
        into.max = std::max(into.max, more.max);
    }
    into.count += more.count;
}

/// The bucket that begins at `at_ms`; made in its place where there is none.
Bucket& bucket_at(std::vector<Bucket>& buckets, UnixMs at_ms)
{
    if (!buckets.empty() && buckets.back().at_ms == at_ms) return buckets.back();
    auto found = std::ranges::lower_bound(buckets, at_ms, {}, &Bucket::at_ms);
    if (found == buckets.end() || found->at_ms != at_ms) found = buckets.insert(found, Bucket{.at_ms = at_ms});
    return *found;
}

/// Codes of damaged bytes may be anything: they wrap around.
std::int64_t add(std::int64_t a, std::int64_t b)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t subtract(std::int64_t a, std::int64_t b)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

/// All of one column's codes, or nothing where a number does not fit.
struct Codes {
    std::vector<std::int64_t> mean;
    std::vector<std::int64_t> below; ///< Mean less least.
    std::vector<std::int64_t> above; ///< Greatest less mean.
};

std::optional<Codes> codes_of(std::vector<Bucket> const& buckets, Precision precision)
{
    Codes codes;
    for (auto const& bucket : buckets) {
        if (bucket.count == 0) continue;
        auto const mean = encode_number(precision, bucket.mean);
        auto const min = encode_number(precision, bucket.min);
        auto const max = encode_number(precision, bucket.max);
        if (!mean || !min || !max) return std::nullopt;
        codes.mean.push_back(*mean);
        codes.below.push_back(subtract(*mean, *min));
        codes.above.push_back(subtract(*max, *mean));
    }
    return codes;
}

void put_column(std::string& out, std::vector<Bucket> const& buckets, std::int64_t length_ms, Precision precision)
{
    put_number(out, buckets.size());
    std::int64_t last = 0;
    for (auto const& bucket : buckets) {
        auto const place = floor_to(bucket.at_ms, length_ms) / length_ms;
        put_number(out, zigzag(place - last));
        last = place;
    }
    for (auto const& bucket : buckets)
        put_number(out, static_cast<std::uint64_t>(bucket.count));
    for (auto const& bucket : buckets)
        put_number(out, static_cast<std::uint64_t>(bucket.unknowns));
    auto codes = codes_of(buckets, precision);
    if (!codes) {
        precision = {};
        codes = codes_of(buckets, precision);
    }
    put_precision(out, precision);
    std::int64_t before = 0;
    for (auto const code : codes->mean) {
        put_number(out, zigzag(subtract(code, before)));
        before = code;
    }
    for (auto const code : codes->below)
        put_number(out, zigzag(code));
    for (auto const code : codes->above)
        put_number(out, zigzag(code));
}

/// A count that may be added to others without harm.
std::int64_t take_count(Unpacker& from)
{
    auto const value = from.number();
    if (value > UINT32_MAX) from.refuse();
    return static_cast<std::int64_t>(value & UINT32_MAX);
}

std::vector<Bucket> take_column(Unpacker& from, std::int64_t length_ms, std::size_t& cells)
{
    auto const count = from.count();
    if (count > cells) from.refuse();
    if (from.bad()) return {};
    cells -= count;
    std::vector<Bucket> buckets(count);
    std::int64_t place = 0;
    for (auto& bucket : buckets) {
        auto const step = from.signed_number();
        auto const next = add(place, step);
        // In order, and within what can be multiplied.
        if ((&bucket != buckets.data() && next <= place) || next > INT64_MAX / longest_bucket_ms ||
            next < INT64_MIN / longest_bucket_ms)
            from.refuse();
        if (from.bad()) return {};
        place = next;
        bucket.at_ms = place * length_ms;
    }
    for (auto& bucket : buckets)
        bucket.count = take_count(from);
    for (auto& bucket : buckets)
        bucket.unknowns = take_count(from);
    auto const precision = take_precision(from);
    if (from.bad()) return {};
    std::vector<std::int64_t> means;
    std::int64_t code = 0;
    for (auto& bucket : buckets) {
        if (bucket.count == 0) continue;
        code = add(code, from.signed_number());
        means.push_back(code);
        bucket.mean = decode_number(precision, code);
    }
    auto mean = means.begin();
    for (auto& bucket : buckets)
        if (bucket.count > 0) bucket.min = decode_number(precision, subtract(*mean++, from.signed_number()));
    mean = means.begin();
    for (auto& bucket : buckets)
        if (bucket.count > 0) bucket.max = decode_number(precision, add(*mean++, from.signed_number()));
    return buckets;
}

} // namespace

std::int64_t bucket_ms(Level level)
{
    switch (level) {
    case Level::readings:
        return 0;
    case Level::five_minutes:
        return 5 * minute_ms;
    case Level::hours:
        return hour_ms;
    case Level::days:
        return day_ms;
    }
    return 0;
}

std::int64_t slot_ms(Level level)
{
    // About a thousand buckets each, so that a year of a device is a few dozen rows.
    switch (level) {
    case Level::readings:
        return day_ms;
    case Level::five_minutes:
        return 8 * day_ms;
    case Level::hours:
        return 64 * day_ms;
    case Level::days:
        return 1024 * day_ms;
    }
    return day_ms;
}

UnixMs floor_to(UnixMs at_ms, std::int64_t length_ms)
{
    auto const rest = at_ms % length_ms;
    return at_ms - (rest < 0 ? rest + length_ms : rest);
}

std::size_t count_buckets(Rolled const& rolled)
{
    std::size_t count = 0;
    for (auto const& [curve, buckets] : rolled)
        count += buckets.size();
    return count;
}

Rolled roll(std::span<StoredSeries const> readings, std::int64_t bucket_ms)
{
    Rolled rolled;
    for (auto const& reading : readings) {
        auto const at = floor_to(reading.taken_ms, bucket_ms);
        for (auto const& sample : reading.samples)
            for (std::size_t column = 0; column < sample.values.size(); ++column) {
                auto const& value = sample.values[column];
                auto const read = number(value);
                if (!read && !std::holds_alternative<Unknown>(value)) continue;
                Bucket one{.at_ms = at, .count = 0, .unknowns = 1};
                if (read) one = {.at_ms = at, .count = 1, .unknowns = 0, .mean = *read, .min = *read, .max = *read};
                join(bucket_at(rolled[{sample.key, column}], at), one);
            }
    }
    return rolled;
}

void combine(Rolled& into, Rolled const& more)
{
    for (auto const& [curve, buckets] : more) {
        auto& known = into[curve];
        for (auto const& bucket : buckets)
            join(bucket_at(known, bucket.at_ms), bucket);
    }
}

Rolled between(Rolled rolled, UnixMs from_ms, UnixMs to_ms)
{
    for (auto curve = rolled.begin(); curve != rolled.end();) {
        std::erase_if(curve->second,
                      [&](Bucket const& bucket) { return bucket.at_ms < from_ms || bucket.at_ms >= to_ms; });
        curve = curve->second.empty() ? rolled.erase(curve) : std::next(curve);
    }
    return rolled;
}

Result<std::string> encode_rolled(Rolled const& rolled, std::int64_t bucket_ms, std::span<Precision const> precisions)
{
    if (count_buckets(rolled) > block_cells) return fail(errc::limit_exceeded, "roll-up: buckets");
    std::string plain;
    put_number(plain, static_cast<std::uint64_t>(bucket_ms));
    put_number(plain, rolled.size());
    for (auto const& [curve, buckets] : rolled) {
        auto const& [key, column] = curve;
        put_text(plain, key);
        put_number(plain, column);
        put_column(plain, buckets, bucket_ms, column < precisions.size() ? precisions[column] : Precision{});
    }
    if (plain.size() > block_bytes) return fail(errc::limit_exceeded, "roll-up: bytes");
    return rollup_format_1 + compress(plain);
}

Result<Rolled> decode_rolled(std::string_view bytes)
{
    if (bytes.empty() || bytes[0] != rollup_format_1) return fail(errc::corrupt, "roll-up: format");
    auto const plain = decompress(bytes.substr(1));
    if (!plain) return fail(plain.error(), "roll-up");
    Unpacker from(*plain);
    auto const length = from.number();
    if (length == 0 || length > static_cast<std::uint64_t>(longest_bucket_ms)) from.refuse();
    auto const curves = from.count();
    Rolled rolled;
    auto cells = block_cells;
    for (std::size_t i = 0; i < curves && !from.bad(); ++i) {
        auto key = from.text();
        auto const column = static_cast<std::size_t>(from.number());
        auto buckets = take_column(from, static_cast<std::int64_t>(length), cells);
        if (!from.bad() && !rolled.emplace(std::pair(std::move(key), column), std::move(buckets)).second) from.refuse();
    }
    if (from.bad() || !from.at_end()) return fail(errc::corrupt, "roll-up");
    return rolled;
}

} // namespace rollcall::store
