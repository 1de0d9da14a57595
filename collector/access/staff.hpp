#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/access/identity.hpp"
#include "collector/store/store.hpp"
#include "common/core/clock.hpp"

namespace rollcall::access
{

/// What is said about a technician.
struct TechnicianWish {
    std::string name;
    std::string role_id;
    store::Scope scope;
    bool disabled = false;
    std::int64_t version = 0; ///< That was read: what somebody else changed since is not lost. Of a new one 0.
};

struct RoleWish {
    std::string name;        ///< Of a built-in role it stays as it is.
    Permissions permissions; ///< Likewise.
    bool totp_required = false;
    std::int64_t version = 0;
};

/// A new first password, which is shown once.
struct FirstPassword {
    store::Technician technician;
    std::string password;
};

/// Technicians and roles, and who may change them: nobody gives or takes what he has not himself, nobody sees who sees
/// more customers than he does, and one owner who sees all customers stays.
///
/// Owns: nothing.  Threads: any.  Blocks: yes (SQLite, argon2 where a password is made): pool threads only.
class Staff
{
public:
    /// `changed` is told after somebody's rights or sessions changed.
    Staff(store::Store& store, Clock const& clock, std::function<void()> changed);

    [[nodiscard]] Result<std::vector<store::Technician>> technicians(Identity const& who);
    [[nodiscard]] Outcome<store::Technician> technician(Identity const& who, std::string_view id);
    [[nodiscard]] Outcome<FirstPassword> add(Identity const& who, TechnicianWish const& wish);
    [[nodiscard]] Outcome<store::Technician> change(Identity const& who, std::string_view id,
                                                    TechnicianWish const& wish);
    /// Ends his sessions. Nobody does it to himself.
    [[nodiscard]] Outcome<FirstPassword> reset_password(Identity const& who, std::string_view id);
    /// For who lost the device that makes his codes, and the recovery codes: takes his second step away, and ends his
    /// sessions. Nobody does it to himself.
    [[nodiscard]] Outcome<store::Technician> remove_totp(Identity const& who, std::string_view id);
    [[nodiscard]] Outcome<Done> end_sessions(Identity const& who, std::string_view id);
    [[nodiscard]] Outcome<std::vector<store::ApiToken>> tokens(Identity const& who, std::string_view id);
    [[nodiscard]] Outcome<Done> remove_token(Identity const& who, std::string_view id, std::string_view token_id);

    [[nodiscard]] Result<std::vector<Role>> roles();
    [[nodiscard]] Outcome<Role> add_role(Identity const& who, RoleWish const& wish);
    [[nodiscard]] Outcome<Role> change_role(Identity const& who, std::string_view id, RoleWish const& wish);
    /// Not one that somebody has.
    [[nodiscard]] Outcome<Done> remove_role(Identity const& who, std::string_view id);

private:
    /// Runs a write, and says its refusal where it has one.
    template <class T>
    [[nodiscard]] Outcome<T> write(std::function<Result<>(sqlite::Database&, std::optional<Refusal>&, T&)> const& body);
    /// The technician, if `who` may see and change him.
    [[nodiscard]] static Result<> find(sqlite::Database& db, Identity const& who, std::string_view id,
                                       std::optional<Refusal>& refusal, store::Technician& found);

    store::Store& store_;
    Clock const& clock_;
    std::function<void()> changed_;
};

} // namespace rollcall::access
