#include "collector/access/access.hpp"

#include "collector/view/api/cookie.hpp"
#include "collector/view/api/routes.hpp"

namespace rollcall::api
{

static Session shown(access::Identity const& identity)
{
    return {.technician_id = identity.technician.id,
            .name = identity.technician.name,
            .csrf_token = identity.session.csrf_token,
            .must_change_password = identity.technician.must_change_password,
            .expires_ms = identity.session.expires_ms};
}

static Problem slowed_down(Call& call, std::int64_t seconds)
{
    call.headers.emplace_back("Retry-After", std::to_string(seconds));
    return problem(429, "slowed-down", "Too many failures", "After several failures in a row the next try has to wait.",
                   {}, "Wait " + std::to_string(seconds) + " s, then try again.");
}

static Outcome<Session> log_in(Services& services, Call& call, LogIn const& body)
{
    std::int64_t retry_after_s = 0;
    auto const entered = services.access.log_in(body.name, body.password, call.request.remote, retry_after_s);
    if (!entered) {
        if (retry_after_s > 0) return slowed_down(call, retry_after_s);
        if (entered.error().code != errc::unauthenticated) return from_error(entered.error());
        return problem(401, "wrong-credentials", "Log-in failed",
                       "Name or password is wrong, or the first password is too old.", {},
                       "Check both. On the collector's machine, 'rollcall-collector reset-password NAME' gives a new "
                       "first password.");
    }
    auto const seconds = (entered->identity.session.expires_ms - services.clock.now_ms()) / 1000;
    call.headers.emplace_back("Set-Cookie", set_cookie(entered->cookie, seconds));
    return shown(entered->identity);
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
        make_route(
            Declaration{
                .method = "POST", .pattern = pattern, .summary = "Log in", .guard = Guard::open, .hashes = true},
            &log_in),
        make_route(
            Declaration{.method = "GET", .pattern = pattern, .summary = "Who is logged in", .guard = Guard::session},
            &current),
        make_route(
            Declaration{
                .method = "DELETE", .pattern = pattern, .summary = "Log out", .guard = Guard::session, .success = 204},
            &log_out),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/session/password",
                               .summary = "Change one's own password; other sessions end",
                               .guard = Guard::session,
                               .hashes = true},
                   &change_password),
    };
}

} // namespace rollcall::api
