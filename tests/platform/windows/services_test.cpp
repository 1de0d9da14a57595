#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "platform/services.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("services: the manager lists each once, with a state and a start type")
{
    auto const services = make_services()->list();
    REQUIRE(services);
    REQUIRE(services->size() > 3);
    std::set<std::string> names;
    std::set<std::string> const states = {"running", "stopped", "failed", "starting", "stopping"};
    for (auto const& service : *services) {
        CAPTURE(service.name);
        CHECK(names.insert(service.name).second);
        REQUIRE(service.state);
        CHECK(states.contains(*service.state));
        if (service.expected && *service.expected) CHECK(*service.start_type == "automatic");
        if (service.since_ms) {
            CHECK(*service.since_ms > clock_never_set_ms);
            CHECK(*service.since_ms < SystemClock{}.now_ms() + 60'000);
        }
    }
}

TEST_CASE("services: the remote procedure call service runs and is known by its description")
{
    auto const services = make_services()->list();
    REQUIRE(services);
    auto const found =
        std::find_if(services->begin(), services->end(), [](auto const& service) { return service.name == "RpcSs"; });
    REQUIRE(found != services->end());
    CHECK(found->label);
    CHECK(found->start_type);
}
