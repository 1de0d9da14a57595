#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>

#include "agent/uplink/bind_spool.hpp"
#include "agent/uplink/uplink.hpp"
#include "common/log/log.hpp"
#include "common/wire/codec.hpp"
#include "tests/agent/uplink/fake_collector.hpp"
#include "tests/agent/uplink/fake_proxy.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace std::chrono_literals;
using support::patience;
using wire::Lane;

namespace
{

struct UplinkFixture {
    support::TempDir dir;
    SystemClock clock;
    log::Capture captured;
    support::FakeCollector collector;
    spool::Options spool_options{.folder = dir.path(), .clock = &clock, .limits = {}};
    spool::SpoolThread spool{open(), spool_options};
    std::unique_ptr<uplink::Uplink> uplink;

    spool::Spool open()
    {
        auto opened = spool::Spool::open(spool_options);
        REQUIRE(opened);
        return std::move(*opened);
    }

    uplink::Uplink::Options options()
    {
        return {.identity = collector.identity(),
                .boot_id = "boot",
                .clock = &clock,
                .backoff = {.least = 1ms, .first = 2ms, .most = 5ms, .refused = 10ms}};
    }

    void start() { start(options()); }
    void start(uplink::Uplink::Options wanted)
    {
        auto made = uplink::Uplink::start(std::move(wanted), spool);
        REQUIRE(made);
        uplink = std::move(*made);
    }

    void append_event(std::string user)
    {
        spool.call<bool>([user](spool::Spool& it) {
            wire::Event event;
            event.name = "log_in";
            event.detail["user"] = user;
            return it.append(event).has_value();
        });
        if (uplink) uplink->appended(Lane::event);
    }

    Snapshot append_services(std::string state)
    {
        Snapshot const rows{{"cron", {{"state", Value(state)}}}};
        spool.call<bool>([rows](spool::Spool& it) {
            wire::State change;
            change.probe = "services";
            change.digest = wire::digest(rows);
            change.rows = rows;
            return it.append(change, rows).has_value();
        });
        if (uplink) uplink->appended(Lane::state);
        return rows;
    }

    std::uint64_t waiting(Lane lane)
    {
        return spool.call<std::uint64_t>([lane](spool::Spool& it) { return *it.count(lane); });
    }

    /// True once it holds, false if it never does.
    template <class Condition>
    static bool eventually(Condition holds)
    {
        auto const end = std::chrono::steady_clock::now() + patience;
        while (!holds()) {
            if (std::chrono::steady_clock::now() > end) return false;
            std::this_thread::sleep_for(2ms);
        }
        return true;
    }

    static wire::Hello greet(support::Link& link, wire::Welcome welcome = {})
    {
        auto const first = link.read();
        if (!first) return {};
        link.send(welcome);
        return std::get<wire::Hello>(*first);
    }

    static std::vector<wire::Event> read_events(support::Link& link, std::size_t count)
    {
        std::vector<wire::Event> events;
        while (events.size() < count) {
            auto const message = link.read();
            if (!message) break;
            if (auto const* const event = std::get_if<wire::Event>(&*message)) events.push_back(*event);
        }
        return events;
    }

    /// Options of an agent that may renew its certificate; the collector's first word is that it ran out.
    uplink::Uplink::Options with_old_certificate()
    {
        auto wanted = options();
        wanted.folder = dir.path();
        REQUIRE(uplink::save_identity(dir.path(), wanted.identity));
        collector.then([](support::Link& link) {
            link.read();
            link.send(wire::Refused{.reason = "certificate_expired", .remedy = "wait"});
            link.read();
        });
        return wanted;
    }

    /// Keeps the connection until the agent ends it, as the last script of a test.
    void hold()
    {
        collector.then([](support::Link& link) {
            greet(link);
            while (link.read()) {
            }
        });
    }

    template <class T>
    static T wait_for(std::future<T>& answer)
    {
        REQUIRE(answer.wait_for(patience) == std::future_status::ready);
        return answer.get();
    }
};

std::string user_of(wire::Event const& event) { return std::get<std::string>(event.detail.at("user")); }

} // namespace

