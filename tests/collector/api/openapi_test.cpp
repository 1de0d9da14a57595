#include <doctest/doctest.h>

#include <set>
#include <string>

#include <boost/json.hpp>

#include "collector/view/api/routes.hpp"

namespace json = boost::json;
using namespace rollcall::api;

static void collect_references(json::value const& value, std::set<std::string>& found)
{
    if (value.is_array())
        for (auto const& element : value.as_array())
            collect_references(element, found);
    if (!value.is_object()) return;
    for (auto const& entry : value.as_object()) {
        if (entry.key() == "$ref") found.emplace(entry.value().as_string());
        collect_references(entry.value(), found);
    }
}

TEST_CASE("openapi: document and table of routes agree, both ways")
{
    auto const contract = document();
    CHECK(contract.at("openapi").as_string() == "3.1.0");
    std::set<std::string> in_table;
    for (auto const& route : all_routes()) {
        auto const method = route.method;
        std::string verb;
        for (auto const letter : method)
            verb.push_back(static_cast<char>(letter | 0x20));
        CHECK_MESSAGE(in_table.insert(verb + " " + route.pattern).second,
                      "twice in the table: " << verb << " " << route.pattern);
        auto const& operation = contract.at("paths").at(route.pattern).at(verb).as_object();
        CHECK(operation.contains("requestBody") == (route.request.schema != nullptr));
        CHECK(operation.at("responses").as_object().contains(std::to_string(route.success)));
        CHECK(operation.contains("security") == (route.guard != Guard::open));
        std::size_t in_path = 0;
        for (auto const letter : route.pattern)
            in_path += letter == '{' ? 1 : 0;
        CHECK(operation.at("parameters").as_array().size() == in_path + route.parameters.size() + route.headers.size());
    }
    std::set<std::string> in_document;
    for (auto const& path : contract.at("paths").as_object())
        for (auto const& verb : path.value().as_object())
            in_document.insert(std::string(verb.key()).append(" ").append(path.key()));
    CHECK(in_document == in_table);
}

TEST_CASE("openapi: every reference leads to a schema, and every schema is used")
{
    auto const contract = document();
    std::set<std::string> references;
    collect_references(contract, references);
    std::set<std::string> schemas;
    for (auto const& schema : contract.at("components").at("schemas").as_object())
        schemas.insert("#/components/schemas/" + std::string(schema.key()));
    references.insert("#/components/schemas/Changed"); // The live feed's message.
    CHECK(references == schemas);
}

TEST_CASE("openapi: the filters' words in document and table are those of the projection")
{
    auto const contract = document();
    for (auto const& parameter : contract.at("paths").at("/api/v1/devices").at("get").at("parameters").as_array()) {
        if (parameter.at("name").as_string() != "sort") continue;
        std::string const pattern(parameter.at("schema").at("pattern").as_string());
        for (auto const& key : rollcall::view::device_sort_keys())
            CHECK(pattern.find(key) != std::string::npos);
    }
}

TEST_CASE("openapi: the stream of events is one, and says how a reader goes on")
{
    auto const contract = document();
    auto const& operation = contract.at("paths").at("/api/v1/events").at("get");
    CHECK(operation.at("responses").at("200").at("content").as_object().contains("text/event-stream"));
    auto const& parameter = operation.at("parameters").as_array().at(0);
    CHECK(parameter.at("name").as_string() == "Last-Event-ID");
    CHECK(parameter.at("in").as_string() == "header");
    CHECK_FALSE(parameter.at("required").as_bool());
}
