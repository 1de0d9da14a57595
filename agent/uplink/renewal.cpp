#include "agent/uplink/renewal.hpp"

#include <charconv>
#include <functional>
#include <memory>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "agent/uplink/ask.hpp"
#include "common/net/tls.hpp"
#include "common/wire/codec.hpp"

namespace rollcall::uplink
{

static constexpr std::int64_t life_parts = 12;
static constexpr std::int64_t earliest_part = 8;
/// Hexadecimal digits of the fingerprint that say where in the twelfth.
static constexpr std::size_t chance_digits = 4;
static constexpr std::int64_t chances = 0x10000;

Result<UnixMs> renewal_due(std::string const& certificate_pem)
{
    auto const certificate = net::certificate_from_pem(certificate_pem);
    if (!certificate) return fail(certificate.error(), "renewal");
    auto const begins_s = net::not_before(**certificate);
    if (!begins_s) return fail(begins_s.error(), "renewal");
    auto const ends_s = net::not_after(**certificate);
    if (!ends_s) return fail(ends_s.error(), "renewal");
    std::int64_t chance = 0;
    auto const digits = net::fingerprint(**certificate).substr(0, chance_digits);
    std::from_chars(digits.data(), digits.data() + digits.size(), chance, 16);
    auto const part_ms = (*ends_s - *begins_s) * 1000 / life_parts;
    return *begins_s * 1000 + part_ms * earliest_part + part_ms * chance / chances;
}

/// The new identity, which is nowhere but in memory.
static asio::awaitable<Result<Identity>> ask_for_certificate(Channel& channel, Renewal const& renewal)
{
    auto const key = net::make_key();
    if (!key) co_return key.error();
    auto const key_pem = net::to_pem(**key);
    if (!key_pem) co_return key_pem.error();
    auto const request = net::make_request(**key, "rollcall-agent");
    if (!request) co_return request.error();
    auto const request_pem = net::to_pem(**request);
    if (!request_pem) co_return request_pem.error();

    auto const connected = co_await channel.connect(renewal.address, renewal.proxy);
    if (!connected) co_return connected.error();
    wire::Renew wish;
    wish.request_pem = *request_pem;
    auto text = wire::encode(wire::FromAgent(wish));
    auto const sent = co_await channel.send(std::move(text));
    if (!sent) co_return sent.error();
    auto const answer = co_await channel.read();
    if (!answer) co_return answer.error();
    auto const message = wire::decode_from_collector(*answer);
    if (!message) co_return message.error();
    if (auto const* const refused = std::get_if<wire::Refused>(&*message))
        co_return fail(errc::refused, fmt::format("the collector refuses: {}: {}", refused->reason, refused->remedy));
    auto const* const renewed = std::get_if<wire::Renewed>(&*message);
    if (renewed == nullptr) co_return fail(errc::bad_message, "another message came first");
    Identity fresh = renewal.old;
    fresh.tls = {*key_pem, renewed->certificate_pem, renewed->ca_pem};
    auto const fits = check_identity(fresh);
    if (!fits) co_return fail(fits.error(), "the collector's answer");
    co_return fresh;
}

asio::awaitable<Result<Identity>> renew_identity(Channel& channel, Renewal renewal)
{
    auto const fresh = co_await ask_for_certificate(channel, renewal);
    channel.close();
    if (!fresh) co_return fail(fresh.error(), "renew: " + net::to_string(renewal.address));
    // What goes wrong here is not the spool's fault.
    auto const kept = std::make_shared<Result<>>();
    std::function<Result<bool>(spool::Spool&)> keep = [old = renewal.old, fresh = *fresh, folder = renewal.folder,
                                                       kept](spool::Spool&) {
        *kept = replace_identity(folder, old, fresh);
        return Result<bool>(true);
    };
    auto const done = co_await ask<bool>(renewal.spool, std::move(keep));
    if (!done) co_return done.error();
    if (!*kept) co_return fail(kept->error(), "renew");
    co_return *fresh;
}

} // namespace rollcall::uplink
