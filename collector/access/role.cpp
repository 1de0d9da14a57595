#include "collector/access/role.hpp"

#include <utility>

#include "collector/store/store.hpp"

namespace rollcall::access
{

static Permissions of_admin()
{
    Permissions made;
    for (auto const& info : permission_infos())
        if (info.permission != Permission::own) made.add(info.permission);
    return made;
}

std::vector<Role> built_in_roles()
{
    using enum Permission;
    return {{.id = std::string(owner_role), .name = "Owner", .permissions = Permissions::all(), .built_in = true},
            {.id = "admin", .name = "Admin", .permissions = of_admin(), .built_in = true},
            {.id = "technician",
             .name = "Technician",
             .permissions = {customers_read, devices_read, devices_write, devices_enrol, alerts_read, alerts_write,
                             updates_read, views_share},
             .built_in = true},
            {.id = "read-only",
             .name = "Read-only",
             .permissions = {customers_read, devices_read, alerts_read, updates_read},
             .built_in = true}};
}

Role role_from(store::Role const& stored)
{
    for (auto& role : built_in_roles()) {
        if (role.id != stored.id) continue;
        role.totp_required = stored.totp_required;
        role.version = stored.version;
        return role;
    }
    return {.id = stored.id,
            .name = stored.name,
            .permissions = Permissions::from_text(stored.permissions),
            .totp_required = stored.totp_required,
            .version = stored.version};
}

static std::optional<Role> built_in_role(std::string_view id)
{
    for (auto& role : built_in_roles())
        if (role.id == id) return std::move(role);
    return std::nullopt;
}

Result<std::optional<Role>> find_role(sqlite::Database& db, std::string_view id)
{
    auto const stored = store::find_role(db, id);
    if (!stored) return stored.error();
    if (*stored) return std::optional(role_from(**stored));
    return built_in_role(id);
}

Result<std::vector<Role>> all_roles(sqlite::Database& db)
{
    auto const stored = store::all_roles(db);
    if (!stored) return stored.error();
    auto roles = built_in_roles();
    for (auto const& row : *stored) {
        auto role = role_from(row);
        if (!role.built_in) {
            roles.push_back(std::move(role));
            continue;
        }
        for (auto& known : roles)
            if (known.id == role.id) known = role;
    }
    return roles;
}

} // namespace rollcall::access