TEST_CASE_FIXTURE(UplinkFixture, "uplink: what waits is sent after the welcome, and forgotten when it is acknowledged")
{
    append_event("anna");
    auto const rows = append_services("running");
    std::promise<wire::Hello> hello;
    std::promise<std::vector<wire::FromAgent>> got;
    collector.then([&](support::Link& link) {
        wire::Welcome welcome;
        welcome.need = {"services"};
        hello.set_value(greet(link, welcome));
        std::vector<wire::FromAgent> messages;
        while (messages.size() < 2) {
            auto message = link.read();
            if (!message) break;
            messages.push_back(std::move(*message));
        }
        link.send(wire::Ack{"event", 1});
        link.send(wire::Ack{"state", std::get<wire::State>(messages.at(1)).sequence});
        got.set_value(std::move(messages));
        while (link.read()) {
        }
    });
    start();
    auto said_hello = hello.get_future();
    auto const said = wait_for(said_hello);
    CHECK(said.device_id == options().identity.device_id);
    CHECK(said.boot_id == "boot");
    CHECK(said.event.first == 1);
    CHECK(said.event.next == 2);
    CHECK(said.digests.at("services") == wire::digest(rows));
    auto received = got.get_future();
    auto const messages = wait_for(received);
    REQUIRE(messages.size() == 2);
    CHECK(user_of(std::get<wire::Event>(messages[0])) == "anna");
    CHECK(std::get<wire::State>(messages[1]).rows == rows);
    CHECK(eventually([&] { return waiting(Lane::event) == 0 && waiting(Lane::state) == 0; }));
    CHECK(uplink->status().state == uplink::Status::State::connected);
    CHECK(uplink->status().last_ack_ms > 0);
    uplink->stop("stopped");
    CHECK(uplink->status().state == uplink::Status::State::stopped);
}

TEST_CASE_FIXTURE(UplinkFixture, "uplink: a connection that breaks half-way is taken up again exactly where it was")
{
    for (auto const* const user : {"a", "b", "c", "d"})
        append_event(user);
    std::promise<std::vector<wire::Event>> again;
    collector.then([](support::Link& link) {
        greet(link);
        read_events(link, 3); // stored two of them, and is gone before it could say so
    });
    collector.then([&](support::Link& link) {
        wire::Welcome welcome;
        welcome.event = 2;
        greet(link, welcome);
        auto events = read_events(link, 2);
        link.send(wire::Ack{"event", 4});
        again.set_value(std::move(events));
        while (link.read()) {
        }
    });
    start();
    auto answer = again.get_future();
    auto const events = wait_for(answer);
    REQUIRE(events.size() == 2);
    CHECK(user_of(events[0]) == "c");
    CHECK(user_of(events[1]) == "d");
    CHECK(events[0].sequence == 3);
    CHECK(eventually([&] { return waiting(Lane::event) == 0; }));
    CHECK(captured.has("uplink.lost"));
}

TEST_CASE_FIXTURE(UplinkFixture, "uplink: an event that comes later is sent at once")
{
    std::promise<void> ready;
    std::promise<std::vector<wire::Event>> got;
    collector.then([&](support::Link& link) {
        greet(link);
        ready.set_value();
        got.set_value(read_events(link, 1));
        while (link.read()) {
        }
    });
    start();
    auto connected = ready.get_future();
    wait_for(connected);
    append_event("late");
    auto answer = got.get_future();
    CHECK(user_of(wait_for(answer).at(0)) == "late");
}

TEST_CASE_FIXTURE(UplinkFixture, "uplink: a stop sends the last events, then says goodbye")
{
    std::promise<std::vector<wire::FromAgent>> got;
    std::promise<void> ready;
    collector.then([&](support::Link& link) {
        greet(link);
        ready.set_value();
        std::vector<wire::FromAgent> messages;
        while (auto message = link.read())
            messages.push_back(std::move(*message));
        got.set_value(std::move(messages));
    });
    start();
    auto connected = ready.get_future();
    wait_for(connected);
    // The welcome was sent; a stop before it is taken in would simply cut.
    REQUIRE(eventually([&] { return uplink->status().state == uplink::Status::State::connected; }));
    append_event("last");
    uplink->stop("machine shuts down");
    auto answer = got.get_future();
    auto const messages = wait_for(answer);
    REQUIRE(messages.size() == 2);
    CHECK(user_of(std::get<wire::Event>(messages[0])) == "last");
    CHECK(std::get<wire::Goodbye>(messages[1]).reason == "machine shuts down");
    CHECK(!captured.has("uplink.cut"));
    CHECK(!captured.has("uplink.lost"));
}

