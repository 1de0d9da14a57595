#include <doctest/doctest.h>

#include <future>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>

#include "collector/view/live/events.hpp"
#include "collector/view/live/limits.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace std::chrono_literals;

namespace
{

struct Event {
    std::string name; ///< "" = nothing is told, but an id may be.
    std::string id;
    std::string data;
};

/// As a reader takes a piece apart: one event each.
Event event_of(std::string const& piece)
{
    CHECK(piece.ends_with("\n\n"));
    Event event;
    for (std::size_t at = 0; at < piece.size();) {
        auto const end = piece.find('\n', at);
        auto const line = piece.substr(at, end - at);
        if (line.starts_with("event: ")) event.name = line.substr(7);
        if (line.starts_with("id: ")) event.id = line.substr(4);
        if (line.starts_with("data: ")) event.data = line.substr(6);
        at = end + 1;
    }
    return event;
}

/// A peer that takes a piece when the test says so.
class Reader
{
public:
    explicit Reader(std::shared_ptr<gateway::HttpBody> body)
        : body_(std::move(body))
    {
        CHECK_FALSE(body_->size());
    }
    Result<std::string> piece()
    {
        begin();
        return end();
    }
    void begin()
    {
        auto const promise = std::make_shared<std::promise<Result<std::string>>>();
        coming_ = promise->get_future();
        body_->next([promise](Result<std::string> piece) { promise->set_value(std::move(piece)); });
    }
    Result<std::string> end()
    {
        REQUIRE(coming_.wait_for(support::patience) == std::future_status::ready);
        return coming_.get();
    }
    Event next()
    {
        auto const got = piece();
        REQUIRE(got);
        return event_of(*got);
    }

private:
    std::shared_ptr<gateway::HttpBody> body_;
    std::future<Result<std::string>> coming_;
};

struct EventsFixture {
    EventsFixture()
    {
        auto opened = store::Store::open({.file = folder / "test.db"});
        REQUIRE(opened);
        store = *std::move(opened);
        access = std::make_unique<access::Access>(*store, clock, access::Keys::make());
        auto const first = access->first_password();
        REQUIRE(first);
        identity = entered("admin", **first);
        events = std::make_unique<live::Events>(*access, projection);
    }

    /// Logs in with the first password, and chooses another.
    access::Identity entered(std::string const& name, std::string const& first_password)
    {
        std::int64_t retry_after_s = 0;
        auto const at_first = access->log_in(name, first_password, "192.0.2.1", retry_after_s);
        REQUIRE(at_first);
        REQUIRE(access->change_password(at_first->identity, first_password, "correct horse battery", retry_after_s));
        auto const now = access->log_in(name, "correct horse battery", "192.0.2.1", retry_after_s);
        REQUIRE(now);
        return now->identity;
    }

    /// From now on streams are opened by somebody who sees this customer only.
    void limit_to(std::string const& customer)
    {
        REQUIRE(store->write([&](sqlite::Database& db) {
            return store::add_customer(db, {.id = customer, .name = customer, .created_ms = 1});
        }));
        auto const made = access->staff().add(
            identity, {.name = "Eve", .role_id = "admin", .scope = {.all = false, .customers = {customer}}});
        identity = entered("Eve", std::get<access::FirstPassword>(made).password);
    }

    Reader open(std::string const& last_id = {})
    {
        auto stream = events->open(identity, last_id);
        REQUIRE(stream.has_value());
        return Reader(*std::move(stream));
    }
    void change(std::string const& device, std::string const& customer)
    {
        view::Change made;
        made.places[{.customer_id = customer}].devices = {device};
        projection.announce(made);
    }
    static std::vector<std::string> devices(Event const& event)
    {
        CHECK(event.name == "changed");
        std::vector<std::string> found;
        auto const message = boost::json::parse(event.data);
        for (auto const& one : message.at("devices").as_array())
            found.emplace_back(one.as_string());
        return found;
    }

