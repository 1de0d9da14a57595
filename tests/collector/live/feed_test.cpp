#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "collector/view/live/feed.hpp"

using namespace std::chrono_literals;
using rollcall::access::Permission;
using rollcall::access::Permissions;
using rollcall::live::Feed;
using rollcall::store::Scope;
using rollcall::view::Change;
using rollcall::view::Happened;
using Told = std::vector<std::string>;

static Change change(std::string const& customer, Happened happened)
{
    Change made;
    made.places[{.customer_id = customer}] = std::move(happened);
    return made;
}

TEST_CASE("feed: many changes within the interval become one message")
{
    Feed feed(Scope::everything(), Permissions::all());
    CHECK_FALSE(feed.due(0ms));
    feed.note(change("k", {.devices = {"a"}}));
    auto const first = feed.take(0ms);
    REQUIRE(first);
    CHECK(first->type == "changed");
    CHECK(first->devices == Told{"a"});

    feed.note(change("k", {.devices = {"b"}, .alerts = true}));
    feed.note(change("k", {.devices = {"a", "b"}}));
    CHECK_FALSE(feed.take(50ms));
    CHECK(*feed.due(50ms) == 50ms);
    auto const second = feed.take(100ms);
    REQUIRE(second);
    CHECK(second->devices == Told{"a", "b"});
    CHECK(second->alerts);
    CHECK_FALSE(second->customers);
    CHECK_FALSE(feed.due(1000ms));
}

TEST_CASE("feed: too many devices become all of them, and the next message counts anew")
{
    Feed feed(Scope::everything(), Permissions::all());
    for (std::size_t number = 0; number <= rollcall::live::limits::live_devices; ++number)
        feed.note(change("k", {.devices = {std::to_string(number)}}));
    auto const all = feed.take(0ms);
    REQUIRE(all);
    CHECK(all->all_devices);
    CHECK(all->devices.empty());
    feed.note(change("k", {.devices = {"a"}}));
    auto const one = feed.take(1000ms);
    REQUIRE(one);
    CHECK_FALSE(one->all_devices);
    CHECK(one->devices.size() == 1);
}

TEST_CASE("feed: of a change of several customers a client hears what happened at its own, and no more")
{
    Feed feed(Scope{.all = false, .customers = {"mine"}}, Permissions::all());
    feed.note(change("theirs", {.devices = {"secret"}, .all_devices = true, .alerts = true, .customers = true}));
    CHECK_FALSE(feed.due(0ms));

    Change mixed;
    mixed.places[{.customer_id = "theirs"}] = {.devices = {"secret"}, .alerts = true, .tokens = true};
    mixed.places[{.customer_id = "mine"}] = {.devices = {"open"}, .customers = true};
    feed.note(mixed);
    auto const heard = feed.take(0ms);
    REQUIRE(heard);
    CHECK(heard->devices == Told{"open"});
    CHECK(heard->customers);
    CHECK_FALSE(heard->all_devices);
    CHECK_FALSE(heard->alerts);
    CHECK_FALSE(heard->tokens);
}

TEST_CASE("feed: what is of all reaches everybody, also beside what happened at some customer")
{
    Feed feed(Scope{.all = false, .customers = {"mine"}}, Permissions::all());
    auto both = change("theirs", {.devices = {"secret"}, .alerts = true});
    both.of_all = {.customers = true, .updates = true};
    feed.note(both);
    auto const heard = feed.take(0ms);
    REQUIRE(heard);
    CHECK(heard->customers);
    CHECK(heard->updates);
    CHECK_FALSE(heard->alerts);
    CHECK_FALSE(heard->all_devices);
    CHECK(heard->devices.empty());
}

TEST_CASE("feed: what changes more devices than are named changes all")
{
    Feed feed(Scope{.all = false, .customers = {"mine"}}, Permissions::all());
    feed.note(change("mine", {.all_devices = true, .customers = true}));
    auto const renamed = feed.take(0ms);
    REQUIRE(renamed);
    CHECK(renamed->all_devices);
    CHECK(renamed->customers);
}

TEST_CASE("feed: a client hears only of what it may read")
{
    Feed feed(Scope::everything(), Permissions{Permission::alerts_read});
    feed.note(change("k", {.devices = {"a"}, .customers = true}));
    CHECK_FALSE(feed.due(0ms));
    feed.note(change("k", {.devices = {"a"}, .alerts = true, .customers = true}));
    auto const heard = feed.take(0ms);
    REQUIRE(heard);
    CHECK(heard->alerts);
    CHECK_FALSE(heard->customers);
    CHECK_FALSE(heard->all_devices);
    CHECK(heard->devices.empty());
}

TEST_CASE("feed: who sees one folder hears what happens in it, and of what comes and goes, and nothing of the others")
{
    Feed feed(Scope{.all = false, .customers = {}, .folders = {{"k", {"mine"}}}}, Permissions::all());
    auto const at = [&](std::string const& folder, Happened happened) {
        Change made;
        made.places[{.customer_id = "k", .folder_id = folder}] = std::move(happened);
        feed.note(made);
    };
    at("", {.devices = {"loose"}, .all_devices = true, .alerts = true, .customers = true, .tokens = true});
    at("theirs", {.devices = {"secret"}, .alerts = true});
    CHECK_FALSE(feed.due(0ms));
    at("mine", {.devices = {"open"}, .alerts = true});
    auto const own = feed.take(0ms);
    REQUIRE(own);
    CHECK(own->devices == Told{"open"});
    CHECK(own->alerts);

    // A device that is moved is told where it was and where it is.
    Change moved;
    moved.places[{.customer_id = "k", .folder_id = "theirs"}] = {.devices = {"guest"}, .customers = true};
    moved.places[{.customer_id = "k", .folder_id = "mine"}] = {.devices = {"guest"}, .customers = true};
    feed.note(moved);
    auto const heard = feed.take(100ms);
    REQUIRE(heard);
    CHECK(heard->devices == Told{"guest"});
}
