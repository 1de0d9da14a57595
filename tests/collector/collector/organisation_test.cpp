#include <doctest/doctest.h>

#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "collector/backend.hpp"
#include "collector/store/audit.hpp"
#include "collector/view/api/api.hpp"
#include "common/core/ids.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

namespace json = boost::json;
using namespace rollcall;
using namespace std::chrono_literals;

namespace
{

constexpr auto password = "correct horse battery";

/// Lets something happen between the admission of a request and its write.
class InterruptedStore final : public store::Store
{
public:
    explicit InterruptedStore(std::unique_ptr<store::Store> inner)
        : inner_(std::move(inner))
    {
    }
    bool submit(Work work, Done done) override
    {
        interrupt();
        return inner_->submit(std::move(work), std::move(done));
    }
    Result<> write(Work work) override
    {
        interrupt();
        return inner_->write(std::move(work));
    }
    Result<> read(Work work) override { return inner_->read(std::move(work)); }
    void when_drained(std::function<void()> callback) override { inner_->when_drained(std::move(callback)); }
    void on_group_done(std::function<void()> callback) override { inner_->on_group_done(std::move(callback)); }
    std::size_t queued() const override { return inner_->queued(); }
    std::int64_t size_bytes() const override { return inner_->size_bytes(); }
    Result<> damage() const override { return inner_->damage(); }

    /// Once, before the next write on somebody's behalf.
    void meanwhile(std::function<void()> happens)
    {
        std::lock_guard const lock(mutex_);
        happens_ = std::move(happens);
    }

private:
    void interrupt()
    {
        if (!store::AuditScope::current()) return;
        std::function<void()> happens;
        {
            std::lock_guard const lock(mutex_);
            happens = std::exchange(happens_, {});
        }
        store::AuditScope const nobody(nullptr);
        if (happens) happens();
    }

    std::unique_ptr<store::Store> inner_;
    std::mutex mutex_;
    std::function<void()> happens_;
};

/// The API over the real pipeline, without the network.
struct Fixture {
    Fixture()
    {
        auto opened_folder = collector::DataFolder::open(temp / "data");
        REQUIRE(opened_folder);
        folder = std::make_unique<collector::DataFolder>(*std::move(opened_folder));
        auto opened = store::Store::open({.file = folder->database()});
        REQUIRE(opened);
        store = std::make_unique<InterruptedStore>(*std::move(opened));
        access = std::make_unique<access::Access>(*store, clock, access::Keys::make());
        auto const sign = [](std::string_view, std::string_view id) -> Result<pipeline::SignedCertificate> {
            return pipeline::SignedCertificate{.certificate_pem = "certificate",
                                               .fingerprint = sha256_hex(id),
                                               .issued_ms = support::ManualClock::start_ms,
                                               .ca_pem = "ca"};
        };
        auto made = pipeline::Pipeline::start({.store = *store,
                                               .projection = projection,
                                               .clock = clock,
                                               .profile = rules::default_profile(),
                                               .sign = sign,
                                               .board = board,
                                               .pace = {},
                                               .close_device = {},
                                               .tick_every = {}});
        REQUIRE(made);
        flow = *std::move(made);
        backend = std::make_unique<collector::PipelineBackend>(*folder, *store, clock);
        backend->use(*flow);
        auto files = api::Files::load({});
        REQUIRE(files);
        api = std::make_unique<api::Api>(
            api::Services{.clock = clock,
                          .store = *store,
                          .access = *access,
                          .projection = projection,
                          .backend = *backend,
                          .board = board,
                          .public_address = [] { return std::string("rollcall.example:8443"); },
                          .ca_sha256 = [] { return std::string(64, 'a'); },
                          .install_pin = [] { return std::string("cGlu"); },
                          .started_ms = clock.now_ms(),
                          .thresholds = {.name = "default", .items = {}}},
            *std::move(files));
        enter();
        customer = add_customer("Acme");
    }
    ~Fixture()
    {
        api->stop();
        flow->stop();
    }