TEST_CASE_FIXTURE(UplinkFixture, "uplink: a refusal is kept with its remedy, and tried again later")
{
    collector.then([](support::Link& link) {
        (void)link.read();
        link.send(wire::Refused{"revoked", "Enrol the device again"});
        while (link.read()) {
        }
    });
    hold();
    start();
    CHECK(eventually([&] { return captured.has("uplink.refused"); }));
    auto const lines = captured.lines();
    CHECK(std::any_of(lines.begin(), lines.end(), [](std::string const& line) {
        return line.find("Enrol the device again") != std::string::npos && line.find("revoked") != std::string::npos;
    }));
    CHECK(eventually([&] { return uplink->status().state == uplink::Status::State::connected; }));
    CHECK(uplink->status().remedy.empty());
}

TEST_CASE_FIXTURE(UplinkFixture, "uplink: a stranger with another CA hears nothing")
{
    auto wanted = options();
    collector.turn_false();
    append_event("secret");
    start(std::move(wanted));
    CHECK(eventually([&] { return uplink->status().problem.find("not our collector") != std::string::npos; }));
    CHECK(collector.connections() == 0);
}

TEST_CASE_FIXTURE(UplinkFixture,
                  "uplink: nonsense from the collector ends the session with a reason, what is new is skipped")
{
    append_event("anna");
    for (auto const* const nonsense :
         {"{", R"({"type":"ack","lane":"event","sequence":77})", R"({"type":"ack","lane":5})"}) {
        collector.then([nonsense](support::Link& link) {
            greet(link);
            link.send_text(nonsense);
            while (link.read()) {
            }
        });
    }
    collector.then([](support::Link& link) {
        greet(link);
        link.send_text(R"({"type":"order_of_the_future","x":1})");
        read_events(link, 1);
        link.send(wire::Ack{"event", 1});
        while (link.read()) {
        }
    });
    start();
    CHECK(eventually([&] { return waiting(Lane::event) == 0; }));
    auto const lines = captured.lines();
    CHECK(std::count_if(lines.begin(), lines.end(),
                        [](std::string const& line) { return line.find("uplink.lost") != std::string::npos; }) == 3);
}

TEST_CASE_FIXTURE(UplinkFixture, "uplink: a resync brings the probe whole")
{
    auto const rows = append_services("running");
    std::promise<std::optional<wire::FromAgent>> got;
    collector.then([&](support::Link& link) {
        greet(link); // says that it needs nothing: a short record follows
        auto const short_one = link.read();
        link.send(wire::Ack{"state", std::get<wire::State>(*short_one).sequence});
        link.send(wire::Resync{{"services", "unheard_of"}});
        got.set_value(link.read());
        while (link.read()) {
        }
    });
    start();
    auto answer = got.get_future();
    auto const message = wait_for(answer);
    REQUIRE(message);
    auto const& state = std::get<wire::State>(*message);
    CHECK(state.base.empty());
    CHECK(state.rows == rows);
}

TEST_CASE_FIXTURE(UplinkFixture,
                  "uplink: a collector that knows more than the spool makes it begin a new epoch and come back at once")
{
    append_event("anna");
    std::promise<std::pair<std::string, std::string>> epochs;
    std::string first;
    collector.then([&](support::Link& link) {
        wire::Welcome welcome;
        welcome.event = 50;
        first = greet(link, welcome).epoch;
        while (link.read()) {
        }
    });
    collector.then([&](support::Link& link) {
        auto const second = greet(link).epoch;
        auto const events = read_events(link, 1);
        epochs.set_value({second, events.empty() ? "" : user_of(events[0])});
        while (link.read()) {
        }
    });
    start();
    auto answer = epochs.get_future();
    auto const [second, user] = wait_for(answer);
    CHECK(second != first);
    CHECK(user == "anna");
}

