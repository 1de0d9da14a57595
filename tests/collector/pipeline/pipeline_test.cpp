#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "collector/pipeline/limits.hpp"
#include "collector/pipeline/pipeline.hpp"
#include "collector/store/audit.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/limits.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::pipeline;
using Names = std::set<std::string, std::less<>>;

namespace
{

/// What the collector said to a device.
class FakeSocket final : public gateway::AgentSocket
{
public:
    void send(wire::FromCollector message) override
    {
        std::lock_guard const lock(mutex_);
        sent_.push_back(std::move(message));
    }
    void refuse(wire::Refused why) override
    {
        std::lock_guard const lock(mutex_);
        refused_.push_back(why.reason);
    }
    template <class T>
    [[nodiscard]] std::vector<T> all() const
    {
        std::lock_guard const lock(mutex_);
        std::vector<T> found;
        for (auto const& message : sent_)
            if (auto const* const one = std::get_if<T>(&message)) found.push_back(*one);
        return found;
    }
    [[nodiscard]] std::uint64_t acknowledged(std::string_view lane) const
    {
        std::uint64_t last = 0;
        for (auto const& ack : all<wire::Ack>())
            if (ack.lane == lane) last = ack.sequence;
        return last;
    }
    [[nodiscard]] std::vector<std::string> refused() const
    {
        std::lock_guard const lock(mutex_);
        return refused_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<wire::FromCollector> sent_;
    std::vector<std::string> refused_;
};

/// A collector without its network: store, projection and pipeline on a clock that stands still.
struct Fixture {
    support::TempDir folder;
    support::ManualClock clock;
    std::unique_ptr<view::Projection> projection;
    std::unique_ptr<updates::Board> board;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<Pipeline> pipeline;
    std::uint64_t connections = 0;
    int signed_certificates = 0;
    bool clock_is_ahead = false;          ///< Nothing is signed.
    std::map<std::string, UnixMs> issued; ///< By fingerprint.
    std::mutex heard_mutex;
    std::vector<view::Change> heard;

    explicit Fixture(std::size_t queue_limit = 8192) { start(queue_limit); }
    ~Fixture() { end(); }

    void start(std::size_t queue_limit = 8192)
    {
        projection = std::make_unique<view::Projection>();
        board = std::make_unique<updates::Board>(clock);
        auto opened = store::Store::open({.file = folder / "rollcall.db", .queue_limit = queue_limit});
        REQUIRE(opened);
        store = std::move(*opened);
        auto const sign = [this](std::string_view request, std::string_view id) -> Result<SignedCertificate> {
            if (request == "bad") return fail(errc::bad_message, "not a request");
            if (clock_is_ahead) return fail(errc::refused, "The clock is ahead");
            ++signed_certificates;
            auto fingerprint = "fingerprint " + std::to_string(signed_certificates);
            auto const issued_ms = clock.now_ms() / 1000 * 1000; // Certificates count seconds.
            issued[fingerprint] = issued_ms;
            return SignedCertificate{.certificate_pem = "certificate of " + std::string(id),
                                     .fingerprint = std::move(fingerprint),
                                     .issued_ms = issued_ms,
                                     .ca_pem = "ca"};
        };
        auto made = Pipeline::start({.store = *store,
                                     .projection = *projection,
                                     .clock = clock,
                                     .profile = rules::default_profile(),
                                     .sign = sign,
                                     .board = *board,
                                     .pace = {},
                                     .close_device = {},
                                     .tick_every = {}});
        REQUIRE(made);
        pipeline = std::move(*made);
        projection->listen([this](view::Change const& change) {
            std::lock_guard const lock(heard_mutex);
            heard.push_back(change);
        });
    }
    void end()
    {
        if (pipeline) pipeline->stop();
        pipeline.reset();
        store.reset();
    }
    /// Everything that was handed in has been answered.
    void settle() const
    {
        for (int i = 0; i < 3; ++i)
            REQUIRE(store->write([](sqlite::Database&) -> Result<> { return {}; }));
    }
    void pass(std::chrono::milliseconds time)
    {
        clock.advance(time);
        pipeline->tick();
        settle();
        pipeline->tick();
        settle();
    }

    template <class T, class Ask>
    Outcome<T> ask(Ask const& request)
    {
        std::promise<Outcome<T>> promise;
        request([&](Outcome<T> outcome) { promise.set_value(std::move(outcome)); });
        auto outcome = promise.get_future().get();
        settle();
        return outcome;
    }
    std::string customer(std::string const& name)
    {
        auto made = ask<store::Customer>([&](auto done) { pipeline->add_customer(name, done); });
        REQUIRE(std::holds_alternative<store::Customer>(made));
        return std::get<store::Customer>(made).id;
    }
    MadeToken token(std::string const& customer_id, std::int64_t uses = 1)
    {
        auto made = ask<MadeToken>([&](auto done) { pipeline->add_token(customer_id, uses, 3600, done); });
        REQUIRE(std::holds_alternative<MadeToken>(made));
        return std::get<MadeToken>(made);
    }
    Outcome<wire::EnrolAnswer> enrol(std::string const& secret, std::string const& host = "pc",
                                     std::string const& hardware = "hw", std::string const& request = "request")
    {
        return ask<wire::EnrolAnswer>([&](auto done) {
            pipeline->enrol({.token = secret,
                             .request_pem = request,
                             .host_name = host,
                             .hardware_id = hardware,
                             .agent_version = "1"},
                            "::1", done);
        });
    }
    template <class Wish>
    Outcome<api::Ordered> organise(Wish wish, store::Scope const& scope = store::Scope::everything())
    {
        api::Order const order{.scope = scope, .what = std::move(wish)};
        return ask<api::Ordered>([&](auto done) { pipeline->organise(order, done); });
    }
    /// Why it was not done; "" = it was.
    std::string retire(std::string const& id)
    {
        return std::get<api::Ordered>(organise(api::RetireDevices{{id}})).verdicts.at(0).refused;
    }
    [[nodiscard]] api::DeviceRow row(std::string const& id) const
    {
        auto found = projection->device(store::Scope::everything(), id);
        REQUIRE(found);
        return *found;
    }
    [[nodiscard]] api::AlertList alerts(std::string const& status = "open") const
    {
        return projection->alerts(store::Scope::everything(), {.statuses = {status}}, 0);
    }
    [[nodiscard]] std::vector<wire::Gap> gaps(std::string const& id) const
    {
        std::vector<wire::Gap> found;
        REQUIRE(store->read([&](sqlite::Database& db) -> Result<> {
            found = *store::gaps_of(db, id);
            return {};
        }));
        return found;
    }
    [[nodiscard]] std::size_t events(std::string const& id) const
    {
        std::size_t count = 0;
        REQUIRE(store->read([&](sqlite::Database& db) -> Result<> {
            count = store::events_of(db, id, 10'000)->size();
            return {};
        }));
        return count;
    }
};

constexpr std::chrono::milliseconds certificate_life = std::chrono::hours(24 * 365);

/// A device with its connection.
struct Agent {
    Fixture& f;
    std::string id;
    std::string fingerprint;
    gateway::AgentPeer peer{};
    std::shared_ptr<FakeSocket> socket{};
    wire::Hello hello{};

    Agent(Fixture& fixture, std::string device_id, std::string its_fingerprint)
        : f(fixture)
        , id(std::move(device_id))
        , fingerprint(std::move(its_fingerprint))
    {
        hello = {.protocol = 1,
                 .agent_version = "1.2",
                 .device_id = id,
                 .boot_id = "b",
                 .epoch = "epoch",
                 .event = {1, 1},
                 .state = {1, 1},
                 .series = {1, 1}};
    }
    /// Enrolled with a customer of its own.
    explicit Agent(Fixture& fixture, std::string const& host = "pc")
        : f(fixture)
    {
        auto const made = f.enrol(f.token(f.customer("Customer of " + host)).secret, host, "hw-" + host);
        REQUIRE(std::holds_alternative<wire::EnrolAnswer>(made));
        *this = Agent(f, std::get<wire::EnrolAnswer>(made).device_id,
                      "fingerprint " + std::to_string(f.signed_certificates));
    }
    Agent& operator=(Agent&& other) noexcept
    {
        id = std::move(other.id);
        fingerprint = std::move(other.fingerprint);
        hello = std::move(other.hello);
        return *this;
    }
    Agent(Agent const&) = default;

    void show_certificate()
    {
        peer = {.connection = ++f.connections,
                .fingerprint = fingerprint,
                .device_id = id,
                .remote = "::1",
                .issued_ms = f.issued[fingerprint],
                .expires_ms = f.issued[fingerprint] + certificate_life.count()};
    }
    /// The fingerprint of the new certificate; "" where it is refused.
    std::string renew(std::string const& request = "request")
    {
        show_certificate();
        socket = std::make_shared<FakeSocket>();
        f.pipeline->renew(peer, {.request_pem = request}, socket);
        f.settle();
        if (socket->all<wire::Renewed>().empty()) return {};
        CHECK(socket->all<wire::Renewed>().at(0).certificate_pem == "certificate of " + id);
        CHECK(socket->all<wire::Renewed>().at(0).ca_pem == "ca");
        return "fingerprint " + std::to_string(f.signed_certificates);
    }
    Agent& connect()
    {
        show_certificate();
        socket = std::make_shared<FakeSocket>();
        if (hello.sent_ms == 0) hello.sent_ms = f.clock.now_ms();
        f.pipeline->connected(peer, hello, socket);
        f.settle();
        return *this;
    }
    [[nodiscard]] wire::Welcome welcome() const
    {
        auto const all = socket->all<wire::Welcome>();
        REQUIRE(all.size() == 1);
        return all[0];
    }
    void say(wire::FromAgent message)
    {
        CHECK(f.pipeline->received(peer, std::move(message), [] {}));
        f.settle();
    }
    void close(std::string_view reason = "closed")
    {
        f.pipeline->closed(peer, reason);
        f.settle();
    }
    [[nodiscard]] wire::Event event(std::uint64_t sequence) const
    {
        return {.sequence = sequence, .name = "boot", .at_ms = f.clock.now_ms(), .detail = {}};
    }
    [[nodiscard]] wire::State state(std::uint64_t sequence, std::string const& probe, Snapshot rows) const
    {
        wire::State state{.sequence = sequence, .probe = probe, .taken_ms = f.clock.now_ms()};
        state.digest = wire::digest(rows);
        state.rows = std::move(rows);
        return state;
    }
};

Snapshot services(std::string const& state) { return {{"nginx", Row{{"state", state}, {"expected", true}}}}; }

using Wish = rules::AlertWish::Kind;
using Became = rules::AlertResult::Kind;

/// A device with an open alert, and people who do something about it.
struct Desk : Fixture {
    Agent pc{*this};
    std::string id;
    std::map<std::string, store::Scope> scopes{{"anna", store::Scope::everything()},
                                               {"berta", store::Scope::everything()}}; ///< By technician.

    Desk()
    {
        REQUIRE(store->write([](sqlite::Database& db) -> Result<> {
            for (auto const* const name : {"anna", "berta"})
                if (auto added =
                        store::save_technician(db, {.id = name, .name = name, .password_hash = "h", .created_ms = 1});
                    !added)
                    return added;
            return {};
        }));
        pc.connect();
        pc.say(pc.state(1, "services", services("stopped")));
        pass(31s);
        REQUIRE(alerts().total == 1);
        id = alerts().items[0].id;
    }
    /// Says what somebody may see from now on, and whether he may come in.
    void set(std::string const& who, store::Scope const& scope, bool disabled = false)
    {
        REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
            auto found = store::find_technician(db, who);
            if (!found) return found.error();
            (*found)->scope = scopes[who] = scope;
            (*found)->disabled_ms = disabled ? std::optional(clock.now_ms()) : std::nullopt;
            return store::save_technician(db, **found);
        }));
    }
    Outcome<std::vector<rules::AlertResult>>
    ask_for(rules::AlertWish const& wish, std::optional<std::int64_t> version = {}, std::string const& who = "anna")
    {
        return ask<std::vector<rules::AlertResult>>([&](auto done) {
            pipeline->work_on_alerts({{.id = id, .version = version}}, wish,
                                     {.id = who, .name = who, .scope = scopes.at(who)}, done);
        });
    }
    rules::AlertResult work(rules::AlertWish const& wish, std::optional<std::int64_t> version = {},
                            std::string const& who = "anna")
    {
        auto const results = ask_for(wish, version, who);
        REQUIRE(std::holds_alternative<std::vector<rules::AlertResult>>(results));
        REQUIRE(std::get<0>(results).size() == 1);
        return std::get<0>(results)[0];
    }
    static rules::AlertWorker anna() { return {.id = "anna", .name = "anna", .scope = store::Scope::everything()}; }
    [[nodiscard]] api::AlertRow alert() const
    {
        auto found = projection->alert(store::Scope::everything(), id);
        REQUIRE(found);
        return *found;
    }
    [[nodiscard]] std::vector<store::AlertAction> actions() const
    {
        std::vector<store::AlertAction> found;
        REQUIRE(store->read([&](sqlite::Database& db) -> Result<> {
            found = *store::alert_actions(db, id);
            return {};
        }));
        return found;
    }
    /// The device comes back as it was, with nothing to send before this record.
    void restart(std::uint64_t next = 2)
    {
        end();
        start();
        pc.hello.state = {next, next};
        pc.hello.digests = {{"services", wire::digest(services("stopped"))}};
        pc.hello.sent_ms = clock.now_ms();
        pc.connect();
    }
};

} // namespace

TEST_CASE("pipeline: customers have a name of their own, and hostile names are names too")
{
    Fixture f;
    f.customer("Acme");
    for (auto const* const name : {"", "  ", "\xff", "a\nb", "\x1b[2J"}) {
        auto const made = f.ask<store::Customer>([&](auto done) { f.pipeline->add_customer(name, done); });
        REQUIRE(std::holds_alternative<Refusal>(made));
        CHECK(std::get<Refusal>(made).code == errc::bad_input);
        CHECK(std::get<Refusal>(made).field == "name");
    }
    auto const again = f.ask<store::Customer>([&](auto done) { f.pipeline->add_customer(" ACME ", done); });
    CHECK(std::get<Refusal>(again).code == errc::conflict);
    f.customer("'; DROP TABLE device; -- <script> \xF0\x9F\x92\xBB");
    CHECK(f.projection->customers(store::Scope::everything(), {}).total == 2);
}

