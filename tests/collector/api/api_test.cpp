#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <string>

#include <boost/json.hpp>

#include "collector/access/totp.hpp"
#include "collector/view/api/api.hpp"
#include "collector/view/api/events.hpp"
#include "collector/view/api/exports.hpp"
#include "collector/view/api/lists.hpp"
#include "collector/view/api/routes.hpp"
#include "common/core/ids.hpp"
#include "common/wire/codec.hpp"
#include "tests/collector/api/schema.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

namespace json = boost::json;
using namespace rollcall;
using namespace std::chrono_literals;

namespace
{

/// Stands for the pipeline: does what it would do to store and projection, at once.
class FakeBackend final : public api::Backend
{
public:
    FakeBackend(store::Store& store, view::Projection& projection, Clock const& clock)
        : store_(store)
        , projection_(projection)
        , clock_(clock)
    {
    }

    api::Outcome<store::Customer> add_customer(std::string name) override
    {
        store::Customer const customer{.id = make_uuid(clock_.now_ms()), .name = name, .created_ms = clock_.now_ms()};
        auto const done = store_.write([&](sqlite::Database& db) { return store::add_customer(db, customer); });
        if (!done)
            return api::from_code(errc::conflict, "There is a customer of this name.", "name", "Choose another name.");
        projection_.put_customer(customer);
        return customer;
    }
    api::Outcome<api::MadeToken> add_token(std::string customer_id, std::int64_t uses,
                                           std::int64_t expires_in_s) override
    {
        api::MadeToken made{.token = {}, .secret = make_secret(32)};
        made.token = {.id = make_uuid(clock_.now_ms()),
                      .customer_id = std::move(customer_id),
                      .secret_sha256 = sha256_hex(made.secret),
                      .created_ms = clock_.now_ms(),
                      .expires_ms = clock_.now_ms() + expires_in_s * 1000,
                      .uses = uses,
                      .uses_left = uses};
        auto const done = store_.write([&](sqlite::Database& db) { return store::add_token(db, made.token); });
        if (!done) return api::from_error(done.error());
        return made;
    }
    api::Outcome<store::EnrolmentToken> revoke_token(std::string id) override
    {
        store::EnrolmentToken token;
        auto const done = store_.write([&](sqlite::Database& db) -> Result<> {
            if (auto const revoked = store::revoke_token(db, id, clock_.now_ms()); !revoked) return revoked.error();
            auto const found = store::find_token(db, id);
            if (!found) return found.error();
            token = **found;
            return {};
        });
        if (!done) return api::from_error(done.error());
        return token;
    }
    /// Only tells that it was asked; what comes of orders is tested with the real pipeline.
    api::Outcome<api::Ordered> organise(api::Order order) override
    {
        orders.push_back(std::move(order));
        return api::from_code(errc::conflict, "Somebody has changed this meanwhile.", "version", "Look again.");
    }
    api::Outcome<store::UpdatePolicy> set_update_policy(store::Scope, std::string owner,
                                                        store::UpdatePolicy policy) override
    {
        board.put_policy(owner, policy);
        return policy;
    }
    api::Outcome<store::ReleaseNote> let_release_go_on(std::string version) override
    {
        auto note = board.note(version);
        if (!note) return api::from_code(errc::not_found, "There is no such release.", "version", "Look at the list.");
        note->stopped_ms.reset();
        board.put_note(*note);
        return *note;
    }
    api::Outcome<store::Device> retry_update(store::Scope, std::string device_id) override
    {
        board.put_attempt({.device_id = device_id,
                           .version = "0.2.0",
                           .from_version = {},
                           .state = "asked",
                           .reason = {},
                           .offered_ms = {},
                           .at_ms = {}});
        return store::Device{.id = device_id};
    }
    void look_at_name(std::string) override {}
    api::Outcome<std::vector<rules::AlertResult>>
    work_on_alerts(std::vector<rules::AlertTarget> targets, rules::AlertWish wish, rules::AlertWorker worker) override
    {
        std::vector<rules::AlertResult> results;
        auto const done = store_.write([&](sqlite::Database& db) -> Result<> {
            if (!wish.technician_id.empty()) {
                auto const technician = store::find_technician(db, wish.technician_id);
                if (!technician || !*technician) return fail(errc::bad_input, "technician_id");
                wish.technician = (*technician)->name;
            }
            for (auto const& target : targets) {
                auto const alert = store::find_alert(db, target.id);
                if (!alert) return alert.error();
                if (target.version && target.version != (*alert)->version) {
                    auto const actions = store::alert_actions(db, target.id, *target.version);
                    if (!actions) return actions.error();
                    results.push_back(
                        {.id = target.id, .kind = rules::AlertResult::Kind::stale, .detail = rules::told(*actions)});
                    continue;
                }
                auto const step = rules::work_on(**alert, wish, worker, clock_.now_ms());
                results.push_back({.id = target.id, .kind = step.kind, .detail = step.detail});
                if (step.kind != rules::AlertResult::Kind::done) continue;
                if (auto kept = store::update_alert(db, step.alert); !kept) return kept;
                if (auto kept = store::add_alert_action(db, step.action); !kept) return kept;
                projection_.put_alert(step.alert);
            }
            return {};
        });
        if (!done) return api::from_code(errc::bad_input, "There is no such technician.", "technician_id", "Look.");
        return results;
    }
    api::Outcome<wire::EnrolAnswer> enrol(wire::EnrolRequest request, std::string) override
    {
        if (request.token == "full") return api::from_code(errc::io, "The disk is full.", {}, "Free some space.");
        if (request.token != "good")
            return api::from_code(errc::unauthenticated, "The token is wrong.", "token", "Make a new one.");
        return wire::EnrolAnswer{.device_id = make_uuid(0), .certificate_pem = "c", .ca_pem = "a"};
    }
    Result<> ready() override
    {
        if (is_ready) return {};
        return fail(errc::io, "the store takes nothing");
    }
    [[nodiscard]] std::vector<api::Figure> figures() const override { return {{"rollcall_x", "gauge", "X.", 1.5}}; }

    std::atomic<bool> is_ready = true;
    std::vector<api::Order> orders;

private:
    store::Store& store_;
    view::Projection& projection_;
    Clock const& clock_;

public:
    updates::Board board{clock_};
};

/// Remembers who opened a stream, and where he stopped.
class FakeEvents final : public api::EventSource
{
public:
    api::Outcome<std::shared_ptr<gateway::HttpBody>> open(access::Identity const& identity,
                                                          std::string_view last_id) override
    {
        asked.push_back(identity.technician.name + " " + std::string(last_id));
        if (is_full) return api::overloaded();
        return std::make_shared<Empty>();
    }
    std::vector<std::string> asked;
    bool is_full = false;

private:
    struct Empty final : gateway::HttpBody {
        [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }
        void next(std::function<void(Result<std::string>)> done) override { done(std::string()); }
    };
};

constexpr auto own_password = "correct horse battery";

struct Fixture {
    Fixture()
        : document(api::document())
    {
        auto opened = store::Store::open({.file = folder / "test.db"});
        REQUIRE(opened);
        store = *std::move(opened);
        access = std::make_unique<access::Access>(*store, clock, access::Keys::make());
        backend = std::make_unique<FakeBackend>(*store, projection, clock);
        auto files = api::Files::load({});
        REQUIRE(files);
        api = std::make_unique<api::Api>(
            api::Services{.clock = clock,
                          .store = *store,
                          .access = *access,
                          .projection = projection,
                          .backend = *backend,
                          .board = backend->board,
                          .public_address = [] { return std::string("rollcall.example:8443"); },
                          .ca_sha256 = [] { return std::string(64, 'a'); },
                          .install_pin = [] { return std::string("cGlu"); },
                          .started_ms = clock.now_ms(),
                          .thresholds = {.name = "default",
                                         .items = {{.id = "x"},
                                                   {.id = "cpu_used",
                                                    .title = "CPU is busy",
                                                    .probe = "cpu",
                                                    .column = "used_percent",
                                                    .severity = "warning",
                                                    .category = "Performance",
                                                    .explanation = "Used above 90 % for 5 min.",
                                                    .comparison = "above",
                                                    .raise = 90,
                                                    .clear = 80,
                                                    .hold_s = 300}}},
                          .events = &events},
            *std::move(files));
    }
    ~Fixture() { api->stop(); }

    gateway::HttpResponse send(gateway::HttpRequest request)
    {
        std::promise<gateway::HttpResponse> answered;
        api->handle(std::move(request),
                    [&](gateway::HttpResponse response) { answered.set_value(std::move(response)); });
        return answered.get_future().get();
    }

    /// The body, where it is a stream that of all its pieces.
    static std::string whole(gateway::HttpResponse const& response)
    {
        if (!response.stream) return response.body;
        std::string text;
        for (;;) {
            std::promise<Result<std::string>> promise;
            response.stream->next([&](Result<std::string> piece) { promise.set_value(std::move(piece)); });
            auto const piece = promise.get_future().get();
            REQUIRE(piece);
            if (piece->empty()) return text;
            text += *piece;
        }
    }

