#include <doctest/doctest.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>

#include "collector/view/live/live.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace std::chrono_literals;

namespace
{

/// Remembers what was sent, and lets a test wait for it.
class Socket final : public gateway::LiveSocket
{
public:
    void send(std::string text) override
    {
        std::lock_guard const lock(mutex_);
        sent_.push_back(std::move(text));
        wake_.notify_all();
    }
    void close(std::uint16_t code, std::string) override
    {
        std::lock_guard const lock(mutex_);
        closed_ = code;
        wake_.notify_all();
    }
    std::vector<std::string> wait_for(std::size_t count)
    {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, support::patience, [&] { return sent_.size() >= count; });
        return sent_;
    }
    std::uint16_t wait_for_close()
    {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, support::patience, [&] { return closed_ != 0; });
        return closed_;
    }

private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::string> sent_;
    std::uint16_t closed_ = 0;
};

struct Fixture {
    Fixture()
    {
        auto opened = store::Store::open({.file = folder / "test.db"});
        REQUIRE(opened);
        store = *std::move(opened);
        access = std::make_unique<access::Access>(*store, clock, access::Keys::make());
        auto const first = access->first_password();
        REQUIRE(first);
        std::int64_t retry_after_s = 0;
        auto entered = access->log_in("admin", **first, "192.0.2.1", retry_after_s);
        REQUIRE(entered);
        session = *entered;
        live = std::make_unique<live::Live>(*access, projection, pool,
                                            [this](gateway::HttpRequest const&, api::Admission const& admission) {
                                                refused.push_back(admission.refusal->status);
                                            });
    }
    ~Fixture()
    {
        if (live) live->stop();
        pool.stop();
    }

    void choose_password()
    {
        std::int64_t retry_after_s = 0;
        auto const first = access->reset_password("admin");
        REQUIRE(first);
        auto entered = access->log_in("admin", *first, "192.0.2.1", retry_after_s);
        REQUIRE(entered);
        REQUIRE(access->change_password(entered->identity, *first, "correct horse battery", retry_after_s));
        session = *entered;
    }

    /// The status it was refused with, or 101 and the client.
    int upgrade(std::string const& cookie, std::string const& origin)
    {
        gateway::HttpRequest request;
        request.method = "GET";
        request.path = "/api/v1/live";
        request.headers = {
            {"host", "rollcall.example:8443"}, {"origin", origin}, {"cookie", "__Host-rollcall=" + cookie}};
        return decide(std::move(request));
    }
    int upgrade_program(std::string const& secret)
    {
        gateway::HttpRequest request;
        request.method = "GET";
        request.path = "/api/v1/live";
        request.headers = {{"host", "rollcall.example:8443"}, {"authorization", "Bearer " + secret}};
        return decide(std::move(request));
    }
    int decide(gateway::HttpRequest request)
    {
        std::promise<int> decided;
        gateway::LiveHandler::Decision decision;
        decision.refuse = [&](gateway::HttpResponse response) { decided.set_value(response.status); };
        decision.accept = [&](auto make) {
            client = make(socket);
            decided.set_value(101);
        };
        live->upgrade(std::move(request), std::move(decision));
        return decided.get_future().get();
    }

    static constexpr auto own_origin = "https://rollcall.example:8443";
    support::TempDir folder;
    support::ManualClock clock;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<access::Access> access;
    access::LoggedIn session;
    view::Projection projection;
    api::Pool pool{1, 16};
    std::unique_ptr<live::Live> live;
    std::vector<int> refused; ///< Told before the answer goes out.
    std::shared_ptr<Socket> socket = std::make_shared<Socket>();
    std::unique_ptr<gateway::LiveClient> client;
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "live: strangers, other origins and first passwords are refused")
{
    CHECK(upgrade("made up", own_origin) == 401);
    CHECK(upgrade(session.cookie, "https://rollcall.example") == 403);
    CHECK(upgrade(session.cookie, "https://evil.example:8443") == 403);
    CHECK(upgrade(session.cookie, "") == 403);
    CHECK(upgrade(session.cookie, own_origin) == 403);
    CHECK(live->clients() == 0);
}

