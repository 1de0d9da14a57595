#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "agent/await_identity.hpp"
#include "agent/token_file.hpp"
#include "agent/uplink/enrol.hpp"
#include "common/log/log.hpp"
#include "common/wire/codec.hpp"
#include "platform/paths.hpp"
#include "tests/agent/uplink/fake_collector.hpp"
#include "tests/support/result.hpp"
#include "tests/support/system.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace std::chrono_literals;

namespace
{

Result<std::string> token_in(std::string const& text)
{
    std::istringstream from(text);
    return agent::read_token(from);
}

/// A machine that waits; what its enrolments answer is what the test says.
struct AwaitFixture {
    support::TempDir dir;
    std::filesystem::path file = dir / "config" / "token";
    std::filesystem::path folder = dir / "state";
    support::FakeCollector collector;
    log::Capture log;
    Stop stop;
    int asked = 0;

    using Answer = std::function<Result<uplink::Identity>(std::string const& token)>;

    agent::AwaitOptions options(Answer answer)
    {
        agent::AwaitOptions made;
        made.folder = folder;
        made.token_file = file;
        made.look_every = 1ms;
        made.away_for = 1ms;
        made.enrol = [this, answer = std::move(answer)](std::string const& token, Stop& /*stop*/) {
            ++asked;
            return answer(token);
        };
        return made;
    }
    Result<uplink::Identity> enrolled()
    {
        REQUIRE(platform::make_own_folder(folder.string()));
        auto const identity = collector.identity();
        REQUIRE(uplink::save_identity(folder, identity));
        return identity;
    }
    [[nodiscard]] int told(std::string_view event) const
    {
        int count = 0;
        for (auto const& line : log.lines())
            if (line.find(event) != std::string::npos) ++count;
        return count;
    }
};

} // namespace

TEST_CASE("token: one word is read, whatever stands around it; nothing and too much are told apart")
{
    CHECK(*token_in("rc1.abc\n") == "rc1.abc");
    CHECK(*token_in("  rc1.abc\t\r\nsecond line") == "rc1.abc");
    CHECK(reason(token_in("").error()) == "bad_input");
    CHECK(reason(token_in(" \r\n").error()) == "bad_input");
    CHECK(*token_in(std::string(agent::token_bytes, 'x')) == std::string(agent::token_bytes, 'x'));
    CHECK(token_in(std::string(agent::token_bytes + 1, 'x')).error().trace.find("longer") != std::string::npos);
    CHECK(reason(agent::read_token_file("/nowhere/token").error()) == "not_found");
}

TEST_CASE("token: another address replaces its own, and whom it trusts stays")
{
    auto const token =
        wire::encode_token({.address = "10.0.0.1:8443", .ca_sha256 = std::string(64, 'a'), .secret = "s"});
    for (auto const& [server, address] : {std::pair{"rollcall.example:9443", "rollcall.example:9443"},
                                          {"https://rollcall.example", "rollcall.example:443"},
                                          {"[2001:db8::1]:8443", "[2001:db8::1]:8443"}}) {
        auto const changed = agent::readdress_token(token, server);
        REQUIRE(changed);
        auto const content = wire::decode_token(*changed);
        REQUIRE(content);
        CHECK(content->address == address);
        CHECK(content->ca_sha256 == std::string(64, 'a'));
        CHECK(content->secret == "s");
    }
    for (auto const* const server : {"rollcall.example", "", "a b:1", "host:0", "http://host:8443"}) {
        CAPTURE(server);
        auto const refused = agent::readdress_token(token, server);
        REQUIRE_FALSE(refused);
        CHECK(reason(refused.error()) == "bad_input");
        CHECK(refused.error().trace.find("the server") != std::string::npos);
    }
    CHECK(agent::readdress_token("rc1.nonsense", "host:1").error().trace.find("token") != std::string::npos);
}

TEST_CASE_FIXTURE(AwaitFixture, "token: left for the service it is ours alone, replaced by the next one, and destroyed")
{
    REQUIRE(agent::leave_token(file, "rc1.first"));
    REQUIRE(agent::leave_token(file, "rc1.second"));
    CHECK(*agent::read_token_file(file) == "rc1.second");
    CHECK(support::is_private(file.parent_path()));
    CHECK(support::is_private(file));
    REQUIRE(agent::destroy_token(file));
    CHECK(std::filesystem::is_empty(file.parent_path()));
    CHECK(agent::destroy_token(file));
    std::filesystem::create_directory(file);
    std::ofstream(file / "something") << "else";
    CHECK_FALSE(agent::destroy_token(file));
}

TEST_CASE_FIXTURE(AwaitFixture, "await: a token that comes later enrols the machine once, and is destroyed")
{
    std::thread later([this] {
        std::this_thread::sleep_for(20ms);
        REQUIRE(agent::leave_token(file, "rc1.good"));
    });
    CHECK(agent::await_identity(options([this](std::string const& token) {
                                    CHECK(token == "rc1.good");
                                    return enrolled();
                                }),
                                stop));
    later.join();
    CHECK(asked == 1);
    CHECK_FALSE(std::filesystem::exists(file));
    CHECK(told("agent.waits_for_token") == 1);
    CHECK(told("agent.enrolled") == 1);
    CHECK(told("rc1.good") == 0);
}