TEST_CASE_FIXTURE(UplinkFixture, "uplink: the heartbeat is a pong that carries the clock")
{
    std::promise<std::vector<std::string>> got;
    collector.then([&](support::Link& link) {
        greet(link);
        // Reading is what takes in the pongs: the event comes after some of them.
        read_events(link, 1);
        got.set_value(link.pongs());
        while (link.read()) {
        }
    });
    auto wanted = options();
    wanted.heartbeat = 1ms;
    auto const before = clock.now_ms();
    start(std::move(wanted));
    REQUIRE(eventually([&] { return uplink->status().state == uplink::Status::State::connected; }));
    std::this_thread::sleep_for(50ms);
    append_event("anna");
    auto answer = got.get_future();
    auto const pongs = wait_for(answer);
    REQUIRE(!pongs.empty());
    CHECK(std::stoll(pongs.front()) >= before);
}

TEST_CASE_FIXTURE(UplinkFixture, "uplink: a clock that is set is told before what is noted after it")
{
    std::promise<std::vector<std::string>> got;
    collector.then([&](support::Link& link) {
        greet(link);
        read_events(link, 1);
        link.send(wire::Ack{"event", 1});
        read_events(link, 1);
        got.set_value(link.pongs());
        while (link.read()) {
        }
    });
    support::ManualClock set;
    set.jump(std::chrono::milliseconds(clock.now_ms() - set.now_ms()));
    auto wanted = options();
    wanted.clock = &set;
    wanted.heartbeat = 10min; // None comes by itself.
    start(std::move(wanted));
    append_event("anna");
    REQUIRE(eventually([&] { return uplink->status().last_ack_ms != 0; }));
    set.jump(-365 * 24h);
    append_event("berta");
    auto answer = got.get_future();
    auto const pongs = wait_for(answer);
    REQUIRE(pongs.size() == 1);
    CHECK(std::stoll(pongs.front()) == set.now_ms());
    uplink->stop("stopped"); // The clock goes before the fixture.
}

TEST_CASE_FIXTURE(UplinkFixture,
                  "uplink: where the collector cannot store, the agent comes back as after a lost connection")
{
    collector.then([](support::Link& link) {
        (void)link.read();
        link.send(wire::Refused{std::string(wire::refused_storage), "The disk is full"});
        while (link.read()) {
        }
    });
    hold();
    auto wanted = options();
    wanted.backoff.refused = 1h;
    start(std::move(wanted));
    CHECK(eventually([&] { return uplink->status().state == uplink::Status::State::connected; }));
    CHECK(!captured.has("uplink.refused"));
    auto const lines = captured.lines();
    CHECK(std::any_of(lines.begin(), lines.end(),
                      [](std::string const& line) { return line.find("storage") != std::string::npos; }));
}

TEST_CASE_FIXTURE(UplinkFixture,
                  "uplink: a collector that hangs is cut off at a stop, and nothing of it is left to wait for")
{
    std::promise<void> let_go;
    collector.then([held = let_go.get_future().share()](support::Link& link) {
        greet(link);
        held.wait();
    });
    start();
    REQUIRE(eventually([&] { return uplink->status().state == uplink::Status::State::connected; }));
    append_event("unheard");
    auto const begun = std::chrono::steady_clock::now();
    uplink->stop("stopped");
    CHECK(captured.has("uplink.cut"));
    uplink.reset();
    CHECK(std::chrono::steady_clock::now() - begun < uplink::Uplink::stop_limit + 2 * uplink::Uplink::cut_limit);
    let_go.set_value();
}

TEST_CASE_FIXTURE(UplinkFixture, "uplink: a stop while nobody answers does not wait")
{
    auto wanted = options();
    wanted.identity.address = "127.0.0.1:1";
    start(std::move(wanted));
    CHECK(eventually([&] { return !uplink->status().problem.empty(); }));
    uplink->stop("stopped");
    CHECK(!captured.has("uplink.cut"));
}

