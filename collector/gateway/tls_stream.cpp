#include "collector/gateway/tls_stream.hpp"

#include <array>
#include <new>

#include <boost/asio/error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace rollcall::gateway
{

/// Writes up to this size are joined into one record.
static constexpr std::size_t one_record_bytes = 4096;

/// Not now, but when the socket is ready again.
static bool is_for_later(error_code const& error)
{
    return error == asio::error::would_block || error == asio::error::try_again || error == asio::error::interrupted;
}

/// The socket as OpenSSL sees it. Unlike OpenSSL's own it raises no SIGPIPE, and it goes through Asio's socket each
/// time: a descriptor that was closed and given to another connection can never be written to.
struct SocketBio {
    static int write(BIO* bio, char const* data, std::size_t size, std::size_t* done)
    {
        auto& stream = *static_cast<TlsStream*>(BIO_get_data(bio));
        error_code error;
        *done = stream.socket_.write_some(asio::buffer(data, size), error);
        BIO_clear_retry_flags(bio);
        if (error) {
            if (is_for_later(error))
                BIO_set_retry_write(bio);
            else
                stream.socket_error_ = error;
            return 0;
        }
        stream.bytes_out_ += *done;
        return 1;
    }

    static int read(BIO* bio, char* data, std::size_t size, std::size_t* done)
    {
        auto& stream = *static_cast<TlsStream*>(BIO_get_data(bio));
        error_code error;
        *done = stream.socket_.read_some(asio::buffer(data, size), error);
        BIO_clear_retry_flags(bio);
        if (error) {
            if (is_for_later(error))
                BIO_set_retry_read(bio);
            else if (error != asio::error::eof)
                stream.socket_error_ = error;
            return 0;
        }
        stream.bytes_in_ += *done;
        return 1;
    }

    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

    static BIO_METHOD* method()
    {
        static BIO_METHOD* const made = [] {
            auto* const fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "rollcall socket");
            if (fresh == nullptr || BIO_meth_set_write_ex(fresh, write) != 1 ||
                BIO_meth_set_read_ex(fresh, read) != 1 || BIO_meth_set_ctrl(fresh, control) != 1)
                throw std::bad_alloc();
            return fresh;
        }();
        return made;
    }
};

TlsStream::TlsStream(asio::ip::tcp::socket socket, SSL_CTX& context)
    : socket_(std::move(socket))
    , ssl_(SSL_new(&context), SSL_free)
{
    auto* const bio = ssl_ ? BIO_new(SocketBio::method()) : nullptr;
    if (bio == nullptr) throw std::bad_alloc();
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
    error_code ignored; // It fails where the peer is gone, which the first read tells.
    socket_.non_blocking(true, ignored);
}

TlsStream::~TlsStream() = default;

void TlsStream::close()
{
    error_code ignored;
    socket_.close(ignored);
}

TlsStream::Step TlsStream::gave_up(Verb verb, error_code error)
{
    if (verb != Verb::read) broken_ = true;
    if (verb == Verb::linger) return {}; // It was a courtesy; why the stream ends is known already.
    return {.error = error};
}

/// What is short travels in one record: a record of its own would make the head of a WebSocket frame 12 times as long.
/// Where it has to be tried again the bytes are others' but the same, as ACCEPT_MOVING_WRITE_BUFFER wants it.
int TlsStream::write(Parts const& parts, std::size_t& bytes)
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): only what is filled is read.
    std::array<char, one_record_bytes> joined;
    asio::const_buffer whole(parts.front());
    if (parts[1].size() > 0 && asio::buffer_size(parts) <= joined.size())
        whole = asio::buffer(joined.data(), asio::buffer_copy(asio::buffer(joined), parts));
    if (whole.size() == 0) return 1;
    return SSL_write_ex(ssl_.get(), whole.data(), whole.size(), &bytes);
}

TlsStream::Step TlsStream::attempt(Verb verb, Parts const& parts)
{
    if (!socket_.is_open()) return gave_up(verb, asio::error::operation_aborted);
    if (verb == Verb::linger) return attempt_linger();
    if (broken_) return {.error = asio::error::connection_aborted};

    ERR_clear_error();
    socket_error_ = {};
    std::size_t bytes = 0;
    int result = 1;
    switch (verb) {
    case Verb::handshake:
        result = SSL_do_handshake(ssl_.get());
        break;
    case Verb::read:
        if (auto const into = parts.front(); into.size() > 0)
            result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &bytes);
        break;
    case Verb::write:
        result = write(parts, bytes);
        break;
    case Verb::shutdown:
    case Verb::linger:
        if (SSL_is_init_finished(ssl_.get()) == 0) break;
        result = SSL_shutdown(ssl_.get());
        if (result == 0) result = 1; // Ours is sent; the peer's is not waited for.
        break;
    }
    return outcome(result, bytes);
}

TlsStream::Step TlsStream::outcome(int result, std::size_t bytes)
{
    if (result == 1) return {.bytes = bytes};
    switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
        return {.want = Want::read};
    case SSL_ERROR_WANT_WRITE:
        return {.want = Want::write};
    case SSL_ERROR_ZERO_RETURN:
        return {.error = asio::error::eof};
    default:
        break;
    }
    broken_ = true;
    if (auto const number = ERR_peek_error(); number != 0) {
        failure_reason_ = ERR_GET_REASON(number);
        auto const* const text = ERR_reason_error_string(number);
        failure_ = text != nullptr ? text : "TLS failure";
        ERR_clear_error();
        return {.error = boost::system::errc::make_error_code(boost::system::errc::protocol_error)};
    }
    // The end of the stream without close_notify may be an attacker's work: it is never a clean end.
    if (!socket_error_) return {.error = asio::error::connection_reset};
    return {.error = socket_error_};
}

TlsStream::Step TlsStream::attempt_linger()
{
    if (!said_goodbye_) {
        if (!broken_) {
            auto const step = attempt(Verb::shutdown, {});
            if (step.want != Want::nothing) return step;
        }
        said_goodbye_ = true;
        if (on_linger) on_linger();
        error_code ignored;
        socket_.shutdown(next_layer_type::shutdown_send, ignored);
    }
    std::array<char, 16384> dropped{};
    for (int rounds = 0; rounds < 16; ++rounds) { // Others on this loop want their turn, too.
        error_code error;
        if (socket_.read_some(asio::buffer(dropped), error) > 0) continue;
        if (is_for_later(error)) return {.want = Want::read};
        close();
        return {};
    }
    return {.want = Want::read};
}

} // namespace rollcall::gateway