    gateway::HttpResponse send(std::string method, std::string path, std::string body)
    {
        gateway::HttpRequest request;
        request.method = std::move(method);
        if (auto const mark = path.find('?'); mark != std::string::npos) {
            auto rest = path.substr(mark + 1);
            path.resize(mark);
            while (!rest.empty()) {
                auto const pair = rest.substr(0, rest.find('&'));
                request.query[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
                rest.erase(0, std::min(rest.size(), pair.size() + 1));
            }
        }
        request.path = std::move(path);
        request.body = std::move(body);
        request.id = "request-1";
        request.remote = "192.0.2.1";
        request.headers = {{"host", "rollcall.example:8443"},
                           {"cookie", "__Host-rollcall=" + cookie},
                           {"origin", "https://rollcall.example:8443"},
                           {"x-csrf-token", csrf},
                           {"content-type", "application/json"}};
        request.headers.insert(headers.begin(), headers.end());
        std::promise<gateway::HttpResponse> answered;
        api->handle(std::move(request),
                    [&](gateway::HttpResponse response) { answered.set_value(std::move(response)); });
        return answered.get_future().get();
    }
    json::value call(std::string const& method, std::string const& path, int status, json::value const& body = {})
    {
        auto const response = send(method, path, body.is_null() ? std::string() : json::serialize(body));
        CAPTURE(method);
        CAPTURE(path);
        CAPTURE(response.body);
        CHECK(response.status == status);
        return response.body.empty() ? json::value() : json::parse(response.body);
    }
    /// The field that is wrong.
    std::string refused(std::string const& method, std::string const& path, int status, json::value const& body)
    {
        return std::string(call(method, path, status, body).at("field").as_string());
    }

    void log_in(std::string const& word)
    {
        auto const response =
            send("POST", "/api/v1/session", json::serialize(json::object{{"name", "admin"}, {"password", word}}));
        REQUIRE(response.status == 200);
        for (auto const& [name, value] : response.headers)
            if (name == "Set-Cookie") cookie = value.substr(value.find('=') + 1, value.find(';') - value.find('=') - 1);
        csrf = json::parse(response.body).at("csrf_token").as_string();
    }
    void enter()
    {
        auto const first = access->first_password();
        REQUIRE(first);
        log_in(**first);
        call("POST", "/api/v1/session/password", 200, {{"current_password", **first}, {"new_password", password}});
    }
    std::string add_customer(std::string_view name)
    {
        return std::string(call("POST", "/api/v1/customers", 201, {{"name", name}}).at("id").as_string());
    }
    std::string add_device(std::string const& name)
    {
        auto const token = backend->add_token(customer, 1, 3600);
        REQUIRE(token.has_value());
        auto const made = backend->enrol({.token = token->secret,
                                          .request_pem = "request",
                                          .host_name = name,
                                          .hardware_id = "hw-" + name,
                                          .agent_version = "1"},
                                         "::1");
        REQUIRE(made.has_value());
        return made->device_id;
    }
    std::string add_folder(std::string_view name, json::value const& parent = nullptr)
    {
        auto const made =
            call("POST", "/api/v1/customers/" + customer + "/folders", 201, {{"name", name}, {"parent_id", parent}});
        return std::string(made.at("id").as_string());
    }

    support::TempDir temp;
    support::ManualClock clock;
    view::Projection projection;
    updates::Board board{clock};
    std::unique_ptr<collector::DataFolder> folder;
    std::unique_ptr<InterruptedStore> store;
    std::unique_ptr<access::Access> access;
    std::unique_ptr<pipeline::Pipeline> flow;
    std::unique_ptr<collector::PipelineBackend> backend;
    std::unique_ptr<api::Api> api;
    std::string cookie;
    std::string csrf;
    std::string customer;
    std::map<std::string, std::string> headers; ///< More of them.
};

json::value names(json::value const& list)
{
    json::array found;
    for (auto const& item : list.at("items").as_array())
        found.push_back(item.at("name"));
    return found;
}

} // namespace

TEST_CASE_FIXTURE(
    Fixture, "organisation: folders by the API: a tree, renamed, moved, deleted, and a conflict tells what is there")
{
    auto const house = add_folder("House");
    auto const floor = add_folder("Floor", json::value(house));
    auto const of_customer = "/api/v1/customers/" + customer + "/folders";
    CHECK(refused("POST", of_customer, 409, {{"name", "house"}, {"parent_id", nullptr}}) == "name");
    CHECK(refused("POST", of_customer, 400, {{"name", " "}, {"parent_id", nullptr}}) == "name");
    CHECK(refused("POST", of_customer, 400, {{"name", "x"}, {"parent_id", "nobody"}}) == "parent_id");
    call("POST", "/api/v1/customers/nobody/folders", 404, {{"name", "x"}, {"parent_id", nullptr}});
    auto const one = "/api/v1/folders/" + floor;
    auto const renamed = call("PUT", one, 200, {{"name", "Ground floor"}, {"parent_id", house}, {"version", 1}});
    CHECK(renamed.at("path").as_string() == "House / Ground floor");
    auto const conflict = call("PUT", one, 409, {{"name", "Cellar"}, {"parent_id", house}, {"version", 1}});
    CHECK(conflict.at("field").as_string() == "version");
    CHECK(conflict.at("current").at("name").as_string() == "Ground floor");
    CHECK(conflict.at("current").at("version").as_int64() == 2);
    CHECK(refused("DELETE", "/api/v1/folders/" + house, 409, {}) == "contents");
    call("DELETE", "/api/v1/folders/" + house + "?contents=move_up", 204);
    auto const left = call("GET", of_customer, 200);
    CHECK(names(left) == json::array{"Ground floor"});
    CHECK(left.at("items").at(0).at("parent_id").is_null());
    call("DELETE", one, 204);
    call("DELETE", one, 404);
}

TEST_CASE_FIXTURE(Fixture,
                  "organisation: devices by the API: named, moved, starred, not monitored, retired, taken back, purged")
{
    auto const pc = add_device("pc");
    auto const other = add_device("other");
    auto const house = add_folder("House");
    auto const one = "/api/v1/devices/" + pc;
    json::value const edit{{"assigned_name", "Reception"}, {"folder_id", house}, {"monitored", false}, {"version", 1}};
    auto const edited = call("PUT", one, 200, edit);
    CHECK(edited.at("name").as_string() == "Reception");
    CHECK(edited.at("folder").as_string() == "House");
    CHECK_FALSE(edited.at("monitored").as_bool());
    auto const conflict = call("PUT", one, 409, edit);
    CHECK(conflict.at("current").at("version").as_int64() == 2);
    CHECK(refused("PUT", one, 400,
                  {{"assigned_name", ""}, {"folder_id", "nobody"}, {"monitored", true}, {"version", 2}}) ==
          "folder_id");
    call("PUT", "/api/v1/devices/nobody", 404, edit);

    CHECK(names(call("GET", "/api/v1/devices?folder=" + house, 200)) == json::array{"Reception"});
    CHECK(names(call("GET", "/api/v1/devices?folder=none", 200)) == json::array{"other"});
    CHECK(names(call("GET", "/api/v1/devices?monitored=false", 200)) == json::array{"Reception"});
    CHECK(names(call("GET", "/api/v1/devices?search=reception", 200)) == json::array{"Reception"});
    call("PUT", one + "/favourite", 204);
    CHECK(names(call("GET", "/api/v1/devices?favourite=true", 200)) == json::array{"Reception"});
    CHECK(call("GET", one, 200).at("favourite").as_bool());
    call("DELETE", one + "/favourite", 204);
    CHECK(names(call("GET", "/api/v1/devices?favourite=true", 200)) == json::array{});
    call("PUT", "/api/v1/devices/nobody/favourite", 404);

    auto const moved = call("POST", "/api/v1/devices/move", 200,
                            {{"ids", {other, "nobody"}}, {"customer_id", customer}, {"folder_id", house}});
    CHECK(moved.at("done").as_int64() == 1);
    CHECK(moved.at("items").at(1).at("reason").as_string() == "There is no such device.");
    CHECK(refused("POST", "/api/v1/devices/move", 404,
                  {{"ids", {pc}}, {"customer_id", "nobody"}, {"folder_id", nullptr}}) == "customer_id");
    CHECK(refused("POST", "/api/v1/devices/retire", 400, {{"ids", json::array()}}) == "ids");
    CHECK(call("POST", "/api/v1/devices/monitor", 200, {{"ids", {pc}}, {"monitored", true}}).at("done").as_int64() ==
          1);

    json::value const ask{{"ids", {pc}}, {"dry_run", true}};
    CHECK(call("POST", "/api/v1/devices/purge", 200, ask).at("items").at(0).at("reason").as_string() ==
          "Retire it first.");
    CHECK(call("POST", "/api/v1/devices/retire", 200, {{"ids", {pc}}}).at("done").as_int64() == 1);
    CHECK(names(call("GET", "/api/v1/devices", 200)) == json::array{"other"});
    CHECK(names(call("GET", "/api/v1/devices?availability=retired", 200)) == json::array{"Reception"});
    CHECK(call("POST", "/api/v1/devices/restore", 200, {{"ids", {pc}}}).at("done").as_int64() == 1);
    CHECK(call("GET", "/api/v1/devices", 200).at("total").as_int64() == 2);
    call("POST", "/api/v1/devices/retire", 200, {{"ids", {pc}}});
    REQUIRE(store->write([&](sqlite::Database& db) {
        return store::add_event(db, pc, "epoch", {.sequence = 1, .name = "boot", .at_ms = 5, .detail = {}});
    }));
    auto const lost = call("POST", "/api/v1/devices/purge", 200, ask).at("items").at(0);
    CHECK(lost.at("events").as_int64() == 1);
    CHECK(lost.at("since_ms").as_int64() == 5);
    CHECK(lost.at("name").as_string() == "Reception");
    CHECK(lost.at("reason").as_string().empty());
    call("GET", one, 200);
    auto const gone = call("POST", "/api/v1/devices/purge", 200, {{"ids", {pc}}, {"dry_run", false}});
    CHECK(gone.at("items").at(0).at("done").as_bool());
    call("GET", one, 404);
}

TEST_CASE_FIXTURE(Fixture, "organisation: nothing that refers to a device is left of a purged one")
{
    auto const pc = add_device("pc");
    call("POST", "/api/v1/devices/retire", 200, {{"ids", {pc}}});
    REQUIRE(store->write([&](sqlite::Database& db) { return store::begin_purge(db, pc, 1); }));
    REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
        // One row in each table that names a device, as good as can be made without knowing it.
        auto tables = db.prepare("SELECT m.name, f.\"from\" FROM sqlite_schema AS m "
                                 "JOIN pragma_foreign_key_list(m.name) AS f ON f.\"table\" = 'device' "
                                 "WHERE m.name <> 'device' ORDER BY m.name");
        if (!tables) return tables.error();
        std::vector<std::pair<std::string, std::string>> found;
        while (*tables->step())
            found.emplace_back(tables->text(0), tables->text(1));
        CHECK(found.size() >= 10);
        for (auto const& [table, column] : found) {
            auto columns = db.prepare("SELECT name, type FROM pragma_table_info(?) WHERE \"notnull\" OR name = ?");
            if (!columns) return columns.error();
            columns->bind(table, column);
            std::string names_text;
            std::string values;
            while (*columns->step()) {
                auto const name = columns->text(0);
                static std::map<std::string, std::string> const fitting{
                    {"customer_id", "'" + customer + "'"},
                    {"technician_id", "(SELECT id FROM technician)"},
                    {"lane", "'event'"},
                    {"cells", "'{}'"},
                    {"detail", "'{}'"},
                    {"severity", "1"},
                    {"what", "'retired'"}};
                auto const special = fitting.find(name);
                auto const plain = columns->text(1) == "TEXT" ? "'x'" : columns->text(1) == "BLOB" ? "x''" : "1";
                names_text += (names_text.empty() ? "" : ", ") + name;
                values += (values.empty() ? "" : ", ") + (name == column             ? "'" + pc + "'"
                                                          : special != fitting.end() ? special->second
                                                                                     : std::string(plain));
            }
            auto const made = db.exec("INSERT INTO " + table + " (" + names_text + ") VALUES (" + values + ")");
            if (!made) return fail(made.error(), table);
        }
        return {};
    }));
    int steps = 0;
    bool more = true;
    for (; more && steps < 100; ++steps)
        REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
            auto const left = store::purge_some(db, pc, 1);
            if (!left) return left.error();
            more = *left;
            return {};
        }));
    CHECK_FALSE(more);
    REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
        auto const device = store::find_device(db, pc);
        if (!device) return device.error();
        CHECK_FALSE(*device);
        return {};
    }));
}

