#include "collector/store/block.hpp"

#include <cmath>
#include <random>

#include "collector/store/rollup.hpp"
#include "tests/collector/store/fixture.hpp"

using namespace rollcall;
using store::Bucket;
using store::Precision;
using store::StoredSeries;

namespace
{

StoredSeries reading(UnixMs at, std::vector<Value> values, std::string key = {})
{
    return {.taken_ms = at, .samples = {{.key = std::move(key), .values = std::move(values)}}};
}

bool same(std::vector<StoredSeries> const& a, std::vector<StoredSeries> const& b)
{
    return std::ranges::equal(a, b, [](StoredSeries const& x, StoredSeries const& y) {
        return x.taken_ms == y.taken_ms &&
               std::ranges::equal(x.samples, y.samples, [](wire::Sample const& s, wire::Sample const& t) {
                   return s.key == t.key && s.values == t.values;
               });
    });
}

std::vector<StoredSeries> trip(std::vector<StoredSeries> const& readings, std::vector<Precision> const& precisions = {})
{
    auto const block = store::encode_block(readings, precisions);
    REQUIRE(block);
    auto back = store::decode_block(*block);
    REQUIRE(back);
    return *std::move(back);
}

constexpr Precision tenths{Precision::Kind::steps, 10};
constexpr Precision rate{Precision::Kind::digits, 8};

} // namespace

TEST_CASE("precision: what was coded once does not change again, and the order is kept")
{
    std::mt19937_64 random(1);
    for (auto const precision : {Precision{}, tenths, rate, Precision{Precision::Kind::digits, 12}}) {
        double const before = -1e12;
        std::int64_t code_before = *store::encode_number(precision, before);
        std::vector<double> numbers{-1e9,  -255.5, -1,  -0.04, 0,   0.04, 0.05, 97.25,
                                    255.4, 255.6,  256, 257,   511, 4095, 4096};
        for (int i = 0; i < 2000; ++i)
            numbers.push_back(std::exp(std::uniform_real_distribution(-5.0, 33.0)(random)));
        std::ranges::sort(numbers);
        for (auto const number : numbers) {
            auto const code = store::encode_number(precision, number);
            REQUIRE(code);
            CHECK(*code >= code_before);
            code_before = *code;
            auto const kept = store::decode_number(precision, *code);
            CHECK(store::encode_number(precision, kept) == *code);
            if (precision.kind == Precision::Kind::exact) CHECK(kept == number);
            if (precision == tenths) CHECK(std::fabs(kept - number) < 0.0501 + std::fabs(number) * 1e-15);
            if (precision == rate) CHECK(std::fabs(kept - number) <= std::max(0.5, std::fabs(number) / 511));
        }
    }
    for (std::int64_t const number : {0L, 1L, -1L, 255L, 256L, 1L << 40, -(1L << 40)})
        CHECK(store::decode_integer(rate, *store::encode_number(rate, number)) == number);
    CHECK_FALSE(store::encode_number(tenths, 1e300));
    CHECK_FALSE(store::encode_number(rate, INT64_MAX));
    CHECK_FALSE(store::encode_number(tenths, std::nan("")));
}

TEST_CASE("precision: by the declaration, so that what the page shows is not lost")
{
    auto const of = [](std::string_view probe, std::string_view column) {
        return store::precision_of(*wire::find_column(*wire::find_probe(probe), column));
    };
    CHECK(of("cpu", "used_percent") == tenths);
    CHECK(of("load", "load_1") == Precision{Precision::Kind::steps, 100});
    CHECK(of("memory", "used_bytes") == Precision{Precision::Kind::digits, 12});
    CHECK(of("network_io", "sent_bytes_per_s") == rate);
    CHECK(of("hardware", "cpu_cores") == Precision{});
    CHECK(store::precisions_of("a probe of next year").empty());
}

TEST_CASE("block: every kind of value, unknown with its reason, and keys that come and go survive")
{
    std::vector<StoredSeries> const readings{
        reading(-5, {std::int64_t{1}, 2.5, true, false, std::string("text"), Unknown{"timed_out"}}, "a"),
        {.taken_ms = 10, .samples = {{"a", {INT64_MIN, -0.0}}, {"b", {}}, {"c", {Unknown{""}, 1e308}}}},
        {.taken_ms = 11, .samples = {}},
        reading(1'800'000'000'000, {INT64_MAX, 0.1, Unknown{"io"}, Unknown{"timed_out"}, std::int64_t{7}}, "a"),
        reading(1'800'000'000'000, {std::string()}, "")};
    CHECK(same(trip(readings), readings));
    CHECK(trip({}).empty());
}

