#include "collector/view/api/openapi.hpp"

#include <string>

#include "common/core/version.hpp"

namespace rollcall::api
{

namespace json = boost::json;

static std::string alternatives(std::vector<std::string> const& words)
{
    std::string pattern;
    for (auto const& word : words)
        pattern.append(pattern.empty() ? "(" : "|").append(word);
    return pattern.append(")");
}

static json::object schema_of(Parameter const& parameter)
{
    switch (parameter.kind) {
    case Parameter::Kind::text:
        return {{"type", "string"}, {"maxLength", parameter.max}};
    case Parameter::Kind::integer:
        return {{"type", "integer"}, {"format", "int64"}, {"minimum", parameter.min}, {"maximum", parameter.max}};
    case Parameter::Kind::boolean:
        return {{"type", "string"}, {"pattern", "^" + alternatives(parameter.allowed) + "$"}};
    case Parameter::Kind::choices: {
        auto const one = alternatives(parameter.allowed);
        return {{"type", "string"}, {"pattern", "^" + one + "(," + one + ")*$"}};
    }
    case Parameter::Kind::word:
        return {{"type", "string"}, {"pattern", "^" + alternatives(parameter.allowed) + "$"}};
    case Parameter::Kind::order:
        return {{"type", "string"}, {"pattern", "^-?" + alternatives(parameter.allowed) + "$"}};
    }
    return {};
}

static json::array parameters_of(Route const& route)
{
    json::array parameters;
    for (std::size_t at = route.pattern.find('{'); at != std::string::npos; at = route.pattern.find('{', at + 1)) {
        auto const end = route.pattern.find('}', at);
        parameters.push_back(
            json::object{{"name", route.pattern.substr(at + 1, end - at - 1)},
                         {"in", "path"},
                         {"required", true},
                         {"schema", json::object{{"type", "string"}, {"maxLength", parameter_bytes}}}});
    }
    for (auto const& parameter : route.parameters) {
        auto schema = schema_of(parameter);
        if (!parameter.fallback.empty()) {
            if (parameter.kind == Parameter::Kind::integer)
                schema["default"] = std::stoll(parameter.fallback);
            else
                schema["default"] = parameter.fallback;
        }
        parameters.push_back(json::object{{"name", parameter.name},
                                          {"in", "query"},
                                          {"required", parameter.required},
                                          {"description", parameter.meaning},
                                          {"schema", std::move(schema)}});
    }
    for (auto const& one : route.headers)
        parameters.push_back(json::object{{"name", one.name},
                                          {"in", "header"},
                                          {"required", one.required},
                                          {"description", one.meaning},
                                          {"schema", schema_of(one)}});
    return parameters;
}

static json::object content(std::string_view media, json::value schema)
{
    return {{media, json::object{{"schema", std::move(schema)}}}};
}

static json::object operation_of(Route const& route, json::object& components)
{
    json::object operation{{"summary", route.summary}, {"parameters", parameters_of(route)}};
    if (route.guard != Guard::open) {
        auto ways = json::array{route.writes() ? json::object{{"session", json::array()}, {"csrf", json::array()}}
                                               : json::object{{"session", json::array()}}};
        if (route.guard == Guard::member) ways.push_back(json::object{{"token", json::array()}});
        operation["security"] = std::move(ways);
    }
    if (auto const wanted = route.needs.permission())
        operation["description"] = "Needs the permission '" + std::string(access::to_string(*wanted)) + "'.";
    if (route.request.schema)
        operation["requestBody"] = json::object{
            {"required", true}, {"content", content("application/json", route.request.schema(components))}};
    json::object success{{"description", route.answer.schema ? "The answer." : "Done."}};
    if (route.answer.schema)
        success["content"] = content(route.media, route.answer.schema(components));
    else if (route.media != "application/json")
        success = {{"description", route.says}, {"content", content(route.media, json::object{{"type", "string"}})}};
    operation["responses"] = json::object{
        {std::to_string(route.success), std::move(success)},
        {"default",
         json::object{{"description", "What went wrong (RFC 9457)."},
                      {"content", content("application/problem+json", api::schema_of<Problem>(components))}}}};
    return operation;
}

json::object openapi(std::vector<Route> const& routes)
{
    json::object components;
    json::object paths;
    for (auto const& route : routes) {
        std::string verb = route.method;
        for (auto& letter : verb)
            letter = static_cast<char>(letter | 0x20);
        auto& path = paths[route.pattern];
        if (!path.is_object()) path = json::object();
        path.get_object()[verb] = operation_of(route, components);
    }
    // The live feed's message is no answer's body, and the page needs its type.
    static_cast<void>(api::schema_of<Changed>(components));
    return {
        {"openapi", "3.1.0"},
        {"info",
         json::object{{"title", "Rollcall"},
                      {"version", std::string(version())},
                      {"description", "What technicians and scripts may see and do. Times are Unix milliseconds, UTC. "
                                      "WebSocket /api/v1/live sends Changed messages, "
                                      "and so does /api/v1/events."}}},
        {"paths", std::move(paths)},
        {"components",
         json::object{
             {"schemas", std::move(components)},
             {"securitySchemes",
              json::object{{"session", json::object{{"type", "apiKey"}, {"in", "cookie"}, {"name", "__Host-rollcall"}}},
                           {"token", json::object{{"type", "http"}, {"scheme", "bearer"}}},
                           {"csrf", json::object{{"type", "apiKey"}, {"in", "header"}, {"name", "X-CSRF-Token"}}}}}}}};
}

} // namespace rollcall::api
