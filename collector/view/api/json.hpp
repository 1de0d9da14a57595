#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <boost/core/type_name.hpp>
#include <boost/describe.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11.hpp>

/// Described structs to JSON, from JSON and to JSON Schema (2020-12): whatever the API says about a type is made here,
/// from its one declaration.
namespace rollcall::api
{

namespace detail
{

template <class T>
struct is_optional : std::false_type {
};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {
};
template <class T>
struct is_vector : std::false_type {
};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {
};

template <class T>
using members = boost::describe::describe_members<T, boost::describe::mod_public>;

template <class T>
inline constexpr bool is_described = boost::describe::has_describe_members<T>::value;

/// Does it say what it is, for the document?
template <class T>
inline constexpr bool has_about = requires
{
    std::string_view(T::about);
};

inline std::string join(std::string_view path, std::string_view name)
{
    if (path.empty()) return std::string(name);
    return std::string(path).append(".").append(name);
}

} // namespace detail

/// The type's own name, without its namespace: how the document calls it.
template <class T>
[[nodiscard]] std::string name_of()
{
    auto const full = boost::core::type_name<T>();
    auto const colon = full.rfind(':');
    return colon == std::string::npos ? full : full.substr(colon + 1);
}

template <class T>
[[nodiscard]] boost::json::value to_json(T const& source)
{
    namespace json = boost::json;
    if constexpr (std::is_same_v<T, bool>) {
        return json::value(source);
    } else if constexpr (std::is_integral_v<T>) {
        return json::value(source);
    } else if constexpr (std::is_floating_point_v<T>) {
        return std::isfinite(source) ? json::value(source) : json::value(nullptr);
    } else if constexpr (std::is_same_v<T, std::string>) {
        return json::value(source);
    } else if constexpr (std::is_same_v<T, json::object>) {
        return json::value(source);
    } else if constexpr (std::is_same_v<T, json::value>) {
        return source;
    } else if constexpr (detail::is_optional<T>::value) {
        return source ? to_json(*source) : json::value(nullptr);
    } else if constexpr (detail::is_vector<T>::value) {
        json::array array;
        array.reserve(source.size());
        for (auto const& element : source)
            array.push_back(to_json(element));
        return json::value(std::move(array));
    } else {
        static_assert(detail::is_described<T>, "describe the struct beside its declaration");
        json::object object;
        object.reserve(boost::mp11::mp_size<detail::members<T>>::value);
        boost::mp11::mp_for_each<detail::members<T>>(
            [&](auto field) { object.emplace(field.name, to_json(source.*field.pointer)); });
        return json::value(std::move(object));
    }
}

/// What of a JSON text does not fit: where, and what should stand there.
struct BadField {
    std::string field;    ///< "expires_in_s"; "" = the whole.
    std::string expected; ///< "must be a whole number".
};

/// Strict: every member must be there, nothing else may be. nullopt: it fits.
template <class T>
[[nodiscard]] std::optional<BadField> from_json(boost::json::value const& source, T& target, std::string_view path = {})
{
    auto const expected = [&](std::string_view what) { return BadField{std::string(path), std::string(what)}; };
    if constexpr (std::is_same_v<T, bool>) {
        if (!source.is_bool()) return expected("must be true or false");
        target = source.get_bool();
        return std::nullopt;
    } else if constexpr (std::is_integral_v<T>) {
        if (!source.is_int64()) return expected("must be a whole number");
        target = source.get_int64();
        return std::nullopt;
    } else if constexpr (std::is_floating_point_v<T>) {
        if (!source.is_number()) return expected("must be a number");
        target = source.to_number<T>();
        return std::nullopt;
    } else if constexpr (std::is_same_v<T, std::string>) {
        if (!source.is_string()) return expected("must be a text");
        target = std::string(source.get_string());
        return std::nullopt;
    } else if constexpr (std::is_same_v<T, boost::json::object>) {
        if (!source.is_object()) return expected("must be an object");
        target = source.get_object();
        return std::nullopt;
    } else if constexpr (std::is_same_v<T, boost::json::value>) {
        target = source;
        return std::nullopt;
    } else if constexpr (detail::is_optional<T>::value) {
        if (source.is_null()) {
            target.reset();
            return std::nullopt;
        }
        return from_json(source, target.emplace(), path);
    } else if constexpr (detail::is_vector<T>::value) {
        if (!source.is_array()) return expected("must be a list");
        target.clear();
        for (auto const& element : source.get_array()) {
            auto const place = std::string(path).append("[").append(std::to_string(target.size())).append("]");
            if (auto bad = from_json(element, target.emplace_back(), place)) return bad;
        }
        return std::nullopt;
    } else {
        static_assert(detail::is_described<T>, "describe the struct beside its declaration");
        if (!source.is_object()) return expected("must be an object");
        auto const& object = source.get_object();
        std::optional<BadField> bad;
        std::size_t known = 0;
        boost::mp11::mp_for_each<detail::members<T>>([&](auto field) {
            if (bad) return;
            auto const place = detail::join(path, field.name);
            if (auto const* value = object.if_contains(field.name)) {
                ++known;
                bad = from_json(*value, target.*field.pointer, place);
            } else {
                bad = BadField{place, "must be there"};
            }
        });
        if (bad || known == object.size()) return bad;
        for (auto const& entry : object) {
            bool found = false;
            boost::mp11::mp_for_each<detail::members<T>>(
                [&](auto field) { found = found || entry.key() == field.name; });
            if (!found) return BadField{detail::join(path, entry.key()), "must not be there: there is no such field"};
        }
        return bad;
    }
}

/// The schema of a type; described structs become a reference, with their own schema among `components`.
template <class T>
[[nodiscard]] boost::json::value schema_of(boost::json::object& components)
{
    namespace json = boost::json;
    if constexpr (std::is_same_v<T, bool>) {
        return json::object{{"type", "boolean"}};
    } else if constexpr (std::is_integral_v<T>) {
        return json::object{{"type", "integer"}, {"format", "int64"}};
    } else if constexpr (std::is_floating_point_v<T>) {
        return json::object{{"type", "number"}, {"format", "double"}};
    } else if constexpr (std::is_same_v<T, std::string>) {
        return json::object{{"type", "string"}};
    } else if constexpr (std::is_same_v<T, json::object>) {
        return json::object{{"type", "object"}, {"additionalProperties", true}};
    } else if constexpr (std::is_same_v<T, json::value>) {
        return json::object{};
    } else if constexpr (detail::is_optional<T>::value) {
        auto schema = schema_of<typename T::value_type>(components);
        if (auto* type = schema.get_object().if_contains("type")) {
            *type = json::array{*type, "null"};
            return schema;
        }
        return json::object{{"anyOf", json::array{std::move(schema), json::object{{"type", "null"}}}}};
    } else if constexpr (detail::is_vector<T>::value) {
        return json::object{{"type", "array"}, {"items", schema_of<typename T::value_type>(components)}};
    } else {
        static_assert(detail::is_described<T>, "describe the struct beside its declaration");
        auto const name = name_of<T>();
        if (!components.contains(name)) {
            components.emplace(name, nullptr); // Its place is taken before its members ask for theirs.
            json::array required;
            json::object properties;
            boost::mp11::mp_for_each<detail::members<T>>([&](auto field) {
                required.emplace_back(field.name);
                using Member = std::decay_t<decltype(std::declval<T&>().*field.pointer)>;
                properties.emplace(field.name, schema_of<Member>(components));
            });
            json::object schema{{"type", "object"},
                                {"additionalProperties", false},
                                {"required", std::move(required)},
                                {"properties", std::move(properties)}};
            if constexpr (detail::has_about<T>)
                schema.emplace("description", json::string_view(T::about.data(), T::about.size()));
            components[name] = std::move(schema);
        }
        return json::object{{"$ref", "#/components/schemas/" + name}};
    }
}

} // namespace rollcall::api
