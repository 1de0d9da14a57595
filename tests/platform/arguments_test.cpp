#include "platform/arguments.hpp"

#include <array>

#include <doctest/doctest.h>

using namespace rollcall::platform;

TEST_CASE("arguments: the words after the program's name, none where it has none")
{
    std::array const words = {"program", "run", "--state", "/tmp/\xC3\xBC"};
    CHECK(arguments(4, words.data()) == std::vector<std::string>{"run", "--state", "/tmp/\xC3\xBC"});
    CHECK(arguments(1, words.data()).empty());
    CHECK(arguments(0, words.data()).empty());
}
