#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "collector/access/access.hpp"
#include "collector/access/limits.hpp"
#include "collector/access/totp.hpp"
#include "common/core/ids.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace std::chrono_literals;
using access::Identity;
using access::Permission;
using access::Permissions;
using access::Refusal;
using Standing = access::Access::Standing;

namespace
{

struct StaffFixture {
    StaffFixture()
    {
        auto opened = store::Store::open({.file = folder / "test.db"});
        REQUIRE(opened);
        store = *std::move(opened);
        access = std::make_unique<access::Access>(*store, clock, access::Keys::make());
        REQUIRE(store->write([](sqlite::Database& db) -> Result<> {
            for (auto const* const id : {"acme", "globex"})
                if (auto added = store::add_customer(db, {.id = id, .name = id, .created_ms = 1}); !added) return added;
            return {};
        }));
        auto const password = access->first_password();
        REQUIRE(password);
        admin = enter("admin", **password);
    }

    /// With the password that was given, changed for one of his own.
    access::LoggedIn enter(std::string const& name, std::string const& first)
    {
        auto entered = access->log_in(name, first, "192.0.2.1", retry_after_s);
        REQUIRE(entered);
        REQUIRE(access->change_password(entered->identity, first, name + " has a password", retry_after_s));
        return log_in(name);
    }
    access::LoggedIn log_in(std::string const& name)
    {
        auto again = access->log_in(name, name + " has a password", "192.0.2.1", retry_after_s, "Browser/1");
        REQUIRE(again);
        return *again;
    }
    access::LoggedIn hire(std::string const& name, std::string const& role, store::Scope const& scope)
    {
        auto const made = access->staff().add(admin.identity, {.name = name, .role_id = role, .scope = scope});
        auto const* const given = std::get_if<access::FirstPassword>(&made);
        REQUIRE(given);
        return enter(name, given->password);
    }
    template <class T>
    static std::string refusal(access::Outcome<T> const& outcome)
    {
        auto const* const why = std::get_if<Refusal>(&outcome);
        if (!why) return {};
        CHECK_FALSE(why->detail.empty());
        CHECK_FALSE(why->remedy.empty());
        return std::string(to_string(why->code)).append(" ").append(why->field);
    }
    store::Technician read(access::LoggedIn const& whom)
    {
        return std::get<store::Technician>(access->staff().technician(admin.identity, whom.identity.technician.id));
    }
    /// A code of this very period.
    std::string code(std::string const& base32)
    {
        return access::totp_code(decode(base32), access::totp_step_at(clock.now_ms()));
    }
    static std::string decode(std::string const& base32)
    {
        static constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        std::string bytes;
        unsigned held = 0;
        unsigned bits = 0;
        for (auto const letter : base32) {
            held = held << 5U | static_cast<unsigned>(letters.find(letter));
            bits += 5;
            if (bits < 8) continue;
            bits -= 8;
            bytes.push_back(static_cast<char>(held >> bits & 255U));
        }
        return bytes;
    }

    static inline store::Scope const acme{.all = false, .customers = {"acme"}};
    support::TempDir folder;
    support::ManualClock clock;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<access::Access> access;
    std::int64_t retry_after_s = 0;
    access::LoggedIn admin;
};

} // namespace

TEST_CASE_FIXTURE(StaffFixture, "staff: who is hired sees and may do what was said, and no more")
{
    auto const ada = hire("Ada", "technician", acme);
    CHECK(ada.identity.scope == acme);
    CHECK(ada.identity.may(Permission::devices_write));
    CHECK_FALSE(ada.identity.may(Permission::access_read));
    CHECK_FALSE(hire("Bob", "read-only", acme).identity.may(Permission::alerts_write));
    CHECK(admin.identity.may(Permission::own));
    CHECK(refusal(access->staff().add(admin.identity, {.name = "ada", .role_id = "technician", .scope = acme})) ==
          "conflict name");
    CHECK(refusal(access->staff().add(admin.identity, {.name = " ", .role_id = "technician", .scope = acme})) ==
          "bad_input name");
    CHECK(refusal(access->staff().add(admin.identity, {.name = "C", .role_id = "nothing", .scope = acme})) ==
          "bad_input role_id");
    CHECK(refusal(access->staff().add(
              admin.identity, {.name = "C", .role_id = "admin", .scope = {.all = false, .customers = {"nobody"}}})) ==
          "bad_input customers");
}

