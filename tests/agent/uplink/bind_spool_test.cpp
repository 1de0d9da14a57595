#include <doctest/doctest.h>

#include "agent/uplink/bind_spool.hpp"
#include "common/log/log.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;

namespace
{

struct BindFixture {
    support::TempDir dir;
    SystemClock clock;
    log::Capture captured;
    spool::Spool spool = *spool::Spool::open({.folder = dir.path(), .clock = &clock, .limits = {}});

    std::uint64_t events()
    {
        auto const count = spool.count(wire::Lane::event);
        REQUIRE(count);
        return *count;
    }
    void append()
    {
        wire::Event event;
        event.name = "boot";
        REQUIRE(spool.append(std::move(event)));
    }
    void bind(std::string const& device, wire::Hardware const& hardware)
    {
        REQUIRE(uplink::bind_spool(spool, device, hardware));
    }
};

wire::Hardware const here{.id = "here", .disks = {"disk"}};
wire::Hardware const elsewhere{.id = "elsewhere", .disks = {"other-disk"}};

} // namespace

TEST_CASE_FIXTURE(BindFixture, "bind_spool: on its own machine, or where nothing is known, the spool stays as it is")
{
    bind("device", {});
    append();
    bind("device", here);
    bind("device", here);
    bind("device", {.id = "here", .disks = {}});
    bind("device", here);
    bind("device", {});
    CHECK(events() == 1);
    // Drives that did not answer for once are known still.
    bind("device", {.id = "here", .disks = {}});
    bind("device", {.id = "new-board", .disks = {"disk"}});
    CHECK(events() == 1);
    CHECK_FALSE(captured.has("agent.copied_disk"));
}

TEST_CASE_FIXTURE(BindFixture, "bind_spool: a board that was changed around the disk keeps what waits")
{
    bind("device", here);
    append();
    bind("device", {.id = "new-board", .disks = {"disk"}});
    CHECK(events() == 1);
    // And from then on that is the machine.
    bind("device", {.id = "new-board", .disks = {"new-disk"}});
    CHECK(events() == 1);
}

TEST_CASE_FIXTURE(BindFixture, "bind_spool: a copied disk starts over, once, and what is read on the new machine stays")
{
    bind("device", here);
    append();
    auto const epoch = spool.epoch();
    bind("device", elsewhere);
    CHECK(events() == 0);
    CHECK(spool.epoch() != epoch);
    CHECK(captured.has("agent.copied_disk"));
    CHECK(*spool.recall(uplink::own_since_copy) == "device");
    append();
    bind("device", elsewhere); // Started again before it reached anybody.
    CHECK(events() == 1);
    CHECK(*spool.recall(uplink::own_since_copy) == "device");
}

TEST_CASE_FIXTURE(BindFixture, "bind_spool: enrolled as another device, the spool starts over")
{
    bind("device", here);
    append();
    bind("another", here);
    CHECK(events() == 0);
    append();
    bind("another", here);
    CHECK(events() == 1);
    bind("another", elsewhere);
    CHECK(events() == 0);
}