    gateway::HttpRequest request(std::string method, std::string path, std::string body = {})
    {
        gateway::HttpRequest made;
        made.method = std::move(method);
        if (auto const mark = path.find('?'); mark != std::string::npos) {
            auto rest = path.substr(mark + 1);
            path.resize(mark);
            while (!rest.empty()) {
                auto const end = rest.find('&');
                auto const pair = rest.substr(0, end);
                made.query[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
                rest = end == std::string::npos ? std::string() : rest.substr(end + 1);
            }
        }
        made.path = std::move(path);
        made.body = std::move(body);
        made.id = "request-1";
        made.remote = "192.0.2.1";
        made.headers = {{"host", "rollcall.example:8443"}, {"cookie", "__Host-rollcall=" + cookie}};
        if (made.method != "GET") {
            made.headers["origin"] = "https://rollcall.example:8443";
            made.headers["x-csrf-token"] = csrf;
            made.headers["content-type"] = "application/json";
        }
        return made;
    }

    /// Sends, and checks the answer against the document: its status, its type, and every field of its body.
    json::value call(std::string const& method, std::string const& path, int status, std::string body = {})
    {
        auto asked = request(method, path, std::move(body));
        auto const plain_path = asked.path;
        auto const response = send(std::move(asked));
        CAPTURE(method);
        CAPTURE(path);
        CAPTURE(response.body);
        CHECK(response.status == status);
        auto const json_body = response.body.empty() ? json::value() : json::parse(response.body);
        if (status >= 400) {
            CHECK(header(response, "Content-Type") == "application/problem+json");
            CHECK(api::testing::mismatch(json_body, {{"$ref", "#/components/schemas/Problem"}}, document) == "");
            CHECK(json_body.at("request_id").as_string() == "request-1");
            CHECK(json_body.at("status").as_int64() == status);
            CHECK_FALSE(json_body.at("detail").as_string().empty());
            CHECK_FALSE(json_body.at("remedy").as_string().empty());
            return json_body;
        }
        api::Router const router(api::all_routes()); // what is found lives in it
        auto const match = router.find(method, plain_path);
        REQUIRE(match.route);
        CHECK(status == match.route->success);
        if (!match.route->answer.schema) {
            CHECK(response.body.empty());
            return {};
        }
        json::object components;
        auto const schema = match.route->answer.schema(components);
        CHECK(api::testing::mismatch(json_body, schema.as_object(), document) == "");
        return json_body;
    }

    static std::string header(gateway::HttpResponse const& response, std::string_view name)
    {
        for (auto const& [key, value] : response.headers)
            if (key == name) return value;
        return {};
    }

    static std::string credentials(std::string_view password)
    {
        return json::serialize(json::object{{"name", "admin"}, {"password", password}});
    }

    /// With the cookie and the CSRF token of what comes back.
    void log_in(std::string_view password)
    {
        auto const response = send(request("POST", "/api/v1/session", credentials(password)));
        REQUIRE(response.status == 200);
        auto const set = header(response, "Set-Cookie");
        auto const begin = set.find('=') + 1;
        cookie = set.substr(begin, set.find(';') - begin);
        csrf = json::parse(response.body).at("csrf_token").as_string();
    }
    /// The first password, changed.
    void enter()
    {
        auto const first = access->first_password();
        REQUIRE(first);
        log_in(**first);
        call("POST", "/api/v1/session/password", 200,
             json::serialize(json::object{{"current_password", **first}, {"new_password", own_password}}));
    }
    std::string add_customer(std::string_view name)
    {
        auto const made = call("POST", "/api/v1/customers", 201, json::serialize(json::object{{"name", name}}));
        return std::string(made.at("id").as_string());
    }
    void put_folder(store::Folder const& given)
    {
        REQUIRE(store->write([&](sqlite::Database& db) { return store::add_folder(db, given); }));
        projection.put_folder(given);
    }
    void add_device(std::string const& id, std::string const& customer)
    {
        auto const token = backend->add_token(customer, 1, 3600);
        REQUIRE(token.has_value());
        store::Device const device{.id = id,
                                   .customer_id = customer,
                                   .name = "pc-1",
                                   .fingerprint = sha256_hex(id),
                                   .token_id = token->token.id,
                                   .enrolled_ms = clock.now_ms()};
        REQUIRE(store->write([&](sqlite::Database& db) { return store::add_device(db, device); }));
        projection.put_device({.id = id, .name = "pc-1", .customer_id = customer, .availability = "online"});
    }

    /// Raised a minute ago, on a device that is there.
    store::Alert add_alert(std::string const& device, std::string const& customer, std::string const& item)
    {
        store::Alert alert{.id = make_uuid(clock.now_ms()),
                           .device_id = device,
                           .customer_id = customer,
                           .item = item,
                           .subject = "",
                           .title = "<b>CPU</b> is busy",
                           .severity = store::Severity::warning,
                           .category = "Performance",
                           .explanation = "Used above 90 % for 5 min.",
                           .value = "95 %",
                           .latest = "95 %",
                           .created_ms = clock.now_ms() - 60'000};
        REQUIRE(store->write([&](sqlite::Database& db) { return store::open_alert(db, alert); }));
        projection.put_alert(alert);
        return alert;
    }
    /// One request about these alerts; `more` are the other members of its body.
    json::value work(std::string const& verb, std::vector<std::string> const& ids, int status, json::object more = {},
                     json::value versions = nullptr)
    {
        more["alerts"] = json::object{{"ids", json::value_from(ids)}, {"versions", std::move(versions)}};
        return call("POST", "/api/v1/alerts/" + verb, status, json::serialize(more));
    }

    json::object document;
    support::TempDir folder;
    support::ManualClock clock;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<access::Access> access;
    view::Projection projection;
    std::unique_ptr<FakeBackend> backend;
    FakeEvents events;
    std::unique_ptr<api::Api> api;
    std::string cookie;
    std::string csrf;
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "api: the first password opens nothing but the change of itself")
{
    auto const first = access->first_password();
    REQUIRE(first);
    call("GET", "/api/v1/session", 401);
    log_in(**first);
    CHECK(call("GET", "/api/v1/session", 200).at("must_change_password").as_bool());
    for (auto const* const path : {"/api/v1/devices", "/api/v1/customers", "/api/v1/system", "/api/v1/probes"})
        CHECK(call("GET", path, 403).at("type").as_string() == "urn:rollcall:problem:password-change-required");
    auto const bad = call("POST", "/api/v1/session/password", 400,
                          json::serialize(json::object{{"current_password", **first}, {"new_password", "short"}}));
    CHECK(bad.at("field").as_string() == "new_password");
    call("POST", "/api/v1/session/password", 403,
         R"({"current_password":"wrong","new_password":"correct horse battery"})");
    auto const changed =
        call("POST", "/api/v1/session/password", 200,
             json::serialize(json::object{{"current_password", **first}, {"new_password", own_password}}));
    CHECK_FALSE(changed.at("must_change_password").as_bool());
    call("GET", "/api/v1/devices", 200);
    call("DELETE", "/api/v1/session", 204);
    call("GET", "/api/v1/session", 401);
}

TEST_CASE_FIXTURE(Fixture, "api: the cookie is out of reach of scripts and other sites")
{
    auto const first = access->first_password();
    REQUIRE(first);
    auto const response = send(request("POST", "/api/v1/session", credentials(**first)));
    auto const set = header(response, "Set-Cookie");
    CHECK(set.starts_with("__Host-rollcall="));
    for (auto const* const part : {"; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"})
        CHECK(set.find(part) != std::string::npos);
    CHECK(set.find("Domain") == std::string::npos);
    CHECK(header(response, "Cache-Control") == "no-store");
}

TEST_CASE_FIXTURE(Fixture, "api: failures at log-in are slowed down and say for how long")
{
    static_cast<void>(access->first_password());
    for (int failure = 0; failure < 4; ++failure)
        call("POST", "/api/v1/session", 401, credentials("wrong"));
    auto const response = send(request("POST", "/api/v1/session", credentials("wrong")));
    CHECK(response.status == 429);
    CHECK(header(response, "Retry-After") == "1");
    call("POST", "/api/v1/session", 429, credentials("wrong"));
}

TEST_CASE_FIXTURE(Fixture, "api: a write wants Origin, CSRF token, JSON and exactly the known fields")
{
    enter();
    auto const type_of = [&](auto change) {
        auto asked = request("POST", "/api/v1/customers", R"({"name":"x"})");
        change(asked);
        auto const response = send(asked);
        return std::string(json::parse(response.body).at("type").as_string())
            .substr(sizeof("urn:rollcall:problem:") - 1);
    };
    CHECK(type_of([](auto& asked) { asked.headers.erase("origin"); }) == "origin");
    CHECK(type_of([](auto& asked) { asked.headers["origin"] = "https://rollcall.example"; }) == "origin");
    CHECK(type_of([](auto& asked) { asked.headers.erase("x-csrf-token"); }) == "csrf");
    CHECK(type_of([](auto& asked) { asked.headers["x-csrf-token"].back() ^= 1; }) == "csrf");
    CHECK(type_of([](auto& asked) { asked.headers.erase("cookie"); }) == "unauthenticated");
    CHECK(type_of([](auto& asked) { asked.headers["content-type"] = "text/plain"; }) == "unsupported-media-type");
    CHECK(type_of([](auto& asked) { asked.body = R"({"name":"x")"; }) == "bad-json");
    CHECK(type_of([](auto& asked) { asked.body = R"({"name":"x","more":1})"; }) == "bad-input");
    CHECK(type_of([](auto& asked) { asked.body = R"({"name":7})"; }) == "bad-input");
    CHECK(type_of([](auto& asked) { asked.body = "[]"; }) == "bad-input");
    auto log_in_elsewhere = request("POST", "/api/v1/session", credentials(own_password));
    log_in_elsewhere.headers["origin"] = "https://evil.example";
    CHECK(send(log_in_elsewhere).status == 403);
    CHECK(call("GET", "/api/v1/customers", 200).at("total").as_int64() == 0);
}

TEST_CASE_FIXTURE(Fixture, "api: customers are added, found, listed, and refused when their names will not do")
{
    enter();
    auto const id = add_customer("Ärzte & Söhne 🏥");
    CHECK(call("GET", "/api/v1/customers/" + id, 200).at("name").as_string() == "Ärzte & Söhne 🏥");
    CHECK(call("GET", "/api/v1/customers?search=nobody", 200).at("total").as_int64() == 0);
    CHECK(call("GET", "/api/v1/customers", 200).at("total").as_int64() == 1);
    call("GET", "/api/v1/customers/unknown", 404);
    for (auto const* const name : {"", "   ", "two\nlines", "tab\there"})
        CHECK(call("POST", "/api/v1/customers", 400, json::serialize(json::object{{"name", name}}))
                  .at("field")
                  .as_string() == "name");
    call("POST", "/api/v1/customers", 400, json::serialize(json::object{{"name", std::string(101, 'a')}}));
    call("POST", "/api/v1/customers", 409, json::serialize(json::object{{"name", "Ärzte & Söhne 🏥"}}));
}

TEST_CASE_FIXTURE(Fixture, "api: a token's word and command are shown once, and carry address, CA and secret")
{
    enter();
    auto const customer = add_customer("A");
    auto const made =
        call("POST", "/api/v1/enrolment-tokens", 201,
             json::serialize(json::object{{"customer_id", customer}, {"uses", 2}, {"expires_in_s", 3600}}));
    std::string const word(made.at("word").as_string());
    auto const content = wire::decode_token(word);
    REQUIRE(content);
    CHECK(content->address == "rollcall.example:8443");
    CHECK(content->ca_sha256 == std::string(64, 'a'));
    CHECK(made.at("command").as_string() ==
          "echo '" + word +
              "' | sudo rollcall-agent enrol --token-file - && sudo systemctl enable --now rollcall-agent");

    std::string const one = "/api/v1/enrolment-tokens/" + std::string(made.at("token").at("id").as_string());
    auto const shown = json::serialize(call("GET", one, 200));
    CHECK(shown.find(content->secret) == std::string::npos);
    CHECK(shown.find(sha256_hex(content->secret)) == std::string::npos);
    CHECK(call("GET", "/api/v1/enrolment-tokens?customer=" + customer, 200).at("items").as_array().size() == 1);
    CHECK(call("GET", "/api/v1/enrolment-tokens", 400).at("field").as_string() == "customer");
    call("DELETE", one, 204);
    CHECK(call("GET", one, 200).at("revoked").as_bool());
    call("GET", "/api/v1/enrolment-tokens/unknown", 404);
    call("DELETE", "/api/v1/enrolment-tokens/unknown", 404);

    auto const field = [&](json::object body) {
        return call("POST", "/api/v1/enrolment-tokens", 400, json::serialize(body)).at("field").as_string();
    };
    CHECK(field({{"customer_id", customer}, {"uses", 0}, {"expires_in_s", 3600}}) == "uses");
    CHECK(field({{"customer_id", customer}, {"uses", 1}, {"expires_in_s", 1}}) == "expires_in_s");
    CHECK(field({{"customer_id", "unknown"}, {"uses", 1}, {"expires_in_s", 3600}}) == "customer_id");
    CHECK(field({{"customer_id", customer}, {"uses", 1}}) == "expires_in_s");
}

TEST_CASE_FIXTURE(Fixture, "api: a device with its tables, curves and events, each as the document says")
{
    enter();
    auto const customer = add_customer("A");
    auto const id = make_uuid(clock.now_ms());
    add_device(id, customer);
    auto const now = clock.now_ms();
    REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
        Row const row{
            {"mac", Value(std::string("00:11"))}, {"up", Value(true)}, {"mtu", unknown(errc::permission_denied)}};
        if (auto const done = store::change_state(db, id, "network_interfaces", {{"eth0", row}}, {}, now); !done)
            return done;
        if (auto const done =
                store::save_probe_status(db, id, {.probe = "network_interfaces", .digest = "d", .as_of_ms = now});
            !done)
            return done;
        if (auto const done =
                store::add_series(db, id, {.probe = "cpu", .taken_ms = now - 1000, .samples = {{"", {Value(12.5)}}}});
            !done)
            return done;
        for (auto const* const reason : {"too_old", "spool_corrupt", "store_damaged"})
            if (auto const done = store::add_gap(
                    db, id, "epoch", {.lane = "series", .first = 5, .last = 8, .at_ms = now - 2, .reason = reason});
                !done)
                return done;
        return store::add_event(db, id, "epoch", {.sequence = 1, .name = "boot", .at_ms = now, .detail = {}});
    }));

    auto const list =
        call("GET", "/api/v1/devices?customer=" + customer + "&availability=online&sort=-name&limit=500", 200);
    CHECK(list.at("total").as_int64() == 1);
    CHECK(call("GET", "/api/v1/devices?availability=offline", 200).at("total").as_int64() == 0);
    std::string const one = "/api/v1/devices/" + id;
    auto const device = call("GET", one, 200);
    CHECK(device.at("name").as_string() == "pc-1");
    CHECK(device.at("held_back").is_null());

    auto const table = call("GET", one + "/probes/network_interfaces", 200);
    REQUIRE(table.at("rows").as_array().size() == 1);
    auto const& cells = table.at("rows").at(0).at("cells").as_object();
    CHECK(cells.at("mac").as_string() == "00:11");
    CHECK(cells.at("mtu").at("unknown").as_string() == "permission_denied");
    auto const unread = call("GET", one + "/probes/services", 200);
    CHECK(unread.at("unknown").as_string() == "not_yet_read");
    CHECK(unread.at("as_of_ms").is_null());

    auto const series = call("GET", one + "/series/cpu?points=10", 200);
    CHECK(series.at("curves").as_array().size() > 0);
    CHECK(series.at("resolution").as_string() == "1d");
    auto const span = "?from_ms=" + std::to_string(now - 300'000) + "&to_ms=" + std::to_string(now);
    auto const exact = call("GET", one + "/series/cpu" + span, 200);
    CHECK(exact.at("resolution").as_string() == "reading");
    CHECK(exact.at("curves").at(0).at("points").at(0).at("mean").as_double() == 12.5);
    auto const rolled = call("GET", one + "/series/cpu" + span + "&resolution=5min", 200);
    CHECK(rolled.at("step_ms").as_int64() == 300'000);
    CHECK(call("GET", one + "/series/cpu?resolution=2h", 400).at("field").as_string() == "resolution");
    CHECK(call("GET", one + "/series/cpu?resolution=reading", 400).at("field").as_string() == "resolution");

    auto const timeline = call("GET", one + "/timeline?limit=1", 200);
    CHECK(timeline.at("items").at(0).at("event").at("name").as_string() == "boot");
    std::string const next(timeline.at("next").as_string());
    auto const older = call("GET", one + "/timeline?limit=2000&before=" + next, 200);
    CHECK(older.at("next").as_string().empty());
    REQUIRE(older.at("items").as_array().size() == 4);
    auto const& appeared = older.at("items").at(0).at("state").as_object();
    CHECK(appeared.at("what").as_string() == "appeared");
    CHECK(appeared.at("key").as_string() == "eth0");
    CHECK(appeared.at("after").at("mtu").at("unknown").as_string() == "permission_denied");
    CHECK(call("GET", one + "/timeline?kind=alert", 200).at("items").as_array().empty());
    auto const lost = call("GET", one + "/timeline?kind=gap,alert", 200).at("items").as_array();
    REQUIRE(lost.size() == 3);
    CHECK(lost.at(0).at("gap").at("reason").as_string() == "store_damaged");
    CHECK(lost.at(0).at("gap").at("records").is_null());
    CHECK(lost.at(1).at("gap").at("reason").as_string() == "spool_corrupt");
    CHECK(lost.at(1).at("gap").at("records").is_null());
    CHECK(lost.at(2).at("gap").at("records").as_int64() == 4);
    CHECK(call("GET", one + "/timeline?kind=state&probe=software", 200).at("items").as_array().empty());
    CHECK(call("GET", one + "/timeline?kind=state&probe=network_interfaces", 200).at("items").as_array().size() == 1);
    CHECK(call("GET", one + "/timeline?kind=event&event=log_in", 200).at("items").as_array().empty());
    CHECK(call("GET", one + "/timeline?kind=event&event=boot,log_in", 200).at("items").as_array().size() == 1);
    CHECK(call("GET", one + "/timeline?probe=processes", 400).at("field").as_string() == "probe");
    CHECK(call("GET", one + "/timeline?event=rain", 400).at("field").as_string() == "event");
    CHECK(call("GET", one + "/timeline?before=yesterday", 400).at("field").as_string() == "before");
    CHECK(call("GET", one + "/timeline?limit=2001", 400).at("field").as_string() == "limit");
    CHECK(call("GET", one + "/timeline?kind=weather", 400).at("field").as_string() == "kind");
    CHECK(call("GET", one + "/events", 200).at("items").as_array().size() == 1);
    call("GET", "/api/v1/devices/unknown", 404);
    call("GET", "/api/v1/devices/unknown/events", 404);
    call("GET", "/api/v1/devices/unknown/timeline", 404);
    call("GET", one + "/probes/cpu", 404);
    call("GET", one + "/series/services", 404);
    call("GET", one + "/series/nothing", 404);
    CHECK(call("GET", one + "/series/cpu?from_ms=5&to_ms=5", 400).at("field").as_string() == "from_ms");
    CHECK(call("GET", one + "/series/cpu?from_ms=0&to_ms=1800000000000", 400).at("field").as_string() == "from_ms");
    CHECK(call("GET", one + "/series/cpu?points=2001", 400).at("field").as_string() == "points");
    CHECK(call("GET", "/api/v1/devices?limit=abc", 400).at("field").as_string() == "limit");
    CHECK(call("GET", "/api/v1/devices?sort=foo", 400).at("field").as_string() == "sort");
    CHECK(call("GET", "/api/v1/devices?type=Toaster", 400).at("field").as_string() == "type");
    CHECK(call("GET", "/api/v1/devices?colour=red", 400).at("field").as_string() == "colour");
}

TEST_CASE_FIXTURE(Fixture, "api: a device's timeline tells who did what, and names customers only to who may see them")
{
    enter();
    auto const customer = add_customer("A");
    auto const id = make_uuid(clock.now_ms());
    add_device(id, customer);
    REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
        auto const act = [&](UnixMs at, char const* what, std::string was, std::string became) {
            CHECK(store::add_device_action(db, {.device_id = id,
                                                .at_ms = at,
                                                .technician_id = "t",
                                                .technician = "anna",
                                                .what = what,
                                                .was = std::move(was),
                                                .became = std::move(became)}));
        };
        act(1, "renamed", "<b>pc</b>", "=Front desk");
        act(2, "customer_changed", "gone", customer);
        store::Alert const alert{.id = "a",
                                 .device_id = id,
                                 .customer_id = customer,
                                 .item = "disk",
                                 .title = "Disk",
                                 .category = "Disk",
                                 .created_ms = 3};
        CHECK(store::open_alert(db, alert));
        return store::add_alert_action(db, {.alert_id = "a",
                                            .at_ms = 4,
                                            .technician_id = "t",
                                            .technician = "anna",
                                            .what = "snoozed",
                                            .until_ms = 99});
    }));
    auto const items = call("GET", "/api/v1/devices/" + id + "/timeline", 200).at("items").as_array();
    REQUIRE(items.size() == 4);
    auto const& snoozed = items.at(0).at("alert").as_object();
    CHECK(snoozed.at("what").as_string() == "snoozed");
    CHECK(snoozed.at("by").as_string() == "anna");
    CHECK(snoozed.at("until_ms").as_int64() == 99);
    CHECK(items.at(1).at("alert").at("by").as_string().empty());
    auto const& moved = items.at(2).at("action").as_object();
    CHECK(items.at(2).at("kind").as_string() == "action");
    CHECK(moved.at("was").as_string().empty());
    CHECK(moved.at("became").as_string() == "A");
    CHECK(items.at(3).at("action").at("was").as_string() == "<b>pc</b>");
    CHECK(call("GET", "/api/v1/devices/" + id + "/timeline?kind=action", 200).at("items").as_array().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "api: an edit that comes too late is answered with what is there now, as the document says")
{
    enter();
    auto const customer = add_customer("A");
    auto const id = make_uuid(1);
    add_device(id, customer);
    projection.put_folder({.id = "f", .customer_id = customer, .parent_id = {}, .name = "House"});
    auto const current = [&](std::string const& path, json::value const& body) {
        return call("PUT", path, 409, json::serialize(body)).at("current").at("name").as_string();
    };
    CHECK(current("/api/v1/devices/" + id,
                  {{"assigned_name", ""}, {"folder_id", nullptr}, {"monitored", true}, {"version", 7}}) == "pc-1");
    CHECK(current("/api/v1/folders/f", {{"name", "x"}, {"parent_id", nullptr}, {"version", 7}}) == "House");
    REQUIRE(backend->orders.size() == 2);
    CHECK(backend->orders[0].scope.all);
    CHECK(std::get<api::EditDevice>(backend->orders[0].what).version == 7);
    CHECK(call("GET", "/api/v1/customers/" + customer + "/folders", 200).at("items").as_array().size() == 1);
    CHECK(call("GET", "/api/v1/customers/" + customer + "/contacts", 200).at("total").as_int64() == 0);
    CHECK(call("GET", "/api/v1/customers/" + customer + "/details", 200).at("name").as_string() == "A");
    CHECK(call("GET", "/api/v1/pinned-fields", 200).at("version").as_int64() == 0);
    for (auto const* const what : {"folders", "contacts", "details"})
        call("GET", std::string("/api/v1/customers/nobody/") + what, 404);
}