TEST_CASE("pipeline: a token enrols as often as it says, and what is wrong with it is said")
{
    Fixture f;
    auto const acme = f.customer("Acme");
    auto const made = f.token(acme);
    auto const refused = [](Outcome<wire::EnrolAnswer> const& outcome, errc code, std::string_view field,
                            std::string_view part) {
        REQUIRE(std::holds_alternative<Refusal>(outcome));
        auto const& why = std::get<Refusal>(outcome);
        CHECK(why.code == code);
        CHECK(why.field == field);
        CAPTURE(why.detail);
        CHECK(why.detail.find(part) != std::string::npos);
        CHECK_FALSE(why.remedy.empty());
    };
    refused(f.enrol("wrong"), errc::unauthenticated, "token", "not known");
    refused(f.enrol(made.secret, ""), errc::bad_input, "host_name", "host name");
    refused(f.enrol(made.secret, "pc", "hw", "bad"), errc::bad_input, "request_pem", "not a request");
    auto const first = f.enrol(made.secret, "pc");
    REQUIRE(std::holds_alternative<wire::EnrolAnswer>(first));
    CHECK(std::get<wire::EnrolAnswer>(first).ca_pem == "ca");
    refused(f.enrol(made.secret, "pc2", "hw2"), errc::refused, "token", "used up");
    auto const row = f.row(std::get<wire::EnrolAnswer>(first).device_id);
    CHECK(row.name == "pc");
    CHECK(row.customer_name == "Acme");
    CHECK(row.availability == "offline");
    CHECK(row.patches.unknown == "not_yet_read");

    auto const late = f.token(acme);
    f.clock.advance(std::chrono::hours(2));
    refused(f.enrol(late.secret), errc::refused, "token", "expired");
    auto const gone = f.token(acme);
    auto const revoked =
        f.ask<store::EnrolmentToken>([&](auto done) { f.pipeline->revoke_token(gone.token.id, done); });
    CHECK(std::get<store::EnrolmentToken>(revoked).revoked_ms);
    refused(f.enrol(gone.secret), errc::refused, "token", "revoked");
    for (auto const& [uses, seconds] : {std::pair<std::int64_t, std::int64_t>{0, 3600}, {1, 1}, {1, INT64_MAX}}) {
        auto const odd =
            f.ask<MadeToken>([&, u = uses, s = seconds](auto done) { f.pipeline->add_token(acme, u, s, done); });
        CHECK(std::get<Refusal>(odd).code == errc::bad_input);
    }
    auto const year = f.ask<MadeToken>([&](auto done) { f.pipeline->add_token(acme, 1, 365L * 24 * 3600, done); });
    CHECK(std::holds_alternative<MadeToken>(year));
    auto const nobody = f.ask<MadeToken>([&](auto done) { f.pipeline->add_token("nobody", 1, 3600, done); });
    CHECK(std::get<Refusal>(nobody).code == errc::not_found);
}

TEST_CASE("pipeline: a device that is enrolled again stays the same device, and its old certificate is void")
{
    Fixture f;
    log::Capture capture;
    auto const secret = f.token(f.customer("Acme"), 3).secret;
    auto const first = std::get<wire::EnrolAnswer>(f.enrol(secret, "pc"));
    Agent old(f, first.device_id, "fingerprint 1");
    old.connect();
    CHECK(f.row(old.id).availability == "online");
    auto const again = std::get<wire::EnrolAnswer>(f.enrol(secret, "renamed"));
    CHECK(again.device_id == first.device_id);
    CHECK(f.row(old.id).name == "pc");
    CHECK(old.socket->refused() == std::vector<std::string>{"replaced"});
    auto const lines = capture.lines();
    CHECK(std::ranges::any_of(
        lines, [](auto const& line) { return line.find("device.enrolled_while_connected") != std::string::npos; }));
    old.close();
    CHECK(old.connect().socket->refused() == std::vector<std::string>{"unknown_device"});
    Agent fresh(f, again.device_id, "fingerprint 2");
    CHECK(fresh.connect().socket->refused().empty());
    CHECK(std::get<wire::EnrolAnswer>(f.enrol(secret, "other", "other hardware")).device_id != first.device_id);
}

TEST_CASE("pipeline: unknown and revoked devices are refused; revoking closes the connection and resolves the alerts")
{
    Fixture f;
    Agent stranger(f, "nobody", "x");
    CHECK(stranger.connect().socket->refused() == std::vector<std::string>{"unknown_device"});
    Agent pc(f);
    pc.connect();
    pc.say(pc.state(1, "services", services("failed")));
    f.pass(31s);
    CHECK(f.alerts().total == 1);
    CHECK(f.retire(pc.id).empty());
    CHECK(pc.socket->refused() == std::vector<std::string>{"revoked"});
    pc.close();
    CHECK(f.row(pc.id).availability == "retired");
    CHECK(f.row(pc.id).revoked);
    CHECK(f.alerts().total == 0);
    CHECK(pc.connect().socket->refused() == std::vector<std::string>{"revoked"});
    CHECK(f.retire(pc.id) == "It is retired already.");
    CHECK(f.retire("nobody") == "There is no such device.");
}

TEST_CASE("pipeline: what is stored is acknowledged, a repeat is only acknowledged again")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    CHECK(pc.welcome().event == 0);
    pc.say(pc.event(1));
    pc.say(pc.event(2));
    CHECK(pc.socket->acknowledged("event") == 2);
    pc.say(pc.event(1));
    pc.say(pc.event(2));
    CHECK(f.events(pc.id) == 2);
    CHECK(f.pipeline->figures().records_repeated == 2);
    pc.close();
    pc.hello.event = {1, 3};
    CHECK(pc.connect().welcome().event == 2);
    pc.say(pc.event(2));
    pc.say(pc.event(3));
    CHECK(f.events(pc.id) == 3);
    CHECK(f.gaps(pc.id).empty());
    // The other lanes have numbers of their own.
    pc.say(wire::Series{.sequence = 1, .probe = "cpu", .taken_ms = f.clock.now_ms(), .samples = {{"", {12.5}}}});
    CHECK(pc.socket->acknowledged("series") == 1);
    CHECK(f.row(pc.id).cpu_percent.value == 12.5);
}

TEST_CASE("pipeline: series are acknowledged at first at once, then after a while or when many wait")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    std::uint64_t sequence = 0;
    auto const say = [&](std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i)
            pc.say(wire::Series{.sequence = ++sequence,
                                .probe = "cpu",
                                .taken_ms = f.clock.now_ms() + static_cast<UnixMs>(sequence),
                                .samples = {{"", {12.5}}}});
    };
    say(1);
    CHECK(pc.socket->acknowledged("series") == 1);
    f.clock.advance(wire::limits::series_ack_every - 1s);
    say(5);
    CHECK(pc.socket->acknowledged("series") == 1);
    f.clock.advance(1s);
    say(5);
    CHECK(pc.socket->acknowledged("series") >= 7);
    auto const told = pc.socket->acknowledged("series");
    say(wire::limits::series_ack_records);
    CHECK(pc.socket->acknowledged("series") == told + wire::limits::series_ack_records);
    pc.say(pc.event(1));
    CHECK(pc.socket->acknowledged("event") == 1);
    // What was not answered is in the next welcome.
    pc.close();
    pc.hello.series = {1, sequence + 1};
    CHECK(pc.connect().welcome().series == sequence);
}

TEST_CASE("pipeline: what is lost is noted")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    pc.say(pc.event(1));
    pc.say(pc.event(4));
    pc.say(wire::Gap{.lane = "event", .first = 5, .last = 9, .at_ms = f.clock.now_ms(), .reason = "spool_full"});
    pc.say(pc.event(10));
    CHECK(pc.socket->acknowledged("event") == 10);
    auto const gaps = f.gaps(pc.id);
    REQUIRE(gaps.size() == 2);
    CHECK(gaps[0].reason == "missing");
    CHECK(gaps[0].last == 3);
    CHECK(gaps[1].reason == "spool_full");
    CHECK(gaps[1].last == 9);
}

TEST_CASE("pipeline: a gap counts only what is not stored")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    for (std::uint64_t i = 1; i <= 5; ++i)
        pc.say(pc.event(i));
    // The agent dropped what was on its way to us.
    pc.say(wire::Gap{.lane = "event", .first = 1, .last = 9, .at_ms = f.clock.now_ms(), .reason = "too_old"});
    auto const gaps = f.gaps(pc.id);
    REQUIRE(gaps.size() == 1);
    CHECK(gaps[0].first == 6);
    CHECK(gaps[0].last == 9);
    CHECK(pc.socket->acknowledged("event") == 9);
}

