#include <utility>

#include "collector/view/api/account.hpp"
#include "collector/view/api/admission.hpp"
#include "collector/view/api/routes.hpp"
#include "common/core/text.hpp"

/// What is everybody's own: second step, sessions, tokens.
namespace rollcall::api
{

// --- second step -----------------------------------------------------------------------------------------------------

static Problem not_right(Call& call, Error const& error, std::int64_t retry_after_s)
{
    if (retry_after_s > 0) return slowed_down(call, retry_after_s);
    if (error.code == errc::unauthenticated)
        return problem(403, "wrong-code", "Wrong code", "The code is wrong, too old, or was used before.", "code",
                       "Wait for the next code and type that; each is good once.");
    if (error.code == errc::conflict)
        return problem(409, "conflict", "It collides with what is there", error.trace, {},
                       "Look at GET /api/v1/session/security.");
    if (error.code == errc::refused) return problem(403, "refused", "Refused", error.trace, {}, "Ask an owner.");
    return from_error(error);
}

static Outcome<SecurityState> security(Services& services, Call& call, Nothing const&)
{
    auto const left = services.access.recovery_codes_left(*call.identity);
    if (!left) return from_error(left.error());
    return SecurityState{.has_totp = !call.identity->technician.totp_secret.empty(),
                         .totp_required = call.identity->role.totp_required,
                         .recovery_codes_left = *left};
}

static Outcome<TotpSetUp> set_up_totp(Services& services, Call& call, Code const& body)
{
    std::int64_t retry_after_s = 0;
    auto offer = services.access.offer_totp(*call.identity, body.code, retry_after_s);
    if (!offer) return not_right(call, offer.error(), retry_after_s);
    return TotpSetUp{.secret = std::move(offer->secret), .uri = std::move(offer->uri)};
}

static Outcome<RecoveryCodes> confirm_totp(Services& services, Call& call, Code const& body)
{
    std::int64_t retry_after_s = 0;
    auto codes = services.access.confirm_totp(*call.identity, body.code, retry_after_s);
    if (!codes) return not_right(call, codes.error(), retry_after_s);
    return RecoveryCodes{.codes = *std::move(codes)};
}

static Outcome<RecoveryCodes> renew_codes(Services& services, Call& call, Code const& body)
{
    std::int64_t retry_after_s = 0;
    auto codes = services.access.renew_recovery_codes(*call.identity, body.code, retry_after_s);
    if (!codes) return not_right(call, codes.error(), retry_after_s);
    return RecoveryCodes{.codes = *std::move(codes)};
}

static Outcome<Nothing> remove_totp(Services& services, Call& call, Code const& body)
{
    std::int64_t retry_after_s = 0;
    auto const removed = services.access.remove_totp(*call.identity, body.code, retry_after_s);
    if (!removed) return not_right(call, removed.error(), retry_after_s);
    return Nothing{};
}

// --- sessions --------------------------------------------------------------------------------------------------------

static Outcome<SessionList> list_sessions(Services& services, Call& call, Nothing const&)
{
    auto const found = services.access.sessions(*call.identity);
    if (!found) return from_error(found.error());
    SessionList answer;
    for (auto const& one : *found)
        answer.items.push_back({.id = one.id,
                                .created_ms = one.created_ms,
                                .used_ms = one.used_ms,
                                .expires_ms = one.expires_ms,
                                .remote = one.remote,
                                .program = one.program,
                                .current = one.id == call.identity->session.id,
                                .awaits_code = one.awaits_code});
    return answer;
}

static Outcome<Nothing> end_session(Services& services, Call& call, Nothing const&)
{
    auto const ended = services.access.end_session(*call.identity, call.path[0]);
    if (!ended && ended.error().code == errc::not_found) return not_found("session");
    if (!ended) return from_error(ended.error());
    return Nothing{};
}

// --- tokens ----------------------------------------------------------------------------------------------------------

std::vector<FolderName> shown_folders(Services const& services, Call const& call, store::Scope const& scope)
{
    std::vector<FolderName> names;
    for (auto const& [customer_id, ids] : scope.folders)
        for (auto const& id : ids)
            if (auto name = services.projection.folder_name(call.scope(), id)) names.push_back(*std::move(name));
    return names;
}

ApiTokenRow shown_token(Services const& services, Call const& call, store::ApiToken const& token)
{
    return {.id = token.id,
            .name = token.name,
            .permissions = access::Permissions::from_text(token.permissions).words(),
            .all_customers = token.scope.all,
            .customers = {token.scope.customers.begin(), token.scope.customers.end()},
            .folders = shown_folders(services, call, token.scope),
            .created_ms = token.created_ms,
            .expires_ms = token.expires_ms,
            .used_ms = token.used_ms};
}

Outcome<access::Permissions> read_permissions(std::vector<std::string> const& words)
{
    access::Permissions found;
    for (auto const& word : words) {
        auto const one = access::permission_from(word);
        if (!one)
            return bad_input("permissions", "There is no permission '" + clean_text(word, 64) + "'.",
                             "GET /api/v1/roles lists them all.");
        found.add(*one);
    }
    return found;
}

Outcome<store::Scope> read_scope(Services const& services, Call const& call, bool all,
                                 std::vector<std::string> const& customers, std::vector<std::string> const& folders)
{
    if (all) return store::Scope::everything();
    store::Scope scope{.all = false, .customers = {customers.begin(), customers.end()}};
    for (auto const& id : folders) {
        auto const found = services.projection.folder_name(call.scope(), id);
        if (!found)
            return bad_input("folders", "There is no such folder: " + clean_text(id, 64) + ".",
                             "Give ids of /api/v1/folders.");
        scope.folders[found->customer_id].insert(id);
    }
    return scope;
}

static Outcome<ApiTokenList> list_own_tokens(Services& services, Call& call, Nothing const&)
{
    auto const found = services.access.tokens(*call.identity);
    if (!found) return from_error(found.error());
    ApiTokenList answer;
    for (auto const& token : *found)
        answer.items.push_back(shown_token(services, call, token));
    return answer;
}

static Outcome<ApiTokenMade> add_own_token(Services& services, Call& call, NewApiToken const& body)
{
    auto const permissions = read_permissions(body.permissions);
    if (!permissions) return permissions.error();
    auto scope = read_scope(services, call, body.all_customers, body.customers, body.folders);
    if (!scope) return scope.error();
    auto made = services.access.add_token(*call.identity, {.name = body.name,
                                                           .permissions = *permissions,
                                                           .scope = *std::move(scope),
                                                           .expires_in_s = body.expires_in_s});
    if (auto* const refusal = std::get_if<access::Refusal>(&made)) return from_refusal(std::move(*refusal));
    auto& token = std::get<access::MadeApiToken>(made);
    return ApiTokenMade{.token = shown_token(services, call, token.token), .secret = std::move(token.secret)};
}

static Outcome<Nothing> remove_own_token(Services& services, Call& call, Nothing const&)
{
    auto const removed = services.access.remove_token(*call.identity, call.path[0]);
    if (!removed && removed.error().code == errc::not_found) return not_found("token");
    if (!removed) return from_error(removed.error());
    return Nothing{};
}

std::vector<Route> account_routes()
{
    static constexpr auto sessions = "/api/v1/session/sessions";
    static constexpr auto tokens = "/api/v1/session/tokens";
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/session/security",
                               .summary = "One's own second step",
                               .guard = Guard::session,
                               .needs = Needs::nothing()},
                   &security),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/session/totp",
                               .summary = "Begin to set up a second step; with a code of the one there is",
                               .guard = Guard::session,
                               .needs = Needs::nothing()},
                   &set_up_totp),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/session/totp/confirm",
                               .summary = "Confirm the second step with a code of it; other sessions end",
                               .guard = Guard::session,
                               .needs = Needs::nothing()},
                   &confirm_totp),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/session/totp/remove",
                               .summary = "Do without a second step",
                               .guard = Guard::person,
                               .success = 204,
                               .needs = Needs::nothing()},
                   &remove_totp),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/session/recovery-codes",
                               .summary = "Other recovery codes; those of before are void",
                               .guard = Guard::person,
                               .needs = Needs::nothing()},
                   &renew_codes),
        make_route(Declaration{.method = "GET",
                               .pattern = sessions,
                               .summary = "One's own sessions",
                               .guard = Guard::person,
                               .needs = Needs::nothing()},
                   &list_sessions),
        make_route(Declaration{.method = "DELETE",
                               .pattern = "/api/v1/session/sessions/{id}",
                               .summary = "End one of one's own sessions",
                               .guard = Guard::person,
                               .success = 204,
                               .needs = Needs::nothing()},
                   &end_session),
        make_route(Declaration{.method = "GET",
                               .pattern = tokens,
                               .summary = "One's own tokens for programs",
                               .guard = Guard::person,
                               .needs = Needs::nothing()},
                   &list_own_tokens),
        make_route(Declaration{.method = "POST",
                               .pattern = tokens,
                               .summary = "Make a token for a program; its secret is shown only here",
                               .guard = Guard::person,
                               .success = 201,
                               .needs = Needs::nothing()},
                   &add_own_token),
        make_route(Declaration{.method = "DELETE",
                               .pattern = "/api/v1/session/tokens/{id}",
                               .summary = "Remove one of one's own tokens",
                               .guard = Guard::person,
                               .success = 204,
                               .needs = Needs::nothing()},
                   &remove_own_token),
    };
}

} // namespace rollcall::api