TEST_CASE_FIXTURE(Fixture, "api: alerts, catalogue, thresholds and the collector itself")
{
    enter();
    CHECK(call("GET", "/api/v1/alerts?status=open,resolved&sort=severity", 200).at("total").as_int64() == 0);
    CHECK(call("GET", "/api/v1/alerts?severity=fatal", 400).at("field").as_string() == "severity");
    CHECK(call("GET", "/api/v1/probes", 200).at("probes").as_array().size() == wire::probes().size());
    CHECK(call("GET", "/api/v1/thresholds", 200).at("items").as_array().size() == 2);
    CHECK(call("GET", "/api/v1/system", 200).at("data_bytes").as_int64() > 0);
    CHECK(call("GET", "/api/v1/system", 200).at("data_bytes_per_day").is_null());
    REQUIRE(store->write(
        [&](sqlite::Database& db) { return store::add_size_sample(db, clock.now_ms() - 24 * 3'600'000, 0); }));
    auto const system = call("GET", "/api/v1/system", 200);
    CHECK(system.at("data_bytes_per_day").as_int64() == system.at("data_bytes").as_int64());
    CHECK(system.at("data_measured_from_ms").as_int64() == clock.now_ms() - 24 * 3'600'000);
}

TEST_CASE_FIXTURE(Fixture, "api: alerts are snoozed, assigned, ticketed, noted, resolved and opened again, and say so")
{
    enter();
    auto const customer = add_customer("Acme");
    add_device("d1", customer);
    auto const id = add_alert("d1", customer, "x").id;
    auto const me = call("GET", "/api/v1/session", 200).at("technician_id").as_string();

    auto const snoozed = work("snooze", {id}, 200, {{"until_ms", clock.now_ms() + 1000}});
    CHECK(snoozed.at("done").as_int64() == 1);
    auto const& row = snoozed.at("results").at(0).at("alert");
    CHECK(row.at("status").as_string() == "snoozed");
    CHECK(row.at("status_by").as_string() == "admin");
    CHECK(row.at("version").as_int64() == 2);
    CHECK(call("GET", "/api/v1/devices/d1", 200).at("alerts").at("warning").as_int64() == 0);
    CHECK(work("snooze", {id}, 200, {{"until_ms", nullptr}})
              .at("results")
              .at(0)
              .at("alert")
              .at("snoozed_until_ms")
              .is_null());
    work("reopen", {id}, 200);
    CHECK(call("GET", "/api/v1/devices/d1", 200).at("alerts").at("warning").as_int64() == 1);

    auto const people = call("GET", "/api/v1/alerts/assignees", 200).at("items").as_array();
    REQUIRE(people.size() == 1);
    CHECK(people[0].at("id").as_string() == me);
    CHECK(call("GET", "/api/v1/alerts/assignees?customer=" + customer, 200).at("items").as_array().size() == 1);
    call("GET", "/api/v1/alerts/assignees?customer=nobody", 404);
    work("assign", {id}, 200, {{"technician_id", me}});
    CHECK(call("GET", "/api/v1/alerts?assigned=" + std::string(me), 200).at("total").as_int64() == 1);
    CHECK(call("GET", "/api/v1/alerts?assigned=nobody", 200).at("total").as_int64() == 0);
    work("ticket", {id}, 200, {{"ticket", "https://desk.example/7"}});
    CHECK(call("GET", "/api/v1/alerts?search=desk.example", 200).at("total").as_int64() == 1);
    work("notes", {id}, 200, {{"text", "<script>alert(1)</script>\nCalled them."}});
    work("resolve", {id}, 200);

    auto const detail = call("GET", "/api/v1/alerts/" + id, 200);
    CHECK(detail.at("alert").at("status").as_string() == "resolved");
    CHECK(detail.at("alert").at("cause_persists").as_bool());
    CHECK(detail.at("alert").at("notes").as_int64() == 1);
    REQUIRE(detail.at("notes").as_array().size() == 1);
    CHECK(detail.at("notes").at(0).at("text").as_string() == "<script>alert(1)</script>\nCalled them.");
    CHECK(detail.at("notes").at(0).at("technician").as_string() == "admin");
    std::string words;
    for (auto const& action : detail.at("history").as_array())
        words.append(action.at("what").as_string()).append(" ");
    CHECK(words == "snoozed snoozed reopened assigned ticket resolved ");
    CHECK(work("resolve", {id}, 200).at("results").at(0).at("outcome").as_string() == "unchanged");
    CHECK(work("resolve", {id}, 200).at("done").as_int64() == 0);
    work("assign", {id}, 200, {{"technician_id", nullptr}});
    CHECK(call("GET", "/api/v1/alerts/" + id, 200).at("alert").at("assigned_name").as_string() == "");
}

TEST_CASE_FIXTURE(Fixture, "api: whoever decides by an alert that somebody has changed since is told so")
{
    enter();
    auto const customer = add_customer("Acme");
    add_device("d1", customer);
    add_device("d2", customer);
    auto const first = add_alert("d1", customer, "x").id;
    auto const second = add_alert("d2", customer, "x").id;
    work("ticket", {first}, 200, {{"ticket", "T-1"}}, json::object{{first, 1}});
    auto const late = work("ticket", {first}, 409, {{"ticket", "T-2"}}, json::object{{first, 1}});
    CHECK(late.at("type").as_string() == "urn:rollcall:problem:stale");
    CHECK(late.at("detail").as_string() == "Since you looked, admin set its ticket to \"T-1\".");
    CHECK(call("GET", "/api/v1/alerts/" + first, 200).at("alert").at("ticket").as_string() == "T-1");
    // Of several each is told; the others are done.
    auto const both = work("ticket", {first, second, first, "nobody"}, 200, {{"ticket", "T-2"}},
                           json::object{{first, 1}, {second, 1}});
    CHECK(both.at("done").as_int64() == 1);
    REQUIRE(both.at("results").as_array().size() == 3);
    CHECK(both.at("results").at(0).at("outcome").as_string() == "stale");
    CHECK(both.at("results").at(0).at("alert").at("ticket").as_string() == "T-1");
    CHECK(both.at("results").at(1).at("outcome").as_string() == "done");
    CHECK(both.at("results").at(2).at("outcome").as_string() == "not_found");
    CHECK(both.at("results").at(2).at("alert").is_null());
    work("resolve", {first}, 200);
    CHECK(work("snooze", {first}, 409, {{"until_ms", nullptr}}).at("type").as_string() ==
          "urn:rollcall:problem:conflict");
}

TEST_CASE_FIXTURE(Fixture, "api: what cannot be done about alerts is refused with its field, limit and remedy")
{
    enter();
    auto const customer = add_customer("Acme");
    add_device("d1", customer);
    auto const id = add_alert("d1", customer, "x").id;
    auto const field = [](json::value const& problem) { return std::string(problem.at("field").as_string()); };

    CHECK(field(work("resolve", {}, 400)) == "alerts.ids");
    auto const many = work("resolve", std::vector<std::string>(10'000, id), 400);
    CHECK(field(many) == "alerts.ids");
    CHECK(many.at("type").as_string() == "urn:rollcall:problem:limit-exceeded");
    CHECK(many.at("detail").as_string().find("1000") != std::string::npos);
    CHECK(field(work("resolve", {id, std::string(300, 'x')}, 400)) == "alerts.ids[1]");
    CHECK(field(work("resolve", {id}, 400, {}, json::object{{"other", 1}})) == "alerts.versions.other");
    CHECK(field(work("resolve", {id}, 400, {}, json::object{{id, "1"}})) == "alerts.versions." + id);
    CHECK(field(work("resolve", {id}, 400, {}, json::array{1})) == "alerts.versions");
    CHECK(field(call("POST", "/api/v1/alerts/resolve", 400, R"({"alerts":{"ids":["x"]}})")) == "alerts.versions");
    CHECK(field(work("resolve", {id}, 400, {{"force", true}})) == "force");
    work("resolve", {"nothing"}, 404);

    for (json::value const& until_ms : {json::value(clock.now_ms()), json::value(0), json::value(INT64_MIN),
                                        json::value(INT64_MAX), json::value(clock.now_ms() + 367LL * 86'400'000)})
        CHECK(field(work("snooze", {id}, 400, {{"until_ms", until_ms}})) == "until_ms");
    for (json::value const& until_ms : {json::value("tomorrow"), json::value(1.5), json::value(true)})
        CHECK(field(work("snooze", {id}, 400, {{"until_ms", until_ms}})) == "until_ms");
    CHECK(field(work("assign", {id}, 400, {{"technician_id", "nobody"}})) == "technician_id");
    CHECK(field(work("assign", {id}, 400, {{"technician_id", ""}})) == "technician_id");
    for (std::string const& ticket : {std::string("a\nb"), std::string("\x1b[2J"), std::string(501, 'x')})
        CHECK(field(work("ticket", {id}, 400, {{"ticket", ticket}})) == "ticket");
    for (std::string const& note : {std::string(), std::string(" \n\t "), std::string("\x01"), std::string(4001, 'x')})
        CHECK(field(work("notes", {id}, 400, {{"text", note}})) == "text");
    std::string longest;
    for (int i = 0; i < 4000; ++i)
        longest += "\xF0\x9F\x92\xBB";
    work("notes", {id}, 200, {{"text", longest}});
    CHECK(call("GET", "/api/v1/alerts/" + id, 200).at("alert").at("version").as_int64() == 1);
    call("GET", "/api/v1/alerts/nothing", 404);
    call("GET", "/api/v1/alerts/nothing/evidence", 404);
}

TEST_CASE_FIXTURE(Fixture, "api: an alert's evidence is its rule, the curve around the crossing, and who else has it")
{
    enter();
    auto const customer = add_customer("Acme");
    for (auto const* const device : {"d1", "d2", "d3"})
        add_device(device, customer);
    auto const alert = add_alert("d1", customer, "cpu_used");
    add_alert("d2", customer, "cpu_used");
    add_alert("d3", customer, "x");
    auto const step_ms = 15'000;
    REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
        for (int i = 0; i < 40; ++i) {
            wire::Series series{.sequence = static_cast<std::uint64_t>(i) + 1, .probe = "cpu"};
            series.taken_ms = alert.created_ms - 30 * step_ms + i * step_ms;
            series.samples = {wire::Sample{.key = "", .values = {Value(i < 10 ? 20.0 : 95.0)}}};
            if (auto added = store::add_series(db, "d1", series); !added) return added;
        }
        return {};
    }));
    auto const evidence = call("GET", "/api/v1/alerts/" + alert.id + "/evidence", 200);
    CHECK(evidence.at("explanation").as_string() == alert.explanation);
    CHECK(evidence.at("probe").as_string() == "cpu");
    CHECK(evidence.at("column").as_string() == "used_percent");
    CHECK(evidence.at("comparison").as_string() == "above");
    CHECK(evidence.at("raise").as_double() == 90);
    CHECK(evidence.at("clear").as_double() == 80);
    auto const& series = evidence.at("series");
    CHECK(series.at("from_ms").as_int64() == alert.created_ms - 300'000 - 30 * 60'000);
    CHECK(series.at("to_ms").as_int64() == clock.now_ms());
    REQUIRE(series.at("curves").as_array().size() == 1);
    auto const& points = series.at("curves").at(0).at("points").as_array();
    CHECK(points.front().at("mean").as_double() == 20);
    CHECK(points.back().at("mean").as_double() == 95);
    CHECK(evidence.at("alike").as_int64() == 1);
    CHECK(evidence.at("others").at(0).at("device_id").as_string() == "d2");
    auto const plain = call("GET", "/api/v1/alerts/" + add_alert("d1", customer, "abolished").id + "/evidence", 200);
    CHECK(plain.at("series").is_null());
    CHECK(plain.at("raise").is_null());
    CHECK(plain.at("probe").as_string() == "");
}