TEST_CASE("block: numbers keep the precision of their column, and what does not fit is kept exactly")
{
    std::vector<StoredSeries> const readings{reading(0, {97.26, 1234567.0, std::int64_t{3}}),
                                             reading(15, {97.34, 0.4, std::int64_t{1'000'003}})};
    auto const kept = trip(readings, {tenths, rate, rate});
    CHECK(kept[0].samples[0].values == std::vector<Value>{97.3, 1232896.0, std::int64_t{3}});
    CHECK(kept[1].samples[0].values == std::vector<Value>{97.3, 0.0, std::int64_t{999'424}});
    CHECK(same(trip(kept, {tenths, rate, rate}), kept));
    auto const wild = trip({reading(0, {1e200}), reading(1, {0.123456789})}, {tenths});
    CHECK(wild[1].samples[0].values[0] == Value(0.123456789));
}

TEST_CASE("block: too many cells are refused before they are written")
{
    std::vector<StoredSeries> many(store::block_cells / 2 + 1, reading(0, {1.0}));
    auto const refused = store::encode_block(many, {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::limit_exceeded);
}

TEST_CASE("block: damaged bytes are refused, never believed")
{
    auto const good = *store::encode_block(
        std::vector{reading(1, {1.5, Unknown{"io"}}, "k"), reading(2, {2.5, std::int64_t{4}}, "k")}, {});
    for (std::size_t i = 0; i < good.size(); ++i)
        CHECK_FALSE(store::decode_block(good.substr(0, i)));
    auto const plain = *store::decompress(std::string_view(good).substr(1));
    std::mt19937 random(7);
    for (int i = 0; i < 20'000; ++i) {
        auto bytes = plain;
        for (int j = 0; j < 3; ++j)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        (void)store::decode_block("\x01" + store::compress(bytes));
    }
    CHECK_FALSE(store::decompress("no zstd"));
    CHECK_FALSE(store::decode_block("\x02" + good.substr(1)));
    CHECK_FALSE(store::decode_rolled(good));
}

TEST_CASE("roll-up: count, mean, least and greatest of each bucket, unknowns apart")
{
    std::vector<StoredSeries> const readings{reading(0, {1.0, std::int64_t{4}}), reading(299'999, {3.0, Unknown{"io"}}),
                                             reading(300'000, {Unknown{"io"}}), reading(-1, {9.0})};
    auto const rolled = store::roll(readings, 300'000);
    REQUIRE(rolled.size() == 2);
    CHECK(rolled.at({"", 0}) ==
          std::vector<Bucket>{{-300'000, 1, 0, 9, 9, 9}, {0, 2, 0, 2, 1, 3}, {300'000, 0, 1, 0, 0, 0}});
    CHECK(rolled.at({"", 1}) == std::vector<Bucket>{{0, 1, 1, 4, 4, 4}});
}

TEST_CASE("roll-up: in parts, in any order, it says the same as at once")
{
    std::mt19937 random(3);
    std::vector<StoredSeries> all;
    for (int i = 0; i < 500; ++i)
        all.push_back(reading(i * 15'000, {static_cast<double>(random() % 1000)}, i % 3 == 0 ? "a" : "b"));
    auto const whole = store::roll(all, 300'000);
    std::ranges::shuffle(all, random);
    store::Rolled parts;
    for (std::size_t i = 0; i < all.size(); i += 50)
        store::combine(parts, store::roll(std::span(all).subspan(i, 50), 300'000));
    REQUIRE(parts.size() == whole.size());
    for (auto const& [curve, buckets] : whole) {
        REQUIRE(parts.at(curve).size() == buckets.size());
        for (std::size_t i = 0; i < buckets.size(); ++i) {
            auto const& part = parts.at(curve)[i];
            CHECK(part.at_ms == buckets[i].at_ms);
            CHECK(part.count == buckets[i].count);
            CHECK(part.min == buckets[i].min);
            CHECK(part.max == buckets[i].max);
            CHECK(part.mean == doctest::Approx(buckets[i].mean));
        }
    }
}

TEST_CASE("roll-up: as a block it keeps its numbers, order and holes")
{
    store::Rolled rolled;
    rolled[{"a", 0}] = {{-300'000, 20, 1, 2.34, 1.1, 9.9}, {0, 0, 5, 0, 0, 0}, {900'000, 3, 0, -7.0, -8.0, -6.0}};
    rolled[{"", 3}] = {{300'000, 1, 0, 1e300, 1e300, 1e300}};
    auto const block = store::encode_rolled(rolled, 300'000, std::vector{tenths, tenths, tenths, tenths});
    REQUIRE(block);
    auto const back = store::decode_rolled(*block);
    REQUIRE(back);
    CHECK(back->at({"a", 0})[0] == Bucket{-300'000, 20, 1, 2.3, 1.1, 9.9});
    CHECK(back->at({"a", 0})[1] == Bucket{0, 0, 5, 0, 0, 0});
    CHECK(back->at({"a", 0})[2] == Bucket{900'000, 3, 0, -7.0, -8.0, -6.0});
    CHECK(back->at({"", 3})[0].mean == 1e300);
    CHECK(store::between(*back, 0, 300'000).size() == 1);
    std::mt19937 random(7);
    auto const plain = *store::decompress(std::string_view(*block).substr(1));
    for (int i = 0; i < 20'000; ++i) {
        auto bytes = plain;
        for (int j = 0; j < 3; ++j)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        (void)store::decode_rolled("\x01" + store::compress(bytes));
    }
}