TEST_CASE_FIXTURE(StaffFixture, "staff: nobody gives what he lacks, and nobody sees who sees more")
{
    auto const boss = hire("Boss", "admin", acme);
    auto const everywhere = hire("Eve", "technician", store::Scope::everything());
    auto const& who = boss.identity;
    auto& staff = access->staff();
    CHECK(refusal(staff.add(who, {.name = "X", .role_id = "owner", .scope = acme})) == "refused role_id");
    CHECK(refusal(staff.add(who, {.name = "X", .role_id = "admin", .scope = store::Scope::everything()})) ==
          "refused customers");
    CHECK(
        refusal(staff.add(who, {.name = "X", .role_id = "admin", .scope = {.all = false, .customers = {"globex"}}})) ==
        "refused customers");
    CHECK(refusal(staff.add(who, {.name = "Young", .role_id = "technician", .scope = acme})) == "");
    auto const seen = staff.technicians(who);
    REQUIRE(seen);
    CHECK(seen->size() == 2);
    auto const& eve = everywhere.identity.technician.id;
    CHECK(refusal(staff.technician(who, eve)) == "not_found ");
    CHECK(refusal(staff.reset_password(who, eve)) == "not_found ");
    CHECK(refusal(staff.end_sessions(who, eve)) == "not_found ");
    CHECK(refusal(staff.tokens(who, eve)) == "not_found ");
    CHECK(refusal(staff.remove_totp(who, eve)) == "not_found ");
    // An admin of everything is still no owner.
    auto const chief = hire("Chief", "admin", store::Scope::everything());
    auto const owner = read(admin);
    CHECK(refusal(staff.reset_password(chief.identity, owner.id)) == "refused role_id");
    CHECK(refusal(staff.change(chief.identity, owner.id,
                               {.name = "admin", .role_id = "read-only", .scope = acme, .version = owner.version})) ==
          "refused role_id");
}

TEST_CASE_FIXTURE(StaffFixture, "staff: the last owner stays, a stale change is refused, nobody disables himself")
{
    auto const own = read(admin);
    auto& staff = access->staff();
    auto const change = [&](access::TechnicianWish wish) {
        wish.name = "admin";
        return refusal(staff.change(admin.identity, own.id, wish));
    };
    auto const everything = store::Scope::everything();
    CHECK(change({.role_id = "admin", .scope = everything, .version = own.version}) == "conflict ");
    CHECK(change({.role_id = "owner", .scope = acme, .version = own.version}) == "conflict ");
    CHECK(change({.role_id = "owner", .scope = everything, .disabled = true, .version = own.version}) ==
          "conflict disabled");
    CHECK(change({.role_id = "owner", .scope = everything, .version = own.version + 1}) == "conflict version");
    auto const second = hire("Second", "owner", everything);
    CHECK(change({.role_id = "admin", .scope = everything, .version = own.version}) == "");
    CHECK(access->standing(admin.identity) == Standing::changed);
}

TEST_CASE_FIXTURE(StaffFixture,
                  "staff: a right that is taken away counts for open sessions, and whoever is disabled is out")
{
    auto const ada = hire("Ada", "technician", store::Scope::everything());
    int told = 0;
    access->when_sessions_end([&] { ++told; });
    auto now = read(ada);
    auto change = access->staff().change(
        admin.identity, now.id, {.name = "Ada", .role_id = "technician", .scope = acme, .version = now.version});
    REQUIRE(std::holds_alternative<store::Technician>(change));
    CHECK(told == 1);
    CHECK(access->standing(ada.identity) == Standing::changed);
    CHECK(access->identify(ada.cookie)->scope == acme);
    now = std::get<store::Technician>(change);
    change = access->staff().change(
        admin.identity, now.id,
        {.name = "Ada", .role_id = "technician", .scope = acme, .disabled = true, .version = now.version});
    REQUIRE(std::holds_alternative<store::Technician>(change));
    CHECK(access->standing(ada.identity) == Standing::ended);
    CHECK_FALSE(access->identify(ada.cookie));
    auto const refused = access->log_in("Ada", "Ada has a password", "192.0.2.1", retry_after_s);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::unauthenticated);
}

