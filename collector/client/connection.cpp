#include "collector/client/connection.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "collector/client/limits.hpp"
#include "common/core/version.hpp"
#include "common/net/tls.hpp"

namespace rollcall::client
{

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace
{

constexpr std::string_view pin_prefix = "sha256//";

using Stream = beast::ssl_stream<beast::tcp_stream>;

/// In place of OpenSSL's own look at the chain: the key is all that counts.
int has_pinned_key(X509_STORE_CTX* store, void* wanted)
{
    auto* const certificate = X509_STORE_CTX_get0_cert(store);
    auto const pin = certificate == nullptr ? Result<std::string>(fail(errc::not_found, "no certificate"))
                                            : net::key_pin(*certificate);
    bool const fits = pin && *pin == *static_cast<std::string const*>(wanted);
    X509_STORE_CTX_set_error(store, fits ? X509_V_OK : X509_V_ERR_CERT_UNTRUSTED);
    return fits ? 1 : 0;
}

Result<> trust_authorities(SSL_CTX& context, std::string const& pem)
{
    if (pem.empty()) {
        if (SSL_CTX_set_default_verify_paths(&context) == 1) return {};
        return net::tls_error(errc::io, "the system's certificate authorities");
    }
    auto const all = net::certificates_from_pem(pem);
    if (!all) return fail(all.error(), "certificate authorities");
    for (auto const& one : *all)
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), one.get()) != 1)
            return net::tls_error(errc::io, "certificate authorities");
    // One that is not signed by itself may be what somebody chose to believe.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(&context), X509_V_FLAG_PARTIAL_CHAIN);
    return {};
}

Result<std::string> read_pin(std::string_view pin)
{
    static constexpr std::size_t base64_characters = 44; // of 32 bytes
    if (!pin.starts_with(pin_prefix) || pin.size() != pin_prefix.size() + base64_characters || pin.back() != '=')
        return fail(errc::bad_input, "a pin is sha256// and 44 characters of base64");
    return std::string(pin.substr(pin_prefix.size()));
}

} // namespace

struct Connection::Parts {
    net::Address address;
    std::string pin; ///< Base64; "" = certificate authorities vouch for it.
    asio::io_context io{1};
    asio::ssl::context context;
    std::optional<Stream> stream;
    beast::flat_buffer buffer;

    Parts(net::Address where, std::string key, net::Context made)
        : address(std::move(where))
        , pin(std::move(key))
        , context(made.release())
    {
    }

    /// Runs until what was started has ended.
    void finish()
    {
        io.restart();
        io.run();
    }
    [[nodiscard]] Error lost(error_code failed) const
    {
        bool const late = failed == beast::error::timeout;
        auto const why = late ? std::string("no answer in time") : failed.message();
        return fail(late ? errc::timed_out : errc::io, fmt::format("{}: {}", net::to_https_url(address), why));
    }
    Result<> connect();
    [[nodiscard]] Error refused(error_code failed);
    error_code send(Request const& request);
    Result<Answer> receive(Request const& request, Choose const& choose, bool& nothing_came);
    error_code read_some(http::response_parser<http::buffer_body>& parser, std::chrono::milliseconds silence);
};

Result<> Connection::Parts::connect()
{
    buffer.clear();
    stream.emplace(io, context);
    if (auto const said = net::expect_peer(*stream->native_handle(), address.host); !said) return said.error();
    asio::ip::tcp::resolver resolver(io);
    error_code failed;
    auto const found = resolver.resolve(address.host, std::to_string(address.port), failed);
    if (failed) return fail(errc::io, fmt::format("{}: {}", address.host, failed.message()));
    auto& socket = beast::get_lowest_layer(*stream);
    socket.expires_after(limits::connect);
    socket.async_connect(found, [&](error_code error, auto const&) { failed = error; });
    finish();
    if (failed) return lost(failed);
    socket.expires_after(limits::connect);
    stream->async_handshake(asio::ssl::stream_base::client, [&](error_code error) { failed = error; });
    finish();
    if (failed) return refused(failed);
    return {};
}

Error Connection::Parts::refused(error_code failed)
{
    auto const why = net::verify_failure(*stream->native_handle());
    stream.reset();
    if (why.empty()) return lost(failed);
    if (!pin.empty())
        return fail(errc::io, fmt::format("{} has another key than the pinned one; nothing was sent to it",
                                          net::to_https_url(address)));
    return fail(errc::io,
                fmt::format("{} cannot prove that it is the collector ({}); nothing was sent to it. Where its "
                            "certificate is its own, log in with --ca or --pin",
                            net::to_https_url(address), why));
}