TEST_CASE_FIXTURE(Fixture,
                  "organisation: what is written down about a customer is checked, kept, and not overwritten unseen")
{
    auto const details = "/api/v1/customers/" + customer + "/details";
    auto edit = call("GET", details, 200).as_object();
    CHECK(edit.at("version").as_int64() == 1);
    for (auto const* const field : {"id", "created_ms", "modified_ms"})
        edit.erase(field);
    edit["name"] = "Acme & Söhne";
    edit["rank"] = "A";
    edit["phone"] = "+49 30 123";
    edit["address"] = "Straße 1\r\nBerlin";
    edit["domains"] = json::array{"acme.example"};
    edit["website"] = "https://acme.example";
    edit["notes"] = "=1+1 <script>";
    edit["custom_fields"] = json::array{json::object{{"name", "Door code"}, {"value", "1234"}}};
    clock.advance(5s);
    auto const saved = call("PUT", details, 200, edit);
    CHECK(saved.at("address").as_string() == "Straße 1\nBerlin");
    CHECK(saved.at("version").as_int64() == 2);
    CHECK(saved.at("modified_ms").as_int64() == saved.at("created_ms").as_int64() + 5000);
    CHECK(call("PUT", details, 409, edit).at("current").at("rank").as_string() == "A");
    CHECK(call("GET", "/api/v1/customers?rank=A", 200).at("items").at(0).at("name").as_string() == "Acme & Söhne");
    CHECK(call("GET", "/api/v1/customers?rank=none", 200).at("total").as_int64() == 0);
    edit["version"] = 2;
    auto const wrong = [&](char const* field, json::value const& value) {
        auto bad = edit;
        bad[field] = value;
        return refused("PUT", details, 400, bad);
    };
    CHECK(wrong("rank", "Z") == "rank");
    CHECK(wrong("website", "javascript:alert(1)") == "website");
    CHECK(wrong("phone", "1\n2") == "phone");
    CHECK(wrong("name", " ") == "name");
    CHECK(wrong("notes", json::value(json::string(20'001, 'x'))) == "notes");
    CHECK(wrong("domains", json::array{" "}) == "domains");
    auto const twice = json::object{{"name", "x"}, {"value", ""}};
    CHECK(wrong("custom_fields", json::array{twice, twice}) == "custom_fields");
    add_customer("Bolt");
    edit["name"] = "bolt";
    CHECK(refused("PUT", details, 409, edit) == "name");
    call("PUT", "/api/v1/customers/" + customer + "/favourite", 204);
    CHECK(call("GET", "/api/v1/customers?favourite=true&sort=-devices", 200).at("total").as_int64() == 1);
    call("GET", "/api/v1/customers/nobody/details", 404);
}

TEST_CASE_FIXTURE(Fixture, "organisation: three to six fields are pinned for all customers")
{
    auto const first = call("GET", "/api/v1/pinned-fields", 200);
    CHECK(first.at("version").as_int64() == 0);
    CHECK(first.at("fields").as_array().size() >= 3);
    json::value const wish{{"fields", {"phone", "custom:Door code", "rank"}}, {"version", 0}};
    CHECK(call("PUT", "/api/v1/pinned-fields", 200, wish).at("version").as_int64() == 1);
    CHECK(call("PUT", "/api/v1/pinned-fields", 409, wish).at("current").at("version").as_int64() == 1);
    auto const wrong = [&](json::array fields) {
        return refused("PUT", "/api/v1/pinned-fields", 400, {{"fields", std::move(fields)}, {"version", 1}});
    };
    CHECK(wrong({"phone", "rank"}) == "fields");
    CHECK(wrong({"phone", "rank", "fax", "website", "domains", "address", "devices"}) == "fields");
    CHECK(wrong({"phone", "rank", "phone"}) == "fields");
    CHECK(wrong({"phone", "rank", "shoe size"}) == "fields");
    CHECK(wrong({"phone", "rank", "custom:"}) == "fields");
}

TEST_CASE_FIXTURE(Fixture, "organisation: contacts are kept, searched by name, and come from a file line by line")
{
    auto const pc = add_device("pc");
    auto const of_customer = "/api/v1/customers/" + customer + "/contacts";
    json::object ann{{"name", "Änne"},    {"job_title", "Boss"}, {"email", "anne@acme.example"},
                     {"phone", ""},       {"mobile", "+49 1"},   {"device_id", pc},
                     {"status", "active"}};
    auto const made = call("POST", of_customer, 201, ann);
    CHECK(made.at("device_name").as_string() == "pc");
    auto const one = "/api/v1/contacts/" + std::string(made.at("id").as_string());
    auto const wrong = [&](char const* field, json::value const& value) {
        auto bad = ann;
        bad[field] = value;
        return refused("POST", of_customer, 400, bad);
    };
    CHECK(wrong("email", "nowhere") == "email");
    CHECK(wrong("status", "asleep") == "status");
    CHECK(wrong("device_id", "nobody") == "device_id");
    CHECK(wrong("name", "") == "name");
    ann["status"] = "deactivated";
    ann["version"] = 1;
    CHECK(call("PUT", one, 200, ann).at("status").as_string() == "deactivated");
    CHECK(call("PUT", one, 409, ann).at("current").at("version").as_int64() == 2);

    auto const file = "\xEF\xBB\xBFName;E-Mail;Job title;Device\r\n"
                      "Bob;bob@acme.example;\"Key; \"\"master\"\"\";pc\r\n"
                      "Änne;ANNE@acme.example;;\r\n"
                      "Carl;nowhere;;\r\n"
                      "\r\n"
                      "Dora;;;toaster\r\n"
                      "Bob;bob@acme.example;;\r\n"
                      "=cmd();;;\r\n";
    auto const import = "/api/v1/customers/" + customer + "/contacts/import";
    auto const dry = call("POST", import, 200, {{"csv", file}, {"dry_run", true}});
    CHECK(dry.at("added").as_int64() == 2);
    CHECK(call("GET", of_customer, 200).at("total").as_int64() == 1);
    auto const done = call("POST", import, 200, {{"csv", file}, {"dry_run", false}});
    CHECK(done.at("lines") == dry.at("lines"));
    std::vector<std::string> reasons;
    for (auto const& line : done.at("lines").as_array())
        reasons.push_back(std::to_string(line.at("line").as_int64()) + " " +
                          std::string(line.at("reason").as_string()));
    CHECK(reasons == std::vector<std::string>{
                         "2 ", "3 There is such a contact already.", "4 This is no address of e-mail.",
                         "6 The customer has no device of this name.", "7 There is such a contact already.", "8 "});
    CHECK(names(call("GET", of_customer, 200)) == json::array{"=cmd()", "Bob", "Änne"});
    CHECK(names(call("GET", of_customer + "?search=änn", 200)) == json::array{"Änne"});
    CHECK(names(call("GET", of_customer + "?status=active&offset=1", 200)) == json::array{"Bob"});
    CHECK(call("GET", of_customer + "?search=bob", 200).at("items").at(0).at("job_title").as_string() ==
          "Key; \"master\"");
    for (auto const* const csv : {"", "phone\n1", "name,name\n", "name,shoe size\n", "name\n\"open", "name\n\"a\"b"})
        CHECK(refused("POST", import, 400, {{"csv", csv}, {"dry_run", true}}) == "csv");
    auto const bolt = add_customer("Bolt");
    call("POST", "/api/v1/devices/move", 200, {{"ids", {pc}}, {"customer_id", bolt}, {"folder_id", nullptr}});
    auto const left = call("GET", of_customer, 200);
    for (auto const& contact : left.at("items").as_array())
        CHECK(contact.at("device_id").is_null());
    call("DELETE", one, 204);
    call("DELETE", one, 404);
    call("POST", "/api/v1/customers/nobody/contacts/import", 404, {{"csv", "name\n"}, {"dry_run", true}});
}

// --- what changes while a write waits --------------------------------------------------------------------------------

namespace
{

struct Write {
    std::string method;
    std::string path;
    json::value body;
    bool needs_to_write = true; ///< Who may only read is let in, too, where it is false.
};

/// A technician who is in the middle of something, and what happens to him meanwhile.
struct Meanwhile : Fixture {
    Meanwhile()
    {
        device = add_device("pc");
        other = add_customer("Globex");
        alert = {.id = make_uuid(clock.now_ms()),
                 .device_id = device,
                 .customer_id = customer,
                 .item = "x",
                 .subject = {},
                 .title = "X",
                 .severity = store::Severity::warning,
                 .category = "Performance",
                 .explanation = "X.",
                 .value = {},
                 .latest = {},
                 .created_ms = clock.now_ms()};
        REQUIRE(store->write([&](sqlite::Database& db) { return store::open_alert(db, alert); }));
        projection.put_alert(alert);
        auto const token = backend->add_token(customer, 1, 3600);
        REQUIRE(token.has_value());
        token_id = token->token.id;
        contact_id =
            call("POST", "/api/v1/customers/" + customer + "/contacts", 201, about_contact()).at("id").as_string();
        view_id = call("POST", "/api/v1/views", 201, about_view("First", 0)).at("id").as_string();
        REQUIRE(store->read([&](sqlite::Database& db) -> Result<> {
            session = **store::find_session(db, sha256_hex(cookie));
            technician = **store::find_technician(db, session.technician_id);
            return {};
        }));
    }

    static json::object about_contact()
    {
        return {{"name", "Anne"}, {"job_title", ""},      {"email", ""},       {"phone", ""},
                {"mobile", ""},   {"device_id", nullptr}, {"status", "active"}};
    }
    static json::object about_view(std::string_view name, int version)
    {
        return {{"list", "devices"}, {"name", name},   {"shared", false},          {"filter", ""},
                {"choices", ""},     {"sort", "name"}, {"columns", json::array()}, {"density", "detailed"},
                {"version", version}};
    }
    /// One of each kind of write at least.
    [[nodiscard]] std::vector<Write> writes() const
    {
        auto const of_customer = "/api/v1/customers/" + customer;
        auto const of_device = "/api/v1/devices/" + device;
        json::object const ids{{"ids", json::array{device}}};
        json::object const alerts{{"ids", json::array{alert.id}}, {"versions", nullptr}};
        json::object const policy{{"channel", "beta"}, {"pinned", nullptr}, {"paused", nullptr}};
        auto changed = about_contact();
        changed["version"] = 1;
        return {
            {"POST", "/api/v1/customers", {{"name", "Initech"}}},
            {"PUT", "/api/v1/pinned-fields", {{"fields", json::array{"rank", "phone", "website"}}, {"version", 0}}},
            {"POST", of_customer + "/folders", {{"name", "House"}, {"parent_id", nullptr}}},
            {"POST", of_customer + "/contacts", about_contact()},
            {"PUT", "/api/v1/contacts/" + contact_id, changed},
            {"DELETE", "/api/v1/contacts/" + contact_id, nullptr},
            {"PUT", of_customer + "/favourite", nullptr, false},
            {"PUT", of_device + "/favourite", nullptr, false},
            {"PUT",
             of_device,
             {{"assigned_name", "Desk"}, {"folder_id", nullptr}, {"monitored", true}, {"version", 1}}},
            {"POST",
             "/api/v1/devices/move",
             {{"ids", json::array{device}}, {"customer_id", other}, {"folder_id", nullptr}}},
            {"POST", "/api/v1/devices/retire", ids},
            {"POST", "/api/v1/alerts/resolve", {{"alerts", alerts}}},
            {"POST", "/api/v1/alerts/notes", {{"alerts", alerts}, {"text", "Looked at it."}}},
            {"PUT", "/api/v1/update-policy", policy},
            {"PUT", of_device + "/update-policy", policy},
            {"POST", of_device + "/update/retry", nullptr},
            {"POST", "/api/v1/enrolment-tokens", {{"customer_id", customer}, {"uses", 1}, {"expires_in_s", 3600}}},
            {"DELETE", "/api/v1/enrolment-tokens/" + token_id, nullptr},
            {"POST", "/api/v1/views", about_view("Second", 0), false},
            {"PUT", "/api/v1/views/" + view_id, about_view("Third", 1), false},
            {"DELETE", "/api/v1/views/" + view_id, nullptr, false},
            {"POST",
             "/api/v1/technicians",
             {{"name", "Ada"},
              {"role_id", "read-only"},
              {"all_customers", true},
              {"customers", json::array()},
              {"folders", json::array()}}},
            {"POST",
             "/api/v1/roles",
             {{"name", "Desk"}, {"permissions", json::array{"alerts.read"}}, {"totp_required", false}, {"version", 0}}},
            {"POST",
             "/api/v1/session/tokens",
             {{"name", "script"},
              {"permissions", json::array{"devices.read"}},
              {"all_customers", true},
              {"customers", json::array()},
              {"folders", json::array()},
              {"expires_in_s", 3600}},
             false},
            {"POST",
             "/api/v1/session/password",
             {{"current_password", password}, {"new_password", "another good horse"}},
             false},
        };
    }
    /// Everything that is stored, but for the audit log.
    [[nodiscard]] std::string stored() const
    {
        std::string all;
        REQUIRE(store->read([&](sqlite::Database& db) -> Result<> {
            all.clear();
            auto tables =
                db.prepare("SELECT s.name, (SELECT group_concat('quote(\"' || name || '\")', ' || '','' || ') "
                           "FROM pragma_table_info(s.name)) FROM sqlite_schema AS s WHERE s.type = 'table' "
                           "AND s.name NOT LIKE 'audit%' ORDER BY s.name");
            if (!tables) return tables.error();
            for (;;) {
                auto const more = tables->step();
                if (!more) return more.error();
                if (!*more) return {};
                auto const name = tables->text(0);
                auto rows = db.prepare("SELECT group_concat(" + tables->text(1) + ", char(10)) FROM \"" + name + "\"");
                if (!rows) return rows.error();
                if (auto const one = rows->step(); !one) return one.error();
                all.append(name).append("\n").append(rows->text(0)).append("\n");
            }
        }));
        return all;
    }
    /// What the newest row of the audit log says.
    [[nodiscard]] std::string last_result() const
    {
        std::string result;
        REQUIRE(store->read([&](sqlite::Database& db) -> Result<> {
            auto const page = store::audit_page(db, store::Scope::everything(), {.limit = 1});
            if (!page) return page.error();
            result = page->rows.at(0).action + ": " + page->rows.at(0).result;
            return {};
        }));
        return result;
    }
    void store_technician(store::Technician const& changed) const
    {
        REQUIRE(store->write([&](sqlite::Database& db) { return store::save_technician(db, changed); }));
    }
    /// Sends the write, while `happens`; then all is as before.
    void check(Write const& write, std::function<void()> const& happens, int status, std::string const& problem)
    {
        CAPTURE(write.path);
        std::string before;
        store->meanwhile([&] {
            happens();
            before = stored();
        });
        auto const refused = call(write.method, write.path, status, write.body);
        REQUIRE_FALSE(before.empty());
        CHECK(std::string(refused.at("type").as_string()) == "urn:rollcall:problem:" + problem);
        CHECK_FALSE(refused.at("remedy").as_string().empty());
        CHECK(stored() == before);
        CHECK(last_result().ends_with(": refused: " + std::to_string(status) + " " + problem));
        CHECK(last_result().starts_with(write.method + " "));
        store_technician(technician);
        REQUIRE(store->write([&](sqlite::Database& db) { return store::save_session(db, session); }));
    }

    std::string device;
    std::string other; ///< A customer without devices.
    store::Alert alert;
    std::string token_id;
    std::string contact_id;
    std::string view_id;
    store::WebSession session;
    store::Technician technician;
};

} // namespace

TEST_CASE_FIXTURE(Meanwhile, "writes: a right that was taken away between admission and the write counts no more")
{
    auto changed = technician;
    SUBCASE("a role that may less")
    {
        changed.role_id = "read-only";
        for (auto const& write : writes())
            check(
                write, [&] { store_technician(changed); }, 403,
                write.needs_to_write ? "permission-required" : "rights-changed");
    }
    SUBCASE("fewer customers")
    {
        changed.scope = {.all = false, .customers = {other}};
        for (auto const& write : writes())
            check(
                write, [&] { store_technician(changed); }, 403, "rights-changed");
    }
    SUBCASE("disabled")
    {
        changed.disabled_ms = clock.now_ms();
        for (auto const& write : writes())
            check(
                write, [&] { store_technician(changed); }, 401, "unauthenticated");
    }
    SUBCASE("a session that was revoked")
    {
        auto const revoke = [&] {
            REQUIRE(store->write([&](sqlite::Database& db) { return store::delete_sessions_of(db, technician.id); }));
        };
        for (auto const& write : writes())
            check(write, revoke, 401, "unauthenticated");
    }
    SUBCASE("nothing but a new password may be chosen")
    {
        changed.must_change_password = true;
        check(
            writes().front(), [&] { store_technician(changed); }, 403, "password-change-required");
    }
}

TEST_CASE_FIXTURE(Meanwhile, "writes: one that was refused so is no answer that is kept for its Idempotency-Key")
{
    auto changed = technician;
    changed.scope = {.all = false, .customers = {customer}};
    auto const add = [&](int status) {
        headers = {{"idempotency-key", "key-1"}};
        auto const answer = call("POST", "/api/v1/customers/" + customer + "/folders", status,
                                 {{"name", "House"}, {"parent_id", nullptr}});
        headers.clear();
        return answer;
    };
    store->meanwhile([&] { store_technician(changed); });
    CHECK(add(403).at("type").as_string() == "urn:rollcall:problem:rights-changed");
    CHECK(add(201).at("name").as_string() == "House");
}

TEST_CASE_FIXTURE(Meanwhile, "writes: rights that only grew meanwhile stop nothing")
{
    auto const more = technician;
    technician.scope = {.all = false, .customers = {customer}};
    store_technician(technician);
    store->meanwhile([&] { store_technician(more); });
    call("POST", "/api/v1/customers/" + customer + "/folders", 201, {{"name", "House"}, {"parent_id", nullptr}});
}

TEST_CASE_FIXTURE(Meanwhile, "writes: a device that came to another customer meanwhile is not there")
{
    technician.scope = {.all = false, .customers = {customer}};
    store_technician(technician);
    auto const move = [&](std::string const& to) {
        api::Order const order{.scope = store::Scope::everything(),
                               .technician_id = technician.id,
                               .technician = technician.name,
                               .what = api::MoveDevices{.ids = {device}, .customer_id = to, .folder_id = {}}};
        auto const moved = backend->organise(order);
        REQUIRE(moved.has_value());
        CHECK(moved->verdicts.at(0).refused.empty());
    };
    json::object const ids{{"ids", json::array{device}}};
    json::object const policy{{"channel", "beta"}, {"pinned", nullptr}, {"paused", nullptr}};
    json::object const alerts{{"ids", json::array{alert.id}}, {"versions", nullptr}};
    auto const of_device = "/api/v1/devices/" + device;
    std::vector<Write> const not_found{
        {"PUT", of_device, {{"assigned_name", "X"}, {"folder_id", nullptr}, {"monitored", true}, {"version", 1}}},
        {"PUT", of_device + "/favourite", nullptr},
        {"PUT", of_device + "/update-policy", policy},
        {"POST", of_device + "/update/retry", nullptr},
        {"POST", "/api/v1/alerts/resolve", {{"alerts", alerts}}},
    };
    for (auto const& write : not_found) {
        store->meanwhile([&] { move(other); });
        CHECK(call(write.method, write.path, 404, write.body).at("type").as_string() ==
              "urn:rollcall:problem:not-found");
        move(customer);
    }
    for (auto const* const verb : {"retire", "monitor", "purge"}) {
        auto body = ids;
        if (verb == std::string_view("monitor")) body["monitored"] = false;
        if (verb == std::string_view("purge")) body["dry_run"] = false;
        store->meanwhile([&] { move(other); });
        auto const answer = call("POST", "/api/v1/devices/" + std::string(verb), 200, body);
        CHECK(answer.at("items").at(0).at("reason").as_string() == "There is no such device.");
        move(customer);
    }
    auto const row = projection.device(store::Scope::everything(), device);
    REQUIRE(row);
    CHECK(row->monitored);
    CHECK_FALSE(row->revoked);
}

TEST_CASE_FIXTURE(Meanwhile, "technicians: a new name stands at alerts at once, and who looks at them is told")
{
    json::object const alerts{{"ids", json::array{alert.id}}, {"versions", nullptr}};
    call("POST", "/api/v1/alerts/assign", 200, {{"alerts", alerts}, {"technician_id", technician.id}});
    view::Change heard;
    auto const listener = projection.listen([&](view::Change const& change) { heard = change; });
    call("PUT", "/api/v1/technicians/" + technician.id, 200,
         {{"name", "Zoe"},
          {"role_id", technician.role_id},
          {"all_customers", true},
          {"customers", json::array()},
          {"folders", json::array()},
          {"disabled", false},
          {"version", technician.version}});
    REQUIRE(store->write([](sqlite::Database&) -> Result<> { return {}; }));
    projection.unlisten(listener);
    REQUIRE(heard.places.size() == 1);
    CHECK(heard.places.begin()->first.customer_id == customer);
    CHECK(heard.places.begin()->second.alerts);
    CHECK(call("GET", "/api/v1/alerts/" + alert.id, 200).at("alert").at("assigned_name").as_string() == "Zoe");
}
