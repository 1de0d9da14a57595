#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "collector/rules/alert_work.hpp"
#include "collector/rules/evaluator.hpp"
#include "common/wire/catalogue.hpp"
#include "tests/support/manual_clock.hpp"

using namespace rollcall;
using namespace rollcall::rules;
using rollcall::support::ManualClock;
using Kind = rules::Change::Kind;

namespace
{

constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

/// One device under the default profile, and everything that was said of its alerts.
struct Fixture {
    ManualClock clock;
    int ids = 0;
    Evaluator evaluator{default_profile(), [this](UnixMs) { return "alert-" + std::to_string(++ids); }};
    std::map<std::string, store::Alert> open;
    int opened = 0;
    int resolved = 0;
    int woken = 0;
    std::vector<store::Alert> amended; ///< By the rules.
    store::Alert last;
    std::string latest;

    explicit Fixture(std::string_view type = "PC")
    {
        evaluator.put_device("pc", "acme", type);
        take(evaluator.presence("pc", Presence::online, now()));
    }
    [[nodiscard]] Now now() const { return {clock.now_ms(), clock.steady()}; }
    void take(Changes const& changes)
    {
        for (auto const& [kind, alert] : changes) {
            latest = alert.latest;
            last = alert;
            if (kind == Kind::opened) {
                ++opened;
                CHECK(open.emplace(alert.item + "|" + alert.subject, alert).second);
            } else if (kind == Kind::resolved) {
                ++resolved;
                CHECK(alert.resolved_ms);
                CHECK(open.erase(alert.item + "|" + alert.subject) == 1);
            } else if (kind == Kind::woken) {
                ++woken;
                open.at(alert.item + "|" + alert.subject) = alert;
            } else if (kind == Kind::amended) {
                amended.push_back(alert);
                if (!alert.resolved_ms) open.at(alert.item + "|" + alert.subject) = alert;
            }
        }
    }
    /// Anna does it, as the pipeline lets her.
    store::Alert work(store::Alert const& alert, AlertWish::Kind what, std::optional<UnixMs> until_ms = {})
    {
        auto const step =
            work_on(alert, {.kind = what, .until_ms = until_ms}, {.id = "a", .name = "anna"}, clock.now_ms());
        CHECK(step.kind == AlertResult::Kind::done);
        evaluator.amend(step.alert);
        open.erase(alert.item + "|" + alert.subject);
        if (!step.alert.resolved_ms) open.emplace(alert.item + "|" + alert.subject, step.alert);
        return step.alert;
    }
    store::Alert work(std::string const& key, AlertWish::Kind what, std::optional<UnixMs> until_ms = {})
    {
        return work(store::Alert(open.at(key)), what, until_ms);
    }
    void pass(std::chrono::milliseconds time)
    {
        clock.advance(time);
        take(evaluator.tick(now()));
    }
    void sample(std::string const& probe, std::string const& key, Value value)
    {
        wire::Series series{
            .sequence = 1, .probe = probe, .taken_ms = clock.now_ms(), .samples = {{key, {std::move(value)}}}};
        take(evaluator.series("pc", series, series.taken_ms, now()));
    }
    void cpu(double percent) { sample("cpu", "", percent); }
    /// Readings every 15 s for as long as `time`.
    void cpu_for(double percent, std::chrono::seconds time)
    {
        for (auto left = time; left.count() > 0; left -= 15s) {
            cpu(percent);
            pass(15s);
        }
    }
    void service(std::string const& name, std::string const& state, bool expected = true,
                 std::optional<UnixMs> since = {})
    {
        Row row{{"state", state}, {"expected", expected}};
        if (since) row["since_ms"] = *since;
        take(evaluator.state("pc", "services", {{name, row}}, {}, 0, now()));
    }
};

} // namespace

TEST_CASE("rules: a level must be held without a break before it raises, and the clear level before it resolves")
{
    Fixture f;
    f.cpu_for(95, 285s);
    CHECK(f.opened == 0);
    f.cpu(85); // between the levels: breaks the hold
    f.cpu_for(95, 285s);
    CHECK(f.opened == 0);
    f.cpu_for(95, 30s);
    REQUIRE(f.opened == 1);
    auto const& alert = f.open.at("cpu_used|");
    CHECK(alert.value == "95 %");
    CHECK(alert.severity == store::Severity::warning);
    CHECK(alert.category == "Performance");
    f.cpu_for(85, 600s);
    CHECK(f.resolved == 0);
    f.cpu_for(79, 45s);
    CHECK(f.resolved == 0);
    f.cpu_for(79, 30s);
    CHECK(f.resolved == 1);
    CHECK(f.open.empty());
}

