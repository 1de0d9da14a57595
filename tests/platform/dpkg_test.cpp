#include <doctest/doctest.h>

#include "platform/linux/dpkg.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("dpkg: a recorded status file is read whole")
{
    auto const packages = parse_dpkg_status(test::fixture("vm/var/lib/dpkg/status"));
    REQUIRE(packages.size() == 6);
    auto const bash = std::find_if(packages.begin(), packages.end(), [](auto const& p) { return p.name == "bash"; });
    REQUIRE(bash != packages.end());
    CHECK(bash->version.starts_with("5.2.15"));
    CHECK(*bash->architecture == "amd64");
    CHECK(*bash->size_bytes > 1'000'000);
    CHECK(bash->publisher->find('@') != std::string::npos);
}

TEST_CASE("dpkg: what is removed, half installed or broken is not installed")
{
    CHECK(parse_dpkg_status("Package: a\nStatus: deinstall ok config-files\nVersion: 1\n").empty());
    CHECK(parse_dpkg_status("Package: a\nStatus: install ok half-installed\nVersion: 1\n").empty());
    CHECK(parse_dpkg_status("Package: a\nStatus: install ok installed\n").empty());
    CHECK(parse_dpkg_status("Status: install ok installed\nVersion: 1\n").empty());
    CHECK(parse_dpkg_status("").empty());
    // A held package is installed.
    CHECK(parse_dpkg_status("Package: a\nStatus: hold ok installed\nVersion: 1").size() == 1);
}

TEST_CASE("dpkg: the same package of two architectures is two rows")
{
    std::string const text = "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2\n\n"
                             "Package: libc6\nStatus: install ok installed\nArchitecture: i386\nVersion: 2\n";
    auto const packages = parse_dpkg_status(text);
    REQUIRE(packages.size() == 2);
    CHECK(packages[0].name == "libc6:amd64");
    CHECK(packages[1].name == "libc6:i386");
}

TEST_CASE("dpkg: a size that is missing or impossible is unknown, not zero")
{
    std::string const head = "Package: a\nStatus: install ok installed\nVersion: 1\n";
    CHECK_FALSE(parse_dpkg_status(head)[0].size_bytes);
    CHECK_FALSE(parse_dpkg_status(head + "Installed-Size: -1\n")[0].size_bytes);
    CHECK_FALSE(parse_dpkg_status(head + "Installed-Size: 99999999999999999\n")[0].size_bytes);
    CHECK(*parse_dpkg_status(head + "Installed-Size: 3\n")[0].size_bytes == 3072);
    // A continuation line is no field.
    CHECK_FALSE(parse_dpkg_status(head + "Description: x\n Installed-Size: 3\n")[0].size_bytes);
}

TEST_CASE("dpkg: torn and hostile files do no harm")
{
    test::torment(test::fixture("vm/var/lib/dpkg/status"),
                  [](std::string_view text) { return parse_dpkg_status(text).size(); });
    auto const hostile =
        parse_dpkg_status("Package: " + test::hostile_name() + "\nStatus: install ok installed\nVersion: 1\n");
    CHECK(hostile.size() == 1);
}

TEST_CASE("dpkg: a hundred thousand packages are read")
{
    std::string text;
    for (int i = 0; i < 100'000; ++i)
        text += fmt::format("Package: p{}\nStatus: install ok installed\nVersion: {}\n\n", i, i);
    CHECK(parse_dpkg_status(text).size() == 100'000);
}
