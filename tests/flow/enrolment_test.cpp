#include <doctest/doctest.h>

#include <algorithm>

#include "common/wire/codec.hpp"
#include "tests/flow/world.hpp"

using namespace rollcall;
using flow::World;
using namespace std::chrono_literals;

static bool contains(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// With one piece of the token made false.
static std::string forged(std::string const& word, std::string wire::TokenContent::*piece, std::string value)
{
    auto content = wire::decode_token(word);
    REQUIRE(content);
    (*content).*piece = std::move(value);
    return wire::encode_token(*content);
}

TEST_CASE_FIXTURE(World, "flow: a token that is wrong, used up, expired or revoked is refused with what to do")
{
    auto const customer = add_customer("Acme");
    auto const good = add_token(customer);
    auto const refused = [&](std::string const& word, std::string_view why, std::string_view remedy) {
        CAPTURE(std::string(why));
        pass(2min); // Failures in a row have to wait.
        auto const answer = enrol(word, "refused");
        REQUIRE_FALSE(answer);
        CAPTURE(answer.error().trace);
        CHECK(answer.error().code == errc::refused);
        CHECK(contains(answer.error().trace, "the collector says"));
        CHECK(contains(answer.error().trace, why));
        CHECK(contains(answer.error().trace, remedy));
    };
    auto const make_new = "Make a new one with \"Add device\"";
    refused(forged(good.word, &wire::TokenContent::secret, "somebody-elses-secret"), "not known", "make a new one");

    REQUIRE(enrol(good.word));
    refused(good.word, "used up", make_new);

    auto const short_lived = add_token(customer, 1, 60);
    refused(short_lived.word, "expired", make_new);

    auto const revoked = add_token(customer);
    page.remove("/api/v1/enrolment-tokens/" + revoked.token.id);
    refused(revoked.word, "revoked", make_new);

    CHECK(devices().total == 1);
    CHECK_FALSE(uplink::enrol({.folder = "/nowhere", .token = "no token", .host_name = {}, .hardware_id = {}}));
    auto const half = enrol(good.word.substr(0, good.word.size() / 2), "refused");
    REQUIRE_FALSE(half);
    CHECK(half.error().code == errc::bad_input);
    CHECK(contains(half.error().trace, "copy the whole word"));
}

TEST_CASE_FIXTURE(World, "flow: a collector whose clock leapt far ahead enrols nobody until it is right, and says why")
{
    auto const token = add_token(add_customer("Acme"), 4, 365 * 86400);
    // One that never had a device may be set right at once.
    clock->jump(24h * 200);
    REQUIRE(enrol(token.word, "early"));
    clock->jump(-24h * 200);
    REQUIRE(enrol(token.word, "early", true));
    stop_collector();
    start_collector();
    auto const some_time = 24h * 150; // It was off, or its backup is so old.
    clock->jump(some_time);
    REQUIRE(enrol(token.word, "first"));
    clock->jump(24h * 200 - some_time);
    auto const refused = enrol(token.word);
    REQUIRE_FALSE(refused);
    CAPTURE(refused.error().trace);
    CHECK(contains(refused.error().trace, "clock is 200 days ahead"));
    CHECK(contains(refused.error().trace, "clock of the collector's machine"));
    clock->jump(-24h * 200);
    CHECK(enrol(token.word));

    // And one that began far behind, before its clock was set.
    stop_collector();
    clock->jump(-24h * 4000);
    start_collector();
    clock->jump(24h * 4000);
    auto const again = add_token(devices().items[0].customer_id);
    CHECK(enrol(again.word, "again"));
}

TEST_CASE_FIXTURE(World, "flow: a collector that is not the token's is refused before the token is told")
{
    auto const made = add_token(add_customer("Acme"));
    auto const answer = enrol(forged(made.word, &wire::TokenContent::ca_sha256, std::string(64, 'a')));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == errc::unauthenticated);
    CHECK(contains(answer.error().trace, "is not the collector of this token"));
    CHECK_FALSE(captured.has("enrol.refused"));
    CHECK(page.get<api::TokenRow>("/api/v1/enrolment-tokens/" + made.token.id).uses_left == 1);
    CHECK(devices().total == 0);
    CHECK(enrol(made.word));
}

