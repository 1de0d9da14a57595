#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "collector/view/api/json.hpp"

namespace json = boost::json;
using rollcall::api::from_json;
using rollcall::api::schema_of;
using rollcall::api::to_json;

namespace sample
{

struct Inner {
    std::string word;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (word))

struct Told {
    static constexpr std::string_view about = "What it is.";
    std::string about_it;
};
BOOST_DESCRIBE_STRUCT(Told, (), (about_it))

struct Outer {
    std::int64_t number{};
    std::optional<double> real;
    bool flag{};
    std::vector<Inner> list;
    std::optional<Inner> one;
    json::object any;
};
BOOST_DESCRIBE_STRUCT(Outer, (), (number, real, flag, list, one, any))

} // namespace sample

TEST_CASE("json: a described struct goes out whole and comes back the same")
{
    sample::Outer const outer{
        .number = -5, .real = 1.5, .flag = true, .list = {{"ä"}, {""}}, .one = std::nullopt, .any = {{"x", 1}}};
    auto const text = json::serialize(to_json(outer));
    CHECK(text ==
          R"({"number":-5,"real":1.5E0,"flag":true,"list":[{"word":"ä"},{"word":""}],"one":null,"any":{"x":1}})");
    sample::Outer back;
    CHECK_FALSE(from_json(json::parse(text), back));
    CHECK(json::serialize(to_json(back)) == text);
}

TEST_CASE("json: numbers that JSON cannot write become null")
{
    CHECK(to_json(std::nan("")).is_null());
    CHECK(to_json(std::numeric_limits<double>::infinity()).is_null());
}

TEST_CASE("json: what does not fit is named with its place and what should stand there")
{
    auto const fault = [](std::string_view text) {
        sample::Outer outer;
        auto const bad = from_json(json::parse(text), outer);
        return bad ? bad->field + " | " + bad->expected : std::string();
    };
    CHECK(fault("[]") == " | must be an object");
    CHECK(fault("{}") == "number | must be there");
    CHECK(fault(R"({"number":1.5,"real":null,"flag":true,"list":[],"one":null,"any":{}})") ==
          "number | must be a whole number");
    CHECK(fault(R"({"number":18446744073709551615,"real":null,"flag":true,"list":[],"one":null,"any":{}})") ==
          "number | must be a whole number");
    CHECK(fault(R"({"number":1,"real":"x","flag":true,"list":[],"one":null,"any":{}})") == "real | must be a number");
    CHECK(fault(R"({"number":1,"real":null,"flag":1,"list":[],"one":null,"any":{}})") ==
          "flag | must be true or false");
    CHECK(fault(R"({"number":1,"real":null,"flag":true,"list":[{"word":"a"},{"word":2}],"one":null,"any":{}})") ==
          "list[1].word | must be a text");
    CHECK(fault(R"({"number":1,"real":null,"flag":true,"list":{},"one":null,"any":{}})") == "list | must be a list");
    CHECK(fault(R"({"number":1,"real":null,"flag":true,"list":[],"one":{"word":"a","more":1},"any":{}})") ==
          "one.more | must not be there: there is no such field");
    CHECK(fault(R"({"number":1,"real":null,"flag":true,"list":[],"one":null,"any":7})") == "any | must be an object");
}

TEST_CASE("json: the schema says what the struct says")
{
    json::object components;
    auto const schema = schema_of<sample::Outer>(components);
    CHECK(json::serialize(schema) == R"({"$ref":"#/components/schemas/Outer"})");
    auto const& outer = components.at("Outer").as_object();
    CHECK(outer.at("required").as_array().size() == 6);
    CHECK_FALSE(outer.at("additionalProperties").as_bool());
    auto const& properties = outer.at("properties").as_object();
    CHECK(json::serialize(properties.at("number")) == R"({"type":"integer","format":"int64"})");
    CHECK(json::serialize(properties.at("real")) == R"({"type":["number","null"],"format":"double"})");
    CHECK(json::serialize(properties.at("list")) ==
          R"({"type":"array","items":{"$ref":"#/components/schemas/Inner"}})");
    CHECK(json::serialize(properties.at("one")) ==
          R"({"anyOf":[{"$ref":"#/components/schemas/Inner"},{"type":"null"}]})");
    CHECK(components.contains("Inner"));
}

TEST_CASE("json: what a type says of itself is its description in the document")
{
    json::object components;
    CHECK(json::serialize(schema_of<sample::Told>(components)) == R"({"$ref":"#/components/schemas/Told"})");
    CHECK(components.at("Told").at("description").as_string() == "What it is.");
    static_cast<void>(schema_of<sample::Inner>(components));
    CHECK_FALSE(components.at("Inner").as_object().contains("description"));
    CHECK(json::serialize(to_json(sample::Told{"x"})) == R"({"about_it":"x"})");
}