TEST_CASE_FIXTURE(Fixture, "api: devices and alerts are filtered by their columns, and by what probes saw")
{
    enter();
    auto const customer = add_customer("Acme");
    auto const other = add_customer("Bolt");
    auto const full = make_uuid(1);
    auto const roomy = make_uuid(2);
    auto const silent = make_uuid(3);
    add_device(full, customer);
    add_device(roomy, other);
    add_device(silent, other);
    auto const saw = [&](std::string const& device, double free_percent, std::string const& system) {
        REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
            store::ProbeStatus status{.probe = "os", .digest = "d", .as_of_ms = 1, .unknown = {}, .cut_rows = 0};
            if (auto done = store::save_probe_status(db, device, status); !done) return done;
            status.probe = "volumes";
            if (auto done = store::save_probe_status(db, device, status); !done) return done;
            if (auto done = store::change_state(db, device, "os", {{"", {{"family", system}}}}, {}, 1); !done)
                return done;
            if (auto done = store::change_state(db, device, "volumes", {{"/", {{"file_system", "ext4"}}}}, {}, 1);
                !done)
                return done;
            return store::add_series(db, device,
                                     {.sequence = 1,
                                      .probe = "volume_usage",
                                      .taken_ms = 2,
                                      .samples = {{"/", {free_percent, Unknown{"x"}}}}});
        }));
    };
    saw(full, 4.5, "linux");
    saw(roomy, 60, "windows");
    projection.put_alert({.id = "a1",
                          .device_id = full,
                          .customer_id = customer,
                          .title = "Disk is full",
                          .severity = store::Severity::critical,
                          .category = "Disk",
                          .created_ms = 5});
    auto const found = [&](std::string const& list, std::string const& filter) {
        auto asked = request("GET", "/api/v1/" + list);
        asked.query["filter"] = filter;
        auto const response = send(std::move(asked));
        CAPTURE(filter);
        CAPTURE(response.body);
        REQUIRE(response.status == 200);
        return json::parse(response.body).at("total").as_int64();
    };
    CHECK(found("devices", "customer is bolt") == 2);
    CHECK(found("devices", "name starts with pc and availability is online") == 3);
    CHECK(found("devices", "volumes.free_percent < 10 and os.family is linux") == 1);
    CHECK(found("devices", "volumes(free_percent > 10 and file_system is ext4)") == 1);
    CHECK(found("devices", "volumes.free_percent < 10 or not volumes.free_percent < 10") == 2);
    CHECK(found("devices", "volumes.free_percent is unknown") == 1);
    CHECK(found("devices", "volumes.free_bytes is unknown") == 3);
    CHECK(found("devices", "customer is acme or os.family is windows") == 2);
    CHECK(found("devices", "alerts_critical > 0") == 1);
    // What was read is remembered, until it is told that it changed.
    saw(roomy, 3, "windows");
    CHECK(found("devices", "volumes.free_percent < 10 and os.family is linux") == 1);
    CHECK(found("devices", "volumes.free_percent < 10 or not volumes.free_percent < 10") == 2);
    CHECK(found("devices", "volumes.free_percent < 10") == 1);
    CHECK(found("devices", "volumes.free_percent < 11") == 2);
    projection.announce_rows(roomy, "os");
    CHECK(found("devices", "volumes.free_percent < 10") == 1);
    projection.announce_rows(roomy, "volume_usage");
    CHECK(found("devices", "volumes.free_percent < 10") == 2);
    // Which volumes there are their own probe says alone: what the usage of another one still tells is of the past.
    REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
        return store::add_series(db, roomy,
                                 {.sequence = 2,
                                  .probe = "volume_usage",
                                  .taken_ms = 10,
                                  .samples = {{"/", {70.0, Unknown{"x"}}}, {"/gone", {1.0, Unknown{"x"}}}}});
    }));
    projection.announce_rows(roomy, "volume_usage");
    CHECK(found("devices", "volumes.free_percent < 10") == 1);
    CHECK(found("devices", "count(volumes) > 1") == 0);
    CHECK(found("alerts", "severity >= warning and device.os.family is linux") == 1);
    CHECK(found("alerts", "severity >= warning and device.os.family is windows") == 0);
    CHECK(found("alerts", "device.customer is acme and category is Disk") == 1);
    auto const check = [&](std::string_view of, std::string_view filter) {
        return call("POST", "/api/v1/filter/check", 200, json::serialize(json::object{{"of", of}, {"filter", filter}}));
    };
    auto const right = check("devices", "OS.family='linux' and name is \"PC 1\"");
    CHECK(right.at("canonical").as_string() == "os.family is linux and name is \"PC 1\"");
    CHECK(right.at("reads_probes").as_bool());
    CHECK(right.at("fault").is_null());
    CHECK(right.at("outline").at("join").as_string() == "and");
    CHECK(right.at("outline").at("conditions").at(1).at("value").as_string() == "\"PC 1\"");
    CHECK(check("devices", "all(os.family is linux)").at("outline").is_null());
    CHECK(check("alerts", "title in (a, b)").at("outline").at("conditions").at(0).at("value").as_string() == "a, b");
    auto const wrong = check("devices", "nam is x");
    CHECK(wrong.at("fault").at("nearest").at(0).as_string() == "name");
    CHECK(wrong.at("canonical").as_string().empty());
    CHECK(call("POST", "/api/v1/filter/check", 400, R"({"of":"customers","filter":""})").at("field").as_string() ==
          "of");
    auto const refused = call("GET", "/api/v1/devices?filter=nam is x", 400);
    CHECK(refused.at("field").as_string() == "filter");
    CHECK(refused.at("detail").as_string() == "At character 1: There is no column 'nam'.");
    CHECK(refused.at("remedy").as_string().starts_with("Did you mean name"));
    call("GET", "/api/v1/filter/columns", 400);
    auto const columns = call("GET", "/api/v1/filter/columns?of=alerts", 200).at("items").as_array();
    auto const has = [&](std::string_view name) {
        return std::ranges::any_of(columns, [&](auto const& one) { return one.at("name").as_string() == name; });
    };
    CHECK(has("severity"));
    CHECK(has("device.name"));
    CHECK(has("device.volumes.free_percent"));
    CHECK_FALSE(has("volumes.free_percent"));
}

TEST_CASE("csv: a text is no formula, neither as a whole nor behind what parts it")
{
    CHECK(api::csv_text("plain") == "plain");
    CHECK(api::csv_text("a-b@c=d") == "a-b@c=d");
    for (std::string const begin : {"=", "+", "-", "@"})
        CHECK(api::csv_text(begin + "1") == "'" + begin + "1");
    CHECK(api::csv_text("\n=1") == "\"'\n'=1\"");
    CHECK(api::csv_text("\t=1") == "\"'\t'=1\"");
    CHECK(api::csv_text("a;=1") == "\"a;'=1\"");
    CHECK(api::csv_text("a, @b") == "\"a, '@b\"");
    CHECK(api::csv_text("a\n+1\r\n-2") == "\"a\n'+1\r\n'-2\"");
    CHECK(api::csv_text("10.0.0.1; fe80::1") == "\"10.0.0.1; fe80::1\"");
}

TEST_CASE_FIXTURE(Fixture, "api: the ids of all that match come in one answer, up to a limit")
{
    enter();
    auto const customer = add_customer("Acme");
    std::vector<std::string> ids;
    for (int i = 0; i < 700; ++i) {
        ids.push_back(make_uuid(i));
        projection.put_device({.id = ids.back(),
                               .name = "pc-" + std::to_string(i),
                               .customer_id = customer,
                               .availability = i % 2 == 0 ? "online" : "offline"});
    }
    projection.put_alert({.id = "a1", .device_id = ids[3], .customer_id = customer, .title = "X", .created_ms = 5});
    auto const of = [&](std::string const& path) {
        std::vector<std::string> found;
        auto const answer = call("GET", path, 200);
        for (auto const& id : answer.at("ids").as_array())
            found.emplace_back(id.as_string());
        return found;
    };
    CHECK(of("/api/v1/devices/ids") == ids);
    CHECK(of("/api/v1/devices/ids?sort=-name") == std::vector<std::string>(ids.rbegin(), ids.rend()));
    CHECK(of("/api/v1/devices/ids?availability=offline").size() == 350);
    CHECK(of("/api/v1/devices/ids?filter=name is pc-7") == std::vector{ids[7]});
    CHECK(of("/api/v1/alerts/ids") == std::vector<std::string>{"a1"});
    CHECK(of("/api/v1/alerts/ids?device=" + ids[4]).empty());
    CHECK(call("GET", "/api/v1/devices/ids?filter=nothing", 400).at("field").as_string() == "filter");
    CHECK(call("GET", "/api/v1/alerts/ids?limit=5", 400).at("field").as_string() == "limit");
    CHECK(api::as_answer({.ids = {}, .total = api::limits::list_ids}, 0).has_value());
    auto const full = api::as_answer({.ids = {}, .total = api::limits::list_ids + 1}, 0);
    REQUIRE_FALSE(full.has_value());
    CHECK(full.error().type == "urn:rollcall:problem:limit-exceeded");
}

TEST_CASE_FIXTURE(Fixture, "api: a list comes as CSV, exactly as it was filtered, and no cell is a formula")
{
    enter();
    auto const customer = add_customer("=1+1");
    std::vector<std::string> ids;
    for (int i = 0; i < 1200; ++i) {
        ids.push_back(make_uuid(i));
        projection.put_device({.id = ids.back(),
                               .name = i == 0 ? "a \"b\", c" : "pc-" + std::to_string(i),
                               .customer_id = customer,
                               .availability = i % 2 == 0 ? "online" : "offline",
                               .last_seen_ms = 1'700'000'000'000,
                               .addresses = {"10.0.0.1", "fe80::1"}});
    }
    projection.put_alert({.id = "a1",
                          .device_id = ids[0],
                          .customer_id = customer,
                          .title = "@SUM(A1)",
                          .severity = store::Severity::critical,
                          .category = "Disk",
                          .created_ms = 5});
    auto const csv = [&](std::string const& path) {
        auto const response = send(request("GET", path));
        CAPTURE(response.body);
        REQUIRE(response.status == 200);
        CHECK(header(response, "Content-Type").starts_with("text/csv"));
        REQUIRE(response.stream);
        CHECK_FALSE(response.stream->size());
        return whole(response);
    };
    auto const all = csv("/api/v1/devices.csv?columns=name,customer,last_seen,address,type&sort=name");
    CHECK(all.starts_with("\xEF\xBB\xBF"
                          "Device name,Customer,Last seen,Address,Device type\r\n"
                          "\"a \"\"b\"\", c\",'=1+1,2023-11-14T22:13:20Z,\"10.0.0.1; fe80::1\",unknown\r\npc-1,"));
    CHECK(std::ranges::count(all, '\n') == 1201);
    CHECK(std::ranges::count(csv("/api/v1/devices.csv?availability=offline"), '\n') == 601);
    CHECK(csv("/api/v1/devices.csv?filter=name is pc-7&columns=name") == "\xEF\xBB\xBF"
                                                                         "Device name\r\npc-7\r\n");
    CHECK(csv("/api/v1/alerts.csv?columns=title,device.name,created") ==
          "\xEF\xBB\xBF"
          "Alert title,Device: Device name,Created\r\n'@SUM(A1),\"a \"\"b\"\", c\",1970-01-01T00:00:00Z\r\n");
    CHECK(call("GET", "/api/v1/devices.csv?columns=name,nothing", 400).at("field").as_string() == "columns");
    CHECK(call("GET", "/api/v1/alerts.csv?filter=nothing", 400).at("field").as_string() == "filter");
    std::vector<gateway::HttpResponse> open;
    for (std::size_t i = 0; i < api::limits::exports_per_technician; ++i)
        open.push_back(send(request("GET", "/api/v1/devices.csv")));
    call("GET", "/api/v1/devices.csv", 503);
    open.clear();
    auto const late = send(request("GET", "/api/v1/devices.csv"));
    REQUIRE(late.status == 200);
    auto const piece_of = [](gateway::HttpResponse const& response) {
        std::promise<Result<std::string>> promise;
        response.stream->next([&](Result<std::string> piece) { promise.set_value(std::move(piece)); });
        return promise.get_future().get();
    };
    REQUIRE(piece_of(late));
    clock.advance(api::limits::export_time + 1s);
    CHECK_FALSE(piece_of(late));
    // It shows nothing to whom has logged out since.
    auto const watched = send(request("GET", "/api/v1/devices.csv"));
    REQUIRE(watched.status == 200);
    REQUIRE(piece_of(watched));
    call("DELETE", "/api/v1/session", 204);
    CHECK_FALSE(piece_of(watched));
}

TEST_CASE_FIXTURE(Fixture, "api: views are saved, shared, changed by their owner only, and say what is gone")
{
    enter();
    auto const wish = [](std::string_view name, std::int64_t version = 0) {
        return json::object{{"list", "devices"},
                            {"name", name},
                            {"shared", true},
                            {"filter", "patches > 3"},
                            {"choices", "type=PC,Server"},
                            {"sort", "-patches"},
                            {"columns", json::array{json::object{{"id", "patches"}, {"width_px", 120}}}},
                            {"density", "compact"},
                            {"version", version}};
    };
    auto const with = [](json::object from, std::string_view key, json::value value) {
        from[key] = std::move(value);
        return json::serialize(from);
    };
    auto const made = call("POST", "/api/v1/views", 201, json::serialize(wish("Late ones")));
    std::string const path = "/api/v1/views/" + std::string(made.at("id").as_string());
    CHECK(made.at("version").as_int64() == 1);
    CHECK(made.at("mine").as_bool());
    CHECK(made.at("columns").at(0).at("width_px").as_int64() == 120);
    CHECK(call("POST", "/api/v1/views", 409, json::serialize(wish("late ones"))).at("field").as_string() == "name");
    struct Wrong {
        std::string_view field;
        json::value value;
    };
    for (auto const& [wrong, value] :
         {Wrong{"list", "customers"}, Wrong{"name", "  "}, Wrong{"name", json::string(61, 'x')},
          Wrong{"filter", "nothing is x"}, Wrong{"choices", json::string(2001, 'x')}, Wrong{"sort", "nothing"},
          Wrong{"density", "huge"}, Wrong{"version", 3},
          Wrong{"columns", json::array{json::object{{"id", "a"}, {"width_px", 5}}}},
          Wrong{"columns", json::array{json::object{{"id", ""}, {"width_px", nullptr}}}}}) {
        auto const& field = wrong;
        CAPTURE(field);
        CHECK(call("POST", "/api/v1/views", 400, with(wish("other"), field, value)).at("field").as_string() == field);
    }
    auto const changed = call("PUT", path, 200, json::serialize(wish("Latest ones", 1)));
    CHECK(changed.at("version").as_int64() == 2);
    CHECK(call("PUT", path, 409, json::serialize(wish("Lost ones", 1))).at("field").as_string() == "version");
    for (auto const version : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 53, INT64_MAX, INT64_MIN})
        CHECK(call("PUT", path, 400, json::serialize(wish("Lost ones", version))).at("field").as_string() == "version");
    CHECK(call("GET", "/api/v1/views?list=devices", 200).at("items").at(0).at("name").as_string() == "Latest ones");
    CHECK(call("GET", "/api/v1/views?list=alerts", 200).at("items").as_array().empty());
    REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
        if (auto done = store::save_technician(db, {.id = "other", .name = "Other", .password_hash = "x"}); !done)
            return done;
        store::SavedView view{.id = "theirs", .technician_id = "other", .list = "devices", .name = "Theirs"};
        view.filter = "gone_column > 3";
        view.sort = "gone";
        if (auto done = store::add_view(db, view); !done) return done;
        view.id = "shared";
        view.name = "Shared";
        view.shared = true;
        return store::add_view(db, view);
    }));
    auto const list = call("GET", "/api/v1/views?list=devices", 200).at("items").as_array();
    REQUIRE(list.size() == 2);
    CHECK(list[1].at("owner").as_string() == "Other");
    CHECK_FALSE(list[1].at("mine").as_bool());
    CHECK(list[1].at("problems").at(0).as_string().find("gone_column") != std::string::npos);
    CHECK(list[1].at("problems").at(1).as_string().find("'gone'") != std::string::npos);
    call("PUT", "/api/v1/views/theirs", 404, json::serialize(wish("Mine now", 1)));
    call("PUT", "/api/v1/views/shared", 403, json::serialize(wish("Mine now", 1)));
    call("DELETE", "/api/v1/views/shared", 403);
    call("DELETE", path, 204);
    call("DELETE", path, 404);
    for (int i = 0; i < 100; ++i)
        call("POST", "/api/v1/views", 201, json::serialize(wish("View " + std::to_string(i))));
    call("POST", "/api/v1/views", 400, json::serialize(wish("One too many")));
}

