#include <doctest/doctest.h>

#include <algorithm>

#include <fmt/format.h>

#include "platform/macos/applications.hpp"
#include "platform/macos/macho.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/macos/fixture.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/tree.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

std::string const arm64_head("\xCF\xFA\xED\xFE\x0C\0\0\x01\0\0\0\0", 12);
std::string const intel_head("\xCF\xFA\xED\xFE\x07\0\0\x01\x03\0\0\0", 12);

std::string universal_head()
{
    std::string head("\xCA\xFE\xBA\xBE\0\0\0\2", 8);
    head += std::string("\1\0\0\7\0\0\0\3\0\0\x40\0\0\0\x10\0\0\0\0\x0E", 20);
    head += std::string("\1\0\0\x0C\0\0\0\0\0\0\x80\0\0\0\x10\0\0\0\0\x0E", 20);
    return head;
}

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

TEST_CASE("software of a Mac: bundles in folders, and those of users, are told with version and architecture")
{
    test::Tree const tree;
    tree.write("/Applications/Büro 💻.app/Contents/Info.plist", info("1.2"));
    tree.write("/Applications/Büro 💻.app/Contents/MacOS/main", universal_head() + std::string(10'000, 'x'));
    tree.write("/Applications/Maker/Tool.app/Contents/Info.plist", info("2.0"));
    tree.write("/Applications/Maker/Tool.app/Contents/MacOS/main", arm64_head);
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

TEST_CASE("software of a Mac: receipts and Homebrew's cellar are told beside applications")
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

TEST_CASE("software of a Mac: no application at all is an error, not an empty list")
{
    test::Tree const tree;
    tree.folder("/Applications");
    CHECK(reason(read_mac_software(tree.root()).error()) == "not_found");
}

TEST_CASE("macho: the head of a program tells for which processors it is")
{
    CHECK(*macho_architecture(arm64_head) == "arm64");
    CHECK(*macho_architecture(intel_head) == "x86_64");
    CHECK(*macho_architecture(universal_head()) == "universal");
    CHECK(*macho_architecture(std::string("\xCE\xFA\xED\xFE\7\0\0\0", 8)) == "i386");
    // A class of Java, version 61.
    CHECK(reason(macho_architecture(std::string("\xCA\xFE\xBA\xBE\0\0\0\x3D", 8)).error()) == "not_supported");
    CHECK(reason(macho_architecture("#!/bin/sh\n").error()) == "not_supported");
    test::torment(universal_head(), [](std::string_view head) { return macho_architecture(head).has_value(); });
}
