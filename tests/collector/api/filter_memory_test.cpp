#include <doctest/doctest.h>

#include "collector/view/api/filter_memory.hpp"
#include "collector/view/api/limits.hpp"

using namespace rollcall;
using filter::Truth;

namespace
{

filter::Table const& table(std::string_view name)
{
    return *std::ranges::find(filter::tables(), name, &filter::Table::name);
}

struct MemoryFixture {
    view::Projection projection;
    api::FilterMemory memory{projection};
    std::vector<view::DeviceNumber> const devices{0, 1, 2};

    MemoryFixture()
    {
        for (auto const* const id : {"a", "b", "c"})
            projection.put_device({.id = id, .name = id, .customer_id = "customer"});
    }
};

using Truths = std::vector<Truth>;

} // namespace

TEST_CASE_FIXTURE(MemoryFixture, "filter memory: what was kept is known until the probe's rows change on that device")
{
    auto const reading = memory.begin("volumes.free_percent < 10", table("volumes"));
    CHECK(memory.known(*reading).empty());
    memory.keep(*reading, devices, {Truth::yes, Truth::no, Truth::unknown});
    CHECK(memory.known(*reading) == Truths{Truth::yes, Truth::no, Truth::unknown});
    projection.announce_rows("b", "os");
    projection.announce_rows("nobody", "volumes");
    CHECK(memory.known(*reading) == Truths{Truth::yes, Truth::no, Truth::unknown});
    projection.announce_rows("b", "volume_usage"); // Joined to volumes.
    projection.announce_rows("c", "volumes");
    CHECK(memory.known(*reading) == Truths{Truth::yes, Truth::undecided, Truth::undecided});
    auto const other = memory.begin("volumes.free_percent < 11", table("volumes"));
    CHECK(memory.known(*other).empty());
}

TEST_CASE_FIXTURE(MemoryFixture, "filter memory: what changed while it was read is not kept")
{
    auto first = memory.begin("os.family is linux", table("os"));
    CHECK(memory.known(*first).empty());
    projection.announce_rows("a", "os");
    auto second = memory.begin("os.family is linux", table("os"));
    memory.keep(*first, devices, {Truth::yes, Truth::yes, Truth::yes});
    CHECK(memory.known(*second) == Truths{Truth::undecided, Truth::yes, Truth::yes});
    first.reset();
    memory.keep(*second, devices, {Truth::no, Truth::no, Truth::no});
    CHECK(memory.known(*second) == Truths{Truth::undecided, Truth::no, Truth::no});
    second.reset();
    auto const third = memory.begin("os.family is linux", table("os"));
    memory.keep(*third, devices, {Truth::no, Truth::no, Truth::no});
    CHECK(memory.known(*third) == Truths(3, Truth::no));
}

TEST_CASE_FIXTURE(MemoryFixture,
                  "filter memory: of too many tests the one that was not asked for longest goes, and no reader minds")
{
    auto const oldest = memory.begin("0", table("os"));
    memory.keep(*oldest, devices, Truths(3, Truth::yes));
    for (std::size_t i = 1; i <= api::limits::filter_tests; ++i)
        static_cast<void>(memory.begin(std::to_string(i), table("os")));
    CHECK(memory.known(*oldest) == Truths(3, Truth::yes));
    CHECK(memory.known(*memory.begin("0", table("os"))).empty());
}