error_code Connection::Parts::send(Request const& request)
{
    auto const verb = http::string_to_verb(request.method);
    http::request<http::string_body> message;
    if (verb == http::verb::unknown)
        message.method_string(request.method);
    else
        message.method(verb);
    message.target(request.target);
    message.version(11);
    auto host = net::to_https_url(address).substr(std::string_view("https://").size());
    message.set(http::field::host, host);
    message.set(http::field::user_agent, "rollcall/" + std::string(version()));
    for (auto const& [name, value] : request.headers)
        message.set(name, value);
    message.body() = request.body;
    if (!request.body.empty() || request.method != "GET") message.prepare_payload();
    error_code failed;
    beast::get_lowest_layer(*stream).expires_after(request.silence);
    http::async_write(*stream, message, [&](error_code error, std::size_t) { failed = error; });
    finish();
    return failed;
}

error_code Connection::Parts::read_some(http::response_parser<http::buffer_body>& parser,
                                        std::chrono::milliseconds silence)
{
    error_code failed;
    beast::get_lowest_layer(*stream).expires_after(silence);
    http::async_read_some(*stream, buffer, parser, [&](error_code error, std::size_t) { failed = error; });
    finish();
    // The place for the body is full: what is in it comes first.
    return failed == http::error::need_buffer ? error_code() : failed;
}

Result<Answer> Connection::Parts::receive(Request const& request, Choose const& choose, bool& nothing_came)
{
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(boost::none);
    if (request.method == "HEAD") parser.skip(true);
    error_code failed;
    beast::get_lowest_layer(*stream).expires_after(request.silence);
    http::async_read_header(*stream, buffer, parser, [&](error_code error, std::size_t) { failed = error; });
    finish();
    nothing_came = failed && !parser.got_some();
    if (failed) return lost(failed);
    Answer answer;
    answer.status = parser.get().result_int();
    for (auto const& field : parser.get()) {
        std::string name(field.name_string());
        std::ranges::transform(name, name.begin(),
                               [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
        answer.headers.emplace(std::move(name), std::string(field.value()));
    }
    auto const take = choose ? choose(answer) : Take();
    std::array<char, 16384> piece{};
    while (!parser.is_done()) {
        auto& body = parser.get().body();
        body.data = piece.data();
        body.size = piece.size();
        failed = read_some(parser, request.silence);
        auto const bytes = std::string_view(piece.data(), piece.size() - body.size);
        if (take && !bytes.empty() && !take(bytes)) {
            stream.reset();
            return answer;
        }
        if (!take) answer.body += bytes;
        if (failed) return lost(failed);
        if (answer.body.size() > limits::answer_bytes)
            return fail(errc::limit_exceeded,
                        fmt::format("the answer has more than {} bytes; ask for less", limits::answer_bytes));
    }
    if (!parser.keep_alive()) stream.reset();
    return answer;
}

Connection::Connection(std::unique_ptr<Parts> parts)
    : parts_(std::move(parts))
{
}

Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Connection::make(Settings const& settings)
{
    auto address = net::parse_https_url(settings.address);
    if (!address) return fail(address.error(), "address");
    net::Context context(SSL_CTX_new(TLS_client_method()));
    if (!context) return net::tls_error(errc::io, "TLS");
    if (auto const done = net::harden(*context); !done) return done.error();
    std::string pin;
    if (!settings.pin.empty()) {
        auto read = read_pin(settings.pin);
        if (!read) return read.error();
        pin = *std::move(read);
    } else if (auto const done = trust_authorities(*context, settings.ca_pem); !done) {
        return done.error();
    }
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    auto parts = std::make_unique<Parts>(*std::move(address), std::move(pin), std::move(context));
    if (!parts->pin.empty())
        SSL_CTX_set_cert_verify_callback(parts->context.native_handle(), &has_pinned_key, &parts->pin);
    return std::unique_ptr<Connection>(new Connection(std::move(parts)));
}

Result<Answer> Connection::ask(Request const& request, Choose const& choose)
{
    bool const is_old = parts_->stream.has_value();
    if (!is_old)
        if (auto const connected = parts_->connect(); !connected) return connected.error();
    auto failed = parts_->send(request);
    bool nothing_came = true;
    auto answer = failed ? Result<Answer>(parts_->lost(failed)) : parts_->receive(request, choose, nothing_came);
    if (answer) return answer;
    parts_->stream.reset();
    // The collector closes what has been idle for a while, perhaps at this very moment. Writes carry a key by which it
    // knows them again.
    if (is_old && nothing_came) return ask(request, choose);
    return answer;
}

} // namespace rollcall::client
