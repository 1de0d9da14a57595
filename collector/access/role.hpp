#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/access/permission.hpp"
#include "collector/store/records.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"

namespace rollcall::access
{

inline constexpr std::string_view owner_role = "owner";

/// What somebody may do. The built-in ones are the program's, so that a new version's permissions reach them.
struct Role {
    std::string id;
    std::string name;
    Permissions permissions;
    bool totp_required = false;
    bool built_in = false;
    std::int64_t version = 1;
};

/// owner, admin, technician and read-only, as they are where nobody has said anything.
[[nodiscard]] std::vector<Role> built_in_roles();
/// One that is stored: `stored` of a built-in one says only whether it needs a second step.
[[nodiscard]] Role role_from(store::Role const& stored);

/// nullopt: there is none. Within any transaction.
[[nodiscard]] Result<std::optional<Role>> find_role(sqlite::Database& db, std::string_view id);
/// The built-in ones first, then the others by name.
[[nodiscard]] Result<std::vector<Role>> all_roles(sqlite::Database& db);

} // namespace rollcall::access