    support::TempDir folder;
    support::ManualClock clock;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<access::Access> access;
    access::Identity identity;
    view::Projection projection;
    std::unique_ptr<live::Events> events;
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE_FIXTURE(EventsFixture, "events: a reader gets an id at once, then each change with one of its own")
{
    auto reader = open();
    auto const first = reader.next();
    CHECK(first.name.empty());
    CHECK_FALSE(first.id.empty());
    change("a", "k");
    auto const second = reader.next();
    CHECK(devices(second) == Names{"a"});
    CHECK_FALSE(second.id.empty());
    CHECK(second.id != first.id);
    auto const message = boost::json::parse(second.data);
    CHECK(message.at("type").as_string() == "changed");
    CHECK_FALSE(message.at("alerts").as_bool());
}

TEST_CASE_FIXTURE(EventsFixture, "events: whoever comes back is told what happened meanwhile, and nothing twice")
{
    std::string last;
    {
        auto reader = open();
        reader.next();
        change("a", "k");
        last = reader.next().id;
    }
    CHECK(events->streams() == 0);
    change("b", "k");
    change("c", "k");
    auto again = open(last);
    again.next();
    CHECK(devices(again.next()) == Names{"b", "c"});
    again.begin();
    change("d", "k");
    auto const piece = again.end();
    REQUIRE(piece);
    CHECK(devices(event_of(*piece)) == Names{"d"});
}

TEST_CASE_FIXTURE(EventsFixture,
                  "events: where the place is not known any more, a reset says so, and it goes on from there")
{
    auto reader = open("of another run");
    auto const first = reader.next();
    CHECK(first.name == "reset");
    CHECK(first.data == "{}");
    change("a", "k");
    CHECK(devices(reader.next()) == Names{"a"});

    auto const early = first.id;
    for (std::size_t at = 0; at <= live::limits::kept_changes; ++at)
        change("b", "k");
    auto late = open(early);
    auto const gap = late.next();
    CHECK(gap.name == "reset");
    change("c", "k");
    CHECK(devices(late.next()) == Names{"c"});
    auto const after_gap = open(gap.id).next();
    CHECK(after_gap.name.empty());
}

TEST_CASE_FIXTURE(EventsFixture, "events: a reader that takes them too slowly is cut off, others are not")
{
    auto slow = open();
    auto const place = slow.next().id;
    auto quick = open();
    quick.next();
    for (std::size_t at = 0; at <= live::limits::kept_changes; ++at) {
        change("a", "k");
        if (at % 1024 == 0) CHECK(devices(quick.next()) == Names{"a"});
    }
    CHECK(quick.piece());
    auto const cut = slow.piece();
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == errc::limit_exceeded);
    CHECK(open(place).next().name == "reset");
}

TEST_CASE_FIXTURE(EventsFixture,
                  "leak: of another customer no event tells, and no number says that there was something")
{
    limit_to("own");
    auto reader = open();
    auto const place = reader.next().id;
    view::Change hidden;
    hidden.places[{.customer_id = "theirs"}] = {
        .devices = {"hidden"}, .alerts = true, .customers = true, .tokens = true};
    projection.announce(hidden);
    change("mine", "own");
    auto const told = reader.next();
    CHECK(devices(told) == Names{"mine"});
    CHECK_FALSE(boost::json::parse(told.data).at("alerts").as_bool());
    CHECK(told.id.size() == place.size());

    auto again = open(place);
    again.next();
    auto const repeated = again.next();
    CHECK(devices(repeated) == Names{"mine"});
    CHECK(repeated.data == told.data);
}

TEST_CASE_FIXTURE(EventsFixture, "events: log-out is told, then the stream ends")
{
    auto waiting = open();
    waiting.next();
    waiting.begin();
    auto busy = open();
    REQUIRE(access->log_out(identity));
    auto const words = waiting.end();
    REQUIRE(words);
    CHECK(event_of(*words).name == "session_ended");
    CHECK(event_of(*words).id.empty());
    auto const end = waiting.piece();
    REQUIRE(end);
    CHECK(end->empty());
    busy.next();
    CHECK(busy.next().name == "session_ended");
}

TEST_CASE_FIXTURE(EventsFixture, "events: other rights end the stream, and the session goes on")
{
    auto reader = open();
    reader.next();
    reader.begin();
    access::RoleWish const wish{
        .name = "Owner", .permissions = access::Permissions::all(), .totp_required = true, .version = 1};
    REQUIRE(std::holds_alternative<access::Role>(access->staff().change_role(identity, "owner", wish)));
    auto const end = reader.end();
    REQUIRE(end);
    CHECK(end->empty());
}

TEST_CASE_FIXTURE(EventsFixture, "events: an expired session is found out without any request")
{
    auto reader = open();
    reader.next();
    clock.advance(12h);
    CHECK(reader.next().name == "session_ended");
}

TEST_CASE_FIXTURE(EventsFixture, "events: a stream that has nothing to tell keeps the connection alive, with its place")
{
    auto reader = open();
    reader.next();
    limit_to("own");
    auto limited = open();
    limited.next();
    limited.begin();
    for (std::size_t at = 0; at <= live::limits::kept_changes; ++at)
        change("hidden", "theirs");
    auto const piece = limited.end();
    REQUIRE(piece);
    CHECK(piece->starts_with(":\n"));
    auto const event = event_of(*piece);
    CHECK(event.name.empty());
    CHECK(event.data.empty());
    CHECK(open(event.id).next().name.empty());
}

TEST_CASE_FIXTURE(EventsFixture,
                  "events: one technician has so many streams, and a place is free when its reader has left")
{
    std::vector<Reader> readers;
    for (std::size_t at = 0; at < live::limits::streams_per_technician; ++at)
        readers.push_back(open());
    auto const refused = events->open(identity, "");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().status == 503);
    CHECK(refused.error().detail.find("16") != std::string::npos);
    readers.pop_back();
    open();
}

