#include <algorithm>
#include <cmath>

#include <boost/json.hpp>

#include "common/wire/codec.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace json = boost::json;

/// The same but for the last places of real numbers, which Boost.JSON 1.81 does not read exactly.
static bool agree(json::value const& one, json::value const& other)
{
    if (one.is_number() && other.is_number() && (one.is_double() || other.is_double())) {
        static constexpr double places = 1e-14;
        auto const a = one.to_number<double>();
        auto const b = other.to_number<double>();
        return std::abs(a - b) <= places * std::max(std::abs(a), std::abs(b));
    }
    if (one.kind() != other.kind()) return false;
    if (auto const* const list = one.if_array()) return std::ranges::equal(*list, other.get_array(), agree);
    if (auto const* const object = one.if_object())
        return std::ranges::equal(*object, other.get_object(), [](auto const& a, auto const& b) {
            return a.key() == b.key() && agree(a.value(), b.value());
        });
    return one == other;
}

/// Whatever is accepted means the same after another trip.
FUZZ_TARGET(bytes)
{
    auto const first = rollcall::wire::decode_from_agent(bytes);
    if (!first) return;
    if (auto const* const readings = std::get_if<rollcall::wire::Readings>(&*first))
        if (auto const records = rollcall::wire::unpack(*readings))
            rollcall::fuzz::require(records->size() == readings->readings.size(), "each reading is a record");
    auto const text = rollcall::wire::encode(*first);
    auto const second = rollcall::wire::decode_from_agent(text);
    rollcall::fuzz::require(second.has_value(), "what was accepted is accepted again");
    auto const again = rollcall::wire::encode(*second);
    rollcall::fuzz::require(agree(json::parse(text), json::parse(again)), "and says the same");
}
