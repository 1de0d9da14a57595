#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "agent/selftest.hpp"
#include "common/core/clock.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;

namespace
{

/// A topic that fails in one way.
class FailingSystemInfo final : public platform::SystemInfo
{
public:
    explicit FailingSystemInfo(errc why)
        : why_(why)
    {
    }
    [[nodiscard]] Result<platform::OsFacts> read() override { return fail(why_, "system_info: as the test wants it"); }

private:
    errc why_;
};

Result<agent::SelfTest> tested_with(errc why)
{
    auto const machine = platform::make_machine();
    machine->system_info = std::make_unique<FailingSystemInfo>(why);
    return agent::selftest(machine, std::make_shared<SystemClock>(), {"os"}, nullptr);
}

std::string state_of_os(agent::SelfTest const& tested)
{
    return boost::json::parse(tested.json).at("probes").at("os").at("state").as_string().c_str();
}

} // namespace

TEST_CASE("selftest: each probe that was asked for is told with its state, its time and what it could not read")
{
    auto const tested =
        agent::selftest(platform::make_machine(), std::make_shared<SystemClock>(), {"os", "memory"}, nullptr);
    REQUIRE(tested);
    CHECK_FALSE(tested->failed);
    auto const json = boost::json::parse(tested->json);
    CHECK(json.at("result").as_string() == "ok");
    auto const& probes = json.at("probes").as_object();
    REQUIRE(probes.size() == 2);
    for (auto const* const name : {"os", "memory"}) {
        CHECK(probes.at(name).at("state").as_string() == "ok");
        CHECK(probes.at(name).at("rows").as_int64() == 1);
        CHECK(probes.at(name).at("took_ms").as_int64() >= 0);
        CHECK(probes.at(name).at("unknown_cells").is_object());
    }
    CHECK(tested->text.find("memory") != std::string::npos);
}

TEST_CASE("selftest: a probe that nobody knows is named, and none is asked")
{
    auto const tested =
        agent::selftest(platform::make_machine(), std::make_shared<SystemClock>(), {"os", "horoscope"}, nullptr);
    REQUIRE_FALSE(tested);
    CHECK(tested.error().code == errc::bad_input);
    CHECK(tested.error().trace.find("horoscope") != std::string::npos);
}

TEST_CASE("selftest: what fails is a failure, with its reason; what is not supported or not allowed is none")
{
    auto const broken = tested_with(errc::io);
    REQUIRE(broken);
    CHECK(broken->failed);
    CHECK(state_of_os(*broken) == "failed");
    CHECK(broken->json.find("as the test wants it") != std::string::npos);
    CHECK(boost::json::parse(broken->json).at("result").as_string() == "failed");

    for (auto const why : {errc::not_supported, errc::permission_denied, errc::not_yet_read, errc::not_found}) {
        auto const passed = tested_with(why);
        REQUIRE(passed);
        CHECK_FALSE(passed->failed);
        CHECK(state_of_os(*passed) == to_string(why));
    }
}
