#include <doctest/doctest.h>

#include "platform/macos/macho.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/macos/mach_heads.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("macho: the head of a program tells for which processors it is")
{
    CHECK(*macho_architecture(test::arm64_head) == "arm64");
    CHECK(*macho_architecture(test::intel_head) == "x86_64");
    CHECK(*macho_architecture(test::universal_head()) == "universal");
    CHECK(*macho_architecture(std::string("\xCE\xFA\xED\xFE\7\0\0\0", 8)) == "i386");
    // A class of Java, version 61.
    CHECK(reason(macho_architecture(std::string("\xCA\xFE\xBA\xBE\0\0\0\x3D", 8)).error()) == "not_supported");
    CHECK(reason(macho_architecture("#!/bin/sh\n").error()) == "not_supported");
    test::torment(test::universal_head(), [](std::string_view head) { return macho_architecture(head).has_value(); });
}
