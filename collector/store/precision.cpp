#include "collector/store/precision.hpp"

#include <bit>
#include <cmath>

namespace rollcall::store
{

/// Whole numbers up to here are doubles without loss.
static constexpr double whole_limit = 9'007'199'254'740'992.0;
static constexpr unsigned mantissa_digits = 52;

/// Bits that are in the order of the numbers; its own inverse.
static std::int64_t in_order(std::int64_t bits) { return bits < 0 ? bits ^ INT64_MAX : bits; }

/// The leading bits of a number that is not negative: from 2^digits on, one more for each step of that precision.
static std::uint64_t leading_bits(double value, unsigned digits)
{
    auto const dropped = mantissa_digits - digits;
    auto const half = std::uint64_t{1} << (dropped - 1);
    // A carry goes from the mantissa into the exponent: the next power of two, as it should.
    return (std::bit_cast<std::uint64_t>(value) + half) >> dropped;
}

static std::uint64_t leading_bits_of_power(unsigned digits)
{
    return leading_bits(static_cast<double>(std::uint64_t{1} << digits), digits);
}

static std::optional<std::int64_t> encode_digits(unsigned digits, double value)
{
    auto const size = std::fabs(value);
    if (!(size < whole_limit)) return std::nullopt;
    auto const whole_below = static_cast<double>(std::uint64_t{1} << digits);
    std::int64_t code = 0;
    if (size < whole_below)
        code = std::llround(size);
    else
        code = static_cast<std::int64_t>((std::uint64_t{1} << digits) + leading_bits(size, digits) -
                                         leading_bits_of_power(digits));
    return std::signbit(value) ? -code : code;
}

static double decode_digits(unsigned digits, std::int64_t code)
{
    auto const raw = static_cast<std::uint64_t>(code);
    auto const size = code < 0 ? ~raw + 1 : raw;
    auto const whole_below = std::uint64_t{1} << digits;
    double value = 0;
    if (size < whole_below)
        value = static_cast<double>(size);
    else
        value =
            std::bit_cast<double>((size - whole_below + leading_bits_of_power(digits)) << (mantissa_digits - digits));
    return code < 0 ? -value : value;
}

std::optional<std::int64_t> encode_number(Precision precision, double value)
{
    switch (precision.kind) {
    case Precision::Kind::exact:
        return in_order(std::bit_cast<std::int64_t>(value));
    case Precision::Kind::steps: {
        auto const scaled = value * precision.amount;
        if (!(std::fabs(scaled) < whole_limit)) return std::nullopt;
        return std::llround(scaled);
    }
    case Precision::Kind::digits:
        return encode_digits(precision.amount, value);
    }
    return std::nullopt;
}

double decode_number(Precision precision, std::int64_t code)
{
    switch (precision.kind) {
    case Precision::Kind::exact:
        return std::bit_cast<double>(in_order(code));
    case Precision::Kind::steps:
        return static_cast<double>(code) / precision.amount;
    case Precision::Kind::digits:
        return decode_digits(precision.amount, code);
    }
    return 0;
}

std::optional<std::int64_t> encode_number(Precision precision, std::int64_t value)
{
    if (precision.kind == Precision::Kind::exact) return value;
    auto const real = static_cast<double>(value);
    if (!(std::fabs(real) < whole_limit)) return std::nullopt;
    return encode_number(precision, real);
}

std::int64_t decode_integer(Precision precision, std::int64_t code)
{
    if (precision.kind == Precision::Kind::exact) return code;
    auto const real = decode_number(precision, code);
    // Only damaged bytes lead here beyond the limit.
    return std::fabs(real) <= whole_limit ? std::llround(real) : 0;
}

void put_precision(std::string& out, Precision precision)
{
    out += static_cast<char>(precision.kind);
    put_number(out, precision.amount);
}

Precision take_precision(Unpacker& from)
{
    auto const kind = from.byte();
    auto const amount = from.number();
    Precision const precision{static_cast<Precision::Kind>(kind), static_cast<unsigned>(amount)};
    bool fits = false;
    switch (precision.kind) {
    case Precision::Kind::exact:
        fits = amount == 0;
        break;
    case Precision::Kind::steps:
        fits = amount >= 1 && amount <= most_steps;
        break;
    case Precision::Kind::digits:
        fits = amount >= 1 && amount <= most_digits;
        break;
    }
    if (fits) return precision;
    from.refuse();
    return {};
}

Precision precision_of(wire::Column const& column)
{
    using wire::Type;
    using wire::Unit;
    bool const whole = column.type != Type::real;
    switch (column.unit) {
    case Unit::percent:
        return {Precision::Kind::steps, 10};
    case Unit::bytes:
        return {Precision::Kind::digits, 12};
    case Unit::bytes_per_s:
        return {Precision::Kind::digits, 8};
    case Unit::none:
    case Unit::count:
    case Unit::milliseconds:
    case Unit::mbit_per_s:
    case Unit::celsius:
    case Unit::rpm:
    case Unit::seconds:
        break;
    }
    return whole ? Precision{} : Precision{Precision::Kind::steps, 100};
}

std::vector<Precision> precisions_of(std::string_view probe)
{
    std::vector<Precision> all;
    if (auto const* const declared = wire::find_probe(probe))
        for (auto const& column : declared->columns)
            all.push_back(precision_of(column));
    return all;
}

std::vector<Precision> rolled_precisions_of(std::string_view probe, bool finer)
{
    auto all = precisions_of(probe);
    for (auto& precision : all) {
        // The mean of whole numbers is none.
        if (precision.kind == Precision::Kind::exact) precision = {Precision::Kind::steps, 100};
        if (finer)
            precision.amount = precision.kind == Precision::Kind::steps ? precision.amount * 100 : precision.amount + 8;
    }
    return all;
}

} // namespace rollcall::store
