#include <doctest/doctest.h>

#include "agent/uplink/outbox.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::uplink;
using wire::Lane;

namespace
{

struct OutboxFixture {
    Outbox outbox{{.window = 10, .batch_records = 4, .batch_bytes = 1000, .checked_every = 60s}};
    std::map<Lane, std::uint64_t> held; ///< Highest sequence in the spool, by lane.
    std::chrono::milliseconds now{1000};
    std::vector<std::string> sent;

    void append(Lane lane, std::uint64_t records = 1)
    {
        held[lane] += records;
        outbox.appended(lane);
    }

    /// Does what the outbox asks for until it asks for nothing, or one step.
    void run(int steps = 1000)
    {
        while (steps-- > 0) {
            auto const step = outbox.next(now);
            if (!step) return;
            if (auto const* const fetch = std::get_if<Outbox::Fetch>(&*step)) {
                std::vector<spool::Record> records;
                for (auto next = fetch->after + 1; next <= held[fetch->lane] && records.size() < fetch->records; ++next)
                    records.push_back({next, ""});
                outbox.fetched(fetch->lane, records);
                for (auto const& record : records)
                    sent.push_back(std::string(wire::to_string(fetch->lane)) + std::to_string(record.sequence));
            } else if (auto const* const forget = std::get_if<Outbox::Forget>(&*step)) {
                sent.push_back("forget " + std::string(wire::to_string(forget->lane)) + std::to_string(forget->up_to));
            } else if (auto const* const whole = std::get_if<Outbox::PutWhole>(&*step)) {
                for (auto const& probe : whole->probes)
                    sent.push_back("whole " + probe);
            } else {
                for (auto const& [probe, at] : std::get<Outbox::SendChecked>(*step).message.probes)
                    sent.push_back("checked " + probe);
            }
        }
    }

    std::vector<std::string> take() { return std::exchange(sent, {}); }
};

using Words = std::vector<std::string>;

} // namespace

TEST_CASE_FIXTURE(OutboxFixture, "outbox: events before states before series, after the collector's marks")
{
    append(Lane::series, 2);
    append(Lane::state, 3);
    append(Lane::event, 5);
    wire::Welcome welcome;
    welcome.event = 3;
    welcome.state = 2;
    outbox.begin(welcome);
    run();
    CHECK(take() == Words{"event4", "event5", "state3", "series1", "series2"});
}

TEST_CASE_FIXTURE(OutboxFixture, "outbox: an event waits for one batch of a backlog at most")
{
    outbox.begin({});
    append(Lane::series, 9);
    run(3); // event and state lanes are empty; then the first batch
    CHECK(take().size() == 4);
    append(Lane::event);
    run(1);
    CHECK(take() == Words{"event1"});
}

TEST_CASE_FIXTURE(OutboxFixture,
                  "outbox: series of one tick wait for each other, a backlog and everything else does not")
{
    outbox.begin({});
    run();
    append(Lane::series);
    run();
    CHECK(take().empty());
    CHECK(outbox.gathering());
    append(Lane::series, 2);
    append(Lane::event);
    run();
    CHECK(take() == Words{"event1"});
    outbox.gathered();
    run();
    CHECK(take() == Words{"series1", "series2", "series3"});
    CHECK(!outbox.gathering());
}

TEST_CASE_FIXTURE(OutboxFixture, "outbox: no more than the window is on its way, and an acknowledgement opens it")
{
    append(Lane::event, 30);
    outbox.begin({});
    run();
    CHECK(take().size() == 10);
    REQUIRE(outbox.receive(wire::Ack{"event", 6}));
    run();
    CHECK(take() == Words{"forget event6", "event11", "event12", "event13", "event14", "event15", "event16"});
    REQUIRE(outbox.receive(wire::Ack{"event", 4})); // late and of no use
    run();
    CHECK(take().empty());
}

TEST_CASE_FIXTURE(OutboxFixture, "outbox: a full lane does not hold up the others")
{
    append(Lane::series, 30);
    outbox.begin({});
    run();
    take();
    append(Lane::event);
    append(Lane::state);
    run();
    CHECK(take() == Words{"event1", "state1"});
}

TEST_CASE_FIXTURE(OutboxFixture, "outbox: after a lost session exactly what was not acknowledged is sent again")
{
    append(Lane::event, 8);
    outbox.begin({});
    run();
    REQUIRE(outbox.receive(wire::Ack{"event", 2}));
    take();
    wire::Welcome welcome;
    welcome.event = 5; // stored, though its acknowledgement was lost
    outbox.begin(welcome);
    run();
    CHECK(take() == Words{"event6", "event7", "event8"});
}

TEST_CASE_FIXTURE(OutboxFixture, "outbox: an acknowledgement of what was never sent is an error that names the field")
{
    append(Lane::event, 2);
    outbox.begin({});
    run();
    auto const wrong = outbox.receive(wire::Ack{"event", 3});
    REQUIRE(!wrong);
    CHECK(wrong.error().code == errc::bad_message);
    CHECK(wrong.error().trace.find("ack.sequence") != std::string::npos);
    CHECK(outbox.receive(wire::Ack{"evnt", 1}).error().trace.find("ack.lane") != std::string::npos);
}

TEST_CASE_FIXTURE(OutboxFixture, "outbox: a resync asks for the probes whole, once")
{
    outbox.begin({});
    run();
    outbox.receive(wire::Resync{{"services", "volumes"}});
    outbox.receive(wire::Resync{{"services"}});
    run();
    CHECK(take() == Words{"whole services", "whole volumes"});
}

TEST_CASE_FIXTURE(OutboxFixture, "outbox: what is read again without news is told once a minute, the latest of each")
{
    outbox.begin({});
    outbox.checked("services", 1);
    run();
    CHECK(take() == Words{"checked services"});
    outbox.checked("services", 2);
    outbox.checked("services", 3);
    outbox.checked("volumes", 3);
    run();
    CHECK(take().empty());
    REQUIRE(outbox.wake_at());
    CHECK(*outbox.wake_at() == now + 60s);
    now = *outbox.wake_at();
    run();
    CHECK(take() == Words{"checked services", "checked volumes"});
    CHECK(!outbox.wake_at());
}

TEST_CASE_FIXTURE(OutboxFixture, "outbox: what is appended while the spool is being asked is not forgotten")
{
    outbox.begin({});
    auto const step = outbox.next(now);
    REQUIRE(step);
    REQUIRE(std::holds_alternative<Outbox::Fetch>(*step));
    append(Lane::event);
    outbox.fetched(Lane::event, {}); // asked before
    run();
    CHECK(take() == Words{"event1"});
}
