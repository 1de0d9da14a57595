#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "collector/gateway/ports.hpp"
#include "common/core/result.hpp"

/// The parts of HTTP that need no socket. Pure.
namespace rollcall::gateway
{

/// What stands in a request line between the method and the version, taken apart.
struct Target {
    std::string path;
    std::map<std::string, std::string, std::less<>> query;
};

/// Takes "/a%20b?c=d+e" or "https://host/a?b" apart (RFC 9112 §3.2). errc::bad_input, in a sentence, for everything
/// that two readers could take for two things: broken percent-encoding, control characters, ill-formed UTF-8,
/// segments "." and "..", and an encoded slash.
[[nodiscard]] Result<Target> parse_target(std::string_view target);

/// RFC 9457, in the shape of the API's own: `word` is the end of the type, as in "bad-input".
[[nodiscard]] HttpResponse make_problem(int status, std::string_view word, std::string_view title,
                                        std::string_view detail, std::string_view remedy, std::string_view request_id);

/// Status line and headers as they are sent, the security headers with them. `host` is the request's; "" = unknown.
/// A header of the handler's that could split the response is left out.
[[nodiscard]] std::string write_head(HttpResponse const& response, std::string_view request_id, std::string_view host,
                                     bool keep_alive);

/// What of the response is sent after the head.
[[nodiscard]] std::string_view body_of(HttpResponse const& response);

} // namespace rollcall::gateway
