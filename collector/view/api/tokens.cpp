#include "collector/view/api/tokens.hpp"
#include "collector/view/api/install.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/routes.hpp"
#include "common/wire/codec.hpp"

namespace rollcall::api
{

std::string token_word(std::string_view public_address, std::string_view ca_sha256, std::string_view secret)
{
    return wire::encode_token(
        {.address = std::string(public_address), .ca_sha256 = std::string(ca_sha256), .secret = std::string(secret)});
}

std::string install_command(std::string_view word)
{
    // By standard input: what stands on a command line is seen by every user of the machine.
    return std::string("echo '").append(word).append(
        "' | sudo rollcall-agent enrol --token-file - && sudo systemctl enable --now rollcall-agent");
}

/// With the devices that came by it, where one may see them: they may be another customer's by now.
static Outcome<TokenRow> shown(Services& services, Call const& call, store::EnrolmentToken const& token)
{
    TokenRow row{.id = token.id,
                 .customer_id = token.customer_id,
                 .created_ms = token.created_ms,
                 .expires_ms = token.expires_ms,
                 .uses = token.uses,
                 .uses_left = token.uses_left,
                 .revoked = token.revoked_ms.has_value()};
    auto const read = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto const devices = store::devices_of_token(db, token.id);
        if (!devices) return devices.error();
        for (auto const& [id, name] : *devices)
            if (call.identity->may(access::Permission::devices_read) && services.projection.device(call.scope(), id))
                row.devices.push_back({.id = id, .name = name});
        return {};
    });
    if (!read) return from_error(read.error());
    return row;
}

/// The token, if it is there and belongs to a customer that may be seen.
static Outcome<store::EnrolmentToken> find(Services& services, Call const& call)
{
    std::optional<store::EnrolmentToken> token;
    auto const read = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto found = store::find_token(db, call.path[0]);
        if (!found) return found.error();
        token = *std::move(found);
        return {};
    });
    if (!read) return from_error(read.error());
    if (!token || !call.scope().sees(token->customer_id)) return not_found("enrolment token");
    return *std::move(token);
}

static Outcome<TokenMade> add_token(Services& services, Call& call, NewToken const& body)
{
    if (body.uses < 1 || body.uses > limits::token_uses)
        return bad_input("uses", "'uses' is out of range.",
                         "Give a whole number from 1 to " + std::to_string(limits::token_uses) + ".");
    if (body.expires_in_s < limits::token_min_s || body.expires_in_s > limits::token_max_s)
        return bad_input("expires_in_s", "'expires_in_s' is out of range.",
                         "Give seconds from " + std::to_string(limits::token_min_s) + " to " +
                             std::to_string(limits::token_max_s) + ".");
    if (!services.projection.customer_record(call.scope(), body.customer_id))
        return bad_input("customer_id", "There is no such customer.",
                         "Give the id of a customer of /api/v1/customers.");
    auto const made = services.backend.add_token(body.customer_id, body.uses, body.expires_in_s);
    if (!made) return made.error();
    auto row = shown(services, call, made->token);
    if (!row) return row.error();
    auto word = token_word(services.public_address(), services.ca_sha256(), made->secret);
    auto command = install_command(word);
    auto lines = install_lines(services.board, services.public_address(), services.install_pin(), word);
    return TokenMade{
        .token = *std::move(row), .word = std::move(word), .command = std::move(command), .install = std::move(lines)};
}

static Outcome<TokenList> list_tokens(Services& services, Call& call, Nothing const&)
{
    auto const customer = call.arguments.text("customer");
    if (!services.projection.customer_record(call.scope(), customer)) return not_found("customer");
    std::vector<store::EnrolmentToken> tokens;
    auto const read = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto found = store::tokens_of(db, customer);
        if (!found) return found.error();
        tokens = *std::move(found);
        return {};
    });
    if (!read) return from_error(read.error());
    TokenList answer;
    for (auto const& token : tokens) {
        auto row = shown(services, call, token);
        if (!row) return row.error();
        answer.items.push_back(*std::move(row));
    }
    return answer;
}

static Outcome<TokenRow> read_token(Services& services, Call& call, Nothing const&)
{
    auto const token = find(services, call);
    if (!token) return token.error();
    return shown(services, call, *token);
}

static Outcome<Nothing> revoke_token(Services& services, Call& call, Nothing const&)
{
    if (auto const token = find(services, call); !token) return token.error();
    auto const revoked = services.backend.revoke_token(call.path[0]);
    if (!revoked) return revoked.error();
    return Nothing{};
}

std::vector<Route> token_routes()
{
    static constexpr auto all = "/api/v1/enrolment-tokens";
    static constexpr auto one = "/api/v1/enrolment-tokens/{id}";
    return {
        make_route(Declaration{.method = "POST",
                               .pattern = all,
                               .summary = "Make an enrolment token; its word is shown only here",
                               .success = 201,
                               .needs = access::Permission::devices_enrol},
                   &add_token),
        make_route(Declaration{.method = "GET",
                               .pattern = all,
                               .summary = "Enrolment tokens of a customer, with the devices they brought",
                               .parameters = {required(text("customer", "Id of a customer."))},
                               .needs = access::Permission::devices_enrol},
                   &list_tokens),
        make_route(Declaration{.method = "GET",
                               .pattern = one,
                               .summary = "One enrolment token",
                               .needs = access::Permission::devices_enrol},
                   &read_token),
        make_route(Declaration{.method = "DELETE",
                               .pattern = one,
                               .summary = "Revoke an enrolment token",
                               .success = 204,
                               .needs = access::Permission::devices_enrol},
                   &revoke_token),
    };
}

} // namespace rollcall::api
