#include "collector/gateway/websocket.hpp"

#include <list>
#include <optional>
#include <tuple>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "collector/gateway/raw_request.hpp"
#include "common/core/text.hpp"

namespace rollcall::gateway
{

namespace
{

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

/// A connection that waits for its next message holds a read buffer of this size; Beast's own first piece is 1,536.
constexpr std::size_t waiting_buffer_bytes = 128;
/// A control frame carries 125 bytes, two of them the code (RFC 6455 §5.5).
constexpr std::size_t close_reason_bytes = 123;

class BeastSocket final : public WebSocket
{
public:
    BeastSocket(std::shared_ptr<Link> link, Settings settings)
        : link_(std::move(link))
        , settings_(settings)
        , stream_(link_->stream)
    {
        stream_.read_message_max(settings.message_bytes);
        stream_.auto_fragment(false);
        stream_.text(true);
        stream_.control_callback([this](websocket::frame_type kind, beast::string_view payload) {
            if (kind != websocket::frame_type::close && on_heartbeat)
                on_heartbeat(std::string_view(payload.data(), payload.size()));
        });
    }

    asio::awaitable<error_code> accept(RawRequest const& request, std::string_view subprotocol) override
    {
        stream_.set_option(websocket::stream_base::decorator([subprotocol](websocket::response_type& response) {
            // Beast names itself and its version where nothing else stands.
            response.set(beast::http::field::server, "rollcall");
            if (!subprotocol.empty())
                response.set(beast::http::field::sec_websocket_protocol,
                             beast::string_view(subprotocol.data(), subprotocol.size()));
        }));
        auto const token = asio::as_tuple(asio::use_awaitable);
        auto const [error] = co_await stream_.async_accept(request.message, token);
        open_ = !error;
        co_return error;
    }

    asio::awaitable<Received> read() override
    {
        buffer_.consume(buffer_.size());
        if (buffer_.capacity() > waiting_buffer_bytes) buffer_.shrink_to_fit();
        auto const token = asio::as_tuple(asio::use_awaitable);
        auto [error, size] = co_await stream_.async_read_some(buffer_, waiting_buffer_bytes, token);
        if (!error && !stream_.is_message_done()) std::tie(error, size) = co_await stream_.async_read(buffer_, token);
        Received received{Received::What::failed, {}};
        if (!error) {
            received.what = stream_.got_text() ? Received::What::text : Received::What::binary;
            received.text = {static_cast<char const*>(buffer_.data().data()), buffer_.size()};
        } else if (error == websocket::error::closed) {
            received.what = Received::What::closed;
        } else if (error == websocket::error::message_too_big || error == websocket::error::buffer_overflow) {
            received.what = Received::What::too_big;
        }
        co_return received;
    }

    bool send(std::string text) override
    {
        if (closing_) return true; // The peer has been told that the end has come.
        if (queue_.size() >= settings_.queue_messages || queued_bytes_ + text.size() > settings_.queue_bytes)
            return false;
        queued_bytes_ += text.size();
        queue_.push_back(std::move(text));
        pump();
        return true;
    }

    void close(std::uint16_t code, std::string_view reason) override
    {
        if (closing_) return;
        if (!open_) return link_->stream.close();
        auto const text = clean_text(reason, close_reason_bytes);
        closing_.emplace(static_cast<websocket::close_code>(code), beast::string_view(text.data(), text.size()));
        pump();
    }

    void ping() override
    {
        if (pinging_ || closing_) return;
        pinging_ = true;
        stream_.async_ping({}, [self = shared_from_this(), this](error_code const&) { pinging_ = false; });
    }

private:
    /// Starts the next write where none is under way.
    void pump()
    {
        if (writing_) return;
        if (queue_.empty()) {
            if (!closing_ || said_close_) return;
            said_close_ = true;
            stream_.async_close(*closing_, [self = shared_from_this()](error_code const&) {});
            return;
        }
        writing_ = true;
        stream_.async_write(asio::buffer(queue_.front()),
                            [self = shared_from_this(), this](error_code const& error, std::size_t) {
                                writing_ = false;
                                queued_bytes_ -= queue_.front().size();
                                queue_.pop_front();
                                // The reader sees the same end and tells it; nothing can be sent any more.
                                if (error) return drop();
                                pump();
                            });
    }

    void drop()
    {
        queue_.clear();
        queued_bytes_ = 0;
        link_->stream.close();
    }

    std::shared_ptr<Link> link_;
    Settings settings_;
    websocket::stream<TlsStream&, false> stream_;
    beast::flat_buffer buffer_;
    std::list<std::string> queue_;
    std::size_t queued_bytes_ = 0;
    std::optional<websocket::close_reason> closing_;
    bool open_ = false;
    bool writing_ = false;
    bool pinging_ = false;
    bool said_close_ = false;
};

} // namespace

std::shared_ptr<WebSocket> WebSocket::make(std::shared_ptr<Link> link, Settings settings)
{
    return std::make_shared<BeastSocket>(std::move(link), settings);
}

} // namespace rollcall::gateway
