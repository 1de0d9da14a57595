#include <array>
#include <fstream>

#include <doctest/doctest.h>

#include "platform/linux/container.hpp"
#include "platform/linux/procfs.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("procfs: os-release lines are read with the shell's quotes")
{
    auto const fields = procfs::assignments(
        "# c\nNAME=\"A \\\"b\\\" c\"\nVERSION_ID='12'\nEMPTY=\n=x\nnoise\nID=debian\nX=\"open\nESC=a\\");
    CHECK(fields.at("NAME") == "A \"b\" c");
    CHECK(fields.at("VERSION_ID") == "12");
    CHECK(fields.at("EMPTY").empty());
    CHECK(fields.at("ID") == "debian");
    CHECK(fields.at("X") == "\"open");
    CHECK(fields.at("ESC") == "a\\");
    CHECK(fields.size() == 6);
    test::torment(test::fixture("vm/etc/os-release"),
                  [](std::string_view text) { return procfs::assignments(text).size(); });
}

TEST_CASE("procfs: a table between tabs has as many fields as were asked for, and no other lines")
{
    auto const rows = procfs::tab_table<3>("a\tb\tc\n\n one \t\t three\r\nx\ty\n1\t2\t3\t4\n\t\t\nd\te\tf");
    REQUIRE(rows.size() == 4);
    CHECK(rows[0] == std::array<std::string_view, 3>{"a", "b", "c"});
    CHECK(rows[1] == std::array<std::string_view, 3>{"one", "", "three"});
    CHECK(rows[2] == std::array<std::string_view, 3>{"", "", ""});
    CHECK(rows[3][2] == "f");
    CHECK(procfs::tab_table<2>("").empty());
}

TEST_CASE("procfs: numbers are whole or none")
{
    CHECK(procfs::to_number("18446744073709551615") == UINT64_MAX);
    for (auto const* const text : {"", "-1", "1x", " 1", "18446744073709551616", "0x10"})
        CHECK_FALSE(procfs::to_number(text));
    CHECK(procfs::to_integer("-5") == -5);
    CHECK_FALSE(procfs::to_integer("9223372036854775808"));
}

TEST_CASE("procfs: files that are missing, empty or too large say so")
{
    support::TempDir const folder;
    auto const path = (folder / "f").string();
    CHECK(reason(procfs::read_file(path).error()) == "not_found");
    std::ofstream(path) << " \n";
    CHECK(reason(procfs::read_word(path).error()) == "not_found");
    std::ofstream(path) << "12a\n";
    CHECK(reason(procfs::read_integer(path).error()) == "bad_message");
    std::ofstream(path) << std::string(100, 'x');
    CHECK(reason(procfs::read_file(path, 99).error()) == "limit_exceeded");
    CHECK(procfs::read_file(path, 100)->size() == 100);
    CHECK_FALSE(procfs::read_file(folder.path().string()));
}

TEST_CASE("container: the sign a manager leaves is its name")
{
    support::TempDir const folder;
    Root const root{folder.path().string()};
    std::filesystem::create_directories(folder / "proc/1");
    std::filesystem::create_directories(folder / "run/host");
    CHECK(container_manager(root).empty());
    std::ofstream(root / "/.dockerenv") << "";
    CHECK(container_manager(root) == "docker");
    std::ofstream(root / "/proc/1/environ", std::ios::binary) << std::string("A=b\0container=lxc\0C=d", 21);
    CHECK(container_manager(root) == "lxc");
    std::ofstream(root / "/run/host/container-manager") << "systemd-nspawn\n";
    CHECK(container_manager(root) == "systemd-nspawn");
}
