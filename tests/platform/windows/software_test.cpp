#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "platform/software.hpp"
#include "platform/windows/uninstall_keys.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/windows/planted_key.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

constexpr auto programs_key = "Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\";

} // namespace

TEST_CASE("software: what an Uninstall key says is read, and hostile values do not stop the list")
{
    test::PlantedKey const planted;
    std::string const base = programs_key;
    planted.add_text(base + "Seven", "DisplayName", "7-Zip 23.01 (x64)");
    planted.add_text(base + "Seven", "DisplayVersion", "23.01");
    planted.add_text(base + "Seven", "Publisher", "Igor Pavlov");
    planted.add_number(base + "Seven", "EstimatedSize", 5'632);
    planted.add_text(base + "Hidden", "DisplayName", "Hidden");
    planted.add_number(base + "Hidden", "SystemComponent", 1);
    planted.add_text(base + "Nameless", "Publisher", "Nobody");
    planted.add_number(base + "Odd", "DisplayName", 7);
    static constexpr wchar_t lone[] = {L'B', L'a', L'd', wchar_t{0xD800}};
    planted.add(base + "Bad", "DisplayName", REG_SZ, lone, sizeof lone);
    planted.add_text(base + "Bad", "EstimatedSize", "large");

    UninstallPlaces places;
    places.machine = HKEY_CURRENT_USER;
    places.prefix = planted.prefix();
    auto entries = read_uninstall_keys(places);
    REQUIRE(entries);
    auto const packages = packages_of(*std::move(entries));
    auto const find = [&](std::string_view name) {
        return std::find_if(packages.begin(), packages.end(), [&](auto const& one) { return one.name == name; });
    };
    auto const seven = find("7-Zip 23.01 (x64)");
    REQUIRE(seven != packages.end());
    CHECK(seven->version == "23.01");
    CHECK(*seven->publisher == "Igor Pavlov");
    CHECK(*seven->size_bytes == 5'632 * 1024);
    CHECK(find("Hidden") == packages.end());
    auto const bad = find("Bad\xEF\xBF\xBD");
    REQUIRE(bad != packages.end());
    CHECK_FALSE(bad->size_bytes);
}

TEST_CASE("software: this machine has a list in which each name is there once")
{
    auto const packages = make_software()->list();
    REQUIRE(packages);
    std::set<std::string> names;
    for (auto const& package : *packages)
        CHECK(names.insert(package.name).second);
}