TEST_CASE_FIXTURE(EventsFixture,
                  "events: stop ends streams as if they were complete, and one may end later than the feed")
{
    auto waiting = open();
    waiting.next();
    waiting.begin();
    auto busy = open();
    events->stop();
    auto const end = waiting.end();
    REQUIRE(end);
    CHECK(end->empty());
    auto const later = busy.piece();
    REQUIRE(later);
    CHECK(later->empty());
    CHECK_FALSE(events->open(identity, "").has_value());
    events.reset();
    CHECK(busy.piece());
}

TEST_CASE_FIXTURE(EventsFixture,
                  "events: a device that is moved into one's folder is told, and a folder's move ends the stream")
{
    limit_to("own");
    auto const folders = [&](auto change) {
        REQUIRE(store->write([&](sqlite::Database& db) { return change(db); }));
        view::Change told;
        told.folders = true;
        projection.announce(told);
    };
    store::Folder const yard{.id = "yard", .customer_id = "own", .parent_id = {}, .name = "Yard", .created_ms = 1};
    store::Folder desk{.id = "desk", .customer_id = "own", .parent_id = {}, .name = "Desk", .created_ms = 1};
    REQUIRE(store->write([&](sqlite::Database& db) -> Result<> {
        if (auto added = store::add_folder(db, yard); !added) return added;
        if (auto added = store::add_folder(db, desk); !added) return added;
        auto eve = store::find_technician_by_name(db, "Eve");
        if (!eve) return eve.error();
        (*eve)->scope = {.all = false, .customers = {}, .folders = {{"own", {"yard"}}}};
        return store::save_technician(db, **eve);
    }));
    auto const enter = [&] {
        std::int64_t retry_after_s = 0;
        auto const now = access->log_in("Eve", "correct horse battery", "192.0.2.1", retry_after_s);
        REQUIRE(now);
        return now->identity;
    };
    identity = enter();
    auto reader = open();
    reader.next();
    view::Change moved;
    moved.places[{.customer_id = "own", .folder_id = "desk"}] = {.devices = {"pc"}, .customers = true};
    projection.announce(moved);
    moved.places[{.customer_id = "own", .folder_id = "yard"}] = {.devices = {"pc"}, .customers = true};
    projection.announce(moved);
    CHECK(devices(reader.next()) == Names{"pc"});

    // Whoever sees more or less by a folder's move comes back with that.
    reader.begin();
    folders([&](sqlite::Database& db) {
        desk.parent_id = "yard";
        return store::save_folder(db, desk);
    });
    auto const over = reader.end();
    REQUIRE(over);
    CHECK(over->empty());
    identity = enter();
    auto again = open();
    again.next();
    view::Change inside;
    inside.places[{.customer_id = "own", .folder_id = "desk"}] = {.devices = {"deep"}};
    projection.announce(inside);
    CHECK(devices(again.next()) == Names{"deep"});
}
