#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "collector/access/access.hpp"
#include "collector/access/limits.hpp"
#include "collector/access/password.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace std::chrono_literals;
using Standing = access::Access::Standing;

namespace
{

constexpr auto own_password = "correct horse battery";

struct Fixture {
    Fixture()
    {
        auto opened = store::Store::open({.file = folder / "test.db"});
        REQUIRE(opened);
        store = *std::move(opened);
        access = std::make_unique<access::Access>(*store, clock, access::Keys::make());
    }

    Result<access::LoggedIn> log_in(std::string_view name, std::string_view password,
                                    std::string_view remote = "192.0.2.1")
    {
        retry_after_s = 0;
        return access->log_in(name, password, remote, retry_after_s);
    }
    std::string first()
    {
        auto const password = access->first_password();
        REQUIRE(password);
        REQUIRE(password->has_value());
        return **password;
    }
    /// Somebody with a password of his own.
    access::LoggedIn own()
    {
        auto const password = first();
        auto const entered = log_in("admin", password);
        REQUIRE(entered);
        REQUIRE(access->change_password(entered->identity, password, own_password, retry_after_s));
        auto again = log_in("admin", own_password);
        REQUIRE(again);
        return *again;
    }

    support::TempDir folder;
    support::ManualClock clock;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<access::Access> access;
    std::int64_t retry_after_s = 0;
};

} // namespace

TEST_CASE("password: what is hashed is verified, and nothing else")
{
    auto const hash = access::hash_password("secret sentence");
    CHECK(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    CHECK(access::verify_password(hash, "secret sentence"));
    CHECK_FALSE(access::verify_password(hash, "secret sentencE"));
    CHECK_FALSE(access::verify_password(hash, ""));
    CHECK_FALSE(access::verify_password("rubbish", "secret sentence"));
    CHECK(access::hash_password("secret sentence") != hash);
}

TEST_CASE("password: too short, too long, the name and the old one are refused with a sentence")
{
    using access::password_fault;
    CHECK(password_fault("elevenchars", "admin", "x"));
    CHECK_FALSE(password_fault("twelve chars", "admin", "x"));
    CHECK_FALSE(password_fault("zwölf Zeiche", "admin", "x"));
    CHECK(password_fault("öööööö", "admin", "x"));
    CHECK_FALSE(password_fault(std::string(256, 'a'), "admin", "x"));
    CHECK(password_fault(std::string(257, 'a'), "admin", "x"));
    CHECK(password_fault("Administrator", "administrator", "x"));
    CHECK(password_fault("the same as before", "admin", "the same as before"));
}

TEST_CASE_FIXTURE(Fixture, "access: the first password lets in once, must be changed, and a new start gives another")
{
    auto const one = first();
    auto const two = first();
    CHECK(one != two);
    CHECK_FALSE(log_in("admin", one));
    auto const entered = log_in("admin", two);
    REQUIRE(entered);
    CHECK(entered->identity.technician.must_change_password);
    REQUIRE(access->change_password(entered->identity, two, own_password, retry_after_s));
    auto const none = access->first_password();
    REQUIRE(none);
    CHECK_FALSE(none->has_value());
    auto const now = access->identify(entered->cookie);
    REQUIRE(now);
    CHECK_FALSE(now->technician.must_change_password);
}

TEST_CASE_FIXTURE(Fixture, "access: a first password that nobody used in a day is void")
{
    auto const password = first();
    clock.advance(24h);
    auto const entered = log_in("admin", password);
    REQUIRE_FALSE(entered);
    CHECK(entered.error().code == errc::unauthenticated);
}

TEST_CASE_FIXTURE(Fixture, "access: neither password, cookie nor a mistyped name stands in the log or in the database")
{
    log::Capture const capture;
    auto const password = first();
    auto const entered = log_in("admin", password);
    REQUIRE(entered);
    CHECK_FALSE(log_in("my secret passw0rd", "x"));
    for (auto const& line : capture.lines()) {
        CHECK(line.find(password) == std::string::npos);
        CHECK(line.find(entered->cookie) == std::string::npos);
        CHECK(line.find("passw0rd") == std::string::npos);
    }
    CHECK(entered->identity.session.secret_sha256 == sha256_hex(entered->cookie));
    CHECK(capture.has("access.log_in_failed"));
}

TEST_CASE_FIXTURE(Fixture, "access: wrong name and wrong password are refused alike, and slowed down by name")
{
    auto const password = first();
    for (int failure = 0; failure < 4; ++failure) {
        auto const refused = log_in("admin", "wrong", "192.0.2." + std::to_string(failure));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::unauthenticated);
    }
    auto const slowed = log_in("admin", password, "192.0.2.77");
    REQUIRE_FALSE(slowed);
    CHECK(slowed.error().code == errc::busy);
    CHECK(retry_after_s == 1);
    clock.advance(1s);
    CHECK(log_in("admin", password, "192.0.2.77"));

    auto const unknown = log_in("nobody", "wrong");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == errc::unauthenticated);
}