TEST_CASE("rules: flapping within the hysteresis opens once")
{
    Fixture f;
    f.cpu_for(95, 330s);
    for (int i = 0; i < 50; ++i)
        f.cpu_for(i % 2 == 0 ? 82 : 96, 30s);
    CHECK(f.opened == 1);
    CHECK(f.resolved == 0);
    CHECK(f.open.size() == 1);
}

TEST_CASE("rules: unknown neither raises nor resolves, and the alert says since when")
{
    Fixture f;
    f.cpu_for(95, 330s);
    REQUIRE(f.opened == 1);
    f.cpu(50);
    f.sample("cpu", "", unknown(errc::timed_out));
    CHECK(f.latest.starts_with("unknown since 2027-01-15 "));
    CHECK(f.latest.find("timed_out") != std::string::npos);
    f.pass(10min);
    CHECK(f.resolved == 0);
    f.cpu(97);
    CHECK(f.latest == "97 %");
}

TEST_CASE("rules: a reading that is followed by none does not raise by waiting")
{
    Fixture f;
    f.cpu(99);
    f.pass(20min);
    CHECK(f.opened == 0);
}

TEST_CASE("rules: readings from long ago say nothing about now")
{
    Fixture f;
    for (int i = 0; i < 100; ++i) {
        wire::Series series{
            .sequence = 1, .probe = "cpu", .taken_ms = f.clock.now_ms() - 3'600'000, .samples = {{"", {99.0}}}};
        f.take(f.evaluator.series("pc", series, series.taken_ms, f.now()));
        f.pass(15s);
    }
    CHECK(f.opened == 0);
}

TEST_CASE("rules: each volume has its own alert; one that is unmounted resolves")
{
    Fixture f;
    auto const both = [&](double root, std::optional<double> data) {
        wire::Series series{
            .sequence = 1, .probe = "volume_usage", .taken_ms = f.clock.now_ms(), .samples = {{"/", {root}}}};
        if (data) series.samples.push_back({"/data", {*data}});
        f.take(f.evaluator.series("pc", series, series.taken_ms, f.now()));
    };
    for (int i = 0; i < 3; ++i) {
        both(8, 4);
        f.pass(60s);
    }
    CHECK(f.open.contains("volume_free_low|/"));
    CHECK(f.open.contains("volume_free_low|/data"));
    CHECK(f.open.contains("volume_free_critical|/data"));
    CHECK_FALSE(f.open.contains("volume_free_critical|/"));
    CHECK(f.open.at("volume_free_low|/data").title == "Volume /data is getting full");
    both(8, {});
    CHECK(f.open.size() == 1);
    CHECK(f.latest == "no longer there");
}

TEST_CASE("rules: a service that should run and stopped raises after its hold, a failed one is critical")
{
    Fixture f;
    f.service("nginx", "stopped");
    f.service("cups", "stopped", false);
    f.pass(29s);
    CHECK(f.opened == 0);
    f.pass(1s);
    CHECK(f.open.contains("service_stopped|nginx"));
    CHECK(f.opened == 1);
    f.service("nginx", "failed");
    CHECK(f.open.empty());
    f.pass(30s);
    CHECK(f.open.at("service_failed|nginx").severity == store::Severity::critical);
    f.service("nginx", "running");
    CHECK(f.open.empty());
}