TEST_CASE_FIXTURE(UplinkFixture, "uplink: through a proxy; one that refuses, closes or talks nonsense is told")
{
    using Manner = support::FakeProxy::Manner;
    auto const told = [this](Manner manner, std::string const& credentials, std::string_view what) {
        support::FakeProxy const proxy(manner, "alice:right");
        auto wanted = options();
        wanted.proxy = *uplink::parse_proxy(proxy.url(credentials));
        start(std::move(wanted));
        auto const place = "connect: proxy 127.0.0.1:" + std::to_string(proxy.port()) + ": ";
        CHECK(eventually([&] {
            auto const problem = uplink->status().problem;
            return problem.find(place) != std::string::npos && problem.find(what) != std::string::npos;
        }));
        uplink->stop("stopped");
        uplink.reset();
    };
    told(Manner::forward, "", "wants a user name and a password");
    told(Manner::forward, "alice:wrong", "does not accept user name and password");
    told(Manner::forbid, "alice:right", "status 403");
    told(Manner::close, "alice:right", "");
    told(Manner::nonsense, "alice:right", "");
    told(Manner::chatter, "alice:right", "it speaks first");
    CHECK(collector.connections() == 0);
    {
        support::FakeProxy const proxy(Manner::hang);
        auto wanted = options();
        wanted.proxy = *uplink::parse_proxy(proxy.url());
        start(std::move(wanted));
        CHECK(eventually([&] { return !proxy.requests().empty(); }));
        uplink->stop("stopped");
        CHECK(!captured.has("uplink.cut"));
        uplink.reset();
    }

    support::FakeProxy const proxy(Manner::forward, "alice:right");
    hold();
    auto wanted = options();
    wanted.proxy = *uplink::parse_proxy(proxy.url("alice:right"));
    start(std::move(wanted));
    CHECK(eventually([&] { return uplink->status().state == uplink::Status::State::connected; }));
    CHECK(proxy.requests().front().find("CONNECT " + collector.address() + " HTTP/1.1\r\n") == 0);
    CHECK(proxy.carried().find("hello") == std::string::npos);
    uplink->stop("stopped");
    for (auto const& line : captured.lines()) {
        CHECK(line.find("right") == std::string::npos);
        CHECK(line.find("wrong") == std::string::npos);
    }
}

TEST_CASE_FIXTURE(UplinkFixture, "uplink: an identity that does not parse is an error at the start")
{
    auto wanted = options();
    wanted.identity.tls.certificate_pem = "nothing";
    auto const made = uplink::Uplink::start(std::move(wanted), spool);
    REQUIRE(!made);
    CHECK(made.error().trace.find("certificate") != std::string::npos);
}

TEST_CASE_FIXTURE(UplinkFixture,
                  "uplink: told that its certificate ran out, it renews it and comes back with the new one")
{
    auto wanted = with_old_certificate();
    auto const old = wanted.identity;
    collector.then([this, id = old.device_id](support::Link& link) {
        auto const asked = link.read();
        if (!asked || !std::holds_alternative<wire::Renew>(*asked)) return;
        auto const made = support::certify(std::get<wire::Renew>(*asked).request_pem, id, collector.ca());
        link.send(wire::Renewed{.certificate_pem = made, .ca_pem = *net::to_pem(*collector.ca().certificate)});
        link.read();
    });
    hold();
    start(std::move(wanted));
    REQUIRE(eventually([&] { return uplink->status().state == uplink::Status::State::connected; }));
    auto const kept = uplink::load_identity(dir.path());
    REQUIRE(kept);
    CHECK(kept->device_id == old.device_id);
    CHECK(kept->address == old.address);
    CHECK(kept->tls.key_pem != old.tls.key_pem);
    CHECK(kept->tls.certificate_pem != old.tls.certificate_pem);
    CHECK(uplink::check_identity(*kept));
    CHECK(captured.has("uplink.renewed"));
}

