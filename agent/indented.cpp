#include "agent/indented.hpp"

#include <cstddef>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace rollcall::agent
{

namespace json = boost::json;

static constexpr std::size_t indent_by = 2;

static void print(json::value const& value, std::string& text, std::size_t depth)
{
    auto const line = [&](std::size_t level) { (text += '\n').append(level * indent_by, ' '); };
    if (auto const* const object = value.if_object(); object != nullptr && !object->empty()) {
        text += '{';
        bool first = true;
        for (auto const& [key, member] : *object) {
            if (!std::exchange(first, false)) text += ',';
            line(depth + 1);
            (text += json::serialize(json::string(key))) += ": ";
            print(member, text, depth + 1);
        }
        line(depth);
        text += '}';
    } else if (auto const* const number = value.if_double(); number != nullptr) {
        text += fmt::format("{}", *number); // Boost.JSON would write 1E2
    } else {
        text += json::serialize(value);
    }
}

std::string indented(json::value const& value)
{
    std::string text;
    print(value, text, 0);
    return text + "\n";
}

} // namespace rollcall::agent
