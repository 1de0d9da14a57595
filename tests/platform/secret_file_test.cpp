#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/secret_file.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("secret_file: what was written is read, and only its owner may")
{
    support::TempDir const folder;
    auto const path = (folder / "key").string();
    ::umask(0);
    std::string const content("a\0b\n", 4);
    REQUIRE(write_secret_file(path, content));
    struct stat facts {
    };
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
    CHECK(*read_secret_file(path) == content);
    // In the place of an old one, and nothing else is left behind.
    REQUIRE(write_secret_file(path, "new"));
    CHECK(*read_secret_file(path) == "new");
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
    ::umask(022);
}

TEST_CASE("secret_file: a file that others can read is refused, with the remedy")
{
    support::TempDir const folder;
    auto const path = (folder / "key").string();
    REQUIRE(write_secret_file(path, "x"));
    for (mode_t const mode : {0640U, 0604U, 0620U, 0602U}) {
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        auto const read = read_secret_file(path);
        REQUIRE_FALSE(read);
        CHECK(reason(read.error()) == "refused");
        CHECK(read.error().trace.find("chmod 600") != std::string::npos);
    }
}

TEST_CASE("secret_file: links, folders and what is missing or too large are told apart")
{
    support::TempDir const folder;
    auto const path = (folder / "key").string();
    CHECK(reason(read_secret_file(path).error()) == "not_found");
    CHECK_FALSE(read_secret_file(folder.path().string()));
    REQUIRE(write_secret_file(path, "x"));
    auto const link = (folder / "link").string();
    REQUIRE(::symlink(path.c_str(), link.c_str()) == 0);
    CHECK_FALSE(read_secret_file(link));
    CHECK(reason(write_secret_file(path, std::string(secret_file_bytes + 1, 'x')).error()) == "limit_exceeded");
    CHECK(*read_secret_file(path) == "x");
    std::ofstream(path, std::ios::trunc) << std::string(secret_file_bytes + 1, 'x');
    CHECK(reason(read_secret_file(path).error()) == "limit_exceeded");
}

TEST_CASE("secret_file: a folder that is not there is a clear error and leaves nothing")
{
    support::TempDir const folder;
    auto const written = write_secret_file((folder / "no").string() + "/key", "x");
    REQUIRE_FALSE(written);
    CHECK(written.error().trace.find("/no/key") != std::string::npos);
}
