#include <algorithm>

#include <doctest/doctest.h>

#include "platform/linux/bundles.hpp"
#include "platform/linux/needs_restarting.hpp"
#include "platform/linux/pacman.hpp"
#include "platform/linux/rpm.hpp"
#include "platform/linux/zypper.hpp"
#include "platform/reboot.hpp"
#include "platform/software.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/tree.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using test::Tree;

namespace
{

// Written in the forms we ask the tools for; the others as their manuals show them.
constexpr std::string_view installed = "bash\tx86_64\t5.1.8-6.el9\tRocky Enterprise\t7738778\n"
                                       "glibc\tx86_64\t2.34-83.el9\tRocky\t6000000\n"
                                       "glibc\ti686\t2.34-83.el9\tRocky\t6000001\n"
                                       "kernel-core\tx86_64\t5.14.0-362.8.1.el9\tRocky\t100\n"
                                       "kernel-core\tx86_64\t5.14.0-362.18.1.el9\tRocky\t100\n"
                                       "openssl-libs\tx86_64\t1:3.0.7-24.el9\t(none)\tmany\n"
                                       "gpg-pubkey\t(none)\t350d275d-6279464b\t(none)\t0\n";
constexpr std::string_view upgrades = "bash\tx86_64\t5.1.8-9.el9\tbaseos\t1764044\n\n"
                                      "kernel-core\tx86_64\t5.14.0-427.el9\tbaseos\t18000000\n"
                                      "openssl-libs\tx86_64\t1:3.0.7-27.el9\tbaseos\t2200000\n"
                                      "new-thing\tnoarch\t1.0-1\tepel\tx\n";

constexpr std::string_view zypper_updates = R"(<?xml version='1.0'?>
<stream>
<message type="info">Loading repository data...</message>
<update-status version="0.6">
<update-list>
<update kind="package" name="bash" edition="4.4-150400.27.3.2" arch="x86_64" edition-old="4.4-150400.25.22"><summary>The GNU Shell</summary><description>a &lt;shell&gt;</description><license/><source url="https://example.org/u" alias="repo-sle-update"/></update>
<update kind="package" name="zlib" edition="1.2-2" arch="x86_64" edition-old="1.2-1"><source url="x" alias="main"/></update>
<update kind="package" name="zlib" edition="1.2-2" arch="i586" edition-old="1.2-1"><source url="x" alias="a &amp; b"/></update>
<update kind="patch" name="openSUSE-2024-1" edition="1"/>
</update-list>
</update-status>
</stream>
)";

Package const* package_named(std::vector<Package> const& packages, std::string_view name)
{
    auto const found =
        std::find_if(packages.begin(), packages.end(), [&](auto const& one) { return one.name == name; });
    return found == packages.end() ? nullptr : &*found;
}

} // namespace

TEST_CASE("rpm: each package once under a name of its own, keys left out")
{
    auto const packages = parse_rpm_list(installed);
    REQUIRE(packages.size() == 6);
    auto const* const bash = package_named(packages, "bash");
    REQUIRE(bash != nullptr);
    CHECK(bash->version == "5.1.8-6.el9");
    CHECK(*bash->architecture == "x86_64");
    CHECK(*bash->publisher == "Rocky Enterprise");
    CHECK(*bash->size_bytes == 7'738'778);
    CHECK(bash->source == "rpm");
    CHECK(package_named(packages, "glibc.i686") != nullptr);
    CHECK(package_named(packages, "kernel-core 5.14.0-362.8.1.el9") != nullptr);
    CHECK_FALSE(package_named(packages, "openssl-libs")->publisher);
    CHECK_FALSE(package_named(packages, "openssl-libs")->size_bytes);
    CHECK(parse_rpm_list("").empty());
    CHECK(parse_rpm_list("a\tb\tc\n\t\t\t\t\na\tb\tc\td\te\tf\n").empty());
    test::torment(std::string(installed), [](std::string_view text) { return parse_rpm_list(text).size(); });
}