TEST_CASE_FIXTURE(StaffFixture, "staff: nobody resets his own password, or takes his own second step away")
{
    auto& staff = access->staff();
    auto const& own = admin.identity.technician.id;
    CHECK(refusal(staff.reset_password(admin.identity, own)) == "refused ");
    CHECK(refusal(staff.remove_totp(admin.identity, own)) == "refused ");
    CHECK(access->standing(admin.identity) == Standing::same);
    auto const boss = hire("Boss", "owner", store::Scope::everything());
    CHECK(refusal(staff.reset_password(boss.identity, own)) == "");
}

TEST_CASE_FIXTURE(StaffFixture,
                  "roles: made within one's own permissions, changed for all who have them, kept while somebody does")
{
    auto& staff = access->staff();
    auto const made = staff.add_role(admin.identity, {.name = "Desk", .permissions = {Permission::alerts_read}});
    auto const* const role = std::get_if<access::Role>(&made);
    REQUIRE(role);
    auto const ada = hire("Ada", role->id, acme);
    CHECK(ada.identity.permissions == Permissions{Permission::alerts_read});
    CHECK(refusal(staff.add_role(admin.identity, {.name = "desk"})) == "conflict name");
    CHECK(refusal(staff.add_role(admin.identity, {.name = "owner"})) == "conflict name");
    // Who changes something sees what he changes.
    for (auto const& info : access::permission_infos()) {
        if (!info.needs) continue;
        CHECK(info.word.ends_with(".write"));
        auto const half = staff.add_role(admin.identity, {.name = "X", .permissions = {info.permission}});
        CHECK(refusal(half) == "bad_input permissions");
        auto const& why = std::get<Refusal>(half);
        for (auto const& word : {info.word, to_string(*info.needs)}) {
            CHECK(why.detail.find(word) != std::string::npos);
            CHECK(why.remedy.find(word) != std::string::npos);
        }
    }
    CHECK(refusal(staff.add_role(admin.identity, {.name = "X", .permissions = {Permission::own}})) ==
          "bad_input permissions");
    CHECK(refusal(staff.add_role(ada.identity, {.name = "X", .permissions = {Permission::devices_read}})) ==
          "refused permissions");
    CHECK(refusal(staff.change_role(admin.identity, "technician", {.name = "Other", .version = 1})) == "conflict name");
    CHECK(refusal(staff.change_role(admin.identity, role->id, {.name = "Desk", .version = 7})) == "conflict version");
    CHECK(refusal(staff.remove_role(admin.identity, role->id)) == "conflict ");
    CHECK(refusal(staff.remove_role(admin.identity, "read-only")) == "conflict ");
    CHECK(refusal(staff.remove_role(admin.identity, "nothing")) == "not_found ");
    auto const changed = staff.change_role(admin.identity, role->id,
                                           {.name = "Desk", .permissions = {Permission::devices_read}, .version = 1});
    REQUIRE(std::holds_alternative<access::Role>(changed));
    CHECK(access->identify(ada.cookie)->permissions == Permissions{Permission::devices_read});
    CHECK(access->standing(ada.identity) == Standing::changed);
    auto const empty = staff.add_role(admin.identity, {.name = "Empty"});
    CHECK(refusal(staff.remove_role(admin.identity, std::get<access::Role>(empty).id)) == "");
    auto const roles = staff.roles();
    REQUIRE(roles);
    CHECK(roles->size() == 5);
}