TEST_CASE("rules: the hold counts from the row's own since where it can be believed")
{
    Fixture f;
    f.service("old", "stopped", true, f.clock.now_ms() - 60'000);
    CHECK(f.open.contains("service_stopped|old"));
    f.service("future", "stopped", true, f.clock.now_ms() + 60'000);
    f.service("unset", "stopped", true, 0);
    CHECK(f.open.size() == 1);
    f.pass(30s);
    CHECK(f.open.size() == 3);
}

TEST_CASE("rules: a restart of the service begins its hold anew")
{
    Fixture f;
    f.service("db", "stopped", true, f.clock.now_ms());
    f.pass(20s);
    f.service("db", "stopped", true, f.clock.now_ms());
    f.pass(20s);
    CHECK(f.opened == 0);
    f.pass(10s);
    CHECK(f.opened == 1);
}

TEST_CASE("rules: no longer expected, or removed, resolves")
{
    Fixture f;
    f.service("a", "stopped");
    f.service("b", "stopped");
    f.pass(31s);
    REQUIRE(f.open.size() == 2);
    f.service("a", "stopped", false);
    CHECK(f.open.size() == 1);
    f.take(f.evaluator.state("pc", "services", {}, {"b"}, 0, f.now()));
    CHECK(f.open.empty());
}

TEST_CASE("rules: offline holds, has the severity of the kind of device, and resolves on return")
{
    for (auto const* const type : {"PC", "Server"}) {
        Fixture f(type);
        f.take(f.evaluator.presence("pc", Presence::offline, f.now()));
        f.pass(59s);
        CHECK(f.opened == 0);
        f.pass(1s);
        REQUIRE(f.opened == 1);
        CHECK(f.open.at("device_offline|").severity ==
              (std::string_view(type) == "Server" ? store::Severity::critical : store::Severity::information));
        f.take(f.evaluator.presence("pc", Presence::unknown, f.now()));
        CHECK(f.resolved == 0);
        f.take(f.evaluator.presence("pc", Presence::online, f.now()));
        CHECK(f.open.empty());
    }
}

TEST_CASE("rules: while a device is offline nothing but its offline item moves")
{
    Fixture f;
    f.cpu_for(95, 285s);
    f.service("nginx", "stopped");
    f.take(f.evaluator.presence("pc", Presence::offline, f.now()));
    f.pass(1h);
    CHECK(f.open.size() == 1);
    CHECK(f.open.contains("device_offline|"));
    f.take(f.evaluator.presence("pc", Presence::online, f.now()));
    CHECK(f.open.empty());
    f.pass(29s);
    CHECK(f.open.empty());
    f.pass(1s);
    CHECK(f.open.contains("service_stopped|nginx"));
    CHECK(f.open.size() == 1);
}

TEST_CASE("rules: a probe that cannot be read keeps its alerts and raises none")
{
    Fixture f;
    f.service("a", "stopped");
    f.pass(31s);
    REQUIRE(f.opened == 1);
    f.service("b", "stopped");
    f.take(f.evaluator.readable("pc", "services", "permission_denied", f.now()));
    CHECK(f.latest.find("permission_denied") != std::string::npos);
    f.pass(5min);
    CHECK(f.open.size() == 1);
    f.take(f.evaluator.readable("pc", "services", "", f.now()));
    CHECK(f.latest == "stopped");
    f.pass(31s);
    CHECK(f.open.size() == 2);
}

TEST_CASE("rules: security patches make one alert per device, by the oldest")
{
    Fixture f;
    auto const patch = [&](bool security, std::int64_t days) {
        return Row{{"security", security}, {"since_ms", f.clock.now_ms() - days * day_ms}};
    };
    f.take(f.evaluator.state("pc", "patches", {{"bash", patch(true, 1)}, {"vim", patch(false, 100)}}, {}, 0, f.now()));
    CHECK(f.opened == 0);
    f.take(f.evaluator.state("pc", "patches", {{"openssl", patch(true, 8)}, {"zlib", patch(true, 9)}}, {}, 0, f.now()));
    REQUIRE(f.opened == 1);
    CHECK(f.open.at("security_patch_waiting|").value == "2: openssl, zlib");
    f.pass(std::chrono::hours(24 * 6));
    CHECK(f.latest == "3: bash, openssl, zlib");
    CHECK(f.opened == 1);
    f.take(f.evaluator.state("pc", "patches", {}, {"bash", "openssl"}, 0, f.now()));
    CHECK(f.resolved == 0);
    f.take(f.evaluator.state("pc", "patches", {}, {"zlib"}, 0, f.now()));
    CHECK(f.resolved == 1);
}

TEST_CASE("rules: a reboot pending for seven days raises when the seventh day is over")
{
    Fixture f;
    Row const row{{"pending", true}, {"since_ms", f.clock.now_ms() - 6 * day_ms}};
    f.take(f.evaluator.state("pc", "pending_reboot", {{"required_file", row}}, {}, 0, f.now()));
    f.pass(std::chrono::hours(23));
    CHECK(f.opened == 0);
    f.pass(std::chrono::hours(1));
    CHECK(f.opened == 1);
    f.take(f.evaluator.state("pc", "pending_reboot", {{"required_file", Row{{"pending", false}}}}, {}, 0, f.now()));
    CHECK(f.resolved == 1);
}

TEST_CASE("rules: a device's since is corrected by its clock's offset")
{
    Fixture f;
    std::int64_t const offset = 3'600'000;
    Row const row{{"state", "stopped"}, {"expected", true}, {"since_ms", f.clock.now_ms() + offset - 20'000}};
    f.take(f.evaluator.state("pc", "services", {{"a", row}}, {}, offset, f.now()));
    f.pass(9s);
    CHECK(f.opened == 0);
    f.pass(1s);
    CHECK(f.opened == 1);
}

TEST_CASE("rules: the wall clock may jump without breaking a hold")
{
    Fixture f;
    f.service("a", "stopped");
    f.clock.jump(std::chrono::hours(-24));
    f.pass(29s);
    CHECK(f.opened == 0);
    f.clock.jump(std::chrono::hours(48));
    f.pass(1s);
    CHECK(f.opened == 1);
}

TEST_CASE("rules: after a restart open alerts are adopted, and resolve where they no longer hold")
{
    Fixture before;
    before.service("a", "stopped");
    before.service("b", "stopped");
    before.service("gone", "stopped");
    before.pass(31s);
    REQUIRE(before.open.size() == 3);

    Fixture f;
    f.take(f.evaluator.presence("pc", Presence::unknown, f.now()));
    for (auto const& [key, alert] : before.open) {
        f.take(f.evaluator.adopt(alert, f.now()));
        f.open.emplace(key, alert);
    }
    f.take(f.evaluator.whole_state(
        "pc", "services",
        {{"a", Row{{"state", "stopped"}, {"expected", true}}}, {"b", Row{{"state", "running"}, {"expected", true}}}}, 0,
        f.now()));
    f.take(f.evaluator.presence("pc", Presence::online, f.now()));
    f.pass(1min);
    CHECK(f.opened == 0);
    CHECK(f.resolved == 2);
    CHECK(f.open.contains("service_stopped|a"));
}

TEST_CASE("rules: an adopted alert of a device that does not come back says that its value is unknown")
{
    Fixture before;
    before.service("a", "stopped");
    before.pass(31s);
    REQUIRE(before.open.size() == 1);

    Evaluator fresh(default_profile(), [](UnixMs) { return std::string("new"); });
    fresh.put_device("pc", "acme", "PC");
    CHECK(fresh.adopt(before.open.begin()->second, before.now()).empty());
    auto const changes = fresh.presence("pc", Presence::offline, before.now());
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].kind == Kind::latest);
    CHECK(changes[0].alert.latest.find("device offline") != std::string::npos);
}

TEST_CASE("rules: an alert whose item is no longer in the profile resolves")
{
    Fixture f;
    store::Alert alert{.id = "x", .device_id = "pc", .customer_id = "acme", .item = "abolished"};
    auto const changes = f.evaluator.adopt(alert, f.now());
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].kind == Kind::resolved);
}