TEST_CASE("dnf: upgrades with what is installed, and security by advisories of either dnf")
{
    auto patches = parse_dnf_upgrades(upgrades, installed);
    REQUIRE(patches.size() == 4);
    CHECK(patches[0].package == "bash");
    CHECK(patches[0].installed_version == "5.1.8-6.el9");
    CHECK(patches[0].available_version == "5.1.8-9.el9");
    CHECK(patches[0].origin == "baseos");
    CHECK(*patches[0].size_bytes == 1'764'044);
    CHECK(patches[1].installed_version == "5.14.0-362.18.1.el9"); // The newer of two.
    CHECK(patches[3].installed_version.empty());
    CHECK_FALSE(patches[3].size_bytes);
    CHECK_FALSE(patches[0].security); // Nobody said yet.

    for (std::string_view const advisories :
         {"RHSA-2024:1 Important/Sec. openssl-libs-3.0.7-27.el9.x86_64\n",
          "Name         Type     Severity                           Package              Issued\n"
          "RHSA-2024:1  security Important openssl-libs-3.0.7-27.el9.x86_64 2024-01-01 00:00:00\n"}) {
        auto const advised = parse_dnf_advisories(advisories);
        CHECK(advised.size() == 1);
        mark_security(patches, advised, upgrades);
        CHECK_FALSE(*patches[0].security);
        CHECK(*patches[2].security); // The epoch is not part of a file's name.
    }
    CHECK(parse_dnf_upgrades("", installed).empty());
    test::torment(std::string(upgrades), [](std::string_view text) {
        auto found = parse_dnf_upgrades(text, text);
        mark_security(found, parse_dnf_advisories(text), text);
        return found.size();
    });
}

