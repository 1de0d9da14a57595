#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "collector/view/live/history.hpp"

using rollcall::live::EventIds;
using rollcall::live::History;
using rollcall::view::Change;
namespace limits = rollcall::live::limits;

static std::vector<std::string> devices_after(History const& history, std::uint64_t number)
{
    std::vector<std::string> found;
    CHECK(history.after(number, [&](Change const& change) {
        found.insert(found.end(), change.devices.begin(), change.devices.end());
    }));
    return found;
}

TEST_CASE("history: what came after a number is told in its order")
{
    History history;
    CHECK(history.last() == 0);
    CHECK(devices_after(history, 0).empty());
    history.add({.devices = {"a"}});
    history.add({.devices = {"b"}});
    history.add({.devices = {"c"}});
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
        many.add({.devices = {"a"}});
    CHECK_FALSE(many.after(0, [](Change const&) { FAIL("the first is gone"); }));
    CHECK(devices_after(many, 1).size() == limits::kept_changes);

    History wide;
    std::vector<std::string> const names(limits::live_devices, "a");
    for (std::size_t at = 0; at <= limits::kept_names / limits::live_devices; ++at)
        wide.add({.devices = names});
    CHECK_FALSE(wide.after(0, [](Change const&) { FAIL("the first is gone"); }));
    CHECK(devices_after(wide, 1).size() == limits::kept_names);
}

TEST_CASE("history: of more devices than a message names, none is kept")
{
    History history;
    history.add({.devices = std::vector<std::string>(limits::live_devices + 1, "a")});
    bool all = false;
    CHECK(history.after(0, [&](Change const& change) { all = change.all_devices && change.devices.empty(); }));
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
