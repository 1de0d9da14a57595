#include <doctest/doctest.h>

#include "platform/windows/bitlocker.hpp"
#include "platform/windows/firewall_rules.hpp"
#include "platform/windows/log_position.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("bitlocker: encrypted is what is encrypted wholly and protected")
{
    auto const volume = judge_bitlocker("C:\\", {.protection = 1, .conversion = 1, .method = 6});
    CHECK(volume.mount_point == "C:\\");
    CHECK(*volume.encrypted);
    CHECK(*volume.method == "BitLocker, XTS-AES 128");
    CHECK(*judge_bitlocker("C:\\", {.protection = 1}).method == "BitLocker");
    CHECK(*judge_bitlocker("C:\\", {.protection = 1, .method = 99}).method == "BitLocker");
}

TEST_CASE("bitlocker: suspended, half done and plain volumes are not encrypted; a locked one does not tell")
{
    CHECK_FALSE(*judge_bitlocker("C:\\", {.protection = 0, .conversion = 1, .method = 6}).encrypted);
    CHECK_FALSE(*judge_bitlocker("C:\\", {.protection = 1, .conversion = 2, .method = 6}).encrypted);
    CHECK_FALSE(*judge_bitlocker("C:\\", {.protection = 0, .conversion = 0, .method = 0}).encrypted);
    CHECK(judge_bitlocker("C:\\", {.protection = 0}).method->empty());
    CHECK(reason(judge_bitlocker("D:\\", {.protection = 2}).encrypted.error()) == "not_supported");
    CHECK_FALSE(judge_bitlocker("D:\\", {}).method);
}

TEST_CASE("firewall_rules: one network without a firewall is a hole")
{
    auto facts = judge_firewall({{.enabled = true, .blocks_by_default = true}}, {});
    CHECK(*facts.filters_incoming);
    CHECK(*facts.drops_by_default);
    CHECK(*facts.manager == "Windows Firewall");
    facts = judge_firewall({{.enabled = true, .blocks_by_default = true}, {.enabled = true}}, {});
    CHECK(*facts.filters_incoming);
    CHECK_FALSE(*facts.drops_by_default);
    facts = judge_firewall({{.enabled = true, .blocks_by_default = true}, {.blocks_by_default = true}}, {});
    CHECK_FALSE(*facts.filters_incoming);
    CHECK_FALSE(*facts.drops_by_default);
    CHECK(facts.manager->empty());
}

TEST_CASE("firewall_rules: where another maker's took over, what it does is unknown and not nothing")
{
    auto const off = judge_firewall({{.blocks_by_default = true}}, {"Example Security"});
    CHECK(reason(off.filters_incoming.error()) == "not_supported");
    CHECK(reason(off.drops_by_default.error()) == "not_supported");
    CHECK(*off.manager == "Example Security");
    // One that is registered and does not do it.
    auto const on = judge_firewall({{.enabled = true, .blocks_by_default = true}}, {"Example VPN"});
    CHECK(*on.filters_incoming);
    CHECK(*on.manager == "Windows Firewall");
}

TEST_CASE("log_position: critical records and errors are told, warnings and those without a level are not")
{
    CHECK(is_error_level(1));
    CHECK(is_error_level(2));
    for (auto const level : {0U, 3U, 4U, 5U, 16U})
        CHECK_FALSE(is_error_level(level));
}

TEST_CASE("log_position: a position is read as it was written, and nothing else is one")
{
    CHECK(to_text({.record_id = 4'711}) == "record 4711");
    auto const position = parse_log_position("record 4711");
    REQUIRE(position);
    CHECK(position->record_id == 4'711);
    for (auto const* const odd :
         {"", "record ", "record x", "record 1 ", "record -1", "s=abc;i=12", "record 99999999999999999999999"})
        CHECK_FALSE(parse_log_position(odd));
}

TEST_CASE("log_position: what writes about log-ins is known by its name")
{
    CHECK(is_about_logins("LsaSrv"));
    CHECK(is_about_logins("Microsoft-Windows-Security-Kerberos"));
    CHECK_FALSE(is_about_logins("Service Control Manager"));
    CHECK_FALSE(is_about_logins("disk"));
}