TEST_CASE("rules: a revoked device has no open alert")
{
    Fixture f;
    f.service("a", "stopped");
    f.pass(31s);
    f.take(f.evaluator.retire("pc", "device retired", f.now()));
    CHECK(f.open.empty());
    f.service("a", "stopped");
    f.pass(31s);
    CHECK(f.open.empty());
}

TEST_CASE("rules: what a person resolved is not raised by the next reading, but when it has ended and comes again")
{
    Fixture f;
    f.cpu_for(95, 330s);
    REQUIRE(f.opened == 1);
    f.work("cpu_used|", AlertWish::Kind::resolve);
    f.cpu_for(95, 900s);
    CHECK(f.opened == 1);
    CHECK(f.open.empty());
    f.cpu_for(85, 330s); // between the levels: it has not ended
    f.cpu_for(95, 900s);
    CHECK(f.opened == 1);
    f.cpu_for(70, 90s);
    REQUIRE_FALSE(f.amended.empty());
    CHECK_FALSE(f.amended.back().lingers);
    CHECK(f.amended.back().status_by == "anna");
    CHECK(f.resolved == 0);
    f.cpu_for(95, 330s);
    CHECK(f.opened == 2);
}

TEST_CASE("rules: what a person resolved is remembered over a restart, and goes with its subject")
{
    Fixture before;
    before.service("a", "stopped");
    before.pass(31s);
    REQUIRE(before.opened == 1);
    auto const lingering = before.work("service_stopped|a", AlertWish::Kind::resolve);
    REQUIRE(lingering.lingers);

    Fixture f;
    f.take(f.evaluator.adopt(lingering, f.now()));
    f.service("a", "stopped");
    f.pass(5min);
    CHECK(f.opened == 0);
    f.take(f.evaluator.state("pc", "services", {}, {"a"}, 0, f.now()));
    REQUIRE(f.amended.size() == 1);
    CHECK_FALSE(f.amended[0].lingers);
    f.service("a", "stopped");
    f.pass(31s);
    CHECK(f.opened == 1);
}

