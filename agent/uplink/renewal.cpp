#include "agent/uplink/renewal.hpp"

#include <charconv>
#include <functional>
#include <memory>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "agent/uplink/ask.hpp"
#include "agent/uplink/bind_spool.hpp"
#include "common/net/tls.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/hardware.hpp"

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

static wire::FromAgent wish_of(Renewal const& renewal, std::string const& request_pem)
{
    if (!renewal.separate) {
        wire::Renew wish;
        wish.request_pem = request_pem;
        return wish;
    }
    auto wish = *renewal.separate;
    wish.request_pem = request_pem;
    return wish;
}

/// What a copied disk brought along was another machine's; what was read since bind_spool() noticed is our own.
static Result<> keep_own(spool::Spool& spool, std::string const& copy_of, std::string const& device_id,
                         wire::Hardware const& hardware)
{
    auto const own = spool.recall(own_since_copy);
    if (!own) return own.error();
    auto done = *own == copy_of ? spool.remember(own_since_copy, "") : spool.start_over();
    if (!done) return done;
    done = spool.remember(spool_hardware, wire::to_text(hardware));
    if (!done) return done;
    return spool.remember(spool_device, device_id);
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

    auto const connected = co_await channel.connect(renewal.address, renewal.proxy, renewal.segments);
    if (!connected) co_return connected.error();
    auto text = wire::encode(wish_of(renewal, *request_pem));
    auto const sent = co_await channel.send(std::move(text));
    if (!sent) co_return sent.error();
    auto const answer = co_await channel.read();
    if (!answer) co_return answer.error();
    auto const message = wire::decode_from_collector(*answer);
    if (!message) co_return message.error();
    if (auto const* const refused = std::get_if<wire::Refused>(&*message))
        co_return fail(errc::refused, fmt::format("the collector refuses: {}: {}", refused->reason, refused->remedy));
    Identity fresh = renewal.old;
    if (auto const* const renewed = std::get_if<wire::Renewed>(&*message); renewed != nullptr && !renewal.separate) {
        fresh.tls = {*key_pem, renewed->certificate_pem, renewed->ca_pem};
    } else if (auto const* const apart = std::get_if<wire::Separated>(&*message);
               apart != nullptr && renewal.separate) {
        fresh.device_id = apart->device_id;
        fresh.tls = {*key_pem, apart->certificate_pem, apart->ca_pem};
    } else {
        co_return fail(errc::bad_message, "another message came first");
    }
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
                                                       separate = renewal.separate, kept](spool::Spool& spool) {
        *kept = replace_identity(folder, old, fresh);
        // Cut off before this, the next start finds another device's spool and does the same.
        if (*kept && separate)
            if (auto const done = keep_own(spool, old.device_id, fresh.device_id, separate->hardware); !done)
                return Result<bool>(done.error());
        return Result<bool>(true);
    };
    auto const done = co_await ask<bool>(renewal.spool, std::move(keep));
    if (!done) co_return done.error();
    if (!*kept) co_return fail(kept->error(), "renew");
    co_return *fresh;
}

} // namespace rollcall::uplink