TEST_CASE_FIXTURE(Fixture, "access: one address that tries many names is slowed down")
{
    for (int failure = 0; failure < 4; ++failure)
        CHECK_FALSE(log_in("name" + std::to_string(failure), "wrong"));
    auto const slowed = log_in("name9", "wrong");
    REQUIRE_FALSE(slowed);
    CHECK(slowed.error().code == errc::busy);
    CHECK(retry_after_s == 1);
    CHECK(log_in("name9", "wrong", "198.51.100.1").error().code == errc::unauthenticated);
}

TEST_CASE_FIXTURE(Fixture, "access: a session ends after two hours without use and after twelve hours with")
{
    auto const entered = own();
    clock.advance(119min);
    REQUIRE(access->identify(entered.cookie));
    clock.advance(119min);
    REQUIRE(access->identify(entered.cookie));
    clock.advance(2h);
    CHECK_FALSE(access->identify(entered.cookie));

    auto const second = log_in("admin", own_password);
    REQUIRE(second);
    for (int hour = 0; hour < 11; ++hour) {
        clock.advance(1h);
        REQUIRE(access->identify(second->cookie));
    }
    CHECK(access->standing(second->identity) == Standing::same);
    clock.advance(1h);
    CHECK_FALSE(access->identify(second->cookie));
    CHECK(access->standing(second->identity) == Standing::ended);
}

TEST_CASE_FIXTURE(Fixture, "access: log-out ends the session, tells listeners, and the cookie is worth nothing")
{
    auto const entered = own();
    int told = 0;
    access->when_sessions_end([&] { ++told; });
    REQUIRE(access->log_out(entered.identity));
    CHECK(told == 1);
    CHECK_FALSE(access->identify(entered.cookie));
    CHECK(access->standing(entered.identity) == Standing::ended);
}

TEST_CASE_FIXTURE(Fixture, "access: a changed password ends the other sessions and keeps this one")
{
    auto const here = own();
    auto const elsewhere = log_in("admin", own_password);
    REQUIRE(elsewhere);
    REQUIRE(access->change_password(here.identity, own_password, "another long sentence", retry_after_s));
    CHECK(access->identify(here.cookie));
    CHECK_FALSE(access->identify(elsewhere->cookie));
    CHECK_FALSE(log_in("admin", own_password));
    CHECK(log_in("admin", "another long sentence"));
}

TEST_CASE_FIXTURE(Fixture, "access: a wrong current password changes nothing and is slowed down")
{
    auto const entered = own();
    for (int failure = 0; failure < 4; ++failure) {
        auto const refused = access->change_password(entered.identity, "wrong", "another long sentence", retry_after_s);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::unauthenticated);
    }
    auto const slowed = access->change_password(entered.identity, own_password, "another long sentence", retry_after_s);
    REQUIRE_FALSE(slowed);
    CHECK(slowed.error().code == errc::busy);
    CHECK(retry_after_s == 1);
}

TEST_CASE_FIXTURE(Fixture, "access: reset gives a first password again, ends sessions, and knows no strangers")
{
    auto const entered = own();
    auto const fresh = access->reset_password("admin");
    REQUIRE(fresh);
    CHECK_FALSE(access->identify(entered.cookie));
    CHECK_FALSE(log_in("admin", own_password));
    auto const again = log_in("admin", *fresh);
    REQUIRE(again);
    CHECK(again->identity.technician.must_change_password);
    auto const stranger = access->reset_password("nobody");
    REQUIRE_FALSE(stranger);
    CHECK(stranger.error().code == errc::not_found);
}

TEST_CASE_FIXTURE(Fixture, "access: cookies that are none, too long or made up belong to nobody")
{
    static_cast<void>(own());
    for (auto const& cookie : {std::string(), std::string(10'000, 'a'), std::string("\0\xff", 2), make_secret(32)})
        CHECK_FALSE(access->identify(cookie));
}
