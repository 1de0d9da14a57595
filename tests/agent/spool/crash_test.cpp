#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/spool/spool.hpp"
#include "common/log/log.hpp"
#include "common/wire/codec.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using wire::Lane;

/// Runs the writer until it has told `events` of them, kills it, and returns the last one it told.
static std::uint64_t write_and_kill(std::string const& folder, int events)
{
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    auto const child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execl(ROLLCALL_SPOOL_WRITER, ROLLCALL_SPOOL_WRITER, folder.c_str(), nullptr);
        _exit(127);
    }
    close(ends[1]);
    auto* const said = fdopen(ends[0], "r");
    std::array<char, 64> line{};
    std::uint64_t last = 0;
    for (int i = 0; i < events && std::fgets(line.data(), line.size(), said) != nullptr; ++i)
        last = std::strtoull(line.data(), nullptr, 10);
    kill(child, SIGKILL);
    while (std::fgets(line.data(), line.size(), said) != nullptr)
        last = std::max<std::uint64_t>(last, std::strtoull(line.data(), nullptr, 10));
    int status = 0;
    waitpid(child, &status, 0);
    std::fclose(said);
    REQUIRE(WIFSIGNALED(status));
    return last;
}

TEST_CASE("spool: a writer killed at any moment loses nothing that append had promised, and leaves a whole file")
{
    support::TempDir const dir;
    support::ManualClock const clock;
    log::Capture const captured;
    std::string epoch;
    for (int round = 0; round < 12; ++round) {
        auto const promised = write_and_kill(dir.path().string(), 1 + round * 3);
        auto spool = spool::Spool::open({.folder = dir.path(), .clock = &clock, .limits = {}});
        REQUIRE(spool);
        if (round == 0) epoch = spool->epoch();
        CHECK(spool->epoch() == epoch);
        auto const batch = spool->next_batch(Lane::event, 0, 100000, 1UL << 30U);
        REQUIRE(batch);
        REQUIRE(!batch->empty());
        CHECK(batch->back().sequence >= promised);
        CHECK(batch->size() == batch->back().sequence); // no hole
    }
    CHECK(!captured.has("spool.corrupt"));
}

TEST_CASE("spool: a full disk is an error, not an end; what did not fit is told once there is room again")
{
    support::TempDir const dir;
    auto const mounted = dir / "small";
    std::filesystem::create_directory(mounted);
    if (mount("none", mounted.c_str(), "tmpfs", 0, "size=400k") != 0) {
        MESSAGE("skipped: no right to mount a small file system");
        return;
    }
    support::ManualClock const clock;
    log::Capture const captured;
    wire::Event event;
    event.name = "log_in";
    event.detail["user"] = std::string(2000, 'x');
    {
        auto spool = spool::Spool::open({.folder = mounted, .clock = &clock, .limits = {}});
        REQUIRE(spool);
        std::uint64_t stored = 0;
        for (;;) {
            auto const sequence = spool->append(event);
            if (!sequence) {
                CHECK(sequence.error().code == errc::io);
                break;
            }
            stored = *sequence;
            REQUIRE(stored < 1000);
        }
        CHECK(!spool->append(event));
        CHECK(*spool->count(Lane::event) == stored);

        REQUIRE(mount("none", mounted.c_str(), "tmpfs", MS_REMOUNT, "size=4m") == 0);
        auto const sequence = spool->append(event);
        REQUIRE(sequence);
        CHECK(*sequence == stored + 3); // two were lost
        auto const batch = spool->next_batch(Lane::event, stored, 10, 1UL << 20U);
        REQUIRE(batch);
        REQUIRE(batch->size() == 2);
        auto const first = wire::decode_from_agent(batch->front().text);
        REQUIRE(first);
        auto const& gap = std::get<wire::Gap>(*first);
        CHECK(gap.first == stored + 1);
        CHECK(gap.last == stored + 2);
    }
    CHECK(umount(mounted.c_str()) == 0);
}

TEST_CASE("spool: a read-only file system is told with the file's name, and nothing is begun anew for it")
{
    support::TempDir const dir;
    auto const mounted = dir / "small";
    std::filesystem::create_directory(mounted);
    if (mount("none", mounted.c_str(), "tmpfs", 0, "size=4m") != 0) {
        MESSAGE("skipped: no right to mount a small file system");
        return;
    }
    support::ManualClock const clock;
    log::Capture const captured;
    spool::Options const options{.folder = mounted, .clock = &clock, .limits = {}};
    wire::Event event;
    event.name = "log_in";
    std::string epoch;
    {
        auto spool = spool::Spool::open(options);
        REQUIRE(spool);
        epoch = spool->epoch();
        REQUIRE(spool->append(event));
    }
    REQUIRE(mount("none", mounted.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    auto const refused = spool::Spool::open(options);
    CHECK_FALSE(refused);
    if (!refused) {
        CHECK(refused.error().code != errc::corrupt);
        CHECK(refused.error().trace.find("spool") != std::string::npos);
    }
    REQUIRE(mount("none", mounted.c_str(), "tmpfs", MS_REMOUNT, nullptr) == 0);
    {
        auto const spool = spool::Spool::open(options);
        REQUIRE(spool);
        CHECK(spool->epoch() == epoch);
    }
    CHECK(!captured.has("spool.corrupt"));
    CHECK(umount(mounted.c_str()) == 0);
}

TEST_CASE("spool: writes that the system refuses lose what could not be kept, tell it, and nothing else")
{
    support::TempDir const dir;
    support::ManualClock const clock;
    log::Capture const captured;
    auto spool = spool::Spool::open({.folder = dir.path(), .clock = &clock, .limits = {}});
    REQUIRE(spool);
    wire::Event event;
    event.name = "log_in";
    event.detail["user"] = std::string(2000, 'x');
    REQUIRE(spool->append(event));

    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    auto const old_handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit const small{.rlim_cur = 128UL * 1024, .rlim_max = before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
    std::uint64_t stored = 1;
    bool failed = false;
    for (int i = 0; i < 1000 && !failed; ++i) {
        auto const sequence = spool->append(event);
        failed = !sequence;
        if (sequence) stored = *sequence;
    }
    auto const again = spool->append(event);
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old_handler);
    REQUIRE(failed);
    CHECK_FALSE(again);
    CHECK(*spool->count(Lane::event) == stored);

    auto const sequence = spool->append(event);
    REQUIRE(sequence);
    CHECK(*sequence == stored + 3);
    auto const batch = spool->next_batch(Lane::event, stored, 10, 1UL << 20U);
    REQUIRE(batch);
    REQUIRE(batch->size() == 2);
    auto const told = wire::decode_from_agent(batch->front().text);
    REQUIRE(told);
    REQUIRE(std::holds_alternative<wire::Gap>(*told));
    CHECK(std::get<wire::Gap>(*told).first == stored + 1);
    CHECK(std::get<wire::Gap>(*told).last == stored + 2);
    CHECK(!captured.has("spool.corrupt"));
}
