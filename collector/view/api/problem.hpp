#pragma once

#include <string>
#include <string_view>

#include <boost/system/result.hpp>

#include "collector/gateway/ports.hpp"
#include "collector/view/api/resources.hpp"
#include "common/core/result.hpp"

namespace rollcall::api
{

/// Value or Problem: what a handler of the API returns.
template <class T>
class [[nodiscard]] Outcome : public boost::system::result<T, Problem>
{
public:
    using boost::system::result<T, Problem>::result;
};

[[noreturn]] void throw_exception_from_error(Problem const& problem, boost::source_location const& where);

/// `kind` becomes urn:rollcall:problem:<kind>; the request's id is added where it is sent.
[[nodiscard]] Problem problem(int status, std::string_view kind, std::string title, std::string detail,
                              std::string field = {}, std::string remedy = {});

/// 400: an input of the request does not fit.
[[nodiscard]] Problem bad_input(std::string field, std::string detail, std::string remedy);
/// 404: "There is no such device."
[[nodiscard]] Problem not_found(std::string_view what);
/// 503 with the reason; the client may try again.
[[nodiscard]] Problem overloaded();
/// Any error of ours: input errors keep their text; trouble of the machine goes to the log and only its kind out.
[[nodiscard]] Problem from_error(Error const& error);
/// As from_error, for a refusal that names the field.
[[nodiscard]] Problem from_code(errc code, std::string detail, std::string field, std::string remedy);

/// The response that carries a problem, as application/problem+json (RFC 9457).
[[nodiscard]] gateway::HttpResponse respond(Problem problem, std::string_view request_id);

} // namespace rollcall::api
