#include <set>

#include <doctest/doctest.h>

#include "common/core/awake_time.hpp"
#include "common/core/ids.hpp"
#include "common/core/result.hpp"
#include "common/core/text.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace std::chrono_literals;

TEST_CASE("result: a trace grows outwards and keeps its code")
{
    auto const error = fail(fail(errc::timed_out, "10.0.0.7:8443"), "connect");
    CHECK(error.trace == "connect: 10.0.0.7:8443");
    CHECK(error.code == make_error_code(errc::timed_out));
    CHECK(reason(error) == "timed_out");
}

TEST_CASE("result: the system's errors become the product's words")
{
    CHECK(reason(fail_errno(EACCES, "x")) == "permission_denied");
    CHECK(reason(fail_errno(ENOENT, "x")) == "not_found");
    CHECK(reason(fail_errno(EIO, "x")) == "io");
    CHECK(fail_errno(ENOENT, "/etc/nothing").trace.starts_with("/etc/nothing: No such file"));
}

TEST_CASE("ids: a UUID is well-formed, of version 7, and sorts by time")
{
    auto const early = make_uuid(1'700'000'000'000);
    auto const late = make_uuid(1'700'000'000'001);
    CHECK(is_uuid(early));
    CHECK(early[14] == '7');
    CHECK(early < late);
    CHECK_FALSE(is_uuid("018bcfe5-6800-7000-8000-00000000000G"));
    CHECK_FALSE(is_uuid(""));
    std::set<std::string> many;
    for (int i = 0; i < 1000; ++i)
        many.insert(make_uuid(1));
    CHECK(many.size() == 1000);
}

TEST_CASE("ids: base64url returns what went in, and refuses what is not")
{
    for (std::string const& text :
         {std::string(), std::string("f"), std::string("fo"), std::string("foo"), std::string("\x00\xff\xfe\x01", 4)}) {
        bool ok = false;
        CHECK(base64url_decode(base64url_encode(text), ok) == text);
        CHECK(ok);
    }
    bool ok = true;
    (void)base64url_decode("ab+/", ok);
    CHECK_FALSE(ok);
    CHECK(base64url_decode("ZA", ok) == "d");
    CHECK(ok);
    (void)base64url_decode("ZB", ok);
    CHECK_FALSE(ok);
    (void)base64url_decode("a", ok);
    CHECK_FALSE(ok);
}

TEST_CASE("ids: a digest is the known one")
{
    // FIPS 180-2, appendix B.1
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(equal_constant_time("abc", "abc"));
    CHECK_FALSE(equal_constant_time("abc", "abd"));
    CHECK_FALSE(equal_constant_time("abc", "ab"));
}

TEST_CASE("text: ill-formed UTF-8 is seen and replaced, well-formed of every length is kept")
{
    for (std::string const good : {"a", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"}) {
        CHECK(is_utf8(good));
        CHECK(clean_text(good) == good);
    }
    for (std::string const bad : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80", "\xFF"}) {
        CHECK_FALSE(is_utf8(bad));
        CHECK(is_utf8(clean_text(bad)));
    }
    CHECK(clean_text(std::string_view("a\0b", 3)) == "a\xEF\xBF\xBD"
                                                     "b");
    CHECK(clean_text("a\x1b[31m") == "a\xEF\xBF\xBD[31m");
    CHECK(clean_text("\xC2\x9B") == "\xEF\xBF\xBD");
}

TEST_CASE("text: a cut falls between characters")
{
    CHECK(clean_text("a\xE2\x82\xAC"
                     "b",
                     3) == "a");
    CHECK(clean_text("a\xE2\x82\xAC"
                     "b",
                     4) == "a\xE2\x82\xAC");
    CHECK(count_characters("a\xE2\x82\xAC"
                           "b") == 3);
}

TEST_CASE("awake time: of a sleep between two looks no more counts than a look may")
{
    AwakeTime awake(1000ms);
    awake.look(1700ms, 2s);
    CHECK(awake.spent() == 700ms);
    awake.look(1700ms + 8h, 2s);
    CHECK(awake.spent() == 2700ms);
    awake.look(2200ms + 8h, 2s);
    CHECK(awake.spent() == 3200ms);
}