TEST_CASE("dnf: what dnf 4.14 printed over a repository with two upgrades, one of them for security")
{
    auto const said = test::fixture("dnf/upgrades.txt");
    auto const rpms = test::fixture("dnf/installed.txt");
    auto patches = parse_dnf_upgrades(said, rpms);
    mark_security(patches, parse_dnf_advisories(test::fixture("dnf/advisories.txt")), said);
    REQUIRE(patches.size() == 2);
    CHECK(patches[0].package == "rollcall-sample-library");
    CHECK(patches[0].installed_version == "1.0-1");
    CHECK(patches[0].available_version == "1.1-1");
    CHECK(*patches[0].size_bytes == 6'142);
    CHECK(*patches[0].security);
    CHECK_FALSE(*patches[1].security);
    CHECK(parse_rpm_list(rpms).size() == 2);
    // Never downloaded: it ends with 0 and no line, which is not "nothing waits".
    auto const errors = test::fixture("dnf/no-cache.txt");
    CHECK(lacks_dnf_cache("", errors));
    CHECK_FALSE(lacks_dnf_cache(said, errors));
    CHECK_FALSE(lacks_dnf_cache("", ""));
}

TEST_CASE("zypper: what zypper 1.14 printed over the same repository")
{
    auto const patches = parse_zypper_updates(test::fixture("zypper/updates.xml"));
    REQUIRE(patches.size() == 2);
    CHECK(patches[0].package == "rollcall-sample-library");
    CHECK(patches[0].installed_version == "1.0-1");
    CHECK(patches[1].available_version == "1.1-1");
    CHECK(patches[1].origin == "rollcall");
    CHECK(parse_zypper_patches(test::fixture("zypper/patches.xml")) == std::vector<std::string>{"ROLLCALL-2026-1"});
    auto const advised = parse_zypper_conflicts(test::fixture("zypper/info.txt"));
    CHECK(advised.contains("rollcall-sample-library"));
    CHECK_FALSE(advised.contains("rollcall-sample-tool"));
    auto const none = test::fixture("zypper/no-repositories.xml");
    CHECK(lacks_zypper_repositories(none));
    CHECK(parse_zypper_updates(none).empty());
    CHECK_FALSE(lacks_zypper_repositories(test::fixture("zypper/updates.xml")));
}

TEST_CASE("pacman: what pacman 6.0 wrote")
{
    auto const patches = parse_pacman_upgrades(test::fixture("pacman/upgrades.txt"));
    REQUIRE(patches.size() == 1);
    CHECK(patches[0].package == "rollcall-sample");
    auto const package = parse_pacman_desc(test::fixture("pacman/desc.txt"));
    REQUIRE(package);
    CHECK(package->name == "rollcall-sample");
    CHECK(*package->architecture == "any");
    CHECK(*package->size_bytes == 6);
}

TEST_CASE("zypper: updates and where they come from; security by the patches that replace a package")
{
    auto const patches = parse_zypper_updates(zypper_updates);
    REQUIRE(patches.size() == 3);
    CHECK(patches[0].package == "bash");
    CHECK(patches[0].installed_version == "4.4-150400.25.22");
    CHECK(patches[0].available_version == "4.4-150400.27.3.2");
    CHECK(patches[0].origin == "repo-sle-update");
    CHECK(reason(patches[0].size_bytes.error()) == "not_supported");
    CHECK(patches[1].package == "zlib.x86_64");
    CHECK(patches[2].package == "zlib.i586");
    CHECK(patches[2].origin == "a & b");

    auto const names =
        parse_zypper_patches(R"(<update kind="patch" name="SEC-1" edition="1" status="needed" category="security"/>)"
                             R"(<update kind="patch" name="SEC-2" edition="1" status="applied" category="security"/>)"
                             R"(<update kind="patch" name="REC-1" edition="1" status="needed" category="recommended"/>)"
                             R"(<update kind="patch" name="--rm" edition="1" status="needed" category="security"/>)");
    CHECK(names == std::vector<std::string>{"SEC-1"});

    auto const advised =
        parse_zypper_conflicts("Conflicts      : [3]\n    bash.x86_64 < 4.4-2\n    python3.11 < 4.4-2\n"
                               "    srcpackage:bash < 4.4-2\nSummary : a < b c\n");
    CHECK(advised.contains("bash"));
    CHECK(advised.contains("bash.x86_64"));
    CHECK(advised.contains("python3.11"));
    CHECK_FALSE(advised.contains("python3"));
    CHECK_FALSE(advised.contains("zlib"));
    test::torment(std::string(zypper_updates), [](std::string_view text) {
        return parse_zypper_updates(text).size() + parse_zypper_patches(text).size() +
               parse_zypper_conflicts(text).size();
    });
}

TEST_CASE("pacman: what waits, without what is held back; security is not told, so not false")
{
    static constexpr std::string_view text = "bash 5.1.016-1 -> 5.2.015-1\nlinux 6.1-1 -> 6.2-1 [ignored]\nnoise\n";
    auto const patches = parse_pacman_upgrades(text);
    REQUIRE(patches.size() == 1);
    CHECK(patches[0].package == "bash");
    CHECK(patches[0].installed_version == "5.1.016-1");
    CHECK(patches[0].available_version == "5.2.015-1");
    CHECK(reason(patches[0].security.error()) == "not_supported");
    test::torment(std::string(text), [](std::string_view bytes) { return parse_pacman_upgrades(bytes).size(); });
}

TEST_CASE("pacman: installed packages are read from its folder, and a torn entry is left out")
{
    static constexpr std::string_view desc =
        "%NAME%\nbash\n\n%VERSION%\n5.2.015-1\n\n%DESC%\n%VERSION% of a shell\n\n%ARCH%\nx86_64\n\n"
        "%SIZE%\n9421824\n\n%PACKAGER%\nA <a@example.org>\n\n%DEPENDS%\nglibc\nreadline\n";
    Tree const tree;
    tree.write("/var/lib/pacman/local/ALPM_DB_VERSION", "9\n");
    tree.write("/var/lib/pacman/local/bash-5.2.015-1/desc", desc);
    tree.write("/var/lib/pacman/local/torn-1/desc", "%NAME%\ntorn\n");
    auto const packages = make_software(tree.root())->list();
    REQUIRE(packages);
    REQUIRE(packages->size() == 1);
    auto const& bash = packages->front();
    CHECK(bash.name == "bash");
    CHECK(bash.version == "5.2.015-1");
    CHECK(*bash.architecture == "x86_64");
    CHECK(*bash.size_bytes == 9'421'824);
    CHECK(*bash.publisher == "A <a@example.org>");
    CHECK(bash.source == "pacman");
    test::torment(std::string(desc), [](std::string_view text) { return parse_pacman_desc(text).has_value(); });
}

TEST_CASE("snap and flatpak: bundles stand beside the system's packages under names of their own")
{
    static constexpr std::string_view yaml =
        "name: firefox\nversion: '128.0-2'\nsummary: a: b\napps:\n  version: 7\n  name: x\n";
    auto const snap = parse_snap(yaml);
    REQUIRE(snap);
    CHECK(snap->name == "firefox");
    CHECK(snap->version == "128.0-2");
    CHECK(snap->source == "snap");
    CHECK_FALSE(parse_snap("name: x\n"));
    CHECK_FALSE(parse_snap(""));
    test::torment(std::string(yaml), [](std::string_view text) { return parse_snap(text).has_value(); });

    static constexpr std::string_view list =
        "org.gimp.GIMP\t2.10.36\tx86_64\tflathub\norg.x.Y\t\tx86_64\tflathub\nnoise\n";
    auto const flatpaks = parse_flatpak_list(list);
    REQUIRE(flatpaks.size() == 2);
    CHECK(flatpaks[0].name == "org.gimp.GIMP");
    CHECK(flatpaks[0].version == "2.10.36");
    CHECK(*flatpaks[0].publisher == "flathub");
    test::torment(std::string(list), [](std::string_view text) { return parse_flatpak_list(text).size(); });

    Tree const tree;
    tree.write("/var/lib/dpkg/status", "Package: firefox\nStatus: install ok installed\nVersion: 1\n\n");
    tree.write("/snap/firefox/current/meta/snap.yaml", yaml);
    tree.write("/snap/bin/x", "");
    auto const packages = make_software(tree.root())->list();
    REQUIRE(packages);
    REQUIRE(packages->size() == 2);
    CHECK(package_named(*packages, "firefox")->source == "dpkg");
    CHECK(package_named(*packages, "firefox (snap)")->version == "128.0-2");
}

TEST_CASE("reboot: SUSE's file asks as Debian's does")
{
    Tree const tree;
    tree.write("/proc/stat", "btime 1700000000\n");
    tree.write("/run/reboot-needed", "");
    CHECK(*make_reboot(tree.root())->signals()->front().pending);
}

TEST_CASE("reboot: where pacman took the running kernel's modules away, a reboot is pending")
{
    Tree const tree;
    auto const body = make_reboot(tree.root());
    CHECK(body->signals()->size() == 2); // Nobody else replaces a kernel in place.
    tree.folder("/var/lib/pacman/local");
    tree.write("/proc/sys/kernel/osrelease", "6.1.1-arch1-1\n");
    auto const removed = [&] { return body->signals()->at(2); };
    CHECK(removed().name == "kernel_removed");
    CHECK(reason(removed().pending.error()) == "not_supported");
    tree.folder("/lib/modules/6.2.0-arch1-1");
    CHECK(*removed().pending);
    CHECK(*removed().detail == "runs 6.1.1-arch1-1, installed 6.2.0-arch1-1");
    CHECK(removed().since_ms);
    tree.folder("/lib/modules/6.1.1-arch1-1");
    CHECK_FALSE(*removed().pending);
    tree.write("/run/systemd/container", "lxc\n");
    CHECK(reason(removed().pending.error()) == "not_supported");
}

TEST_CASE("reboot: what needs-restarting lists")
{
    // As its source prints it.
    CHECK(updated_packages("Core libraries or services have been updated since boot-up:\n  * kernel\n  * glibc (since "
                           "2024-01-01)\n\nReboot is required.\n") == "kernel, glibc");
    CHECK(updated_packages("").empty());
}
