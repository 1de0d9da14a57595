#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>

#include "collector/access/access.hpp"
#include "collector/gateway/ports.hpp"
#include "collector/store/retention.hpp"
#include "collector/updates/board.hpp"
#include "collector/view/api/backend.hpp"
#include "collector/view/api/json.hpp"
#include "collector/view/api/problem.hpp"
#include "collector/view/api/resources.hpp"
#include "collector/view/projection.hpp"
#include "common/core/clock.hpp"

/// One table of routes: requests are matched and checked by it, and openapi.json is made from it.
namespace rollcall::api
{

/// Longest text in a query and longest identifier in a path.
inline constexpr std::size_t parameter_bytes = 256;

/// One parameter of a query, declared: what is not declared is refused.
struct Parameter {
    enum class Kind {
        text,
        integer, ///< Within min and max.
        boolean, ///< true or false.
        choices, ///< Some of `allowed`, between commas.
        word,    ///< One of `allowed`.
        order,   ///< One of `allowed`, turned round by a "-" in front.
    };
    std::string name;
    Kind kind{};
    std::string meaning;
    std::vector<std::string> allowed;
    std::int64_t min = 0;
    std::int64_t max = 0; ///< Of a text: its longest, in bytes.
    std::string fallback; ///< What counts where it is absent; "" = nothing.
    bool required = false;
};

[[nodiscard]] Parameter text(std::string name, std::string meaning);
[[nodiscard]] Parameter integer(std::string name, std::int64_t min, std::int64_t max, std::string fallback,
                                std::string meaning);
[[nodiscard]] Parameter boolean(std::string name, std::string meaning);
[[nodiscard]] Parameter choices(std::string name, std::vector<std::string> allowed, std::string meaning);
[[nodiscard]] Parameter one_of(std::string name, std::vector<std::string> allowed, std::string meaning);
[[nodiscard]] Parameter order(std::set<std::string, std::less<>> const& keys, std::string fallback);
/// The same parameter, which must be given.
[[nodiscard]] Parameter required(Parameter parameter);

/// The values of a query that passed the check.
class Arguments
{
public:
    /// The problem names the parameter, what is wrong with it and what it may be.
    static Outcome<Arguments> read(std::vector<Parameter> const& declared,
                                   std::map<std::string, std::string, std::less<>> const& query);

    [[nodiscard]] bool has(std::string_view name) const;
    /// "" where it is absent and has no fallback.
    [[nodiscard]] std::string text(std::string_view name) const;
    /// The parameter must have been given or have a fallback.
    [[nodiscard]] std::int64_t integer(std::string_view name) const;
    [[nodiscard]] std::optional<bool> boolean(std::string_view name) const;
    [[nodiscard]] std::set<std::string, std::less<>> choices(std::string_view name) const;

private:
    std::map<std::string, std::string, std::less<>> values_;
};

class EventSource;
class Exports;
class FilterMemory;

/// What handlers work with.
struct Services {
    Clock const& clock;
    store::Store& store;
    access::Access& access;
    view::Projection const& projection;
    Backend& backend;
    updates::Board const& board;
    std::function<std::string()> public_address; ///< "host:port" that agents dial.
    std::function<std::string()> ca_sha256;      ///< Of the CA that tokens name.
    std::function<std::string()> install_pin;    ///< Of the key that browsers see: SHA-256 of its DER, base64.
    UnixMs started_ms{};
    ThresholdProfile thresholds;
    store::Retention retention;            ///< How far back there is what.
    EventSource* events = nullptr;         ///< nullptr: nobody is told of changes.
    Exports* exports = nullptr;            ///< The Api's own.
    FilterMemory* filter_memory = nullptr; ///< Likewise.
};

/// One request on its way through a handler.
struct Call {
    gateway::HttpRequest const& request;
    std::vector<std::string> path; ///< What stood at the pattern's {…}, in order.
    Arguments arguments;
    std::optional<access::Identity> identity;                 ///< Set wherever the guard is not `open`.
    std::vector<std::pair<std::string, std::string>> headers; ///< To be added to the response, problem or not.

