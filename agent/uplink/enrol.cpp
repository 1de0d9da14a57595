#include "agent/uplink/enrol.hpp"

#include <system_error>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "agent/uplink/proxy.hpp"
#include "common/core/text.hpp"
#include "common/net/address.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/limits.hpp"
#include "platform/secret_file.hpp"

namespace rollcall::uplink
{

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

/// Longest text of the collector's that is shown on a terminal.
static constexpr std::size_t shown_bytes = 500;

static std::string text_of(boost::json::object const& object, std::string_view name)
{
    auto const* const value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return clean_text(std::string_view(value->get_string()), shown_bytes);
}

Error enrolment_refusal(int status, std::string_view body)
{
    boost::system::error_code failed;
    auto const json = boost::json::parse(body, failed);
    auto const* const problem = failed ? nullptr : json.if_object();
    if (problem == nullptr)
        return fail(errc::refused,
                    fmt::format("status {} without an explanation: is this a Rollcall collector?", status));
    auto said = text_of(*problem, "detail");
    if (said.empty()) said = text_of(*problem, "title");
    if (said.empty()) said = fmt::format("status {}", status);
    if (auto const remedy = text_of(*problem, "remedy"); !remedy.empty())
        (said += said.ends_with('.') ? " " : ". ") += remedy;
    return fail(errc::refused, "the collector says: " + said);
}

namespace
{

/// One request over one connection. Runs its own loop, since nothing else happens during an enrolment.
class Conversation
{
public:
    Conversation(net::Address address, std::optional<Proxy> proxy, net::Context context,
                 std::chrono::milliseconds limit)
        : address_(std::move(address))
        , proxy_(std::move(proxy))
        , context_(context.release())
        , stream_(io_, context_)
        , limit_(limit)
    {
    }

    Result<http::response<http::string_body>> post(std::string const& body)
    {
        if (auto const done = net::expect_peer(*stream_.native_handle(), address_.host); !done) return done.error();
        auto& socket = beast::get_lowest_layer(stream_);
        socket.expires_after(limit_);

        beast::error_code failed;
        tcp::resolver resolver(io_);
        auto const& next = proxy_ ? proxy_->address : address_;
        auto const found = resolver.resolve(next.host, std::to_string(next.port), failed);
        if (failed) return fail(errc::not_found, fmt::format("{}: {}", next.host, failed.message()));

        if (auto const done = wait([&](auto handler) { socket.async_connect(found, handler); }, failed); !done)
            return fail(done.error(), "connect");
        if (auto const open = ask_for_tunnel(); !open) return open.error();
        if (auto const done =
                wait([&](auto handler) { stream_.async_handshake(asio::ssl::stream_base::client, handler); }, failed);
            !done) {
            auto const why = net::verify_failure(*stream_.native_handle());
            if (!why.empty())
                return fail(
                    errc::unauthenticated,
                    fmt::format(
                        "{} is not the collector of this token ({}): make a new token, or check who answers there",
                        net::to_string(address_), why));
            return fail(done.error(), "TLS");
        }

        http::request<http::string_body> request(http::verb::post, "/enrol", 11);
        request.set(http::field::host, net::to_string(address_));
        request.set(http::field::content_type, "application/json");
        request.set(http::field::user_agent, "rollcall-agent/" ROLLCALL_VERSION);
        request.keep_alive(false);
        request.body() = body;
        request.prepare_payload();
        if (auto const done = wait([&](auto handler) { http::async_write(stream_, request, handler); }, failed); !done)
            return fail(done.error(), "send");

        beast::flat_buffer buffer;
        http::response_parser<http::string_body> parser;
        parser.body_limit(wire::limits::request_body_bytes);
        if (auto const done = wait([&](auto handler) { http::async_read(stream_, buffer, parser, handler); }, failed);
            !done)
            return fail(done.error(), "receive");
        return parser.release();
    }

private:
    Result<> ask_for_tunnel()
    {
        if (!proxy_) return {};
        auto const place = "proxy " + net::to_string(proxy_->address);
        auto& socket = beast::get_lowest_layer(stream_);
        beast::error_code failed;
        auto const request = tunnel_request(*proxy_, address_);
        if (auto const done =
                wait([&](auto handler) { asio::async_write(socket, asio::buffer(request), handler); }, failed);
            !done)
            return fail(done.error(), place);
        beast::flat_buffer buffer;
        http::response_parser<http::empty_body> answer;
        answer.header_limit(proxy_head_bytes);
        if (auto const done =
                wait([&](auto handler) { http::async_read_header(socket, buffer, answer, handler); }, failed);
            !done)
            return fail(done.error(), place);
        return check_tunnel(*proxy_, static_cast<int>(answer.get().result_int()));
    }

    /// Starts one operation and runs the loop until it ends.
    template <class Start>
    Result<> wait(Start start, beast::error_code& failed)
    {
        start([&failed](beast::error_code code, auto&&...) { failed = code; });
        io_.restart();
        io_.run();
        if (!failed) return {};
        auto const code = failed == beast::error::timeout ? errc::timed_out : errc::io;
        return fail(code, fmt::format("{}: {}", net::to_string(address_), failed.message()));
    }