TEST_CASE_FIXTURE(Fixture, "live: a change reaches the client, and a client that left hears no more")
{
    choose_password();
    REQUIRE(upgrade(session.cookie, own_origin) == 101);
    CHECK(live->clients() == 1);
    view::Change change;
    change.places[{.customer_id = "k"}] = {.devices = {"0190"}, .alerts = true};
    projection.announce(change);
    auto const sent = socket->wait_for(1);
    REQUIRE(sent.size() == 1);
    auto const message = boost::json::parse(sent[0]);
    CHECK(message.at("type").as_string() == "changed");
    CHECK(message.at("devices").as_array().size() == 1);
    CHECK(message.at("alerts").as_bool());
    CHECK_FALSE(message.at("tokens").as_bool());
    client.reset();
    CHECK(live->clients() == 0);
    projection.announce(change);
}

TEST_CASE_FIXTURE(Fixture, "live: log-out tells the client that the session ended, and closes")
{
    choose_password();
    REQUIRE(upgrade(session.cookie, own_origin) == 101);
    REQUIRE(access->log_out(session.identity));
    CHECK(socket->wait_for_close() == 1008);
    auto const sent = socket->wait_for(1);
    REQUIRE(sent.size() == 1);
    CHECK(sent[0] == live::session_ended);
    CHECK(live->clients() == 0);
}

TEST_CASE_FIXTURE(Fixture, "live: an expired session is found out without any request")
{
    choose_password();
    REQUIRE(upgrade(session.cookie, own_origin) == 101);
    clock.advance(12h);
    CHECK(socket->wait_for_close() == 1008);
}

TEST_CASE_FIXTURE(Fixture, "live: stop closes clients, and a client may end later than the feed")
{
    choose_password();
    REQUIRE(upgrade(session.cookie, own_origin) == 101);
    live->stop();
    CHECK(socket->wait_for_close() == 1001);
    pool.stop();
    live.reset();
    client.reset();
}

TEST_CASE_FIXTURE(Fixture, "live: other rights close the feed without ending the session, a token's end closes its own")
{
    choose_password();
    REQUIRE(upgrade(session.cookie, own_origin) == 101);
    access::RoleWish wish{
        .name = "Owner", .permissions = access::Permissions::all(), .totp_required = true, .version = 1};
    REQUIRE(std::holds_alternative<access::Role>(access->staff().change_role(session.identity, "owner", wish)));
    CHECK(socket->wait_for_close() == 1008);
    CHECK(socket->wait_for(0).empty());
    CHECK(upgrade(session.cookie, own_origin) == 403);

    wish.totp_required = false;
    wish.version = 2;
    auto const now = access->identify(session.cookie);
    REQUIRE(now);
    REQUIRE(std::holds_alternative<access::Role>(access->staff().change_role(*now, "owner", wish)));
    auto const made = access->add_token(session.identity, {.name = "s",
                                                           .permissions = {access::Permission::devices_read},
                                                           .scope = store::Scope::everything(),
                                                           .expires_in_s = 3600});
    auto const& token = std::get<access::MadeApiToken>(made);
    socket = std::make_shared<Socket>();
    REQUIRE(upgrade_program(token.secret) == 101);
    REQUIRE(access->remove_token(session.identity, token.token.id));
    CHECK(socket->wait_for_close() == 1008);
    CHECK(upgrade_program(token.secret) == 401);
    CHECK(refused == std::vector<int>{403, 401});
}

TEST_CASE_FIXTURE(Fixture, "leak: a technician of another customer hears nothing of it on the live feed")
{
    choose_password();
    REQUIRE(store->write(
        [](sqlite::Database& db) { return store::add_customer(db, {.id = "own", .name = "own", .created_ms = 1}); }));
    store::Scope const own{.all = false, .customers = {"own"}};
    auto const made = access->staff().add(session.identity, {.name = "Eve", .role_id = "admin", .scope = own});
    auto const& given = std::get<access::FirstPassword>(made);
    std::int64_t retry_after_s = 0;
    auto const eve = access->log_in("Eve", given.password, "192.0.2.1", retry_after_s);
    REQUIRE(eve);
    REQUIRE(access->change_password(eve->identity, given.password, "correct horse battery", retry_after_s));
    REQUIRE(upgrade(eve->cookie, own_origin) == 101);
    view::Change hidden;
    hidden.places[{.customer_id = "theirs"}] = {
        .devices = {"hidden"}, .alerts = true, .customers = true, .tokens = true};
    projection.announce(hidden);
    view::Change seen;
    seen.places[{.customer_id = "own"}].devices = {"mine"};
    projection.announce(seen);
    auto const sent = socket->wait_for(1);
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].find("hidden") == std::string::npos);
    CHECK_FALSE(boost::json::parse(sent[0]).at("alerts").as_bool());
}