    [[nodiscard]] store::Scope const& scope() const { return identity->scope; }
};

/// Who may call a route.
enum class Guard {
    open,    ///< Everybody.
    halfway, ///< Who gave a right password, even where the second step is still to come.
    session, ///< Who is logged in, even with a first password that must be changed, or without a second step he needs.
    person,  ///< Who is logged in and has all that is asked of him; no program.
    member,  ///< The same, and programs with a token.
};

/// What a caller must be allowed. It has no default, so that no route can forget to say it.
class Needs
{
public:
    // NOLINTNEXTLINE(google-explicit-constructor): a declaration names the permission, and no more.
    constexpr Needs(access::Permission one)
        : permission_(one)
    {
    }
    /// Whoever passes the guard: what shows nothing of customers, or one's own only.
    [[nodiscard]] static constexpr Needs nothing() { return Needs(); }
    [[nodiscard]] constexpr std::optional<access::Permission> permission() const { return permission_; }

private:
    constexpr Needs() = default;
    std::optional<access::Permission> permission_;
};

/// No body, and no answer's body.
struct Nothing {
};

/// A type in the document.
struct Shape {
    boost::json::value (*schema)(boost::json::object& components) = nullptr; ///< nullptr: no body.
};

struct Route {
    std::string method;
    std::string pattern; ///< "/api/v1/devices/{id}".
    std::string summary;
    std::vector<Parameter> parameters;
    std::vector<Parameter> headers; ///< Those of its own.
    Guard guard = Guard::member;
    int success = 200;
    bool hashes = false; ///< Hashes a password: runs in the small pool.
    Needs needs = Needs::nothing();
    Shape request;
    Shape answer;
    std::string media = "application/json"; ///< Of the answer.
    std::string says;                       ///< What the answer is, where it is no JSON.
    std::function<gateway::HttpResponse(Services&, Call&)> run;

    [[nodiscard]] bool writes() const { return method != "GET"; }
};

/// Reads the body of a writing request. The problem names the field.
[[nodiscard]] Outcome<boost::json::value> read_body(gateway::HttpRequest const& request);

namespace detail
{

template <class T>
[[nodiscard]] Shape shape_of()
{
    if constexpr (std::is_same_v<T, Nothing>)
        return {};
    else
        return {&schema_of<T>};
}

/// With an ETag over all but the time of the answer, so that who polls sees whether something changed.
void put_json(gateway::HttpResponse& response, boost::json::value json);

template <class Body>
[[nodiscard]] Outcome<Body> body_of(gateway::HttpRequest const& request)
{
    Body body{};
    if constexpr (std::is_same_v<Body, Nothing>) {
        if (!request.body.empty()) return bad_input({}, "This request takes no body.", "Send it without one.");
    } else {
        auto const json = read_body(request);
        if (!json) return json.error();
        if (auto const bad = from_json(*json, body)) {
            auto const place = bad->field.empty() ? std::string("The body") : "'" + bad->field + "'";
            return bad_input(bad->field, place + " " + bad->expected + ".",
                             "The document /api/v1/openapi.json lists the fields and their types.");
        }
    }
    return body;
}

} // namespace detail

/// Everything of a route that is not its types and its handler.
struct Declaration {
    std::string method;
    std::string pattern;
    std::string summary;
    std::vector<Parameter> parameters = {};
    std::vector<Parameter> headers = {};
    Guard guard = Guard::member;
    int success = 200;
    bool hashes = false;
    std::string says = "The file.";
    Needs needs;
};

template <class Answer, class Body>
// NOLINTNEXTLINE(performance-unnecessary-value-param): its texts are moved out.
[[nodiscard]] Route make_route(Declaration about, Outcome<Answer> (*handler)(Services&, Call&, Body const&))
{
    auto const success = about.success;
    auto run = [handler, success](Services& services, Call& call) {
        auto const body = detail::body_of<Body>(call.request);
        gateway::HttpResponse response;
        if (!body) {
            response = respond(body.error(), call.request.id);
        } else if (auto const answer = handler(services, call, *body); !answer) {
            response = respond(answer.error(), call.request.id);
        } else {
            response.status = success;
            response.headers.emplace_back("Cache-Control", "no-store");
            if constexpr (!std::is_same_v<Answer, Nothing>) detail::put_json(response, to_json(*answer));
        }
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
            .success = success,
            .hashes = about.hashes,
            .needs = about.needs,
            .request = detail::shape_of<Body>(),
            .answer = detail::shape_of<Answer>(),
            .run = std::move(run)};
}

/// For an answer that is no JSON: the handler makes all of it.
[[nodiscard]] Route make_route(Declaration about, std::string media,
                               Outcome<gateway::HttpResponse> (*handler)(Services&, Call&));

/// The table, and which of its routes a request means.
///
/// Owns: the routes.  Threads: any.  Blocks: no.
class Router
{
public:
    explicit Router(std::vector<Route> routes);

    struct Match {
        Route const* route = nullptr;
        std::vector<std::string> path;
        std::set<std::string> allowed; ///< Methods of the path where the method does not fit; empty: no such path.
    };
    [[nodiscard]] Match find(std::string_view method, std::string_view path) const;
    [[nodiscard]] std::vector<Route> const& routes() const { return routes_; }

private:
    std::vector<Route> routes_;
};

} // namespace rollcall::api
