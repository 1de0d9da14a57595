#pragma once

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/net/tls.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/patience.hpp"

/// A blocking client, byte by byte and without Beast, so that it can be as rude as strangers are.
namespace rollcall::gateway::test
{

struct Identity {
    std::string key_pem;
    std::string certificate_pem;
};

struct Answer {
    int status = 0;
    std::string head;
    std::map<std::string, std::string> headers; ///< Names in lower case.
    std::string body;
};

struct Frame {
    int opcode = -1; ///< -1: the connection ended.
    std::string payload;
    [[nodiscard]] int close_code() const
    {
        if (opcode != 8 || payload.size() < 2) return 0;
        return static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
    }
};

/// Connected to 127.0.0.1, no TLS yet.
inline int open_socket(std::uint16_t port, int receive_buffer = 0)
{
    std::signal(SIGPIPE, SIG_IGN);
    int const descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    timeval const limit{.tv_sec = support::patience.count(), .tv_usec = 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    int const at_once = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    auto const address = support::loopback(port);
    if (::connect(descriptor, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) {
        ::close(descriptor);
        return -1;
    }
    return descriptor;
}

struct FreeSsl {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
};

class Client
{
public:
    explicit Client(std::uint16_t port, std::vector<std::string> const& protocols = {},
                    Identity const* identity = nullptr, int receive_buffer = 0)
        : descriptor_(open_socket(port, receive_buffer))
        , context_(SSL_CTX_new(TLS_client_method()))
    {
        std::string wire;
        for (auto const& one : protocols)
            (wire += static_cast<char>(one.size())) += one;
        if (!wire.empty())
            SSL_CTX_set_alpn_protos(context_.get(), reinterpret_cast<unsigned char const*>(wire.data()),
                                    static_cast<unsigned>(wire.size()));
        if (identity != nullptr) {
            auto const key = net::key_from_pem(identity->key_pem);
            auto const certificate = net::certificate_from_pem(identity->certificate_pem);
            SSL_CTX_use_certificate(context_.get(), certificate->get());
            SSL_CTX_use_PrivateKey(context_.get(), key->get());
        }
        SSL_CTX_set_cert_cb(
            context_.get(),
            [](SSL*, void* self) {
                static_cast<Client*>(self)->asked = true;
                return 1;
            },
            this);
        ssl_.reset(SSL_new(context_.get()));
        SSL_set_fd(ssl_.get(), descriptor_);
        connected = SSL_connect(ssl_.get()) == 1;
        note_error();
    }
    ~Client()
    {
        ssl_.reset();
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Client(Client const&) = delete;
    Client& operator=(Client const&) = delete;

    bool send(std::string_view bytes)
    {
        std::size_t done = 0;
        while (!bytes.empty()) {
            if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &done) != 1) {
                note_error();
                return false;
            }
            bytes.remove_prefix(done);
        }
        return true;
    }

    /// Adds to what waits to be read; false at the end.
    bool fill()
    {
        std::array<char, 16384> piece{};
        std::size_t size = 0;
        if (SSL_read_ex(ssl_.get(), piece.data(), piece.size(), &size) != 1) {
            note_error();
            return false;
        }
        buffer_.append(piece.data(), size);
        return true;
    }

    /// Nothing more comes: the server has closed.
    bool ended()
    {
        while (fill())
            buffer_.clear();
        return !timed_out;
    }

    /// A body in chunks; empty where its last one is missing.
    std::string chunks()
    {
        std::string body;
        for (;;) {
            auto const piece = chunk();
            if (cut_off) return {};
            if (piece.empty()) return body;
            body += piece;
        }
    }

    /// The next one; empty where it is the last, or `cut_off` says that it did not come.
    std::string chunk()
    {
        cut_off = true;
        std::size_t end = 0;
        while ((end = buffer_.find("\r\n")) == std::string::npos)
            if (!fill()) return {};
        auto const size = static_cast<std::size_t>(std::stoul(buffer_.substr(0, end), nullptr, 16));
        while (buffer_.size() < end + 2 + size + 2)
            if (!fill()) return {};
        auto piece = buffer_.substr(end + 2, size);
        buffer_.erase(0, end + 2 + size + 2);
        cut_off = false;
        return piece;
    }

    Answer response(bool head_only = false)
    {
        Answer answer;
        std::size_t end = 0;
        while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
            if (!fill()) return answer;
        answer.head = buffer_.substr(0, end + 2);
        buffer_.erase(0, end + 4);
        answer.status = std::atoi(answer.head.c_str() + 9);
        for (auto at = answer.head.find("\r\n") + 2; at < answer.head.size();) {
            auto const stop = answer.head.find("\r\n", at);
            auto const colon = answer.head.find(':', at);
            auto name = answer.head.substr(at, colon - at);
            for (auto& c : name)
                c = static_cast<char>(std::tolower(c));
            answer.headers[name] = answer.head.substr(colon + 2, stop - colon - 2);
            at = stop + 2;
        }
        if (!head_only && answer.headers.contains("transfer-encoding")) answer.body = chunks();
        auto const length = answer.headers.find("content-length");
        if (head_only || length == answer.headers.end()) return answer;
        auto const wanted = static_cast<std::size_t>(std::stoul(length->second));
        while (buffer_.size() < wanted)
            if (!fill()) return answer;
        answer.body = buffer_.substr(0, wanted);
        buffer_.erase(0, wanted);
        return answer;
    }

    Answer get(std::string const& target, std::string const& more = {})
    {
        send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n");
        return response();
    }

    Answer upgrade(std::string const& path, std::string const& protocol = {})
    {
        auto const offer = protocol.empty() ? std::string() : "Sec-WebSocket-Protocol: " + protocol + "\r\n";
        return get(path, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                             offer);
    }

    /// A masked frame (RFC 6455 §5.2), its mask all zero.
    bool frame(int opcode, std::string_view payload)
    {
        std::string bytes(1, static_cast<char>(0x80 | opcode));
        if (payload.size() < 126) {
            bytes += static_cast<char>(0x80U | payload.size());
        } else {
            int const width = payload.size() < 65536 ? 2 : 8;
            bytes += static_cast<char>(0x80 | (width == 2 ? 126 : 127));
            for (int i = width - 1; i >= 0; --i)
                bytes += static_cast<char>(payload.size() >> (8 * i));
        }
        bytes.append(4, '\0');
        return send(bytes += payload);
    }
    bool text(std::string_view payload) { return frame(1, payload); }

    Frame next()
    {
        auto const have = [this](std::size_t wanted) {
            while (buffer_.size() < wanted)
                if (!fill()) return false;
            return true;
        };
        if (!have(2)) return {};
        std::size_t size = static_cast<unsigned char>(buffer_[1]) & 0x7fU;
        std::size_t head = 2;
        if (size >= 126) {
            std::size_t const width = size == 126 ? 2 : 8;
            if (!have(2 + width)) return {};
            size = 0;
            for (std::size_t i = 0; i < width; ++i)
                size = size * 256 + static_cast<unsigned char>(buffer_[2 + i]);
            head += width;
        }
        if (!have(head + size)) return {};
        Frame frame{.opcode = buffer_[0] & 0x0f, .payload = buffer_.substr(head, size)};
        buffer_.erase(0, head + size);
        return frame;
    }
    /// The next frame that is not a ping or a pong.
    Frame next_message()
    {
        for (;;) {
            auto frame = next();
            if (frame.opcode != 9 && frame.opcode != 10) return frame;
        }
    }

    [[nodiscard]] std::string alpn() const
    {
        unsigned char const* name = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(ssl_.get(), &name, &size);
        return {reinterpret_cast<char const*>(name), size};
    }
    [[nodiscard]] SSL* ssl() const { return ssl_.get(); }

    bool connected = false;
    bool asked = false;     ///< The server wanted a certificate.
    bool timed_out = false; ///< Our own patience ended.
    bool cut_off = false;   ///< A chunk did not come.
    std::string error;      ///< What OpenSSL said last.

private:
    void note_error()
    {
        if (errno == EAGAIN || errno == EWOULDBLOCK) timed_out = true;
        if (auto const number = ERR_get_error(); number != 0) {
            auto const* const why = ERR_reason_error_string(number);
            error = why != nullptr ? why : "?";
        }
        ERR_clear_error();
        errno = 0;
    }

    int descriptor_;
    net::Context context_;
    std::unique_ptr<SSL, FreeSsl> ssl_;
    std::string buffer_;
};

} // namespace rollcall::gateway::test