TEST_CASE_FIXTURE(StaffFixture, "second step: set up, asked for at log-in, and each code is good once")
{
    auto const offer = access->offer_totp(admin.identity, "", retry_after_s);
    REQUIRE(offer);
    CHECK(access->confirm_totp(admin.identity, "000000", retry_after_s).error().code == errc::unauthenticated);
    auto const elsewhere = log_in("admin");
    auto const codes = access->confirm_totp(admin.identity, code(offer->secret), retry_after_s);
    REQUIRE(codes);
    CHECK(codes->size() == access::recovery_codes);
    CHECK(access->identify(admin.cookie));
    CHECK_FALSE(access->identify(elsewhere.cookie));

    auto const halfway = log_in("admin");
    CHECK(halfway.identity.session.awaits_code);
    // The code that confirmed it was used.
    CHECK(access->enter_code(halfway.identity, code(offer->secret), retry_after_s).error().code ==
          errc::unauthenticated);
    clock.advance(30s);
    auto const whole = access->enter_code(halfway.identity, code(offer->secret), retry_after_s);
    REQUIRE(whole);
    CHECK(whole->cookie != halfway.cookie);
    CHECK_FALSE(access->identify(halfway.cookie));
    CHECK_FALSE(access->identify(whole->cookie)->session.awaits_code);

    auto const again = log_in("admin");
    auto const recovered = access->enter_code(again.identity, codes->front(), retry_after_s);
    REQUIRE(recovered);
    CHECK(*access->recovery_codes_left(admin.identity) == 9);
    auto const third = log_in("admin");
    CHECK_FALSE(access->enter_code(third.identity, codes->front(), retry_after_s));
    auto const fresh = access->renew_recovery_codes(recovered->identity, codes->back(), retry_after_s);
    REQUIRE(fresh);
    CHECK_FALSE(access->enter_code(third.identity, (*codes)[1], retry_after_s));
    REQUIRE(access->remove_totp(recovered->identity, fresh->front(), retry_after_s));
    CHECK_FALSE(log_in("admin").identity.session.awaits_code);
}

TEST_CASE_FIXTURE(StaffFixture, "second step: guessing is slowed down, and who has one gives a code to set up another")
{
    auto const offer = access->offer_totp(admin.identity, "", retry_after_s);
    REQUIRE(access->confirm_totp(admin.identity, code(offer->secret), retry_after_s));
    CHECK_FALSE(access->offer_totp(admin.identity, "", retry_after_s));
    for (int failure = 0; failure < 3; ++failure)
        CHECK_FALSE(access->offer_totp(admin.identity, "123456", retry_after_s));
    retry_after_s = 0;
    CHECK(access->offer_totp(admin.identity, "123456", retry_after_s).error().code == errc::busy);
    CHECK(retry_after_s == 1);
}

TEST_CASE_FIXTURE(StaffFixture, "second step: what fails for another reason than the code forgives no wrong code")
{
    auto const offer = access->offer_totp(admin.identity, "", retry_after_s);
    REQUIRE(access->confirm_totp(admin.identity, code(offer->secret), retry_after_s));
    auto const guess = [&] {
        return access->renew_recovery_codes(admin.identity, "123456", retry_after_s).error().code;
    };
    for (int failure = 0; failure < 3; ++failure)
        CHECK(guess() == errc::unauthenticated);
    // Nothing is being set up.
    CHECK(access->confirm_totp(admin.identity, "123456", retry_after_s).error().code == errc::conflict);
    CHECK(guess() == errc::unauthenticated);
    retry_after_s = 0;
    CHECK(guess() == errc::busy);
    CHECK(retry_after_s == 1);
}

TEST_CASE_FIXTURE(StaffFixture,
                  "second step: a role needs one where an owner says so, and it stands sealed in the database")
{
    auto& staff = access->staff();
    auto const chief = hire("Chief", "admin", store::Scope::everything());
    auto const tech = access::built_in_roles()[2];
    access::RoleWish wish{.name = tech.name, .permissions = tech.permissions, .totp_required = true, .version = 1};
    CHECK(refusal(staff.change_role(chief.identity, tech.id, wish)) == "refused totp_required");
    CHECK(refusal(staff.change_role(admin.identity, tech.id, wish)) == "");
    auto const ada = hire("Ada", "technician", acme);
    CHECK(ada.identity.must_set_up_totp());
    auto const offer = access->offer_totp(ada.identity, "", retry_after_s);
    REQUIRE(offer);
    REQUIRE(access->confirm_totp(ada.identity, code(offer->secret), retry_after_s));
    CHECK_FALSE(access->identify(ada.cookie)->must_set_up_totp());
    CHECK(access->remove_totp(*access->identify(ada.cookie), "x", retry_after_s).error().code == errc::refused);
    auto const kept = read(ada);
    CHECK_FALSE(kept.totp_secret.empty());
    CHECK(kept.totp_secret.find(decode(offer->secret)) == std::string::npos);
    // Who lost everything is helped by somebody who manages technicians.
    CHECK(refusal(staff.remove_totp(chief.identity, kept.id)) == "");
    CHECK(log_in("Ada").identity.must_set_up_totp());
}

