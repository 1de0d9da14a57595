#include <doctest/doctest.h>

#include "collector/updates/board.hpp"
#include "collector/updates/limits.hpp"
#include "collector/updates/offer.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::updates;

namespace
{

constexpr UnixMs now_ms = 1'795'400'000'000;
constexpr UnixMs hour_ms = 3'600'000;

Candidate candidate(std::string_view version, release::Channel channel = release::Channel::stable)
{
    auto release = std::make_shared<Release>();
    release->manifest.version = *release::parse_version(version);
    release->manifest.channel = channel;
    release->manifest.files = {{.name = "p", .kind = "program", .system = "linux", .architecture = "x86_64"}};
    return {.release = release, .first_seen_ms = now_ms, .stopped = {}};
}

Candidate with_waves(Candidate made, std::vector<release::Wave> waves)
{
    auto release = std::make_shared<Release>(*made.release);
    release->manifest.waves = std::move(waves);
    made.release = release;
    return made;
}

Question question(std::string_view version = "0.1.0")
{
    return {.device_id = "019ac1de-0000-7000-8000-000000000001",
            .version = version,
            .system = "linux",
            .policy = {},
            .attempts = nullptr,
            .under_way = 0,
            .just_connected = false,
            .now_ms = now_ms};
}

store::UpdateAttempt attempt(std::string state, UnixMs at_ms = now_ms, std::string reason = {})
{
    return {.device_id = "d",
            .version = "0.2.0",
            .from_version = "0.1.0",
            .state = std::move(state),
            .reason = std::move(reason),
            .offered_ms = at_ms,
            .at_ms = at_ms};
}

std::string offered(Verdict const& verdict)
{
    return verdict.offer ? to_string(verdict.offer->version()) : std::string();
}

} // namespace

TEST_CASE("offer: the newest release of the device's channel, and never a lower version")
{
    std::vector const candidates{candidate("0.4.0", release::Channel::beta), candidate("0.3.0"), candidate("0.2.0")};
    auto asked = question();
    CHECK(offered(decide(asked, candidates)) == "0.3.0");
    asked.policy.channel = release::Channel::beta;
    CHECK(offered(decide(asked, candidates)) == "0.4.0");
    asked = question("0.3.0");
    CHECK(decide(asked, candidates).word == "current");
    asked.version = "0.3.1";
    CHECK(decide(asked, candidates).word == "current");
    CHECK(decide(question(), {}).word == "none");
    CHECK(decide(question(), {candidate("0.2.0", release::Channel::beta)}).word == "none");
    CHECK(decide(question("unknown"), candidates).word == "unknown");
}

TEST_CASE("offer: paused and pinned are said with their level, and pinned means that version and no other")
{
    std::vector const candidates{candidate("0.3.0"), candidate("0.2.0")};
    auto asked = question();
    asked.policy.paused = true;
    asked.policy.paused_from = "customer";
    CHECK(decide(asked, candidates).reason == "paused for the customer");

    asked = question();
    asked.policy.pinned_from = "device";
    asked.policy.pinned = *release::parse_version("0.2.0");
    CHECK(offered(decide(asked, candidates)) == "0.2.0");
    asked.policy.pinned = *release::parse_version("0.1.0");
    CHECK(decide(asked, candidates).reason == "pinned to 0.1.0 for this device");
    asked.policy.pinned = *release::parse_version("0.0.9");
    CHECK(decide(asked, candidates).reason ==
          "pinned to 0.0.9 for this device, and what runs is newer: it never goes back by itself");
    asked.policy.pinned = *release::parse_version("0.2.5");
    CHECK(decide(asked, candidates).reason == "pinned to 0.2.5 for this device, and there is no such release here");
    // Whoever pins wants it now, of whatever channel, and before its wave.
    asked.policy.pinned = *release::parse_version("0.4.0");
    auto const slow = with_waves(candidate("0.4.0", release::Channel::beta), {{.percent = 100, .after_h = 24}});
    CHECK(offered(decide(asked, {slow})) == "0.4.0");
}

