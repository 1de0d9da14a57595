#include "collector/access/access.hpp"

#include "collector/view/api/account.hpp"
#include "collector/view/api/cookie.hpp"
#include "collector/view/api/routes.hpp"

namespace rollcall::api
{

/// Halfway in, nothing is told but what to do next.
static Session shown(access::Identity const& identity)
{
    Session session{.technician_id = identity.technician.id,
                    .name = identity.technician.name,
                    .csrf_token = identity.session.csrf_token,
                    .awaits_code = identity.session.awaits_code,
                    .must_change_password = identity.technician.must_change_password,
                    .must_set_up_totp = identity.must_set_up_totp(),
                    .has_totp = !identity.technician.totp_secret.empty(),
                    .expires_ms = identity.session.expires_ms,
                    .role_id = {},
                    .role_name = {},
                    .permissions = {}};
    if (session.awaits_code) return session;
    session.role_id = identity.role.id;
    session.role_name = identity.role.name;
    session.permissions = identity.permissions.words();
    session.all_customers = identity.scope.all;
    return session;
}

Problem slowed_down(Call& call, std::int64_t seconds)
{
    call.headers.emplace_back("Retry-After", std::to_string(seconds));
    return problem(429, "slowed-down", "Too many failures", "After several failures in a row the next try has to wait.",
                   {}, "Wait " + std::to_string(seconds) + " s, then try again.");
}

/// With the cookie of a session that has just begun, or gone on.
static Session let_in(Services& services, Call& call, access::LoggedIn const& entered)
{
    auto const seconds = (entered.identity.session.expires_ms - services.clock.now_ms()) / 1000;
    call.headers.emplace_back("Set-Cookie", set_cookie(entered.cookie, seconds));
    return shown(entered.identity);
}

static Outcome<Session> log_in(Services& services, Call& call, LogIn const& body)
{
    std::int64_t retry_after_s = 0;
    auto const entered = services.access.log_in(body.name, body.password, call.request.remote, retry_after_s,
                                                header(call.request, "user-agent"));
    if (!entered) {
        if (retry_after_s > 0) return slowed_down(call, retry_after_s);
        if (entered.error().code != errc::unauthenticated) return from_error(entered.error());
        return problem(401, "wrong-credentials", "Log-in failed",
                       "Name or password is wrong, or the first password is too old.", {},
                       "Check both. On the collector's machine, 'rollcall-collector reset-password NAME' gives a new "
                       "first password.");
    }
    return let_in(services, call, *entered);
}

static Outcome<Session> enter_code(Services& services, Call& call, Code const& body)
{
    std::int64_t retry_after_s = 0;
    auto const entered = services.access.enter_code(*call.identity, body.code, retry_after_s);
    if (entered) return let_in(services, call, *entered);
    if (retry_after_s > 0) return slowed_down(call, retry_after_s);
    if (entered.error().code == errc::unauthenticated)
        return problem(403, "wrong-code", "Wrong code", "The code is wrong, too old, or was used before.", "code",
                       "Wait for the next code and type that, or use one of your recovery codes.");
    if (entered.error().code == errc::conflict)
        return problem(409, "conflict", "No code is asked for", "This session awaits no code.", {},
                       "Go on with what you wanted to do.");
    return from_error(entered.error());
}

static Outcome<Session> current(Services&, Call& call, Nothing const&) { return shown(*call.identity); }

static Outcome<Nothing> log_out(Services& services, Call& call, Nothing const&)
{
    if (auto const done = services.access.log_out(*call.identity); !done) return from_error(done.error());
    call.headers.emplace_back("Set-Cookie", clear_cookie());
    return Nothing{};
}

static Outcome<Session> change_password(Services& services, Call& call, NewPassword const& body)
{
    std::int64_t retry_after_s = 0;
    auto const done =
        services.access.change_password(*call.identity, body.current_password, body.new_password, retry_after_s);
    if (!done) {
        if (retry_after_s > 0) return slowed_down(call, retry_after_s);
        if (done.error().code == errc::unauthenticated)
            return problem(403, "wrong-credentials", "Wrong password", "The current password is wrong.",
                           "current_password", "Type the password you logged in with.");
        if (done.error().code == errc::bad_input)
            return bad_input("new_password", done.error().trace, "Choose another one; a sentence is easy to remember.");
        return from_error(done.error());
    }
    auto identity = *call.identity;
    identity.technician.must_change_password = false;
    return shown(identity);
}

std::vector<Route> session_routes()
{
    static constexpr auto pattern = "/api/v1/session";
    return {
        make_route(Declaration{.method = "POST",
                               .pattern = pattern,
                               .summary = "Log in",
                               .guard = Guard::open,
                               .hashes = true,
                               .needs = Needs::nothing()},
                   &log_in),
        make_route(Declaration{.method = "GET",
                               .pattern = pattern,
                               .summary = "Who is logged in",
                               .guard = Guard::halfway,
                               .needs = Needs::nothing()},
                   &current),
        make_route(Declaration{.method = "DELETE",
                               .pattern = pattern,
                               .summary = "Log out",
                               .guard = Guard::halfway,
                               .success = 204,
                               .needs = Needs::nothing()},
                   &log_out),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/session/code",
                               .summary = "The second step of a log-in: a code, or a recovery code",
                               .guard = Guard::halfway,
                               .needs = Needs::nothing()},
                   &enter_code),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/session/password",
                               .summary = "Change one's own password; other sessions end",
                               .guard = Guard::session,
                               .hashes = true,
                               .needs = Needs::nothing()},
                   &change_password),
    };
}

} // namespace rollcall::api