TEST_CASE_FIXTURE(StaffFixture, "second step: who needs one does not get rid of it by another role")
{
    auto& staff = access->staff();
    auto const everything = store::Scope::everything();
    auto const young = hire("Young", "technician", acme);
    auto const admins = access::built_in_roles()[1];
    auto const loose = staff.add_role(admin.identity, {.name = "Loose", .permissions = admins.permissions});
    auto const& role = std::get<access::Role>(loose);
    REQUIRE(refusal(staff.change_role(
                admin.identity, admins.id,
                {.name = admins.name, .permissions = admins.permissions, .totp_required = true, .version = 1})) == "");
    auto const chief = hire("Chief", "admin", everything);
    auto const& who = chief.identity;
    auto const now = read(chief);
    auto const give = [&](access::Identity const& giver, std::string const& role_id) {
        return refusal(staff.change(
            giver, now.id, {.name = "Chief", .role_id = role_id, .scope = everything, .version = now.version}));
    };
    CHECK(give(who, role.id) == "refused role_id");
    CHECK(give(who, "technician") == "refused role_id");
    CHECK(refusal(staff.add_role(who, {.name = "X", .permissions = admins.permissions})) == "refused totp_required");
    CHECK(refusal(staff.change_role(who, role.id, {.name = "Y", .permissions = admins.permissions, .version = 1})) ==
          "refused totp_required");
    CHECK(refusal(staff.add_role(who, {.name = "X", .permissions = admins.permissions, .totp_required = true})) == "");
    // Of somebody else the role needed none.
    auto const other = read(young);
    CHECK(refusal(staff.change(who, other.id,
                               {.name = "Young", .role_id = "read-only", .scope = acme, .version = other.version})) ==
          "");
    CHECK(give(admin.identity, role.id) == "");
}

TEST_CASE_FIXTURE(StaffFixture, "sessions: are listed with where they are, and ended one by one")
{
    clock.advance(1s);
    auto const other = log_in("admin");
    auto const all = access->sessions(admin.identity);
    REQUIRE(all);
    REQUIRE(all->size() == 3); // One is that in which the first password was changed.
    CHECK(all->front().remote == "192.0.2.1");
    CHECK(all->front().program == "Browser/1");
    REQUIRE(access->end_session(admin.identity, other.identity.session.id));
    CHECK(access->standing(other.identity) == Standing::ended);
    CHECK(access->standing(admin.identity) == Standing::same);
    CHECK(access->end_session(admin.identity, other.identity.session.id).error().code == errc::not_found);
    auto const ada = hire("Ada", "technician", acme);
    CHECK(access->end_session(ada.identity, admin.identity.session.id).error().code == errc::not_found);
    CHECK(
        std::holds_alternative<access::Done>(access->staff().end_sessions(admin.identity, ada.identity.technician.id)));
    CHECK(access->standing(ada.identity) == Standing::ended);
}

