#include "tests/collector/api/schema.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

namespace rollcall::api::testing
{

namespace json = boost::json;

static bool is_of_type(json::value const& value, std::string_view type)
{
    if (type == "null") return value.is_null();
    if (type == "boolean") return value.is_bool();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    if (type == "number") return value.is_number();
    if (type == "string") return value.is_string();
    if (type == "array") return value.is_array();
    return type == "object" && value.is_object();
}

std::string mismatch(json::value const& value, json::object const& schema, json::object const& document,
                     std::string const& path)
{
    if (auto const* reference = schema.if_contains("$ref")) {
        static constexpr std::string_view prefix = "#/components/schemas/";
        std::string_view const pointer = reference->as_string();
        auto const& schemas = document.at("components").at("schemas").as_object();
        auto const* const target =
            pointer.starts_with(prefix) ? schemas.if_contains(pointer.substr(prefix.size())) : nullptr;
        if (!target) return path + ": $ref leads nowhere: " + std::string(pointer);
        return mismatch(value, target->as_object(), document, path);
    }
    if (auto const* any = schema.if_contains("anyOf")) {
        for (auto const& one : any->as_array())
            if (mismatch(value, one.as_object(), document, path).empty()) return {};
        return path + ": fits none of anyOf";
    }
    if (auto const* type = schema.if_contains("type")) {
        bool fits = false;
        if (type->is_string()) fits = is_of_type(value, type->as_string());
        if (type->is_array())
            for (auto const& one : type->as_array())
                fits = fits || is_of_type(value, one.as_string());
        if (!fits) return path + ": is not " + json::serialize(*type);
    }
    if (value.is_array() && schema.contains("items")) {
        std::size_t at = 0;
        for (auto const& element : value.as_array())
            if (auto bad = mismatch(element, schema.at("items").as_object(), document,
                                    path + "[" + std::to_string(at++) + "]");
                !bad.empty())
                return bad;
    }
    if (value.is_object() && schema.contains("properties")) {
        auto const& properties = schema.at("properties").as_object();
        for (auto const& name : schema.at("required").as_array())
            if (!value.as_object().contains(name.as_string())) return path + ": wants " + std::string(name.as_string());
        for (auto const& entry : value.as_object()) {
            auto const* declared = properties.if_contains(entry.key());
            if (!declared) return path + ": knows no " + std::string(entry.key());
            if (auto bad =
                    mismatch(entry.value(), declared->as_object(), document, path + "." + std::string(entry.key()));
                !bad.empty())
                return bad;
        }
    }
    return {};
}

} // namespace rollcall::api::testing

using rollcall::api::testing::mismatch;

TEST_CASE("schema check: it finds what does not fit, or the tests that use it would say nothing")
{
    auto const document = boost::json::parse(R"({"components":{"schemas":{"S":{"type":"object","required":["a"],
        "properties":{"a":{"type":["integer","null"]},"b":{"type":"array","items":{"type":"string"}}}}}}})")
                              .as_object();
    boost::json::object const schema{{"$ref", "#/components/schemas/S"}};
    CHECK(mismatch(boost::json::parse(R"({"a":1,"b":["x"]})"), schema, document).empty());
    CHECK(mismatch(boost::json::parse(R"({"a":null})"), schema, document).empty());
    CHECK(mismatch(boost::json::parse(R"({"a":"1"})"), schema, document) == R"($.a: is not ["integer","null"])");
    CHECK(mismatch(boost::json::parse(R"({"b":[]})"), schema, document) == "$: wants a");
    CHECK(mismatch(boost::json::parse(R"({"a":1,"b":["x",2]})"), schema, document) == R"($.b[1]: is not "string")");
    CHECK(mismatch(boost::json::parse(R"({"a":1,"c":2})"), schema, document) == "$: knows no c");
    CHECK(mismatch(boost::json::parse("1"), {{"$ref", "#/components/schemas/T"}}, document) ==
          "$: $ref leads nowhere: #/components/schemas/T");
}