TEST_CASE_FIXTURE(UplinkFixture,
                  "uplink: a renewal that fails leaves the identity as it was, and so does one that comes too late")
{
    auto wanted = with_old_certificate();
    auto const old = wanted.identity;
    std::function<void(support::Link&)> answer;
    uplink::Identity expected = old;
    SUBCASE("the connection ends")
    {
        answer = [](support::Link& link) { link.read(); };
    }
    SUBCASE("the collector says no")
    {
        answer = [](support::Link& link) {
            link.read();
            link.send(wire::Refused{.reason = "certificate_too_old", .remedy = "enrol again"});
            link.read();
        };
    }
    SUBCASE("somebody else's certificate")
    {
        answer = [this, &old](support::Link& link) {
            link.read();
            link.send(wire::Renewed{.certificate_pem = old.tls.certificate_pem,
                                    .ca_pem = *net::to_pem(*collector.ca().certificate)});
            link.read();
        };
    }
    SUBCASE("enrolled again meanwhile")
    {
        expected = collector.identity();
        answer = [this, &expected](support::Link& link) {
            auto const asked = link.read();
            if (!uplink::save_identity(dir.path(), expected)) return;
            auto const made =
                support::certify(std::get<wire::Renew>(*asked).request_pem, expected.device_id, collector.ca());
            link.send(wire::Renewed{.certificate_pem = made, .ca_pem = *net::to_pem(*collector.ca().certificate)});
            link.read();
        };
    }
    collector.then(answer);
    hold();
    start(std::move(wanted));
    REQUIRE(eventually([&] { return uplink->status().state == uplink::Status::State::connected; }));
    CHECK(captured.has("uplink.not_renewed"));
    auto const kept = uplink::load_identity(dir.path());
    REQUIRE(kept);
    CHECK(kept->tls.certificate_pem == expected.tls.certificate_pem);
    CHECK(kept->tls.key_pem == expected.tls.key_pem);
}

TEST_CASE_FIXTURE(
    UplinkFixture,
    "uplink: told that it runs from a copy, it becomes a device of its own and forgets what it brought along")
{
    auto wanted = options();
    wanted.folder = dir.path();
    wanted.host_name = "copy";
    wanted.hardware = [] { return wire::Hardware{.id = "board", .disks = {"disk"}}; };
    std::promise<std::string> became;
    wanted.separated = [&](std::string const& id) { became.set_value(id); };
    auto const old = wanted.identity;
    REQUIRE(uplink::save_identity(dir.path(), old));
    append_event("somebody at the original");
    bool own = false;
    SUBCASE("which was noticed only now") {}
    SUBCASE("but for what was read since the start that noticed it")
    {
        own = true;
        spool.call<bool>([&](spool::Spool& it) {
            REQUIRE(it.start_over());
            return it.remember(uplink::own_since_copy, old.device_id).has_value();
        });
        append_event("somebody here");
    }
    static constexpr auto own_id = "01900000-0000-7000-8000-0000000000aa";
    std::promise<wire::Separate> asked;
    collector.then([&](support::Link& link) {
        auto const first = link.read();
        CHECK(std::get<wire::Hello>(*first).hardware.id == "board");
        link.send(wire::Refused{.reason = "copied", .remedy = "wait"});
        link.read();
    });
    collector.then([&](support::Link& link) {
        auto const wish = std::get<wire::Separate>(*link.read());
        auto const made = support::certify(wish.request_pem, own_id, collector.ca());
        link.send(wire::Separated{
            .device_id = own_id, .certificate_pem = made, .ca_pem = *net::to_pem(*collector.ca().certificate)});
        asked.set_value(wish);
        link.read();
    });
    std::promise<wire::Hello> hello;
    collector.then([&](support::Link& link) {
        hello.set_value(greet(link));
        while (link.read()) {
        }
    });
    start(std::move(wanted));
    auto asking = asked.get_future();
    auto const wish = wait_for(asking);
    CHECK(wish.host_name == "copy");
    CHECK(wish.boot_id == "boot");
    CHECK(wish.hardware.disks == std::vector<std::string>{"disk"});
    auto greeting = hello.get_future();
    auto const said = wait_for(greeting);
    CHECK(said.device_id == own_id);
    CHECK(said.event.next - said.event.first == (own ? 1 : 0));
    auto becoming = became.get_future();
    CHECK(wait_for(becoming) == own_id);
    auto const kept = uplink::load_identity(dir.path());
    REQUIRE(kept);
    CHECK(kept->device_id == own_id);
    CHECK(kept->tls.key_pem != old.tls.key_pem);
    CHECK(uplink::check_identity(*kept));
    CHECK(captured.has("uplink.separated"));
    uplink->stop("end");
}

