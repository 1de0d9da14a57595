#include <utility>

#include "collector/view/api/account.hpp"
#include "collector/view/api/admission.hpp"
#include "collector/view/api/routes.hpp"

namespace rollcall::api
{

static RoleRow shown(access::Role const& role)
{
    return {.id = role.id,
            .name = role.name,
            .built_in = role.built_in,
            .permissions = role.permissions.words(),
            .totp_required = role.totp_required,
            .version = role.version};
}

static Outcome<RoleRow> answer_with(access::Outcome<access::Role> outcome)
{
    if (auto* const refusal = std::get_if<access::Refusal>(&outcome)) return from_refusal(std::move(*refusal));
    return shown(std::get<access::Role>(outcome));
}

static Outcome<RoleList> list_roles(Services& services, Call&, Nothing const&)
{
    auto const found = services.access.staff().roles();
    if (!found) return from_error(found.error());
    RoleList answer;
    for (auto const& role : *found)
        answer.items.push_back(shown(role));
    for (auto const& info : access::permission_infos())
        answer.permissions.push_back(
            {.word = std::string(info.word), .meaning = std::string(info.meaning), .reads = info.reads});
    return answer;
}

static Outcome<access::RoleWish> read_role_wish(RoleChange const& body)
{
    auto const permissions = read_permissions(body.permissions);
    if (!permissions) return permissions.error();
    return access::RoleWish{
        .name = body.name, .permissions = *permissions, .totp_required = body.totp_required, .version = body.version};
}

static Outcome<RoleRow> add_role(Services& services, Call& call, RoleChange const& body)
{
    auto const wish = read_role_wish(body);
    if (!wish) return wish.error();
    return answer_with(services.access.staff().add_role(*call.identity, *wish));
}

static Outcome<RoleRow> change_role(Services& services, Call& call, RoleChange const& body)
{
    auto const wish = read_role_wish(body);
    if (!wish) return wish.error();
    return answer_with(services.access.staff().change_role(*call.identity, call.path[0], *wish));
}

static Outcome<Nothing> remove_role(Services& services, Call& call, Nothing const&)
{
    auto removed = services.access.staff().remove_role(*call.identity, call.path[0]);
    if (auto* const refusal = std::get_if<access::Refusal>(&removed)) return from_refusal(std::move(*refusal));
    return Nothing{};
}

std::vector<Route> role_routes()
{
    static constexpr auto all = "/api/v1/roles";
    static constexpr auto one = "/api/v1/roles/{id}";
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = all,
                               .summary = "Roles, and the permissions that there are",
                               .needs = access::Permission::access_read},
                   &list_roles),
        make_route(Declaration{.method = "POST",
                               .pattern = all,
                               .summary = "Add a role",
                               .guard = Guard::person,
                               .success = 201,
                               .needs = access::Permission::access_write},
                   &add_role),
        make_route(Declaration{.method = "PUT",
                               .pattern = one,
                               .summary = "Change a role; of a built-in one only whether it needs a second step",
                               .guard = Guard::person,
                               .needs = access::Permission::access_write},
                   &change_role),
        make_route(Declaration{.method = "DELETE",
                               .pattern = one,
                               .summary = "Remove a role that nobody has",
                               .guard = Guard::person,
                               .success = 204,
                               .needs = access::Permission::access_write},
                   &remove_role),
    };
}

} // namespace rollcall::api