TEST_CASE("pipeline: what a connected device still holds back is counted down; of one that is away nobody knows")
{
    using api::HeldBack;
    Fixture f;
    Agent pc(f);
    CHECK_FALSE(f.row(pc.id).held_back);
    pc.connect();
    CHECK(f.row(pc.id).held_back == HeldBack{});
    pc.say(pc.event(1)); // It had not happened at the hello.
    CHECK(f.row(pc.id).held_back == HeldBack{});
    pc.close();
    CHECK_FALSE(f.row(pc.id).held_back);

    pc.hello.event = {2, 5};
    pc.hello.series = {1, 12'341};
    pc.connect();
    CHECK(f.row(pc.id).held_back == HeldBack{.events = 3, .readings = 12'340});
    {
        std::lock_guard const lock(f.heard_mutex);
        f.heard.clear();
    }
    pc.say(pc.event(2));
    CHECK(f.row(pc.id).held_back == HeldBack{.events = 2, .readings = 12'340});
    {
        std::lock_guard const lock(f.heard_mutex);
        REQUIRE(f.heard.size() == 1);
        CHECK(f.heard[0].places.at({.customer_id = f.row(pc.id).customer_id}).devices == Names{pc.id});
    }
    pc.say(wire::Gap{.lane = "series", .first = 1, .last = 12'339, .at_ms = f.clock.now_ms(), .reason = "thinned"});
    CHECK(f.row(pc.id).held_back == HeldBack{.events = 2, .readings = 1});
    pc.say(wire::Series{.sequence = 12'340, .probe = "cpu", .taken_ms = f.clock.now_ms(), .samples = {{"", {12.5}}}});
    CHECK(f.row(pc.id).held_back == HeldBack{.events = 2, .readings = 0});

    SUBCASE("a collector that begins anew does not know before the device is there")
    {
        f.end();
        f.start();
        CHECK_FALSE(f.row(pc.id).held_back);
        pc.hello.event = {3, 5};
        pc.hello.series = {12'341, 12'341};
        pc.connect();
        CHECK(f.row(pc.id).held_back == HeldBack{.events = 2, .readings = 0});
    }
    SUBCASE("a device whose numbers begin anew says nothing by them")
    {
        pc.close();
        pc.hello.event = {1, 2};
        pc.connect();
        CHECK(f.row(pc.id).availability == "online");
        CHECK_FALSE(f.row(pc.id).held_back);
    }
    SUBCASE("a revoked one holds back nothing that will come")
    {
        f.retire(pc.id);
        CHECK_FALSE(f.row(pc.id).held_back);
    }
    SUBCASE("numbers without sense are refused")
    {
        pc.close();
        pc.hello.series = {1, UINT64_MAX};
        pc.connect();
        CHECK(pc.socket->refused() == std::vector<std::string>{"message"});
        CHECK_FALSE(f.row(pc.id).held_back);
    }
}

TEST_CASE("pipeline: a restored agent is told by the marks, a restored collector notes what it lacks")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    for (std::uint64_t i = 1; i <= 5; ++i)
        pc.say(pc.event(i));
    pc.close();
    pc.hello.event = {1, 3};
    CHECK(pc.connect().welcome().event == 5);
    pc.close();
    pc.hello.event = {9, 12};
    CHECK(pc.connect().welcome().event == 8);
    REQUIRE(f.gaps(pc.id).size() == 1);
    CHECK(f.gaps(pc.id)[0].reason == "collector_behind");
    pc.close();
    pc.hello.epoch = "another";
    pc.hello.event = {1, 1};
    CHECK(pc.connect().welcome().event == 0);
    pc.say(pc.event(1));
    CHECK(f.events(pc.id) == 6);
}

TEST_CASE("pipeline: state flows into rows, projection and digest; a change that does not fit is asked for whole")
{
    Fixture f;
    Agent pc(f);
    pc.hello.digests = {{"services", "?"}, {"os", "?"}};
    CHECK(pc.connect().welcome().need == std::vector<std::string>{"os", "services"});
    Snapshot const os{{"", Row{{"host_name", "box"}, {"family", "linux"}, {"name", unknown(errc::permission_denied)}}}};
    pc.say(pc.state(1, "os", os));
    pc.say(pc.state(2, "services", services("running")));
    auto row = f.row(pc.id);
    CHECK(row.host_name.value == "box");
    CHECK(row.os_name.unknown == "permission_denied");
    CHECK(row.services.value == 1);
    CHECK(row.services_stopped.value == 0);

    auto change = pc.state(5, "services", services("failed"));
    change.base = wire::digest(services("running"));
    pc.say(change);
    CHECK(f.row(pc.id).services_stopped.value == 1);
    change.sequence = 6;
    change.base = "something else";
    change.digest = "new";
    pc.say(change);
    REQUIRE(pc.socket->all<wire::Resync>().size() == 1);
    CHECK(pc.socket->all<wire::Resync>()[0].probes == std::vector<std::string>{"services"});
    CHECK(pc.socket->acknowledged("state") == 6);
    CHECK(f.gaps(pc.id).empty());

    pc.say(wire::State{.sequence = 7, .probe = "services", .taken_ms = f.clock.now_ms(), .unknown = "timed_out"});
    CHECK(f.row(pc.id).services.unknown == "timed_out");
    CHECK_FALSE(f.row(pc.id).services.value);
    pc.say(pc.state(8, "services", services("failed")));
    CHECK(f.row(pc.id).services.value == 1);
    f.clock.advance(1min);
    pc.say(wire::Checked{.probes = {{"services", f.clock.now_ms()}, {"novel", 1}}});
    CHECK(f.row(pc.id).services.as_of_ms == f.clock.now_ms());
    pc.close();
    pc.hello.digests = {{"services", wire::digest(services("failed"))}, {"os", wire::digest(os)}};
    CHECK(pc.connect().welcome().need.empty());
}

TEST_CASE("pipeline: a newer agent's words are acknowledged and left alone, a spoilt record is noted")
{
    Fixture f;
    log::Capture capture;
    Agent pc(f);
    pc.connect();
    pc.say(pc.state(1, "tea_kettle", {{"", Row{{"hot", true}}}}));
    pc.say(pc.state(2, "tea_kettle", {{"", Row{{"hot", false}}}}));
    CHECK(pc.socket->acknowledged("state") == 2);
    auto const lines = capture.lines();
    CHECK(std::ranges::count_if(lines,
                                [](auto const& line) { return line.find("agent.foreign") != std::string::npos; }) == 1);
    pc.say(pc.state(3, "services", {{"a", Row{{"expected", "perhaps"}}}}));
    CHECK(pc.socket->acknowledged("state") == 3);
    REQUIRE(f.gaps(pc.id).size() == 1);
    CHECK(f.gaps(pc.id)[0].reason == "bad_message");
    Snapshot many;
    for (int i = 0; i < 100'000; ++i)
        many[std::to_string(i)] = Row{{"state", "running"}};
    pc.say(pc.state(4, "services", std::move(many)));
    CHECK(f.gaps(pc.id).size() == 2);
    CHECK(f.row(pc.id).services.unknown == "not_yet_read");
    pc.say(pc.event(UINT64_MAX));
    CHECK(pc.socket->refused() == std::vector<std::string>{"message"});
}

TEST_CASE(
    "pipeline: closed is offline at once, with its reason; the alert follows after its hold and resolves on return")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    CHECK(f.projection->customers(store::Scope::everything(), {}).items[0].online == 1);
    pc.close("silent");
    CHECK(f.row(pc.id).availability == "offline");
    CHECK(f.row(pc.id).availability_reason == "silent");
    f.pass(59s);
    CHECK(f.alerts().total == 0);
    f.pass(2s);
    REQUIRE(f.alerts().total == 1);
    CHECK(f.alerts().items[0].item == "device_offline");
    CHECK(f.row(pc.id).alerts.information == 1);
    pc.connect();
    CHECK(f.alerts().total == 0);
    CHECK(f.alerts("resolved").total == 1);
    CHECK(f.row(pc.id).availability == "online");
}

TEST_CASE("pipeline: a second connection of the same device replaces the first")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    pc.say(pc.event(1));
    Agent second(pc);
    second.hello.event = {1, 2};
    second.connect();
    CHECK(second.welcome().event == 1);
    CHECK(pc.socket->refused() == std::vector<std::string>{"replaced"});
    pc.say(pc.event(2)); // Comes too late: nothing of it may be acknowledged.
    CHECK(pc.socket->acknowledged("event") == 1);
    pc.close();
    CHECK(f.row(pc.id).availability == "online");
    second.say(pc.event(2));
    CHECK(f.events(pc.id) == 2);
}

TEST_CASE("pipeline: a stopped service raises after its hold and resolves when it runs")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    pc.say(pc.state(1, "services", services("stopped")));
    f.pass(29s);
    CHECK(f.alerts().total == 0);
    f.pass(1s);
    REQUIRE(f.alerts().total == 1);
    auto const alert = f.alerts().items[0];
    CHECK(alert.title == "Service nginx is stopped");
    CHECK(alert.subject == "nginx");
    CHECK(alert.severity == "warning");
    pc.say(pc.state(2, "services", services("running")));
    CHECK(f.alerts().total == 0);
    CHECK(f.alerts("resolved").items[0].id == alert.id);
}

TEST_CASE("pipeline: after a restart presence is unknown, then offline; open alerts are adopted and resolve if they no "
          "longer hold")
{
    Fixture f;
    Agent pc(f);
    Agent other(f, "other");
    Agent never(f, "never");
    pc.connect();
    other.connect();
    pc.say(pc.state(1, "services", services("stopped")));
    other.say(other.state(1, "services", services("failed")));
    f.pass(31s);
    CHECK(f.alerts().total == 2);
    f.end();
    f.clock.advance(10min);
    f.start();
    CHECK(f.alerts().total == 2);
    CHECK(f.row(pc.id).availability == "unknown");
    CHECK(f.row(pc.id).availability_reason == "collector restarted");
    CHECK(f.row(pc.id).services_stopped.value == 1);
    CHECK(f.row(never.id).availability == "offline");
    CHECK(f.row(pc.id).last_seen_ms);
    // It comes back with the same service running again.
    pc.hello.state = {2, 2};
    pc.hello.digests = {{"services", wire::digest(services("running"))}};
    pc.connect();
    CHECK(f.alerts().total == 2);
    pc.say(pc.state(2, "services", services("running")));
    CHECK(f.alerts().total == 1);
    f.pass(57s);
    CHECK(f.row(other.id).availability == "unknown");
    f.pass(2s);
    CHECK(f.row(other.id).availability == "offline");
    f.pass(61s);
    CHECK(f.alerts().total == 3); // The failed service, and two devices that are away.
    // And that one comes back as it was.
    other.hello.state = {2, 2};
    other.hello.digests = {{"services", wire::digest(services("failed"))}};
    other.connect();
    f.pass(31s);
    CHECK(f.alerts().total == 2);
}

TEST_CASE("pipeline: a clock that is off is measured, shown and corrected")
{
    Fixture f;
    Agent pc(f);
    pc.hello.sent_ms = f.clock.now_ms() + 3'600'000;
    pc.connect();
    CHECK(f.row(pc.id).clock_offset_ms == 3'600'000);
    wire::Series series{
        .sequence = 1, .probe = "cpu", .taken_ms = f.clock.now_ms() + 3'600'000 - 1000, .samples = {{"", {1.0}}}};
    pc.say(series);
    CHECK(f.row(pc.id).cpu_percent.as_of_ms == f.clock.now_ms() - 1000);
    for (int i = 0; i < 3; ++i)
        f.pipeline->heard(pc.peer, f.clock.now_ms() + 100);
    f.pass(1s);
    CHECK_FALSE(f.row(pc.id).clock_offset_ms);
    // One frame that was read late does not make a clock slow.
    f.pipeline->heard(pc.peer, f.clock.now_ms() - 60'000);
    f.pass(1s);
    CHECK_FALSE(f.row(pc.id).clock_offset_ms);
}

TEST_CASE("pipeline: a clock that is set back by a year counts from its next heartbeat")
{
    constexpr std::int64_t year_ms = 365LL * 24 * 3600 * 1000;
    Fixture f;
    Agent pc(f);
    pc.hello.sent_ms = f.clock.now_ms() + year_ms;
    pc.connect();
    for (int i = 0; i < 3; ++i)
        f.pipeline->heard(pc.peer, f.clock.now_ms() + year_ms);
    f.pipeline->heard(pc.peer, f.clock.now_ms());
    pc.say(pc.event(1));
    REQUIRE(f.store->read([&](sqlite::Database& db) -> Result<> {
        auto const events = store::events_of(db, pc.id, 10);
        if (!events) return events.error();
        REQUIRE(events->size() == 1);
        CHECK(events->front().at_ms == f.clock.now_ms()); // Not a year ago.
        return {};
    }));
    f.pass(1s);
    CHECK_FALSE(f.row(pc.id).clock_offset_ms);
}

TEST_CASE("pipeline: what a machine noted before its clock was set is as old as it is for us")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    pc.say(wire::Series{.sequence = 1, .probe = "cpu", .taken_ms = 60'000, .samples = {{"", {1.0}}}});
    CHECK(f.row(pc.id).cpu_percent.as_of_ms == f.clock.now_ms());
}

TEST_CASE("pipeline: our own clock may jump without a false alarm")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    f.clock.jump(std::chrono::hours(100));
    f.pass(1s);
    CHECK(f.row(pc.id).availability == "online");
    f.clock.jump(std::chrono::hours(-200));
    f.pass(1s);
    CHECK(f.row(pc.id).availability == "online");
    CHECK(f.alerts().total == 0);
}

TEST_CASE("pipeline: a connection that ends before it was greeted does not leave the one before it deaf")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    Agent twin = pc;
    // The writer is held up until the second connection has come and gone.
    std::promise<void> go;
    REQUIRE(f.store->submit(
        [held = go.get_future().share()](sqlite::Database&) -> Result<> {
            held.wait();
            return {};
        },
        {}));
    twin.peer.connection = ++f.connections;
    twin.socket = std::make_shared<FakeSocket>();
    f.pipeline->connected(twin.peer, twin.hello, twin.socket);
    f.pipeline->closed(twin.peer, "closed");
    go.set_value();
    f.settle();
    CHECK(pc.socket->refused() == std::vector<std::string>{"replaced"});
    pc.close("refused");
    CHECK(f.row(pc.id).availability == "offline");
    pc.connect();
    pc.say(pc.event(1));
    CHECK(pc.socket->acknowledged("event") == 1);
}

TEST_CASE("pipeline: a device that was away until the very transaction that greets it is online for the rules, too")
{
    Fixture f;
    Agent pc(f); // Nobody has told the rules yet that it never connected.
    pc.show_certificate();
    pc.socket = std::make_shared<FakeSocket>();
    pc.hello.sent_ms = f.clock.now_ms();
    // The writer is held up until greeting and telling wait for it, so that one transaction takes both.
    std::promise<void> go;
    REQUIRE(f.store->submit(
        [held = go.get_future().share()](sqlite::Database&) -> Result<> {
            held.wait();
            return {};
        },
        {}));
    f.pipeline->connected(pc.peer, pc.hello, pc.socket);
    f.pipeline->tick();
    go.set_value();
    f.settle();
    CHECK(f.row(pc.id).availability == "online");
    f.pass(61s);
    CHECK(f.alerts().total == 0);
}

TEST_CASE("pipeline: last seen is kept once a minute and at the end of a connection")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    auto const stored = [&] {
        std::optional<UnixMs> seen;
        REQUIRE(f.store->read([&](sqlite::Database& db) -> Result<> {
            seen = (*store::find_device(db, pc.id))->last_seen_ms;
            return {};
        }));
        return seen;
    };
    auto const at_start = stored();
    f.clock.advance(10s);
    f.pipeline->heard(pc.peer, 0);
    f.pass(1s);
    CHECK(stored() == at_start);
    CHECK(f.row(pc.id).last_seen_ms == *at_start + 10'000);
    f.pass(60s);
    CHECK(stored() == *at_start + 10'000);
    f.clock.advance(5s);
    f.pipeline->heard(pc.peer, 0);
    pc.close();
    CHECK(stored() == f.clock.now_ms());
}

TEST_CASE("pipeline: on a full disk nothing is acknowledged, the device is sent away, and with space it goes on")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    pc.say(pc.event(1));
    auto const limit = [&](char const* pages) {
        REQUIRE(f.store->write(
            [&](sqlite::Database& db) { return db.exec(std::string("PRAGMA max_page_count = ") + pages); }));
    };
    limit("1"); // Means: not one page more than there are.
    std::uint64_t next = 2;
    for (; next < 200 && pc.socket->refused().empty(); ++next) {
        auto event = pc.event(next);
        event.detail["boot_id"] = std::string(3000, 'x');
        pc.say(event);
    }
    REQUIRE(pc.socket->refused() == std::vector<std::string>{"storage"});
    CHECK(f.events(pc.id) == pc.socket->acknowledged("event"));
    pc.say(pc.event(next));
    CHECK(f.events(pc.id) == pc.socket->acknowledged("event"));
    CHECK(f.pipeline->figures().commits_failed > 0);
    pc.close();
    limit("1000000");
    auto const stored = f.events(pc.id);
    pc.hello.event = {stored + 1, next};
    pc.connect();
    CHECK(pc.welcome().event == stored);
    pc.say(pc.event(stored + 1));
    CHECK(f.events(pc.id) == stored + 1);
    CHECK(f.row(pc.id).availability == "online");
}

TEST_CASE("pipeline: rules learn again from the store after a commit that failed")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    pc.say(pc.state(1, "services", services("stopped")));
    REQUIRE(f.store->write([](sqlite::Database& db) {
        return db.exec("CREATE TRIGGER no_alert BEFORE INSERT ON alert BEGIN SELECT RAISE(ABORT, 'no'); END");
    }));
    f.pass(31s);
    CHECK(f.alerts().total == 0);
    REQUIRE(f.store->write([](sqlite::Database& db) { return db.exec("DROP TRIGGER no_alert"); }));
    f.pass(31s);
    CHECK(f.alerts().total == 1);
}

TEST_CASE("pipeline: a full queue holds records back in order and calls for more when there is room")
{
    Fixture f(4);
    Agent pc(f);
    pc.connect();
    std::promise<void> go;
    auto const gate = go.get_future().share();
    std::atomic<bool> held = false;
    REQUIRE(f.store->submit(
        [&held, gate](sqlite::Database&) -> Result<> {
            held = true;
            gate.wait();
            return {};
        },
        {}));
    while (!held)
        std::this_thread::yield();
    std::atomic<int> resumed = 0;
    int refused = 0;
    for (std::uint64_t i = 1; i <= 20; ++i)
        refused += f.pipeline->received(pc.peer, pc.event(i), [&] { ++resumed; }) ? 0 : 1;
    CHECK(refused == 16);
    CHECK(f.pipeline->figures().backlog == 16);
    go.set_value();
    while (f.pipeline->figures().backlog > 0 || f.store->queued() > 0)
        std::this_thread::yield();
    f.settle();
    CHECK(resumed == 16);
    CHECK(f.events(pc.id) == 20);
    CHECK(pc.socket->acknowledged("event") == 20);
    CHECK(f.gaps(pc.id).empty());
}

TEST_CASE("pipeline: one device cannot fill the queue, and goes on when its messages are stored")
{
    Fixture f;
    Agent pc(f);
    Agent other(f, "other");
    pc.connect();
    other.connect();
    std::promise<void> go;
    REQUIRE(f.store->submit(
        [held = go.get_future().share()](sqlite::Database&) -> Result<> {
            held.wait();
            return {};
        },
        {}));
    std::atomic<int> resumed = 0;
    std::uint64_t sent = 0;
    while (sent < 1000 && f.pipeline->received(pc.peer, pc.event(sent + 1), [&] { ++resumed; }))
        ++sent;
    ++sent; // The one that was answered with "no more now" has been taken, too.
    CHECK(sent == 64);
    CHECK(f.pipeline->received(other.peer, other.event(1), [&] { ++resumed; }));
    CHECK(resumed == 0);
    go.set_value();
    f.settle();
    CHECK(resumed == 1);
    CHECK(pc.socket->acknowledged("event") == sent);
    CHECK(f.pipeline->received(pc.peer, pc.event(sent + 1), [] {}));
    f.settle();
    CHECK(pc.socket->acknowledged("event") == sent + 1);
}

TEST_CASE("pipeline: every change is announced to whom it concerns")
{
    Fixture f;
    Agent pc(f);
    auto const customer = f.row(pc.id).customer_id;
    pc.connect();
    {
        std::lock_guard const lock(f.heard_mutex);
        f.heard.clear();
    }
    pc.say(pc.state(1, "services", services("running")));
    pc.close();
    std::lock_guard const lock(f.heard_mutex);
    REQUIRE(f.heard.size() >= 2);
    for (auto const& change : f.heard) {
        CHECK(change.places.size() == 1);
        CHECK(change.places.at({.customer_id = customer}).devices == Names{pc.id});
    }
}

TEST_CASE("pipeline: many connections at once, while it ticks")
{
    Fixture f;
    std::vector<Agent> agents;
    for (int i = 0; i < 8; ++i)
        agents.emplace_back(f, "pc" + std::to_string(i));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < agents.size(); ++i) {
        auto& agent = agents[i];
        agent.show_certificate();
        agent.socket = std::make_shared<FakeSocket>();
        threads.emplace_back([&f, &agent] {
            f.pipeline->connected(agent.peer, agent.hello, agent.socket);
            for (std::uint64_t n = 1; n <= 50; ++n) {
                (void)f.pipeline->received(agent.peer, agent.event(n), [] {});
                (void)f.pipeline->received(
                    agent.peer,
                    wire::Series{
                        .sequence = n, .probe = "cpu", .taken_ms = f.clock.now_ms(), .samples = {{"", {99.0}}}},
                    [] {});
                f.pipeline->heard(agent.peer, f.clock.now_ms());
            }
            f.pipeline->closed(agent.peer, "closed");
        });
    }
    for (int i = 0; i < 20; ++i) {
        f.clock.advance(1s);
        f.pipeline->tick();
        (void)f.projection->devices(store::Scope::everything(), {}, 0);
    }
    for (auto& thread : threads)
        thread.join();
    f.settle();
    for (auto const& agent : agents) {
        CHECK(f.events(agent.id) == 50);
        CHECK(f.row(agent.id).availability == "offline");
    }
}

TEST_CASE("pipeline: a renewed certificate takes the place of the old one when it is shown, not before")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    auto const old = pc.fingerprint;
    f.pass(std::chrono::hours(24 * 250));
    auto const lost = pc.renew();
    REQUIRE(!lost.empty());
    f.pass(1s);
    auto const fresh = pc.renew(); // The answer got lost: it asked again with another key.
    REQUIRE(!fresh.empty());
    CHECK(fresh != lost);
    CHECK(pc.connect().socket->refused().empty());
    pc.fingerprint = fresh;
    CHECK(pc.connect().socket->refused().empty());
    CHECK(pc.connect().socket->refused().empty());
    for (auto const& void_now : {old, lost}) {
        pc.fingerprint = void_now;
        CHECK(pc.connect().socket->refused() == std::vector<std::string>{"unknown_device"});
        CHECK(pc.renew().empty());
        CHECK(pc.socket->refused() == std::vector<std::string>{"unknown_device"});
    }
    CHECK(f.row(pc.id).availability == "online");
}

TEST_CASE("pipeline: renewals cannot date a certificate forward, so an enrolment voids all that there are")
{
    Fixture f;
    auto const secret = f.token(f.customer("Acme"), 2).secret;
    auto const id = std::get<wire::EnrolAnswer>(f.enrol(secret)).device_id;
    Agent pc(f, id, "fingerprint 1");
    CHECK(pc.renew().empty());
    CHECK(pc.socket->refused() == std::vector<std::string>{"too_soon"});
    f.pass(1s);
    auto const stolen = pc.renew(); // And never shown.
    REQUIRE(!stolen.empty());
    REQUIRE(std::holds_alternative<wire::EnrolAnswer>(f.enrol(secret)));
    pc.fingerprint = stolen;
    CHECK(pc.connect().socket->refused() == std::vector<std::string>{"unknown_device"});
}

namespace
{

/// What the certificate's new owner is told: its device, or "" and the refusal on the socket.
std::string separate(Agent& copy, wire::Hardware const& hardware, std::string const& boot_id = "boot of the copy")
{
    copy.show_certificate();
    copy.socket = std::make_shared<FakeSocket>();
    copy.f.pipeline->separate(copy.peer,
                              {.request_pem = "request",
                               .host_name = "copy",
                               .boot_id = boot_id,
                               .agent_version = "1.2",
                               .hardware = hardware},
                              copy.socket);
    copy.f.settle();
    auto const all = copy.socket->all<wire::Separated>();
    return all.empty() ? "" : all.at(0).device_id;
}

std::vector<std::string> refusal(std::string const& reason) { return {reason}; }

/// On this board, with this disk.
Agent& hello_from(Agent& pc, std::string const& board, std::string const& disk, std::string const& boot = "b")
{
    pc.hello.hardware = {.id = board, .disks = {disk}};
    pc.hello.boot_id = boot;
    return pc.connect();
}

} // namespace

TEST_CASE("pipeline: a certificate that a clock ahead has dated does not outlive the next enrolment")
{
    Fixture f;
    auto const secret = f.token(f.customer("Acme"), 3).secret;
    auto const id = std::get<wire::EnrolAnswer>(f.enrol(secret)).device_id;
    f.clock.jump(std::chrono::hours(24 * 100));
    auto const late = f.token(f.row(id).customer_id).secret;
    REQUIRE(std::holds_alternative<wire::EnrolAnswer>(f.enrol(late)));
    Agent ahead(f, id, "fingerprint 2");
    ahead.connect().close();
    CHECK(ahead.socket->refused().empty());
    f.clock.jump(-std::chrono::hours(24 * 100));
    REQUIRE(std::holds_alternative<wire::EnrolAnswer>(f.enrol(secret)));
    CHECK(ahead.connect().socket->refused() == std::vector<std::string>{"unknown_device"});
    Agent pc(f, id, "fingerprint 3");
    CHECK(pc.connect().socket->refused().empty());
    pc.close();
    f.pass(std::chrono::hours(24 * 250)); // When it is renewed first.
    pc.fingerprint = pc.renew();
    CHECK(pc.connect().socket->refused().empty());
}

TEST_CASE("pipeline: a collector whose clock is ahead signs nothing, and says that it is its own clock")
{
    Fixture f;
    Agent pc(f);
    hello_from(pc, "hw-pc", "disk").close();
    auto const secret = f.token(f.row(pc.id).customer_id).secret;
    f.clock_is_ahead = true;
    auto const refused = f.enrol(secret, "new", "hw-new");
    REQUIRE(std::holds_alternative<Refusal>(refused));
    CHECK(std::get<Refusal>(refused).code == errc::refused);
    CHECK(std::get<Refusal>(refused).detail == "The clock is ahead.");
    CHECK(std::get<Refusal>(refused).remedy.find("clock of the collector's machine") != std::string::npos);
    CHECK(pc.renew().empty());
    CHECK(pc.socket->refused() == refusal("collector_clock"));
    CHECK(separate(pc, {.id = "hw-other", .disks = {}}).empty());
    CHECK(pc.socket->refused() == refusal("collector_clock"));
    f.clock_is_ahead = false;
    CHECK(std::holds_alternative<wire::EnrolAnswer>(f.enrol(secret, "new", "hw-new"))); // The use was given back.
}

TEST_CASE("pipeline: a later certificate counts once its session begins: a copy that shows it voids nothing")
{
    Fixture f;
    Agent pc(f);
    hello_from(pc, "hw-pc", "disk").close();
    f.pass(std::chrono::hours(24 * 250));
    Agent copy = pc;
    copy.fingerprint = pc.renew(); // And the device was cut off before it showed it.
    REQUIRE(!copy.fingerprint.empty());
    SUBCASE("refused as a copy")
    {
        CHECK(hello_from(copy, "hw-other", "other-disk").socket->refused() == refusal("copied"));
    }
    SUBCASE("refused for another reason")
    {
        copy.hello.protocol = 0;
        CHECK(hello_from(copy, "hw-pc", "disk").socket->refused() == refusal("protocol"));
        copy.hello.protocol = 1;
        copy.hello.series = {UINT64_MAX, UINT64_MAX};
        CHECK(hello_from(copy, "hw-pc", "disk").socket->refused() == refusal("message"));
    }
    SUBCASE("made a device of its own") { CHECK(!separate(copy, {.id = "hw-other", .disks = {}}).empty()); }
    SUBCASE("renewed")
    {
        f.pass(1s);
        CHECK(!copy.renew().empty());
    }
    CHECK(pc.connect().socket->refused().empty());
}

TEST_CASE("pipeline: with a certificate that ran out a device can renew it, for two years, and do nothing else")
{
    Fixture f;
    Agent pc(f);
    f.pass(certificate_life - std::chrono::seconds(1));
    CHECK(pc.connect().socket->refused().empty());
    pc.close();
    f.pass(std::chrono::hours(24 * 400));
    CHECK(pc.connect().socket->refused() == std::vector<std::string>{"certificate_expired"});
    CHECK(f.row(pc.id).availability == "offline");
    auto const fresh = pc.renew();
    REQUIRE(!fresh.empty());
    auto const old = std::exchange(pc.fingerprint, fresh);
    CHECK(pc.connect().socket->refused().empty());
    CHECK(f.row(pc.id).availability == "online");
    pc.close();

    f.pass(certificate_life + renewal_grace + std::chrono::hours(1));
    CHECK(pc.renew().empty());
    CHECK(pc.socket->refused() == std::vector<std::string>{"certificate_too_old"});
    CHECK(pc.connect().socket->refused() == std::vector<std::string>{"certificate_expired"});
}

TEST_CASE("pipeline: a renewal is refused to the revoked, the unknown and the senseless")
{
    Fixture f;
    Agent pc(f);
    CHECK(pc.renew("bad").empty());
    CHECK(pc.socket->refused() == std::vector<std::string>{"message"});
    CHECK(pc.renew(std::string(wire::limits::certificate_request_bytes + 1, 'x')).empty());
    CHECK(pc.socket->refused() == std::vector<std::string>{"message"});
    Agent stranger(f, make_uuid(1), pc.fingerprint);
    CHECK(stranger.renew().empty());
    CHECK(stranger.socket->refused() == std::vector<std::string>{"unknown_device"});
    f.retire(pc.id);
    CHECK(pc.renew().empty());
    CHECK(pc.socket->refused() == std::vector<std::string>{"revoked"});
}

TEST_CASE("pipeline: a restored store that does not know of a renewal takes the later certificate, and no earlier one")
{
    Fixture f;
    Agent pc(f);
    auto const old = pc.fingerprint;
    f.pass(std::chrono::hours(24 * 250));
    auto const fresh = pc.renew();
    pc.fingerprint = fresh;
    CHECK(pc.connect().socket->refused().empty());
    pc.close();
    // As in the backup of before.
    REQUIRE(
        f.store->write([&](sqlite::Database& db) { return store::adopt_certificate(db, pc.id, old, f.issued[old]); }));
    CHECK(pc.connect().socket->refused().empty());
    pc.close();
    pc.fingerprint = old;
    CHECK(pc.connect().socket->refused() == std::vector<std::string>{"unknown_device"});
}

TEST_CASE("pipeline: a copy of a device's disk is refused whether the device is there or not, and becomes another one")
{
    Fixture f;
    Agent pc(f);
    CHECK(hello_from(pc, "hw-pc", "disk").socket->refused().empty());
    Agent copy = pc;
    bool beside = true;
    SUBCASE("beside the device") {}
    SUBCASE("after it")
    {
        beside = false;
        pc.close();
    }
    CHECK(hello_from(copy, "hw-other", "other-disk").socket->refused() == refusal("copied"));
    CHECK(f.row(pc.id).availability == (beside ? "online" : "offline"));
    CHECK(pc.socket->refused().empty());

    auto const own = separate(copy, {.id = "hw-other", .disks = {"other-disk"}});
    REQUIRE(!own.empty());
    CHECK(own != pc.id);
    CHECK(f.row(own).name == "copy");
    CHECK(f.row(own).customer_id == f.row(pc.id).customer_id);
    CHECK(f.events(own) == 1);
    CHECK(f.events(pc.id) == 1);
    // The answer was lost: asked again it is the same device, and only the last certificate counts.
    auto const lost = "fingerprint " + std::to_string(f.signed_certificates);
    f.pass(1s);
    CHECK(separate(copy, {.id = "hw-other", .disks = {}}) == own);
    CHECK(f.events(pc.id) == 2);
    CHECK(f.events(own) == 2);
    Agent settled(f, own, "fingerprint " + std::to_string(f.signed_certificates));
    CHECK(hello_from(settled, "hw-other", "other-disk").socket->refused().empty());
    // Whoever has the image cannot take the place of a copy that is at work.
    CHECK(separate(copy, {.id = "hw-other", .disks = {}}).empty());
    CHECK(copy.socket->refused() == refusal("in_doubt"));
    CHECK(settled.socket->refused().empty());
    Agent late(f, own, lost);
    CHECK(hello_from(late, "hw-other", "other-disk").socket->refused() == refusal("unknown_device"));
    CHECK(hello_from(pc, "hw-pc", "disk").socket->refused().empty());
    CHECK(f.projection->customers(store::Scope::everything(), {}).items[0].devices == 2);
}

TEST_CASE(
    "pipeline: who is no copy becomes no device of its own, and nobody becomes another one by naming its hardware")
{
    Fixture f;
    auto const secret = f.token(f.customer("Acme"), 2).secret;
    Agent pc(f, std::get<wire::EnrolAnswer>(f.enrol(secret, "pc", "hw-pc")).device_id, "fingerprint 1");
    auto const other = std::get<wire::EnrolAnswer>(f.enrol(secret, "other", "hw-other")).device_id;
    CHECK(hello_from(pc, "hw-pc", "disk").socket->refused().empty());
    auto const signed_before = f.signed_certificates;
    CHECK(separate(pc, {.id = "hw-pc", .disks = {"disk"}}).empty());
    CHECK(pc.socket->refused() == refusal("not_copied"));
    CHECK(separate(pc, {.id = "", .disks = {}}).empty());
    CHECK(pc.socket->refused() == refusal("not_copied"));
    CHECK(separate(pc, {.id = "hw-other", .disks = {}}).empty());
    CHECK(pc.socket->refused() == refusal("known_hardware"));
    CHECK(separate(pc, {.id = "no mark", .disks = {}}).empty());
    CHECK(pc.socket->refused() == refusal("message"));
    f.retire(pc.id);
    CHECK(separate(pc, {.id = "hw-third", .disks = {}}).empty());
    CHECK(pc.socket->refused() == refusal("revoked"));
    CHECK(f.signed_certificates == signed_before);
    CHECK(f.row(other).availability == "offline");
    CHECK(f.projection->devices(store::Scope::everything(), {}, 0).total == 1);
    CHECK(f.projection->devices(store::Scope::everything(), {.availabilities = {"retired"}}, 0).total == 1);
}

TEST_CASE("pipeline: a copy cannot renew the device's certificate, only separate, for as long as that could be renewed")
{
    Fixture f;
    Agent pc(f);
    hello_from(pc, "hw-pc", "disk").close();
    Agent copy = pc;
    f.pass(certificate_life + std::chrono::hours(24 * 400));
    CHECK(hello_from(copy, "hw-other", "other-disk").socket->refused() == refusal("copied"));
    CHECK(!separate(copy, {.id = "hw-other", .disks = {}}).empty());
    CHECK(hello_from(pc, "hw-pc", "disk").socket->refused() == refusal("certificate_expired"));
    f.pass(renewal_grace);
    CHECK(separate(copy, {.id = "hw-late", .disks = {}}).empty());
    CHECK(copy.socket->refused() == refusal("certificate_too_old"));
}

TEST_CASE("pipeline: copies of copies are of one family, and only so many become devices in a day")
{
    Fixture f;
    Agent pc(f);
    hello_from(pc, "hw-pc", "disk").close();
    auto const first = separate(pc, {.id = "hw-1", .disks = {}});
    Agent copy(f, first, "fingerprint " + std::to_string(f.signed_certificates));
    auto const second = separate(copy, {.id = "hw-2", .disks = {}});
    REQUIRE(!second.empty());
    // The first image on the second machine: it is known.
    CHECK(separate(pc, {.id = "hw-2", .disks = {}}) == second);
    auto const add_copies = [&](std::int64_t from, std::int64_t end, UnixMs enrolled_ms) {
        REQUIRE(f.store->write([&](sqlite::Database& db) -> Result<> {
            auto device = **store::find_device(db, second);
            device.enrolled_ms = enrolled_ms;
            for (auto i = from; i < end; ++i) {
                device.id = make_uuid(i);
                device.hardware_id = "many-" + std::to_string(i);
                if (auto added = store::add_device(db, device); !added) return added;
            }
            return {};
        }));
    };
    add_copies(2, copies_a_day, f.clock.now_ms());
    CHECK(separate(copy, {.id = "hw-3", .disks = {}}).empty());
    CHECK(copy.socket->refused() == refusal("too_many_copies"));
    CHECK(separate(pc, {.id = "hw-1", .disks = {}}) == first); // It is one already.
    f.pass(std::chrono::hours(25));
    CHECK(!separate(pc, {.id = "hw-3", .disks = {}}).empty());
    add_copies(copies_a_day + 1, copies_in_all, 1);
    CHECK(separate(pc, {.id = "hw-4", .disks = {}}).empty());
    CHECK(pc.socket->refused() == refusal("too_many_copies"));
    f.retire(second);
    CHECK(!separate(pc, {.id = "hw-4", .disks = {}}).empty());
}

TEST_CASE("pipeline: who is revoked comes back as no copy: not on its machine, and not as any of the first one's disk")
{
    Fixture f;
    Agent pc(f);
    hello_from(pc, "hw-pc", "disk").close();
    auto const first = separate(pc, {.id = "hw-1", .disks = {}});
    REQUIRE(!first.empty());
    f.retire(first);
    CHECK(separate(pc, {.id = "hw-1", .disks = {}}).empty());
    CHECK(pc.socket->refused() == refusal("revoked"));
    auto const second = separate(pc, {.id = "hw-2", .disks = {}});
    REQUIRE(!second.empty());
    Agent copy(f, second, "fingerprint " + std::to_string(f.signed_certificates));
    hello_from(copy, "hw-2", "disk-2").close();
    CHECK(separate(copy, {.id = "hw-1", .disks = {}}).empty());
    CHECK(copy.socket->refused() == refusal("revoked"));
    f.retire(pc.id);
    CHECK(separate(copy, {.id = "hw-3", .disks = {}}).empty());
    CHECK(copy.socket->refused() == refusal("revoked"));
    CHECK(hello_from(copy, "hw-2", "disk-2").socket->refused().empty());
}

TEST_CASE("pipeline: a disk that is moved to another device's machine does not make it known by that one's board")
{
    Fixture f;
    auto const secret = f.token(f.customer("Acme"), 4).secret;
    Agent pc(f, std::get<wire::EnrolAnswer>(f.enrol(secret, "pc", "hw-pc")).device_id, "fingerprint 1");
    auto const other = std::get<wire::EnrolAnswer>(f.enrol(secret, "other", "hw-other")).device_id;
    hello_from(pc, "hw-pc", "disk").close();
    hello_from(pc, "hw-other", "disk").close();
    CHECK(pc.socket->refused().empty());
    CHECK(f.events(pc.id) == 0);
    CHECK(std::get<wire::EnrolAnswer>(f.enrol(secret, "other", "hw-other")).device_id == other);
    CHECK(std::get<wire::EnrolAnswer>(f.enrol(secret, "pc", "hw-pc")).device_id == pc.id);
}

TEST_CASE("pipeline: another board around the same disk is the device rebuilt, unless the device is there as well")
{
    Fixture f;
    Agent pc(f);
    CHECK(hello_from(pc, "hw-pc", "disk").socket->refused().empty());
    Agent twin = pc;
    // At first it may be the device itself, whose old connection only seems to be alive.
    CHECK(hello_from(twin, "hw-new", "disk").socket->refused() == refusal("in_doubt"));
    CHECK(separate(twin, twin.hello.hardware).empty());
    CHECK(twin.socket->refused() == refusal("not_copied"));
    f.pass(std::chrono::minutes(3));
    CHECK(hello_from(twin, "hw-new", "disk").socket->refused() == refusal("copied"));
    // The device speaks up: the doubt begins anew.
    CHECK(hello_from(pc, "hw-pc", "disk").socket->refused().empty());
    CHECK(hello_from(twin, "hw-new", "disk").socket->refused() == refusal("in_doubt"));
    pc.close();
    CHECK(hello_from(pc, "hw-new", "disk").socket->refused().empty());
    CHECK(f.events(pc.id) == 1);
    CHECK(hello_from(pc, "hw-new", "disk").socket->refused().empty());
    CHECK(f.events(pc.id) == 1);
    // What is known is the new board: the old one is somebody else now, and so it is at the next enrolment.
    pc.close();
    CHECK(hello_from(twin, "hw-pc", "another-disk").socket->refused() == refusal("copied"));
    auto const secret = f.token(f.row(pc.id).customer_id, 2).secret;
    CHECK(std::get<wire::EnrolAnswer>(f.enrol(secret, "pc", "hw-new")).device_id == pc.id);
    CHECK(std::get<wire::EnrolAnswer>(f.enrol(secret, "pc", "hw-pc")).device_id != pc.id);
}

TEST_CASE("pipeline: a device that told nothing of its hardware, or cannot, is asked nothing of it")
{
    Fixture f;
    auto const secret = f.token(f.customer("Acme")).secret;
    Agent pc(f, std::get<wire::EnrolAnswer>(f.enrol(secret, "pc", "")).device_id, "fingerprint 1");
    CHECK(pc.connect().socket->refused().empty());
    CHECK(hello_from(pc, "hw-learnt", "disk").socket->refused().empty());
    pc.hello.hardware = {};
    CHECK(pc.connect().socket->refused().empty());
    Agent copy = pc;
    CHECK(hello_from(copy, "hw-other", "other").socket->refused() == refusal("copied"));
    copy.hello.hardware.disks.assign(wire::limits::hardware_disks + 1, "d");
    CHECK(copy.connect().socket->refused() == refusal("message"));
}

TEST_CASE("pipeline: what an enrolment said of the hardware says nothing against what the machine tells itself")
{
    // An older agent digested it otherwise, or it was enrolled where an image was built.
    Fixture f;
    Agent pc(f);
    SUBCASE("at first") {}
    SUBCASE("after an agent that told nothing") { pc.connect().close(); }
    CHECK(hello_from(pc, "hw-told", "disk").socket->refused().empty());
    CHECK(f.events(pc.id) == 0);
    Agent copy = pc;
    pc.close();
    CHECK(hello_from(copy, "hw-other", "other-disk").socket->refused() == refusal("copied"));
    CHECK(hello_from(copy, "hw-pc", "other-disk").socket->refused() == refusal("copied"));
    CHECK(hello_from(pc, "hw-told", "disk").socket->refused().empty());
    auto const secret = f.token(f.row(pc.id).customer_id).secret;
    CHECK(std::get<wire::EnrolAnswer>(f.enrol(secret, "pc", "hw-told")).device_id == pc.id);
}

TEST_CASE("pipeline: a device that is at work and told nothing yet is not replaced by who tells something")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    Agent copy = pc;
    CHECK(hello_from(copy, "hw-other", "other-disk").socket->refused() == refusal("in_doubt"));
    f.pass(std::chrono::minutes(3));
    CHECK(hello_from(copy, "hw-other", "other-disk").socket->refused() == refusal("copied"));
    CHECK(!separate(copy, {.id = "hw-other", .disks = {"other-disk"}}).empty());
    CHECK(pc.socket->refused().empty());
}

TEST_CASE("pipeline: drives that do not answer for once are known still")
{
    Fixture f;
    Agent pc(f);
    hello_from(pc, "hw-pc", "disk").close();
    pc.hello.hardware.disks.clear();
    pc.connect().close();
    CHECK(hello_from(pc, "hw-new", "disk").socket->refused().empty());
    CHECK(f.events(pc.id) == 1);
}

TEST_CASE("pipeline: two machines that look alike are told apart when each comes back after the other")
{
    Fixture f;
    Agent first(f);
    Agent second = first;
    CHECK(hello_from(first, "hw-pc", "disk", "boot-1").socket->refused().empty());
    CHECK(hello_from(second, "hw-pc", "disk", "boot-2").socket->refused().empty());
    CHECK(first.socket->refused() == refusal("replaced"));
    f.pass(std::chrono::minutes(5));
    CHECK(first.connect().socket->refused().empty());
    f.pass(std::chrono::minutes(5));
    CHECK(second.connect().socket->refused() == refusal("copied"));
    CHECK(first.socket->refused().empty());
    auto const own = separate(second, second.hello.hardware, "boot-2");
    REQUIRE(!own.empty());
    CHECK(own != first.id);
    CHECK(separate(second, second.hello.hardware, "boot-2") == own);
    // A third one is another one, not the second.
    Agent third = first;
    CHECK(hello_from(third, "hw-pc", "disk", "boot-3").socket->refused().empty());
    CHECK(first.connect().socket->refused().empty());
    CHECK(third.connect().socket->refused() == refusal("copied"));
    auto const another = separate(third, third.hello.hardware, "boot-3");
    CHECK(!another.empty());
    CHECK(another != own);
    CHECK(separate(first, first.hello.hardware, "boot-1").empty());
    CHECK(first.socket->refused() == refusal("not_copied"));
}

TEST_CASE("pipeline: the device stays what it is beside machines that look alike, however long it was connected")
{
    Fixture f;
    Agent device(f);
    CHECK(hello_from(device, "hw-pc", "disk", "boot-1").socket->refused().empty());
    f.pass(std::chrono::hours(1));
    SUBCASE("one")
    {
        Agent copy = device;
        CHECK(hello_from(copy, "hw-pc", "disk", "boot-2").socket->refused().empty());
        f.pass(std::chrono::minutes(1));
        CHECK(device.connect().socket->refused().empty());
        f.pass(std::chrono::minutes(1));
        CHECK(copy.connect().socket->refused() == refusal("copied"));
    }
    SUBCASE("one that comes while the device is away for a moment")
    {
        device.close();
        f.pass(std::chrono::minutes(10));
        Agent copy = device;
        CHECK(hello_from(copy, "hw-pc", "disk", "boot-2").socket->refused().empty());
        f.pass(std::chrono::minutes(10));
        CHECK(device.connect().socket->refused().empty());
        CHECK(copy.connect().socket->refused() == refusal("copied"));
    }
    SUBCASE("two that come in turns")
    {
        Agent second = device;
        Agent third = device;
        for (int i = 0; i < 2; ++i) {
            CAPTURE(i);
            CHECK(hello_from(second, "hw-pc", "disk", "boot-2").socket->refused() ==
                  (i == 0 ? std::vector<std::string>() : refusal("copied")));
            CHECK(hello_from(third, "hw-pc", "disk", "boot-3").socket->refused() ==
                  (i == 0 ? std::vector<std::string>() : refusal("copied")));
            CHECK(device.connect().socket->refused().empty());
        }
    }
    SUBCASE("more than anybody has")
    {
        for (int i = 2; i < 1100; ++i) {
            Agent other = device;
            CHECK(hello_from(other, "hw-pc", "disk", "boot-" + std::to_string(i)).socket->refused().empty());
        }
        CHECK(device.connect().socket->refused().empty());
        Agent last = device;
        CHECK(hello_from(last, "hw-pc", "disk", "boot-1099").socket->refused() == refusal("copied"));
    }
    SUBCASE("forty, one after the other")
    {
        for (int round = 0; round < 3; ++round)
            for (int i = 1; i <= 40; ++i) {
                CAPTURE(round);
                CAPTURE(i);
                Agent one = device;
                hello_from(one, "hw-pc", "disk", "boot-" + std::to_string(i));
                CHECK(one.socket->refused() == (round == 0 || i == 1 ? std::vector<std::string>() : refusal("copied")));
            }
        device.connect();
    }
    SUBCASE("one that names no hardware and was there for the night")
    {
        device.close();
        f.pass(std::chrono::hours(8));
        Agent copy = device;
        copy.hello.hardware = {};
        copy.hello.boot_id = "boot-2";
        CHECK(copy.connect().socket->refused().empty());
        f.pass(std::chrono::minutes(10));
        CHECK(device.connect().socket->refused().empty());
        f.pass(std::chrono::minutes(5));
        CHECK(copy.connect().socket->refused() == refusal("copied"));
        CHECK(!separate(copy, {}, "boot-2").empty());
        // What the device shows is still its own.
        REQUIRE(f.store->read([&](sqlite::Database& db) -> Result<> {
            CHECK_FALSE((*store::find_device(db, device.id))->has_look_alikes);
            return {};
        }));
    }
    SUBCASE("one that names no hardware, and the device did not either at first")
    {
        device.close();
        f.pass(std::chrono::hours(8));
        Agent copy = device;
        copy.hello.hardware = {};
        copy.hello.boot_id = "boot-2";
        CHECK(copy.connect().socket->refused().empty());
        auto const known = std::exchange(device.hello.hardware, {});
        CHECK(device.connect().socket->refused().empty());
        device.hello.hardware = known;
        CHECK(device.connect().socket->refused().empty());
        CHECK(copy.connect().socket->refused() == refusal("copied"));
    }
    CHECK(device.socket->refused().empty());
    device.hello.boot_id = "boot-1";
    CHECK(device.connect().socket->refused().empty());
}

TEST_CASE("pipeline: enrolled again, one of machines that look alike is a new device, and takes no other one's place")
{
    Fixture f;
    auto const secret = f.token(f.customer("Acme"), 5).secret;
    auto const enrolled = [&](std::string const& hardware) {
        return std::get<wire::EnrolAnswer>(f.enrol(secret, "pc", hardware)).device_id;
    };
    Agent first(f, enrolled("hw-pc"), "fingerprint 1");
    Agent second = first;
    std::string shown = "hw-pc";
    SUBCASE("by the same number") {}
    SUBCASE("by a machine id that an image brought along, which no hello names") { shown.clear(); }
    auto const come = [&](Agent& one, char const* boot) {
        one.hello.hardware = {.id = shown, .disks = {}};
        one.hello.boot_id = boot;
        return one.connect().socket->refused();
    };
    CHECK(come(first, "boot-1").empty());
    CHECK(come(second, "boot-2").empty());
    CHECK(come(first, "boot-1").empty());
    CHECK(come(second, "boot-2") == refusal("copied"));
    auto const own = separate(second, second.hello.hardware, "boot-2");
    REQUIRE(!own.empty());
    Agent copy(f, own, "fingerprint 2");
    CHECK(come(copy, "boot-2").empty());

    std::set<std::string> ids{first.id, own};
    for (int i = 0; i < 2; ++i)
        CHECK(ids.insert(enrolled("hw-pc")).second);
    CHECK(first.socket->refused().empty());
    CHECK(copy.socket->refused().empty());
    CHECK(come(first, "boot-1").empty());
    CHECK(come(copy, "boot-2").empty());

    // A new board is its own.
    if (shown.empty()) return;
    hello_from(first, "hw-pc", "disk").close();
    hello_from(first, "hw-new", "disk").close();
    CHECK(enrolled("hw-new") == first.id);
}

TEST_CASE("pipeline: a machine that boots often, or is set back to an earlier moment, is one machine")
{
    Fixture f;
    Agent pc(f);
    auto const come = [&](char const* boot) {
        Agent same = pc;
        return hello_from(same, "hw-pc", "disk", boot).socket->refused().empty();
    };
    for (auto const* const boot : {"1", "2", "3", "2", "4"}) {
        CAPTURE(boot);
        CHECK(come(boot));
    }
    // Slowly it may go to and fro.
    for (auto const* const boot : {"5", "6", "5", "6"}) {
        f.pass(turns_window);
        CHECK(come(boot));
    }
    // And without a boot id nothing is concluded.
    for (int i = 0; i < 6; ++i)
        CHECK(come(""));
}

namespace
{

std::shared_ptr<updates::Shelf const> shelf_of(std::vector<std::string> const& versions,
                                               std::vector<release::Wave> const& waves = {})
{
    auto shelf = std::make_shared<updates::Shelf>();
    for (auto const& version : versions) {
        auto release = std::make_shared<updates::Release>();
        release->manifest.version = *release::parse_version(version);
        release->manifest.waves = waves;
        release->manifest.files = {{.name = "p", .kind = "program", .system = "linux", .architecture = "x86_64"}};
        release->text = "manifest of " + version;
        release->signature = "signature";
        shelf->releases.push_back(release);
    }
    return shelf;
}

/// An agent of a version, of which the collector knows that it runs Linux.
Agent updatable(Fixture& f, std::string const& host, std::string const& version = "0.1.0")
{
    Agent agent(f, host);
    agent.hello.agent_version = version;
    f.projection->update_device(agent.id, [](api::DeviceRow& row) { row.os_family.value = "linux"; });
    return agent;
}

wire::Event step(Agent const& agent, std::uint64_t sequence, std::string const& state, std::string const& reason = {})
{
    return {
        .sequence = sequence,
        .name = "agent_update",
        .at_ms = agent.f.clock.now_ms(),
        .detail = {
            {"version", std::string("0.2.0")}, {"from", std::string("0.1.0")}, {"state", state}, {"reason", reason}}};
}

std::vector<std::string> offers_to(Agent const& agent)
{
    std::vector<std::string> manifests;
    for (auto const& update : agent.socket->all<wire::Update>())
        manifests.push_back(update.manifest);
    return manifests;
}

} // namespace

TEST_CASE("updates: a device that connects is offered the newest release, once, and how far it comes is kept")
{
    Fixture f;
    auto agent = updatable(f, "pc");
    f.pipeline->use_releases(shelf_of({"0.2.0"}));
    f.settle();
    agent.connect();
    REQUIRE(offers_to(agent) == std::vector<std::string>{"manifest of 0.2.0"});
    CHECK(agent.socket->all<wire::Update>().front().signature == "signature");
    CHECK(agent.socket->all<wire::Update>().front().spread_s == 60);
    f.pass(std::chrono::minutes(2));
    CHECK(offers_to(agent).size() == 1);
    CHECK(f.board->last_attempt(agent.id)->state == "offered");

    for (auto const* const state : {"downloading", "ready", "trial"})
        agent.say(step(agent, f.events(agent.id) + 1, state));
    CHECK(f.events(agent.id) == 3);
    f.clock.advance(std::chrono::minutes(1));
    agent.hello.agent_version = "0.2.0";
    agent.hello.event = {4, 4};
    agent.connect();
    agent.say(step(agent, 4, "confirmed"));
    CHECK(offers_to(agent).empty());
    CHECK(f.board->last_attempt(agent.id)->state == "confirmed");

    // All of it is known after a restart, too.
    f.end();
    f.start();
    CHECK(f.board->last_attempt(agent.id)->state == "confirmed");
    CHECK(f.board->note("0.2.0"));
}

TEST_CASE("updates: a connected device is offered what comes later, and nothing while it is paused")
{
    Fixture f;
    auto agent = updatable(f, "pc");
    agent.connect();
    auto const customer = f.row(agent.id).customer_id;
    auto const say = [&](std::string const& owner, store::UpdatePolicy const& policy) {
        auto const kept = f.ask<store::UpdatePolicy>(
            [&](auto done) { f.pipeline->set_update_policy(store::Scope::everything(), owner, policy, done); });
        CHECK(std::holds_alternative<store::UpdatePolicy>(kept));
    };
    say(customer, {.channel = {}, .pinned = {}, .paused = true});
    f.pipeline->use_releases(shelf_of({"0.2.0"}));
    f.settle();
    f.pass(std::chrono::seconds(1));
    CHECK(offers_to(agent).empty());
    f.heard.clear();
    say(agent.id, {.channel = {}, .pinned = {}, .paused = false});
    REQUIRE_FALSE(f.heard.empty());
    CHECK(f.heard.back().places.at({.customer_id = customer}).updates);
    f.pass(std::chrono::seconds(1));
    CHECK(offers_to(agent).size() == 1);
}

TEST_CASE("updates: a wave that opens reaches those who are connected already")
{
    Fixture f;
    auto agent = updatable(f, "pc");
    agent.connect();
    f.pipeline->use_releases(shelf_of({"0.2.0"}, {{.percent = 100, .after_h = 1}}));
    f.settle();
    f.pass(std::chrono::minutes(30));
    CHECK(offers_to(agent).empty());
    f.pass(std::chrono::minutes(31));
    CHECK(offers_to(agent).size() == 1);
}

TEST_CASE("updates: a release with which too many fail stops itself, until somebody lets it go on")
{
    Fixture f;
    f.pipeline->use_releases(shelf_of({"0.2.0"}));
    f.settle();
    std::vector<std::unique_ptr<Agent>> agents;
    for (auto const* const host : {"a", "b", "c"})
        agents.push_back(std::make_unique<Agent>(updatable(f, host)));
    for (std::size_t number = 0; number < 2; ++number) {
        agents[number]->connect();
        CHECK(offers_to(*agents[number]).size() == 1);
        agents[number]->say(step(*agents[number], 1, "rolled_back", "it did not connect within 5 min"));
    }
    agents[2]->connect();
    CHECK(offers_to(*agents[2]).empty());
    CHECK(f.board->note("0.2.0")->stopped_why == "2 of 2 devices failed");
    f.end();
    f.start();
    CHECK(f.board->note("0.2.0")->stopped_ms);

    f.pipeline->use_releases(shelf_of({"0.2.0"}));
    f.settle();
    f.clock.advance(std::chrono::minutes(1));
    f.projection->update_device(agents[2]->id, [](api::DeviceRow& row) { row.os_family.value = "linux"; });
    agents[2]->connect();
    CHECK(offers_to(*agents[2]).empty());
    auto const goes_on = f.ask<store::ReleaseNote>([&](auto done) { f.pipeline->let_release_go_on("0.2.0", done); });
    CHECK(std::holds_alternative<store::ReleaseNote>(goes_on));
    f.pass(std::chrono::seconds(1));
    CHECK(offers_to(*agents[2]).size() == 1);
    // One that failed is not offered it again until somebody says so.
    f.projection->update_device(agents[0]->id, [](api::DeviceRow& row) { row.os_family.value = "linux"; });
    agents[0]->hello.event = {2, 2};
    agents[0]->connect();
    CHECK(offers_to(*agents[0]).empty());
    auto const tried = f.ask<store::Device>(
        [&](auto done) { f.pipeline->retry_update(store::Scope::everything(), agents[0]->id, done); });
    CHECK(std::holds_alternative<store::Device>(tried));
    CHECK(f.board->last_attempt(agents[0]->id)->state == "asked");
    f.pass(std::chrono::seconds(1));
    REQUIRE(offers_to(*agents[0]).size() == 1);
    // It says that somebody wants it, or the device would refuse what failed on it.
    CHECK(agents[0]->socket->all<wire::Update>().front().again);
    CHECK_FALSE(agents[2]->socket->all<wire::Update>().front().again);
    // Still so where its connection ended before it heard of it.
    agents[0]->connect();
    REQUIRE(offers_to(*agents[0]).size() == 1);
    CHECK(agents[0]->socket->all<wire::Update>().front().again);
    auto const nothing = f.ask<store::Device>(
        [&](auto done) { f.pipeline->retry_update(store::Scope::everything(), agents[2]->id, done); });
    REQUIRE(std::holds_alternative<Refusal>(nothing));
    CHECK(std::get<Refusal>(nothing).code == errc::conflict);
    auto const unknown = f.ask<store::ReleaseNote>([&](auto done) { f.pipeline->let_release_go_on("9.9.9", done); });
    CHECK(std::get<Refusal>(unknown).code == errc::not_found);
}

TEST_CASE("updates: what a device says of updates is not believed blindly")
{
    Fixture f;
    auto agent = updatable(f, "pc");
    agent.connect();
    auto wrong = step(agent, 1, "confirmed");
    wrong.detail["version"] = std::string("newest");
    agent.say(wrong);
    auto unknown = step(agent, 2, "half way");
    agent.say(unknown);
    CHECK_FALSE(f.board->last_attempt(agent.id));
    CHECK(f.events(agent.id) == 2);
    for (int number = 0; number < 50; ++number) {
        f.clock.advance(std::chrono::milliseconds(10));
        auto many = step(agent, static_cast<std::uint64_t>(3 + number), "refused");
        many.detail["version"] = "1.0." + std::to_string(number);
        agent.say(many);
    }
    std::size_t kept = 0;
    REQUIRE(f.store->read([&](sqlite::Database& db) -> Result<> {
        kept = store::all_update_attempts(db)->size();
        return {};
    }));
    CHECK(kept == static_cast<std::size_t>(store::update_attempts_kept));
    CHECK(f.board->attempts(agent.id).size() == kept);
}

TEST_CASE("alerts: a snoozed one colours nothing until its time is over, and then comes back by itself")
{
    Desk f;
    CHECK(f.row(f.pc.id).alerts.warning == 1);
    CHECK(f.work({.kind = Wish::snooze, .until_ms = f.clock.now_ms() + 3'600'000}).kind == Became::done);
    CHECK(f.alert().status == "snoozed");
    CHECK(f.alert().status_by == "anna");
    CHECK(f.row(f.pc.id).alerts.warning == 0);
    {
        std::lock_guard const lock(f.heard_mutex);
        auto const& last = f.heard.back().places.at({.customer_id = f.row(f.pc.id).customer_id});
        CHECK(last.alerts);
        CHECK(last.devices == Names{f.pc.id});
        f.heard.clear();
    }
    f.pass(59min);
    CHECK(f.alert().status == "snoozed");
    f.pass(1min);
    CHECK(f.alert().status == "open");
    CHECK(f.alert().status_by.empty());
    CHECK(f.alert().version == 3);
    CHECK(f.row(f.pc.id).alerts.warning == 1);
    auto const actions = f.actions();
    REQUIRE(actions.size() == 2);
    CHECK(actions[0].what == "snoozed");
    CHECK(actions[1].what == "woken");
    CHECK(actions[1].technician_id.empty());
    CHECK(actions[1].until_ms == actions[0].until_ms);
    f.pass(1min);
    CHECK(f.actions().size() == 2);
    std::lock_guard const lock(f.heard_mutex);
    CHECK(std::ranges::any_of(f.heard, [&](view::Change const& change) {
        return std::ranges::any_of(change.places, [](auto const& place) { return place.second.alerts; });
    }));
}

TEST_CASE("alerts: a snooze ends after a restart, and where the clock was set back")
{
    Desk f;
    f.work({.kind = Wish::snooze, .until_ms = f.clock.now_ms() + 3'600'000});
    f.restart();
    CHECK(f.alert().status == "snoozed");
    CHECK(f.row(f.pc.id).alerts.warning == 0);
    f.clock.jump(-std::chrono::hours(24 * 30));
    f.pass(59min);
    CHECK(f.alert().status == "snoozed");
    f.pass(2min);
    CHECK(f.alert().status == "open");

    f.work({.kind = Wish::snooze, .until_ms = f.clock.now_ms() + 3'600'000});
    f.end();
    f.clock.advance(2h);
    f.start();
    f.pass(1s);
    CHECK(f.alert().status == "open");
}

TEST_CASE(
    "alerts: resolved by a person, it is raised anew when its cause has ended and comes again, over a restart too")
{
    Desk f;
    CHECK(f.work({.kind = Wish::resolve}).kind == Became::done);
    CHECK(f.work({.kind = Wish::resolve}).kind == Became::unchanged);
    CHECK(f.alerts().total == 0);
    CHECK(f.alert().cause_persists);
    CHECK(f.alert().status_by == "anna");
    f.pc.say(f.pc.state(2, "services", services("stopped")));
    f.pass(10min);
    CHECK(f.alerts().total == 0);
    f.restart(3);
    f.pass(10min);
    CHECK(f.alerts().total == 0);
    CHECK(f.alert().cause_persists);
    f.pc.say(f.pc.state(3, "services", services("running")));
    CHECK_FALSE(f.alert().cause_persists);
    CHECK(f.alert().status_by == "anna");
    f.pc.say(f.pc.state(4, "services", services("stopped")));
    f.pass(31s);
    REQUIRE(f.alerts().total == 1);
    CHECK(f.alerts().items[0].id != f.id);
    CHECK(f.work({.kind = Wish::reopen}).kind == Became::refused);
}

TEST_CASE("alerts: opened again after its cause had ended, it stays until somebody resolves it")
{
    Desk f;
    f.pc.say(f.pc.state(2, "services", services("running")));
    CHECK(f.alert().status == "resolved");
    CHECK(f.alert().status_by.empty());
    CHECK(f.work({.kind = Wish::reopen}).kind == Became::done);
    CHECK(f.alert().status == "open");
    CHECK(f.alert().reopened_ms == f.clock.now_ms());
    f.pass(10min);
    f.end();
    f.start();
    f.pc.hello.state = {3, 3};
    f.pc.hello.digests = {{"services", wire::digest(services("running"))}};
    f.pc.connect();
    f.pass(10min);
    CHECK(f.alert().status == "open");
    CHECK(f.work({.kind = Wish::resolve}).kind == Became::done);
    f.pc.say(f.pc.state(3, "services", services("stopped")));
    f.pass(31s);
    CHECK(f.alerts().total == 1);
    std::vector<std::string> const ids{f.pc.id};
    CHECK(std::holds_alternative<api::Ordered>(f.organise(api::MonitorDevices{.ids = ids, .monitored = false})));
    auto const unwatched = f.work({.kind = Wish::reopen});
    CHECK(unwatched.kind == Became::refused);
    CHECK(unwatched.detail.find("not monitored") != std::string::npos);
    CHECK(f.retire(f.pc.id).empty());
    auto const refused = f.work({.kind = Wish::reopen});
    CHECK(refused.kind == Became::refused);
    CHECK(refused.detail.find("retired") != std::string::npos);
}

TEST_CASE("alerts: of two who change the same one the second is told what the first did, and nothing is lost")
{
    Desk f;
    auto const seen = f.alert().version;
    CHECK(f.work({.kind = Wish::ticket, .text = "T-1"}, seen, "anna").kind == Became::done);
    auto const late = f.work({.kind = Wish::ticket, .text = "T-2"}, seen, "berta");
    CHECK(late.kind == Became::stale);
    CHECK(late.detail == "Since you looked, anna set its ticket to \"T-1\".");
    CHECK(f.alert().ticket == "T-1");
    CHECK(f.work({.kind = Wish::ticket, .text = "T-2"}, f.alert().version, "berta").kind == Became::done);
    CHECK(f.alert().ticket == "T-2");
    // A note changes nothing that somebody else decides by.
    auto const version = f.alert().version;
    CHECK(f.work({.kind = Wish::note, .text = "n"}, {}, "anna").kind == Became::done);
    CHECK(f.alert().notes == 1);
    CHECK(f.work({.kind = Wish::assign, .technician_id = "berta"}, version, "berta").kind == Became::done);
    CHECK(f.alert().assigned_name == "berta");
    // What it did by itself is told as well.
    f.pc.say(f.pc.state(2, "services", services("running")));
    auto const over = f.work({.kind = Wish::resolve}, version + 1);
    CHECK(over.kind == Became::stale);
    CHECK(over.detail == "Since you looked, it resolved by itself.");
    CHECK(f.alert().assigned_name == "berta");
    CHECK(f.alert().ticket == "T-2");
}

TEST_CASE("alerts: of many each is done or told why not; nobody of that name refuses them all")
{
    Desk f;
    Agent other(f, "other");
    other.connect();
    other.say(other.state(1, "services", services("failed")));
    f.pass(31s);
    auto const both = f.alerts();
    REQUIRE(both.total == 2);
    auto const second = both.items[0].id == f.id ? both.items[1].id : both.items[0].id;
    auto const many = [&](rules::AlertWish const& wish) {
        return f.ask<std::vector<rules::AlertResult>>([&](auto done) {
            f.pipeline->work_on_alerts({{.id = "nothing"}, {.id = f.id, .version = 99}, {.id = second, .version = 1}},
                                       wish, f.anna(), done);
        });
    };
    auto const nobody = many({.kind = Wish::assign, .technician_id = "nobody"});
    REQUIRE(std::holds_alternative<Refusal>(nobody));
    CHECK(std::get<Refusal>(nobody).field == "technician_id");
    auto const results = std::get<0>(many({.kind = Wish::assign, .technician_id = "berta"}));
    REQUIRE(results.size() == 3);
    CHECK(results[0].kind == Became::not_found);
    CHECK(results[1].kind == Became::stale);
    CHECK(results[2].kind == Became::done);
    CHECK(f.alert().assigned_id.empty());
    CHECK(f.projection->alert(store::Scope::everything(), second)->assigned_name == "berta");
}

TEST_CASE("alerts: of two of the same that are opened again at once, one is, and the other is told of it")
{
    Desk f;
    f.pc.say(f.pc.state(2, "services", services("running")));
    f.pc.say(f.pc.state(3, "services", services("stopped")));
    f.pass(31s);
    auto const second = f.alerts().items.at(0).id;
    f.pc.say(f.pc.state(4, "services", services("running")));
    CHECK(f.alerts().total == 0);
    auto const outcome = f.ask<std::vector<rules::AlertResult>>([&](auto done) {
        f.pipeline->work_on_alerts({{.id = f.id}, {.id = second}}, {.kind = Wish::reopen}, f.anna(), done);
    });
    REQUIRE(std::holds_alternative<std::vector<rules::AlertResult>>(outcome));
    auto const& results = std::get<0>(outcome);
    REQUIRE(results.size() == 2);
    CHECK(results[0].kind == Became::done);
    CHECK(results[1].kind == Became::refused);
    CHECK(f.alert().status == "open");
    CHECK(f.alerts().total == 1);
}

TEST_CASE("alerts: what a technician may not see is not there for him, and he is given none of it")
{
    Desk f;
    store::Scope scope{.all = false, .customers = {f.customer("Other")}};
    f.set("berta", scope);
    CHECK(f.work({.kind = Wish::resolve}, {}, "berta").kind == Became::not_found);
    CHECK(f.alert().status == "open");
    auto const given = f.work({.kind = Wish::assign, .technician_id = "berta"});
    CHECK(given.kind == Became::refused);
    CHECK(given.detail == "berta may not see its device.");
    CHECK(f.alert().assigned_id.empty());
    // Whom he does not see is for him as somebody who is not there.
    f.set("anna", {.all = false, .customers = {f.row(f.pc.id).customer_id}});
    auto const unseen = f.ask_for({.kind = Wish::assign, .technician_id = "berta"});
    auto const unknown = f.ask_for({.kind = Wish::assign, .technician_id = "nobody"});
    REQUIRE(std::holds_alternative<Refusal>(unseen));
    CHECK(std::get<Refusal>(unseen).detail == std::get<Refusal>(unknown).detail);
    CHECK(std::get<Refusal>(unseen).code == std::get<Refusal>(unknown).code);
    CHECK(std::get<Refusal>(unseen).field == std::get<Refusal>(unknown).field);
    scope.customers.insert(f.row(f.pc.id).customer_id);
    f.set("berta", scope, true);
    CHECK(std::get<Refusal>(f.ask_for({.kind = Wish::assign, .technician_id = "berta"})).field == "technician_id");
    f.set("berta", scope);
    CHECK(f.work({.kind = Wish::assign, .technician_id = "berta"}).kind == Became::done);
}

TEST_CASE("alerts: where a commit fails nothing of the work is seen, and the rules go on as if it had not been")
{
    Desk f;
    REQUIRE(f.store->write([](sqlite::Database& db) {
        return db.exec("CREATE TRIGGER no_change BEFORE UPDATE ON alert BEGIN SELECT RAISE(ABORT, 'no'); END");
    }));
    CHECK(std::holds_alternative<Refusal>(f.ask_for({.kind = Wish::resolve})));
    CHECK(f.alert().status == "open");
    CHECK(f.actions().empty());
    REQUIRE(f.store->write([](sqlite::Database& db) { return db.exec("DROP TRIGGER no_change"); }));
    f.pc.say(f.pc.state(2, "services", services("running")));
    CHECK(f.alert().status == "resolved");
    CHECK(f.alert().status_by.empty());
    CHECK_FALSE(f.alert().cause_persists);
}

TEST_CASE("alerts: people work on them while devices speak, and every version is one change")
{
    Desk f;
    constexpr int rounds = 200;
    std::atomic<int> done = 0;
    std::thread anna([&] {
        for (int i = 0; i < rounds; ++i)
            f.pipeline->work_on_alerts({{.id = f.id}}, {.kind = Wish::ticket, .text = std::to_string(i)}, f.anna(),
                                       [&](auto const& outcome) {
                                           auto const* const results = std::get_if<0>(&outcome);
                                           if (results != nullptr && results->at(0).kind == Became::done) ++done;
                                       });
    });
    for (int i = 0; i < rounds; ++i) {
        f.clock.advance(1s);
        f.pipeline->tick();
        f.pipeline->received(f.pc.peer, f.pc.event(static_cast<std::uint64_t>(i) + 1), [] {});
    }
    anna.join();
    f.settle();
    CHECK(done == rounds);
    CHECK(f.alert().version == rounds + 1);
    CHECK(f.alert().ticket == std::to_string(rounds - 1));
}

// --- organisation ----------------------------------------------------------------------------------------------------

namespace
{

template <class Wish>
Refusal refusal_of(Fixture& f, Wish wish, store::Scope const& scope = store::Scope::everything())
{
    auto const outcome = f.organise(std::move(wish), scope);
    REQUIRE(std::holds_alternative<Refusal>(outcome));
    return std::get<Refusal>(outcome);
}

std::string add_folder(Fixture& f, std::string const& customer, std::string const& name, std::string const& parent = {})
{
    auto const made = f.organise(api::AddFolder{.customer_id = customer, .parent_id = parent, .name = name});
    REQUIRE(std::holds_alternative<api::Ordered>(made));
    return std::get<api::Ordered>(made).id;
}

/// Of each named device why it was not done.
template <class Wish>
std::vector<std::string> verdicts(Fixture& f, Wish wish, store::Scope const& scope = store::Scope::everything())
{
    auto const outcome = f.organise(std::move(wish), scope);
    REQUIRE(std::holds_alternative<api::Ordered>(outcome));
    std::vector<std::string> found;
    for (auto const& verdict : std::get<api::Ordered>(outcome).verdicts)
        found.push_back(verdict.refused);
    return found;
}

using Verdicts = std::vector<std::string>;

/// Another device of the same customer.
Agent enrolled(Fixture& f, std::string const& customer, std::string const& host)
{
    auto const made = f.enrol(f.token(customer).secret, host, "hw-" + host);
    REQUIRE(std::holds_alternative<wire::EnrolAnswer>(made));
    return {f, std::get<wire::EnrolAnswer>(made).device_id, "fingerprint " + std::to_string(f.signed_certificates)};
}

} // namespace

TEST_CASE("organisation: folders lie in each other so deep and no deeper, and have a name of their own where they lie")
{
    Fixture f;
    auto const acme = f.customer("Acme");
    std::string parent;
    for (std::size_t depth = 0; depth < folder_depth; ++depth)
        parent = add_folder(f, acme, " Floor " + std::to_string(depth) + " ", parent);
    auto const tree = f.projection->folders(store::Scope::everything(), acme).items;
    REQUIRE(tree.size() == folder_depth);
    CHECK(tree.back().path.starts_with("Floor 0 / Floor 1"));
    CHECK(refusal_of(f, api::AddFolder{.customer_id = acme, .parent_id = parent, .name = "x"}).code ==
          errc::limit_exceeded);
    CHECK(refusal_of(f, api::AddFolder{.customer_id = acme, .parent_id = {}, .name = "FLOOR 0"}).code ==
          errc::conflict);
    for (auto const* const name : {"", "  ", "a\nb", "\x1b", "\xff"})
        CHECK(refusal_of(f, api::AddFolder{.customer_id = acme, .parent_id = {}, .name = name}).field == "name");
    auto const bolt = f.customer("Bolt");
    CHECK(refusal_of(f, api::AddFolder{.customer_id = bolt, .parent_id = parent, .name = "x"}).field == "parent_id");
    store::Scope const only_bolt{.all = false, .customers = {bolt}};
    CHECK(refusal_of(f, api::AddFolder{.customer_id = acme, .parent_id = {}, .name = "x"}, only_bolt).code ==
          errc::not_found);
    auto const& top = tree.front();
    CHECK(refusal_of(f, api::EditFolder{.id = top.id, .parent_id = parent, .name = "x", .version = 1}).field ==
          "parent_id");
    CHECK(refusal_of(f, api::EditFolder{.id = top.id, .parent_id = {}, .name = "x", .version = 7}).field == "version");
    auto const other = add_folder(f, acme, "Other");
    CHECK(refusal_of(f, api::EditFolder{.id = top.id, .parent_id = other, .name = "x", .version = 1}).code ==
          errc::limit_exceeded);
    CHECK(std::holds_alternative<api::Ordered>(
        f.organise(api::EditFolder{.id = top.id, .parent_id = {}, .name = "House", .version = 1})));
    CHECK(f.projection->folder(store::Scope::everything(), top.id)->version == 2);
}

TEST_CASE("organisation: a folder is deleted when it is empty, or what lies in it goes up")
{
    Fixture f;
    Agent pc(f);
    auto const customer = f.row(pc.id).customer_id;
    auto const house = add_folder(f, customer, "House");
    auto const floor = add_folder(f, customer, "Floor", house);
    auto const room = add_folder(f, customer, "Room", floor);
    CHECK(verdicts(f, api::MoveDevices{.ids = {pc.id}, .customer_id = customer, .folder_id = floor}) == Verdicts{""});
    CHECK(f.row(pc.id).folder == "House / Floor");
    CHECK(refusal_of(f, api::DeleteFolder{.id = floor}).code == errc::conflict);
    CHECK(std::holds_alternative<api::Ordered>(f.organise(api::DeleteFolder{.id = floor, .move_up = true})));
    CHECK(f.row(pc.id).folder == "House");
    CHECK(f.row(pc.id).folder_id == house);
    CHECK(f.projection->folder(store::Scope::everything(), room)->path == "House / Room");
    f.end();
    f.start();
    CHECK(f.row(pc.id).folder == "House");
    CHECK(f.row(pc.id).version == 3);
    CHECK(f.projection->folder(store::Scope::everything(), room)->path == "House / Room");
    CHECK(std::holds_alternative<api::Ordered>(f.organise(api::DeleteFolder{.id = room})));
    CHECK(std::holds_alternative<api::Ordered>(f.organise(api::DeleteFolder{.id = house, .move_up = true})));
    CHECK_FALSE(f.row(pc.id).folder_id);
}

TEST_CASE("organisation: two who edit at once do not overwrite each other")
{
    Fixture f;
    Agent pc(f);
    auto const edit = [&](std::string const& name, std::int64_t version) {
        return f.organise(api::EditDevice{
            .id = pc.id, .assigned_name = name, .folder_id = {}, .monitored = true, .version = version});
    };
    CHECK(std::holds_alternative<api::Ordered>(edit(" Reception ", 1)));
    auto const second = edit("Front desk", 1);
    REQUIRE(std::holds_alternative<Refusal>(second));
    CHECK(std::get<Refusal>(second).code == errc::conflict);
    CHECK(std::get<Refusal>(second).field == "version");
    CHECK(f.row(pc.id).name == "Reception");
    CHECK(f.row(pc.id).assigned_name == "Reception");
    CHECK(std::holds_alternative<api::Ordered>(edit("", 2)));
    CHECK(f.row(pc.id).name == "pc");
}

TEST_CASE("organisation: a device moves with its alerts to another customer, and who sees neither moves nothing")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    pc.say(pc.state(1, "services", services("failed")));
    f.pass(31s);
    REQUIRE(f.alerts().total == 1);
    auto const from = f.row(pc.id).customer_id;
    auto const bolt = f.customer("Bolt");
    auto const shelf = add_folder(f, bolt, "Shelf");
    store::Scope const only_bolt{.all = false, .customers = {bolt}};
    api::MoveDevices const wish{.ids = {pc.id, "nobody", pc.id}, .customer_id = bolt, .folder_id = shelf};
    CHECK(verdicts(f, wish, only_bolt).at(0) == "There is no such device.");
    CHECK(refusal_of(f, api::MoveDevices{.ids = {pc.id}, .customer_id = from, .folder_id = shelf}).field ==
          "folder_id");
    CHECK(verdicts(f, wish) == Verdicts{"", "There is no such device.", "It is named twice."});
    CHECK(f.row(pc.id).customer_name == "Bolt");
    CHECK(f.row(pc.id).folder == "Shelf");
    CHECK(f.projection->alerts(only_bolt, {.statuses = {"open"}}, 0).total == 1);
    CHECK(f.projection->customer(store::Scope::everything(), from)->devices == 0);
    CHECK(f.projection->customer(store::Scope::everything(), bolt)->online == 1);
    pc.say(pc.state(2, "services", services("running")));
    f.pass(1s);
    CHECK(f.alerts().total == 0);
    CHECK(f.projection->alerts(only_bolt, {.statuses = {"resolved"}}, 0).total == 1);
    f.end();
    f.start();
    CHECK(f.row(pc.id).folder == "Shelf");
    CHECK(refusal_of(f, api::MoveDevices{.ids = {}, .customer_id = bolt, .folder_id = {}}).field == "ids");
    CHECK(refusal_of(f, api::MonitorDevices{.ids = Verdicts(bulk_devices + 1, "x"), .monitored = true}).code ==
          errc::limit_exceeded);
}

TEST_CASE(
    "organisation: a device that is not monitored raises nothing, its alerts resolve, and it is there all the same")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    pc.say(pc.state(1, "services", services("failed")));
    f.pass(31s);
    REQUIRE(f.alerts().total == 1);
    CHECK(verdicts(f, api::MonitorDevices{.ids = {pc.id}, .monitored = false}) == Verdicts{""});
    CHECK(f.alerts().total == 0);
    CHECK(f.alerts("resolved").items.at(0).latest == "not monitored any more");
    CHECK(f.row(pc.id).availability == "online");
    pc.say(pc.state(2, "services", services("stopped")));
    f.pass(61s);
    pc.close("goodbye");
    f.pass(61s);
    pc.connect();
    f.pass(61s);
    CHECK(f.alerts().total == 0);
    CHECK(f.row(pc.id).availability == "online");
    f.end();
    f.start();
    pc.connect();
    f.pass(61s);
    CHECK(f.alerts().total == 0);
    CHECK(verdicts(f, api::MonitorDevices{.ids = {pc.id}, .monitored = false}) == Verdicts{"It is not monitored."});
    CHECK(verdicts(f, api::MonitorDevices{.ids = {pc.id}, .monitored = true}) == Verdicts{""});
    f.pass(31s);
    CHECK(f.alerts().total == 1);
}