TEST_CASE_FIXTURE(World, "flow: a revoked device is refused, keeps what it has and tells why")
{
    auto const id = begin();
    REQUIRE(eventually([&] { return device(id).users.value == 0; }));
    page.post<api::BulkAnswer>("/api/v1/devices/retire", api::DeviceIds{{id}});
    REQUIRE(eventually([&] { return contains(agent().report().uplink.problem, "revoked"); }));
    CHECK(contains(agent().report().uplink.remedy, "enrol again with a new token"));
    CHECK(device(id).revoked);
    CHECK(device(id).availability == "retired");

    machine.change("sessions", [&](flow::Scene& scene) {
        scene.sessions.push_back(flow::session("s1", "alice", clock->now_ms()));
    });
    CHECK(eventually([&] { return waiting(wire::Lane::event) > 0 && waiting(wire::Lane::state) > 0; }));
    stop_agent();
    start_agent();
    CHECK(eventually([&] { return contains(agent().report().uplink.problem, "revoked"); }));
    // The log-in, the agent's end and its new beginning.
    CHECK(eventually([&] { return waiting(wire::Lane::event) == 3; }));
    CHECK(events(id, "log_in").empty());
    CHECK(device(id).users.value == 0);
    auto const text = agent::for_people(agent::to_json_text(agent().report()), clock->now_ms());
    REQUIRE(text);
    CHECK(contains(*text, "revoked"));
    for (int i = 0; i < 2; ++i) {
        pass(60s);
        settle();
    }
    CHECK(alerts("device_offline", "open").empty());
}

TEST_CASE_FIXTURE(World,
                  "flow: enrolled again, the same hardware is the same device; for another customer it is a new one")
{
    auto const acme = add_customer("Acme");
    auto const first = enrol(add_token(acme).word);
    REQUIRE(first);
    start_agent();
    REQUIRE(eventually_online(first->device_id));
    REQUIRE(eventually([&] { return device(first->device_id).services.value == 3; }));

    auto const kept = enrol(add_token(acme).word);
    REQUIRE_FALSE(kept);
    CHECK(kept.error().code == errc::conflict);

    stop_agent();
    auto const again = enrol(add_token(acme).word, "agent", true);
    REQUIRE(again);
    CHECK(again->device_id == first->device_id);
    CHECK(again->tls.certificate_pem != first->tls.certificate_pem);
    start_agent();
    REQUIRE(eventually_online(first->device_id));
    CHECK(devices().total == 1);

    auto const other = enrol(add_token(add_customer("Beta")).word, "other");
    REQUIRE(other);
    CHECK(other->device_id != first->device_id);
    start_agent("other");
    REQUIRE(eventually_online(other->device_id));
    CHECK(eventually([&] { return device(other->device_id).services.value == 3; }));
    CHECK(device(first->device_id).availability == "online");
    CHECK(devices().total == 2);
    CHECK(device(first->device_id).customer_name == "Acme");
    CHECK(device(other->device_id).customer_name == "Beta");
}

TEST_CASE_FIXTURE(World, "flow: after a new enrolment the old certificate no longer counts")
{
    auto const acme = add_customer("Acme");
    auto const token = add_token(acme, 2);
    auto const old = enrol(token.word, "old");
    REQUIRE(old);
    auto const fresh = enrol(token.word, "agent");
    REQUIRE(fresh);
    CHECK(fresh->device_id == old->device_id);
    start_agent("old");
    CHECK(eventually([&] { return contains(agent("old").report().uplink.remedy, "replaced by a later one"); }));
    CHECK(device(old->device_id).availability == "offline");
    start_agent();
    CHECK(eventually_online(fresh->device_id));
}

static std::string certificate_of(World const& world, std::string const& name = "agent")
{
    auto const identity = uplink::load_identity(world.folder / name);
    REQUIRE(identity);
    return identity->tls.certificate_pem;
}

TEST_CASE_FIXTURE(World, "flow: a certificate is renewed by itself in time, and the device stays connected meanwhile")
{
    auto const id = begin({"load"});
    auto const first = certificate_of(*this);
    pass(24h * 240);
    page.enter_again();
    settle();
    CHECK(certificate_of(*this) == first);
    pass(24h * 40);
    REQUIRE(eventually([&] { return certificate_of(*this) != first; }));
    CHECK_FALSE(captured.has("uplink.lost"));
    relay.cut();
    relay.restore();
    REQUIRE(eventually([&] { return captured.has("device.certificate_adopted"); }));
    page.enter_again();
    REQUIRE(eventually_online(id));
    CHECK(devices().total == 1);
}

TEST_CASE_FIXTURE(World,
                  "flow: a device that slept for a year comes back by itself; after three it has to be enrolled again")
{
    auto const id = begin({"load"});
    auto const first = certificate_of(*this);
    stop_agent();
    pass(24h * 400);
    page.enter_again();
    start_agent("agent", {"load"});
    REQUIRE(eventually_online(id));
    CHECK(certificate_of(*this) != first);
    CHECK(captured.has("device.renewed"));

    stop_agent();
    pass(24h * 365 * 3 + 24h);
    page.enter_again();
    start_agent("agent", {"load"});
    CHECK(eventually([&] { return contains(agent().report().uplink.remedy, "enrol again with a new token"); }));
    CHECK(eventually([&] { return captured.has("uplink.not_renewed"); }));
    CHECK(device(id).availability == "offline");
    stop_agent();
    auto const again = enrol(add_token(device(id).customer_id).word, "agent", true);
    REQUIRE(again);
    CHECK(again->device_id == id);
    start_agent("agent", {"load"});
    CHECK(eventually_online(id));
}
