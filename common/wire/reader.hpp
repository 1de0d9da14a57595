#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <boost/describe.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11.hpp>

#include "common/core/text.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/limits.hpp"

/// Described structs to and from JSON: the tolerant reader of both sides. Private to this folder.
///
/// Every described field must be there and fit, but for those in the message's `optional`; unknown fields are skipped,
/// so that a newer peer may add some.
/// (Boost.JSON 1.81's own conversion refuses unknown fields.) The first misfit is kept as a path:
/// "state.rows.eth0.mtu".
namespace rollcall::wire::detail
{

/// Up to here a double holds every whole number.
inline constexpr double exact_whole = 9'007'199'254'740'992.0;

/// Where in the message we are, and the first thing that did not fit.
class Path
{
public:
    explicit Path(std::string_view root)
        : at_(root)
    {
    }
    [[nodiscard]] bool ok() const { return problem_.empty(); }
    [[nodiscard]] std::string const& problem() const { return problem_; }
    void misfit(std::string_view what)
    {
        if (problem_.empty()) problem_ = at_ + ": " + std::string(what);
    }

    /// Steps into a field for as long as it lives.
    class Step
    {
    public:
        Step(Path& path, std::string_view name)
            : path_(path)
            , length_(path.at_.size())
        {
            path.at_ += '.';
            path.at_ += clean_text(name, 64);
        }
        ~Step() { path_.at_.resize(length_); }
        Step(Step const&) = delete;
        Step& operator=(Step const&) = delete;

