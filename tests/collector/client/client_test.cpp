#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "collector/client/runs.hpp"
#include "collector/client/settings.hpp"
#include "tests/collector/client/fake_collector.hpp"

namespace json = boost::json;
using namespace rollcall;
using namespace rollcall::client;
using client::testing::FakeCollector;
using client::testing::Script;

namespace
{

/// What a program that was run has said, and how it ended.
struct Run {
    Exit exit{};
    std::string out;
    std::string error;
};

struct ClientFixture {
    Run run(std::vector<std::string> const& line, std::string const& input = {}, std::size_t width = 0)
    {
        std::istringstream in(input);
        std::ostringstream out;
        std::ostringstream error;
        Surroundings around{.in = in,
                            .out = out,
                            .error = error,
                            .is_terminal = width > 0,
                            .width = width,
                            .settings_file = settings,
                            .ask_secret = [this](std::string const&) -> Result<std::string> {
                                if (typed.empty()) return fail(errc::not_supported, "there is no terminal");
                                return typed;
                            }};
        auto const exit = client::run(line, around);
        return {.exit = exit, .out = out.str(), .error = error.str()};
    }
    void log_in()
    {
        REQUIRE(save(
            settings,
            {.address = collector.address(), .token = "rc_test", .ca_pem = collector.authority->ca_pem(), .pin = {}}));
    }
    static std::string device(std::string const& id, std::string const& name)
    {
        return fmt::format(R"({{"id":"{}","name":"{}","customer_name":"Acme","availability":"online",)"
                           R"("os_name":{{"value":null,"unknown":"timed_out","as_of_ms":5}},)"
                           R"("patches":{{"value":3,"unknown":"","as_of_ms":5}},)"
                           R"("pending_reboot":{{"value":null,"unknown":"","as_of_ms":null}},)"
                           R"("alerts":{{"information":0,"warning":1,"critical":2}},"last_seen_ms":0}})",
                           id, name);
    }
    static std::string alert(std::string const& id, std::string const& title, std::string const& status = "open")
    {
        return fmt::format(R"({{"id":"{}","title":"{}","severity":"critical","status":"{}","device_name":"srv-1",)"
                           R"("customer_name":"Acme","created_ms":0,"assigned_name":"","ticket":"","subject":"",)"
                           R"("reopened_ms":null}})",
                           id, title, status);
    }
    static std::string list(std::vector<std::string> const& items, std::int64_t total, std::string const& next = {})
    {
        std::string all;
        for (auto const& item : items)
            all.append(all.empty() ? "" : ",").append(item);
        return fmt::format(R"({{"items":[{}],"total":{},"next":"{}","as_of_ms":1}})", all, total, next);
    }

    FakeCollector collector;
    support::TempDir folder;
    std::filesystem::path settings = folder / "config.json";
    std::string typed;
};

} // namespace

TEST_CASE_FIXTURE(ClientFixture, "client: log-in tries the token before it keeps it, with a CA or a pin")
{
    collector.on("GET /api/v1/system", [](auto const& request) {
        if (request.headers.at("authorization") == "Bearer rc_good")
            return FakeCollector::json(200, R"({"version":"0.1.0"})");
        return FakeCollector::json(401,
                                   R"({"detail":"The token is not known.","remedy":"Make one.","request_id":"r1"})");
    });
    std::ofstream(folder / "ca.pem") << collector.authority->ca_pem();
    auto const ca = (folder / "ca.pem").string();

    auto const refused = run({"login", collector.address(), "--ca", ca, "--token-file", "-"}, "rc_bad\n");
    CHECK(refused.exit == Exit::not_logged_in);
    CHECK(refused.error == "rollcall: The token is not known. Make one. (request r1)\n");
    CHECK_FALSE(std::filesystem::exists(settings));

    typed = "rc_good";
    auto const by_ca = run({"login", collector.address(), "--ca", ca});
    CHECK(by_ca.exit == Exit::done);
    CHECK(by_ca.error.empty());
    CHECK(by_ca.out == collector.address() + ": logged in; the collector is of version 0.1.0\n");
    CHECK(by_ca.out.find("rc_") == std::string::npos);
    auto const kept = load(settings);
    REQUIRE(kept);
    CHECK(kept->token == "rc_good");

    std::ofstream(folder / "token") << "rc_good\n";
    auto const by_pin =
        run({"login", collector.address(), "--pin", collector.pin(), "--token-file", (folder / "token").string()});
    CHECK(by_pin.exit == Exit::done);
    CHECK(load(settings)->pin == collector.pin());
}

