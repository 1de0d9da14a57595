#include "collector/view/api/admission.hpp"

#include <utility>

#include "collector/view/api/cookie.hpp"
#include "common/core/ids.hpp"

namespace rollcall::api
{

std::optional<std::string_view> bearer_of(gateway::HttpRequest const& request)
{
    // RFC 9110 §11.1: the scheme is a word in any case.
    static constexpr std::string_view scheme = "bearer ";
    auto const value = header(request, "authorization");
    if (value.size() < scheme.size()) return std::nullopt;
    for (std::size_t at = 0; at < scheme.size(); ++at)
        if ((value[at] | 0x20) != scheme[at]) return std::nullopt;
    return value.substr(scheme.size());
}

Problem from_refusal(access::Refusal refusal)
{
    return from_code(refusal.code, std::move(refusal.detail), std::move(refusal.field), std::move(refusal.remedy));
}

/// What of the person's own is still to be done.
static std::optional<Problem> still_to_do(access::Identity const& identity, Guard guard)
{
    if (guard == Guard::halfway) return std::nullopt;
    if (identity.session.awaits_code)
        return problem(403, "code-required", "Enter your code", "The second step of the log-in is still to come.", {},
                       "Use POST /api/v1/session/code.");
    if (guard == Guard::session) return std::nullopt;
    if (identity.technician.must_change_password)
        return problem(403, "password-change-required", "Change your password first",
                       "The first password lets you do nothing but choose one of your own.", {},
                       "Use POST /api/v1/session/password.");
    if (identity.must_set_up_totp())
        return problem(403, "second-step-required", "Set up a second step first",
                       "Your role lets you do nothing before you have one.", {},
                       "Use POST /api/v1/session/totp, then POST /api/v1/session/totp/confirm.");
    return std::nullopt;
}

static Problem not_logged_in()
{
    return problem(401, "unauthenticated", "Not logged in", "The session is not there or has ended.", {},
                   "Log in with POST /api/v1/session.");
}

static Problem unknown_token()
{
    return problem(401, "unauthenticated", "Unknown token", "The token is not known, or has ended.", "Authorization",
                   "Make a new one in your settings.");
}

/// What he is not allowed of what the route needs.
static std::optional<Problem> not_allowed(access::Identity const& identity, Needs const& needs)
{
    auto const wanted = needs.permission();
    if (!wanted || identity.may(*wanted)) return std::nullopt;
    return problem(403, "permission-required", "You may not do this",
                   "It needs the permission '" + std::string(access::to_string(*wanted)) + "'.", {},
                   identity.token ? "Make a token that has it, if you have it yourself."
                                  : "Ask somebody who manages technicians.");
}

static Admission admit_person(access::Access& access, Entrance const& entrance, gateway::HttpRequest const& request)
{
    Admission admission{.identity = access.identify(cookie_of(request)), .refusal = {}};
    if (!admission.identity) {
        admission.refusal = not_logged_in();
        return admission;
    }
    if (entrance.csrf && !equal_constant_time(header(request, "x-csrf-token"), admission.identity->session.csrf_token))
        admission.refusal = problem(403, "csrf", "Wrong CSRF token", "The header X-CSRF-Token is missing or wrong.",
                                    "X-CSRF-Token", "Send csrf_token of GET /api/v1/session.");
    else
        admission.refusal = still_to_do(*admission.identity, entrance.guard);
    return admission;
}

static Admission admit_program(access::Access& access, Entrance const& entrance, std::string_view secret)
{
    Admission admission{.identity = access.identify_program(secret), .refusal = {}};
    if (!admission.identity)
        admission.refusal = unknown_token();
    else if (entrance.guard != Guard::member)
        admission.refusal = problem(403, "person-required", "Not for programs",
                                    "This is for a person who is logged in.", {}, "Use the page.");
    return admission;
}

Admission admit(access::Access& access, Entrance const& entrance, gateway::HttpRequest const& request)
{
    auto const bearer = entrance.guard == Guard::open ? std::nullopt : bearer_of(request);
    if (!bearer && entrance.from_own_page && !same_origin(request))
        return {.identity = {},
                .refusal =
                    problem(403, "origin", "Wrong origin", "The request does not come from this collector's own page.",
                            "Origin", "Send the header Origin: https://HOST:PORT, the same as in the address.")};
    if (entrance.guard == Guard::open) return {};
    auto admission = bearer ? admit_program(access, entrance, *bearer) : admit_person(access, entrance, request);
    if (!admission.refusal) admission.refusal = not_allowed(*admission.identity, entrance.needs);
    return admission;
}

Result<std::optional<Problem>> judge_again(sqlite::Database& db, Entrance const& entrance,
                                           access::Identity const& identity, UnixMs now_ms)
{
    auto const now = access::reload(db, identity, now_ms);
    if (!now) return now.error();
    if (!*now) return std::optional(identity.token ? unknown_token() : not_logged_in());
    if (!identity.token)
        if (auto refusal = still_to_do(**now, entrance.guard)) return refusal;
    if (auto refusal = not_allowed(**now, entrance.needs)) return refusal;
    if ((*now)->keeps_rights_of(identity)) return std::optional<Problem>();
    // What the handler has looked at may be out of sight by now.
    return std::optional(problem(403, "rights-changed", "Your rights have changed",
                                 "They changed while this waited, so nothing was done.", {},
                                 "Look at what you may see and do now, and try it again."));
}

} // namespace rollcall::api
