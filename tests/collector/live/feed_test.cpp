#include <doctest/doctest.h>

#include <string>

#include "collector/view/live/feed.hpp"

using namespace std::chrono_literals;
using rollcall::access::Permission;
using rollcall::access::Permissions;
using rollcall::live::Feed;
using rollcall::store::Scope;
using rollcall::view::Change;

static Change change(std::vector<std::string> devices, std::set<std::string, std::less<>> customers)
{
    Change made;
    made.devices = std::move(devices);
    made.customer_ids = std::move(customers);
    return made;
}

TEST_CASE("feed: many changes within the interval become one message")
{
    Feed feed(Scope::everything(), Permissions::all());
    CHECK_FALSE(feed.due(0ms));
    feed.note(change({"a"}, {"k"}));
    auto const first = feed.take(0ms);
    REQUIRE(first);
    CHECK(first->type == "changed");
    CHECK(first->devices == std::vector<std::string>{"a"});

    auto alert = change({"b"}, {"k"});
    alert.alerts = true;
    feed.note(alert);
    feed.note(change({"a", "b"}, {"k"}));
    CHECK_FALSE(feed.take(50ms));
    CHECK(*feed.due(50ms) == 50ms);
    auto const second = feed.take(100ms);
    REQUIRE(second);
    CHECK(second->devices == std::vector<std::string>{"a", "b"});
    CHECK(second->alerts);
    CHECK_FALSE(second->customers);
    CHECK_FALSE(feed.due(1000ms));
}

TEST_CASE("feed: too many devices become all of them, and the next message counts anew")
{
    Feed feed(Scope::everything(), Permissions::all());
    for (std::size_t number = 0; number <= rollcall::live::limits::live_devices; ++number)
        feed.note(change({std::to_string(number)}, {"k"}));
    auto const all = feed.take(0ms);
    REQUIRE(all);
    CHECK(all->all_devices);
    CHECK(all->devices.empty());
    feed.note(change({"a"}, {"k"}));
    auto const one = feed.take(1000ms);
    REQUIRE(one);
    CHECK_FALSE(one->all_devices);
    CHECK(one->devices.size() == 1);
}

TEST_CASE("feed: a client hears nothing of customers it may not see, and no id of a mixed change")
{
    Feed feed(Scope{.all = false, .customers = {"mine"}}, Permissions::all());
    feed.note(change({"secret"}, {"theirs"}));
    feed.note(change({"nobody"}, {}));
    CHECK_FALSE(feed.due(0ms));
    feed.note(change({"secret", "open"}, {"theirs", "mine"}));
    auto const mixed = feed.take(0ms);
    REQUIRE(mixed);
    CHECK(mixed->devices.empty());
    CHECK(mixed->all_devices);
    feed.note(change({"open"}, {"mine"}));
    auto const own = feed.take(100ms);
    REQUIRE(own);
    CHECK(own->devices == std::vector<std::string>{"open"});
}

TEST_CASE(
    "feed: what changes more devices than are named changes all, and what concerns all customers reaches everybody")
{
    Feed feed(Scope{.all = false, .customers = {"mine"}}, Permissions::all());
    auto folder = change({}, {"mine"});
    folder.all_devices = true;
    folder.customers = true;
    feed.note(folder);
    auto const renamed = feed.take(0ms);
    REQUIRE(renamed);
    CHECK(renamed->all_devices);
    CHECK(renamed->customers);
    Change pinned;
    pinned.customers = true;
    feed.note(pinned);
    auto const fields = feed.take(100ms);
    REQUIRE(fields);
    CHECK(fields->customers);
    CHECK_FALSE(fields->all_devices);
}

TEST_CASE("feed: a client hears only of what it may read")
{
    Feed feed(Scope::everything(), Permissions{Permission::alerts_read});
    auto both = change({"a"}, {"k"});
    both.customers = true;
    feed.note(both);
    CHECK_FALSE(feed.due(0ms));
    both.alerts = true;
    feed.note(both);
    auto const heard = feed.take(0ms);
    REQUIRE(heard);
    CHECK(heard->alerts);
    CHECK_FALSE(heard->customers);
    CHECK_FALSE(heard->all_devices);
    CHECK(heard->devices.empty());
}
