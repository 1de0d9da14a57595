#include "collector/store/samples.hpp"

#include <bit>
#include <cstdint>
#include <utility>

#include "collector/store/packing.hpp"

namespace rollcall::store
{

namespace
{

constexpr char samples_format_1 = 1;

constexpr char tag_unknown = 0;
constexpr char tag_integer = 1;
constexpr char tag_real = 2;
constexpr char tag_false = 3;
constexpr char tag_true = 4;
constexpr char tag_text = 5;

void put_value(std::string& out, Value const& value)
{
    if (auto const* const none = std::get_if<Unknown>(&value)) {
        out += tag_unknown;
        put_text(out, none->reason);
    } else if (auto const* const yes = std::get_if<bool>(&value)) {
        out += *yes ? tag_true : tag_false;
    } else if (auto const* const whole = std::get_if<std::int64_t>(&value)) {
        out += tag_integer;
        put_number(out, zigzag(*whole));
    } else if (auto const* const real = std::get_if<double>(&value)) {
        out += tag_real;
        auto const bits = std::bit_cast<std::uint64_t>(*real);
        for (unsigned i = 0; i < 8; ++i)
            out += static_cast<char>(bits >> (8U * i));
    } else {
        out += tag_text;
        put_text(out, std::get<std::string>(value));
    }
}

Value take_value(Unpacker& reader)
{
    switch (reader.byte()) {
    case tag_unknown:
        return Unknown{reader.text()};
    case tag_integer:
        return reader.signed_number();
    case tag_real: {
        std::uint64_t bits = 0;
        for (unsigned i = 0; i < 8; ++i)
            bits |= static_cast<std::uint64_t>(reader.byte()) << (8U * i);
        return std::bit_cast<double>(bits);
    }
    case tag_false:
        return false;
    case tag_true:
        return true;
    case tag_text:
        return reader.text();
    default:
        reader.refuse();
        return Unknown{};
    }
}

} // namespace

std::string encode_samples(std::vector<wire::Sample> const& samples)
{
    std::string out;
    out += samples_format_1;
    put_number(out, samples.size());
    for (auto const& sample : samples) {
        put_text(out, sample.key);
        put_number(out, sample.values.size());
        for (auto const& value : sample.values)
            put_value(out, value);
    }
    return out;
}

Result<std::vector<wire::Sample>> decode_samples(std::string_view bytes)
{
    Unpacker reader(bytes);
    if (reader.byte() != samples_format_1) return fail(errc::corrupt, "samples: format");
    auto const lines = reader.count();
    std::vector<wire::Sample> samples;
    for (std::size_t i = 0; i < lines && !reader.bad(); ++i) {
        wire::Sample sample;
        sample.key = reader.text();
        auto const values = reader.count();
        for (std::size_t j = 0; j < values && !reader.bad(); ++j)
            sample.values.push_back(take_value(reader));
        samples.push_back(std::move(sample));
    }
    if (reader.bad() || !reader.at_end()) return fail(errc::corrupt, "samples");
    return samples;
}

} // namespace rollcall::store
