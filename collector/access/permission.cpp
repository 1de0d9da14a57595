#include "collector/access/permission.hpp"

#include <array>

namespace rollcall::access
{

static constexpr std::array infos{
    PermissionInfo{Permission::customers_read, "customers.read", "See customers", true},
    PermissionInfo{Permission::customers_write, "customers.write", "Add and change customers", false,
                   Permission::customers_read},
    PermissionInfo{Permission::devices_read, "devices.read",
                   "See devices, all that is known of them, and how many alerts they have", true},
    PermissionInfo{Permission::devices_write, "devices.write", "Change and revoke devices", false,
                   Permission::devices_read},
    PermissionInfo{Permission::devices_enrol, "devices.enrol", "Make and revoke enrolment tokens"},
    PermissionInfo{Permission::alerts_read, "alerts.read", "See alerts", true},
    PermissionInfo{Permission::alerts_write, "alerts.write", "Work on alerts", false, Permission::alerts_read},
    PermissionInfo{Permission::updates_read, "updates.read", "See how updates of the agent go", true},
    PermissionInfo{Permission::updates_write, "updates.write", "Decide about updates of the agent", false,
                   Permission::updates_read},
    PermissionInfo{Permission::views_share, "views.share", "Share saved views with others"},
    PermissionInfo{Permission::access_read, "access.read", "See technicians and roles", true},
    PermissionInfo{Permission::access_write, "access.write", "Add and change technicians and roles", false,
                   Permission::access_read},
    PermissionInfo{Permission::audit_read, "audit.read", "Read the audit log", true},
    PermissionInfo{Permission::own, "collector.own", "Say who is an owner, and which roles need a second step"},
};

std::span<PermissionInfo const> permission_infos() { return infos; }

std::string_view to_string(Permission permission) { return infos.at(static_cast<std::size_t>(permission)).word; }

std::optional<Permission> permission_from(std::string_view word)
{
    for (auto const& info : infos)
        if (info.word == word) return info.permission;
    return std::nullopt;
}

Permissions::Permissions(std::initializer_list<Permission> some)
{
    for (auto const one : some)
        add(one);
}

Permissions Permissions::all()
{
    Permissions made;
    for (auto const& info : infos)
        made.add(info.permission);
    return made;
}

Permissions Permissions::from_text(std::string_view words)
{
    Permissions made;
    while (!words.empty()) {
        auto const end = words.find(' ');
        if (auto const one = permission_from(words.substr(0, end))) made.add(*one);
        words = end == std::string_view::npos ? std::string_view() : words.substr(end + 1);
    }
    return made;
}

Permissions Permissions::both(Permissions other) const
{
    Permissions made;
    made.bits_ = bits_ & other.bits_;
    return made;
}

std::optional<PermissionInfo> Permissions::half() const
{
    for (auto const& info : infos)
        if (has(info.permission) && info.needs && !has(*info.needs)) return info;
    return std::nullopt;
}

std::vector<std::string> Permissions::words() const
{
    std::vector<std::string> found;
    for (auto const& info : infos)
        if (has(info.permission)) found.emplace_back(info.word);
    return found;
}

std::string Permissions::text() const
{
    std::string made;
    for (auto const& word : words())
        made.append(made.empty() ? "" : " ").append(word);
    return made;
}

} // namespace rollcall::access