    private:
        Path& path_;
        std::size_t length_;
    };

private:
    std::string at_;
    std::string problem_;
};

template <class T>
void read(boost::json::value const& json, T& out, Path& path);

inline void read_text(boost::json::value const& json, std::string& out, Path& path)
{
    auto const* const text = json.if_string();
    if (text == nullptr) return path.misfit("must be a text");
    out.assign(text->data(), text->size());
}

template <class Integer>
void read_integer(boost::json::value const& json, Integer& out, Path& path)
{
    boost::json::error_code code;
    out = json.to_number<Integer>(code);
    if (code || json.is_double()) path.misfit("must be a whole number within its range");
}

inline void read_value(boost::json::value const& json, Value& out, Path& path)
{
    switch (json.kind()) {
    case boost::json::kind::bool_:
        out = json.get_bool();
        return;
    case boost::json::kind::int64:
        out = json.get_int64();
        return;
    case boost::json::kind::uint64:
        return path.misfit("is beyond the range of a whole number");
    case boost::json::kind::double_:
        out = json.get_double();
        return;
    case boost::json::kind::string:
        out = std::string(json.get_string());
        return;
    case boost::json::kind::object:
        if (auto const* const why = json.get_object().if_contains("unknown"); why != nullptr && why->is_string()) {
            out = Unknown{clean_text(std::string_view(why->get_string()), 64)};
            return;
        }
        [[fallthrough]];
    default:
        path.misfit("must be a value or {\"unknown\": reason}");
    }
}

/// A number, or why there is none.
inline void read_cell(boost::json::value const& json, std::vector<Value>& out, Path& path)
{
    if (json.is_string()) {
        out.emplace_back(Unknown{clean_text(std::string_view(json.get_string()), 64)});
    } else if (json.is_int64()) {
        out.emplace_back(json.get_int64());
    } else if (json.is_double()) {
        auto const number = json.get_double();
        // 1e999 is well-formed JSON, and infinite once it is read.
        if (!std::isfinite(number)) return path.misfit("holds a number beyond any range");
        // 613e3 is as whole as 613000.
        if (std::trunc(number) == number && std::fabs(number) <= exact_whole)
            out.emplace_back(static_cast<std::int64_t>(number));
        else
            out.emplace_back(number);
    } else {
        path.misfit("holds what is neither a number nor a reason");
    }
}

/// ["sda", 1024.0, 0.0, "timed_out"]
inline void read_sample(boost::json::value const& json, Sample& out, Path& path)
{
    auto const* const array = json.if_array();
    if (array == nullptr || array->empty() || !array->front().is_string())
        return path.misfit("must be an array that begins with its key");
    out.key.assign(array->front().get_string().data(), array->front().get_string().size());
    for (std::size_t i = 1; i < array->size() && path.ok(); ++i)
        read_cell((*array)[i], out.values, path);
}

/// Readings as the array that they travel as (messages.hpp). The problem names the place: "readings.3: must be …".
[[nodiscard]] Result<Readings> read_readings(boost::json::array const& json);
[[nodiscard]] std::string write_readings(Readings const& readings);

template <class T>
struct IsMap : std::false_type {
};
template <class T, class Less>
struct IsMap<std::map<std::string, T, Less>> : std::true_type {
};
template <class T>
struct IsVector : std::false_type {
};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {
};

template <class T>
constexpr bool may_be_absent(std::string_view field)
{
    if constexpr (requires { T::optional; })
        return std::ranges::find(T::optional, field) != T::optional.end();
    else
        return false;
}

template <class T>
void read(boost::json::value const& json, T& out, Path& path)
{
    if constexpr (std::is_same_v<T, std::string>) {
        read_text(json, out, path);
    } else if constexpr (std::is_same_v<T, bool>) {
        if (!json.is_bool()) return path.misfit("must be true or false");
        out = json.get_bool();
    } else if constexpr (std::is_integral_v<T>) {
        read_integer(json, out, path);
    } else if constexpr (std::is_same_v<T, Value>) {
        read_value(json, out, path);
    } else if constexpr (std::is_same_v<T, Sample>) {
        read_sample(json, out, path);
    } else if constexpr (IsMap<T>::value) {
        auto const* const object = json.if_object();
        if (object == nullptr) return path.misfit("must be an object");
        for (auto const& [key, item] : *object) {
            Path::Step const step(path, key);
            read(item, out[std::string(key)], path);
            if (!path.ok()) return;
        }
    } else if constexpr (IsVector<T>::value) {
        auto const* const array = json.if_array();
        if (array == nullptr) return path.misfit("must be an array");
        out.reserve(array->size());
        for (auto const& item : *array) {
            Path::Step const step(path, std::to_string(out.size()));
            read(item, out.emplace_back(), path);
            if (!path.ok()) return;
        }
    } else {
        auto const* const object = json.if_object();
        if (object == nullptr) return path.misfit("must be an object");
        boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>([&](auto field) {
            if (!path.ok()) return;
            Path::Step const step(path, field.name);
            auto const* const value = object->if_contains(field.name);
            if (value == nullptr) {
                if (!may_be_absent<T>(field.name)) path.misfit("is missing");
                return;
            }
            read(*value, out.*field.pointer, path);
        });
    }
}

template <class T>
boost::json::value write(T const& in)
{
    if constexpr (std::is_same_v<T, std::string>) {
        return boost::json::value(in);
    } else if constexpr (std::is_arithmetic_v<T>) {
        return boost::json::value(in);
    } else if constexpr (std::is_same_v<T, Value>) {
        return to_json(in);
    } else if constexpr (std::is_same_v<T, Sample>) {
        boost::json::array array;
        array.reserve(in.values.size() + 1);
        array.emplace_back(in.key);
        for (auto const& value : in.values) {
            if (auto const* const why = std::get_if<Unknown>(&value)) {
                array.emplace_back(why->reason);
            } else {
                array.push_back(to_json(value));
            }
        }
        return array;
    } else if constexpr (IsMap<T>::value) {
        boost::json::object object;
        for (auto const& [key, item] : in)
            object.emplace(key, write(item));
        return object;
    } else if constexpr (IsVector<T>::value) {
        boost::json::array array;
        array.reserve(in.size());
        for (auto const& item : in)
            array.push_back(write(item));
        return array;
    } else {
        boost::json::object object;
        boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
            [&](auto field) { object.emplace(field.name, write(in.*field.pointer)); });
        return object;
    }
}

} // namespace rollcall::wire::detail