TEST_CASE_FIXTURE(ClientFixture, "client: nothing is sent to somebody who cannot prove that he is the collector")
{
    typed = "rc_good";
    auto const by_system = run({"login", collector.address()});
    CHECK(by_system.exit == Exit::not_reachable);
    CHECK(by_system.error.find("--ca or --pin") != std::string::npos);

    auto pin = collector.pin();
    pin[10] = pin[10] == 'A' ? 'B' : 'A';
    auto const by_pin = run({"login", collector.address(), "--pin", pin});
    CHECK(by_pin.exit == Exit::not_reachable);
    CHECK(by_pin.error.find("another key") != std::string::npos);

    support::TempDir elsewhere;
    auto const other = gateway::Authority::open(elsewhere.path(), {}, SystemClock().now_ms());
    std::ofstream(folder / "other.pem") << (*other)->ca_pem();
    CHECK(run({"login", collector.address(), "--ca", (folder / "other.pem").string()}).exit == Exit::not_reachable);
    CHECK(collector.requests().empty());
    CHECK_FALSE(std::filesystem::exists(settings));
}

TEST_CASE_FIXTURE(ClientFixture, "client: what is wrong with a log-in is said before anything is sent")
{
    CHECK(run({"login", "http://localhost"}).exit == Exit::usage);
    CHECK(run({"login", collector.address(), "--pin", "sha256//short"}).exit == Exit::usage);
    CHECK(run({"login", collector.address(), "--pin", collector.pin(), "--ca", "x"}).exit == Exit::usage);
    CHECK(run({"login", collector.address(), "--pin", collector.pin()}).error.find("--token-file") !=
          std::string::npos);
    auto const no_token =
        run({"login", collector.address(), "--pin", collector.pin(), "--token-file", "-"}, "password\n");
    CHECK(no_token.exit == Exit::usage);
    CHECK(no_token.error.find("password") == std::string::npos);
    CHECK(run({"devices"}).exit == Exit::not_logged_in);
    CHECK(collector.requests().empty());
}

TEST_CASE_FIXTURE(ClientFixture, "client: a list is a table in which unknown is unknown and nothing is obeyed")
{
    log_in();
    collector.on("GET /api/v1/customers", 200, R"({"items":[{"id":"c1","name":"Acme"}],"total":1})");
    collector.on("GET /api/v1/devices", 200, list({device("d1", "srv-1\\u001b[2J")}, 1));
    auto const seen = run({"devices", "--customer", "acme", "--filter", "a < 1 & b", "--sort", "-alerts"});
    CHECK(seen.exit == Exit::done);
    CHECK(seen.error.empty());
    CHECK(seen.out.find('\x1b') == std::string::npos);
    CHECK(seen.out.find("srv-1\\x1b[2J  Acme") != std::string::npos);
    CHECK(seen.out.find("unknown       3  unknown") == std::string::npos);
    CHECK(seen.out.find("online        unknown") != std::string::npos);
    CHECK(seen.out.find("1970-01-01T00:00:00Z") != std::string::npos);
    auto const asked = collector.requests().back();
    CHECK(asked.query.at("customer") == "c1");
    CHECK(asked.query.at("filter") == "a < 1 & b");
    CHECK(asked.query.at("sort") == "-alerts");
    CHECK(asked.query.at("limit") == "100");
    CHECK(asked.headers.at("authorization") == "Bearer rc_test");

    auto const chosen = run({"devices", "--columns", "id,alerts"});
    CHECK(chosen.out == "ID  ALERTS\nd1       3\n");
    CHECK(run({"devices", "--columns", "colour"}).exit == Exit::usage);
}

TEST_CASE_FIXTURE(ClientFixture, "client: long lists are read page by page behind one another, as one document")
{
    log_in();
    collector.on("GET /api/v1/devices", [](auto const& request) {
        bool const is_first = !request.query.contains("after");
        return FakeCollector::json(200, is_first ? list({device("d1", "a"), device("d2", "b")}, 3, "place")
                                                 : list({device("d3", "c")}, 3));
    });
    auto const all = run({"devices", "--all", "--json"});
    auto const document = json::parse(all.out);
    CHECK(document.at("items").as_array().size() == 3);
    CHECK(document.at("total").as_int64() == 3);
    CHECK(collector.requests().at(0).query.at("limit") == "500");
    CHECK(collector.requests().at(1).query.at("after") == "place");

    auto const some = run({"devices", "--limit", "2"});
    CHECK(some.error == "2 of 3 are shown; --all shows all.\n");
    CHECK(collector.requests().back().query.at("limit") == "2");
    CHECK(run({"devices", "--limit", "0"}).exit == Exit::usage);
    CHECK(run({"devices", "--limit", "2", "--all"}).exit == Exit::usage);
}

