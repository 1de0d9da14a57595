#include <doctest/doctest.h>

#include "platform/windows/uninstall_entries.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

UninstallEntry program(std::string name, std::string version)
{
    UninstallEntry entry;
    entry.key = "{" + name + version + "}";
    entry.display_name = std::move(name);
    entry.display_version = std::move(version);
    entry.publisher = "Example";
    return entry;
}

std::vector<std::string> names_of(std::vector<UninstallEntry> entries)
{
    std::vector<std::string> names;
    for (auto const& package : packages_of(std::move(entries)))
        names.push_back(package.name);
    return names;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("uninstall_entries: a program has name, version, publisher and size")
{
    auto entry = program(" 7-Zip 23.01 (x64) ", "23.01");
    entry.estimated_size_kib = 5'632;
    auto const packages = packages_of({entry});
    REQUIRE(packages.size() == 1);
    CHECK(packages[0].name == "7-Zip 23.01 (x64)");
    CHECK(packages[0].version == "23.01");
    CHECK(*packages[0].publisher == "Example");
    CHECK(*packages[0].size_bytes == 5'632 * 1024);
    CHECK(packages[0].source == "setup");
    CHECK(reason(packages[0].architecture.error()) == "not_supported");

    entry.windows_installer = true;
    entry.of_32_bit = true;
    entry.publisher.clear();
    auto const narrow = packages_of({entry});
    CHECK(narrow.at(0).source == "msi");
    CHECK(*narrow.at(0).architecture == "x86");
    CHECK_FALSE(narrow.at(0).publisher);
}

TEST_CASE("uninstall_entries: parts of Windows, updates and entries without a name are no programs")
{
    auto hidden = program("Hidden", "1");
    hidden.system_component = true;
    auto update = program("Update for Office", "1");
    update.parent_key_name = "Office";
    auto fix = program("Security Update for X", "1");
    fix.release_type = "Security Update";
    CHECK(packages_of({hidden, update, fix, program(" ", "1")}).empty());
}

TEST_CASE("uninstall_entries: the same program in both branches is there once")
{
    auto narrow = program("Both", "1");
    narrow.of_32_bit = true;
    auto const packages = packages_of({narrow, program("Both", "1")});
    REQUIRE(packages.size() == 1);
    CHECK_FALSE(packages[0].architecture);
}

TEST_CASE("uninstall_entries: those of one name are told apart by user, width, version and at last by key")
{
    auto own = program("Tool", "1");
    own.user = "anna";
    auto narrow = program("Tool", "2");
    narrow.of_32_bit = true;
    CHECK(names_of({own, narrow, program("Tool", "3"), program("Tool", "4")}) ==
          Names{"Tool (anna)", "Tool (x86)", "Tool", "Tool (4)"});

    auto first = program("Tool", "1");
    first.publisher = "A";
    first.key = "a";
    auto second = first;
    second.publisher = "B";
    second.key = "b";
    auto third = first;
    third.publisher = "C";
    third.key = "c";
    CHECK(names_of({first, second, third}) == Names{"Tool", "Tool (1)", "Tool (1) (c)"});
}
