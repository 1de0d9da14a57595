#include "agent/uplink/secure_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rollcall::uplink
{

class SecureStream::Body
{
public:
    Body(executor_type const& executor, asio::ssl::context& tls)
        : stream(executor, tls)
    {
    }
    asio::ssl::stream<beast::tcp_stream> stream;
};

SecureStream::SecureStream(executor_type const& executor, asio::ssl::context& tls)
    : body_(std::make_unique<Body>(executor, tls))
{
}
SecureStream::~SecureStream() = default;

SecureStream::executor_type SecureStream::get_executor() { return body_->stream.get_executor(); }
beast::tcp_stream& SecureStream::next_layer() { return body_->stream.next_layer(); }
SSL& SecureStream::ssl() { return *body_->stream.native_handle(); }

asio::awaitable<beast::error_code> SecureStream::handshake()
{
    auto const token = asio::as_tuple(asio::use_awaitable);
    auto const [failed] = co_await body_->stream.async_handshake(asio::ssl::stream_base::client, token);
    co_return failed;
}

void SecureStream::read(asio::mutable_buffer into, Done done) { body_->stream.async_read_some(into, std::move(done)); }

void SecureStream::write(Parts const& parts, Done done) { body_->stream.async_write_some(parts, std::move(done)); }

void SecureStream::shut_down(Done done)
{
    body_->stream.async_shutdown([done = std::move(done)](beast::error_code failed) mutable { done(failed, 0); });
}

} // namespace rollcall::uplink
