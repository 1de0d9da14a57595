#include <fstream>

#include <doctest/doctest.h>

#include <windows.h>

#include "platform/windows/handle.hpp"
#include "platform/windows/listed_files.hpp"
#include "platform/windows/text.hpp"
#include "tests/platform/printers.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

class List
{
public:
    [[nodiscard]] std::string path(std::string const& name) const { return (folder_ / name).string(); }
    void write(std::string const& name, std::string_view content) const
    {
        std::ofstream(path(name), std::ios::binary) << content;
    }
    [[nodiscard]] Result<std::vector<ListedFile>> look(std::string const& lines) const
    {
        write("files", lines);
        return make_listed_files(path("files"))->list();
    }

private:
    support::TempDir folder_;
};

} // namespace

TEST_CASE("files: size and time of those that are named, and of nothing else")
{
    List const list;
    CHECK(make_listed_files(list.path("none"))->list()->empty());
    list.write("backup.tar", std::string(4321, 'x'));
    list.write("other.tar", "x");
    {
        Handle const file(::CreateFileW(utf16(list.path("backup.tar")).c_str(), FILE_WRITE_ATTRIBUTES, FILE_SHARE_READ,
                                        nullptr, OPEN_EXISTING, 0, nullptr));
        REQUIRE(file);
        // 2023-11-14T22:13:20.123Z
        static constexpr std::uint64_t when = (1'700'000'000'123ULL + 11'644'473'600'000ULL) * 10'000;
        FILETIME const time{static_cast<DWORD>(when), static_cast<DWORD>(when >> 32)};
        REQUIRE(::SetFileTime(file.get(), nullptr, nullptr, &time) != FALSE);
    }
    auto const found = list.look("# mine\r\n\r\n" + list.path("backup.tar") + "\r\n" + list.path("gone") + "\r\n" +
                                 list.path(R"(other.tar\below)") + "\r\n" + list.path("") + "\r\n");
    REQUIRE(found);
    REQUIRE(found->size() == 4);
    auto const& folder = (*found)[0];
    CHECK(*folder.kind == "folder");
    CHECK(reason(folder.size_bytes.error()) == "not_supported");
    auto const& file = (*found)[1];
    CHECK(*file.exists);
    CHECK(*file.kind == "file");
    CHECK(*file.size_bytes == 4321);
    CHECK(*file.modified_ms == 1'700'000'000'123);
    for (auto const at : {2, 3}) {
        auto const& gone = (*found)[static_cast<std::size_t>(at)];
        REQUIRE(gone.exists);
        CHECK_FALSE(*gone.exists);
        CHECK(reason(gone.size_bytes.error()) == "not_found");
    }
}

TEST_CASE("files: another machine's, devices and patterns are refused without being asked")
{
    List const list;
    for (auto const* const path : {R"(\\192.0.2.1\share\file)", R"(\\.\PhysicalDrive0)", R"(C:\*)", "relative"}) {
        auto const found = list.look(std::string(path) + "\n");
        REQUIRE(found);
        REQUIRE(found->size() == 1);
        CHECK(reason(found->front().exists.error()) == "bad_input");
        CHECK(reason(found->front().kind.error()) == "bad_input");
    }
}

TEST_CASE("files: one that nobody may open has a size all the same")
{
    List const list;
    list.write("locked", "12345");
    Handle const locked(::CreateFileW(utf16(list.path("locked")).c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr,
                                      OPEN_EXISTING, 0, nullptr));
    REQUIRE(locked);
    auto const found = list.look(list.path("locked") + "\n");
    REQUIRE(found);
    CHECK(*found->front().size_bytes == 5);
}

TEST_CASE("files: a list that is too long or too large is an error that says what to do")
{
    List const list;
    std::string lines;
    for (int i = 0; i <= 100; ++i)
        lines += "C:\\none-" + std::to_string(i) + "\n";
    auto const found = list.look(lines);
    REQUIRE_FALSE(found);
    CHECK(reason(found.error()) == "limit_exceeded");
    CHECK(found.error().trace.find("names 101 paths: leave at most 100") != std::string::npos);
    CHECK(reason(list.look(std::string(70'000, '#')).error()) == "limit_exceeded");
    CHECK_FALSE(make_listed_files(list.path(""))->list());
}
