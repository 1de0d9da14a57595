#include "collector/view/api/router.hpp"

#include <charconv>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "common/core/ids.hpp"
#include "common/core/text.hpp"
#include "common/wire/limits.hpp"

namespace rollcall::api
{

static std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    for (;;) {
        auto const end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

static std::string list_of(std::vector<std::string> const& words)
{
    std::string list;
    for (auto const& word : words)
        list.append(list.empty() ? "" : ", ").append(word);
    return list;
}

Parameter text(std::string name, std::string meaning)
{
    return {.name = std::move(name),
            .kind = Parameter::Kind::text,
            .meaning = std::move(meaning),
            .max = std::int64_t{parameter_bytes}};
}

Parameter integer(std::string name, std::int64_t min, std::int64_t max, std::string fallback, std::string meaning)
{
    return {.name = std::move(name),
            .kind = Parameter::Kind::integer,
            .meaning = std::move(meaning),
            .min = min,
            .max = max,
            .fallback = std::move(fallback)};
}

Parameter boolean(std::string name, std::string meaning)
{
    return {.name = std::move(name),
            .kind = Parameter::Kind::boolean,
            .meaning = std::move(meaning),
            .allowed = {"true", "false"}};
}

Parameter choices(std::string name, std::vector<std::string> allowed, std::string meaning)
{
    return {.name = std::move(name),
            .kind = Parameter::Kind::choices,
            .meaning = std::move(meaning),
            .allowed = std::move(allowed)};
}

Parameter one_of(std::string name, std::vector<std::string> allowed, std::string meaning)
{
    return {.name = std::move(name),
            .kind = Parameter::Kind::word,
            .meaning = std::move(meaning),
            .allowed = std::move(allowed)};
}

Parameter order(std::set<std::string, std::less<>> const& keys, std::string fallback)
{
    return {.name = "sort",
            .kind = Parameter::Kind::order,
            .meaning = "Column to sort by; a '-' in front turns the order round.",
            .allowed = {keys.begin(), keys.end()},
            .fallback = std::move(fallback)};
}

Parameter required(Parameter parameter)
{
    parameter.required = true;
    return parameter;
}

static std::optional<std::int64_t> read_integer(std::string_view text)
{
    std::int64_t number = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

static bool is_among(std::vector<std::string> const& words, std::string_view word)
{
    for (auto const& known : words)
        if (known == word) return true;
    return false;
}

static std::optional<Problem> check(Parameter const& parameter, std::string const& value)
{
    auto const name = "'" + parameter.name + "'";
    auto const most = parameter.kind == Parameter::Kind::text ? parameter.max : std::int64_t{parameter_bytes};
    if (static_cast<std::int64_t>(value.size()) > most)
        return bad_input(parameter.name, name + " is longer than " + std::to_string(most) + " bytes.", "Shorten it.");
    if (!is_utf8(value)) return bad_input(parameter.name, name + " is not UTF-8.", "Encode it as UTF-8.");
    switch (parameter.kind) {
    case Parameter::Kind::text:
        return std::nullopt;
    case Parameter::Kind::integer: {
        auto const number = read_integer(value);
        if (number && *number >= parameter.min && *number <= parameter.max) return std::nullopt;
        return bad_input(parameter.name,
                         name + " is not a whole number from " + std::to_string(parameter.min) + " to " +
                             std::to_string(parameter.max) + ".",
                         "Give one within these limits, or leave it out.");
    }
    case Parameter::Kind::boolean:
        if (is_among(parameter.allowed, value)) return std::nullopt;
        return bad_input(parameter.name, name + " is neither true nor false.", "Give true or false, or leave it out.");
    case Parameter::Kind::choices:
        for (auto const word : split(value, ','))
            if (!is_among(parameter.allowed, word))
                return bad_input(parameter.name,
                                 name + " has a value that does not exist: " + clean_text(word, 64) + ".",
                                 "Give one or several of: " + list_of(parameter.allowed) + " (with commas between).");
        return std::nullopt;
    case Parameter::Kind::word:
        if (is_among(parameter.allowed, value)) return std::nullopt;
        return bad_input(parameter.name, name + " has a value that does not exist: " + clean_text(value, 64) + ".",
                         "Give one of: " + list_of(parameter.allowed) + ".");
    case Parameter::Kind::order: {
        std::string_view key = value;
        if (key.starts_with('-')) key.remove_prefix(1);
        if (is_among(parameter.allowed, key)) return std::nullopt;
        return bad_input(parameter.name, name + " names no column to sort by.",
                         "Give one of: " + list_of(parameter.allowed) +
                             "; with a '-' in front for the other way round.");
    }
    }
    return std::nullopt;
}

Outcome<Arguments> Arguments::read(std::vector<Parameter> const& declared,
                                   std::map<std::string, std::string, std::less<>> const& query)
{
    Arguments arguments;
    std::vector<std::string> names;
    for (auto const& parameter : declared) {
        names.push_back(parameter.name);
        auto const given = query.find(parameter.name);
        if (given != query.end() && !(given->second.empty() && !parameter.required)) {
            if (auto bad = check(parameter, given->second)) return *std::move(bad);
            arguments.values_[parameter.name] = given->second;
        } else if (parameter.required) {
            return bad_input(parameter.name, "'" + parameter.name + "' is missing.", "Add it to the query.");
        } else if (!parameter.fallback.empty()) {
            arguments.values_[parameter.name] = parameter.fallback;
        }
    }
    for (auto const& [name, value] : query)
        if (!is_among(names, name))
            return bad_input(clean_text(name, 64), "There is no parameter '" + clean_text(name, 64) + "' here.",
                             names.empty() ? "This route takes no parameters." : "Known are: " + list_of(names) + ".");
    return arguments;
}

bool Arguments::has(std::string_view name) const { return values_.contains(name); }

std::string Arguments::text(std::string_view name) const
{
    auto const found = values_.find(name);
    return found == values_.end() ? std::string() : found->second;
}

std::int64_t Arguments::integer(std::string_view name) const
{
    auto const found = values_.find(name);
    return found == values_.end() ? 0 : read_integer(found->second).value_or(0);
}

std::optional<bool> Arguments::boolean(std::string_view name) const
{
    auto const found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second == "true";
}

std::set<std::string, std::less<>> Arguments::choices(std::string_view name) const
{
    std::set<std::string, std::less<>> words;
    auto const found = values_.find(name);
    if (found == values_.end()) return words;
    for (auto const word : split(found->second, ','))
        words.emplace(word);
    return words;
}

Outcome<boost::json::value> read_body(gateway::HttpRequest const& request)
{
    auto const type = request.headers.find("content-type");
    auto const media = type == request.headers.end() ? std::string_view() : split(type->second, ';').front();
    if (media.substr(0, media.find_last_not_of(' ') + 1) != "application/json")
        return problem(415, "unsupported-media-type", "Not JSON", "The body must be JSON, and say so.", "Content-Type",
                       "Send it with 'Content-Type: application/json'.");
    boost::system::error_code failure;
    boost::json::parse_options options;
    options.max_depth = wire::limits::message_depth;
    auto json = boost::json::parse(request.body, failure, {}, options);
    if (failure)
        return problem(400, "bad-json", "Not JSON", "The body is not well-formed JSON: " + failure.message() + ".", {},
                       "Check the body; it must be one JSON object in UTF-8.");
    return json;
}

Route make_route(Declaration about, std::string media, Outcome<gateway::HttpResponse> (*handler)(Services&, Call&))
{
    auto run = [handler](Services& services, Call& call) {
        auto answer = handler(services, call);
        auto response = answer ? *std::move(answer) : respond(answer.error(), call.request.id);
        for (auto& header : call.headers)
            response.headers.push_back(std::move(header));
        return response;
    };
    return {.method = std::move(about.method),
            .pattern = std::move(about.pattern),
            .summary = std::move(about.summary),
            .parameters = std::move(about.parameters),
            .headers = std::move(about.headers),
            .guard = about.guard,
            .success = about.success,
            .hashes = about.hashes,
            .needs = about.needs,
            .request = {},
            .answer = {},
            .media = std::move(media),
            .says = std::move(about.says),
            .run = std::move(run)};
}

void detail::put_json(gateway::HttpResponse& response, boost::json::value json)
{
    static constexpr std::string_view as_of = "as_of_ms";
    std::string time;
    if (auto* const object = json.if_object())
        if (auto const* const at = object->if_contains(as_of)) {
            time = boost::json::serialize(*at);
            object->erase(as_of);
        }
    response.headers.emplace_back("Content-Type", "application/json");
    response.body = boost::json::serialize(json);
    response.headers.emplace_back("ETag", "\"" + sha256_hex(response.body).substr(0, 32) + "\"");
    if (time.empty()) return;
    response.body.pop_back();
    response.body.append(response.body.size() > 1 ? "," : "").append("\"as_of_ms\":").append(time).append("}");
}

Router::Router(std::vector<Route> routes)
    : routes_(std::move(routes))
{
}

static bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& values)
{
    values.clear();
    auto const wanted = split(pattern, '/');
    auto const given = split(path, '/');
    if (wanted.size() != given.size()) return false;
    for (std::size_t at = 0; at < wanted.size(); ++at) {
        if (wanted[at].starts_with('{')) {
            if (given[at].empty() || given[at].size() > parameter_bytes) return false;
            values.emplace_back(given[at]);
        } else if (wanted[at] != given[at]) {
            return false;
        }
    }
    return true;
}

Router::Match Router::find(std::string_view method, std::string_view path) const
{
    Match match;
    std::vector<std::string> values;
    for (auto const& route : routes_) {
        if (!matches(route.pattern, path, values)) continue;
        if (route.method == method) {
            match.route = &route;
            match.path = std::move(values);
            return match;
        }
        match.allowed.insert(route.method);
    }
    return match;
}

} // namespace rollcall::api
