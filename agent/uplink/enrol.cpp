#include "agent/uplink/enrol.hpp"

#include <optional>
#include <system_error>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "agent/uplink/https.hpp"
#include "agent/uplink/proxy.hpp"
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

using Response = http::response<http::string_body>;

asio::awaitable<Result<>> post(Https& https, std::string const& body, Response& answer)
{
    http::request<http::string_body> request(http::verb::post, "/enrol", 11);
    request.set(http::field::host, net::to_string(https.address()));
    request.set(http::field::content_type, "application/json");
    request.set(http::field::user_agent, "rollcall-agent/" + std::string(version()));
    request.keep_alive(false);
    request.body() = body;
    request.prepare_payload();
    auto const [not_sent, sent] = co_await http::async_write(https.stream(), request, enrol_token);
    if (not_sent) co_return https.lost(not_sent, "send");

    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(wire::limits::request_body_bytes);
    auto const [no_answer, read] = co_await http::async_read(https.stream(), buffer, parser, enrol_token);
    if (no_answer) co_return https.lost(no_answer, "receive");
    answer = parser.release();
    co_return Result<>();
}

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
    Https https(*address, *std::move(proxy), std::move(*context), options.limit, "the collector of this token");
    auto const body = wire::encode(message);
    Response response;
    auto asked = https.run([&] { return post(https, body, response); }, options.stop);
    if (!asked && asked.error().code == errc::unauthenticated)
        return fail(errc::unauthenticated,
                    fmt::format("enrol: {}: make a new token, or check who answers there", asked.error().trace));
    if (!asked) return fail(asked.error(), "enrol");
    if (response.result() != http::status::ok && response.result() != http::status::created)
        return fail(enrolment_refusal(static_cast<int>(response.result_int()), response.body()), "enrol");

    auto const answer = wire::decode_enrol_answer(response.body());
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