TEST_CASE_FIXTURE(AwaitFixture, "await: a collector that is away is tried again, and its reason is told once")
{
    REQUIRE(agent::leave_token(file, "rc1.good"));
    CHECK(agent::await_identity(options([this](std::string const&) -> Result<uplink::Identity> {
                                    if (asked < 4) return fail(errc::io, "connect: refused");
                                    return enrolled();
                                }),
                                stop));
    CHECK(asked == 4);
    CHECK(told("agent.enrolment_failed") == 1);
    CHECK_FALSE(std::filesystem::exists(file));

    // The longer it is away, the less often it is asked; another token is tried at once.
    std::filesystem::remove_all(folder);
    REQUIRE(agent::leave_token(file, "rc1.first"));
    asked = 0;
    auto patient = options([this](std::string const& token) -> Result<uplink::Identity> {
        if (token == "rc1.second") return enrolled();
        if (asked == 2) REQUIRE(agent::leave_token(file, "rc1.second"));
        return fail(errc::io, "connect: refused");
    });
    patient.away_longest = 1h;
    patient.away_for = 20ms;
    auto const begun = std::chrono::steady_clock::now();
    CHECK(agent::await_identity(patient, stop));
    CHECK(asked == 3);
    CHECK(std::chrono::steady_clock::now() - begun >= 20ms);
}

TEST_CASE_FIXTURE(AwaitFixture, "await: a refused token stays and is not asked for again, another one at once")
{
    REQUIRE(agent::leave_token(file, "rc1.bad"));
    std::thread later([this] {
        while (told("agent.enrolment_refused") == 0)
            std::this_thread::sleep_for(1ms);
        std::this_thread::sleep_for(20ms);
        CHECK(std::filesystem::exists(file));
        REQUIRE(agent::leave_token(file, "rc1.good"));
    });
    CHECK(agent::await_identity(options([this](std::string const& token) -> Result<uplink::Identity> {
                                    if (token == "rc1.bad") return fail(errc::refused, "the collector says: expired");
                                    return enrolled();
                                }),
                                stop));
    later.join();
    CHECK(asked == 2);

    // After its time it is asked for again: what the collector objected to may be mended there.
    std::filesystem::remove_all(folder);
    REQUIRE(agent::leave_token(file, "rc1.bad"));
    asked = 0;
    auto impatient = options([this](std::string const&) -> Result<uplink::Identity> {
        if (asked < 3) return fail(errc::refused, "the collector says: its clock is wrong");
        return enrolled();
    });
    impatient.refused_for = 2ms;
    CHECK(agent::await_identity(impatient, stop));
    CHECK(asked == 3);
}

TEST_CASE_FIXTURE(AwaitFixture,
                  "await: a machine that is a device already keeps its identity, and the token goes unused")
{
    REQUIRE(enrolled());
    REQUIRE(agent::leave_token(file, "rc1.other"));
    CHECK(agent::await_identity(options([this](std::string const&) { return enrolled(); }), stop));
    CHECK(asked == 0);
    CHECK_FALSE(std::filesystem::exists(file));
    CHECK(told("agent.token_not_needed") == 1);
}

TEST_CASE_FIXTURE(AwaitFixture, "await: told to stop it ends soon, also in the middle of an enrolment")
{
    std::thread later([this] {
        std::this_thread::sleep_for(20ms);
        stop.request();
    });
    auto patient = options([this](std::string const&) { return enrolled(); });
    patient.look_every = 1h;
    CHECK_FALSE(agent::await_identity(patient, stop));
    later.join();
    CHECK(asked == 0);

    Stop second;
    std::atomic<bool> began = false;
    collector.then_post([&](std::string const&) {
        began = true; // The last that it knows of this test, which ends meanwhile.
        std::this_thread::sleep_for(300ms);
        return std::pair<int, std::string>(500, "");
    });
    REQUIRE(agent::leave_token(file, collector.token("secret")));
    std::thread ending([&] {
        while (!began)
            std::this_thread::sleep_for(1ms);
        second.request();
    });
    agent::AwaitOptions real;
    real.folder = folder;
    real.token_file = file;
    real.enrol = [this](std::string const& token, Stop& wanted) {
        uplink::EnrolOptions enrolment;
        enrolment.folder = folder;
        enrolment.token = token;
        enrolment.stop = &wanted;
        auto const answer = uplink::enrol(enrolment);
        REQUIRE_FALSE(answer);
        CHECK(reason(answer.error()) == "cancelled");
        return answer;
    };
    auto const start = std::chrono::steady_clock::now();
    CHECK_FALSE(agent::await_identity(real, second));
    CHECK(std::chrono::steady_clock::now() - start < 10s);
    ending.join();
    CHECK(told("agent.enrolment_failed") == 0);
    CHECK(std::filesystem::exists(file));
}
