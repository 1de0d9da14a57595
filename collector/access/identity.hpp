#pragma once

#include <optional>
#include <string>
#include <variant>

#include "collector/access/permission.hpp"
#include "collector/access/role.hpp"
#include "collector/store/records.hpp"
#include "common/core/result.hpp"
#include "common/sqlite/database.hpp"

namespace rollcall::access
{

/// Somebody who has come in, as the API's handlers see him: a person with a session, or a program with a token.
struct Identity {
    store::Technician technician;
    store::WebSession session;            ///< Of a person.
    std::optional<store::ApiToken> token; ///< Of a program: in the technician's name.
    Role role;                            ///< The technician's.
    store::Scope scope;                   ///< What he, or it, may see.
    Permissions permissions;              ///< What he, or it, may do.

    [[nodiscard]] bool may(Permission one) const { return permissions.has(one); }
    /// His role wants a second step, and he has none yet.
    [[nodiscard]] bool must_set_up_totp() const { return role.totp_required && technician.totp_secret.empty(); }
    /// Still sees and may all that `other` did?
    [[nodiscard]] bool keeps_rights_of(Identity const& other) const
    {
        return scope.covers(other.scope) && permissions.covers(other.permissions) &&
               must_set_up_totp() == other.must_set_up_totp();
    }
    /// Sees and may the same?
    [[nodiscard]] bool has_rights_of(Identity const& other) const
    {
        return scope == other.scope && permissions == other.permissions &&
               must_set_up_totp() == other.must_set_up_totp();
    }
};

/// As he, or it, is at this moment. nullopt: session or token has ended, or the technician may not come in. Within any
/// transaction.
[[nodiscard]] Result<std::optional<Identity>> reload(sqlite::Database& db, Identity const& identity, UnixMs now_ms);

/// Why something was not done, ready for problem+json.
struct Refusal {
    errc code{};
    std::string field;  ///< Which input is wrong; "" = none in particular.
    std::string detail; ///< One sentence.
    std::string remedy; ///< What to do about it.
};

/// Why somebody of `scope` may not limit anybody so: there is too much of it, or more than he sees himself.
[[nodiscard]] std::optional<Refusal> beyond_limits(store::Scope const& scope, store::Scope const& wanted);
/// A customer or folder of the limits that is not there; nullopt: all are.
[[nodiscard]] Result<std::optional<Refusal>> unknown_limit(sqlite::Database& db, store::Scope const& wanted);

template <class T>
using Outcome = std::variant<T, Refusal>;

/// Nothing to hand over but that it was done.
struct Done {
};

} // namespace rollcall::access
