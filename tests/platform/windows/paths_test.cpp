#include <doctest/doctest.h>

#include <windows.h>

#include "platform/paths.hpp"
#include "platform/windows/access.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/text.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("paths: they are whole, carry the program's name and differ")
{
    auto const paths = system_paths("rollcall-agent");
    REQUIRE(paths);
    for (auto const& path : {paths->config_dir, paths->data_dir, paths->runtime_dir}) {
        CHECK(path.substr(1, 2) == R"(:\)");
        CHECK(path.find(R"(\Rollcall\rollcall-agent)") != std::string::npos);
    }
    CHECK(paths->data_dir != paths->config_dir);
    CHECK(paths->data_dir != paths->runtime_dir);
}

TEST_CASE("paths: the environment does not decide where the folders are")
{
    auto const before = system_paths("rollcall-agent");
    REQUIRE(before);
    ::SetEnvironmentVariableW(L"ProgramData", LR"(C:\elsewhere)");
    ::SetEnvironmentVariableW(L"LOCALAPPDATA", LR"(C:\elsewhere)");
    auto const after = system_paths("rollcall-agent");
    REQUIRE(after);
    CHECK(after->data_dir == before->data_dir);
}

TEST_CASE("paths: a name that would leave its folder is refused")
{
    for (auto const* const name : {"..", R"(..\x)", "a/b", R"(a\b)", "c:", ""})
        CHECK_FALSE(system_paths(name));
}

TEST_CASE("paths: a folder of ours is made with those above it, and closed to others")
{
    support::TempDir const temporary;
    auto const path = (temporary / "a").string() + R"(\b\own)";
    REQUIRE(make_own_folder(path));
    REQUIRE(make_own_folder(path + R"(\)"));
    Handle const folder(::CreateFileW(utf16(path).c_str(), READ_CONTROL, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                                      OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
    REQUIRE(folder);
    CHECK(check_private(folder.get()));
}

TEST_CASE("paths: a file in the folder's place is refused")
{
    support::TempDir const temporary;
    auto const path = (temporary / "file").string();
    Handle(::CreateFileW(utf16(path).c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, 0, nullptr)).reset();
    CHECK_FALSE(make_own_folder(path));
    CHECK_FALSE(make_own_folder(path + R"(\below)"));
    CHECK_FALSE(make_own_folder(""));
}

TEST_CASE("paths: the program that runs is found, whole")
{
    auto const program = own_program();
    REQUIRE(program);
    CHECK(program->substr(1, 2) == R"(:\)");
    CHECK(program->ends_with(".exe"));
}