TEST_CASE("organisation: a retired device is taken back, and comes with its certificate")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    CHECK(verdicts(f, api::RestoreDevices{{pc.id}}) == Verdicts{"It is not retired."});
    CHECK(f.retire(pc.id).empty());
    CHECK(f.projection->devices(store::Scope::everything(), {}, 0).total == 0);
    CHECK(f.projection->devices(store::Scope::everything(), {.availabilities = {"retired"}}, 0).total == 1);
    CHECK(verdicts(f, api::RestoreDevices{{pc.id}}) == Verdicts{""});
    CHECK(f.row(pc.id).availability == "offline");
    CHECK_FALSE(f.row(pc.id).revoked);
    f.pass(1s);
    f.pass(61s);
    CHECK(f.alerts().total == 1); // It is offline.
    CHECK(pc.connect().socket->refused().empty());
    f.pass(1s);
    CHECK(f.row(pc.id).availability == "online");
    CHECK(f.alerts().total == 0);
}

TEST_CASE(
    "organisation: a purge takes everything of a device, and nothing of others, in steps that a restart goes on with")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    auto const customer = f.row(pc.id).customer_id;
    auto const other = enrolled(f, customer, "other");
    for (std::uint64_t sequence = 1; sequence <= 40; ++sequence)
        pc.say(pc.event(sequence));
    pc.say(pc.state(1, "services", services("failed")));
    pc.say(wire::Series{.sequence = 1, .probe = "cpu", .taken_ms = f.clock.now_ms(), .samples = {{"", {Value(1.0)}}}});
    f.pass(31s);
    CHECK(verdicts(f, api::PurgeDevices{{pc.id}}) == Verdicts{"Retire it first."});
    f.retire(pc.id);
    CHECK(verdicts(f, api::PurgeDevices{{pc.id}}) == Verdicts{""});
    CHECK_FALSE(f.projection->device(store::Scope::everything(), pc.id));
    CHECK(f.alerts("resolved").total == 0);
    CHECK(verdicts(f, api::RestoreDevices{{pc.id}}) == Verdicts{"There is no such device."});
    f.end();
    f.start();
    CHECK_FALSE(f.projection->device(store::Scope::everything(), pc.id));
    CHECK(f.row(other.id).name == "other");
    auto const is_there = [&] {
        bool found = true;
        REQUIRE(f.store->read([&](sqlite::Database& db) -> Result<> {
            auto const device = store::find_device(db, pc.id);
            if (!device) return device.error();
            found = device->has_value();
            return {};
        }));
        return found;
    };
    for (int second = 0; second < 20 && is_there(); ++second)
        f.pass(1s);
    CHECK_FALSE(is_there());
    CHECK(f.events(pc.id) == 0);
    CHECK(pc.connect().socket->refused() == refusal("unknown_device"));
}

