#include <doctest/doctest.h>

#include "platform/linux/apt.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("apt: a recorded simulation is read whole")
{
    auto const patches = parse_apt_simulation(test::fixture("apt/simulate.txt"));
    REQUIRE(patches.size() == 14);
    CHECK(patches[0].package == "base-files");
    CHECK(patches[0].installed_version == "12.4+deb12u11");
    CHECK(patches[0].available_version == "12.4+deb12u15");
    CHECK(patches[0].origin == "Debian:12.15/oldstable");
    CHECK_FALSE(*patches[0].security);
    auto const perl = std::find_if(patches.begin(), patches.end(), [](auto const& p) { return p.package == "perl"; });
    REQUIRE(perl != patches.end());
    CHECK(perl->security);
    CHECK(perl->origin == "Debian-Security:12/oldstable-security");
}

TEST_CASE("apt: sizes are found by name and version, with escaped characters")
{
    auto const sizes = parse_apt_uris(test::fixture("apt/uris.txt"));
    CHECK(sizes.at("base-files 12.4+deb12u15") == 70936);
    auto const epoch = parse_apt_uris("'http://x/login_1%3a4.13_amd64.deb' login_1%3a4.13_amd64.deb 12 SHA256:00\n");
    CHECK(epoch.at("login 1:4.13") == 12);
}

TEST_CASE("apt: a new dependency has no installed version, and several origins count")
{
    auto const patches = parse_apt_simulation(
        "Inst linux-image-6.1.0-28-amd64 (6.1.119-1 Debian:12.8/stable, Debian-Security:12/stable-security [amd64])\n"
        "Inst libc6:i386 [2.35-0ubuntu3] (2.35-0ubuntu3.8 Ubuntu:22.04/jammy-updates [i386])\n");
    REQUIRE(patches.size() == 2);
    CHECK(patches[0].installed_version.empty());
    CHECK(*patches[0].security);
    CHECK(patches[1].package == "libc6:i386");
    CHECK_FALSE(*patches[1].security);
}

TEST_CASE("apt: security is told by label or suite, never by a word within a name")
{
    CHECK(is_security_origin("Debian-Security:12/stable-security"));
    CHECK(is_security_origin("Ubuntu:22.04/jammy-updates, Ubuntu:22.04/jammy-security"));
    CHECK(is_security_origin("UbuntuESMApps:22.04/jammy-apps-security"));
    CHECK_FALSE(is_security_origin("Debian:12.8/stable"));
    CHECK_FALSE(is_security_origin("securitycompany:1/stable"));
    CHECK_FALSE(is_security_origin("x-security-tools:1/security-tools"));
    CHECK_FALSE(is_security_origin(""));
}

TEST_CASE("apt: lines that make no sense are skipped")
{
    for (auto const* const line :
         {"Inst", "Inst ", "Inst name", "Inst name [1", "Inst name [1] (", "Inst name ()", "Inst  (2)", "Remv x [1]"})
        CHECK(parse_apt_simulation(line).empty());
    CHECK(parse_apt_uris("http://x a_1_b.deb 5").empty());
    CHECK(parse_apt_uris("'http://x' a_1_b.deb -5").empty());
    CHECK(parse_apt_uris("'http://x' a.deb 5").empty());
    CHECK(parse_apt_uris("'http://x' a_1_b.deb 99999999999999999999").empty());
}

TEST_CASE("apt: torn and hostile output does no harm")
{
    test::torment(test::fixture("apt/simulate.txt"),
                  [](std::string_view text) { return parse_apt_simulation(text).size(); });
    test::torment(test::fixture("apt/uris.txt"), [](std::string_view text) { return parse_apt_uris(text).size(); });
    auto const hostile = parse_apt_simulation("Inst " + test::hostile_name() + " [1] (2 X:1/y [all])\n");
    CHECK(hostile.size() <= 1);
}
