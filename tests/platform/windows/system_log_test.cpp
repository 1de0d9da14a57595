#include <doctest/doctest.h>

#include "platform/system_log.hpp"
#include "platform/windows/log_position.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("system_log: a first look tells no records and where the log ends, or why there is none")
{
    auto const log = make_system_log();
    auto const reading = log->read("", 10);
    if (!reading) {
        CHECK_FALSE(reading.error().trace.empty());
        return;
    }
    CHECK(reading->records.empty());
    CHECK(reading->left_out == 0);
    CHECK(parse_log_position(reading->position));

    // From the beginning: at most so many, oldest first, and the others are counted.
    auto const all = log->read(to_text({.record_id = 0}), 3);
    REQUIRE(all);
    CHECK(all->records.size() <= 3);
    for (std::size_t i = 1; i < all->records.size(); ++i)
        CHECK(all->records[i].at_ms >= all->records[i - 1].at_ms);
    for (auto const& record : all->records)
        CHECK((record.priority == "error" || record.priority == "critical"));
}