TEST_CASE("rules: after a restart a long hold of rows without a since does not begin anew, but only for those")
{
    Fixture before;
    Row const row{{"pending", true}};
    before.take(before.evaluator.state("pc", "pending_reboot", {{"kernel", row}}, {}, 0, before.now()));
    before.pass(std::chrono::milliseconds(7 * day_ms + 1000));
    REQUIRE(before.opened == 1);

    Fixture f;
    f.take(f.evaluator.presence("pc", Presence::unknown, f.now()));
    f.take(f.evaluator.adopt(before.open.at("reboot_pending|"), f.now()));
    f.open = before.open;
    f.take(f.evaluator.whole_state("pc", "pending_reboot", {{"kernel", row}}, 0, f.now()));
    f.take(f.evaluator.presence("pc", Presence::online, f.now()));
    f.pass(1h);
    CHECK(f.resolved == 0);
    f.take(f.evaluator.state("pc", "pending_reboot", {{"other", row}}, {"kernel"}, 0, f.now()));
    CHECK(f.resolved == 1);
}

TEST_CASE("rules: a snooze until it changes remembers over a restart that the value was between its levels")
{
    Fixture before;
    before.cpu_for(95, 330s);
    before.work("cpu_used|", AlertWish::Kind::snooze);
    before.cpu_for(85, 60s);
    auto alert = before.open.at("cpu_used|");
    alert.latest = before.latest;
    REQUIRE(alert.latest == "85 %");

    Fixture f;
    f.take(f.evaluator.adopt(alert, f.now()));
    f.open.emplace("cpu_used|", alert);
    f.cpu_for(95, 330s);
    CHECK(f.woken == 1);
}

TEST_CASE("rules: an alert that is opened again while its cause goes on resolves with it")
{
    Fixture f;
    f.service("a", "stopped");
    f.pass(31s);
    auto alert = f.work("service_stopped|a", AlertWish::Kind::resolve);
    f.work(alert, AlertWish::Kind::reopen);
    f.pass(5min);
    CHECK(f.opened == 1);
    f.service("a", "running");
    CHECK(f.resolved == 1);
    CHECK(f.open.empty());
}

TEST_CASE("rules: an alert that is opened again after its cause had ended stays until the cause was there again")
{
    Fixture f;
    f.cpu_for(95, 330s);
    auto alert = f.open.at("cpu_used|");
    f.cpu_for(70, 90s);
    REQUIRE(f.resolved == 1);
    alert = f.last;
    f.work(alert, AlertWish::Kind::reopen);
    f.cpu_for(70, 900s);
    f.cpu_for(95, 120s); // not for long enough
    f.cpu_for(70, 900s);
    CHECK(f.resolved == 1);
    CHECK(f.opened == 1);
    f.cpu_for(95, 330s);
    CHECK(f.opened == 1);
    REQUIRE_FALSE(f.amended.empty());
    CHECK_FALSE(f.amended.back().kept_open);
    f.cpu_for(70, 90s);
    CHECK(f.resolved == 2);

    f.work(f.last, AlertWish::Kind::reopen);
    f.cpu_for(70, 30s);
    f.work("cpu_used|", AlertWish::Kind::resolve);
    f.cpu_for(95, 330s);
    CHECK(f.opened == 2);
}

TEST_CASE("rules: an alert that is opened again stays where its subject is gone, and goes with its device")
{
    Fixture f;
    f.service("a", "stopped");
    f.pass(31s);
    f.service("a", "running");
    REQUIRE(f.resolved == 1);
    f.work(f.last, AlertWish::Kind::reopen);
    f.take(f.evaluator.state("pc", "services", {}, {"a"}, 0, f.now()));
    f.take(f.evaluator.whole_state("pc", "services", {}, 0, f.now()));
    f.pass(5min);
    CHECK(f.resolved == 1);
    f.take(f.evaluator.retire("pc", "retired", f.now()));
    CHECK(f.resolved == 2);
}