TEST_CASE("organisation: a device is unreachable where its neighbours are here and it left without a goodbye")
{
    Fixture f;
    auto const acme = f.customer("Acme");
    auto pc = enrolled(f, acme, "pc");
    auto neighbour = enrolled(f, acme, "neighbour");
    pc.connect();
    neighbour.connect();
    pc.close("silent");
    f.pass(unreachable_after - 1s);
    CHECK(f.row(pc.id).availability == "offline");
    f.pass(2s);
    CHECK(f.row(pc.id).availability == "unreachable");
    CHECK(f.row(pc.id).availability_reason == "other devices at its address are online");
    CHECK(f.alerts().total == 1);
    neighbour.close("silent");
    f.pass(1s);
    CHECK(f.row(pc.id).availability == "offline");
    CHECK(f.row(pc.id).availability_reason == "silent");
    neighbour.connect();
    pc.connect();
    f.pass(1s);
    CHECK(f.row(pc.id).availability == "online");
    pc.close("goodbye");
    f.pass(unreachable_after + 2s);
    CHECK(f.row(pc.id).availability == "offline");
}

TEST_CASE("organisation: a device is unreachable where it keeps connecting and its session never begins")
{
    Fixture f;
    Agent pc(f);
    pc.connect().close("silent");
    auto const good = pc.hello.protocol;
    pc.hello.protocol = 0;
    for (std::size_t i = 0; i < unreachable_tries; ++i) {
        f.pass(10s);
        CHECK(f.row(pc.id).availability == "offline");
        pc.connect().close();
    }
    f.pass(1s);
    CHECK(f.row(pc.id).availability == "unreachable");
    CHECK(f.row(pc.id).availability_reason == "it keeps connecting without beginning a session");
    f.pass(unreachable_tries_within);
    CHECK(f.row(pc.id).availability == "offline");
    pc.hello.protocol = good;
    pc.connect();
    CHECK(f.row(pc.id).availability == "online");
}

