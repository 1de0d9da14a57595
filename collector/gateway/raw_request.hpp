#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace rollcall::gateway
{

/// A request as Beast parsed it: the WebSocket handshake wants it so.
struct RawRequest {
    boost::beast::http::request<boost::beast::http::string_body> message;
};

} // namespace rollcall::gateway
