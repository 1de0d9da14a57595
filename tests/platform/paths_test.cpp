#include <filesystem>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/paths.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;

TEST_CASE("paths: they are absolute and carry the program's name")
{
    auto const paths = platform::system_paths("rollcall-agent");
    REQUIRE(paths);
    for (auto const& path : {paths->config_dir, paths->data_dir, paths->runtime_dir}) {
        CHECK(path.starts_with("/"));
        CHECK(path.find("rollcall-agent") != std::string::npos);
    }
}

TEST_CASE("paths: a name that would leave its folder is refused")
{
    CHECK_FALSE(platform::system_paths("../etc"));
    CHECK_FALSE(platform::system_paths(""));
}

TEST_CASE("paths: a folder of ours is made with those above it, and closed to others")
{
    support::TempDir const folder;
    auto const path = (folder / "a" / "own").string();
    REQUIRE(platform::make_own_folder(path));
    struct stat facts {
    };
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0700);
    REQUIRE(::chmod(path.c_str(), 0755) == 0);
    REQUIRE(platform::make_own_folder(path));
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0700);
    if (::geteuid() == 0) {
        static constexpr uid_t somebody = 12345;
        REQUIRE(::chown(path.c_str(), somebody, 0) == 0);
        CHECK(reason(platform::make_own_folder(path).error()) == "refused");
    }
}

TEST_CASE("paths: the program that runs is found")
{
    auto const program = platform::own_program();
    REQUIRE(program);
    CHECK(std::filesystem::exists(*program));
}