TEST_CASE_FIXTURE(StaffFixture, "tokens: never do more than their technician may at that moment, and end")
{
    auto const ada = hire("Ada", "technician", acme);
    auto const add = [&](access::ApiTokenWish const& wish) { return access->add_token(ada.identity, wish); };
    access::ApiTokenWish const wish{.name = "script",
                                    .permissions = {Permission::devices_read, Permission::devices_write},
                                    .scope = store::Scope::everything(),
                                    .expires_in_s = 3600};
    auto const made = add(wish);
    auto const* const token = std::get_if<access::MadeApiToken>(&made);
    REQUIRE(token);
    CHECK(token->secret.starts_with("rc_"));
    CHECK(token->token.secret_sha256 == sha256_hex(token->secret));
    auto const program = access->identify_program(token->secret);
    REQUIRE(program);
    CHECK(program->scope == acme);
    CHECK(program->permissions == Permissions{Permission::devices_read, Permission::devices_write});
    CHECK(access->tokens(ada.identity)->front().used_ms == clock.now_ms());

    auto const field = [&](auto change) {
        auto changed = wish;
        change(changed);
        return refusal(add(changed));
    };
    CHECK(field([](auto& w) { w.name = ""; }) == "bad_input name");
    CHECK(field([](auto& w) { w.permissions = {}; }) == "bad_input permissions");
    CHECK(field([](auto& w) { w.permissions = {Permission::audit_read}; }) == "refused permissions");
    CHECK(field([](auto& w) { w.scope = {.all = false, .customers = {"globex"}}; }) == "refused customers");
    CHECK(field([](auto& w) { w.expires_in_s = 1; }) == "bad_input expires_in_s");

    auto const now = read(ada);
    REQUIRE(std::holds_alternative<store::Technician>(access->staff().change(
        admin.identity, now.id, {.name = "Ada", .role_id = "read-only", .scope = acme, .version = now.version})));
    CHECK(access->standing(*program) == Standing::changed);
    CHECK(access->identify_program(token->secret)->permissions == Permissions{Permission::devices_read});
    clock.advance(1h);
    CHECK_FALSE(access->identify_program(token->secret));
    CHECK(access->standing(*program) == Standing::ended);

    auto const again = access->identify(ada.cookie);
    REQUIRE(again);
    auto const second = access->add_token(
        *again, {.name = "b", .permissions = {Permission::alerts_read}, .scope = acme, .expires_in_s = 60});
    auto const& kept = std::get<access::MadeApiToken>(second);
    CHECK(access->remove_token(admin.identity, kept.token.id).error().code == errc::not_found);
    REQUIRE(access->remove_token(ada.identity, kept.token.id));
    CHECK_FALSE(access->identify_program(kept.secret));
    for (auto const* const secret : {"", "rc_", "rc_made-up", "Bearer"})
        CHECK_FALSE(access->identify_program(secret));
}

namespace
{

/// acme has House, in which Desk lies, and Yard.
struct FolderStaffFixture : StaffFixture {
    FolderStaffFixture()
    {
        for (auto const& [id, parent] : {std::pair("house", ""), std::pair("desk", "house"), std::pair("yard", "")})
            add_folder(id, parent);
    }
    void add_folder(std::string const& id, std::string const& parent)
    {
        store::Folder const made{.id = id, .customer_id = "acme", .parent_id = parent, .name = id, .created_ms = 1};
        REQUIRE(store->write([&](sqlite::Database& db) { return store::add_folder(db, made); }));
    }
    static store::Scope folders(store::Scope::Ids ids)
    {
        store::Scope scope{.all = false, .customers = {}};
        scope.folders["acme"] = std::move(ids);
        return scope;
    }
    store::Scope scope_of(access::LoggedIn const& whom)
    {
        auto const now = access->identify(whom.cookie);
        REQUIRE(now);
        return now->scope;
    }
};

} // namespace

