#include "collector/access/staff.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "collector/access/access.hpp"
#include "collector/access/limits.hpp"
#include "collector/access/password.hpp"
#include "collector/store/fold.hpp"
#include "common/core/ids.hpp"
#include "common/core/text.hpp"
#include "common/log/log.hpp"

namespace rollcall::access
{

static errc staff_code(Error const& error)
{
    if (error.code.category() != rollcall_category()) return errc::io;
    return static_cast<errc>(error.code.value());
}

/// Ends a work because of its request: what it did is undone.
static Error refuse(std::optional<Refusal>& into, Refusal refusal)
{
    auto error = fail(refusal.code, refusal.detail);
    into = std::move(refusal);
    return error;
}

static Refusal no_such(std::string_view what)
{
    return {errc::not_found, "", fmt::format("There is no such {}.", what),
            "It may have been removed, or you may not see it."};
}

static Refusal stale(std::string_view what)
{
    return {errc::conflict, "version", fmt::format("Somebody else has changed this {} meanwhile.", what),
            "Read it again, and make your change to what is there now."};
}

/// The role's permissions within one's own, and the limits within what one sees?
static std::optional<Refusal> beyond(Identity const& who, Role const& role, store::Scope const& scope)
{
    if (!who.permissions.covers(role.permissions))
        return Refusal{errc::refused, "role_id", "The role '" + role.name + "' may do more than you may.",
                       "Ask somebody who may do all of it."};
    return beyond_limits(who.scope, scope);
}

static std::optional<Refusal> wrong_name(std::string_view name)
{
    auto const characters = count_characters(name);
    if (characters > 0 && characters <= limits::name_characters && is_utf8(name) && name == clean_text(name) &&
        name.find_first_of("\n\t") == std::string_view::npos && !name.starts_with(' ') && !name.ends_with(' '))
        return std::nullopt;
    return Refusal{errc::bad_input, "name", "This cannot be a name.",
                   fmt::format("Give 1 to {} characters without line breaks and without blanks around them.",
                               limits::name_characters)};
}

/// Somebody who may do everything for everybody stays.
static Result<> check_owner_stays(sqlite::Database& db, std::optional<Refusal>& refusal)
{
    auto const all = store::all_technicians(db);
    if (!all) return all.error();
    auto const owns = [](store::Technician const& one) {
        return one.role_id == owner_role && one.scope.all && !one.disabled_ms;
    };
    if (std::ranges::any_of(*all, owns)) return {};
    return refuse(refusal, {errc::conflict, "", "This is the last owner.",
                            "Make somebody else an owner who sees all customers first."});
}

Staff::Staff(store::Store& store, Clock const& clock, std::function<void()> changed)
    : store_(store)
    , clock_(clock)
    , changed_(std::move(changed))
{
}

template <class T>
Outcome<T> Staff::write(std::function<Result<>(sqlite::Database&, std::optional<Refusal>&, T&)> const& body)
{
    T made{};
    std::optional<Refusal> refusal;
    auto const done = store_.write([&](sqlite::Database& db) -> Result<> {
        made = {};
        refusal.reset();
        return body(db, refusal, made);
    });
    if (refusal) return *std::move(refusal);
    if (!done)
        return Refusal{staff_code(done.error()), "", "The collector could not store this: " + done.error().trace + ".",
                       "Try again in a moment."};
    changed_();
    return made;
}

Result<> Staff::find(sqlite::Database& db, Identity const& who, std::string_view id, std::optional<Refusal>& refusal,
                     store::Technician& found)
{
    auto technician = store::find_technician(db, id);
    if (!technician) return technician.error();
    if (!*technician || !who.scope.oversees((*technician)->scope)) return refuse(refusal, no_such("technician"));
    found = **std::move(technician);
    return {};
}

/// `find`, and that what he may do is not beyond who changes him.
static Result<> check_within(sqlite::Database& db, Identity const& who, store::Technician const& whom,
                             std::optional<Refusal>& refusal)
{
    auto const role = find_role(db, whom.role_id);
    if (!role) return role.error();
    if (!*role) return {};
    if (auto more = beyond(who, **role, whom.scope)) return refuse(refusal, *std::move(more));
    return {};
}

// --- technicians -----------------------------------------------------------------------------------------------------

Result<std::vector<store::Technician>> Staff::technicians(Identity const& who)
{
    std::vector<store::Technician> found;
    auto const read = store_.read([&](sqlite::Database& db) -> Result<> {
        auto all = store::all_technicians(db);
        if (!all) return all.error();
        found = *std::move(all);
        return {};
    });
    if (!read) return fail(read.error(), "technicians");
    std::erase_if(found, [&](store::Technician const& one) { return !who.scope.oversees(one.scope); });
    return found;
}

Outcome<store::Technician> Staff::technician(Identity const& who, std::string_view id)
{
    store::Technician found;
    std::optional<Refusal> refusal;
    auto const read = store_.read([&](sqlite::Database& db) { return find(db, who, id, refusal, found); });
    if (refusal) return *std::move(refusal);
    if (!read) return Refusal{staff_code(read.error()), "", read.error().trace + ".", "Try again in a moment."};
    return found;
}

/// Who is no owner frees nobody from the second step that his role asks for.
static Result<> check_totp_stays(sqlite::Database& db, Identity const& who, std::string const& before,
                                 std::string const& wanted, std::optional<Refusal>& refusal)
{
    if (who.may(Permission::own)) return {};
    auto const old_role = find_role(db, before);
    if (!old_role) return old_role.error();
    auto const new_role = find_role(db, wanted);
    if (!new_role) return new_role.error();
    if (!*old_role || !*new_role || !(*old_role)->totp_required || (*new_role)->totp_required) return {};
    return refuse(refusal, {errc::refused, "role_id", "The present role needs a second step, and this one does not.",
                            "Give a role that needs one, or ask an owner."});
}

/// Name, role and limits as wished, if `who` may give them.
static Result<> put(sqlite::Database& db, Identity const& who, TechnicianWish const& wish, UnixMs now_ms,
                    std::optional<Refusal>& refusal, store::Technician& technician)
{
    if (auto wrong = wrong_name(wish.name)) return refuse(refusal, *std::move(wrong));
    auto const role = find_role(db, wish.role_id);
    if (!role) return role.error();
    if (!*role)
        return refuse(refusal, {errc::bad_input, "role_id", "There is no such role.", "Give the id of a role."});
    if (auto more = beyond(who, **role, wish.scope)) return refuse(refusal, *std::move(more));
    auto unknown = unknown_limit(db, wish.scope);
    if (!unknown) return unknown.error();
    if (*unknown) return refuse(refusal, **std::move(unknown));
    auto const same = store::find_technician_by_name(db, wish.name);
    if (!same) return same.error();
    if (*same && (*same)->id != technician.id)
        return refuse(refusal, {errc::conflict, "name",
                                "There is a technician of this name already, or one whom you "
                                "do not see.",
                                "Choose another name."});
    technician.name = wish.name;
    technician.role_id = wish.role_id;
    technician.scope = wish.scope;
    if (!wish.disabled) technician.disabled_ms.reset();
    if (wish.disabled && !technician.disabled_ms) technician.disabled_ms = now_ms;
    return store::save_technician(db, technician);
}

Outcome<FirstPassword> Staff::add(Identity const& who, TechnicianWish const& wish)
{
    auto const now_ms = clock_.now_ms();
    auto const password = make_first_password();
    store::Technician const fresh{.id = make_uuid(now_ms),
                                  .name = {},
                                  .password_hash = hash_password(password),
                                  .must_change_password = true,
                                  .password_expires_ms = now_ms + limits::first_password_life.count(),
                                  .created_ms = now_ms};
    auto made = write<FirstPassword>([&](sqlite::Database& db, std::optional<Refusal>& refusal, FirstPassword& given) {
        given = {.technician = fresh, .password = password};
        return put(db, who, wish, now_ms, refusal, given.technician);
    });
    if (std::holds_alternative<FirstPassword>(made))
        log::info("access.technician_added", {{"technician", fresh.id}, {"by", who.technician.id}});
    return made;
}

Outcome<store::Technician> Staff::change(Identity const& who, std::string_view id, TechnicianWish const& wish)
{
    return write<store::Technician>(
        [&](sqlite::Database& db, std::optional<Refusal>& refusal, store::Technician& technician) -> Result<> {
            if (auto found = find(db, who, id, refusal, technician); !found) return found;
            if (auto within = check_within(db, who, technician, refusal); !within) return within;
            if (technician.version != wish.version) return refuse(refusal, stale("technician"));
            if (wish.disabled && id == who.technician.id)
                return refuse(refusal, {errc::conflict, "disabled", "You cannot disable yourself.",
                                        "Ask another technician to do it."});
            if (auto stays = check_totp_stays(db, who, technician.role_id, wish.role_id, refusal); !stays) return stays;
            ++technician.version;
            if (auto kept = put(db, who, wish, clock_.now_ms(), refusal, technician); !kept) return kept;
            if (technician.disabled_ms)
                if (auto ended = store::delete_sessions_of(db, id); !ended) return ended;
            return check_owner_stays(db, refusal);
        });
}

Outcome<FirstPassword> Staff::reset_password(Identity const& who, std::string_view id)
{
    // Without the password of now it would be a way round it.
    if (id == who.technician.id)
        return Refusal{errc::refused, "", "You cannot reset your own password.",
                       "Change it, or ask another technician to reset it."};
    auto const password = make_first_password();
    auto const hash = hash_password(password);
    return write<FirstPassword>(
        [&](sqlite::Database& db, std::optional<Refusal>& refusal, FirstPassword& given) -> Result<> {
            auto& technician = given.technician;
            if (auto found = find(db, who, id, refusal, technician); !found) return found;
            if (auto within = check_within(db, who, technician, refusal); !within) return within;
            given.password = password;
            technician.password_hash = hash;
            technician.must_change_password = true;
            technician.password_expires_ms = clock_.now_ms() + limits::first_password_life.count();
            if (auto saved = store::save_technician(db, technician); !saved) return saved;
            return store::delete_sessions_of(db, id);
        });
}

Outcome<store::Technician> Staff::remove_totp(Identity const& who, std::string_view id)
{
    if (id == who.technician.id)
        return Refusal{errc::refused, "", "You cannot take your own second step away without a code.",
                       "Remove it in your settings, or ask another technician."};
    return write<store::Technician>(
        [&](sqlite::Database& db, std::optional<Refusal>& refusal, store::Technician& technician) -> Result<> {
            if (auto found = find(db, who, id, refusal, technician); !found) return found;
            if (auto within = check_within(db, who, technician, refusal); !within) return within;
            technician.totp_secret.clear();
            technician.totp_pending.clear();
            if (auto saved = store::save_technician(db, technician); !saved) return saved;
            if (auto cleared = store::set_recovery_codes(db, id, {}); !cleared) return cleared;
            return store::delete_sessions_of(db, id);
        });
}

Outcome<Done> Staff::end_sessions(Identity const& who, std::string_view id)
{
    return write<Done>([&](sqlite::Database& db, std::optional<Refusal>& refusal, Done&) -> Result<> {
        store::Technician technician;
        if (auto found = find(db, who, id, refusal, technician); !found) return found;
        if (auto within = check_within(db, who, technician, refusal); !within) return within;
        return store::delete_sessions_of(db, id);
    });
}

Outcome<std::vector<store::ApiToken>> Staff::tokens(Identity const& who, std::string_view id)
{
    std::vector<store::ApiToken> tokens;
    std::optional<Refusal> refusal;
    auto const read = store_.read([&](sqlite::Database& db) -> Result<> {
        store::Technician technician;
        if (auto found = find(db, who, id, refusal, technician); !found) return found;
        auto all = store::api_tokens_of(db, id);
        if (!all) return all.error();
        tokens = *std::move(all);
        return {};
    });
    if (refusal) return *std::move(refusal);
    if (!read) return Refusal{staff_code(read.error()), "", read.error().trace + ".", "Try again in a moment."};
    return tokens;
}

Outcome<Done> Staff::remove_token(Identity const& who, std::string_view id, std::string_view token_id)
{
    return write<Done>([&](sqlite::Database& db, std::optional<Refusal>& refusal, Done&) -> Result<> {
        store::Technician technician;
        if (auto found = find(db, who, id, refusal, technician); !found) return found;
        if (auto within = check_within(db, who, technician, refusal); !within) return within;
        auto const token = store::find_api_token(db, token_id);
        if (!token) return token.error();
        if (!*token || (*token)->technician_id != id) return refuse(refusal, no_such("token"));
        return store::delete_api_token(db, token_id);
    });
}

// --- roles -----------------------------------------------------------------------------------------------------------

Result<std::vector<Role>> Staff::roles()
{
    std::vector<Role> found;
    auto const read = store_.read([&](sqlite::Database& db) -> Result<> {
        auto all = all_roles(db);
        if (!all) return all.error();
        found = *std::move(all);
        return {};
    });
    if (!read) return fail(read.error(), "roles");
    return found;
}

/// An owner says which roles need a second step. Who is none, and needs one himself, makes no role that needs none: it
/// would be a way round it.
static std::optional<Refusal> wrong_with_totp(Identity const& who, bool wanted, bool before)
{
    if (who.may(Permission::own)) return std::nullopt;
    if (who.role.totp_required && !wanted)
        return Refusal{errc::refused, "totp_required",
                       "Your role needs a second step, so one that you make needs it too.",
                       "Let it need a second step, or ask an owner."};
    if (!who.role.totp_required && wanted != before)
        return Refusal{errc::refused, "totp_required", "Only an owner says which roles need a second step.",
                       "Ask an owner."};
    return std::nullopt;
}

/// What may be said about a role by whom.
static std::optional<Refusal> wrong_with(Identity const& who, RoleWish const& wish, bool totp_before)
{
    if (auto wrong = wrong_name(wish.name)) return wrong;
    if (wish.permissions.has(Permission::own))
        return Refusal{errc::bad_input, "permissions", "Only the role 'Owner' may be an owner.",
                       "Leave out 'collector.own'."};
    if (auto const half = wish.permissions.half()) {
        auto const missing = to_string(*half->needs);
        return Refusal{errc::bad_input, "permissions",
                       fmt::format("'{}' is worth little without '{}'.", half->word, missing),
                       fmt::format("Add '{}', or leave '{}' out.", missing, half->word)};
    }
    if (!who.permissions.covers(wish.permissions))
        return Refusal{errc::refused, "permissions", "These are permissions that you do not have.",
                       "Leave them out, or ask somebody who has them."};
    if (!who.scope.all)
        return Refusal{errc::refused, "", "You see some customers only, and a role is for all.",
                       "Ask somebody who sees all customers."};
    return wrong_with_totp(who, wish.totp_required, totp_before);
}

static Result<> check_role_name(sqlite::Database& db, std::string_view id, std::string_view name,
                                std::optional<Refusal>& refusal)
{
    auto const all = all_roles(db);
    if (!all) return all.error();
    for (auto const& role : *all)
        if (role.id != id && store::fold(role.name) == store::fold(name))
            return refuse(refusal,
                          {errc::conflict, "name", "There is a role of this name already.", "Choose another name."});
    return {};
}

static store::Role stored(Role const& role, UnixMs now_ms)
{
    return {.id = role.id,
            .name = role.name,
            .permissions = role.permissions.text(),
            .totp_required = role.totp_required,
            .version = role.version,
            .created_ms = now_ms};
}

Outcome<Role> Staff::add_role(Identity const& who, RoleWish const& wish)
{
    if (auto wrong = wrong_with(who, wish, false)) return *std::move(wrong);
    auto const now_ms = clock_.now_ms();
    Role const fresh{.id = make_uuid(now_ms),
                     .name = wish.name,
                     .permissions = wish.permissions,
                     .totp_required = wish.totp_required};
    return write<Role>([&](sqlite::Database& db, std::optional<Refusal>& refusal, Role& role) -> Result<> {
        auto const all = all_roles(db);
        if (!all) return all.error();
        if (all->size() >= limits::roles)
            return refuse(refusal, {errc::limit_exceeded, "", fmt::format("There are {} roles already.", limits::roles),
                                    "Remove one that nobody has."});
        if (auto free = check_role_name(db, fresh.id, fresh.name, refusal); !free) return free;
        role = fresh;
        return store::save_role(db, stored(role, now_ms));
    });
}

Outcome<Role> Staff::change_role(Identity const& who, std::string_view id, RoleWish const& wish)
{
    return write<Role>([&](sqlite::Database& db, std::optional<Refusal>& refusal, Role& role) -> Result<> {
        auto const found = find_role(db, id);
        if (!found) return found.error();
        if (!*found) return refuse(refusal, no_such("role"));
        role = **found;
        auto wanted = wish;
        if (role.built_in) {
            if (wish.name != role.name || wish.permissions != role.permissions)
                return refuse(refusal, {errc::conflict, "name", "Name and permissions of a built-in role stay.",
                                        "Make a role of your own with the permissions that you want."});
            wanted.permissions = {};
        }
        if (!who.permissions.covers(role.permissions))
            return refuse(refusal, {errc::refused, "", "This role may do more than you may.",
                                    "Ask somebody who may do all of it."});
        if (auto wrong = wrong_with(who, wanted, role.totp_required)) return refuse(refusal, *std::move(wrong));
        if (role.version != wish.version) return refuse(refusal, stale("role"));
        if (auto free = check_role_name(db, id, wish.name, refusal); !free) return free;
        role.name = wish.name;
        role.permissions = wish.permissions;
        role.totp_required = wish.totp_required;
        ++role.version;
        return store::save_role(db, stored(role, clock_.now_ms()));
    });
}

Outcome<Done> Staff::remove_role(Identity const& who, std::string_view id)
{
    return write<Done>([&](sqlite::Database& db, std::optional<Refusal>& refusal, Done&) -> Result<> {
        auto const role = find_role(db, id);
        if (!role) return role.error();
        if (!*role) return refuse(refusal, no_such("role"));
        if ((*role)->built_in)
            return refuse(refusal, {errc::conflict, "", "A built-in role stays.", "Give nobody this role."});
        if (!who.permissions.covers((*role)->permissions) || !who.scope.all)
            return refuse(refusal, {errc::refused, "", "This role may do more than you may.",
                                    "Ask somebody who may do all of it."});
        auto const all = store::all_technicians(db);
        if (!all) return all.error();
        for (auto const& one : *all)
            if (one.role_id == id)
                return refuse(refusal, {errc::conflict, "", "Somebody has this role.",
                                        "Give those who have it another one first."});
        return store::delete_role(db, id);
    });
}

} // namespace rollcall::access
