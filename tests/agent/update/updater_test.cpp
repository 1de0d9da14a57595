#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "agent/update/updater.hpp"
#include "platform/process.hpp"
#include "tests/agent/update/release.hpp"
#include "tests/agent/uplink/fake_collector.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::update;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace
{

constexpr Version installed_one{0, 1, 0};
constexpr Version newer_one{0, 1, 1};

/// Goes on while the machine sleeps, as that of Windows and macOS.
class SleepingClock final : public Clock
{
public:
    [[nodiscard]] UnixMs now_ms() const override { return clock_.now_ms(); }
    [[nodiscard]] std::chrono::milliseconds steady() const override { return clock_.steady() + slept_.load(); }
    void sleep(std::chrono::milliseconds time) { slept_ = slept_.load() + time; }

private:
    SystemClock clock_;
    std::atomic<std::chrono::milliseconds> slept_{0ms};
};

/// An agent that hears of nothing but updates.
struct UpdaterFixture {
    support::TempDir dir;
    SleepingClock clock;
    std::string const content = std::string(300'000, 'p');
    std::string const manifest = support::release_manifest(newer_one, content);
    support::FakeCollector collector; ///< Its thread reads the two above.
    Store store{dir.path(), support::release_public_key()};

    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> told; ///< "downloading", "refused: why"
    bool wants_change = false;
    std::atomic<bool> proven{false};
    std::unique_ptr<Updater> updater;

    UpdaterFixture() { REQUIRE(uplink::save_identity(dir.path(), collector.identity())); }

    void start(Version running = installed_one)
    {
        updater = std::make_unique<Updater>(Updater::Options{.folder = dir.path(),
                                                             .clock = &clock,
                                                             .key = support::release_public_key(),
                                                             .running = running,
                                                             .limits = {.trial = 2s, .hang = 1s, .starts = 3},
                                                             .pause = 20ms,
                                                             .longest_pause = 100ms,
                                                             .denials = 2,
                                                             .look_every = 20ms,
                                                             .fetch_idle = 2s,
                                                             .after = {}});
        updater->start({.tell =
                            [this](wire::Event const& event) {
                                auto const word = [&](char const* name) {
                                    return std::get<std::string>(event.detail.at(name));
                                };
                                std::lock_guard const lock(mutex);
                                told.push_back(word("state") + (word("reason").empty() ? "" : ": ") + word("reason"));
                                changed.notify_all();
                                return true;
                            },
                        .proven = [this] { return proven.load(); },
                        .change =
                            [this] {
                                std::lock_guard const lock(mutex);
                                wants_change = true;
                                changed.notify_all();
                            }});
    }
    template <class Condition>
    bool within(Condition const& condition)
    {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, support::patience, condition);
    }
    bool tells(std::string const& beginning)
    {
        return within(
            [&] { return std::ranges::any_of(told, [&](auto const& one) { return one.starts_with(beginning); }); });
    }
    bool changes()
    {
        return within([&] { return wants_change; });
    }
    std::string whole() const
    {
        return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", content.size(), content);
    }
    /// All, or from where it is asked for.
    std::string asked_for(std::string const& head) const
    {
        static constexpr std::string_view range = "Range: bytes=";
        auto const at = head.find(range);
        if (at == std::string::npos) return whole();
        auto const from = std::stoul(head.substr(at + range.size()));
        return fmt::format(
            "HTTP/1.1 206 Partial Content\r\nContent-Length: {}\r\nContent-Range: bytes {}-{}/{}\r\n\r\n{}",
            content.size() - from, from, content.size() - 1, content.size(), content.substr(from));
    }
};

} // namespace