TEST_CASE("offer: the nearest level that says something wins, each thing by itself")
{
    store::UpdatePolicy const all{.channel = "beta", .pinned = "0.2.0", .paused = true};
    store::UpdatePolicy const customer{.channel = {}, .pinned = "", .paused = {}};
    store::UpdatePolicy const device{.channel = {}, .pinned = {}, .paused = false};
    auto const merged = merge(all, customer, device);
    CHECK(merged.channel == release::Channel::beta);
    CHECK(merged.channel_from == "collector");
    CHECK_FALSE(merged.pinned);
    CHECK(merged.pinned_from == "customer");
    CHECK_FALSE(merged.paused);
    CHECK(merged.paused_from == "device");
    auto const nothing = merge({}, {}, {});
    CHECK(nothing.channel == release::Channel::stable);
    CHECK(nothing.channel_from.empty());
}

TEST_CASE("offer: a device waits for its wave, which is counted from when the collector first saw the release")
{
    auto const slow = with_waves(candidate("0.2.0"), {{5, 0}, {25, 24}, {100, 72}});
    int first = 0;
    int second = 0;
    for (int number = 0; number < 2000; ++number) {
        auto const id = "device " + std::to_string(number);
        auto asked = question();
        asked.device_id = id;
        auto const verdict = decide(asked, {slow});
        auto const turn = turn_of(id, slow);
        REQUIRE(turn);
        first += turn->wave == 0 ? 1 : 0;
        second += turn->wave == 1 ? 1 : 0;
        CHECK((verdict.offer != nullptr) == (turn->wave == 0));
        if (turn->wave > 0) {
            CHECK(verdict.reason == "waits for wave " + std::to_string(turn->wave + 1));
            CHECK(verdict.opens_ms == now_ms + (turn->wave == 1 ? 24 : 72) * hour_ms);
            asked.now_ms = *verdict.opens_ms;
            CHECK(decide(asked, {slow}).offer != nullptr);
        }
    }
    CHECK(first > 60);
    CHECK(first < 140);
    CHECK(second > 320);
    CHECK(second < 480);
    // Not always the same devices go first.
    CHECK(bucket("device 1", {0, 2, 0}) == bucket("device 1", {0, 2, 0}));
    CHECK(bucket("device 1", {0, 2, 0}) != bucket("device 1", {0, 3, 0}));

    auto const some = with_waves(candidate("0.2.0"), {{0, 0}});
    CHECK(decide(question(), {some}).reason == "no wave of the release reaches this device");
}

TEST_CASE("offer: where the newest may not be had, an older one that is newer than what runs may")
{
    auto newest = candidate("0.3.0");
    newest.stopped = "3 of 12 devices failed";
    CHECK(offered(decide(question(), {newest, candidate("0.2.0")})) == "0.2.0");
    auto const verdict = decide(question("0.2.0"), {newest, candidate("0.2.0")});
    CHECK(verdict.word == "stopped");
    CHECK(verdict.reason == "stopped: 3 of 12 devices failed");
}

TEST_CASE("offer: what an earlier attempt came to counts")
{
    std::vector const candidates{candidate("0.2.0")};
    Attempts attempts;
    auto asked = question();
    asked.attempts = &attempts;
    auto const with = [&](store::UpdateAttempt const& made) {
        attempts["0.2.0"] = made;
        return decide(asked, candidates);
    };
    CHECK(with(attempt("failed", now_ms, "no space")).reason == "failed on this device: no space");
    CHECK(with(attempt("rolled_back", now_ms - 1000 * hour_ms)).word == "failed");
    CHECK(with(attempt("refused", now_ms, "paused on this machine")).reason ==
          "refused by the device: paused on this machine");
    CHECK(with(attempt("refused", now_ms - limits::refused_again.count())).word == "offered");
    CHECK(with(attempt("trial")).reason == "under way: trial");
    CHECK(with(attempt("downloading", now_ms - limits::offer_again.count())).word == "offered");
    // It ran once, and an older version runs now: somebody put that there.
    CHECK(with(attempt("confirmed")).word == "offered");
    // Gone with the connection, perhaps.
    asked.just_connected = true;
    CHECK(with(attempt("offered")).word == "offered");
    CHECK(with(attempt("trial")).word == "under_way");
}

