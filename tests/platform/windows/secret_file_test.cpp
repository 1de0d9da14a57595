#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <doctest/doctest.h>

#include <windows.h>

#include <aclapi.h>
#include <sddl.h>

#include "platform/secret_file.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/text.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

std::string raw_bytes(std::string const& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void set_rights(std::string const& path, std::string const& sddl)
{
    PSECURITY_DESCRIPTOR raw = nullptr;
    REQUIRE(::ConvertStringSecurityDescriptorToSecurityDescriptorW(utf16(sddl).c_str(), SDDL_REVISION_1, &raw,
                                                                   nullptr) != FALSE);
    LocalMemory<void> const rights(raw);
    REQUIRE(::SetFileSecurityW(utf16(path).c_str(), DACL_SECURITY_INFORMATION, rights.get()) != FALSE);
}

} // namespace

TEST_CASE("secret_file: what was written is read again, and stands in the file as something else")
{
    support::TempDir const folder;
    auto const path = (folder / "key").string();
    std::string const content("a secret\0of ours\n", 17);
    REQUIRE(write_secret_file(path, content));
    CHECK(raw_bytes(path).find("secret") == std::string::npos);
    auto const read = read_secret_file(path);
    REQUIRE(read);
    CHECK(*read == content);
    // In the place of an old one, and nothing else is left behind.
    REQUIRE(write_secret_file(path, "new"));
    CHECK(*read_secret_file(path) == "new");
    REQUIRE(write_secret_file(path, ""));
    CHECK(read_secret_file(path)->empty());
    REQUIRE(write_secret_file(path, std::string(secret_file_bytes, 'x')));
    CHECK(read_secret_file(path)->size() == secret_file_bytes);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("secret_file: one that somebody reads for a moment is replaced after it")
{
    support::TempDir const folder;
    auto const path = (folder / "key").string();
    REQUIRE(write_secret_file(path, "old"));
    Handle reader(::CreateFileW(utf16(path).c_str(), GENERIC_READ,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING, 0,
                                nullptr));
    REQUIRE(reader);
    std::thread scanner([&] {
        ::Sleep(100);
        reader.reset();
    });
    CHECK(write_secret_file(path, "new"));
    scanner.join();
    CHECK(*read_secret_file(path) == "new");
}

TEST_CASE("secret_file: a file that others can read is refused, with the remedy")
{
    support::TempDir const folder;
    auto const path = (folder / "key").string();
    REQUIRE(write_secret_file(path, "x"));
    for (auto const* const others : {"D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;WD)", "D:P(A;;FA;;;BA)(A;;FW;;;WD)"}) {
        set_rights(path, others);
        auto const read = read_secret_file(path);
        REQUIRE_FALSE(read);
        CHECK(reason(read.error()) == "refused");
        CHECK(read.error().trace.find("icacls") != std::string::npos);
    }
}

TEST_CASE("secret_file: what was changed, or written by somebody else, is corrupt")
{
    support::TempDir const folder;
    auto const path = (folder / "key").string();
    REQUIRE(write_secret_file(path, "a secret"));
    auto bytes = raw_bytes(path);
    bytes.back() = static_cast<char>(~bytes.back()); // Within what DPAPI signs it with.
    std::ofstream(path, std::ios::binary) << bytes;
    auto const changed = read_secret_file(path);
    REQUIRE_FALSE(changed);
    INFO(changed.error().trace);
    CHECK(reason(changed.error()) == "corrupt");
    std::ofstream(path, std::ios::binary | std::ios::trunc) << "in plain text";
    CHECK(reason(read_secret_file(path).error()) == "corrupt");
    std::ofstream(path, std::ios::binary | std::ios::trunc).flush();
    CHECK(reason(read_secret_file(path).error()) == "corrupt");
}

TEST_CASE("secret_file: folders and what is missing or too large are told apart")
{
    support::TempDir const folder;
    auto const path = (folder / "key").string();
    CHECK(reason(read_secret_file(path).error()) == "not_found");
    CHECK(reason(read_secret_file(folder.path().string()).error()) == "refused");
    REQUIRE(write_secret_file(path, "x"));
    CHECK(reason(write_secret_file(path, std::string(secret_file_bytes + 1, 'x')).error()) == "limit_exceeded");
    CHECK(*read_secret_file(path) == "x");
    std::ofstream(path, std::ios::binary | std::ios::trunc) << std::string(2 * secret_file_bytes, 'x');
    CHECK(reason(read_secret_file(path).error()) == "limit_exceeded");
    auto const written = write_secret_file((folder / "no").string() + R"(\key)", "x");
    REQUIRE_FALSE(written);
    CHECK(reason(written.error()) == "not_found");
    CHECK(written.error().trace.find(R"(no\key)") != std::string::npos);
    CHECK_FALSE(write_secret_file(folder.path().string(), "x"));
}
