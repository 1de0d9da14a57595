#include <doctest/doctest.h>

#include <fstream>

#include "collector/updates/limits.hpp"
#include "collector/updates/releases.hpp"
#include "tests/support/release_folder.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::updates;
using support::make_release;
using support::write_file;

static Shelf look(std::filesystem::path const& folder)
{
    SeenFiles seen;
    return read_shelf(folder, support::release_public_key(), seen);
}

static std::string why_broken(std::filesystem::path const& folder)
{
    auto const shelf = look(folder);
    REQUIRE(shelf.releases.empty());
    REQUIRE(shelf.broken.size() == 1);
    return shelf.broken.front().why;
}

TEST_CASE("releases: where there is no folder there are none, and that is no fault")
{
    support::TempDir const temp;
    auto const shelf = look(temp / "nothing");
    CHECK(shelf.releases.empty());
    CHECK(shelf.broken.empty());
    CHECK(shelf.unreadable.empty());
    write_file(temp / "file", "x");
    CHECK_FALSE(look(temp / "file").unreadable.empty());
}

TEST_CASE("releases: whole ones are there, the newest first by number and not by letter")
{
    support::TempDir const temp;
    for (auto const* const version : {"0.9.0", "0.10.0", "0.2.1"})
        make_release(temp.path(), {.version = version});
    auto const shelf = look(temp.path());
    REQUIRE(shelf.releases.size() == 3);
    CHECK(to_string(shelf.releases[0]->version()) == "0.10.0");
    CHECK(to_string(shelf.releases[2]->version()) == "0.2.1");
    CHECK(shelf.releases[0]->warning.empty());
    CHECK(shelf.find({0, 9, 0}) == shelf.releases[1]);
    CHECK(shelf.find({9, 9, 9}) == nullptr);
    auto const& file = shelf.releases[1]->manifest.files.front();
    CHECK(shelf.file(file.sha256, file.name) == temp / "0.9.0" / file.name);
    CHECK(shelf.file(file.sha256, "other").empty());
    CHECK(shelf.file("other", file.name).empty());
}

