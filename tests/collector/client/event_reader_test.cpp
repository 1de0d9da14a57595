#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "collector/client/event_reader.hpp"
#include "collector/client/limits.hpp"
#include "tests/support/result.hpp"

using rollcall::client::EventReader;
using namespace std::chrono_literals;

static std::vector<std::string> read(EventReader& reader, std::string const& bytes)
{
    auto const events = reader.take(bytes);
    REQUIRE(events);
    std::vector<std::string> found;
    for (auto const& event : *events)
        found.push_back(event.name + "=" + event.data);
    return found;
}

using Events = std::vector<std::string>;

TEST_CASE("event reader: events are told when they are whole, wherever the pieces end")
{
    std::string const stream = "retry: 250\nid: 1\n\n: alive\n\nevent: changed\nid: 2\ndata: {\"a\":1}\n\ndata:x\n\n";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        EventReader reader;
        auto found = read(reader, stream.substr(0, cut));
        auto const rest = read(reader, stream.substr(cut));
        found.insert(found.end(), rest.begin(), rest.end());
        CHECK(found == Events{"changed={\"a\":1}", "message=x"});
        CHECK(reader.last_id() == "2");
        CHECK(reader.pause() == 250ms);
    }
}

TEST_CASE("event reader: every kind of line break, data of several lines, fields that mean nothing")
{
    EventReader reader;
    CHECK(read(reader, "data: a\r\ndata: b\r\n\r\n") == Events{"message=a\nb"});
    CHECK(read(reader, "data: c\r\rdata\n\n") == Events{"message=c", "message="});
    CHECK(read(reader, "unknown: x\nevent: e\n\n").empty());
    CHECK(read(reader, "retry: soon\nid: a\n\n").empty());
    CHECK_FALSE(reader.pause());
    CHECK(reader.last_id() == "a");
}

TEST_CASE("event reader: an id counts when its event is whole")
{
    EventReader reader;
    CHECK(read(reader, "id: 1\ndata: a\n\n").size() == 1);
    CHECK(read(reader, "id: 2\ndata: b\n").empty());
    CHECK(reader.last_id() == "1");
    reader.begin_anew();
    CHECK(read(reader, "data: c\n\n") == Events{"message=c"});
    CHECK(reader.last_id() == "1");
}

TEST_CASE("event reader: an event without end is given up")
{
    EventReader reader;
    std::string const piece(rollcall::client::limits::event_bytes, 'x');
    CHECK(reader.take("data: " + piece + piece).error().code == rollcall::errc::limit_exceeded);
}
