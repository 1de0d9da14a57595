#include <cstring>

#include <doctest/doctest.h>
#include <lastlog.h>
#include <utmp.h>

#include "platform/linux/utmp.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

static std::string record(short type, char const* user, char const* line, char const* host, std::uint32_t seconds)
{
    struct utmp raw {
    };
    raw.ut_type = type;
    raw.ut_pid = 42;
    std::memcpy(raw.ut_user, user, std::min(std::strlen(user), sizeof raw.ut_user));
    std::memcpy(raw.ut_line, line, std::min(std::strlen(line), sizeof raw.ut_line));
    std::memcpy(raw.ut_host, host, std::min(std::strlen(host), sizeof raw.ut_host));
    raw.ut_tv.tv_sec = static_cast<std::int32_t>(seconds);
    return {reinterpret_cast<char const*>(&raw), sizeof raw};
}

TEST_CASE("utmp: a recorded wtmp holds two log-ins")
{
    auto const records = parse_utmp(test::fixture("vm/var/log/wtmp"));
    REQUIRE(records.size() == 2);
    CHECK(records[0].user == "root");
    CHECK(records[0].terminal == "pts/1");
    CHECK(records[0].from.empty());
    CHECK(records[1].at_ms > records[0].at_ms);
    CHECK(login_kind(records[0]) == "console");
}

TEST_CASE("utmp: log-outs, boots and nameless records are no log-ins")
{
    CHECK(parse_utmp(record(DEAD_PROCESS, "a", "tty1", "", 5)).empty());
    CHECK(parse_utmp(record(BOOT_TIME, "reboot", "~", "6.1", 5)).empty());
    CHECK(parse_utmp(record(USER_PROCESS, "", "tty1", "", 5)).empty());
}

TEST_CASE("utmp: fields without a final zero and times past 2038 are read")
{
    std::string const long_name(40, 'x');
    auto const records = parse_utmp(record(USER_PROCESS, long_name.c_str(), "pts/0", "2001:db8::1", 0xF0000000U));
    REQUIRE(records.size() == 1);
    CHECK(records[0].user == std::string(UT_NAMESIZE, 'x'));
    CHECK(records[0].at_ms == UnixMs{0xF0000000U} * 1000);
    CHECK(login_kind(records[0]) == "remote");
    CHECK(login_kind(parse_utmp(record(USER_PROCESS, "a", "tty7", ":0", 5))[0]) == "desktop");
}

TEST_CASE("utmp: lastlog is found by the user's number")
{
    auto const users = parse_passwd("root:x:0:0::/root:/bin/sh\nann:x:2:2::/:/bin/sh\nfar:x:4000000000:2::/:\n:x:1:1::/"
                                    ":\nbad line\nx:y\nbig:x:99999999999:1\n");
    CHECK(users.size() == 3);
    std::string bytes(3 * sizeof(struct lastlog), 0);
    struct lastlog entry {
    };
    entry.ll_time = 1000;
    std::memcpy(entry.ll_host, "198.51.100.7", 12);
    std::memcpy(bytes.data() + 2 * sizeof entry, &entry, sizeof entry);
    auto const newest = newest_lastlog(bytes, users);
    REQUIRE(newest);
    CHECK(newest->user == "ann");
    CHECK(newest->at_ms == 1'000'000);
    CHECK(newest->from == "198.51.100.7");
    CHECK_FALSE(newest_lastlog(std::string_view(bytes).substr(0, bytes.size() - 1), users));
    CHECK_FALSE(newest_lastlog({}, users));
}

TEST_CASE("utmp: torn and hostile files do no harm")
{
    test::torment(test::fixture("vm/var/log/wtmp"), [](std::string_view bytes) {
        for (auto const& one : parse_utmp(bytes))
            CHECK(!login_kind(one).empty());
        return newest_lastlog(bytes, {{0, "root"}, {1, "x"}, {UINT32_MAX, "y"}}).has_value();
    });
    test::torment("root:x:0:0:root:/root:/bin/bash\n", [](std::string_view text) { return parse_passwd(text).size(); });
}