TEST_CASE_FIXTURE(Fixture, "api: the document is open to everybody, everything else of the API to nobody")
{
    CHECK(call("GET", "/api/v1/openapi.json", 200).as_object() == document);
    for (auto const& route : api->routes())
        if (route.guard != api::Guard::open) call(route.method, route.pattern, 401, "{}");
}

TEST_CASE_FIXTURE(Fixture, "api: unknown routes, and wrong methods are told apart")
{
    call("GET", "/api/v1/nothing", 404);
    call("GET", "/api", 404);
    CHECK(header(send(request("PUT", "/api/v1/devices")), "Allow") == "GET");
    call("PUT", "/api/v1/devices", 405, "{}");
}

TEST_CASE_FIXTURE(Fixture, "enrolment: a good token gets a certificate, wrong ones a reason, and many of them a pause")
{
    auto const enrol = [&](std::string_view token) {
        auto asked = request("POST", "/enrol");
        asked.headers.erase("origin");
        asked.body = wire::encode(wire::EnrolRequest{.token = std::string(token),
                                                     .request_pem = "p",
                                                     .host_name = "h",
                                                     .hardware_id = "",
                                                     .agent_version = "1"});
        return send(asked);
    };
    for (int device = 0; device < 8; ++device) {
        auto const response = enrol("good");
        CHECK(response.status == 200);
        CHECK(wire::decode_enrol_answer(response.body));
    }
    for (int failure = 0; failure < 8; ++failure)
        CHECK(enrol("full").status == 500);
    for (int failure = 0; failure < 4; ++failure) {
        auto const refused = enrol("wrong");
        CHECK(refused.status == 401);
        auto const problem = json::parse(refused.body);
        CHECK(problem.at("detail").as_string() == "The token is wrong.");
        CHECK(problem.at("remedy").as_string() == "Make a new one.");
    }
    auto const slowed = enrol("good");
    CHECK(slowed.status == 429);
    CHECK(header(slowed, "Retry-After") == "1");
    clock.advance(1s);
    CHECK(enrol("good").status == 200);
    auto rubbish = request("POST", "/enrol", "rubbish");
    rubbish.remote = "198.51.100.9";
    CHECK(send(rubbish).status == 400);
    CHECK(send(request("GET", "/enrol")).status == 405);
}

