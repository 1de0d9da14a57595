#include <utility>

#include "collector/view/api/account.hpp"
#include "collector/view/api/admission.hpp"
#include "collector/view/api/routes.hpp"

namespace rollcall::api
{

using access::Permission;

static TechnicianRow shown(Services const& services, Call const& call, store::Technician const& technician,
                           std::vector<access::Role> const& roles)
{
    TechnicianRow row{.id = technician.id,
                      .name = technician.name,
                      .role_id = technician.role_id,
                      .role_name = {},
                      .all_customers = technician.scope.all,
                      .customers = {technician.scope.customers.begin(), technician.scope.customers.end()},
                      .folders = shown_folders(services, call, technician.scope),
                      .disabled = technician.disabled_ms.has_value(),
                      .has_totp = !technician.totp_secret.empty(),
                      .must_change_password = technician.must_change_password,
                      .created_ms = technician.created_ms,
                      .version = technician.version};
    for (auto const& role : roles)
        if (role.id == technician.role_id) row.role_name = role.name;
    return row;
}

/// Turns what the staff says into an answer: a technician with the name of his role.
static Outcome<TechnicianRow> answer_with(Services& services, Call const& call,
                                          access::Outcome<store::Technician> outcome)
{
    if (auto* const refusal = std::get_if<access::Refusal>(&outcome)) return from_refusal(std::move(*refusal));
    auto const roles = services.access.staff().roles();
    if (!roles) return from_error(roles.error());
    return shown(services, call, std::get<store::Technician>(outcome), *roles);
}

static Outcome<TechnicianMade> answer_with(Services& services, Call const& call,
                                           access::Outcome<access::FirstPassword> outcome)
{
    if (auto* const refusal = std::get_if<access::Refusal>(&outcome)) return from_refusal(std::move(*refusal));
    auto& made = std::get<access::FirstPassword>(outcome);
    auto row = answer_with(services, call, access::Outcome<store::Technician>(made.technician));
    if (!row) return row.error();
    return TechnicianMade{.technician = *std::move(row), .first_password = std::move(made.password)};
}

static Outcome<Nothing> answer_with(access::Outcome<access::Done> outcome)
{
    if (auto* const refusal = std::get_if<access::Refusal>(&outcome)) return from_refusal(std::move(*refusal));
    return Nothing{};
}

static Outcome<TechnicianList> list_technicians(Services& services, Call& call, Nothing const&)
{
    auto const found = services.access.staff().technicians(*call.identity);
    if (!found) return from_error(found.error());
    auto const roles = services.access.staff().roles();
    if (!roles) return from_error(roles.error());
    TechnicianList answer;
    for (auto const& technician : *found)
        answer.items.push_back(shown(services, call, technician, *roles));
    return answer;
}

static Outcome<TechnicianRow> read_technician(Services& services, Call& call, Nothing const&)
{
    return answer_with(services, call, services.access.staff().technician(*call.identity, call.path[0]));
}

static Outcome<TechnicianMade> add_technician(Services& services, Call& call, NewTechnician const& body)
{
    auto scope = read_scope(services, call, body.all_customers, body.customers, body.folders);
    if (!scope) return scope.error();
    access::TechnicianWish const wish{.name = body.name, .role_id = body.role_id, .scope = *std::move(scope)};
    return answer_with(services, call, services.access.staff().add(*call.identity, wish));
}

static Outcome<TechnicianRow> change_technician(Services& services, Call& call, TechnicianChange const& body)
{
    auto scope = read_scope(services, call, body.all_customers, body.customers, body.folders);
    if (!scope) return scope.error();
    access::TechnicianWish const wish{.name = body.name,
                                      .role_id = body.role_id,
                                      .scope = *std::move(scope),
                                      .disabled = body.disabled,
                                      .version = body.version};
    auto changed = services.access.staff().change(*call.identity, call.path[0], wish);
    if (std::holds_alternative<store::Technician>(changed)) services.backend.look_at_name(call.path[0]);
    return answer_with(services, call, std::move(changed));
}

static Outcome<TechnicianMade> reset_technician(Services& services, Call& call, Nothing const&)
{
    return answer_with(services, call, services.access.staff().reset_password(*call.identity, call.path[0]));
}

static Outcome<TechnicianRow> remove_technicians_totp(Services& services, Call& call, Nothing const&)
{
    return answer_with(services, call, services.access.staff().remove_totp(*call.identity, call.path[0]));
}

static Outcome<Nothing> end_technicians_sessions(Services& services, Call& call, Nothing const&)
{
    return answer_with(services.access.staff().end_sessions(*call.identity, call.path[0]));
}

static Outcome<ApiTokenList> list_technicians_tokens(Services& services, Call& call, Nothing const&)
{
    auto found = services.access.staff().tokens(*call.identity, call.path[0]);
    if (auto* const refusal = std::get_if<access::Refusal>(&found)) return from_refusal(std::move(*refusal));
    ApiTokenList answer;
    for (auto const& token : std::get<std::vector<store::ApiToken>>(found))
        answer.items.push_back(shown_token(services, call, token));
    return answer;
}

static Outcome<Nothing> remove_technicians_token(Services& services, Call& call, Nothing const&)
{
    return answer_with(services.access.staff().remove_token(*call.identity, call.path[0], call.path[1]));
}

std::vector<Route> technician_routes()
{
    static constexpr auto all = "/api/v1/technicians";
    static constexpr auto one = "/api/v1/technicians/{id}";
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = all,
                               .summary = "Technicians who see no more than the asker",
                               .needs = Permission::access_read},
                   &list_technicians),
        make_route(Declaration{.method = "POST",
                               .pattern = all,
                               .summary = "Add a technician; the first password is shown only here",
                               .guard = Guard::person,
                               .success = 201,
                               .hashes = true,
                               .needs = Permission::access_write},
                   &add_technician),
        make_route(
            Declaration{.method = "GET", .pattern = one, .summary = "One technician", .needs = Permission::access_read},
            &read_technician),
        make_route(Declaration{.method = "PUT",
                               .pattern = one,
                               .summary = "Change name, role and limits of a technician, or disable him",
                               .guard = Guard::person,
                               .needs = Permission::access_write},
                   &change_technician),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/technicians/{id}/reset-password",
                               .summary = "Give a technician a new first password; his sessions end",
                               .guard = Guard::person,
                               .hashes = true,
                               .needs = Permission::access_write},
                   &reset_technician),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/technicians/{id}/remove-totp",
                               .summary = "Take a technician's second step away, since he lost it; his sessions end",
                               .guard = Guard::person,
                               .needs = Permission::access_write},
                   &remove_technicians_totp),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/technicians/{id}/end-sessions",
                               .summary = "End all sessions of a technician",
                               .guard = Guard::person,
                               .success = 204,
                               .needs = Permission::access_write},
                   &end_technicians_sessions),
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/technicians/{id}/tokens",
                               .summary = "A technician's tokens for programs",
                               .needs = Permission::access_read},
                   &list_technicians_tokens),
        make_route(Declaration{.method = "DELETE",
                               .pattern = "/api/v1/technicians/{id}/tokens/{token}",
                               .summary = "Remove a token of a technician",
                               .guard = Guard::person,
                               .success = 204,
                               .needs = Permission::access_write},
                   &remove_technicians_token),
    };
}

} // namespace rollcall::api