TEST_CASE_FIXTURE(FolderStaffFixture,
                  "staff: a limit to a folder is one to all that lies in it, also to what comes later")
{
    auto const ada = hire("Ada", "admin", folders({"house"}));
    CHECK(ada.identity.technician.scope == folders({"house"}));
    CHECK(scope_of(ada) == folders({"house", "desk"}));
    add_folder("drawer", "desk");
    CHECK(scope_of(ada) == folders({"house", "desk", "drawer"}));
    CHECK(scope_of(ada).sees("acme", "drawer"));
    CHECK_FALSE(scope_of(ada).sees("acme", "yard"));
    CHECK_FALSE(scope_of(ada).sees("acme", ""));
    CHECK_FALSE(scope_of(ada).sees("acme"));
    CHECK(scope_of(ada).sees_some_of("acme"));
    CHECK(access->standing(ada.identity) == Standing::changed);

    // Nobody gives more than he sees, and a token has no more than its technician.
    auto const who = *access->identify(ada.cookie);
    auto const give = [&](store::Scope const& scope) {
        return refusal(access->staff().add(who, {.name = "Bob", .role_id = "read-only", .scope = scope}));
    };
    CHECK(give(folders({"yard"})) == "refused folders");
    CHECK(give(acme) == "refused customers");
    CHECK(give(folders({"drawer"})) == "");
    auto const token = [&](store::Scope const& scope) {
        return access->add_token(
            who, {.name = "t", .permissions = {Permission::devices_read}, .scope = scope, .expires_in_s = 3600});
    };
    CHECK(refusal(token(folders({"yard"}))) == "refused folders");
    auto const made = std::get<access::MadeApiToken>(token(folders({"desk"})));
    CHECK(access->identify_program(made.secret)->scope == folders({"desk", "drawer"}));
    CHECK(access->tokens(who)->front().scope == folders({"desk"}));
    CHECK(refusal(access->staff().add(admin.identity,
                                      {.name = "C", .role_id = "read-only", .scope = folders({"nowhere"})})) ==
          "bad_input folders");
}

TEST_CASE_FIXTURE(FolderStaffFixture, "staff: with the folder goes the limit, and who has none left sees nothing")
{
    auto const ada = hire("Ada", "admin", folders({"desk", "yard"}));
    auto const remove = [&](std::string const& id) {
        REQUIRE(store->write([&](sqlite::Database& db) { return store::delete_folder(db, id); }));
    };
    remove("desk");
    CHECK(scope_of(ada) == folders({"yard"}));
    remove("yard");
    CHECK(scope_of(ada) == store::Scope{.all = false, .customers = {}});
    CHECK(read(ada).scope == store::Scope{.all = false, .customers = {}});
    CHECK_FALSE(scope_of(ada).sees("acme", "house"));
    CHECK_FALSE(scope_of(ada).sees_some_of("acme"));
    CHECK_FALSE(scope_of(ada).covers(acme));

    // Those of other customers, who covered nothing of hers before, do not find her now, either.
    auto const bob = hire("Bob", "admin", {.all = false, .customers = {"globex"}});
    CHECK(refusal(access->staff().technician(bob.identity, ada.identity.technician.id)) == "not_found ");
    CHECK(refusal(access->staff().reset_password(bob.identity, ada.identity.technician.id)) == "not_found ");
    CHECK(refusal(access->staff().technician(admin.identity, ada.identity.technician.id)) == "");
}

TEST_CASE_FIXTURE(FolderStaffFixture, "staff: limits with more folders in them than one may have are refused")
{
    REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
        for (std::size_t number = 0; number <= access::limits::folders_below; ++number) {
            auto const id = std::to_string(number);
            auto added = store::add_folder(
                db, {.id = id, .customer_id = "acme", .parent_id = "house", .name = id, .created_ms = 1});
            if (!added) return added;
        }
        return {};
    }));
    CHECK(refusal(access->staff().add(admin.identity,
                                      {.name = "C", .role_id = "read-only", .scope = folders({"house"})})) ==
          "limit_exceeded folders");
}

TEST_CASE("scope: what two of them see is what both do, in customers and in folders")
{
    store::Scope const one{.all = false, .customers = {"a", "b"}, .folders = {{"c", {"c1", "c2"}}}};
    store::Scope const other{.all = false, .customers = {"b", "c"}, .folders = {{"a", {"a1"}}, {"d", {"d1"}}}};
    store::Scope const common{.all = false, .customers = {"b"}, .folders = {{"a", {"a1"}}, {"c", {"c1", "c2"}}}};
    CHECK(store::Scope::both(one, other) == common);
    CHECK(store::Scope::both(other, one) == common);
    CHECK(store::Scope::both(store::Scope::everything(), one) == one);
    CHECK(one.covers(common));
    CHECK(other.covers(common));
    CHECK_FALSE(common.covers(one));
    CHECK_FALSE(one.covers(other));
}
