#include <doctest/doctest.h>

#include <algorithm>

#include <fmt/format.h>

#include "platform/macos/applications.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/macos/fixture.hpp"
#include "tests/platform/macos/mach_heads.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/tree.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

std::string info(std::string_view version, std::string_view program = "main")
{
    return fmt::format("<plist><dict><key>CFBundleShortVersionString</key><string>{}</string>"
                       "<key>CFBundleExecutable</key><string>{}</string></dict></plist>",
                       version, program);
}

Package const* find(std::vector<Package> const& packages, std::string_view name)
{
    auto const found =
        std::find_if(packages.begin(), packages.end(), [&](auto const& package) { return package.name == name; });
    return found == packages.end() ? nullptr : &*found;
}

} // namespace

TEST_CASE("applications: bundles in folders, and those of users, are told with version and architecture")
{
    test::Tree const tree;
    tree.write("/Applications/Büro 💻.app/Contents/Info.plist", info("1.2"));
    tree.write("/Applications/Büro 💻.app/Contents/MacOS/main", test::universal_head() + std::string(10'000, 'x'));
    tree.write("/Applications/Maker/Tool.app/Contents/Info.plist", info("2.0"));
    tree.write("/Applications/Maker/Tool.app/Contents/MacOS/main", test::arm64_head);
    tree.write("/Applications/Maker/Tool.app/Contents/Inner.app/Contents/Info.plist", info("9"));
    tree.write("/Applications/a/b/c/TooDeep.app/Contents/Info.plist", info("9"));
    tree.write("/System/Applications/Mail.app/Contents/Info.plist", info("16.0", "../../../etc/passwd"));
    tree.write("/System/Cryptexes/Safari.app/Contents/Info.plist", info("18.1"));
    tree.link("/Applications/Safari.app", "../System/Cryptexes/Safari.app");
    tree.write("/Users/𝒜da/Applications/Tool.app/Contents/Info.plist", info("3.0"));
    tree.write("/Applications/Broken.app/Contents/Info.plist", "no list");
    tree.write("/Applications/.app/Contents/Info.plist", info("1"));

    auto const packages = read_mac_software(tree.root());
    REQUIRE(packages);
    CHECK(packages->size() == 5);
    REQUIRE(find(*packages, "Büro 💻") != nullptr);
    CHECK(find(*packages, "Büro 💻")->version == "1.2");
    CHECK(*find(*packages, "Büro 💻")->architecture == "universal");
    CHECK(find(*packages, "Büro 💻")->source == "application");
    CHECK(reason(find(*packages, "Büro 💻")->publisher.error()) == "not_supported");
    CHECK(*find(*packages, "Tool")->architecture == "arm64");
    CHECK(*find(*packages, "Mail")->publisher == "Apple");
    CHECK(reason(find(*packages, "Mail")->architecture.error()) == "not_found");
    CHECK(find(*packages, "Safari")->version == "18.1");
    REQUIRE(find(*packages, "Tool (/Users/𝒜da/Applications/Tool.app)") != nullptr);
    CHECK(find(*packages, "Tool (/Users/𝒜da/Applications/Tool.app)")->version == "3.0");
}

TEST_CASE("applications: receipts and Homebrew's cellar are told beside applications")
{
    test::Tree const tree;
    tree.write("/Applications/Tool.app/Contents/Info.plist", info("2.0"));
    tree.write("/var/db/receipts/com.example.tool.plist",
               "<plist><dict><key>PackageIdentifier</key><string>com.example.tool</string>"
               "<key>PackageVersion</key><string>2.0.1</string></dict></plist>");
    tree.write("/var/db/receipts/com.example.tool.bom", "no list");
    tree.write("/var/db/receipts/broken.plist", "bplist00");
    tree.folder("/opt/homebrew/Cellar/jq/1.7.1");
    tree.folder("/opt/homebrew/Cellar/openssl@3/3.3.0");
    tree.folder("/opt/homebrew/Cellar/openssl@3/3.4.0");
    tree.link("/opt/homebrew/opt/openssl@3", "../Cellar/openssl@3/3.3.0");
    tree.folder("/opt/homebrew/Cellar/empty");

    auto const packages = read_mac_software(tree.root());
    REQUIRE(packages);
    CHECK(packages->size() == 4);
    CHECK(find(*packages, "com.example.tool")->version == "2.0.1");
    CHECK(find(*packages, "com.example.tool")->source == "pkg");
    CHECK(find(*packages, "jq")->version == "1.7.1");
    CHECK(find(*packages, "openssl@3")->version == "3.3.0");
    CHECK(find(*packages, "openssl@3")->source == "homebrew");
}

TEST_CASE("applications: no application at all is an error, not an empty list")
{
    test::Tree const tree;
    tree.folder("/Applications");
    CHECK(reason(read_mac_software(tree.root()).error()) == "not_found");
}