TEST_CASE_FIXTURE(Fixture, "machines: health and readiness for all, numbers for this machine only")
{
    CHECK(send(request("GET", "/healthz")).status == 200);
    CHECK(send(request("GET", "/readyz")).status == 200);
    backend->is_ready = false;
    auto const not_ready = send(request("GET", "/readyz"));
    CHECK(not_ready.status == 503);
    CHECK(not_ready.body == "not ready\n");
    auto here = request("GET", "/readyz");
    here.remote = "127.0.0.1";
    CHECK(send(here).body == "not ready: the store takes nothing\n");
    CHECK(send(request("GET", "/metrics")).status == 404);
    auto local = request("GET", "/metrics");
    local.remote = "127.0.0.1";
    auto const numbers = send(local);
    CHECK(numbers.status == 200);
    CHECK(numbers.body.find("# TYPE rollcall_x gauge\nrollcall_x 1.5\n") != std::string::npos);
    CHECK(numbers.body.find("rollcall_http_responses_total{class=\"2xx\"} ") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "api: after stop every request is told to try again")
{
    api->stop();
    auto const response = send(request("GET", "/api/v1/openapi.json"));
    CHECK(response.status == 503);
    CHECK(header(response, "Retry-After") == "1");
}

namespace
{

std::shared_ptr<updates::Shelf const> one_release(std::string const& version, std::vector<release::Wave> waves = {})
{
    auto release = std::make_shared<updates::Release>();
    release->manifest.version = *release::parse_version(version);
    release->manifest.released_ms = support::ManualClock::start_ms;
    release->manifest.waves = std::move(waves);
    release->manifest.files = {
        {"p", "program", "linux", "x86_64", 3, std::string(64, 'a')},
        {"a.deb", "deb", "linux", "x86_64", 3, std::string(64, 'b')},
    };
    auto shelf = std::make_shared<updates::Shelf>();
    shelf->releases = {release};
    shelf->broken = {{"0.9.0", "a file is missing"}};
    return shelf;
}

} // namespace

TEST_CASE_FIXTURE(Fixture, "api: a token comes with a line for each system, or with why there is none")
{
    enter();
    auto const customer = add_customer("Acme");
    auto const wish = json::serialize(json::object{{"customer_id", customer}, {"uses", 1}, {"expires_in_s", 3600}});
    auto const none = call("POST", "/api/v1/enrolment-tokens", 201, wish);
    REQUIRE(none.at("install").as_array().size() == 3);
    for (auto const& line : none.at("install").as_array()) {
        CHECK(line.at("command").as_string().empty());
        CHECK(line.at("missing").as_string().find("add-release") != json::string::npos);
    }
    backend->board.put_shelf(one_release("0.2.0"));
    backend->board.put_note({.version = "0.2.0", .first_seen_ms = 1});
    auto const made = call("POST", "/api/v1/enrolment-tokens", 201, wish);
    auto const& for_linux = made.at("install").at(0);
    auto const word = std::string(made.at("word").as_string());
    CHECK(for_linux.at("system").as_string() == "linux");
    CHECK(for_linux.at("version").as_string() == "0.2.0");
    CHECK(for_linux.at("command").as_string() ==
          "s=$(curl -fsSk --pinnedpubkey 'sha256//cGlu' 'https://rollcall.example:8443/install/linux.sh') && echo '" +
              word + R"sh(' | if [ "$(id -u)" = 0 ]; then sh -c "$s"; else sudo sh -c "$s"; fi)sh");
    CHECK(made.at("install").at(1).at("missing").as_string().find("no package for windows") != json::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "api: policies of updates are kept at each level, and bad ones are refused with the field")
{
    enter();
    auto const customer = add_customer("Acme");
    auto const device = make_uuid(1);
    add_device(device, customer);
    auto const of_device = "/api/v1/devices/" + device + "/update-policy";
    for (auto const& path :
         {std::string("/api/v1/update-policy"), "/api/v1/customers/" + customer + "/update-policy", of_device}) {
        CHECK(call("GET", path, 200) == json::value{{"channel", nullptr}, {"pinned", nullptr}, {"paused", nullptr}});
        json::value const policy{{"channel", "beta"}, {"pinned", "0.2.0"}, {"paused", true}};
        CHECK(call("PUT", path, 200, json::serialize(policy)) == policy);
        CHECK(call("GET", path, 200) == policy);
        auto const bad = [&](std::string_view body) {
            return std::string(call("PUT", path, 400, std::string(body)).at("field").as_string());
        };
        CHECK(bad(R"({"channel":"nightly","pinned":null,"paused":null})") == "channel");
        CHECK(bad(R"({"channel":null,"pinned":"newest","paused":null})") == "pinned");
        CHECK(bad(R"({"channel":null,"pinned":null,"paused":"yes"})") == "paused");
        CHECK(bad(R"({"channel":null,"pinned":null})") == "paused");
        CHECK(call("GET", path, 200) == policy);
    }
    CHECK(call("PUT", of_device, 200, R"({"channel":null,"pinned":"","paused":false})").at("pinned").as_string() == "");
    auto const update = call("GET", "/api/v1/devices/" + device + "/update", 200);
    CHECK(update.at("policy").at("channel_from").as_string() == "customer");
    CHECK(update.at("policy").at("pinned_from").as_string() == "device");
    CHECK_FALSE(update.at("policy").at("paused").as_bool());
    call("GET", "/api/v1/devices/" + make_uuid(2) + "/update-policy", 404);
    call("PUT", "/api/v1/customers/nobody/update-policy", 404, R"({"channel":null,"pinned":null,"paused":null})");
}

TEST_CASE_FIXTURE(Fixture, "api: versions by device and releases with their progress are shown, and stopped ones go on")
{
    enter();
    auto const customer = add_customer("Acme");
    auto const first = make_uuid(1);
    auto const second = make_uuid(2);
    for (auto const& [id, version] : {std::pair(first, "0.1.0"), std::pair(second, "0.2.0")}) {
        add_device(id, customer);
        projection.update_device(id, [version = std::string(version)](api::DeviceRow& row) {
            row.agent_version = version;
            row.os_family.value = "linux";
        });
    }
    backend->board.put_shelf(one_release("0.2.0", {{.percent = 100, .after_h = 24}}));
    backend->board.put_note({.version = "0.2.0", .first_seen_ms = clock.now_ms()});

    auto list = call("GET", "/api/v1/updates", 200);
    CHECK(list.at("total").as_int64() == 2);
    CHECK(list.at("versions").at(0) == json::value{{"version", "0.2.0"}, {"devices", 1}});
    list = call("GET", "/api/v1/updates?version=0.1.0&customer=" + customer, 200);
    REQUIRE(list.at("total").as_int64() == 1);
    CHECK(list.at("items").at(0).at("verdict").as_string() == "waiting");
    CHECK(list.at("items").at(0).at("reason").as_string() == "waits for wave 1");
    CHECK(list.at("items").at(0).at("opens_ms").as_int64() == clock.now_ms() + 86'400'000);
    CHECK(call("GET", "/api/v1/updates?verdict=current", 200).at("total").as_int64() == 1);
    CHECK(call("GET", "/api/v1/updates?search=nothing", 200).at("total").as_int64() == 0);
    call("GET", "/api/v1/updates?verdict=nonsense", 400);
    call("GET", "/api/v1/updates?customer=nobody", 404);

    backend->board.put_attempt({.device_id = first,
                                .version = "0.2.0",
                                .from_version = "0.1.0",
                                .state = "failed",
                                .reason = "no space",
                                .offered_ms = 1,
                                .at_ms = clock.now_ms()});
    backend->board.put_note({.version = "0.2.0",
                             .first_seen_ms = clock.now_ms(),
                             .stopped_ms = clock.now_ms(),
                             .stopped_why = "1 of 2 devices failed"});
    auto const releases = call("GET", "/api/v1/releases", 200);
    auto const& release = releases.at("items").at(0);
    CHECK(release.at("running").as_int64() == 1);
    CHECK(release.at("failed").as_int64() == 1);
    CHECK(release.at("stopped_why").as_string() == "1 of 2 devices failed");
    CHECK(release.at("files").as_array().size() == 2);
    CHECK(releases.at("broken").at(0).at("why").as_string() == "a file is missing");
    auto const device = call("GET", "/api/v1/devices/" + first + "/update", 200);
    CHECK(device.at("reason").as_string() == "failed on this device: no space");
    CHECK(device.at("attempt").at("state").as_string() == "failed");
    call("POST", "/api/v1/releases/0.2.0/resume", 204);
    call("POST", "/api/v1/releases/9.9.9/resume", 404);
    CHECK(call("POST", "/api/v1/devices/" + first + "/update/retry", 200).at("verdict").as_string() == "waiting");
    call("POST", "/api/v1/devices/" + make_uuid(7) + "/update/retry", 404);
}

TEST_CASE_FIXTURE(Fixture, "api: /install asks for no log-in, and everything else stays closed")
{
    cookie.clear();
    auto const page = send(request("GET", "/install"));
    CHECK(page.status == 200);
    CHECK(page.body.find("has no release") != std::string::npos);
    CHECK(header(page, "Content-Security-Policy").find("default-src 'none'") != std::string::npos);
    CHECK(send(request("GET", "/install/linux.sh")).status == 200);
    CHECK(send(request("GET", "/install/nothing.sh")).status == 404);
    auto put = request("POST", "/install/linux.sh");
    CHECK(send(put).status == 405);
    call("GET", "/api/v1/releases", 401);
    call("GET", "/api/v1/updates", 401);
}

TEST_CASE_FIXTURE(Fixture, "events: a stream for who is logged in, behind what he has read")
{
    CHECK(send(request("GET", "/api/v1/events")).status == 401);
    enter();
    auto asked = request("GET", "/api/v1/events");
    asked.headers["last-event-id"] = "place";
    auto const response = send(std::move(asked));
    CHECK(response.status == 200);
    CHECK(header(response, "Content-Type") == "text/event-stream");
    CHECK(header(response, "Cache-Control") == "no-store");
    CHECK(response.stream);
    CHECK(events.asked == std::vector<std::string>{"admin place"});
    events.is_full = true;
    CHECK(call("GET", "/api/v1/events", 503).at("type").as_string() == "urn:rollcall:problem:overloaded");
}

namespace
{

/// The code of now for the secret that the API has shown.
std::string code_for(std::string_view base32, UnixMs now_ms)
{
    static constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string secret;
    unsigned held = 0;
    unsigned bits = 0;
    for (auto const letter : base32) {
        held = held << 5U | static_cast<unsigned>(letters.find(letter));
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        secret.push_back(static_cast<char>(held >> bits & 255U));
    }
    return json::serialize(json::object{{"code", access::totp_code(secret, access::totp_step_at(now_ms))}});
}

} // namespace

TEST_CASE_FIXTURE(Fixture, "api: technicians and roles are added, changed and refused, each as the document says")
{
    enter();
    auto const customer = add_customer("Acme");
    auto const roles = call("GET", "/api/v1/roles", 200);
    CHECK(roles.at("items").as_array().size() == 4);
    CHECK(roles.at("permissions").as_array().size() == access::permission_infos().size());
    auto const role = call("POST", "/api/v1/roles", 201,
                           R"({"name":"Desk","permissions":["alerts.read"],"totp_required":false,"version":0})");
    std::string const role_id(role.at("id").as_string());
    CHECK(call("POST", "/api/v1/roles", 400,
               R"({"name":"X","permissions":["everything"],"totp_required":false,"version":0})")
              .at("field")
              .as_string() == "permissions");

    json::object const wish{{"name", "Ada"},
                            {"role_id", role_id},
                            {"all_customers", false},
                            {"customers", json::array{customer}},
                            {"folders", json::array()}};
    auto const made = call("POST", "/api/v1/technicians", 201, json::serialize(wish));
    std::string const one = "/api/v1/technicians/" + std::string(made.at("technician").at("id").as_string());
    CHECK(call("POST", "/api/v1/technicians", 409, json::serialize(wish)).at("field").as_string() == "name");
    CHECK(call("GET", "/api/v1/technicians", 200).at("items").as_array().size() == 2);
    auto ada = call("GET", one, 200).as_object();
    CHECK(ada.at("role_name").as_string() == "Desk");
    CHECK(ada.at("must_change_password").as_bool());
    json::object change{
        {"name", "Ada L."},         {"role_id", "technician"}, {"all_customers", true}, {"customers", json::array()},
        {"folders", json::array()}, {"disabled", true},        {"version", 1}};
    CHECK(call("PUT", one, 200, json::serialize(change)).at("version").as_int64() == 2);
    CHECK(call("PUT", one, 409, json::serialize(change)).at("field").as_string() == "version");
    CHECK(call("POST", one + "/reset-password", 200).at("first_password").as_string().size() == 19);
    CHECK_FALSE(call("POST", one + "/remove-totp", 200).at("has_totp").as_bool());
    call("POST", one + "/end-sessions", 204);
    CHECK(call("GET", one + "/tokens", 200).at("items").as_array().empty());
    call("DELETE", one + "/tokens/unknown", 404);
    call("GET", "/api/v1/technicians/unknown", 404);
    CHECK(call("PUT", "/api/v1/roles/" + role_id, 200,
               R"({"name":"Desk","permissions":["alerts.read"],"totp_required":true,"version":1})")
              .at("totp_required")
              .as_bool());
    call("DELETE", "/api/v1/roles/" + role_id, 204);
    call("DELETE", "/api/v1/roles/owner", 409);
}

TEST_CASE_FIXTURE(
    Fixture, "api: who may read customers only is told neither counts of their devices and alerts nor an order by them")
{
    enter();
    auto const customer = add_customer("Acme");
    add_device(make_uuid(1), customer);
    auto const ask = [&](json::array const& permissions, std::string const& path) {
        auto const made = call("POST", "/api/v1/session/tokens", 201,
                               json::serialize(json::object{{"name", "t"},
                                                            {"permissions", permissions},
                                                            {"all_customers", true},
                                                            {"customers", json::array()},
                                                            {"folders", json::array()},
                                                            {"expires_in_s", 3600}}));
        auto asked = request("GET", path);
        asked.headers.erase("cookie");
        asked.headers["authorization"] = "Bearer " + std::string(made.at("secret").as_string());
        return json::parse(send(std::move(asked)).body);
    };
    json::array const only{"customers.read"};
    json::array const with_alerts{"customers.read", "alerts.read"};
    json::array const with_devices{"customers.read", "devices.read"};
    for (auto const* const count : {"devices", "online", "alerts", "pending_reboots", "patches"}) {
        CAPTURE(count);
        bool const is_alerts = count == std::string_view("alerts");
        for (auto const& path : {std::string("/api/v1/customers"), "/api/v1/customers/" + customer}) {
            auto const row = [&](json::array const& permissions) {
                auto const answer = ask(permissions, path);
                return path.ends_with("customers") ? answer.at("items").at(0) : answer;
            };
            CHECK(row(only).at(count).is_null());
            CHECK(row(with_alerts).at(count).is_null() == !is_alerts);
            CHECK_FALSE(row(with_devices).at(count).is_null());
        }
        auto const sorted = "/api/v1/customers?sort=-" + std::string(count);
        CHECK(ask(only, sorted).at("field").as_string() == "sort");
        CHECK(ask(with_alerts, sorted).as_object().contains("field") == !is_alerts);
        CHECK_FALSE(ask(with_devices, sorted).as_object().contains("field"));
    }
}

TEST_CASE_FIXTURE(Fixture,
                  "api: who has a second step opens nothing before it, and who needs one nothing but its set-up")
{
    enter();
    CHECK_FALSE(call("GET", "/api/v1/session/security", 200).at("has_totp").as_bool());
    auto const set_up = call("POST", "/api/v1/session/totp", 200, R"({"code":""})");
    std::string const secret(set_up.at("secret").as_string());
    CHECK(call("POST", "/api/v1/session/totp/confirm", 403, R"({"code":"000000"})").at("field").as_string() == "code");
    auto const codes = call("POST", "/api/v1/session/totp/confirm", 200, code_for(secret, clock.now_ms()));
    CHECK(codes.at("codes").as_array().size() == access::recovery_codes);
    CHECK(call("GET", "/api/v1/session/security", 200).at("recovery_codes_left").as_int64() == 10);

    log_in(own_password);
    auto const halfway = call("GET", "/api/v1/session", 200);
    CHECK(halfway.at("awaits_code").as_bool());
    CHECK(halfway.at("permissions").as_array().empty());
    for (auto const& route : api->routes())
        if (route.guard == api::Guard::session || route.guard == api::Guard::person ||
            route.guard == api::Guard::member)
            CHECK(call(route.method, route.pattern, 403, "{}").at("type").as_string() ==
                  "urn:rollcall:problem:code-required");
    clock.advance(30s);
    auto const before = cookie;
    auto const entered = send(request("POST", "/api/v1/session/code", code_for(secret, clock.now_ms())));
    REQUIRE(entered.status == 200);
    auto const set = header(entered, "Set-Cookie");
    cookie = set.substr(set.find('=') + 1, set.find(';') - set.find('=') - 1);
    csrf = json::parse(entered.body).at("csrf_token").as_string();
    CHECK(cookie != before);
    call("GET", "/api/v1/devices", 200);
    call("POST", "/api/v1/session/code", 409, code_for(secret, clock.now_ms()));
    clock.advance(30s);
    CHECK(call("POST", "/api/v1/session/recovery-codes", 200, code_for(secret, clock.now_ms()))
              .at("codes")
              .as_array()
              .size() == 10);
    clock.advance(30s);
    call("POST", "/api/v1/session/totp/remove", 204, code_for(secret, clock.now_ms()));

    auto const owner =
        json::serialize(json::object{{"name", "Owner"},
                                     {"permissions", json::value_from(access::Permissions::all().words())},
                                     {"totp_required", true},
                                     {"version", 1}});
    call("PUT", "/api/v1/roles/owner", 200, owner);
    CHECK(call("GET", "/api/v1/devices", 403).at("type").as_string() == "urn:rollcall:problem:second-step-required");
    CHECK(call("GET", "/api/v1/session", 200).at("must_set_up_totp").as_bool());
    auto const again = call("POST", "/api/v1/session/totp", 200, R"({"code":""})");
    clock.advance(30s);
    call("POST", "/api/v1/session/totp/confirm", 200, code_for(again.at("secret").as_string(), clock.now_ms()));
    call("GET", "/api/v1/devices", 200);
}

TEST_CASE_FIXTURE(Fixture,
                  "api: a program brings a token, needs neither Origin, cookie nor CSRF token, and may do what it says")
{
    enter();
    auto const made = call("POST", "/api/v1/session/tokens", 201,
                           R"({"name":"s","permissions":["customers.read","devices.read"],)"
                           R"("all_customers":true,"customers":[],"folders":[],"expires_in_s":3600})");
    auto const secret = std::string(made.at("secret").as_string());
    auto const id = std::string(made.at("token").at("id").as_string());
    auto const ask = [&](std::string method, std::string path, std::string bearer, std::string body = {}) {
        auto asked = request(std::move(method), std::move(path), std::move(body));
        asked.headers.erase("cookie");
        asked.headers.erase("origin");
        asked.headers.erase("x-csrf-token");
        asked.headers["authorization"] = std::move(bearer);
        return send(asked).status;
    };
    CHECK(ask("GET", "/api/v1/devices", "Bearer " + secret) == 200);
    CHECK(ask("GET", "/api/v1/devices", "bearer " + secret) == 200);
    CHECK(ask("GET", "/api/v1/devices", "Bearer " + secret + "x") == 401);
    CHECK(ask("GET", "/api/v1/alerts", "Bearer " + secret) == 403);
    CHECK(ask("POST", "/api/v1/customers", "Bearer " + secret, R"({"name":"x"})") == 403);
    CHECK(ask("GET", "/api/v1/session/tokens", "Bearer " + secret) == 403);
    auto const manager = call("POST", "/api/v1/session/tokens", 201,
                              R"({"name":"m","permissions":["access.read","access.write"],)"
                              R"("all_customers":true,"customers":[],"folders":[],"expires_in_s":3600})");
    auto const managers = "Bearer " + std::string(manager.at("secret").as_string());
    CHECK(ask("GET", "/api/v1/technicians", managers) == 200);
    CHECK(ask("POST", "/api/v1/technicians/x/remove-totp", managers) == 403);
    CHECK(ask("POST", "/api/v1/roles", managers,
              R"({"name":"X","permissions":[],"totp_required":false,"version":0})") == 403);
    call("DELETE", "/api/v1/session/tokens/" + std::string(manager.at("token").at("id").as_string()), 204);
    // Beside a token the cookie counts for nothing.
    auto both = request("GET", "/api/v1/alerts");
    both.headers["authorization"] = "Bearer rc_wrong";
    CHECK(send(both).status == 401);
    auto const list = call("GET", "/api/v1/session/tokens", 200);
    REQUIRE(list.at("items").as_array().size() == 1);
    CHECK(list.at("items").at(0).at("used_ms").as_int64() == clock.now_ms());
    CHECK(json::serialize(list).find(secret) == std::string::npos);
    call("DELETE", "/api/v1/session/tokens/" + id, 204);
    call("DELETE", "/api/v1/session/tokens/" + id, 404);
    CHECK(ask("GET", "/api/v1/devices", "Bearer " + secret) == 401);

    auto const sessions = call("GET", "/api/v1/session/sessions", 200);
    REQUIRE(sessions.at("items").as_array().size() == 1);
    CHECK(sessions.at("items").at(0).at("current").as_bool());
    call("DELETE", "/api/v1/session/sessions/unknown", 404);
    call("DELETE", "/api/v1/session/sessions/" + std::string(sessions.at("items").at(0).at("id").as_string()), 204);
    call("GET", "/api/v1/devices", 401);
}

TEST_CASE_FIXTURE(Fixture, "api: who may see devices and no alerts finds none in timelines, and none by filters")
{
    enter();
    auto const customer = add_customer("Acme");
    auto const device = make_uuid(1);
    add_device(device, customer);
    store::Alert const alert{.id = make_uuid(2),
                             .device_id = device,
                             .customer_id = customer,
                             .item = "cpu",
                             .subject = {},
                             .title = "Hot",
                             .severity = store::Severity::critical,
                             .category = "Performance",
                             .created_ms = clock.now_ms()};
    REQUIRE(store->write([&](sqlite::Database& db) { return store::open_alert(db, alert); }));
    projection.put_alert(alert);
    auto const timeline = "/api/v1/devices/" + device + "/timeline?kind=alert";
    CHECK(call("GET", timeline, 200).at("items").as_array().size() == 1);
    CHECK(call("GET", "/api/v1/devices?severity=critical", 200).at("total").as_int64() == 1);
    auto const made = call("POST", "/api/v1/session/tokens", 201,
                           R"({"name":"s","permissions":["devices.read"],)"
                           R"("all_customers":true,"customers":[],"folders":[],"expires_in_s":3600})");
    auto const ask = [&](std::string const& path) {
        auto asked = request("GET", path);
        asked.headers.erase("cookie");
        asked.headers["authorization"] = "Bearer " + std::string(made.at("secret").as_string());
        return send(asked);
    };
    CHECK(json::parse(ask(timeline).body).at("items").as_array().empty());
    CHECK(json::parse(ask("/api/v1/devices/" + device + "/timeline").body).at("items").as_array().empty());
    CHECK(ask("/api/v1/devices").status == 200);
    auto const refused = ask("/api/v1/devices?severity=critical");
    CHECK(refused.status == 403);
    CHECK(json::parse(refused.body).at("field").as_string() == "severity");
    CHECK(ask("/api/v1/devices?category=Performance").status == 403);
}

TEST_CASE_FIXTURE(Fixture, "api: every write and every refused attempt is in the audit log, and no secret is")
{
    enter();
    auto const customer = add_customer("Acme");
    auto const device = make_uuid(1);
    add_device(device, customer);
    call("POST", "/api/v1/devices/" + device + "/update/retry", 200);
    call("POST", "/api/v1/customers", 409, R"({"name":"Acme"})");
    auto forged = request("POST", "/api/v1/customers", R"({"name":"x"})");
    forged.headers["x-csrf-token"] = "wrong";
    CHECK(send(forged).status == 403);

    // A question changes nothing, however it is asked.
    call("POST", "/api/v1/filter/check", 200, R"({"of":"devices","filter":"name is x"})");

    auto const log = call("GET", "/api/v1/audit", 200);
    auto const& rows = log.at("items").as_array();
    REQUIRE(rows.size() == 6);
    CHECK(rows[0].at("result").as_string() == "refused: 403 csrf");
    CHECK(rows[1].at("result").as_string() == "refused: 409 conflict");
    CHECK(rows[2].at("action").as_string() == "POST /api/v1/devices/{id}/update/retry");
    CHECK(rows[2].at("devices") == json::array{device});
    CHECK(rows[2].at("customers") == json::array{customer});
    CHECK(rows[2].at("actor_name").as_string() == "admin");
    CHECK(rows[2].at("remote").as_string() == "192.0.2.1");
    CHECK(rows[2].at("result").as_string() == "done");
    CHECK(rows[3].at("detail").at("body").at("name").as_string() == "Acme");
    CHECK(rows[4].at("action").as_string() == "POST /api/v1/session/password");
    CHECK(rows[5].at("action").as_string() == "POST /api/v1/session");
    CHECK(rows[5].at("actor_name").as_string() == "admin");
    CHECK(rows[5].at("detail").as_object().empty());
    auto const text = json::serialize(log);
    CHECK(text.find(own_password) == std::string::npos);
    CHECK(text.find("(hidden)") != std::string::npos);
    CHECK(call("GET", "/api/v1/audit?search=retry&limit=5", 200).at("items").as_array().size() == 1);
    CHECK(call("GET", "/api/v1/audit?device=" + device, 200).at("items").as_array().size() == 1);
    CHECK(call("GET", "/api/v1/audit?refused=true", 200).at("items").as_array().size() == 2);
    CHECK(call("GET", "/api/v1/audit?limit=501", 400).at("field").as_string() == "limit");

    for (int failure = 0; failure < 3; ++failure)
        call("POST", "/api/v1/session", 401, credentials("my secret"));
    cookie = "wrong";
    for (int failure = 0; failure < 50; ++failure)
        call("GET", "/api/v1/devices", 401);
    log_in(own_password);
    api->keep_refusals(true);
    auto const strangers = call("GET", "/api/v1/audit?search=unauthenticated", 200);
    REQUIRE(strangers.at("items").as_array().size() == 1);
    CHECK(strangers.at("items").at(0).at("detail").at("times").as_int64() == 50);
    auto const failed = call("GET", "/api/v1/audit?search=wrong-credentials", 200);
    REQUIRE(failed.at("items").as_array().size() == 1);
    CHECK(failed.at("items").at(0).at("detail").at("times").as_int64() == 3);
    CHECK(failed.at("items").at(0).at("actor_kind").as_string() == "stranger");

    // What somebody may not read is counted, too, however often he asks for it.
    auto const made = call("POST", "/api/v1/session/tokens", 201,
                           R"({"name":"s","permissions":["devices.read"],)"
                           R"("all_customers":true,"customers":[],"folders":[],"expires_in_s":3600})");
    auto asked = request("GET", "/api/v1/alerts");
    asked.headers.erase("cookie");
    asked.headers["authorization"] = "Bearer " + std::string(made.at("secret").as_string());
    for (int failure = 0; failure < 20; ++failure)
        CHECK(send(asked).status == 403);
    api->keep_refusals(true);
    auto const counted = call("GET", "/api/v1/audit?search=permission-required", 200);
    REQUIRE(counted.at("items").as_array().size() == 1);
    CHECK(counted.at("items").at(0).at("detail").at("times").as_int64() == 20);
    CHECK(counted.at("items").at(0).at("actor_kind").as_string() == "program");
    CHECK(counted.at("items").at(0).at("actor_name").as_string() == "admin");
}

TEST_CASE("api: refusals that could not be written down are counted on")
{
    api::Refusals refusals;
    store::AuditEntry entry;
    entry.action = "GET /api/v1/devices";
    entry.at_ms = 5;
    refusals.note(entry, "401 unauthenticated");
    auto const taken = refusals.take(10, true);
    entry.at_ms = 20;
    refusals.note(entry, "401 unauthenticated");
    refusals.put_back(taken);
    auto const rows = api::rows_of(refusals.take(30, true));
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].at_ms == 20);
    CHECK(rows[0].detail == R"({"times":2,"first_ms":5})");
    CHECK(refusals.take(40, true).empty());
}