TEST_CASE("offer: only so many at once, and only what there is a program for")
{
    auto asked = question();
    asked.under_way = limits::offers_at_once;
    CHECK(decide(asked, {candidate("0.2.0")}).word == "queued");
    asked = question();
    asked.system = "macos";
    CHECK(decide(asked, {candidate("0.2.0")}).reason == "the release has no program for macos");
    asked.system = "";
    CHECK(decide(asked, {candidate("0.2.0")}).word == "unknown");
}

TEST_CASE("offer: a release stops itself at two failures and a tenth of those that tried")
{
    CHECK_FALSE(stops({.tried = 1, .failed = 1}));
    CHECK(stops({.tried = 2, .failed = 2}));
    CHECK(stops({.tried = 20, .failed = 2}));
    CHECK_FALSE(stops({.tried = 21, .failed = 2}));
    CHECK(stops({.tried = 12, .failed = 3}));
    CHECK(stopped_words({.tried = 12, .failed = 3}) == "3 of 12 devices failed");
}

TEST_CASE("board: a release counts once it is noted, and those under way make others wait")
{
    support::ManualClock clock;
    Board board(clock);
    auto shelf = std::make_shared<Shelf>();
    shelf->releases = {candidate("0.3.0", release::Channel::beta).release, candidate("0.2.0").release};
    board.put_shelf(shelf);
    Facts const device{.id = "d", .customer_id = "c", .version = "0.1.0", .system = "linux"};
    CHECK_FALSE(board.has_newer("0.1.0"));
    CHECK(board.verdict(device, false).word == "none");
    board.put_note({.version = "0.2.0", .first_seen_ms = clock.now_ms()});
    CHECK(board.has_newer("0.1.0"));
    CHECK_FALSE(board.has_newer("0.2.0"));
    CHECK(offered(board.verdict(device, false)) == "0.2.0");
    CHECK(board.verdict(device, false, limits::offers_at_once).word == "queued");
    for (std::size_t number = 0; number < limits::offers_at_once; ++number)
        board.put_attempt({.device_id = "o" + std::to_string(number),
                           .version = "0.2.0",
                           .from_version = "0.1.0",
                           .state = "downloading",
                           .reason = {},
                           .offered_ms = clock.now_ms(),
                           .at_ms = clock.now_ms()});
    CHECK(board.verdict(device, false).word == "queued");
    CHECK(board.progress([](auto const& id) { return id != "o1"; }).at("0.2.0").under_way ==
          static_cast<std::int64_t>(limits::offers_at_once) - 1);
    board.put_attempt({.device_id = "o1", .version = "0.2.0", .state = "confirmed", .at_ms = clock.now_ms()});
    CHECK(offered(board.verdict(device, false)) == "0.2.0");
    CHECK(board.last_attempt("o1")->offered_ms == clock.now_ms());

    board.put_policy("c", {.channel = {}, .pinned = {}, .paused = true});
    CHECK(board.verdict(device, false).word == "paused");
    board.put_policy("d", {.channel = {}, .pinned = {}, .paused = false});
    CHECK(board.verdict(device, false).word == "offered");
    CHECK(board.for_new_machines()->version() == release::Version{0, 2, 0});
    board.put_note({.version = "0.2.0", .first_seen_ms = 0, .stopped_ms = 1, .stopped_why = "x"});
    CHECK(board.for_new_machines() == nullptr);
}