TEST_CASE_FIXTURE(ClientFixture, "client: CSV is passed on as it is, and cut off it is an error")
{
    log_in();
    auto const whole = std::make_shared<Script>();
    whole->say("Device name\r\n");
    whole->say("srv-1\r\n");
    whole->end();
    collector.on("GET /api/v1/devices.csv",
                 [whole](auto const&) { return FakeCollector::stream(whole, "text/csv; charset=utf-8"); });
    auto const csv = run({"devices", "--csv", "--columns", "name"});
    CHECK(csv.exit == Exit::done);
    CHECK(csv.out == "Device name\r\nsrv-1\r\n");
    CHECK(collector.requests().back().query.at("columns") == "name");
    CHECK(run({"devices", "--csv", "--all"}).exit == Exit::usage);

    collector.on("GET /api/v1/devices.csv", 400,
                 R"({"detail":"There is no column 'x'.","remedy":"","request_id":"r"})");
    auto const refused = run({"devices", "--csv", "--columns", "x"});
    CHECK(refused.exit == Exit::usage);
    CHECK(refused.out.empty());
}

TEST_CASE_FIXTURE(ClientFixture,
                  "client: one device by its name, or by its id; what is not there, or is there twice, is said")
{
    log_in();
    std::string const id = "0190163d-8694-739b-aea5-966c26f8ad91";
    collector.on("GET /api/v1/devices", 200, list({device(id, "srv-1"), device("d2", "srv-10")}, 2));
    collector.on("GET /api/v1/devices/" + id, 200, device(id, "srv-1"));
    collector.on("GET /api/v1/alerts", 200, list({alert("a1", "Disk is full")}, 1));
    auto const by_name = run({"device", "SRV-1"});
    CHECK(by_name.exit == Exit::done);
    CHECK(by_name.out.find("name") != std::string::npos);
    CHECK(by_name.out.find("Disk is full") != std::string::npos);
    CHECK(by_name.out.find("unknown") != std::string::npos);
    CHECK(json::parse(run({"device", id, "--json"}).out).at("id").as_string() == id);

    CHECK(run({"device", "srv"}).exit == Exit::not_found);
    CHECK(run({"device", "0190163d-8694-739b-aea5-966c26f8ad92"}).exit == Exit::not_found);
    collector.on("GET /api/v1/devices", 200, list({device(id, "srv-1"), device("d2", "srv-1")}, 2));
    auto const twice = run({"device", "srv-1"});
    CHECK(twice.exit == Exit::conflict);
    CHECK(twice.error.find("d2 (Acme)") != std::string::npos);
}

TEST_CASE_FIXTURE(ClientFixture,
                  "client: something is done about alerts, each says what became of it, and the worst is the end")
{
    log_in();
    collector.on("POST /api/v1/alerts/resolve", 200,
                 R"({"results":[{"id":"a1","outcome":"done","detail":""},)"
                 R"({"id":"a2","outcome":"stale","detail":"Eve resolved it."}],"done":1})");
    auto const some = run({"alerts", "resolve", "-"}, "a1 a2\na1\n");
    CHECK(some.exit == Exit::conflict);
    CHECK(some.out.find("a2  stale    Eve resolved it.") != std::string::npos);
    auto const asked = collector.requests().back();
    CHECK(asked.body == R"({"alerts":{"ids":["a1","a2"],"versions":null}})");
    CHECK(asked.headers.at("content-type") == "application/json");
    CHECK_FALSE(asked.headers.at("idempotency-key").empty());

    collector.on("POST /api/v1/alerts/snooze", 200,
                 R"({"results":[{"id":"a1","outcome":"done","detail":""}],"done":1})");
    CHECK(run({"alerts", "snooze", "a1"}).exit == Exit::done);
    CHECK(json::parse(collector.requests().back().body).at("until_ms").is_null());
    CHECK(run({"alerts", "snooze", "a1", "--for", "4h"}).exit == Exit::done);
    CHECK(json::parse(collector.requests().back().body).at("until_ms").as_int64() > SystemClock().now_ms());
    CHECK(run({"alerts", "snooze", "a1", "--for", "soon"}).exit == Exit::usage);

    collector.on("GET /api/v1/alerts/assignees", 200, R"({"items":[{"id":"t1","name":"Eve"}]})");
    collector.on("POST /api/v1/alerts/assign", 404,
                 R"({"detail":"There is no such alert.","remedy":"","request_id":"r2"})");
    auto const missing = run({"alerts", "assign", "a9", "--to", "eve"});
    CHECK(missing.exit == Exit::not_found);
    CHECK(missing.error == "rollcall: There is no such alert. (request r2)\n");
    CHECK(json::parse(collector.requests().back().body).at("technician_id").as_string() == "t1");
    CHECK(run({"alerts", "assign", "a9"}).exit == Exit::usage);
    CHECK(run({"alerts", "assign", "a9", "--to", "Mallory"}).exit == Exit::not_found);
}

