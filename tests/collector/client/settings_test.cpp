#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/stat.h>

#include "collector/client/settings.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::client;
namespace fs = std::filesystem;

static unsigned mode_of(fs::path const& file)
{
    struct stat about {
    };
    REQUIRE(::stat(file.c_str(), &about) == 0);
    return about.st_mode & 0777U;
}

TEST_CASE("settings: what was saved is loaded, by its owner alone")
{
    support::TempDir const folder;
    auto const file = folder / "config" / "rollcall" / "config.json";
    CHECK(load(file).error().code == errc::unauthenticated);
    Settings const settings{
        .address = "https://rollcall.example:8443", .token = "rc_secret", .ca_pem = "pem", .pin = "sha256//x"};
    REQUIRE(save(file, settings));
    CHECK(mode_of(file) == 0600);
    CHECK(mode_of(file.parent_path()) == 0700);
    auto const loaded = load(file);
    REQUIRE(loaded);
    CHECK(loaded->address == settings.address);
    CHECK(loaded->token == settings.token);
    CHECK(loaded->ca_pem == settings.ca_pem);
    CHECK(loaded->pin == settings.pin);

    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
    auto const open = load(file);
    REQUIRE_FALSE(open);
    CHECK(open.error().trace.find("chmod 600") != std::string::npos);
    CHECK(open.error().trace.find("rc_secret") == std::string::npos);
    REQUIRE(save(file, settings));
    CHECK(load(file));
}

TEST_CASE("settings: a damaged file is told, with what to do")
{
    support::TempDir const folder;
    auto const file = folder / "config.json";
    REQUIRE(save(file, {}));
    std::ofstream(file, std::ios::trunc) << "{";
    CHECK(load(file).error().trace.find("rollcall login") != std::string::npos);
}

TEST_CASE("settings: their place is that of the XDG specification")
{
    auto const* const before = std::getenv("XDG_CONFIG_HOME");
    std::string const old = before == nullptr ? "" : before;
    ::setenv("XDG_CONFIG_HOME", "/somewhere", 1);
    CHECK(*settings_file() == "/somewhere/rollcall/config.json");
    ::setenv("XDG_CONFIG_HOME", "relative", 1);
    ::setenv("HOME", "/home/alice", 1);
    CHECK(*settings_file() == "/home/alice/.config/rollcall/config.json");
    ::setenv("XDG_CONFIG_HOME", old.c_str(), 1);
}

TEST_CASE("settings: a file that is read has a limit, and '-' is standard input")
{
    support::TempDir const folder;
    std::istringstream in("from standard input");
    CHECK(*read_all("-", in, 100) == "from standard input");
    std::ofstream(folder / "large") << std::string(10'000, 'x');
    CHECK(read_all((folder / "large").string(), in, 9'999).error().code == errc::limit_exceeded);
    CHECK(read_all((folder / "large").string(), in, 10'000)->size() == 10'000);
    CHECK_FALSE(read_all((folder / "none").string(), in, 100));
    CHECK_FALSE(read_all(folder.path().string(), in, 100));
}
