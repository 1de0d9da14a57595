#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <future>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <boost/json/parse.hpp>

#include "collector/client/runs.hpp"
#include "collector/view/api/access_resources.hpp"
#include "common/core/ids.hpp"
#include "common/net/tls.hpp"
#include "tests/flow/world.hpp"

namespace json = boost::json;
using namespace rollcall;
using flow::World;
using namespace std::chrono_literals;

namespace
{

/// A technician's terminal beside the page: the program with a token of his own.
struct Terminal : World {
    std::string device_id = begin({"services"});
    std::string token_id;

    Terminal()
    {
        auto const made = page.post<api::ApiTokenMade>(
            "/api/v1/session/tokens",
            api::NewApiToken{.name = "terminal",
                             .permissions = {"devices.read", "alerts.read", "alerts.write", "customers.read"},
                             .all_customers = true,
                             .customers = {},
                             .folders = {},
                             .expires_in_s = 3600});
        token_id = made.token.id;
        auto const logged_in = run({"login", collector().url(), "--pin", pin(), "--token-file", "-"}, made.secret);
        INFO(logged_in.error);
        REQUIRE(logged_in.exit == client::Exit::done);
    }

    struct Run {
        client::Exit exit{};
        std::string out;
        std::string error;
    };
    Run run(std::vector<std::string> const& line, std::string const& input = {})
    {
        std::istringstream in(input);
        std::ostringstream out;
        std::ostringstream error;
        client::Surroundings around{.in = in,
                                    .out = out,
                                    .error = error,
                                    .settings_file = folder / "config" / "config.json",
                                    .ask_secret = [](std::string const&) -> Result<std::string> {
                                        return fail(errc::not_supported, "there is no terminal");
                                    }};
        auto const exit = client::run(line, around);
        return {.exit = exit, .out = out.str(), .error = error.str()};
    }
    /// The clock of the world is not ours, so certificates may have other times: the key stays the same.
    [[nodiscard]] std::string pin() const
    {
        std::ifstream file(folder / "collector" / "server.pem");
        std::string const pem((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        auto const certificate = net::certificate_from_pem(pem);
        REQUIRE(certificate);
        return "sha256//" + *net::key_pin(**certificate);
    }
    void set_web(std::string const& state)
    {
        auto const now_ms = clock->now_ms();
        machine.change("services",
                       [&](flow::Scene& scene) { scene.services.at(1) = flow::service("web.service", state, now_ms); });
    }
};

} // namespace

TEST_CASE_FIXTURE(Terminal, "flow: the client shows what the page shows, and does what it is told about an alert")
{
    auto const listed = run({"devices", "--json", "--filter", "availability is online"});
    CHECK(listed.error.empty());
    CHECK(json::parse(listed.out).at("total").as_int64() == 1);
    CHECK(run({"device", device(device_id).name}).out.find("online") != std::string::npos);
    CHECK(run({"devices", "--csv", "--columns", "name"}).out.find(device(device_id).name) != std::string::npos);
    CHECK(run({"devices", "--filter", "nonsense"}).exit == client::Exit::usage);
    CHECK(run({"customers"}).exit == client::Exit::done);

    set_web("stopped");
    REQUIRE(eventually([&] { return device(device_id).services_stopped.value == 1; }));
    pass(30s);
    REQUIRE(eventually([&] { return alerts("service_stopped", "open").size() == 1; }));
    auto const id = alerts("service_stopped", "open").at(0).id;
    CHECK(run({"alerts", "--severity", "warning,critical,information"}).out.find(id) != std::string::npos);
    CHECK(run({"alerts", "snooze", id}).exit == client::Exit::done);
    CHECK(alerts("service_stopped", "snoozed").size() == 1);
    CHECK(run({"alerts", "resolve", id}).exit == client::Exit::done);
    CHECK(alerts("service_stopped", "resolved").size() == 1);
    CHECK(run({"alerts", "resolve", make_uuid(clock->now_ms())}).exit == client::Exit::not_found);
    CHECK(run({"api", "GET", "technicians"}).exit == client::Exit::not_allowed);
}

TEST_CASE_FIXTURE(Terminal, "flow: whoever watches alerts sees one raised, and is sent away when his token is removed")
{
    auto watching = std::async(std::launch::async, [&] { return run({"alerts", "--watch", "--columns", "title"}); });
    set_web("stopped");
    REQUIRE(eventually([&] { return device(device_id).services_stopped.value == 1; }));
    pass(30s);
    REQUIRE(eventually([&] { return alerts("service_stopped", "open").size() == 1; }));
    std::this_thread::sleep_for(3s);
    page.remove("/api/v1/session/tokens/" + token_id);
    auto const seen = watching.get();
    CAPTURE(seen.out);
    CHECK(seen.exit == client::Exit::not_logged_in);
    CHECK(seen.out.find(alerts("service_stopped", "open").at(0).title) != std::string::npos);
    CHECK(run({"devices"}).exit == client::Exit::not_logged_in);
}