TEST_CASE("pipeline: what a request changed stands in its row of the audit log, whether or not the request names it")
{
    Fixture f;
    auto const acme = f.customer("Acme");
    auto const token = f.token(acme, 2);
    auto const enrolling = std::make_shared<store::AuditEntry>();
    std::string device;
    {
        store::AuditScope const recorded(enrolling);
        device = std::get<wire::EnrolAnswer>(f.enrol(token.secret)).device_id;
    }
    CHECK(enrolling->recorded);
    CHECK(enrolling->devices == std::vector{device});
    CHECK(enrolling->customers == std::vector{acme});
    auto const revoking = std::make_shared<store::AuditEntry>();
    {
        store::AuditScope const recorded(revoking);
        f.ask<store::EnrolmentToken>([&](auto done) { f.pipeline->revoke_token(token.token.id, done); });
    }
    CHECK(revoking->devices.empty());
    CHECK(revoking->customers == std::vector{acme});
}

// --- a device's history ----------------------------------------------------------------------------------------------

namespace
{

/// "changed services/nginx", "anna renamed pc>Desk", newest first.
std::vector<std::string> history(Fixture const& f, std::string const& id)
{
    using store::Happened;
    std::vector<std::string> told;
    REQUIRE(f.store->read([&](sqlite::Database& db) -> Result<> {
        told.clear();
        auto const page = store::timeline(db, id, {.limit = 2000});
        if (!page) return page.error();
        for (auto const& entry : page->entries) {
            auto const& action = entry.action;
            if (entry.what == Happened::action)
                told.push_back(action.technician + " " + action.what + " " + action.was + ">" + action.became);
            else if (entry.what == Happened::event)
                told.push_back(entry.name);
            else if (entry.what == Happened::appeared)
                told.push_back("appeared " + entry.name + "/" + entry.key);
            else if (entry.what == Happened::changed)
                told.push_back("changed " + entry.name + "/" + entry.key);
            else if (entry.what == Happened::vanished)
                told.push_back("vanished " + entry.name + "/" + entry.key);
        }
        return {};
    }));
    return told;
}

Snapshot packages(std::map<std::string, std::string> const& versions)
{
    Snapshot rows;
    for (auto const& [name, version] : versions)
        rows[name] = Row{{"version", version}};
    return rows;
}

} // namespace