TEST_CASE_FIXTURE(Fixture, "api: a row of the audit log names so many ids of one request, and how many it left out")
{
    enter();
    json::array ids;
    for (std::size_t made = 0; made < store::audit_subjects + 7; ++made)
        ids.emplace_back(make_uuid(clock.now_ms()));
    json::array twice{ids.front(), ids.front()};
    call("POST", "/api/v1/customers", 400,
         json::serialize(json::object{{"name", "x"}, {"device_ids", twice}, {"devices", ids}}));
    auto const list = call("GET", "/api/v1/audit?limit=1", 200);
    auto const& row = list.at("items").at(0);
    CHECK(row.at("devices").as_array().size() == store::audit_subjects);
    CHECK(row.at("detail").at("ids_left_out").as_int64() == 7);
}

TEST_CASE_FIXTURE(Fixture, "api: a row of the audit log is one of the customers whose folders it names, too")
{
    enter();
    auto const acme = add_customer("Acme");
    store::Folder const house{
        .id = make_uuid(12), .customer_id = acme, .parent_id = {}, .name = "House", .created_ms = 1};
    put_folder(house);
    call("POST", "/api/v1/technicians", 201,
         json::serialize(json::object{{"name", "Eve"},
                                      {"role_id", "read-only"},
                                      {"all_customers", false},
                                      {"customers", json::array()},
                                      {"folders", json::array{house.id}}}));
    CHECK(call("GET", "/api/v1/audit?limit=1", 200).at("items").at(0).at("customers") == json::array{acme});
}

TEST_CASE_FIXTURE(Fixture, "api: of its copy a device tells who may see that one, and only those")
{
    enter();
    auto const acme = add_customer("Acme");
    auto const device = make_uuid(1);
    auto const copy = make_uuid(2);
    add_device(device, acme);
    Row const detail{{"device_id", copy}, {"name", std::string("copy")}, {"remote", std::string("192.0.2.7")}};
    std::uint64_t sequence = 0;
    for (auto const* const name : {"disk_copied", "copied_again", "made_from_copy"}) {
        wire::Event const event{.sequence = ++sequence, .name = name, .at_ms = 5, .detail = detail};
        REQUIRE(store->write([&](sqlite::Database& db) { return store::add_event(db, device, "epoch", event); }));
    }
    auto const told = [&] {
        auto const as_list = call("GET", "/api/v1/devices/" + device + "/events", 200);
        auto const as_history = call("GET", "/api/v1/devices/" + device + "/timeline?kind=event", 200);
        return json::serialize(as_list) + json::serialize(as_history);
    };
    CHECK(told().find(copy) == std::string::npos);
    CHECK(told().find("192.0.2.7") == std::string::npos);
    CHECK(told().find("made_from_copy") != std::string::npos);
    add_device(copy, acme);
    CHECK(told().find(copy) != std::string::npos);
    CHECK(told().find("192.0.2.7") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture,
                  "api: a body is refused where none is taken, and no row of the audit log names who is not there")
{
    enter();
    auto const acme = add_customer("Acme");
    auto const globex = add_customer("Globex");
    auto const device = make_uuid(1);
    add_device(device, acme);
    auto const newest = [&] { return call("GET", "/api/v1/audit?limit=1", 200).at("items").at(0); };
    call("POST", "/api/v1/devices/" + device + "/update/retry", 400,
         json::serialize(json::object{{"customer_id", globex}, {"devices", json::array{make_uuid(2)}}}));
    auto const retried = newest();
    CHECK(retried.at("result").as_string() == "refused: 400 bad-input");
    CHECK(retried.at("customers") == json::array{acme});
    CHECK(retried.at("devices") == json::array{device});
    CHECK_FALSE(retried.at("detail").as_object().contains("body"));
    call("POST", "/api/v1/customers", 400,
         json::serialize(json::object{{"name", "x"}, {"customers", json::array{"nobody", globex}}}));
    CHECK(newest().at("customers") == json::array{globex});
    call("GET", "/api/v1/devices", 400, "{}");
}

TEST_CASE_FIXTURE(Fixture, "api: a write that is repeated with its key is done once, and answered as the first time")
{
    enter();
    auto const send_with = [&](std::string key, std::string body) {
        auto asked = request("POST", "/api/v1/session/tokens", std::move(body));
        asked.headers["idempotency-key"] = std::move(key);
        return send(asked);
    };
    std::string const body = R"({"name":"s","permissions":["devices.read"],"all_customers":true,"customers":[],)"
                             R"("folders":[],"expires_in_s":3600})";
    auto const first = send_with("one", body);
    CHECK(first.status == 201);
    auto const again = send_with("one", body);
    CHECK(again.status == 201);
    CHECK(again.body == first.body);
    CHECK(header(again, "Idempotency-Replayed") == "true");
    CHECK(call("GET", "/api/v1/session/tokens", 200).at("items").as_array().size() == 1);
    CHECK(call("GET", "/api/v1/audit?search=done before", 200).at("items").as_array().size() == 1);
    CHECK(send_with("one", R"({"name":"other"})").status == 422);
    CHECK(send_with("two", body).status == 201);
    CHECK(send_with(std::string(201, 'k'), body).status == 400);
    auto const refused = send_with("three", "{}");
    CHECK(refused.status == 400);
    CHECK(send_with("three", "{}").body == refused.body);
    // What was refused for a reason that passes is not kept.
    auto const code_with_key = [&](std::string const& code) {
        auto asked = request("POST", "/api/v1/session/totp/confirm", json::serialize(json::object{{"code", code}}));
        asked.headers["idempotency-key"] = "four";
        return send(asked);
    };
    call("POST", "/api/v1/session/totp", 200, R"({"code":""})");
    CHECK(code_with_key("000000").status == 403);
    auto const second = code_with_key("000000");
    CHECK(second.status == 403);
    CHECK(header(second, "Idempotency-Replayed").empty());
    // Answers with secrets do not lie open in the database.
    auto const secret = std::string(json::parse(first.body).at("secret").as_string());
    REQUIRE(store->read([&](sqlite::Database& db) -> Result<> {
        auto query = db.prepare("SELECT count(*) FROM idempotency WHERE instr(answer, ?) > 0");
        if (!query) return query.error();
        query->bind(secret);
        CHECK(*query->step());
        CHECK(query->integer(0) == 0);
        return {};
    }));
}

TEST_CASE_FIXTURE(Fixture, "api: who polls with an ETag is told that nothing changed")
{
    enter();
    auto const customer = add_customer("Acme");
    add_device(make_uuid(1), customer);
    auto const first = send(request("GET", "/api/v1/devices"));
    auto const tag = header(first, "ETag");
    CHECK(tag.size() == 34);
    clock.advance(1s);
    auto poll = request("GET", "/api/v1/devices");
    poll.headers["if-none-match"] = tag;
    auto const same = send(poll);
    CHECK(same.status == 304);
    CHECK(same.body.empty());
    add_device(make_uuid(2), customer);
    auto const changed = send(poll);
    CHECK(changed.status == 200);
    CHECK(header(changed, "ETag") != tag);
    CHECK(json::parse(changed.body).at("as_of_ms").as_int64() == clock.now_ms());
}

namespace
{

/// What a technician of another customer must not find: of each kind one that is there, or ids that nobody has.
struct Ids {
    std::string customer = make_uuid(1);
    std::string device = make_uuid(2);
    std::string enrolment_token = make_uuid(3);
    std::string technician = make_uuid(4);
    std::string api_token = make_uuid(5);
    std::string session = make_uuid(6);
    std::string alert = make_uuid(7);
    std::string folder = make_uuid(8);
    std::string contact = make_uuid(9);
    std::string view = make_uuid(10);
    std::string anything = make_uuid(11);

    /// The id that fits a place of a path or a field of a body.
    [[nodiscard]] std::string const& fitting(std::string_view name) const
    {
        for (auto const& [part, id] : {std::pair<std::string_view, std::string const*>{"session/sessions", &session},
                                       {"session/tokens", &api_token},
                                       {"enrolment-tokens", &enrolment_token},
                                       {"tokens", &api_token},
                                       {"technician", &technician},
                                       {"assigned", &technician},
                                       {"alert", &alert},
                                       {"folder", &folder},
                                       {"parent", &folder},
                                       {"contact", &contact},
                                       {"view", &view},
                                       {"customer", &customer},
                                       {"device", &device}})
            if (name.find(part) != std::string_view::npos) return *id;
        return anything;
    }
};

/// The pattern with an id for each place.
std::string filled(std::string const& pattern, Ids const& ids)
{
    std::string path;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] != '{') {
            path.push_back(pattern[at]);
            continue;
        }
        auto const end = pattern.find('}', at);
        auto const place = pattern.substr(at + 1, end - at - 1);
        path += place == "probe" ? "services" : ids.fitting(place == "id" ? pattern.substr(0, at) : place + "s");
        at = end;
    }
    return path;
}

/// A body that fits the schema, with ids where its fields ask for some.
json::value made_up_body(json::object const& schema, json::object const& components, std::string_view name,
                         Ids const& ids, std::string_view about = {})
{
    if (auto const* const ref = schema.if_contains("$ref")) {
        std::string const target(ref->as_string());
        return made_up_body(components.at(target.substr(target.rfind('/') + 1)).as_object(), components, name, ids,
                            about);
    }
    auto const* const type = schema.if_contains("type");
    if (type == nullptr || type->is_array()) return nullptr;
    if (type->as_string() == "boolean") return false;
    if (type->as_string() == "integer") return name.find("expires") == std::string_view::npos ? 1 : 3600;
    if (type->as_string() == "array") {
        auto const& items = schema.at("items").as_object();
        // `ids` are of what the body or the route is about.
        return json::array{made_up_body(items, components, name == "ids" ? about : name, ids)};
    }
    if (type->as_string() == "object") {
        json::object body;
        if (auto const* const fields = schema.if_contains("properties"))
            for (auto const& field : fields->as_object())
                body.emplace(field.key(), made_up_body(field.value().as_object(), components, field.key(), ids, name));
        return body;
    }
    if (name == "role_id") return "read-only";
    if (name.find("permissions") != std::string_view::npos) return "devices.read";
    if (name == "name") return "made up";
    if (name == "list" || name == "of") return "devices";
    if (name == "density") return "compact";
    if (name == "status") return "active";
    for (auto const* const empty : {"rank", "filter", "choices", "sort", "assigned_name", "device"})
        if (name == empty) return "";
    if (name == "csv") return "Name\nmade up\n";
    return json::value(ids.fitting(name));
}

std::string with(std::string text, std::string_view what, std::string_view instead)
{
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + instead.size()))
        text.replace(at, what.size(), instead);
    return text;
}

} // namespace

