#include <doctest/doctest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collector/view/live/history.hpp"

using rollcall::live::EventIds;
using rollcall::live::History;
using rollcall::view::Change;
using NameSet = std::set<std::string, std::less<>>;
namespace limits = rollcall::live::limits;

static Change change(NameSet devices)
{
    Change made;
    made.places[{.customer_id = "k"}].devices = std::move(devices);
    return made;
}

static NameSet names(std::size_t count)
{
    NameSet made;
    for (std::size_t number = 0; number < count; ++number)
        made.insert(std::to_string(number));
    return made;
}

static std::vector<std::string> devices_after(History const& history, std::uint64_t number)
{
    std::vector<std::string> found;
    CHECK(history.after(number, [&](Change const& kept) {
        for (auto const& [where, happened] : kept.places)
            found.insert(found.end(), happened.devices.begin(), happened.devices.end());
    }));
    return found;
}

TEST_CASE("history: what came after a number is told in its order")
{
    History history;
    CHECK(history.last() == 0);
    CHECK(devices_after(history, 0).empty());
    history.add(change({"a"}));
    history.add(change({"b"}));
    history.add(change({"c"}));
    CHECK(history.last() == 3);
    CHECK(devices_after(history, 0) == std::vector<std::string>{"a", "b", "c"});
    CHECK(devices_after(history, 2) == std::vector<std::string>{"c"});
    CHECK(devices_after(history, 3).empty());
    CHECK_FALSE(history.after(4, [](Change const&) { FAIL("nothing came after what has not been"); }));
}

TEST_CASE("history: the oldest go, by number and by what they name")
{
    History many;
    for (std::size_t at = 0; at <= limits::kept_changes; ++at)
        many.add(change({"a"}));
    CHECK_FALSE(many.after(0, [](Change const&) { FAIL("the first is gone"); }));
    CHECK(devices_after(many, 1).size() == limits::kept_changes);

    // A change names its customer, too.
    History wide;
    auto const most = limits::kept_names / (limits::live_devices + 1);
    for (std::size_t at = 0; at <= most; ++at)
        wide.add(change(names(limits::live_devices)));
    CHECK_FALSE(wide.after(0, [](Change const&) { FAIL("the first is gone"); }));
    CHECK(devices_after(wide, 1).size() == most * limits::live_devices);
}

TEST_CASE("history: of more devices than a message names, none is kept")
{
    History history;
    history.add(change(names(limits::live_devices + 1)));
    bool all = false;
    CHECK(history.after(0, [&](Change const& kept) {
        auto const& happened = kept.places.begin()->second;
        all = happened.all_devices && happened.devices.empty();
    }));
    CHECK(all);
}

TEST_CASE("event ids: they hide the number, and another run's are none")
{
    EventIds const ids;
    auto const one = ids.seal(7);
    CHECK(one.size() == 22);
    CHECK(one != ids.seal(7));
    CHECK(ids.open(one) == 7);
    CHECK_FALSE(EventIds().open(one));
    CHECK_FALSE(ids.open(""));
    CHECK_FALSE(ids.open("7"));
    CHECK_FALSE(ids.open("an id that is none at all"));
    CHECK_FALSE(ids.open(one + one));
}
