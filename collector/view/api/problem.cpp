#include "collector/view/api/problem.hpp"

#include <stdexcept>
#include <utility>

#include <boost/json/serialize.hpp>

#include "collector/view/api/json.hpp"
#include "common/log/log.hpp"

namespace rollcall::api
{

void throw_exception_from_error(Problem const& problem, boost::source_location const& where)
{
    throw std::logic_error(std::string(where.function_name()).append(": ").append(problem.detail));
}

Problem problem(int status, std::string_view kind, std::string title, std::string detail, std::string field,
                std::string remedy)
{
    return {.type = std::string("urn:rollcall:problem:").append(kind),
            .title = std::move(title),
            .status = status,
            .detail = std::move(detail),
            .field = std::move(field),
            .remedy = std::move(remedy),
            .request_id = {},
            .current = {}};
}

Problem bad_input(std::string field, std::string detail, std::string remedy)
{
    return problem(400, "bad-input", "The request does not fit", std::move(detail), std::move(field),
                   std::move(remedy));
}

Problem not_found(std::string_view what)
{
    return problem(404, "not-found", "Not found", std::string("There is no such ").append(what).append("."), {},
                   "It may have been removed, or you may not see it.");
}

Problem overloaded()
{
    return problem(503, "overloaded", "The collector is busy", "More requests wait than it can answer.", {},
                   "Try again in a moment.");
}

Problem from_code(errc code, std::string detail, std::string field, std::string remedy)
{
    auto const make = [&](int status, std::string_view kind, std::string title) {
        return problem(status, kind, std::move(title), std::move(detail), std::move(field), std::move(remedy));
    };
    switch (code) {
    case errc::bad_input:
    case errc::bad_message:
        return make(400, "bad-input", "The request does not fit");
    case errc::limit_exceeded:
        return make(400, "limit-exceeded", "A limit is reached");
    case errc::not_found:
        return make(404, "not-found", "Not found");
    case errc::conflict:
        return make(409, "conflict", "It collides with what is there");
    case errc::unauthenticated:
        return make(401, "unauthenticated", "Not known here");
    case errc::refused:
    case errc::permission_denied:
        return make(403, "refused", "Refused");
    case errc::busy:
    case errc::timed_out:
    case errc::cancelled:
        return make(503, "overloaded", "The collector is busy");
    case errc::not_supported:
    case errc::not_yet_read:
    case errc::io:
    case errc::corrupt:
        break;
    }
    return make(500, "internal", "The collector failed");
}

Problem from_error(Error const& error)
{
    auto code = errc::io;
    if (error.code.category() == rollcall_category()) code = static_cast<errc>(error.code.value());
    auto mapped = from_code(code, error.trace, {}, {});
    if (mapped.status >= 500) {
        log::error("api.failed", {{"error", error}});
        mapped.detail = mapped.status == 503 ? "Something it needs did not answer in time."
                                             : "Something went wrong inside; its log says what.";
        mapped.remedy =
            mapped.status == 503 ? "Try again in a moment." : "Look for the request id in the collector's log.";
    }
    return mapped;
}

gateway::HttpResponse respond(Problem problem, std::string_view request_id)
{
    problem.request_id = std::string(request_id);
    gateway::HttpResponse response;
    response.status = static_cast<int>(problem.status);
    response.headers.emplace_back("Content-Type", "application/problem+json");
    response.headers.emplace_back("Cache-Control", "no-store");
    response.body = boost::json::serialize(to_json(problem));
    return response;
}

} // namespace rollcall::api