TEST_CASE("releases: one that is broken is told with the file and the reason, and is not offered")
{
    support::TempDir const temp;
    auto const folder = make_release(temp.path());
    auto const program = folder / "rollcall-agent-0.2.0-linux.program";
    SUBCASE("a byte of a file differs")
    {
        write_file(program, "b program 0.2.0 linux program");
        CHECK(why_broken(temp.path()).find("its SHA-256 differs") != std::string::npos);
    }
    SUBCASE("a file is shorter")
    {
        write_file(program, "a");
        CHECK(why_broken(temp.path()).find("has 1 bytes, and the manifest says") != std::string::npos);
    }
    SUBCASE("a file is missing")
    {
        std::filesystem::remove(program);
        CHECK(why_broken(temp.path()) == "rollcall-agent-0.2.0-linux.program is missing");
    }
    SUBCASE("a file is a link to elsewhere")
    {
        std::filesystem::rename(program, temp / "elsewhere");
        std::filesystem::create_symlink(temp / "elsewhere", program);
        auto const shelf = look(temp.path());
        CHECK(shelf.releases.empty());
        REQUIRE(shelf.broken.size() == 2); // The file beside the releases is none, either.
        CHECK(shelf.broken.front().why.find("no regular file") != std::string::npos);
    }
    SUBCASE("the manifest does not parse")
    {
        write_file(folder / "manifest.json", "{");
        CHECK(why_broken(temp.path()).find("manifest.json") != std::string::npos);
    }
    SUBCASE("the manifest is too large")
    {
        write_file(folder / "manifest.json", std::string(300'000, ' '));
        CHECK(why_broken(temp.path()).find("larger than 262144 bytes") != std::string::npos);
    }
    SUBCASE("there is no signature")
    {
        std::filesystem::remove(folder / "manifest.sig");
        CHECK(why_broken(temp.path()) == "manifest.sig is missing");
    }
    SUBCASE("the folder has another version's name")
    {
        std::filesystem::rename(folder, temp / "0.3.0");
        CHECK(why_broken(temp.path()) == "its manifest is of version 0.2.0");
    }
    SUBCASE("the folder has no version's name")
    {
        std::filesystem::rename(folder, temp / "newest");
        CHECK(why_broken(temp.path()).find("not named by its version") != std::string::npos);
    }
}

TEST_CASE(
    "releases: a signature of another key is a warning, since devices look themselves; without a key none is said")
{
    support::TempDir const temp;
    auto const folder = make_release(temp.path());
    write_file(folder / "manifest.sig", support::sign_release("something else"));
    auto const shelf = look(temp.path());
    REQUIRE(shelf.releases.size() == 1);
    CHECK(shelf.releases.front()->warning.find("manifest.sig") != std::string::npos);
    SeenFiles seen;
    CHECK(read_shelf(temp.path(), "", seen).releases.front()->warning.empty());
}

TEST_CASE("releases: a file is read once, and again where its size or its time is another one")
{
    support::TempDir const temp;
    auto const folder = make_release(temp.path());
    auto const program = folder / "rollcall-agent-0.2.0-linux.program";
    SeenFiles seen;
    CHECK(read_shelf(temp.path(), "", seen).releases.size() == 1);
    CHECK(seen.size() == 3);
    // As long as it looks the same it is not read.
    auto const changed = std::filesystem::last_write_time(program);
    write_file(program, "b program 0.2.0 linux program");
    std::filesystem::last_write_time(program, changed);
    CHECK(read_shelf(temp.path(), "", seen).releases.size() == 1);
    std::filesystem::last_write_time(program, changed + std::chrono::seconds(1));
    CHECK(read_shelf(temp.path(), "", seen).releases.empty());
}

TEST_CASE("releases: of too many the newest count, and the others say so")
{
    support::TempDir const temp;
    for (std::size_t number = 0; number <= limits::releases; ++number)
        make_release(temp.path(), {.version = "0.1." + std::to_string(number)});
    auto const shelf = look(temp.path());
    CHECK(shelf.releases.size() == limits::releases);
    REQUIRE(shelf.broken.size() == 1);
    CHECK(shelf.broken.front().name == "0.1.0");
}

TEST_CASE("add-release: a release is copied in whole, and offered from then on")
{
    support::TempDir const temp;
    auto const made = make_release(temp / "made");
    auto const releases = temp / "data" / "releases";
    auto const key = support::release_public_key();
    auto const added = add_release(made, releases, key);
    REQUIRE(added);
    CHECK(to_string(*added) == "0.2.0");
    CHECK(look(releases).releases.size() == 1);
    auto const again = add_release(made, releases, key);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == errc::conflict);
    CHECK(again.error().trace.find("remove-release 0.2.0") != std::string::npos);

    CHECK(remove_release("0.2.0", releases));
    CHECK(look(releases).releases.empty());
    CHECK(std::filesystem::is_empty(releases));
    auto const gone = remove_release("0.2.0", releases);
    REQUIRE_FALSE(gone);
    CHECK(gone.error().code == errc::not_found);
    CHECK_FALSE(remove_release("../0.2.0", releases));
}

TEST_CASE("add-release: what is not whole, or not of the key of this build, is refused and leaves nothing")
{
    support::TempDir const temp;
    auto const made = make_release(temp / "made");
    auto const releases = temp / "releases";
    SUBCASE("a file differs") { write_file(made / "rollcall-agent-0.2.0-linux.program", "x"); }
    SUBCASE("another key") { write_file(made / "manifest.sig", support::sign_release("something else")); }
    SUBCASE("no such folder") { std::filesystem::remove_all(made); }
    auto const added = add_release(made, releases, support::release_public_key());
    REQUIRE_FALSE(added);
    CHECK(added.error().trace.starts_with("Release " + made.string()));
    CHECK_FALSE(std::filesystem::exists(releases / "0.2.0"));
}

TEST_CASE("add-release: a copy that was cut off is not taken for a release, and is done over")
{
    support::TempDir const temp;
    auto const made = make_release(temp / "made");
    auto const releases = temp / "releases";
    std::filesystem::create_directories(releases / ".adding-0.2.0");
    write_file(releases / ".adding-0.2.0" / "manifest.json", "half");
    CHECK(look(releases).releases.empty());
    CHECK(look(releases).broken.empty());
    CHECK(add_release(made, releases, ""));
    CHECK(look(releases).releases.size() == 1);
    CHECK_FALSE(std::filesystem::exists(releases / ".adding-0.2.0"));
}

TEST_CASE("releases: whoever listens is told of the first look and of each difference, and of nothing else")
{
    support::TempDir const temp;
    Releases releases(temp.path(), "", std::chrono::seconds(60));
    int told = 0;
    releases.listen([&](auto const&) { ++told; });
    releases.look();
    CHECK(told == 0);
    make_release(temp.path());
    releases.look();
    releases.look();
    CHECK(told == 1);
    CHECK(releases.shelf()->releases.size() == 1);
    std::filesystem::remove(temp / "0.2.0" / "manifest.sig");
    releases.look();
    CHECK(told == 2);
    CHECK(releases.shelf()->broken.size() == 1);
}
