#include "agent/uplink/enrol.hpp"

#include <optional>
#include <system_error>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "agent/uplink/dial.hpp"
#include "agent/uplink/proxy.hpp"
#include "agent/uplink/secure_stream.hpp"
#include "common/core/text.hpp"
#include "common/core/version.hpp"
#include "common/net/address.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/limits.hpp"
#include "platform/paths.hpp"
#include "platform/secret_file.hpp"

namespace rollcall::uplink
{

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

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

/// A token whose operations return (error, …) and do not throw.
constexpr auto enrol_token = asio::as_tuple(asio::use_awaitable);

/// One request over one connection. Runs its own loop, since nothing else happens during an enrolment.
class Conversation
{
public:
    using Response = http::response<http::string_body>;

    Conversation(net::Address address, std::optional<Proxy> proxy, net::Context context,
                 std::chrono::milliseconds limit)
        : address_(std::move(address))
        , proxy_(std::move(proxy))
        , context_(context.release())
        , stream_(io_.get_executor(), context_)
        , deadline_(io_, limit)
    {
    }

    Result<Response> post(std::string const& body, Stop* stop)
    {
        Result<Response> answer = fail(errc::cancelled, "told to stop");
        asio::co_spawn(io_, converse(body, answer), [](std::exception_ptr const& thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
        std::optional<Stop::Watch> watch;
        if (stop != nullptr) watch.emplace(*stop, [this] { io_.stop(); });
        io_.run();
        return answer;
    }

private:
    asio::awaitable<void> converse(std::string const& body, Result<Response>& answer)
    {
        auto const connected = co_await connect();
        if (connected)
            answer = co_await request(body);
        else
            answer = connected.error();
    }

    asio::awaitable<Result<>> connect()
    {
        if (auto const done = net::expect_peer(stream_.ssl(), address_.host); !done) co_return done.error();
        auto const dialled = co_await dial(stream_.next_layer(), address_, proxy_, Segments::usual, deadline_);
        if (!dialled) co_return fail(dialled.error(), "connect");
        auto const failed = co_await stream_.handshake();
        if (!failed) co_return Result<>();
        auto const why = net::verify_failure(stream_.ssl());
        if (why.empty()) co_return lost(failed, "TLS");
        co_return fail(
            errc::unauthenticated,
            fmt::format("{} is not the collector of this token ({}): make a new token, or check who answers there",
                        net::to_string(address_), why));
    }

    asio::awaitable<Result<Response>> request(std::string const& body)
    {
        http::request<http::string_body> request(http::verb::post, "/enrol", 11);
        request.set(http::field::host, net::to_string(address_));
        request.set(http::field::content_type, "application/json");
        request.set(http::field::user_agent, "rollcall-agent/" + std::string(version()));
        request.keep_alive(false);
        request.body() = body;
        request.prepare_payload();
        auto const [not_sent, sent] = co_await http::async_write(stream_, request, enrol_token);
        if (not_sent) co_return lost(not_sent, "send");

        beast::flat_buffer buffer;
        http::response_parser<http::string_body> parser;
        parser.body_limit(wire::limits::request_body_bytes);
        auto const [no_answer, read] = co_await http::async_read(stream_, buffer, parser, enrol_token);
        if (no_answer) co_return lost(no_answer, "receive");
        co_return parser.release();
    }

    [[nodiscard]] Error lost(beast::error_code failed, std::string_view step) const
    {
        auto const code = failed == beast::error::timeout ? errc::timed_out : errc::io;
        return fail(fail(code, fmt::format("{}: {}", net::to_string(address_), failed.message())), step);
    }

    net::Address address_;
    std::optional<Proxy> proxy_;
    asio::io_context io_{1};
    asio::ssl::context context_;
    SecureStream stream_;
    asio::steady_timer deadline_;
};

} // namespace

static Result<> check_answer(Identity const& identity, std::string const& ca_sha256)
{
    auto const ca = net::certificate_from_pem(identity.tls.ca_pem);
    if (!ca) return fail(ca.error(), "ca_pem");
    if (net::fingerprint(**ca) != ca_sha256) return fail(errc::unauthenticated, "ca_pem: not the CA of the token");
    return check_identity(identity);
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
    if (auto const made = platform::make_own_folder(options.folder.string()); !made)
        return fail(errc::permission_denied,
                    fmt::format("enrol: {}: run it as root (on Windows as an administrator), or name another folder "
                                "with --state",
                                made.error().trace));
    auto const trial = options.folder / ".write-test";
    if (auto const written = platform::write_secret_file(trial.string(), "x"); !written)
        return fail(written.error(), "enrol");
    std::error_code ignored;
    std::filesystem::remove(trial, ignored);

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
    message.agent_version = std::string(version());
    Conversation conversation(*address, *std::move(proxy), std::move(*context), options.limit);
    auto const response = conversation.post(wire::encode(message), options.stop);
    if (!response) return fail(response.error(), "enrol");
    if (response->result() != http::status::ok && response->result() != http::status::created)
        return fail(enrolment_refusal(static_cast<int>(response->result_int()), response->body()), "enrol");

    auto const answer = wire::decode_enrol_answer(response->body());
    if (!answer) return fail(answer.error(), "enrol: the collector's answer");
    Identity identity{token->address, answer->device_id, {*key_pem, answer->certificate_pem, answer->ca_pem}};
    if (auto const fits = check_answer(identity, token->ca_sha256); !fits)
        return fail(fits.error(), "enrol: the collector's answer");
    if (direct) std::filesystem::remove(options.folder / "proxy", ignored);
    if (proxy_given)
        if (auto const saved = save_proxy(options.folder, options.proxy); !saved) return fail(saved.error(), "enrol");
    if (auto const saved = save_identity(options.folder, identity); !saved) return fail(saved.error(), "enrol");
    return identity;
}

} // namespace rollcall::uplink
