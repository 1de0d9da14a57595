#include <doctest/doctest.h>

#include <filesystem>
#include <limits>

#include "agent/update/store.hpp"
#include "platform/secret_file.hpp"
#include "tests/agent/update/release.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::update;
namespace fs = std::filesystem;

namespace
{

constexpr Version wanted{0, 1, 1};

struct StoreFixture {
    support::TempDir dir;
    std::string const content = std::string(100'000, 'p');
    std::string const manifest = support::release_manifest(wanted, content);
    std::string const signature = support::sign_release(manifest);
    Store store{dir.path(), support::release_public_key()};

    Stored put_program() const
    {
        auto stored = store.check(manifest, signature);
        REQUIRE(stored);
        REQUIRE(store.keep_manifest(*stored, manifest, signature));
        support::put_file(stored->part, content);
        REQUIRE(store.admit(*stored));
        return *stored;
    }
};

} // namespace

TEST_CASE_FIXTURE(StoreFixture, "update store: a program that is whole can be run by its owner alone, and verifies")
{
    auto const stored = put_program();
    CHECK(stored.program == dir / "programs/0.1.1/program");
    CHECK(fs::status(stored.program).permissions() == fs::perms::owner_all);
    CHECK(fs::status(dir / "programs").permissions() == fs::perms::owner_all);
    CHECK_FALSE(fs::exists(stored.part));
    CHECK(store.verified(wanted));
}

TEST_CASE_FIXTURE(StoreFixture, "update store: whatever was changed since is not started")
{
    auto const stored = put_program();
    auto const folder = dir / "programs/0.1.1";
    SUBCASE("a byte of the program")
    {
        auto other = content;
        other[5] = 'q';
        support::put_file(stored.program, other);
        CHECK(store.verified(wanted).error().code == errc::corrupt);
    }
    SUBCASE("its size")
    {
        support::put_file(stored.program, content + "x");
        CHECK(store.verified(wanted).error().code == errc::corrupt);
    }
    SUBCASE("the program is gone")
    {
        fs::remove(stored.program);
        CHECK(store.verified(wanted).error().code == errc::not_found);
    }
    SUBCASE("manifest and program together")
    {
        auto const other = std::string(100'000, 'q');
        support::put_file(stored.program, other);
        support::put_file(folder / "manifest.json", support::release_manifest(wanted, other));
        CHECK(store.verified(wanted).error().code == errc::unauthenticated);
    }
    SUBCASE("another release, rightly signed, in this one's folder")
    {
        auto const other = support::release_manifest({0, 0, 9}, content);
        support::put_file(folder / "manifest.json", other);
        support::put_file(folder / "manifest.sig", support::sign_release(other));
        CHECK(store.verified(wanted).error().code == errc::corrupt);
    }
    SUBCASE("the signature is gone")
    {
        fs::remove(folder / "manifest.sig");
        CHECK(store.verified(wanted).error().code == errc::not_found);
    }
    SUBCASE("a build with another key")
    {
        Store const other(dir.path(), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        CHECK(other.verified(wanted).error().code == errc::unauthenticated);
        Store const none(dir.path(), "");
        CHECK(none.verified(wanted).error().code == errc::not_supported);
    }
}

TEST_CASE_FIXTURE(StoreFixture, "update store: what is not signed, not for this system or no manifest is not even read")
{
    CHECK(store.check(manifest + " ", signature).error().code == errc::unauthenticated);
    CHECK(store.check(manifest, "x").error().code == errc::bad_input);
    CHECK(store.check(std::string(release::limits::manifest_bytes + 1, ' '), signature).error().code ==
          errc::limit_exceeded);
    auto const nothing = support::sign_release("{}");
    CHECK(store.check("{}", nothing).error().code == errc::bad_message);
    auto const foreign = support::release_manifest(wanted, "program", "amiga", std::string(64, 'a'), 10);
    auto const none = store.check(foreign, support::sign_release(foreign));
    REQUIRE_FALSE(none);
    CHECK(none.error().code == errc::not_found);
    CHECK(none.error().trace.find("release 0.1.1 has no program for") != std::string::npos);
    CHECK_FALSE(fs::exists(dir / "programs"));
}

TEST_CASE_FIXTURE(StoreFixture, "update store: a part with wrong bytes is deleted, and never becomes a program")
{
    auto const stored = *store.check(manifest, signature);
    REQUIRE(store.keep_manifest(stored, manifest, signature));
    for (auto const& wrong : {content.substr(1), content + "x", std::string(content.size(), 'q')}) {
        support::put_file(stored.part, wrong);
        CHECK(store.admit(stored).error().code == errc::corrupt);
        CHECK_FALSE(fs::exists(stored.part));
        CHECK_FALSE(fs::exists(stored.program));
    }
}

TEST_CASE_FIXTURE(StoreFixture,
                  "update store: a program that no disk has room for is refused before anything is fetched")
{
    auto const huge =
        support::release_manifest(wanted, "program", std::string(platform::system_name()), std::string(64, 'a'), 1000);
    auto stored = *store.check(huge, support::sign_release(huge));
    stored.file.bytes = std::numeric_limits<std::int64_t>::max() / 2;
    auto const room = store.check_space(stored);
    REQUIRE_FALSE(room);
    CHECK(room.error().code == errc::limit_exceeded);
    CHECK(room.error().trace.find("are needed") != std::string::npos);
}

TEST_CASE_FIXTURE(StoreFixture,
                  "update store: memory is whole or what it was; damaged, it is told and the installed program runs")
{
    Memory memory;
    memory.active = wanted;
    REQUIRE(store.save(memory));
    CHECK(*store.load() == memory);
    REQUIRE(platform::write_secret_file((dir / "update.json").string(), "{\"format\":1,"));
    CHECK(store.load().error().code == errc::corrupt);
    CHECK(store.load_or_forget() == Memory{});
    fs::remove(dir / "update.json");
    CHECK(*store.load() == Memory{});
}

TEST_CASE_FIXTURE(StoreFixture,
                  "update store: where the memory cannot be read, no offer goes below what is signed and lies here")
{
    (void)put_program();
    for (auto const* const unsigned_one : {"0.2.0", "not a version"}) {
        fs::create_directories(dir / "programs" / unsigned_one);
        support::put_file(dir / "programs" / unsigned_one / "manifest.json", manifest);
        support::put_file(dir / "programs" / unsigned_one / "manifest.sig", signature);
    }
    Memory left;
    left.highest = wanted;
    fs::create_directories(dir / "update.json"); // Neither a file nor missing.
    REQUIRE_FALSE(store.load());
    CHECK(store.load_or_forget() == left);
    fs::remove(dir / "programs/0.1.1/manifest.sig");
    CHECK(store.load_or_forget() == Memory{});
}

TEST_CASE_FIXTURE(StoreFixture, "update store: only the versions that are of use keep their folders")
{
    (void)put_program();
    fs::create_directories(dir / "programs/0.0.9");
    fs::create_directories(dir / "programs/not a version");
    Memory memory;
    memory.active = wanted;
    store.clean(memory);
    CHECK(fs::exists(dir / "programs/0.1.1/program"));
    CHECK_FALSE(fs::exists(dir / "programs/0.0.9"));
    CHECK_FALSE(fs::exists(dir / "programs/not a version"));
    store.clean({});
    CHECK_FALSE(fs::exists(dir / "programs/0.1.1"));
}

TEST_CASE_FIXTURE(StoreFixture, "update store: the marks of a person are there until they are taken away")
{
    CHECK_FALSE(store.paused());
    REQUIRE(store.set_paused(true));
    CHECK(store.paused());
    REQUIRE(store.set_paused(false));
    REQUIRE(store.set_paused(false));
    CHECK_FALSE(store.paused());
    CHECK_FALSE(store.take_retry());
    REQUIRE(store.ask_retry());
    CHECK(store.take_retry());
    CHECK_FALSE(store.take_retry());
}
