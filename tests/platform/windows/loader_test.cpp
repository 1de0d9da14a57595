#include "platform/loader.hpp"

#include <doctest/doctest.h>

#include <windows.h>

#include "platform/windows/system_folder.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::platform;

static bool is_found(wchar_t const* name)
{
    auto* const library = ::LoadLibraryW(name);
    if (library == nullptr) return false;
    ::FreeLibrary(library);
    return true;
}

TEST_CASE("loader: a library that lies where everybody looks is not found any more, the system's are")
{
    support::TempDir const temporary;
    auto const system = system_folder();
    REQUIRE(system);
    auto const copy = (temporary / "rollcall_planted.dll").wstring();
    REQUIRE(::CopyFileW((*system + L"\\version.dll").c_str(), copy.c_str(), TRUE) != FALSE);
    REQUIRE(::SetDllDirectoryW(temporary.path().wstring().c_str()) != FALSE);
    REQUIRE(is_found(L"rollcall_planted.dll"));

    REQUIRE(load_from_system_only());
    CHECK_FALSE(is_found(L"rollcall_planted.dll"));
    CHECK(is_found(L"version.dll"));
    ::SetDllDirectoryW(nullptr);
}