    net::Address address_;
    std::optional<Proxy> proxy_;
    asio::io_context io_{1};
    asio::ssl::context context_;
    asio::ssl::stream<beast::tcp_stream> stream_;
    std::chrono::milliseconds limit_;
};

} // namespace

/// A certificate that does not fit our key or its CA would only be noticed at the first connection.
static Result<> check_answer(wire::EnrolAnswer const& answer, std::string const& key_pem, std::string const& ca_sha256)
{
    auto const ca = net::certificate_from_pem(answer.ca_pem);
    if (!ca) return fail(ca.error(), "ca_pem");
    if (net::fingerprint(**ca) != ca_sha256) return fail(errc::unauthenticated, "ca_pem: not the CA of the token");
    auto const usable = net::make_agent_context({key_pem, answer.certificate_pem, answer.ca_pem});
    if (!usable) return usable.error();
    auto const certificate = net::certificate_from_pem(answer.certificate_pem);
    if (!certificate) return certificate.error();
    if (net::common_name(**certificate) != answer.device_id)
        return fail(errc::bad_message, "certificate_pem: issued for another device");
    return {};
}

static Result<std::optional<Proxy>> as_optional(Result<Proxy> proxy)
{
    if (!proxy) return proxy.error();
    return std::optional(*std::move(proxy));
}

Result<Identity> enrol(EnrolOptions const& options)
{
    if (has_identity(options.folder) && !options.replace)
        return fail(errc::conflict, fmt::format("enrol: {} holds an identity already: add --replace to give it up",
                                                options.folder.string()));
    auto const token = wire::decode_token(options.token);
    if (!token)
        return fail(errc::bad_input, "enrol: this is no enrolment token (" + token.error().trace +
                                         "): copy the whole word from the page");
    auto const address = net::parse_address(token->address);
    if (!address) return fail(address.error(), "enrol: token");

    bool const direct = !options.proxy.empty() && goes_direct(options.no_proxy, address->host);
    bool const proxy_given = !options.proxy.empty() && !direct;
    auto proxy = direct        ? Result<std::optional<Proxy>>(std::nullopt)
                 : proxy_given ? as_optional(parse_proxy(options.proxy))
                               : load_proxy(options.folder);
    if (!proxy) return fail(proxy.error(), "enrol");

    // Before the token is used up: it would be a pity if the answer could not be kept.
    std::error_code failed;
    std::filesystem::create_directories(options.folder, failed);
    if (!failed) std::filesystem::permissions(options.folder, std::filesystem::perms::owner_all, failed);
    if (failed)
        return fail(errc::permission_denied,
                    fmt::format("enrol: {}: {}: run it as root, or name another folder with --state",
                                options.folder.string(), failed.message()));
    auto const trial = options.folder / ".write-test";
    if (auto const written = platform::write_secret_file(trial.string(), "x"); !written)
        return fail(written.error(), "enrol");
    std::filesystem::remove(trial, failed);

    auto const key = net::make_key();
    if (!key) return fail(key.error(), "enrol");
    auto const key_pem = net::to_pem(**key);
    if (!key_pem) return fail(key_pem.error(), "enrol");
    auto const request = net::make_request(**key, "rollcall-agent");
    if (!request) return fail(request.error(), "enrol");
    auto const request_pem = net::to_pem(**request);
    if (!request_pem) return fail(request_pem.error(), "enrol");

    auto context = net::make_enrolment_context(token->ca_sha256);
    if (!context) return fail(context.error(), "enrol");
    wire::EnrolRequest message;
    message.token = token->secret;
    message.request_pem = *request_pem;
    message.host_name = options.host_name;
    message.hardware_id = options.hardware_id;
    message.agent_version = ROLLCALL_VERSION;
    Conversation conversation(*address, *std::move(proxy), std::move(*context), options.limit);
    auto const response = conversation.post(wire::encode(message));
    if (!response) return fail(response.error(), "enrol");
    if (response->result() != http::status::ok && response->result() != http::status::created)
        return fail(enrolment_refusal(static_cast<int>(response->result_int()), response->body()), "enrol");

    auto const answer = wire::decode_enrol_answer(response->body());
    if (!answer) return fail(answer.error(), "enrol: the collector's answer");
    if (auto const fits = check_answer(*answer, *key_pem, token->ca_sha256); !fits)
        return fail(fits.error(), "enrol: the collector's answer");

    Identity identity{token->address, answer->device_id, {*key_pem, answer->certificate_pem, answer->ca_pem}};
    if (direct) std::filesystem::remove(options.folder / "proxy", failed);
    if (proxy_given)
        if (auto const saved = save_proxy(options.folder, options.proxy); !saved) return fail(saved.error(), "enrol");
    if (auto const saved = save_identity(options.folder, identity); !saved) return fail(saved.error(), "enrol");
    return identity;
}

} // namespace rollcall::uplink