TEST_CASE_FIXTURE(UplinkFixture, "uplink: a renewal that begins while a copy looks at its hardware is left to end")
{
    auto wanted = options();
    wanted.folder = dir.path();
    auto const id = wanted.identity.device_id;
    REQUIRE(uplink::save_identity(dir.path(), wanted.identity));
    std::atomic<bool> due = false;
    std::atomic<int> looks = 0;
    std::promise<void> renewing;
    auto const begun = renewing.get_future().share();
    wanted.renew_check = 1ms;
    wanted.renew_due = [&due](std::string const&) -> Result<UnixMs> {
        if (!due) return fail(errc::not_found, "not yet");
        return UnixMs{0};
    };
    wanted.hardware = [&due, &looks, begun] {
        if (++looks == 2) { // The first look was for the hello.
            due = true;
            (void)begun.wait_for(patience);
        }
        return wire::Hardware{.id = "board", .disks = {}};
    };
    collector.then([](support::Link& link) {
        greet(link);
        link.send(wire::Refused{.reason = "copied", .remedy = "wait"});
        while (link.read()) {
        }
    });
    collector.then([&](support::Link& link) {
        auto const asked = link.read();
        due = false;
        renewing.set_value();
        if (!asked || !std::holds_alternative<wire::Renew>(*asked)) return;
        auto const made = support::certify(std::get<wire::Renew>(*asked).request_pem, id, collector.ca());
        link.send(wire::Renewed{.certificate_pem = made, .ca_pem = *net::to_pem(*collector.ca().certificate)});
        link.read();
    });
    hold();
    start(std::move(wanted));
    CHECK(eventually([&] { return captured.has("uplink.renewed"); }));
    CHECK(eventually([&] { return uplink->status().state == uplink::Status::State::connected; }));
    uplink->stop("end");
    CHECK(!captured.has("uplink.separated"));
    CHECK(uplink::load_identity(dir.path())->device_id == id);
}

TEST_CASE_FIXTURE(UplinkFixture,
                  "uplink: a copy that is refused an identity of its own keeps quiet and says what to do")
{
    auto wanted = options();
    wanted.folder = dir.path();
    auto const old = wanted.identity;
    REQUIRE(uplink::save_identity(dir.path(), old));
    collector.then([](support::Link& link) {
        link.read();
        link.send(wire::Refused{.reason = "copied", .remedy = "enrol"});
        link.read();
    });
    std::function<void(support::Link&)> answer;
    std::string problem;
    SUBCASE("the collector says no")
    {
        problem = "known_hardware: enrol with a token";
        answer = [](support::Link& link) {
            link.read();
            link.send(wire::Refused{.reason = "known_hardware", .remedy = "enrol with a token"});
            link.read();
        };
    }
    SUBCASE("the answer belongs to another question")
    {
        problem = "another message came first";
        answer = [this, &old](support::Link& link) {
            link.read();
            link.send(wire::Renewed{.certificate_pem = old.tls.certificate_pem,
                                    .ca_pem = *net::to_pem(*collector.ca().certificate)});
            link.read();
        };
    }
    SUBCASE("the certificate is somebody else's")
    {
        problem = "issued for another device";
        answer = [this](support::Link& link) {
            auto const wish = std::get<wire::Separate>(*link.read());
            auto const made =
                support::certify(wish.request_pem, "01900000-0000-7000-8000-0000000000ab", collector.ca());
            link.send(wire::Separated{.device_id = "01900000-0000-7000-8000-0000000000aa",
                                      .certificate_pem = made,
                                      .ca_pem = *net::to_pem(*collector.ca().certificate)});
            link.read();
        };
    }
    wanted.backoff.refused = std::chrono::minutes(5);
    collector.then(answer);
    start(std::move(wanted));
    CHECK(eventually([&] { return uplink->status().problem.find(problem) != std::string::npos; }));
    CHECK(uplink->status().remedy == "enrol");
    CHECK(captured.has("uplink.not_separated"));
    auto const kept = uplink::load_identity(dir.path());
    REQUIRE(kept);
    CHECK(kept->device_id == old.device_id);
    CHECK(kept->tls.key_pem == old.tls.key_pem);
}
