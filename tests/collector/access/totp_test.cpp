#include <doctest/doctest.h>

#include <set>

#include "collector/access/totp.hpp"

using namespace rollcall;
using namespace rollcall::access;

TEST_CASE("totp: the codes are those of RFC 6238, appendix B")
{
    static constexpr std::string_view secret = "12345678901234567890";
    struct Example {
        std::int64_t seconds;
        std::string_view code;
    };
    for (auto const& example : {Example{59, "94287082"}, Example{1'111'111'109, "07081804"},
                                Example{1'111'111'111, "14050471"}, Example{1'234'567'890, "89005924"},
                                Example{2'000'000'000, "69279037"}, Example{20'000'000'000, "65353130"}}) {
        auto const step = totp_step_at(example.seconds * 1000);
        CHECK(totp_code(secret, step, 8) == example.code);
        CHECK(totp_code(secret, step) == example.code.substr(2));
    }
}

TEST_CASE("totp: a code counts for its period and those beside it, and only once")
{
    static constexpr std::string_view secret = "12345678901234567890";
    constexpr UnixMs now = 1'800'000'015'000;
    auto const step = totp_step_at(now);
    auto const code = totp_code(secret, step);
    CHECK(match_totp(secret, code, now, 0) == step);
    CHECK(match_totp(secret, code, now + 30'000, 0) == step);
    CHECK(match_totp(secret, code, now - 30'000, 0) == step);
    CHECK_FALSE(match_totp(secret, code, now + 60'000, 0));
    CHECK_FALSE(match_totp(secret, code, now - 60'000, 0));
    CHECK_FALSE(match_totp(secret, code, now, step));
    CHECK_FALSE(match_totp("another secret here!", code, now, 0));
    for (auto const* const typed : {"", "1", "abcdef", "0000000000000000"})
        CHECK_FALSE(match_totp(secret, typed, now, 0));
}

TEST_CASE("totp: base32 is that of RFC 4648, without padding, and the address keeps every name")
{
    CHECK(base32_encode("") == "");
    CHECK(base32_encode("f") == "MY");
    CHECK(base32_encode("fo") == "MZXQ");
    CHECK(base32_encode("foo") == "MZXW6");
    CHECK(base32_encode("foob") == "MZXW6YQ");
    CHECK(base32_encode("fooba") == "MZXW6YTB");
    CHECK(base32_encode("foobar") == "MZXW6YTBOI");
    CHECK(totp_uri("foo", "Zoë & Co/1") ==
          "otpauth://totp/Rollcall:Zo%C3%AB%20%26%20Co%2F1?secret=MZXW6&issuer=Rollcall");
}

TEST_CASE("totp: recovery codes differ, and are read however they are typed")
{
    auto const codes = make_recovery_codes();
    CHECK(codes.size() == recovery_codes);
    CHECK(std::set<std::string>(codes.begin(), codes.end()).size() == recovery_codes);
    CHECK(plain_recovery_code("ABCD-efgh 2345-6789") == "abcdefgh23456789");
}