TEST_CASE("rules: a snooze until it changes ends when the cause has gone and held again, not with every number")
{
    Fixture f;
    f.cpu_for(95, 330s);
    f.work("cpu_used|", AlertWish::Kind::snooze);
    f.cpu_for(99, 600s);
    f.sample("cpu", "", unknown(errc::timed_out));
    f.cpu_for(99, 600s);
    f.cpu_for(85, 60s);
    f.cpu_for(95, 285s);
    CHECK(f.woken == 0);
    f.cpu_for(95, 45s);
    CHECK(f.woken == 1);
    CHECK_FALSE(f.last.snoozed_ms);
    CHECK(f.last.version == 3);
    f.cpu_for(85, 60s);
    f.cpu_for(95, 900s);
    CHECK(f.woken == 1);
    CHECK(f.opened == 1);
}

TEST_CASE("rules: a snooze that was given a time is not ended by a change")
{
    Fixture f;
    f.cpu_for(95, 330s);
    f.work("cpu_used|", AlertWish::Kind::snooze, f.clock.now_ms() + day_ms);
    f.cpu_for(85, 60s);
    f.cpu_for(95, 900s);
    CHECK(f.woken == 0);
    f.cpu_for(70, 90s);
    CHECK(f.resolved == 1);
    CHECK_FALSE(f.last.snoozed_ms);
}

TEST_CASE("rules: a snooze until it changes ends with another row, and with a more severe alert of the same value")
{
    Fixture f;
    auto const patch = [&](std::string const& name) {
        Row row{{"security", true}, {"since_ms", f.clock.now_ms() - 8 * day_ms}};
        f.take(f.evaluator.state("pc", "patches", {{name, row}}, {}, 0, f.now()));
        f.pass(1s);
    };
    patch("a");
    REQUIRE(f.opened == 1);
    f.work("security_patch_waiting|", AlertWish::Kind::snooze);
    f.pass(1h);
    patch("a");
    CHECK(f.woken == 0);
    patch("b");
    CHECK(f.woken == 1);

    auto const free_percent = [&](double percent) {
        auto const* const probe = wire::find_probe("volume_usage");
        auto const place = static_cast<std::size_t>(wire::find_column(*probe, "free_percent") - probe->columns.data());
        wire::Sample sample{.key = "/", .values = {}};
        sample.values.resize(place + 1, unknown(errc::not_supported));
        sample.values[place] = percent;
        for (int i = 0; i < 6; ++i) {
            wire::Series series{
                .sequence = 1, .probe = "volume_usage", .taken_ms = f.clock.now_ms(), .samples = {sample}};
            f.take(f.evaluator.series("pc", series, series.taken_ms, f.now()));
            f.pass(20s);
        }
    };
    free_percent(8);
    REQUIRE(f.open.contains("volume_free_low|/"));
    f.work("volume_free_low|/", AlertWish::Kind::snooze);
    free_percent(6);
    CHECK(f.woken == 1);
    free_percent(3);
    CHECK(f.open.contains("volume_free_critical|/"));
    CHECK(f.woken == 2);
}

TEST_CASE("rules: whatever comes, one alert is open at most per item and subject")
{
    auto const ok = rc::check([] {
        Fixture f;
        auto const steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
            rc::gen::pair(rc::gen::inRange(0, 10), rc::gen::inRange(0, 120)));
        for (auto const& [what, amount] : steps) {
            switch (what) {
            case 0:
                f.cpu(amount);
                break;
            case 1:
                f.cpu_for(amount, 330s);
                break;
            case 2:
                f.service(amount % 2 == 0 ? "a" : "b", amount % 3 == 0   ? "stopped"
                                                       : amount % 3 == 1 ? "failed"
                                                                         : "running");
                break;
            case 3:
                f.pass(std::chrono::seconds(amount));
                break;
            case 4:
                f.take(f.evaluator.presence("pc", Presence::offline, f.now()));
                break;
            case 5:
                f.take(f.evaluator.presence("pc", Presence::online, f.now()));
                break;
            case 6:
                f.sample("cpu", "", unknown(errc::timed_out));
                break;
            case 7:
                f.take(f.evaluator.state("pc", "services", {}, {"a"}, 0, f.now()));
                break;
            case 8:
                if (!f.open.empty()) {
                    f.work(f.open.begin()->first, AlertWish::Kind::resolve);
                    ++f.resolved;
                }
                break;
            default:
                f.take(f.evaluator.readable("pc", "services", amount % 2 == 0 ? "timed_out" : "", f.now()));
                break;
            }
            // Fixture::take checks on every change that none opens twice and none resolves that is not open.
            RC_ASSERT(f.opened - f.resolved == static_cast<int>(f.open.size()));
        }
    });
    CHECK(ok);
}
