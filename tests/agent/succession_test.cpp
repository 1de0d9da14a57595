#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <sys/resource.h>

#include "agent/succession.hpp"
#include "agent/update/store.hpp"
#include "tests/agent/update/release.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::agent;
namespace fs = std::filesystem;

namespace
{

constexpr release::Version confirmed_one{99, 0, 0};

/// A start of the installed program, where a newer one was confirmed that no system can run: it has only bytes.
struct SuccessionFixture {
    support::TempDir dir;
    SystemClock clock;
    std::string const content = std::string(10'000, 'p');
    std::string const manifest = support::release_manifest(confirmed_one, content);
    update::Store store{dir.path(), support::release_public_key()};
    update::Stored stored;
    update::Memory memory;
    int waits = 0;
    int works = 0;
    int ends_at_wait = 0;                    ///< 0: nobody tells us to end.
    std::function<void()> meanwhile = [] {}; ///< While it waits.

    SuccessionFixture()
    {
        auto const signature = support::sign_release(manifest);
        stored = *store.check(manifest, signature);
        REQUIRE(store.keep_manifest(stored, manifest, signature));
        support::put_file(stored.part, content);
        REQUIRE(store.admit(stored));
        memory.active = confirmed_one;
        memory.highest = confirmed_one;
        REQUIRE(store.save(memory));
    }
    int start()
    {
        return run_newest({.folder = dir.path(),
                           .key = support::release_public_key(),
                           .arguments = {},
                           .limits = {},
                           .clock = &clock,
                           .work =
                               [this](Self const&) {
                                   ++works;
                                   return WorkEnd{.exit_code = 7};
                               },
                           .keep_log = [](bool) {},
                           .wait =
                               [this](std::chrono::milliseconds) {
                                   meanwhile();
                                   return ++waits != ends_at_wait;
                               }});
    }
    void check_kept()
    {
        CHECK(waits == 3);
        CHECK(works == 1);
        CHECK(*store.load() == memory);
    }
    void check_given_up()
    {
        CHECK(works == 1);
        auto const after = store.load();
        REQUIRE(after);
        CHECK_FALSE(after->active);
        REQUIRE(after->failures.size() == 1);
        CHECK(after->failures[0].version == confirmed_one);
    }
};

} // namespace

TEST_CASE_FIXTURE(SuccessionFixture, "succession: a program that cannot be read or started just now is not given up")
{
    SUBCASE("another program writes to it: ETXTBSY")
    {
        std::ofstream const holder(stored.program, std::ios::binary | std::ios::app);
        CHECK(start() == 7);
        check_kept();
    }
    SUBCASE("its file cannot be read")
    {
        fs::remove(stored.program);
        fs::create_directories(stored.program);
        CHECK(start() == 7);
        check_kept();
    }
    SUBCASE("its manifest cannot be read")
    {
        auto const file = stored.program.parent_path() / "manifest.json";
        fs::remove(file);
        fs::create_directories(file);
        CHECK(start() == 7);
        check_kept();
    }
    SUBCASE("its start is counted once, however often it is tried")
    {
        memory.active.reset();
        memory.trial = update::Trial{
            .version = confirmed_one, .from = {0, 0, 1}, .manifest_sha256 = "hash", .attempts = 0, .since_ms = 1};
        REQUIRE(store.save(memory));
        std::ofstream const holder(stored.program, std::ios::binary | std::ios::app);
        CHECK(start() == 7);
        memory.trial->attempts = 1;
        check_kept();
    }
}

TEST_CASE_FIXTURE(SuccessionFixture, "succession: what passed in the meantime is as if it had not been")
{
    auto const aside = dir / "aside";
    fs::rename(stored.program, aside);
    fs::create_directories(stored.program);
    meanwhile = [&] {
        fs::remove(stored.program);
        fs::rename(aside, stored.program);
    };
    CHECK(start() == 7);
    CHECK(waits == 1);
    check_given_up(); // Read, and no program.
}

TEST_CASE_FIXTURE(SuccessionFixture, "succession: a program that is wrong is given up at once")
{
    SUBCASE("no system can run it") {}
    SUBCASE("another byte") { support::put_file(stored.program, std::string(content.size(), 'q')); }
    SUBCASE("it is gone") { fs::remove(stored.program); }
    CHECK(start() == 7);
    CHECK(waits == 0);
    check_given_up();
}

TEST_CASE_FIXTURE(SuccessionFixture, "succession: told to end while it waits, it ends")
{
    ends_at_wait = 2;
    fs::remove(stored.program);
    fs::create_directories(stored.program);
    CHECK(start() == EXIT_SUCCESS);
    CHECK(waits == 2);
    CHECK(works == 0);
}

TEST_CASE_FIXTURE(SuccessionFixture, "succession: a failure that cannot be written down is not met for ever")
{
    // No file may grow beyond this (setrlimit(2)): a full disk, also for root.
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    auto limited = before;
    limited.rlim_cur = 16;
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limited) == 0);
    auto const end = start();
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, handler);
    CHECK(end == 7);
    CHECK(works == 1);
    CHECK(*store.load() == memory);
}