TEST_CASE("history: what was installed, updated and removed, but not what was there from the beginning")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    pc.say(wire::State{.sequence = 1, .probe = "software", .taken_ms = f.clock.now_ms(), .unknown = "timed_out"});
    pc.say(pc.state(2, "software", packages({{"curl", "1"}, {"vim", "9"}})));
    CHECK(history(f, pc.id).empty());
    f.pass(1min);
    pc.say(pc.state(3, "software", packages({{"curl", "2"}, {"nginx", "1.22"}})));
    std::vector<std::string> const told{"vanished software/vim", "appeared software/nginx", "changed software/curl"};
    CHECK(history(f, pc.id) == told);
    // What cannot be read for a while has not changed, nor what is read again.
    f.pass(1min);
    pc.say(wire::State{.sequence = 4, .probe = "software", .taken_ms = f.clock.now_ms(), .unknown = "timed_out"});
    f.pass(1min);
    pc.say(pc.state(5, "software", packages({{"curl", "2"}, {"nginx", "1.22"}})));
    CHECK(history(f, pc.id) == told);
    // Nor does it begin anew with another start of the collector.
    f.end();
    f.start();
    pc.hello.state = {6, 6};
    pc.connect();
    f.pass(1min);
    pc.say(pc.state(6, "software", packages({{"curl", "2"}})));
    CHECK(history(f, pc.id).front() == "vanished software/nginx");
    CHECK(history(f, pc.id).size() == 4);
}

