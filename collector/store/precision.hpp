#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/packing.hpp"
#include "common/wire/catalogue.hpp"

/// How finely a number of a series is kept once its reading is sealed. Pure.
namespace rollcall::store
{

/// A number becomes a whole number ("code") that keeps the order, and so compresses well. What was coded and decoded
/// once does not change when it is coded again.
struct Precision {
    enum class Kind : std::uint8_t {
        exact,  ///< Every bit.
        steps,  ///< `amount` steps per unit.
        digits, ///< Whole numbers up to 2^amount; above, `amount` binary digits after the leading one.
    };
    Kind kind = Kind::exact;
    unsigned amount = 0;

    bool operator==(Precision const&) const = default;
};

inline constexpr unsigned most_steps = 1'000'000;
inline constexpr unsigned most_digits = 40;

/// Nothing: the number is too large, or none, for this precision.
[[nodiscard]] std::optional<std::int64_t> encode_number(Precision precision, double value);
[[nodiscard]] double decode_number(Precision precision, std::int64_t code);
/// For columns of whole numbers, which stay whole.
[[nodiscard]] std::optional<std::int64_t> encode_number(Precision precision, std::int64_t value);
[[nodiscard]] std::int64_t decode_integer(Precision precision, std::int64_t code);

/// As it stands in front of a column's numbers.
void put_precision(std::string& out, Precision precision);
[[nodiscard]] Precision take_precision(Unpacker& from);

/// By the column's type and unit: what the page shows of a number is not lost.
[[nodiscard]] Precision precision_of(wire::Column const& column);
/// One per column; empty where the catalogue has no such probe: everything is exact then.
[[nodiscard]] std::vector<Precision> precisions_of(std::string_view probe);
/// For roll-ups; `finer` for means that are combined again and again.
[[nodiscard]] std::vector<Precision> rolled_precisions_of(std::string_view probe, bool finer);

} // namespace rollcall::store