TEST_CASE_FIXTURE(UpdaterFixture, "updater: what is offered is fetched, verified, and then its turn has come")
{
    collector.then_raw([this](std::string const&) { return whole(); });
    start();
    updater->offer(support::offer_of(manifest));
    REQUIRE(changes());
    updater->stop();
    CHECK(told == std::vector<std::string>{"downloading", "ready"});
    auto const memory = store.load();
    REQUIRE(memory);
    REQUIRE(memory->trial);
    CHECK(memory->trial->version == newer_one);
    CHECK(memory->trial->from == installed_one);
    CHECK(memory->trial->attempts == 0);
    CHECK(memory->untold.empty());
    CHECK(store.verified(newer_one));
}

TEST_CASE_FIXTURE(UpdaterFixture,
                  "updater: a fetch that is cut off goes on by itself, also after a restart without a new offer")
{
    collector.then_raw([this](std::string const&) { return whole().substr(0, 150'000); });
    start();
    updater->offer(support::offer_of(manifest));
    REQUIRE(tells("downloading"));
    while (collector.connections() < 1)
        std::this_thread::sleep_for(10ms);
    std::this_thread::sleep_for(200ms);
    updater->stop();
    REQUIRE(store.load()->wanted == newer_one);
    std::string asked;
    // The first of them may meet a connection that was given up.
    for (int i = 0; i < 4; ++i)
        collector.then_raw([&](std::string const& head) {
            asked = head;
            return asked_for(head);
        });
    start();
    REQUIRE(changes());
    updater->stop();
    CHECK(asked.find("Range: bytes=") != std::string::npos);
    CHECK(store.verified(newer_one));
}

TEST_CASE_FIXTURE(UpdaterFixture, "updater: other bytes than the signed ones are told and never tried again")
{
    collector.then_raw([this](std::string const&) {
        auto bytes = whole();
        bytes.back() = 'q';
        return bytes;
    });
    start();
    updater->offer(support::offer_of(manifest));
    REQUIRE(tells("failed: program.part: not what the manifest says"));
    updater->offer(support::offer_of(manifest));
    REQUIRE(tells("refused: 0.1.1 failed here"));
    updater->stop();
    CHECK_FALSE(wants_change);
    CHECK_FALSE(store.verified(newer_one));
}

TEST_CASE_FIXTURE(UpdaterFixture,
                  "updater: a part that lost its bytes with the power is fetched once more from its beginning")
{
    auto const stored = *store.check(manifest, support::offer_of(manifest).signature);
    REQUIRE(store.keep_manifest(stored, manifest, support::offer_of(manifest).signature));
    support::put_file(stored.part, std::string(100'000, '\0'));
    REQUIRE(store.save({.wanted = newer_one}));
    for (int i = 0; i < 2; ++i)
        collector.then_raw([this](std::string const& head) { return asked_for(head); });
    start();
    REQUIRE(changes());
    updater->stop();
    CHECK(told == std::vector<std::string>{"downloading", "ready"});
    CHECK(store.verified(newer_one));
}

TEST_CASE_FIXTURE(UpdaterFixture, "updater: wrong bytes in parts are fetched anew once, then told")
{
    auto const offer = support::offer_of(manifest);
    auto const stored = *store.check(manifest, offer.signature);
    REQUIRE(store.keep_manifest(stored, manifest, offer.signature));
    support::put_file(stored.part, std::string(100'000, '\0'));
    REQUIRE(store.save({.wanted = newer_one}));
    collector.then_raw([this](std::string const& head) { return asked_for(head); });
    // From its beginning, and cut off: what was begun is wrong again.
    collector.then_raw([this](std::string const&) {
        return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", content.size(),
                           std::string(150'000, 'q'));
    });
    for (int i = 0; i < 4; ++i)
        collector.then_raw([this](std::string const& head) { return asked_for(head); });
    start();
    REQUIRE(tells("failed: program.part: not what the manifest says"));
    updater->stop();
    CHECK_FALSE(wants_change);
}

TEST_CASE_FIXTURE(UpdaterFixture,
                  "updater: a manifest that was lost with the power fails nothing, and the next offer brings it")
{
    auto const offer = support::offer_of(manifest);
    REQUIRE(store.keep_manifest(*store.check(manifest, offer.signature), manifest, offer.signature));
    REQUIRE(store.save({.wanted = newer_one}));
    fs::resize_file(dir / "programs/0.1.1/manifest.sig", 0);
    collector.then_raw([this](std::string const&) { return whole(); });
    start();
    while (store.load()->wanted)
        std::this_thread::sleep_for(10ms);
    updater->offer(offer);
    REQUIRE(changes());
    updater->stop();
    CHECK(told == std::vector<std::string>{"downloading", "ready"});
}

TEST_CASE_FIXTURE(UpdaterFixture,
                  "updater: a release that was made anew while it was fetched takes the place of the one before")
{
    auto const old = support::release_manifest(newer_one, std::string(content.size(), 'o'));
    auto const signature = support::offer_of(old).signature;
    auto const before = *store.check(old, signature);
    REQUIRE(store.keep_manifest(before, old, signature));
    support::put_file(before.part, std::string(100'000, 'o'));
    REQUIRE(store.save({.wanted = newer_one}));
    std::string asked;
    collector.then_raw(
        [](std::string const&) { return std::string("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"); });
    for (int i = 0; i < 4; ++i)
        collector.then_raw([&](std::string const& head) {
            asked = head;
            return asked_for(head);
        });
    start();
    updater->offer(support::offer_of(manifest));
    REQUIRE(changes());
    updater->stop();
    CHECK(asked.find("Range:") == std::string::npos);
    CHECK(store.verified(newer_one)->manifest_sha256 == sha256_hex(manifest));
}

TEST_CASE_FIXTURE(UpdaterFixture, "updater: what cannot be is refused with its reason, once")
{
    start();
    auto offer = support::offer_of(manifest);
    offer.manifest += ' ';
    updater->offer(offer);
    REQUIRE(tells("refused: signature: not by the key of this build"));
    updater->offer(support::offer_of(support::release_manifest(installed_one, content)));
    REQUIRE(tells("refused: 0.1.0 is not newer than 0.1.0, which runs"));
    updater->offer(support::offer_of(support::release_manifest({0, 0, 9}, content)));
    REQUIRE(tells("refused: 0.0.9 is not newer"));
    updater->offer(support::offer_of(
        support::release_manifest(newer_one, "program", "amiga", std::string(64, 'a'), content.size())));
    REQUIRE(tells("refused: release 0.1.1 has no program"));
    REQUIRE(store.set_paused(true));
    updater->offer(support::offer_of(manifest));
    REQUIRE(tells("refused: updates are paused on this machine"));
    auto const count = told.size();
    updater->offer(support::offer_of(manifest));
    std::this_thread::sleep_for(200ms);
    updater->stop();
    CHECK(told.size() == count);
    CHECK(collector.connections() == 0);
}

TEST_CASE_FIXTURE(UpdaterFixture,
                  "updater: where its memory cannot be read it says so, deletes nothing and takes nothing older")
{
    auto const stored = *store.check(manifest, support::sign_release(manifest));
    REQUIRE(store.keep_manifest(stored, manifest, support::sign_release(manifest)));
    support::put_file(stored.part, content);
    REQUIRE(store.admit(stored));
    Memory memory;
    memory.active = newer_one;
    REQUIRE(store.save(memory));
    auto const known = dir / "update.json.known";
    fs::rename(dir / "update.json", known);
    fs::create_directories(dir / "update.json"); // Neither a file nor missing.
    start({0, 0, 9});
    REQUIRE(tells("refused: no program is deleted"));
    updater->offer(support::offer_of(support::release_manifest(installed_one, content)));
    REQUIRE(tells("refused: 0.1.0 is older than 0.1.1, which ran here before"));
    updater->stop();
    CHECK(store.verified(newer_one));
    // It can be read again.
    fs::remove(dir / "update.json");
    fs::rename(known, dir / "update.json");
    CHECK(store.load_or_forget() == memory);
}

TEST_CASE_FIXTURE(UpdaterFixture,
                  "updater: a file that the collector does not have is asked for a few times, and then told")
{
    for (int i = 0; i < 2; ++i)
        collector.then_raw([](std::string const&) { return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"; });
    start();
    updater->offer(support::offer_of(manifest));
    REQUIRE(tells("failed: fetch: the collector has no such file"));
    // Not its fault: a new offer begins anew.
    collector.then_raw([this](std::string const&) { return whole(); });
    updater->offer(support::offer_of(manifest));
    CHECK(changes());
    updater->stop();
}

TEST_CASE_FIXTURE(UpdaterFixture,
                  "updater: on trial, what is proven is confirmed, and what is not in time is rolled back")
{
    Memory memory;
    memory.wanted = newer_one;
    begin_trial(memory, installed_one, "hash", clock.now_ms());
    memory.trial->attempts = 1;
    memory.untold.clear();
    REQUIRE(store.save(memory));
    SUBCASE("proven")
    {
        start(newer_one);
        REQUIRE(tells("trial"));
        proven = true;
        REQUIRE(tells("confirmed"));
        updater->stop();
        CHECK(store.load()->active == newer_one);
        CHECK_FALSE(store.load()->trial);
        CHECK_FALSE(wants_change);
    }
    SUBCASE("not proven")
    {
        start(newer_one);
        REQUIRE(changes());
        updater->stop();
        auto const after = store.load();
        CHECK_FALSE(after->trial);
        CHECK_FALSE(after->active);
        REQUIRE(after->failures.size() == 1);
        CHECK(after->failures[0].reason == "not connected and acknowledged within 2 s");
        // It is for the program that runs next to tell.
        REQUIRE_FALSE(after->untold.empty());
        CHECK(after->untold.back().state == State::rolled_back);
    }
    SUBCASE("a sleep is no time in which it could have been proven")
    {
        start(newer_one);
        REQUIRE(tells("trial"));
        clock.sleep(8h);
        std::this_thread::sleep_for(200ms);
        proven = true;
        REQUIRE(tells("confirmed"));
        updater->stop();
        CHECK(store.load()->active == newer_one);
    }
    SUBCASE("stopped in between, nothing is decided")
    {
        start(newer_one);
        REQUIRE(tells("trial"));
        updater->stop();
        CHECK(store.load()->trial->attempts == 1);
    }
}

TEST_CASE_FIXTURE(UpdaterFixture,
                  "updater: killed between any two steps, it leaves what runs safely, and ends what it began")
{
    support::put_file(dir / "manifest.json", manifest);
    support::put_file(dir / "manifest.sig", support::sign_release(manifest));
    support::put_file(dir / "key", support::release_public_key());
    int killed = 0;
    for (int step = 1; step < 100; ++step) {
        CAPTURE(step);
        fs::remove_all(dir / "programs");
        fs::remove(dir / "update.json");
        for (int i = 0; i < 4; ++i)
            collector.then_raw([this](std::string const& head) { return asked_for(head); });
        auto const first =
            platform::run({.arguments = {ROLLCALL_UPDATE_STEPS, dir.path().string(), std::to_string(step)}});
        REQUIRE(first);
        if (first->exit_code == 0) break;
        REQUIRE(first->exit_code == 128 + 9);
        ++killed;
        auto memory = store.load();
        REQUIRE(memory);
        auto const turn = next_program(*memory, installed_one, {}, clock.now_ms());
        if (turn.version) CHECK(store.verified(*turn.version));

        // As after a restart: the collector offers again, or the agent goes on by itself.
        auto const again = platform::run({.arguments = {ROLLCALL_UPDATE_STEPS, dir.path().string(), "0"}});
        REQUIRE(again);
        CHECK_MESSAGE(again->exit_code == 0, again->errors);
        CHECK(store.load()->trial->version == newer_one);
        CHECK(store.verified(newer_one));
        collector.forget();
    }
    // Manifest, memory, pieces, program: all were met.
    CHECK(killed >= 8);
}