TEST_CASE_FIXTURE(Fixture,
                  "leak: outside his limits a technician finds nothing, at no endpoint, in no count and by no search")
{
    // Limited to a customer he looks for another one; limited to a folder, for the rest of the same customer.
    bool by_folder = false;
    SUBCASE("as a technician of another customer") {}
    SUBCASE("as a technician of one folder of the same customer") { by_folder = true; }
    enter();
    auto const own = add_customer("Own");
    store::Folder const mine{.id = make_uuid(12), .customer_id = own, .parent_id = {}, .name = "Mine", .created_ms = 1};
    put_folder(mine);
    add_device(make_uuid(13), own);
    projection.update_device(make_uuid(13), [&](api::DeviceRow& row) { row.folder_id = mine.id; });
    auto const limits =
        by_folder ? std::pair(json::array(), json::array{mine.id}) : std::pair(json::array{own}, json::array());
    auto const made = call("POST", "/api/v1/technicians", 201,
                           json::serialize(json::object{{"name", "Eve"},
                                                        {"role_id", "admin"},
                                                        {"all_customers", false},
                                                        {"customers", limits.first},
                                                        {"folders", limits.second}}));
    auto const owners_cookie = cookie;
    auto const owners_csrf = csrf;
    auto const enter_as = [&](std::string const& name, std::string const& first) {
        auto const log_in_as = [&](std::string const& password) {
            auto const response = send(request("POST", "/api/v1/session",
                                               json::serialize(json::object{{"name", name}, {"password", password}})));
            REQUIRE(response.status == 200);
            auto const set = header(response, "Set-Cookie");
            cookie = set.substr(set.find('=') + 1, set.find(';') - set.find('=') - 1);
            csrf = json::parse(response.body).at("csrf_token").as_string();
        };
        log_in_as(first);
        call("POST", "/api/v1/session/password", 200,
             json::serialize(json::object{{"current_password", first}, {"new_password", own_password}}));
    };
    enter_as("Eve", std::string(made.at("first_password").as_string()));
    auto const eves_cookie = cookie;
    auto const eves_csrf = csrf;

    /// Every GET that names nothing but Eve's customer, as she sees it: with and without the words that would find what
    /// is hidden.
    Ids eves;
    eves.customer = own;
    auto const look_around = [&] {
        std::map<std::string, std::string> seen;
        for (auto const& route : api->routes()) {
            auto const place = route.pattern.find('{');
            bool const of_customer = route.pattern.starts_with("/api/v1/customers/{id}");
            if (route.writes() || route.guard != api::Guard::member || (place != std::string::npos && !of_customer))
                continue;
            if (route.media == "text/event-stream") continue; // Has no end: events_test looks at it.
            for (auto const* const search : {"", "hidden"}) {
                auto asked = request("GET", filled(route.pattern, eves));
                for (auto const& parameter : route.parameters) {
                    if (parameter.name == "search") asked.query["search"] = search;
                    if (parameter.required && parameter.name == "customer") asked.query["customer"] = own;
                    if (parameter.required && !parameter.allowed.empty())
                        asked.query[parameter.name] = parameter.allowed.front();
                }
                auto const response = send(asked);
                bool const refused = by_folder && response.status == 404;
                CHECK_MESSAGE((response.status == 200 || refused), route.pattern << ": " << response.body);
                if (response.stream) {
                    seen[route.pattern + " " + search] = whole(response);
                    continue;
                }
                // The time and the size of the data are no customer's.
                auto body = json::parse(response.body).as_object();
                for (auto const* const field : {"as_of_ms", "now_ms", "data_bytes"})
                    body.erase(field);
                seen[route.pattern + " " + search] = json::serialize(body);
            }
        }
        return seen;
    };
    cookie = owners_cookie;
    csrf = owners_csrf;
    std::string const eves_token(
        call("POST", "/api/v1/enrolment-tokens", 201,
             json::serialize(json::object{{"customer_id", own}, {"uses", 1}, {"expires_in_s", 3600}}))
            .at("token")
            .at("id")
            .as_string());
    cookie = eves_cookie;
    csrf = eves_csrf;
    auto const before = look_around();

    // Another customer, or the same one, with all there is.
    cookie = owners_cookie;
    csrf = owners_csrf;
    Ids hidden;
    hidden.customer = by_folder ? own : add_customer("hidden customer");
    add_device(hidden.device, hidden.customer);
    projection.update_device(hidden.device, [&hidden](api::DeviceRow& row) {
        row.name = "hidden device";
        row.host_name.value = "hidden host";
        row.agent_version = "9.9.9";
        row.addresses = {"203.0.113.77"};
        row.folder_id = hidden.folder;
    });
    store::Folder const site{
        .id = hidden.folder, .customer_id = hidden.customer, .parent_id = {}, .name = "hidden folder", .created_ms = 1};
    store::Contact const contact{.id = hidden.contact, .customer_id = hidden.customer, .name = "hidden contact"};
    store::Alert const alert{.id = hidden.alert,
                             .device_id = hidden.device,
                             .customer_id = hidden.customer,
                             .item = "cpu_used",
                             .subject = {},
                             .title = "hidden alert",
                             .severity = store::Severity::critical,
                             .category = "Performance",
                             .created_ms = clock.now_ms()};
    REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
        Row const row{{"state", Value(std::string("hidden state"))}};
        if (auto const done = store::change_state(db, hidden.device, "services", {{"hidden", row}}, {}, clock.now_ms());
            !done)
            return done;
        if (auto const done = store::add_event(db, hidden.device, "epoch",
                                               {.sequence = 1, .name = "boot", .at_ms = clock.now_ms(), .detail = {}});
            !done)
            return done;
        if (auto const done = store::add_contact(db, contact); !done) return done;
        // It came by a token of Eve's customer, and was moved.
        if (auto const done =
                db.exec("UPDATE device SET token_id = '" + eves_token + "' WHERE id = '" + hidden.device + "'");
            !done)
            return done;
        return store::open_alert(db, alert);
    }));
    projection.put_alert(alert);
    put_folder(site);
    if (by_folder) {
        REQUIRE(store->write([&](sqlite::Database& db) {
            return db.exec("UPDATE customer SET rank = 'A', notes = 'hidden notes' WHERE id = '" + own + "'");
        }));
        store::Customer whole{.id = own, .name = "Own", .created_ms = clock.now_ms()};
        whole.rank = "A";
        whole.notes = "hidden notes";
        projection.put_customer(whole);
    }
    hidden.enrolment_token =
        call("POST", "/api/v1/enrolment-tokens", 201,
             json::serialize(json::object{{"customer_id", hidden.customer}, {"uses", 1}, {"expires_in_s", 3600}}))
            .at("token")
            .at("id")
            .as_string();
    auto const bob =
        call("POST", "/api/v1/technicians", 201,
             json::serialize(json::object{{"name", "hidden technician"},
                                          {"role_id", "technician"},
                                          {"all_customers", false},
                                          {"customers", by_folder ? json::array() : json::array{hidden.customer}},
                                          {"folders", json::array{hidden.folder}}}));
    hidden.technician = bob.at("technician").at("id").as_string();
    enter_as("hidden technician", std::string(bob.at("first_password").as_string()));
    hidden.session = call("GET", "/api/v1/session/sessions", 200).at("items").at(0).at("id").as_string();
    hidden.api_token = call("POST", "/api/v1/session/tokens", 201,
                            R"({"name":"s","permissions":["devices.read"],"all_customers":true,"customers":[],)"
                            R"("folders":[],"expires_in_s":3600})")
                           .at("token")
                           .at("id")
                           .as_string();
    hidden.view = call("POST", "/api/v1/views", 201,
                       R"({"list":"devices","name":"hidden view","shared":true,"filter":"name contains hidden",)"
                       R"("choices":"","sort":"","columns":[],"density":"detailed","version":0})")
                      .at("id")
                      .as_string();
    auto const hidden_cookie = cookie;
    auto const hidden_device = projection.device(store::Scope::everything(), hidden.device);

    cookie = eves_cookie;
    csrf = eves_csrf;
    for (auto const& seen : look_around())
        CHECK_MESSAGE(seen.second == before.at(seen.first), seen.first);

    // What is there and what nobody has are answered alike, whatever is asked.
    Ids nobodys;
    if (by_folder) nobodys.customer = own;
    std::size_t endpoints = 0;
    backend->orders.clear();
    auto const components = document.at("components").at("schemas").as_object();
    for (auto const& route : api->routes()) {
        if (route.guard == api::Guard::open) continue;
        ++endpoints;
        if (route.guard != api::Guard::member && route.guard != api::Guard::person) continue;
        auto const ask = [&](Ids const& ids) {
            auto asked = request(route.method, filled(route.pattern, ids));
            for (auto const& parameter : route.parameters)
                if (parameter.name == "customer" || parameter.name == "device" || parameter.name == "technician" ||
                    parameter.name == "folder")
                    asked.query[parameter.name] = ids.fitting(parameter.name);
            for (auto const& parameter : route.parameters)
                if (parameter.required && !parameter.allowed.empty())
                    asked.query[parameter.name] = parameter.allowed.front();
            json::object schemas;
            if (route.request.schema)
                asked.body = json::serialize(
                    made_up_body(route.request.schema(schemas).as_object(), components, route.pattern, ids));
            auto response = send(asked);
            response.body = whole(response);
            return response;
        };
        bool const names_somebody = route.pattern.find('{') != std::string::npos || !route.parameters.empty() ||
                                    route.request.schema != nullptr;
        if (!names_somebody) continue;
        auto const there = ask(hidden);
        auto const nowhere = ask(nobodys);
        CHECK_MESSAGE(there.status == nowhere.status, route.method << " " << route.pattern << ": " << there.body);
        CHECK_MESSAGE(there.body.find("hidden ") == std::string::npos, route.method << " " << route.pattern);
        if (there.status < 400 && route.writes()) continue;
        auto body = there.body;
        for (auto const& [id, instead] :
             {std::pair(hidden.customer, nobodys.customer), std::pair(hidden.device, nobodys.device),
              std::pair(hidden.enrolment_token, nobodys.enrolment_token),
              std::pair(hidden.technician, nobodys.technician), std::pair(hidden.api_token, nobodys.api_token),
              std::pair(hidden.session, nobodys.session), std::pair(hidden.alert, nobodys.alert),
              std::pair(hidden.folder, nobodys.folder), std::pair(hidden.contact, nobodys.contact),
              std::pair(hidden.view, nobodys.view), std::pair(hidden.anything, nobodys.anything)})
            body = with(body, id, instead);
        CHECK_MESSAGE(body == nowhere.body, route.method << " " << route.pattern);
    }
    std::string const whose = by_folder ? "one folder of the same customer" : "another customer";
    MESSAGE("leak test: " << endpoints << " endpoints, looked at as a technician of " << whose);

    // What is done elsewhere is done within what Eve sees, which the pipeline's tests look at.
    CHECK_FALSE(backend->orders.empty());
    store::Scope eves_scope{.all = false, .customers = {}};
    if (by_folder)
        eves_scope.folders[own] = {mine.id};
    else
        eves_scope.customers = {own};
    for (auto const& order : backend->orders)
        CHECK(order.scope == eves_scope);

    // And nothing of it was changed.
    CHECK(json::serialize(api::to_json(*projection.device(store::Scope::everything(), hidden.device))) ==
          json::serialize(api::to_json(*hidden_device)));
    cookie = owners_cookie;
    csrf = owners_csrf;
    CHECK_FALSE(call("GET", "/api/v1/enrolment-tokens/" + hidden.enrolment_token, 200).at("revoked").as_bool());
    CHECK(call("GET", "/api/v1/technicians/" + hidden.technician, 200).at("version").as_int64() == 1);
    CHECK(call("GET", "/api/v1/technicians/" + hidden.technician + "/tokens", 200).at("items").as_array().size() == 1);
    cookie = hidden_cookie;
    call("GET", "/api/v1/session/sessions", 200);
}

TEST_CASE_FIXTURE(Fixture,
                  "api: a technician of one folder sees its devices, the way to it, and the customer's name only")
{
    enter();
    auto const customer = add_customer("Acme");
    store::Folder const house{
        .id = make_uuid(1), .customer_id = customer, .parent_id = {}, .name = "House", .created_ms = 1};
    store::Folder const desk{
        .id = make_uuid(2), .customer_id = customer, .parent_id = house.id, .name = "Desk", .created_ms = 1};
    store::Folder const yard{
        .id = make_uuid(3), .customer_id = customer, .parent_id = {}, .name = "Yard", .created_ms = 1};
    for (auto const& one : {house, desk, yard})
        put_folder(one);
    auto const at_desk = make_uuid(4);
    auto const in_house = make_uuid(5);
    add_device(at_desk, customer);
    add_device(in_house, customer);
    projection.update_device(at_desk, [&](api::DeviceRow& row) { row.folder_id = desk.id; });
    projection.update_device(in_house, [&](api::DeviceRow& row) { row.folder_id = house.id; });

    json::object wish{{"name", "Ada"},
                      {"role_id", "admin"},
                      {"all_customers", false},
                      {"customers", json::array()},
                      {"folders", json::array{"nobody's"}}};
    CHECK(call("POST", "/api/v1/technicians", 400, json::serialize(wish)).at("field").as_string() == "folders");
    wish["folders"] = json::array{desk.id};
    auto const made = call("POST", "/api/v1/technicians", 201, json::serialize(wish));
    auto const named = made.at("technician").at("folders").at(0);
    CHECK(named.at("customer_name").as_string() == "Acme");
    CHECK(named.at("path").as_string() == "House / Desk");
    CHECK(call("GET", "/api/v1/folders?search=acme / house", 200).at("total").as_int64() == 2);

    auto const response =
        send(request("POST", "/api/v1/session",
                     json::serialize(json::object{{"name", "Ada"}, {"password", made.at("first_password")}})));
    REQUIRE(response.status == 200);
    auto const set = header(response, "Set-Cookie");
    cookie = set.substr(set.find('=') + 1, set.find(';') - set.find('=') - 1);
    csrf = json::parse(response.body).at("csrf_token").as_string();
    call(
        "POST", "/api/v1/session/password", 200,
        json::serialize(json::object{{"current_password", made.at("first_password")}, {"new_password", own_password}}));

    CHECK(call("GET", "/api/v1/devices", 200).at("total").as_int64() == 1);
    call("GET", "/api/v1/devices/" + at_desk, 200);
    call("GET", "/api/v1/devices/" + in_house, 404);
    auto const acme = call("GET", "/api/v1/customers/" + customer, 200);
    CHECK(acme.at("partial").as_bool());
    CHECK(acme.at("devices").as_int64() == 1);
    call("GET", "/api/v1/customers/" + customer + "/details", 404);
    auto const tree = call("GET", "/api/v1/customers/" + customer + "/folders", 200).at("items").as_array();
    REQUIRE(tree.size() == 2);
    CHECK(tree[0].at("name").as_string() == "House");
    CHECK(tree[0].at("devices").as_int64() == 0);
    CHECK(tree[0].at("devices_below").as_int64() == 1);
    CHECK(tree[1].at("path").as_string() == "House / Desk");
    CHECK(call("GET", "/api/v1/folders", 200).at("total").as_int64() == 1);

    // He gives no more than he has.
    wish["name"] = "Bob";
    for (auto const& beyond : {house.id, yard.id}) {
        wish["folders"] = json::array{beyond};
        CHECK(call("POST", "/api/v1/technicians", 400, json::serialize(wish)).at("field").as_string() == "folders");
    }
    wish["folders"] = json::array();
    wish["customers"] = json::array{customer};
    CHECK(call("POST", "/api/v1/technicians", 403, json::serialize(wish)).at("field").as_string() == "customers");
    wish["folders"] = json::array{desk.id};
    wish["customers"] = json::array();
    call("POST", "/api/v1/technicians", 201, json::serialize(wish));
}