TEST_CASE("history: what changes all the time is kept, and not told")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    auto const read = [&](std::uint64_t sequence, std::int64_t since_ms, std::string const& state) {
        f.pass(1min);
        pc.say(pc.state(sequence, "services", {{"cron", Row{{"state", state}, {"since_ms", since_ms}}}}));
    };
    read(1, 1, "running");
    read(2, 2, "running");
    read(3, 3, "running");
    CHECK(history(f, pc.id).empty());
    read(4, 4, "stopped");
    CHECK(history(f, pc.id) == std::vector<std::string>{"changed services/cron"});
}

TEST_CASE("history: an event is told on the live feed, so that who looks at the history sees it")
{
    Fixture f;
    Agent pc(f);
    pc.connect();
    f.pass(1min);
    {
        std::lock_guard const lock(f.heard_mutex);
        f.heard.clear();
    }
    pc.say(pc.event(1));
    f.pass(1s);
    CHECK(history(f, pc.id) == std::vector<std::string>{"boot"});
    std::lock_guard const lock(f.heard_mutex);
    CHECK(std::ranges::any_of(f.heard, [&](view::Change const& change) {
        return std::ranges::any_of(change.places,
                                   [&](auto const& place) { return place.second.devices.contains(pc.id); });
    }));
}

TEST_CASE("history: who renamed, moved, retired and took back a device, and whether it is monitored")
{
    Fixture f;
    Agent pc(f);
    auto const customer = f.row(pc.id).customer_id;
    auto const house = add_folder(f, customer, "House");
    auto const bolt = f.customer("Bolt");
    auto const shelf = add_folder(f, bolt, "Shelf");
    auto const order = [&](auto wish) {
        f.pass(1s);
        api::Order const made{
            .scope = store::Scope::everything(), .technician_id = "t", .technician = "anna", .what = std::move(wish)};
        auto const outcome = f.ask<api::Ordered>([&](auto done) { f.pipeline->organise(made, done); });
        CHECK(std::holds_alternative<api::Ordered>(outcome));
    };
    std::vector<std::string> const ids{pc.id};
    order(api::EditDevice{.id = pc.id, .assigned_name = "Desk", .folder_id = house, .monitored = false, .version = 1});
    CHECK(history(f, pc.id) ==
          std::vector<std::string>{"anna moved >House", "anna unmonitored >", "anna renamed pc>Desk"});
    order(api::EditDevice{.id = pc.id, .assigned_name = "Desk", .folder_id = house, .monitored = false, .version = 2});
    CHECK(history(f, pc.id).size() == 3);
    order(api::MonitorDevices{.ids = ids, .monitored = true});
    CHECK(history(f, pc.id).front() == "anna monitored >");
    // Names of folders of the other customer stay with it: where the device was before is told nobody any more.
    order(api::MoveDevices{.ids = ids, .customer_id = bolt, .folder_id = shelf});
    CHECK(history(f, pc.id).front() == "anna customer_changed " + customer + ">" + bolt);
    for (auto const& line : history(f, pc.id))
        CHECK(line.find("House") == std::string::npos);
    order(api::MoveDevices{.ids = ids, .customer_id = bolt, .folder_id = {}});
    CHECK(history(f, pc.id).front() == "anna moved Shelf>");
    order(api::RetireDevices{ids});
    order(api::RetireDevices{ids});
    order(api::RestoreDevices{ids});
    auto const told = history(f, pc.id);
    CHECK(told.size() == 7);
    CHECK(told.at(0) == "anna taken_back >");
    CHECK(told.at(1) == "anna retired >");
}

// --- limits to folders -----------------------------------------------------------------------------------------------

namespace
{

/// As somebody who sees these folders of the customer, with what lies in them now.
store::Scope limited_to(Fixture& f, std::string const& customer, store::Scope::Ids folders)
{
    store::Scope scope{.all = false, .customers = {}};
    scope.folders[customer] = std::move(folders);
    REQUIRE(f.store->read([&](sqlite::Database& db) -> Result<> {
        auto made = store::unfolded(db, scope);
        if (!made) return made.error();
        scope = *std::move(made);
        return {};
    }));
    return scope;
}

} // namespace

TEST_CASE("limits to folders: nothing is moved out of them, and what lies elsewhere is not there")
{
    Fixture f;
    Agent pc(f);
    auto const acme = f.row(pc.id).customer_id;
    auto const house = add_folder(f, acme, "House");
    auto const desk = add_folder(f, acme, "Desk", house);
    auto const yard = add_folder(f, acme, "Yard");
    auto const scope = limited_to(f, acme, {house});
    using api::MoveDevices;

    // It lies in no folder: only who sees the whole customer sees it.
    CHECK(verdicts(f, MoveDevices{.ids = {pc.id}, .customer_id = acme, .folder_id = desk}, scope) ==
          Verdicts{"There is no such device."});
    CHECK(verdicts(f, MoveDevices{.ids = {pc.id}, .customer_id = acme, .folder_id = house}) == Verdicts{""});
    CHECK(verdicts(f, MoveDevices{.ids = {pc.id}, .customer_id = acme, .folder_id = desk}, scope) == Verdicts{""});
    for (auto const& outside : {yard, std::string(), make_uuid(0)}) {
        auto const refused =
            refusal_of(f, MoveDevices{.ids = {pc.id}, .customer_id = acme, .folder_id = outside}, scope);
        CHECK(refused.code == errc::refused);
        CHECK(refused.field == "folder_id");
        auto const edit = refusal_of(f,
                                     api::EditDevice{.id = pc.id,
                                                     .assigned_name = {},
                                                     .folder_id = outside,
                                                     .monitored = true,
                                                     .version = f.row(pc.id).version},
                                     scope);
        CHECK(edit.code == errc::refused);
        CHECK(edit.detail == refused.detail);
    }
    CHECK(refusal_of(f, MoveDevices{.ids = {pc.id}, .customer_id = f.customer("Bolt"), .folder_id = {}}, scope).code ==
          errc::not_found);
    CHECK(f.row(pc.id).folder_id == desk);

    // Folders likewise.
    CHECK(refusal_of(f, api::AddFolder{.customer_id = acme, .parent_id = {}, .name = "x"}, scope).field == "parent_id");
    CHECK(refusal_of(f, api::AddFolder{.customer_id = acme, .parent_id = yard, .name = "x"}, scope).code ==
          errc::refused);
    CHECK(std::holds_alternative<api::Ordered>(
        f.organise(api::AddFolder{.customer_id = acme, .parent_id = desk, .name = "Drawer"}, scope)));
    CHECK(refusal_of(f, api::EditFolder{.id = desk, .parent_id = yard, .name = "Desk", .version = 1}, scope).code ==
          errc::refused);
    CHECK(refusal_of(f, api::EditFolder{.id = yard, .parent_id = {}, .name = "Mine", .version = 1}, scope).code ==
          errc::not_found);
    CHECK(std::holds_alternative<api::Ordered>(
        f.organise(api::EditFolder{.id = desk, .parent_id = house, .name = "My desk", .version = 1}, scope)));
    // Of what lies beside it a refusal would tell; and others may be limited to it, too.
    auto const renamed =
        refusal_of(f, api::EditFolder{.id = house, .parent_id = {}, .name = "Yard", .version = 1}, scope);
    CHECK(renamed.code == errc::refused);
    CHECK(renamed.field == "parent_id");
    for (bool const move_up : {false, true}) {
        auto const deleted = refusal_of(f, api::DeleteFolder{.id = house, .move_up = move_up}, scope);
        CHECK(deleted.code == errc::refused);
        CHECK(deleted.field == "id");
    }
    CHECK(refusal_of(f, api::AddContact{.contact = {.customer_id = acme, .name = "Ann"}}, scope).code ==
          errc::not_found);
}

TEST_CASE("limits to folders: what is moved is told where it was and where it is")
{
    Fixture f;
    Agent pc(f);
    auto const acme = f.row(pc.id).customer_id;
    auto const house = add_folder(f, acme, "House");
    auto const desk = add_folder(f, acme, "Desk", house);
    auto const yard = add_folder(f, acme, "Yard");
    auto const heard = [&](auto wish) {
        {
            std::lock_guard const lock(f.heard_mutex);
            f.heard.clear();
        }
        REQUIRE(std::holds_alternative<api::Ordered>(f.organise(std::move(wish))));
        f.settle();
        std::lock_guard const lock(f.heard_mutex);
        REQUIRE_FALSE(f.heard.empty());
        return f.heard.front();
    };
    auto const places = [](view::Change const& change) {
        std::set<std::string> folders;
        for (auto const& place : change.places)
            folders.insert(place.first.folder_id);
        return folders;
    };
    auto const moved = heard(api::MoveDevices{.ids = {pc.id}, .customer_id = acme, .folder_id = desk});
    CHECK(places(moved) == std::set<std::string>{"", desk});
    CHECK(moved.places.at({.customer_id = acme, .folder_id = desk}).devices == Names{pc.id});
    CHECK_FALSE(moved.folders);

    // A folder with what lies in it; its name stands in their paths.
    auto const taken = heard(api::EditFolder{.id = house, .parent_id = yard, .name = "House", .version = 1});
    CHECK(taken.folders);
    CHECK(places(taken) == std::set<std::string>{"", house, desk, yard});
    CHECK(limited_to(f, acme, {yard}).sees(acme, desk));
    // Of a device that is in a folder what happens there is told.
    {
        std::lock_guard const lock(f.heard_mutex);
        f.heard.clear();
    }
    pc.connect();
    f.settle();
    std::lock_guard const lock(f.heard_mutex);
    REQUIRE_FALSE(f.heard.empty());
    for (auto const& change : f.heard)
        CHECK(places(change) == std::set<std::string>{desk});
}

TEST_CASE("limits to folders: an alert is worked on within them, and given to nobody who does not see its device")
{
    Desk f;
    auto const acme = f.row(f.pc.id).customer_id;
    auto const house = add_folder(f, acme, "House");
    auto const yard = add_folder(f, acme, "Yard");
    CHECK(verdicts(f, api::MoveDevices{.ids = {f.pc.id}, .customer_id = acme, .folder_id = house}) == Verdicts{""});
    f.set("berta", limited_to(f, acme, {yard}));
    CHECK(f.work({.kind = Wish::resolve}, {}, "berta").kind == Became::not_found);
    CHECK(f.work({.kind = Wish::assign, .technician_id = "berta"}).kind == Became::refused);
    f.set("berta", limited_to(f, acme, {house}));
    CHECK(f.work({.kind = Wish::assign, .technician_id = "berta"}).kind == Became::done);
    CHECK(f.work({.kind = Wish::resolve}, {}, "berta").kind == Became::done);
}