TEST_CASE_FIXTURE(ClientFixture,
                  "client: the raw API says what the collector says, and nothing can be smuggled into a request")
{
    log_in();
    collector.on("GET /api/v1/system", 200, R"({"version":"0.1.0"})");
    CHECK(run({"api", "get", "system"}).out == "{\"version\":\"0.1.0\"}\n");
    collector.on("POST /api/v1/customers", [](auto const& request) { return FakeCollector::json(201, request.body); });
    CHECK(run({"api", "POST", "/api/v1/customers", "--data", "-"}, R"({"name":"x"})").out == "{\"name\":\"x\"}\n");
    CHECK(run({"api", "GET", "a\r\nX-Evil: b"}).exit == Exit::usage);
    CHECK(run({"api", "G T", "system"}).exit == Exit::usage);
    CHECK(run({"api", "GET", "nowhere"}).exit == Exit::not_found);
    auto const stream = std::make_shared<Script>();
    stream->say("\x1b[31m\xe2\x82");
    stream->say("\xac\n");
    stream->end();
    collector.on("GET /api/v1/text", [stream](auto const&) { return FakeCollector::stream(stream, "text/plain"); });
    CHECK(run({"api", "GET", "text"}, {}, 80).out == "\\x1b[31m€\n");
}

TEST_CASE_FIXTURE(ClientFixture,
                  "client: watching alerts tells what is raised and what ends, and goes on behind a lost stream")
{
    log_in();
    std::vector<std::shared_ptr<Script>> streams;
    for (int number = 0; number < 3; ++number)
        streams.push_back(std::make_shared<Script>());
    std::atomic<std::size_t> opened = 0;
    collector.on("GET /api/v1/events",
                 [&](auto const&) { return FakeCollector::stream(streams.at(opened++), "text/event-stream"); });
    collector.on("GET /api/v1/alerts", 200, list({alert("a1", "Disk is full")}, 1));
    auto watching = std::async(std::launch::async, [&] { return run({"alerts", "--watch"}); });

    streams[0]->say("retry: 10\nid: one\n\n");
    collector.wait_for("GET /api/v1/alerts", 1);
    collector.on("GET /api/v1/alerts", 200, list({alert("a1", "Disk is full"), alert("a2", "CPU is busy")}, 2));
    streams[0]->say("event: changed\nid: two\ndata: {\"alerts\":false}\n\n");
    streams[0]->say("event: changed\nid: three\ndata: {\"alerts\":true}\n\n");
    collector.wait_for("GET /api/v1/alerts", 2);
    streams[0]->end();
    collector.wait_for("GET /api/v1/events", 2);
    CHECK(collector.requests().back().headers.at("last-event-id") == "three");
    collector.on("GET /api/v1/alerts", 200, list({alert("a2", "CPU is busy", "snoozed")}, 1));
    streams[1]->say("event: reset\nid: four\ndata: {}\n\n");
    collector.wait_for("GET /api/v1/alerts", 3);
    streams[1]->say("event: session_ended\nid: five\ndata: {}\n\n");

    auto const seen = watching.get();
    CAPTURE(seen.out);
    CHECK(seen.exit == Exit::not_logged_in);
    CHECK(seen.out.find("a1  critical  open    Disk is full") != std::string::npos);
    CHECK(seen.out.find("raised   a2  critical  open  CPU is busy") != std::string::npos);
    CHECK(seen.out.find("ended    a1") != std::string::npos);
    CHECK(seen.out.find("changed  a2  critical  snoozed") != std::string::npos);
    CHECK(seen.error.find("trying again in 0.0 s") != std::string::npos);
}

TEST_CASE_FIXTURE(ClientFixture, "client: where nobody listens, that is said")
{
    REQUIRE(
        save(settings, {.address = "https://localhost:1", .token = "rc_test", .ca_pem = {}, .pin = collector.pin()}));
    auto const nobody = run({"customers"});
    CHECK(nobody.exit == Exit::not_reachable);
    CHECK(nobody.error.find("https://localhost:1") != std::string::npos);
}

TEST_CASE_FIXTURE(ClientFixture, "client: help and version need no log-in")
{
    CHECK(run({"--help"}).out.find("alerts resolve") != std::string::npos);
    CHECK(run({"devices", "--help"}).out.find("--filter") != std::string::npos);
    CHECK(run({"--version"}).out.starts_with("rollcall "));
    CHECK(run({"man"}).out.starts_with(".TH ROLLCALL 1"));
    CHECK(run({"completion", "fish"}).out.find("complete -c rollcall") != std::string::npos);
    CHECK(run({}).exit == Exit::usage);
}
