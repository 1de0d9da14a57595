#include <doctest/doctest.h>

#include "platform/paths.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;

TEST_CASE("paths: they are absolute and carry the program's name")
{
    auto const paths = platform::default_paths("rollcall-agent");
    REQUIRE(paths);
    for (auto const& path : {paths->config_dir, paths->data_dir, paths->runtime_dir}) {
        CHECK(path.starts_with("/"));
        CHECK(path.find("rollcall-agent") != std::string::npos);
    }
}

TEST_CASE("paths: a name that would leave its folder is refused")
{
    CHECK_FALSE(platform::default_paths("../etc"));
    CHECK_FALSE(platform::default_paths(""));
}
